"""What a trained model says of other text: probable words, and how probable sentences are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import WrongTypeError
from skipgram.gensim.arguments import Sentence
from skipgram.gensim.corpora import CorpusReader
from skipgram.gensim.keyed_vectors import KeyedVectors
from skipgram.gensim.training import start_at
from skipgram.gensim.vocabulary import Matrix, counted
from skipgram.gensim.weights import Weights
from skipgram.kernels.windows import Chunk
from skipgram.training.objectives import TileObjective


def probable_words(
    wv: KeyedVectors,
    output: Matrix,
    context: Sequence[str | int],
    *,
    mean: bool,
    topn: int | None,
) -> list[tuple[str, float]] | None:
    """Return the `topn` words most probable in a context, as (word, probability).

    Args:
        wv: the word vectors.
        output: (V, d) the output vectors.
        context: the words of the context; unknown ones are left out.
        mean: whether the vectors of the context are averaged or summed.
        topn: how many words; all if None.

    Returns:
        None if no word of the context has a vector.

    Raises:
        WrongTypeError: the context is not a list.
    """
    if isinstance(context, str) or not isinstance(context, Iterable):
        raise WrongTypeError(f"context_words_list is {context!r:.80}; it must be a list of words")
    try:
        rows = [wv.get_index(word) for word in context if word in wv]
    except TypeError as error:  # a word that cannot be hashed
        raise WrongTypeError(
            f"context_words_list is {context!r:.80}; it must be a flat list of words"
        ) from error
    if not rows:
        return None
    vectors = wv.vectors[rows]
    scores = output @ (vectors.mean(axis=0) if mean else vectors.sum(axis=0))
    odds = np.exp(scores - scores.max())
    best = np.argsort(-odds, kind="stable")[: None if topn is None else max(topn, 0)]
    return [(wv.index_to_key[row], float(odds[row] / odds.sum())) for row in best.tolist()]


def sentence_scores(
    sentences: list[Sentence], config: TrainConfig, wv: KeyedVectors, weights: Weights
) -> NDArray[np.float32]:
    """Return the log probability of each sentence by hierarchical softmax (Taddy 2015).

    It is the sum over all pairs of known words within whole windows; nothing is subsampled.
    """
    known = [any(word in wv.key_to_index for word in words) for words in sentences]
    scores = np.zeros(len(sentences), np.float32)
    if any(known):  # a corpus without known words cannot be read, and one keeps no empty sentences
        with CorpusReader(config.threads).read(sentences, None, counted(wv)) as corpus:
            scores[known] = _scores(corpus, config, weights)
    return scores


def _scores(corpus: EncodedCorpus, config: TrainConfig, weights: Weights) -> NDArray[np.float32]:
    whole = {"objective": "hierarchical", "sample": 0.0, "shrink_windows": False}
    objective = TileObjective(corpus, config.model_copy(update=whole), start_at(weights))
    objective.allocate()
    offsets = corpus.offsets[:]
    scratch = objective.make_scratch(int(np.diff(offsets).max()))
    spans = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    chunks = [Chunk(*span, n, np.uint64(0), 0.0, 0.0) for n, span in enumerate(spans)]
    losses = [objective.measure(corpus, chunk, scratch)[0] for chunk in chunks]
    return -np.array(losses, np.float32)
