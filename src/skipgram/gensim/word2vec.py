"""`Word2Vec`: gensim's class of that name, trained by skipgram."""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, Unpack

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import ConfigError, NotReadyError, WrongTypeError
from skipgram.gensim import exchange, scoring, training, unsupported, vocabulary
from skipgram.gensim.arguments import (
    FLOAT_RANGES,
    Sentences,
    checked_sentences,
    float_argument,
    int_argument,
    listed_callbacks,
    numeric_arguments,
    train_config,
    word_counts,
)
from skipgram.gensim.corpora import CorpusReader
from skipgram.gensim.exchange import GensimModel, ModelState
from skipgram.gensim.keyed_vectors import KeyedVectors, make_vectors
from skipgram.gensim.lookup import Target, check_attributes
from skipgram.gensim.training import check_trainable, train_epoch
from skipgram.gensim.trees import WordTree, start_tree
from skipgram.gensim.unsupported import ARGUMENTS, explains_names, reject_unsupported
from skipgram.gensim.vocabulary import TrimRule, VocabularyOptions, counted, set_words
from skipgram.gensim.weights import Weights, restore, weights_of
from skipgram.keys import Key
from skipgram.vocabulary import Vocabulary

File: TypeAlias = str | os.PathLike[str]

_NO_WORDS_TO_EXTEND = "update=True needs a vocabulary; call build_vocab without it first"


class Word2Vec(unsupported.Subclassed):
    """Word vectors with the arguments, defaults, methods and attributes of gensim 4's class.

    docs/gensim.md describes what each argument and method does here. The defaults are gensim's.

    Attributes:
        wv: the vectors: gensim's KeyedVectors, or ours if gensim is not installed.
        syn1neg: (V, d) float32, the output vectors; only with negative > 0.
        syn1: (V, d) float32, the vectors of the inner nodes of the Huffman tree, from the root
            down; only with hs=1. The last row is unused.
        raw_vocab: counts of all words of the corpus, from `scan_vocab` until `prepare_vocab`, and
            after it with keep_raw_vocab.
        corpus_count: sentences in the corpus of `build_vocab`, without empty ones.
        corpus_total_words: words in that corpus.
        train_count: calls of `train`.
        epochs_trained: epochs of all these calls.
        total_train_time: seconds of all these calls.
        running_training_loss: the sum of the losses of all pairs in the last call of `train`; 0
            without compute_loss.

    Raises:
        NotOfferedError: an argument that is not supported has another value than its default.
        ConfigError: an argument is out of range.
        CorpusError: the corpus cannot be read, or has nothing to train on.
    """

    @explains_names()
    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: File | None = None,
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
        fixed = {"null_word": null_word, "sorted_vocab": sorted_vocab}
        reject_unsupported(fixed | {"hashfxn": hashfxn, "max_vocab_size": max_vocab_size})
        self.vector_size = vector_size
        self.alpha = alpha
        self.window = window
        self.min_count = min_count
        self.max_vocab_size = max_vocab_size
        self.sample = sample
        self.seed = secrets.randbits(32) if seed is None else seed
        self.workers = workers
        self.min_alpha = min_alpha
        self.sg = sg
        self.hs = hs
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.cbow_mean = cbow_mean
        self.hashfxn = hashfxn
        self.epochs = epochs
        self.null_word = null_word
        self.sorted_vocab = sorted_vocab
        self.batch_words = batch_words
        self.compute_loss = compute_loss
        self.comment = comment
        self.max_final_vocab = max_final_vocab
        self.shrink_windows = shrink_windows
        vars(self).update(numeric_arguments(vars(self)))
        self.layer1_size = self.vector_size
        self.effective_min_count = self.min_count
        self.min_alpha_yet_reached = self.alpha
        self.corpus_count = 0
        self.corpus_total_words = 0
        self.train_count = 0
        self.epochs_trained = 0
        self.total_train_time = 0.0
        self.running_training_loss = 0.0
        self.raw_vocab: dict[Key, int] = {}
        self.cum_table: NDArray[np.uint32] | None = None
        self._tree: WordTree | None = None
        train_config(vars(self))  # rejects combinations of arguments
        callbacks = listed_callbacks(callbacks)
        self.wv: KeyedVectors = make_vectors(self.vector_size)
        if sentences is not None or corpus_file is not None:
            int_argument("epochs", self.epochs, 1)
            reader = CorpusReader(self.workers)
            with reader.read(sentences, corpus_file) as scanned:
                self._count(scanned, reader)
                self.prepare_vocab(trim_rule=trim_rule)
                self.prepare_weights()
                with reader.choose(scanned, counted(self.wv)) as corpus:
                    self._train(corpus, callbacks)
        elif trim_rule is not None or callbacks:
            raise ConfigError(
                "trim_rule and callbacks have no effect without a corpus; "
                "give trim_rule to build_vocab and callbacks to train"
            )

    if not TYPE_CHECKING:  # type checkers refuse names that do not exist

        def __getattr__(self, name: str) -> NoReturn:
            raise unsupported.missing_attribute("Word2Vec", name, unsupported.MODEL_METHODS)

    def __str__(self) -> str:
        return f"Word2Vec<vocab={len(self.wv)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    @explains_names(*VocabularyOptions.__annotations__)
    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: File | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        **kwargs: Unpack[VocabularyOptions],
    ) -> None:
        """Choose the words from a corpus, which may be a generator, and initialise their vectors.

        With `update`, known words keep their vectors, their counts grow, and new words are
        appended. `kwargs` are arguments of `prepare_vocab`.
        """
        self.scan_vocab(corpus_iterable, corpus_file, progress_per)
        self.prepare_vocab(
            update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule, **kwargs
        )
        self.prepare_weights(update)

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Key, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Choose the words from counts instead of a corpus, and initialise their vectors."""
        counts = word_counts(word_freq)
        self.corpus_count = int_argument("corpus_count", corpus_count or 0, 0)
        self.raw_vocab = counts
        self.prepare_vocab(update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule)
        self.prepare_weights(update)

    def scan_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: File | None = None,
        progress_per: int = 10_000,  # noqa: ARG002 - nothing is logged
        workers: int | None = None,  # noqa: ARG002 - the model's workers scan
        trim_rule: TrimRule | None = None,  # noqa: ARG002 - all words are counted
    ) -> tuple[int, int]:
        """Set `raw_vocab` to the counts of a corpus; return its numbers of words and sentences."""
        reader = CorpusReader(self.workers)
        with reader.read(corpus_iterable, corpus_file) as scanned:
            self._count(scanned, reader)
        return self.corpus_total_words, self.corpus_count

    def _count(self, scanned: EncodedCorpus, reader: CorpusReader) -> None:
        self.raw_vocab = reader.counts(scanned)
        self.corpus_total_words = scanned.report.raw_words
        self.corpus_count = scanned.sentences

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the words of `raw_vocab` to keep; with `dry_run`, only report the choice.

        Returns:
            How many words are dropped (drop_unique), how many are kept (num_retained_words) and
            how often these occur (retain_total), how many of them subsampling affects
            (downsample_unique), and how many occurrences it is expected to leave
            (downsample_total).
        """
        min_count = int_argument("min_count", min_count or self.min_count, 0)
        sample = sample or self.sample
        if not self.raw_vocab:
            raise NotReadyError("no words have been counted; call build_vocab or scan_vocab first")
        least = vocabulary.least_count(self.raw_vocab, min_count, self.max_final_vocab)
        chosen = vocabulary.choose(self.raw_vocab, least, trim_rule)
        share = float_argument("sample", sample or 0, *FLOAT_RANGES["sample"])
        report = vocabulary.choice_report(self.raw_vocab, chosen, share)
        if not dry_run:
            self.effective_min_count = least
            if not update:
                self.min_count = min_count
                self.sample = sample
            self._set_words(chosen, update)
            self.raw_vocab = self.raw_vocab if keep_raw_vocab else {}
        return report

    def _set_words(self, chosen: Vocabulary, update: bool) -> None:
        """Replace the words by the chosen ones, or with `update` append those that are new."""
        if update and not len(self.wv):
            raise NotReadyError(_NO_WORDS_TO_EXTEND)
        words = vocabulary.extend(counted(self.wv), chosen, self.raw_vocab) if update else chosen
        vocabulary.check_size(words, self.min_count, self.effective_min_count, self.max_final_vocab)
        set_words(self.wv, words.words, words.counts)
        if self.negative:
            self.make_cum_table()

    def prepare_weights(self, update: bool = False) -> None:
        """Initialise all vectors, or with `update` those of words without any."""
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def init_weights(self) -> None:
        """Initialise all vectors; output vectors start at zero."""
        self.wv.vectors = vocabulary.fresh_vectors(len(self.wv), self.vector_size, self.seed)
        self.wv.norms = None
        if self.negative:
            self.syn1neg = np.zeros_like(self.wv.vectors)
        if self.hs:
            self._start_tree()

    def _start_tree(self) -> None:
        self.syn1 = np.zeros_like(self.wv.vectors)
        self._tree = start_tree(counted(self.wv))

    def update_weights(self) -> None:
        """Initialise the vectors of words without any, and of all nodes: the tree is another."""
        known = len(self.wv.vectors)
        if not known:
            raise NotReadyError(_NO_WORDS_TO_EXTEND)
        fresh = vocabulary.fresh_vectors(len(self.wv), self.vector_size, self.seed)[known:]
        self.wv.vectors = np.concatenate([self.wv.vectors, fresh])
        self.wv.norms = None
        if self.negative:
            self.syn1neg = np.concatenate([self.syn1neg, np.zeros_like(fresh)])
        if self.hs:
            self._start_tree()

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Set `cum_table`, (V,), to the running sum of count^ns_exponent, scaled to `domain`."""
        self.cum_table = vocabulary.cumulative_table(counted(self.wv), self.ns_exponent, domain)

    @explains_names(*ARGUMENTS)
    def train(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: File | None = None,
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
        **kwargs: object,
    ) -> tuple[int, int]:
        """Train the vectors further on a corpus, which is read once.

        The learning rate falls from start_alpha to end_alpha over the words of this corpus, which
        are counted: total_examples or total_words must be given as in gensim, but is not used.

        Returns:
            The number of words trained, after subsampling, and the number of words in the corpus,
            both over all epochs.
        """
        reject_unsupported({"word_count": word_count, **kwargs})
        vocabulary.require_words(self.wv, "training the model")
        if total_examples is None and total_words is None:
            raise ConfigError(
                "total_examples and total_words are missing; give total_examples=model.corpus_count"
            )
        if epochs is None:
            raise ConfigError("epochs is missing; give epochs=model.epochs, or another number")
        epochs = int_argument("epochs", epochs, 1)
        callbacks = listed_callbacks(callbacks)
        start = "start_alpha" if start_alpha else "alpha"
        self.alpha = float_argument(start, start_alpha or self.alpha, *FLOAT_RANGES["alpha"])
        end = "end_alpha" if end_alpha else "min_alpha"
        limits = FLOAT_RANGES["min_alpha"]
        self.min_alpha = float_argument(end, end_alpha or self.min_alpha, *limits)
        self.compute_loss = bool(compute_loss)
        reader = CorpusReader(self.workers)
        with reader.read(corpus_iterable, corpus_file, counted(self.wv)) as corpus:
            self.epochs = epochs
            return self._train(corpus, callbacks)

    def _train(self, corpus: EncodedCorpus, callbacks: Sequence[Any]) -> tuple[int, int]:
        """Train `epochs` epochs on an encoded corpus; see `train`."""
        self.running_training_loss = 0.0
        check_trainable(self._weights())
        training.warn_of_both(self.hs, self.negative)
        training.warn_of_rising_rate(self.alpha, self.min_alpha_yet_reached)

        def call(event: str) -> None:
            for callback in callbacks:
                getattr(callback, event)(self)

        call("on_train_begin")
        started = time.perf_counter()
        effective_words = 0
        epochs = self.epochs
        for epoch in range(epochs):
            call("on_epoch_begin")
            effective_words += self._train_epoch(corpus, epoch)
            call("on_epoch_end")
        self.total_train_time += time.perf_counter() - started
        self.train_count += 1
        call("on_train_end")
        return effective_words, corpus.report.raw_words * epochs

    def _train_epoch(self, corpus: EncodedCorpus, epoch: int) -> int:
        """Train one epoch, whose vectors callbacks can see; return how many words were trained."""
        config = train_config(vars(self), epoch, vocabulary.step_per(counted(self.wv), self.epochs))
        self.epochs_trained += 1
        self.min_alpha_yet_reached = config.min_alpha or 0.0
        result = train_epoch(corpus, config, self._weights(), epoch)
        self.wv.norms = None
        if self.compute_loss:
            self.running_training_loss += result.loss
        return result.effective_words

    def _weights(self) -> Weights:
        """Return the matrices to train; errors as for `weights_of`."""
        tree = self._tree.of(self.wv.index_to_key) if self.hs and self._tree else None
        return weights_of(self, self.wv)._replace(tree=tree)

    def get_latest_training_loss(self) -> float:
        """Return the exact loss of the last call of `train`, summed; 0 without compute_loss."""
        return self.running_training_loss

    def predict_output_word(
        self, context_words_list: Sequence[Key], topn: int | None = 10
    ) -> list[tuple[Key, float]] | None:
        """Return the words most probable in a context, as (word, probability).

        None if no word of the context has a vector.
        """
        vocabulary.require_words(self.wv, "predict_output_word")
        if not self.negative or "syn1neg" not in vars(self):
            raise NotReadyError(
                "predict_output_word needs output vectors (syn1neg); train with negative above 0"
            )
        return scoring.probable_words(
            self.wv, self.syn1neg, context_words_list, mean=bool(self.cbow_mean), topn=topn
        )

    def score(
        self,
        sentences: Sentences,
        total_sentences: int = 1_000_000,
        chunksize: int = 100,  # noqa: ARG002 - sentences are scored one after the other
        queue_factor: int = 2,  # noqa: ARG002 - there is no queue
        report_delay: float = 1.0,  # noqa: ARG002 - nothing is logged
    ) -> NDArray[np.float32]:
        """Return the log probability of each of the first `total_sentences` sentences.

        It is that of all pairs of known words within a window, by the paths of hierarchical
        softmax (Taddy 2015). A sentence without two known words has 0.
        """
        vocabulary.require_words(self.wv, "scoring new data")
        if not self.hs:
            raise NotReadyError(
                f"score needs hierarchical softmax, but hs is {self.hs}; train with hs=1"
            )
        most = int_argument("total_sentences", total_sentences, 0)
        text = list(itertools.islice(checked_sentences(sentences), most))
        config = train_config(vars(self))
        return scoring.sentence_scores(text, config, self.wv, self._weights())

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Return the bytes that a model needs, by part and in total."""
        words = int_argument("vocab_size", vocab_size or len(self.wv), 0)
        return vocabulary.memory(words, self.vector_size, self.hs, self.negative, report or {})

    def reset_from(self, other_model: Word2Vec) -> None:
        """Copy the words and counts of another model, and initialise the vectors."""
        if not hasattr(other_model, "wv"):
            raise WrongTypeError(f"other_model is {other_model!r:.80}; it must be a Word2Vec")
        set_words(self.wv, other_model.wv.index_to_key, counted(other_model.wv).counts)
        self.corpus_count = other_model.corpus_count
        self.cum_table = other_model.cum_table
        self.init_weights()

    def init_sims(self, replace: bool = False) -> None:
        """Scale the vectors to length 1 in place with `replace`; otherwise do nothing."""
        if replace:
            self.wv.unit_normalize_all()

    def save(self, fname_or_handle: Target, **kwargs: object) -> None:
        """Write one file, which `load` and `skipgram.load` read; it replaces any file."""
        reject_unsupported(kwargs)
        state = self._state("save")
        check_attributes(self.wv.expandos)
        exchange.save(state, fname_or_handle)

    @classmethod
    def load(
        cls,
        fname: File,
        rethrow: bool = False,  # noqa: ARG003 - there is nothing to raise again
        mmap: str | None = None,
    ) -> Word2Vec:
        """Read a model that `save` wrote, or one that gensim saved if gensim is installed."""
        reject_unsupported({"mmap": mmap})
        return cls._from_state(exchange.load(fname))

    @classmethod
    def from_gensim(cls, model: GensimModel) -> Word2Vec:
        """Return a copy of a gensim model: words, counts, vectors, output vectors, arguments."""
        return cls._from_state(exchange.from_gensim(model))

    def to_gensim(self) -> GensimModel:
        """Return a copy as a gensim model, to train it there; needs gensim."""
        return exchange.to_gensim(self._state("to_gensim"))

    def _state(self, action: str) -> ModelState:
        """Return what an action saves or copies; errors as for `require_words` and `_weights`."""
        vocabulary.require_words(self.wv, action)
        words = counted(self.wv)
        return ModelState(exchange.settings_of(self), words.words, words.counts, self._weights())

    @classmethod
    def _from_state(cls, state: ModelState) -> Word2Vec:
        model = cls(**exchange.arguments_in(state.settings))
        set_words(model.wv, state.words, state.counts)
        restore(model, model.wv, state.weights)
        model._tree = state.tree
        if model.negative:
            model.make_cum_table()
        vars(model).update(exchange.counters_in(state.settings))
        return model

    if not TYPE_CHECKING:
        load = unsupported.ClassOnly(load)
