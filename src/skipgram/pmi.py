"""What skip-gram with negative sampling factorises: pointwise mutual information (Levy and Goldberg 2014).

    PMI(i, o) = log [ p(i, o) / (p(i) p(o)) ],    at the optimum, with enough dimensions:    v_i . u_o = PMI(i, o) - log k

(As a draw equal to the word predicted is dropped, the optimum lies higher by -log(1 - p(o | i)): little, but for pairs in which
one word all but predicts the other.)

p(i, o) is the share of the pair among all pairs, weighted as training weighs them; p(o) is the distribution of the negatives,
the share of o raised to an exponent (Levy, Goldberg and Dagan 2015: context distribution smoothing).

The other way to the same end is here too: the positive part of PMI - log k, factorised by a truncated singular value
decomposition, is a baseline without a learning rate that is good on small corpora.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from skipgram.config import CorpusConfig, TrainConfig
from skipgram.corpus.build import encoded_directory
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, Reading
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.kernels import cooccurrence, random, windows
from skipgram.model import describe_corpus, scanned
from skipgram.threads import map_ahead
from skipgram.training.events import MemoryPlanned, Report, StageProgressed, silent
from skipgram.training.memory import plan_memory
from skipgram.training.objectives import probability_to_uint32, text_reach

CHUNK_PAIRS = 1 << 20

LEAST_PAIRS = 10
"""Fewer are no comparison: through two points goes a line whatever they are."""

WITHOUT_EFFECT = (
    *(
        "objective",
        "architecture",
        "optimizer",
        "negative_sharing",
        "epochs",
        "batch",
        "alpha",
        "min_alpha",
        "cbow_context",
    ),
    *("validation", "patience"),
)
"""Options of training that the decomposition does not read."""


def cooccurrences(corpus: EncodedCorpus, config: TrainConfig, report: Report = silent) -> csr_array:
    """Return (V, V) float64: how often each word (column) stands in the window of each word (row), weighted as in training.

    Args:
        corpus: the encoded corpus.
        config: its window, window_left, window_right, shrink_windows, sample, seed and threads count.
        report: as for `SkipGram.fit`.
    """
    keep = probability_to_uint32(corpus.vocabulary.keep_probability(config.sample))
    reach, key = text_reach(config), random.stream_key(config.seed, random.CORPUS_DRAWS, 0)
    words, shape = len(corpus.ids), (len(corpus.vocabulary), len(corpus.vocabulary))
    chunk_words = max(1, CHUNK_PAIRS // (reach.before + reach.after))

    def count(first: int) -> csr_array:
        last = min(first + chunk_words, words)
        sentence = int(np.searchsorted(corpus.offsets, first, side="right")) - 1
        part = windows.Chunk(first, last, sentence, key, 0.0, 0.0)
        scratch = windows.make_window_scratch(reach.furthest, chunk_words)
        rows, columns, weights = cooccurrence.weighted_pairs(
            corpus.ids, corpus.offsets, part, keep, reach, scratch
        )
        return csr_array(coo_array((weights, (rows, columns)), shape=shape))

    def parts() -> Iterator[csr_array]:
        started, done = time.perf_counter(), 0
        for part in map_ahead(count, range(0, words, chunk_words), config.threads):
            report(StageProgressed("counting", done, words, time.perf_counter() - started))
            done = min(done + chunk_words, words)
            yield part
        report(StageProgressed("counting", words, words, time.perf_counter() - started))

    return _sum(parts(), shape)


def _sum(matrices: Iterator[csr_array], shape: tuple[int, int]) -> csr_array:
    """Add sparse matrices, equals to equals: adding each to the total would copy the total each time."""
    sums: list[tuple[int, csr_array]] = []
    for matrix in matrices:
        size, total = 1, matrix
        while sums and sums[-1][0] == size:
            total = sums.pop()[1] + total
            size *= 2
        sums.append((size, total))
    total = csr_array(shape)
    while sums:
        total = sums.pop()[1] + total
    return total


def pmi(
    counts: csr_array, exponent: float = 1.0, noise: NDArray[np.float64] | None = None
) -> csr_array:
    """Return PMI, (V, V), on the pairs that occur; for all others it would be minus infinity, and is left out.

    Args:
        counts: co-occurrences.
        exponent: the share of a context word is raised to this before it is used as p(o).
        noise: (V,) weights to be used as p(o) instead: training draws its negatives from counts before subsampling.
    """
    entries = coo_array(counts)
    rows, columns = entries.coords
    if noise is None:
        sums = counts.sum(axis=0)
        noise = np.power(sums, exponent, where=sums > 0, out=np.zeros(len(sums)))
    centres, shares = counts.sum(axis=1), noise / noise.sum()
    # log [ c(i, o) / (c(i) p(o)) ]: the number of all pairs cancels out.
    values = np.log(entries.data) - np.log(centres[rows]) - np.log(shares[columns])
    return csr_array(coo_array((values, (rows, columns)), shape=counts.shape))


def shifted_positive_pmi(counts: csr_array, negative: int = 1, exponent: float = 1.0) -> csr_array:
    """Return max(PMI - log k, 0), (V, V), without the zeros (Levy and Goldberg 2014, equation 11)."""
    shifted = coo_array(pmi(counts, exponent))
    values = shifted.data - np.log(negative)
    kept = values > 0
    coords = tuple(axis[kept] for axis in shifted.coords)
    return csr_array(coo_array((values[kept], coords), shape=counts.shape))


def factorise(
    matrix: csr_array, vector_size: int, eigenvalue_weight: float, seed: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return U S^p and V S^(1-p), (V, d) float32 each, of the d largest singular values S; p is the eigenvalue weight.

    Raises:
        ConfigError: there are not more words than dimensions, or the matrix is all zeros.
    """
    from scipy.sparse.linalg import svds

    if vector_size >= min(matrix.shape):
        raise ConfigError(
            f"vector_size={vector_size}: a decomposition of {matrix.shape[0]} words has fewer dimensions than words; "
            f"at most {min(matrix.shape) - 1}"
        )
    if matrix.nnz == 0:
        raise ConfigError(
            "no two words stand together more than `negative` times as often as by chance; put each sentence on one line, "
            "or lower negative"
        )
    start = np.random.default_rng(seed).normal(size=min(matrix.shape))
    left, values, right = svds(matrix, k=vector_size, v0=start)
    order = np.argsort(-values)
    left, values, right = left[:, order], values[order].clip(min=0), right[order].T
    return (
        (left * values**eigenvalue_weight).astype(np.float32),
        (right * values ** (1.0 - eigenvalue_weight)).astype(np.float32),
    )


def train_svd(
    corpus: Corpus,
    config: TrainConfig | None = None,
    eigenvalue_weight: float = 0.5,
    *,
    report: Report = silent,
) -> Embeddings:
    """Train the baseline: shifted positive PMI, factorised.

    Args:
        corpus: as for `SkipGram.fit`.
        config: window options, sample, min_count, max_vocab, negative (k), ns_exponent, vector_size, seed and threads count;
            the other options have no effect, so they may not be set.
        eigenvalue_weight: 0.5 is the symmetric form, 0 leaves singular values out, both better than 1 (Levy, Goldberg and
            Dagan 2015, section 5.1).
        report: as for `SkipGram.fit`.

    Raises:
        CorpusError: the corpus cannot be read, or holds nothing to train on.
        ConfigError: more dimensions than words, an option without effect, or an eigenvalue_weight outside 0 to 1.
        MemoryPlanError: the decomposition does not fit in memory.
    """
    config = config or TrainConfig()
    config.refuse(WITHOUT_EFFECT, "on the SVD of shifted positive PMI")
    if not 0 <= eigenvalue_weight <= 1:
        raise ConfigError(
            f"eigenvalue_weight={eigenvalue_weight} is not allowed: it takes a number from 0 to 1"
        )
    with scanned(corpus, config, report) as encoded:
        started = time.perf_counter()
        counts = cooccurrences(encoded, config, report)
        report(_plan(counts.nnz, len(encoded.vocabulary), config.vector_size))
        factorising = time.perf_counter()
        report(StageProgressed("factorising", 0, 0, 0.0))
        matrix = shifted_positive_pmi(counts, config.negative, config.ns_exponent)
        vectors, contexts = factorise(matrix, config.vector_size, eigenvalue_weight, config.seed)
        report(StageProgressed("factorising", 1, 1, time.perf_counter() - factorising))
        training = {
            "method": "shifted positive PMI, truncated SVD",
            **describe_corpus(config, encoded),
            "eigenvalue_weight": eigenvalue_weight,
            "pairs_seen": counts.nnz,
            "positive_pairs": matrix.nnz,
            "training_seconds": time.perf_counter() - started,
        }
        return Embeddings(
            encoded.vocabulary.words, vectors, contexts, encoded.vocabulary.counts, training
        )


def _plan(pairs: int, words: int, vector_size: int) -> MemoryPlanned:
    """Plan for so many different pairs, of which any number may be positive."""
    numbers = words * vector_size
    # 42 bytes a pair: numbers and coordinates on the way to PMI. 48 bytes a number: ARPACK's basis of twice the dimensions,
    # and four such matrices of float64.
    items = [
        ("positive PMI", 12 * pairs),
        ("scratch memory of PMI and decomposition", max(42 * pairs, 48 * numbers)),
    ]
    return plan_memory(
        items,
        2 * numbers * 4,
        f"{pairs:,} pairs, and {words:,} words x {vector_size} numbers, twice",
    )


@dataclass(frozen=True)
class PmiFit:
    """How v_i . u_o lies to PMI(i, o) - log k over the pairs seen often.

    Attributes:
        pairs: how many pairs were compared.
        correlation: Pearson's.
        slope: of the least-squares line of v_i . u_o over PMI - log k; 1 where training has reached the optimum.
        intercept: of that line.
    """

    pairs: int
    correlation: float
    slope: float
    intercept: float

    def as_dict(self) -> dict[str, Any]:
        """All fields, fit for JSON."""
        return asdict(self)


def compare(
    embeddings: Embeddings, corpus: Corpus, least_count: float = 100.0, *, report: Report = silent
) -> PmiFit:
    """Compare trained vectors with the shifted PMI of the corpus they were trained on.

    Args:
        embeddings: trained here with negative sampling on this corpus, with output vectors.
        corpus: that corpus.
        least_count: only pairs with at least so many (weighted) co-occurrences count: the PMI of rare pairs is noise.
        report: as for `SkipGram.fit`.

    Raises:
        ConfigError: least_count is not a finite number above 0, the vectors were trained otherwise, or on another corpus, or
            fewer than ten pairs are seen so often.
    """
    if not 0 < least_count < math.inf:
        raise ConfigError(
            f"least_count={least_count} is not allowed: it takes a finite number more than 0, such as 100"
        )
    options = embeddings.training.get("config", {})
    config = TrainConfig(**options)
    if (
        not options
        or "method" in embeddings.training
        or (config.objective, config.architecture) != ("negative", "skipgram")
    ):
        raise ConfigError(
            "only vectors trained here with objective=negative and architecture=skipgram are a factorisation of PMI - log k"
        )
    output = embeddings.vectors("output")
    if encoded_directory(corpus) is None and not isinstance(corpus, Reading):
        corpus = Reading(corpus, CorpusConfig(**embeddings.training.get("reading", {})))
    with scanned(corpus, config, report) as encoded:
        same_text = encoded.fingerprint == embeddings.training.get("corpus_fingerprint")
        if (
            not same_text or encoded.vocabulary.words != embeddings.words
        ):  # a model that grew holds other words as well
            raise ConfigError(
                "these vectors were trained on another corpus; give the very text they were trained on"
            )
        counts = cooccurrences(encoded, config, report)
        noise = encoded.vocabulary.noise_weights(config.ns_exponent)
    often = coo_array(counts)
    chosen = often.data >= least_count
    rows, columns = (axis[chosen] for axis in often.coords)
    if len(rows) < LEAST_PAIRS:
        raise ConfigError(
            f"least_count={least_count}: {len(rows)} pairs are seen so often, at least {LEAST_PAIRS} are needed; lower it"
        )
    target = np.asarray(csr_array(pmi(counts, noise=noise))[rows, columns]).ravel() - np.log(
        config.negative
    )
    products = np.einsum("ij,ij->i", embeddings.input[rows], output[columns], dtype=np.float64)
    if np.ptp(target) < 1e-9:
        raise ConfigError(
            f"least_count={least_count}: all {len(rows)} pairs have the same PMI, so no line can be fitted; lower it"
        )
    slope, intercept = np.polyfit(target, products, 1)
    return PmiFit(
        len(rows), float(np.corrcoef(target, products)[0, 1]), float(slope), float(intercept)
    )
