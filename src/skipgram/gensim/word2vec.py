"""`Word2Vec` with gensim's arguments, methods and attributes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.build import choose_given, encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import ConfigError, CorpusError, NotOfferedError, NotReadyError, WrongTypeError
from skipgram.gensim import exchange, training
from skipgram.gensim.arguments import (
    REFUSED_METHODS,
    Sentences,
    choose_corpus,
    fraction,
    listed_callbacks,
    plain,
    refuse,
    train_config,
    whole,
    word_counts,
)
from skipgram.gensim.vocabulary import (
    TrimRule,
    choose,
    counted,
    fresh_vectors,
    least_count,
    make_vectors,
    need_words,
    set_words,
)
from skipgram.vocabulary import Vocabulary

_NO_WORDS_TO_ADD_TO = "update=True needs words to add to; call build_vocab without it first"


class Word2Vec:
    """Word vectors with the arguments, defaults, methods and attributes of gensim 4's class of this name.

    docs/gensim.md says of each argument and method what it does here. The defaults are gensim's: CBOW, 100 numbers, window 5,
    5 negatives, rate 0.025 to 0.0001, 5 epochs.

    Attributes:
        wv: the vectors: gensim's own KeyedVectors, or the look-alike where gensim is not installed.
        syn1neg: (V, d) float32, the output vectors; only with negative > 0.
        raw_vocab: counts of all words of the text, between `scan_vocab` and `prepare_vocab` or kept with keep_raw_vocab.
        corpus_count: sentences of the corpus of `build_vocab`, those without any word left out.
        corpus_total_words: its words.
        train_count: how often `train` was called.
        epochs_trained: how many epochs these were.
        total_train_time: seconds that they took.
        running_training_loss: sum over the pairs of the last call of `train` (compute_loss=True), else 0.

    Raises:
        NotOfferedError: an argument that is refused has another value than its default.
        ConfigError: an argument is out of range.
        CorpusError: the corpus cannot be read, or holds nothing to train on.
    """

    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10_000,
        compute_loss: bool = False,
        callbacks: Sequence[Any] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
    ) -> None:
        refuse(
            {
                "null_word": null_word,
                "sorted_vocab": sorted_vocab,
                "hashfxn": hashfxn,
                "max_vocab_size": max_vocab_size,
            }
        )
        self.vector_size, self.window, self.shrink_windows = vector_size, window, shrink_windows
        self.alpha, self.min_alpha = alpha, min_alpha
        self.sg, self.hs, self.negative, self.ns_exponent, self.cbow_mean = (
            sg,
            hs,
            negative,
            ns_exponent,
            cbow_mean,
        )
        self.min_count, self.max_final_vocab, self.sample = min_count, max_final_vocab, sample
        self.max_vocab_size, self.null_word, self.sorted_vocab = (
            max_vocab_size,
            null_word,
            sorted_vocab,
        )
        self.seed = secrets.randbits(32) if seed is None else seed
        self.hashfxn, self.workers, self.batch_words = hashfxn, workers, batch_words
        self.epochs, self.compute_loss, self.comment = epochs, compute_loss, comment
        self.corpus_count = self.corpus_total_words = self.train_count = self.epochs_trained = 0
        self.total_train_time = self.running_training_loss = 0.0
        self.raw_vocab: dict[str, int] = {}
        self.cum_table: NDArray[np.uint32] | None = None
        self._nodes: NDArray[np.float32] | None = None
        vars(self).update(plain(vars(self)))
        train_config(self)  # checks what does not go together
        self.layer1_size, self.effective_min_count, self.min_alpha_yet_reached = (
            self.vector_size,
            self.min_count,
            self.alpha,
        )
        callbacks = listed_callbacks(callbacks)
        self.wv = make_vectors(self.vector_size)
        self.wv.vectors_lockf = np.ones(1, np.float32)
        if sentences is not None or corpus_file is not None:
            whole("epochs", self.epochs, 1)
            with self._read(sentences, corpus_file) as scanned:
                self._count(scanned)
                self.prepare_vocab(trim_rule=trim_rule)
                self.prepare_weights()
                with choose_given(scanned, counted(self.wv)) as corpus:
                    training.train(self, corpus, self.epochs, callbacks)
        elif trim_rule is not None or callbacks:
            raise ConfigError(
                "trim_rule and callbacks have no effect without a corpus; give them to build_vocab and to train"
            )

    def __getattr__(self, name: str) -> Any:
        if name in REFUSED_METHODS:
            raise NotOfferedError(
                f"Word2Vec.{name} is not offered: {REFUSED_METHODS[name]}; or train with gensim itself"
            )
        raise AttributeError(f"Word2Vec has no attribute {name!r}")

    def __str__(self) -> str:
        return f"Word2Vec<vocab={len(self.wv)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        **kwargs: Any,
    ) -> None:
        """Choose the words from a corpus, which may be a generator, and give them vectors to begin at.

        With `update` the words there are keep their vectors, counts are added and new words come behind them. `kwargs` are
        those of `prepare_vocab`.
        """
        self.corpus_total_words, self.corpus_count = self.scan_vocab(
            corpus_iterable, corpus_file, progress_per
        )
        self.prepare_vocab(
            update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule, **kwargs
        )
        self.prepare_weights(update)

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[str, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Choose the words from counts instead of a corpus."""
        self.raw_vocab, self.corpus_count = (
            word_counts(word_freq),
            whole("corpus_count", corpus_count or 0, 0),
        )
        self.prepare_vocab(update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule)
        self.prepare_weights(update)

    def scan_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        progress_per: int = 10_000,  # noqa: ARG002 - nothing is logged
        workers: int | None = None,  # noqa: ARG002 - the model's own
        trim_rule: TrimRule | None = None,  # noqa: ARG002 - nothing is pruned before all is counted
    ) -> tuple[int, int]:
        """Count the words of a corpus into `raw_vocab`; return how many words and sentences it has."""
        with self._read(corpus_iterable, corpus_file) as scanned:
            self._count(scanned)
            return scanned.report.raw_words, scanned.sentences

    def _count(self, scanned: EncodedCorpus) -> None:
        self.raw_vocab = dict(
            zip(scanned.vocabulary.words, scanned.vocabulary.counts.tolist(), strict=True)
        )
        self.corpus_total_words, self.corpus_count = scanned.report.raw_words, scanned.sentences

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the words of `raw_vocab` that stay; with `dry_run` only say what would.

        Returns:
            The numbers of words that go (drop_unique), that stay (num_retained_words) with their occurrences (retain_total),
            and what subsampling takes part in (downsample_unique) and is expected to leave (downsample_total).
        """
        min_count = whole("min_count", min_count or self.min_count, 0)
        sample = sample or self.sample
        if not self.raw_vocab:
            raise NotReadyError(
                "there are no counts of words to choose from; call build_vocab, or scan_vocab first"
            )
        least = least_count(self.raw_vocab, min_count, self.max_final_vocab)
        chosen = choose(self.raw_vocab, least, trim_rule)
        keep = chosen.keep_probability(fraction("sample", sample or 0, 0, 1))
        report = {
            "drop_unique": len(self.raw_vocab) - len(chosen),
            "retain_total": int(chosen.counts.sum()),
            "downsample_unique": int(np.count_nonzero(keep < 1)),
            "downsample_total": int(keep @ chosen.counts),
            "num_retained_words": len(chosen),
        }
        if not dry_run:
            self.effective_min_count = least
            if not update:
                self.min_count, self.sample = min_count, sample
            self._keep(chosen, update)
            self.raw_vocab = self.raw_vocab if keep_raw_vocab else {}
        return report

    def _keep(self, chosen: Vocabulary, update: bool) -> None:
        """Let the model hold these words; with `update` behind those that it holds, whose counts grow by those of the text."""
        if update and self.hs:
            raise NotOfferedError(
                "update=True with hs=1 is not offered: other counts make another tree; give negative=5, hs=0"
            )
        if update and not len(self.wv):
            raise NotReadyError(_NO_WORDS_TO_ADD_TO)
        before = counted(self.wv) if update else Vocabulary([], np.zeros(0, np.int64))
        new = np.array(
            [word not in self.wv for word in chosen.words] if update else np.ones(len(chosen)),
            np.bool_,
        )
        again = np.array([self.raw_vocab.get(word, 0) for word in before.words], np.int64)
        words = [
            *before.words,
            *(word for word, fresh in zip(chosen.words, new, strict=True) if fresh),
        ]
        if len(words) < 2:
            left, most = (
                f"{len(words)} words are left by min_count={self.effective_min_count}",
                self.max_final_vocab,
            )
            if self.effective_min_count > self.min_count:
                raise CorpusError(
                    f"{left}, which max_final_vocab={most} asks for; training needs two: raise max_final_vocab"
                )
            raise CorpusError(f"{left}; training needs two: lower min_count")
        set_words(self.wv, words, np.concatenate([before.counts + again, chosen.counts[new]]))
        if self.negative:
            self.make_cum_table()

    def prepare_weights(self, update: bool = False) -> None:
        """Give all words fresh vectors, or with `update` those that have none."""
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def init_weights(self) -> None:
        """Give all words fresh vectors, and let output vectors begin at zero."""
        self.wv.vectors, self.wv.norms, self._nodes = (
            fresh_vectors(len(self.wv), self.vector_size, self.seed),
            None,
            None,
        )
        if self.negative:
            self.syn1neg = np.zeros_like(self.wv.vectors)

    def update_weights(self) -> None:
        """Give fresh vectors to the words that have none yet."""
        there = len(self.wv.vectors)
        if not there:
            raise NotReadyError(_NO_WORDS_TO_ADD_TO)
        fresh = fresh_vectors(len(self.wv), self.vector_size, self.seed)[there:]
        self.wv.vectors, self.wv.norms = np.concatenate([self.wv.vectors, fresh]), None
        self.syn1neg = np.concatenate([self.syn1neg, np.zeros_like(fresh)])

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Set `cum_table`, (V,) uint32: the running sum of count^ns_exponent, scaled to end at `domain`."""
        sums = np.cumsum(counted(self.wv).noise_weights(self.ns_exponent))
        self.cum_table = np.rint(sums / sums[-1:] * domain).astype(np.uint32)

    def train(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,  # noqa: ARG002 - there is no queue
        report_delay: float = 1.0,  # noqa: ARG002 - nothing is logged
        compute_loss: bool = False,
        callbacks: Sequence[Any] = (),
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Train the words there are on a corpus, read once; go on from the vectors as they are.

        The rate falls from start_alpha to end_alpha over the words of this corpus, which are counted: total_examples or
        total_words must be given as in gensim, and are not read.

        Returns:
            The words that were trained, after subsampling, and the words of the text, over all epochs.
        """
        refuse({"word_count": word_count, **kwargs})
        need_words(self.wv, "training the model")
        if total_examples is None and total_words is None:
            raise ConfigError(
                "neither total_examples nor total_words is given; the usual is total_examples=model.corpus_count"
            )
        if epochs is None:
            raise ConfigError(
                "epochs=None: training takes at least 1; the usual is epochs=model.epochs"
            )
        epochs, callbacks = whole("epochs", epochs, 1), listed_callbacks(callbacks)
        self.alpha = fraction(
            "start_alpha" if start_alpha else "alpha", start_alpha or self.alpha, 0, 10
        )
        self.min_alpha = fraction(
            "end_alpha" if end_alpha else "min_alpha", end_alpha or self.min_alpha, 0, 10
        )
        self.compute_loss = bool(compute_loss)
        with self._read(corpus_iterable, corpus_file, counted(self.wv)) as corpus:
            return training.train(self, corpus, epochs, callbacks)

    def _read(
        self, sentences: Any, file: Any, vocabulary: Vocabulary | None = None
    ) -> EncodedCorpus:
        """Read a corpus with all its words, or with those of a vocabulary."""
        return encode_corpus(
            choose_corpus(sentences, file), threads=self.workers, vocabulary=vocabulary
        )

    def get_latest_training_loss(self) -> float:
        """The sum of the losses of all pairs in the last call of `train`, exact, if compute_loss was asked for; else 0."""
        return self.running_training_loss

    def predict_output_word(
        self, context_words_list: Sequence[str | int], topn: int | None = 10
    ) -> list[tuple[str, float]] | None:
        """The words most probable between some words, (word, probability); None if none of these has a vector."""
        if not self.negative:
            raise NotReadyError(
                "predict_output_word needs output vectors; train with negative=5, hs=0"
            )
        need_words(self.wv, "predict_output_word")
        if isinstance(context_words_list, str) or not isinstance(context_words_list, Iterable):
            raise WrongTypeError(
                f"context_words_list={context_words_list!r:.80} is not allowed: it takes a list of words"
            )
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            return None
        context = self.wv.vectors[rows]
        scores = self.syn1neg @ (context.mean(axis=0) if self.cbow_mean else context.sum(axis=0))
        odds = np.exp(scores - scores.max())
        best = np.argsort(-odds, kind="stable")[: None if topn is None else max(topn, 0)]
        return [(self.wv.index_to_key[row], float(odds[row] / odds.sum())) for row in best.tolist()]

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """The bytes that a model takes, with so many words: words, vectors, output vectors and their sum."""
        words = whole("vocab_size", vocab_size or len(self.wv), 0)
        matrix = words * self.vector_size * 4
        sizes = {
            **(report or {}),
            "vocab": words * 200,
            "vectors": matrix,
            "syn1neg" if self.negative else "syn1": matrix,
        }
        return {**sizes, "total": sum(sizes.values())}

    def reset_from(self, other_model: Word2Vec) -> None:
        """Take the words and counts of another model, and fresh vectors."""
        if not hasattr(other_model, "wv"):
            raise WrongTypeError(
                f"other_model={other_model!r:.80} is not allowed: it takes a Word2Vec"
            )
        set_words(self.wv, other_model.wv.index_to_key, counted(other_model.wv).counts)
        self.corpus_count, self.cum_table = other_model.corpus_count, other_model.cum_table
        self.init_weights()

    def init_sims(self, replace: bool = False) -> None:
        """Scale the vectors to length 1 for good, with `replace`; there is nothing to prepare."""
        if replace:
            self.wv.unit_normalize_all()

    def save(self, fname: str | os.PathLike[str], **kwargs: Any) -> None:
        """Write a model directory, which `load` and `skipgram.load` read."""
        refuse(kwargs)
        exchange.save(self, fname)

    @classmethod
    def load(
        cls,
        fname: str | os.PathLike[str],
        rethrow: bool = False,  # noqa: ARG003
        mmap: None = None,
    ) -> Word2Vec:
        """Read what `save` wrote, or a model that gensim saved, where gensim is installed."""
        refuse({"mmap": mmap})
        return exchange.load(cls, fname)

    @classmethod
    def from_gensim(cls, model: Any) -> Word2Vec:
        """Return the same model for skipgram: words, counts, vectors, output vectors and arguments are copied."""
        return exchange.from_gensim(cls, model)

    def to_gensim(self) -> Any:
        """Return the same model as gensim's own class, ready to be trained on there; needs gensim, and negative > 0."""
        return exchange.to_gensim(self)
