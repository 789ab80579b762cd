"""Pointwise mutual information, which skip-gram with negative sampling factorises.

    PMI(i, o) = log [ p(i, o) / (p(i) p(o)) ]
    v_i . u_o = PMI(i, o) - log k        at the optimum, with enough dimensions

(Levy and Goldberg 2014.) Training drops a negative equal to the predicted word, so the optimum is
higher by -log(1 - p(o | i)). That is little, except for pairs in which one word almost determines
the other.

p(i, o) is the share of the pair among all pairs, weighted as in training. p(o) is the distribution
of the negatives: the share of o raised to an exponent (Levy, Goldberg and Dagan 2015: context
distribution smoothing).

The module also has the baseline of that paper: the positive part of PMI - log k, factorised by a
truncated singular value decomposition. It has no learning rate and is good on small corpora.
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

from skipgram.config import CorpusConfig, TrainConfig, available_cores
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, resolve_corpus
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.forks import delaying_forks
from skipgram.kernels import cooccurrence, random, windows
from skipgram.model import describe_corpus, resolve_options, scanned
from skipgram.progress import ShowProgress, reporting_to
from skipgram.threads import map_ahead
from skipgram.tokenizers import Tokenizer, recorded
from skipgram.training.events import MemoryPlanned, Report, StageProgressed, silent
from skipgram.training.memory import plan_memory
from skipgram.training.objectives import probability_to_uint32, text_reach
from skipgram.training.pieces import piece_of

CHUNK_PAIRS = 1 << 20

LEAST_PAIRS = 10
"""The fewest pairs that are compared: any two points lie on a line."""

WITHOUT_EFFECT = (
    "objective",
    "architecture",
    "optimizer",
    "negative_sharing",
    "step_per",
    "epochs",
    "batch",
    "alpha",
    "min_alpha",
    "cbow_context",
    "postprocess",
    "validation",
    "patience",
)
"""Training options that the decomposition does not use."""


def cooccurrences(corpus: EncodedCorpus, config: TrainConfig, report: Report = silent) -> csr_array:
    """Count how often each word (column) is in the window of each word (row).

    Args:
        corpus: the encoded corpus.
        config: window, window_left, window_right, shrink_windows, sample, seed and threads are
            used.
        report: as for `SkipGram.fit`.

    Returns:
        (V, V) float64, weighted as in training.
    """
    keep = probability_to_uint32(corpus.vocabulary.keep_probability(config.sample))
    reach = text_reach(config)
    key = random.stream_key(config.seed, random.CORPUS_DRAWS, 0)
    words = len(corpus.ids)
    shape = (len(corpus.vocabulary), len(corpus.vocabulary))
    around = windows.most_context_words(corpus.longest_sentence(), reach)
    chunk_words = max(1, CHUNK_PAIRS // max(around, 1))

    def count(first: int) -> csr_array:
        last = min(first + chunk_words, words)
        chunk = windows.Chunk(first, last, corpus.sentence_at(first), key, 0.0, 0.0)
        scratch = windows.make_window_scratch(reach.furthest, chunk_words)
        piece = piece_of(corpus, chunk, keep, reach.furthest)
        rows, columns, weights = cooccurrence.weighted_pairs(*piece, keep, reach, scratch)
        return csr_array(coo_array((weights, (rows, columns)), shape=shape))

    def counted() -> Iterator[csr_array]:
        started, done = time.perf_counter(), 0
        for counts in map_ahead(count, range(0, words, chunk_words), config.threads):
            report(StageProgressed("counting", done, words, time.perf_counter() - started))
            done = min(done + chunk_words, words)
            yield counts
        report(StageProgressed("counting", words, words, time.perf_counter() - started))

    return _sum(counted(), shape)


def _sum(matrices: Iterator[csr_array], shape: tuple[int, int]) -> csr_array:
    """Add sparse matrices in pairs of sums over equally many.

    Adding each matrix to the total would copy the total each time.
    """
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
    """Return the PMI, (V, V), of the pairs that occur; that of all others is minus infinity.

    Args:
        counts: co-occurrences.
        exponent: p(o) is the share of a context word raised to this.
        noise: (V,) weights to use as p(o) instead. Training draws its negatives by the counts
            before subsampling.
    """
    entries = coo_array(counts)
    rows, columns = entries.coords
    if noise is None:
        sums = counts.sum(axis=0)
        noise = np.power(sums, exponent, where=sums > 0, out=np.zeros(len(sums)))
    centres, shares = counts.sum(axis=1), noise / noise.sum()
    # log [ c(i, o) / (c(i) p(o)) ]: the total number of pairs cancels out.
    values = np.log(entries.data) - np.log(centres[rows]) - np.log(shares[columns])
    return csr_array(coo_array((values, (rows, columns)), shape=counts.shape))


def shifted_positive_pmi(counts: csr_array, negative: int = 1, exponent: float = 1.0) -> csr_array:
    """Return max(PMI - log k, 0), (V, V) sparse (Levy and Goldberg 2014, equation 11)."""
    shifted = coo_array(pmi(counts, exponent))
    values = shifted.data - np.log(negative)
    kept = values > 0
    coords = tuple(axis[kept] for axis in shifted.coords)
    return csr_array(coo_array((values[kept], coords), shape=counts.shape))


def factorise(
    matrix: csr_array, vector_size: int, eigenvalue_weight: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Factorise a matrix by its d largest singular values S.

    Returns:
        U S^p and V S^(1-p), (V, d) float32 each, where p is the eigenvalue weight.

    Raises:
        ConfigError: there are not more words than dimensions, or the matrix is zero.
    """
    with delaying_forks():
        from scipy.sparse.linalg import svds

    words = min(matrix.shape)
    _check_dimensions(vector_size, words)
    if matrix.nnz == 0:
        raise ConfigError(
            "no two words occur together more than `negative` times as often as by chance; "
            "put each sentence on its own line, or lower negative"
        )
    start = np.random.default_rng(seed).normal(size=words)
    left, values, right = svds(matrix, k=vector_size, v0=start)
    order = np.argsort(-values)
    left, right = left[:, order], right[order].T
    values = values[order].clip(min=0)
    vectors = left * values**eigenvalue_weight
    contexts = right * values ** (1.0 - eigenvalue_weight)
    return vectors.astype(np.float32), contexts.astype(np.float32)


def _check_dimensions(vector_size: int, words: int) -> None:
    if vector_size >= words:
        raise ConfigError(
            f"vector_size={vector_size} is too large: the SVD of {words} words has at most "
            f"{words - 1} dimensions"
        )


def train_svd(
    corpus: Corpus,
    config: TrainConfig | None = None,
    eigenvalue_weight: float = 0.5,
    *,
    report: Report = silent,
    progress: ShowProgress = "auto",
) -> Embeddings:
    """Train the baseline: the SVD of shifted positive PMI.

    Args:
        corpus: as for `SkipGram.fit`.
        config: window options, sample, min_count, max_vocab, negative (k), ns_exponent,
            vector_size, seed and threads are used. Other options have no effect and are rejected.
        eigenvalue_weight: the exponent of the singular values. 0.5 is the symmetric form and 0
            leaves them out; both are better than 1 (Levy, Goldberg and Dagan 2015, section 5.1).
        report: as for `SkipGram.fit`.
        progress: as for `SkipGram.fit`.

    Raises:
        CorpusError: the corpus cannot be read, or has nothing to train on.
        ConfigError: there are not more words than dimensions, an option has no effect, or
            eigenvalue_weight is outside 0 to 1.
        MemoryPlanError: the decomposition does not fit in memory.
    """
    config = config or TrainConfig()
    config.refuse(WITHOUT_EFFECT, "on the SVD of shifted positive PMI")
    if not 0 <= eigenvalue_weight <= 1:
        raise ConfigError(f"eigenvalue_weight is {eigenvalue_weight}; it must be from 0 to 1")
    source = resolve_corpus(corpus)
    config = resolve_options(config, source)
    with reporting_to(report, progress) as send, scanned(source, config, send) as encoded:
        started = time.perf_counter()
        _check_dimensions(config.vector_size, len(encoded.vocabulary))
        counts = cooccurrences(encoded, config, send)
        send(_plan(counts.nnz, len(encoded.vocabulary), config.vector_size))
        factorising = time.perf_counter()
        send(StageProgressed("factorising", 0, 0, 0.0))
        matrix = shifted_positive_pmi(counts, config.negative, config.ns_exponent)
        vectors, contexts = factorise(matrix, config.vector_size, eigenvalue_weight, config.seed)
        send(StageProgressed("factorising", 1, 1, time.perf_counter() - factorising))
        training = {
            "method": "shifted positive PMI, truncated SVD",
            **describe_corpus(config, encoded),
            "eigenvalue_weight": eigenvalue_weight,
            "pairs_seen": counts.nnz,
            "positive_pairs": matrix.nnz,
            "training_seconds": time.perf_counter() - started,
        }
        vocabulary = encoded.vocabulary
        return Embeddings(vocabulary.words, vectors, contexts, vocabulary.counts, training)


def _plan(pairs: int, words: int, vector_size: int) -> MemoryPlanned:
    """Plan the memory for this many different pairs; any number of them may be positive."""
    numbers = words * vector_size
    # 42 bytes per pair: values and coordinates while PMI is computed. 48 bytes per number: ARPACK's
    # basis, which has twice the dimensions, and four such matrices of float64.
    items = [
        ("positive PMI", 12 * pairs),
        ("scratch memory of PMI and decomposition", max(42 * pairs, 48 * numbers)),
    ]
    size = f"{pairs:,} pairs, and {words:,} words x {vector_size} numbers, twice"
    return plan_memory(items, 2 * numbers * 4, words, size)


@dataclass(frozen=True)
class PmiFit:
    """How well v_i . u_o fits PMI(i, o) - log k over frequent pairs.

    Attributes:
        pairs: number of pairs compared.
        correlation: Pearson's correlation.
        slope: slope of the least-squares line of v_i . u_o over PMI - log k; 1 at the optimum.
        intercept: intercept of that line.
    """

    pairs: int
    correlation: float
    slope: float
    intercept: float

    def as_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON."""
        return asdict(self)


def compare(
    embeddings: Embeddings,
    corpus: Corpus,
    least_count: float = 100.0,
    *,
    tokenizer: str | Tokenizer | None = None,
    report: Report = silent,
    progress: ShowProgress = "auto",
) -> PmiFit:
    """Compare trained vectors with the shifted PMI of the corpus they were trained on.

    Args:
        embeddings: vectors and output vectors trained by skipgram with negative sampling.
        corpus: the corpus they were trained on, read as in that training.
        tokenizer: the function that split the text of the training, or its name. The name that the
            model has of it is never imported.
        least_count: compare only pairs with at least this many (weighted) co-occurrences, because
            the PMI of rare pairs is noise.
        report: as for `SkipGram.fit`.
        progress: as for `SkipGram.fit`.

    Raises:
        ConfigError: least_count is not a finite number above 0, the vectors were trained by another
            method or on another corpus, or fewer than ten pairs are frequent enough.
    """
    if not 0 < least_count < math.inf:
        raise ConfigError(f"least_count is {least_count}; it must be a finite number above 0")
    config = _training_config(embeddings)
    config = config.model_copy(update={"threads": available_cores()})  # not those of that machine
    output = embeddings.vectors("output")
    reading = recorded(embeddings.training.get("reading", {}))
    if tokenizer is not None:
        reading["tokenizer"] = tokenizer
    source = resolve_corpus(corpus, CorpusConfig(**reading))
    with reporting_to(report, progress) as send, scanned(source, config, send) as encoded:
        same_text = encoded.fingerprint == embeddings.training.get("corpus_fingerprint")
        # A model that was trained further has more words than its last text.
        if not same_text or encoded.vocabulary.words != embeddings.words:
            raise ConfigError(
                "these vectors were trained on another corpus; give the corpus they were trained on"
            )
        counts = cooccurrences(encoded, config, send)
        noise = encoded.vocabulary.noise_weights(config.ns_exponent)
    rows, columns = _frequent_pairs(counts, least_count)
    shifted = np.asarray(csr_array(pmi(counts, noise=noise))[rows, columns]).ravel()
    shifted -= np.log(config.negative)
    products = np.einsum("ij,ij->i", embeddings.input[rows], output[columns], dtype=np.float64)
    if np.ptp(shifted) < 1e-9:
        raise ConfigError(
            f"least_count={least_count} is too high: all {len(rows)} pairs have the same PMI, so "
            "no line can be fitted; lower it"
        )
    slope, intercept = np.polyfit(shifted, products, 1)
    correlation = np.corrcoef(shifted, products)[0, 1]
    return PmiFit(len(rows), float(correlation), float(slope), float(intercept))


def _training_config(embeddings: Embeddings) -> TrainConfig:
    """Return the options that the vectors were trained with.

    Raises:
        ConfigError: they were not trained here with negative sampling and skip-gram, or their mean
            was subtracted.
    """
    options = embeddings.training.get("config", {})
    config = TrainConfig(**options)
    trained_here = bool(options) and "method" not in embeddings.training
    method = (config.objective, config.architecture)
    if not trained_here or method != ("negative", "skipgram"):
        raise ConfigError(
            "these vectors were not trained by skipgram with objective=negative and "
            "architecture=skipgram, so they do not factorise PMI - log k; give a model that was"
        )
    if config.postprocess != "none":
        raise ConfigError(
            f"these vectors were trained with postprocess={config.postprocess}, and what it took "
            "away is part of their products; train with postprocess=none"
        )
    return config


def _frequent_pairs(
    counts: csr_array, least_count: float
) -> tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]:
    """Return rows and columns of the pairs with at least `least_count` co-occurrences.

    Raises:
        ConfigError: there are fewer than ten.
    """
    entries = coo_array(counts)
    chosen = entries.data >= least_count
    rows, columns = entries.coords
    pairs = int(np.count_nonzero(chosen))
    if pairs < LEAST_PAIRS:
        raise ConfigError(
            f"least_count={least_count} is too high: {pairs} pairs are that frequent, but at least "
            f"{LEAST_PAIRS} are needed; lower it"
        )
    return rows[chosen], columns[chosen]
