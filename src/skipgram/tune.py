"""A search for good options of negative sampling (the extra `tune`: optuna), by held-out text or by evaluation sets.

The losses of trainings with other numbers of negatives k, or another noise distribution P, are not comparable as they are: each
is that of a game of its own. But whatever these are, the optimum is (Levy and Goldberg 2014)

    v_i . u_o = log P(o | i) - log(k P(o))

so v . u + log(k P(o)) estimates log P(o | i). All trainings are therefore compared in one game, that of k' = 5 and
P' ~ count^0.75 (noise-contrastive estimation: Gutmann and Hyvärinen 2010): their scores of a pair are

    s(i, o) = v_i . u_o + log(k P(o)) - log(k' P'(o))

and the loss of a pair that was held out, with k' fixed draws from P', is -log sigma(s) - sum log sigma(-s of the draws).

`window` and `sample` say which pairs there are, that is, what is to be predicted; the losses of different pairs are not
comparable, so these options are searched only by evaluation sets. More dimensions are nearly always better and always slower:
`vector_size` is not searched. What is found on a part of the text may ask for more epochs than all of it needs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.build import select
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, TrainingError, missing_extra
from skipgram.evaluation.scores import EvaluationSet, evaluate, read_set
from skipgram.kernels import random, softmax, windows
from skipgram.model import scanned
from skipgram.training.events import (
    ChunkTrained,
    Event,
    Report,
    StageProgressed,
    TrainingStarted,
    TrialFinished,
    silent,
)
from skipgram.training.objectives import probability_to_uint32, text_reach
from skipgram.training.trainer import Trained, Trainer
from skipgram.training.validation import hold_out

HELD_OUT = 0.05
"""The share of the words that is held out, unless `validation` says another."""

PAIRS = 20_000
"""How many held-out pairs the loss is the mean of, at most."""

REFERENCE_NEGATIVE, REFERENCE_EXPONENT = 5, 0.75
"""The game in which all are compared: word2vec's."""

NEGATIVES = (1, 2, 3, 5, 7, 10, 15, 20)
"""The numbers of negatives that are tried; each has a kernel of its own to compile."""

WANTED_TRIALS, COST = 20, 2.0
"""The time must be enough for so many trainings that take so many times as long as the first, which has the options given or
the defaults; or else they get less text."""

LEAST_WORDS = 10_000
"""They get at least so many words, or half of the text."""

LOOK_AFTER = 0.3
"""Seconds of the first training after which its length is told."""


class Trial(NamedTuple):
    """One training: what was tried, its score (None where it broke off), and seconds."""

    options: dict[str, Any]
    score: float | None
    seconds: float


@dataclass(frozen=True)
class Tuned:
    """What the search found.

    Attributes:
        measure: "held-out loss", of which less is better, or "score", of which more is.
        options: the best that were tried, of those that were searched.
        score: what they came to.
        default_score: that of the first training, with the options given or the defaults.
        text: the share of the text that there was time for.
        trials: all trainings, in order.
        coverage: the share of each set's pairs or questions whose words are all in the corpus.
        interrupted: whether an interrupt ended it, before the time or the trainings were up.
    """

    measure: str
    options: dict[str, Any]
    score: float
    default_score: float
    text: float
    trials: tuple[Trial, ...]
    coverage: dict[str, float]
    interrupted: bool

    def as_dict(self) -> dict[str, Any]:
        """All of it, fit for JSON."""
        return {**asdict(self), "trials": [trial._asdict() for trial in self.trials]}


def tune(
    corpus: Corpus,
    config: TrainConfig | None = None,
    *,
    minutes: float = 10.0,
    trials: int | None = None,
    sets: Sequence[str] = (),
    report: Report = silent,
) -> Tuned:
    """Search options for the lowest held-out loss, or for the best mean score on evaluation sets.

    Searched are negative, ns_exponent, alpha and epochs, by sets also window and sample, all but those that the config sets.
    The first training has the options given or the defaults; from it the time is told. Where that is too long for a search, all
    get a part of the text. Whoever tunes on an evaluation set should measure on another.

    Args:
        corpus: as for `SkipGram.fit`.
        config: options that are set are kept. seed makes the search repeatable, with one thread and trials, not time, as its
            end.
        minutes: how long it may take, after the corpus is read; a training under way is broken off then. An interrupt (Ctrl-C)
            after the first training ends the search, too.
        trials: at most so many trainings; no limit by default.
        sets: evaluation sets, files or names, as for `evaluate`.
        report: as for `SkipGram.fit`; also called with `TrialFinished`.

    Raises:
        MissingExtraError: optuna is not installed.
        ConfigError: minutes or trials is not more than 0, an option has no effect here, or nothing is left to search.
        TrainingError: no training came to an end.
        FormatError: a set cannot be read.
        CorpusError: as `SkipGram.fit`.
    """
    if not 0 < minutes < math.inf:
        raise ConfigError(f"minutes={minutes} is not allowed: it takes a finite number more than 0")
    if trials is not None and trials < 1:
        raise ConfigError(f"trials={trials} is not allowed: it takes a whole number at least 1")
    config = config or TrainConfig()
    _check(config, sets)
    space = {
        name: draw
        for name, draw in _space(config, bool(sets)).items()
        if name not in config.model_fields_set
    }
    if not space:
        raise ConfigError(
            "all options that would be searched are given; leave at least one of them out"
        )
    _optuna()
    read = [read_set(name) for name in sets]
    with scanned(corpus, config, report) as encoded:
        return _Search(encoded, config, space, read, report).run(minutes * 60, trials)


def _check(config: TrainConfig, sets: Sequence[str]) -> None:
    config.refuse(("patience",), "on a search; give it to the training afterwards")
    if sets:
        config.refuse(("validation",), "on a search by evaluation sets")
    if config.objective != "negative":
        raise ConfigError(
            f"objective={config.objective} has no options to search, only negative sampling has; leave it out"
        )
    if config.architecture == "cbow" and not sets:
        raise ConfigError(
            "the held-out loss is one of pairs, and cbow has none; give an evaluation set, or leave cbow out"
        )
    if isinstance(config.validation, str):
        raise ConfigError(
            f"validation={config.validation} is not allowed on a search: it takes a share of the corpus, as 0.05"
        )


Draw = Callable[[Any], Any]
"""Draws the value of an option from an optuna trial."""


def _space(config: TrainConfig, by_sets: bool) -> dict[str, Draw]:
    """Return the options that may be searched, and how each is drawn."""

    def rounded(name: str, low: float, high: float) -> Draw:
        return lambda trial: float(f"{trial.suggest_float(name, low, high, log=True):.3g}")

    space: dict[str, Draw] = {
        "negative": lambda trial: trial.suggest_categorical("negative", NEGATIVES),
        "ns_exponent": lambda trial: round(
            trial.suggest_float("ns_exponent", -0.5, 1.0, step=0.05), 2
        ),
        "alpha": rounded(
            "alpha", max(config.alpha / 5, config.min_alpha or 0.0), min(10.0, config.alpha * 5)
        ),
        "epochs": lambda trial: trial.suggest_int("epochs", 1, 20, log=True),
    }
    if by_sets and None in (config.window_left, config.window_right):
        space["window"] = lambda trial: trial.suggest_int("window", 2, 15)
    if by_sets:
        space["sample"] = rounded("sample", 1e-5, 1e-2)
    return space


class _TimeIsUpError(Exception):
    """A training was broken off at the end of the time."""


class _TooSlowError(Exception):
    """The first training would take too long for a search; it was broken off."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _Search:
    """The trainings, one after the other."""

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        space: dict[str, Draw],
        sets: list[EvaluationSet],
        report: Report,
    ) -> None:
        self._corpus = corpus
        self._sets = sets
        self._report = report
        self._space = space
        self._given = {name: getattr(config, name) for name in config.model_fields_set}
        if not sets:
            self._given.setdefault("validation", HELD_OUT)
        self._trials: list[Trial] = []
        self._coverage: dict[str, float] = {}
        self._interrupted = False

    def run(self, limit: float, most: int | None) -> Tuned:
        """Search until the time or the number of trainings is up."""
        self._started, self._limit = time.perf_counter(), limit
        self._report(StageProgressed("searching", 0, 0, 0.0))
        if (
            self._sets
        ):  # whatever the vectors are, the words say now already whether there will be a score
            rng = np.random.default_rng(1)
            self._set_score(rng.normal(size=(len(self._corpus.vocabulary), 2)).astype(np.float32))
        text = 1.0
        try:
            try:
                self._search(self._corpus, most, shrink=True)
            except _TooSlowError as slow:
                text = max(
                    limit / (WANTED_TRIALS * COST * slow.seconds),
                    min(0.5, LEAST_WORDS / len(self._corpus.ids)),
                )
                with select(self._corpus, _part(self._corpus, text)) as part:
                    self._search(part, most, shrink=False)
        except KeyboardInterrupt:  # whoever has waited for an hour wants what it found
            if not self._trials:
                raise
            self._interrupted = True
        seconds = time.perf_counter() - self._started
        self._report(StageProgressed("searching", 1, 1, seconds))
        scores = [trial.score for trial in self._trials]
        done = [score for score in scores if score is not None]
        if not done or scores[0] is None:
            raise TrainingError(
                f"the first training came to no end in {seconds:.0f} s; give more minutes, or a lower vector_size or alpha"
            )
        best = max(done) if self._sets else min(done)
        measure = "score" if self._sets else "held-out loss"
        options = self._trials[scores.index(best)].options
        return Tuned(
            measure,
            options,
            best,
            scores[0],
            text,
            tuple(self._trials),
            self._coverage,
            self._interrupted,
        )

    def _search(self, corpus: EncodedCorpus, most: int | None, *, shrink: bool) -> None:
        """Train and score on one corpus."""
        optuna = _optuna()
        first = TrainConfig(**self._given)
        reference = None if self._sets else _Reference(corpus, first)
        sampler = optuna.samplers.TPESampler(seed=first.seed % 2**32)
        study = optuna.create_study(
            direction="maximize" if self._sets else "minimize", sampler=sampler
        )
        study.enqueue_trial({name: getattr(first, name) for name in self._space})
        while len(self._trials) < (most or len(self._trials) + 1):
            trial, started = study.ask(), time.perf_counter()
            options = {name: draw(trial) for name, draw in self._space.items()}
            config = TrainConfig(**{**self._given, **options})
            try:
                trained = Trainer(corpus, config, self._watch(shrink and not self._trials)).train()
                score = (
                    reference.loss(trained, config) if reference else self._set_score(trained.input)
                )
            except _TimeIsUpError:
                return
            except (
                TrainingError
            ):  # its steps overshoot, say; where the first fails, what was given is at fault
                if not self._trials:
                    raise
                score = None
            study.tell(
                trial, score, state=None if score is not None else optuna.trial.TrialState.FAIL
            )
            self._trials.append(Trial(options, score, time.perf_counter() - started))
            self._report(TrialFinished(len(self._trials), *self._trials[-1]))

    def _set_score(self, vectors: NDArray[np.float32]) -> float:
        """Return the mean score of vectors on the sets."""
        embeddings = Embeddings(self._corpus.vocabulary.words, vectors)
        scores = []
        for each in self._sets:
            found = evaluate(embeddings, each)
            if found.score is None:
                raise ConfigError(
                    f"the corpus covers too little of the set {each.path} for a score; give another set, or none"
                )
            self._coverage[each.path] = found.coverage
            scores.append(found.score)
        return float(np.mean(scores))

    def _watch(self, shrink: bool) -> Report:
        """Return a report that breaks a training off at the end of the time, or if it would leave too little for others."""
        total = [0]

        def watch(event: Event) -> None:
            if isinstance(event, TrainingStarted):
                total[0] = event.raw_words * event.epochs
            if not isinstance(event, ChunkTrained):
                return
            spent = time.perf_counter() - self._started
            if spent > self._limit and self._trials:
                raise _TimeIsUpError
            self._report(
                StageProgressed(
                    "searching", 1 + min(int(spent), int(self._limit)), int(self._limit) + 2, spent
                )
            )
            expected = event.seconds * total[0] / event.raw_words
            if (
                shrink
                and event.seconds > LOOK_AFTER
                and expected * WANTED_TRIALS * COST > self._limit
            ):
                raise _TooSlowError(expected)

        return watch


class _Reference:
    """A fixed sample of held-out pairs with fixed negatives: the game in which all trainings are compared."""

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig) -> None:
        assert isinstance(config.validation, float)  # noqa: S101 - `_Search` sets it
        vocabulary = corpus.vocabulary
        pairs = _held_out_pairs(corpus, config, hold_out(corpus.offsets, config.validation)[1])
        if not len(pairs):
            raise TrainingError(
                "no two words of the held-out text stand together; give more text, or sample=0"
            )
        rng = np.random.default_rng(config.seed)
        self._inputs, outputs = rng.permutation(pairs)[:PAIRS].T
        self._logits = self._noise_logits(
            vocabulary.noise_weights(REFERENCE_EXPONENT), REFERENCE_NEGATIVE
        )
        noise = np.exp(self._logits) / REFERENCE_NEGATIVE
        drawn = rng.choice(
            len(vocabulary), (REFERENCE_NEGATIVE, len(outputs)), p=noise / noise.sum()
        )
        self._outputs = np.vstack([outputs, drawn])
        self._vocabulary = vocabulary

    @staticmethod
    def _noise_logits(weights: NDArray[np.float64], negative: int) -> NDArray[np.float64]:
        """Return log(k P) of each word."""
        return np.asarray(np.log(negative * weights / weights.sum()))

    def loss(self, trained: Trained, config: TrainConfig) -> float:
        """Return the mean loss of a pair: see the top of this module."""
        assert trained.output is not None  # noqa: S101 - `_check` refused what has none
        shift = (
            self._noise_logits(self._vocabulary.noise_weights(config.ns_exponent), config.negative)
            - self._logits
        )
        v = trained.input[self._inputs]
        loss = np.zeros(len(v))
        for at, outputs in enumerate(self._outputs):
            s = np.einsum("ij,ij->i", v, trained.output[outputs], dtype=np.float64) + shift[outputs]
            loss += np.logaddexp(0.0, s if at else -s)
        return float(loss.mean())


def _part(corpus: EncodedCorpus, share: float) -> list[tuple[int, int]]:
    """Return a share of the text: sentences from all over it, or its end where they are too long, or only one, for that."""
    try:
        return hold_out(corpus.offsets, share)[1]
    except ConfigError:
        return [(len(corpus.ids) - int(share * len(corpus.ids)), len(corpus.ids))]


def _held_out_pairs(
    corpus: EncodedCorpus, config: TrainConfig, parts: list[tuple[int, int]]
) -> NDArray[np.int64]:
    """Return the pairs (input, output) of the held-out text, (n, 2), drawn as in training."""
    keep = probability_to_uint32(corpus.vocabulary.keep_probability(config.sample))
    key, reach = random.stream_key(config.seed, random.HELD_OUT_DRAWS), text_reach(config)
    pairs = []
    for first, last in parts:
        sentence = int(np.searchsorted(corpus.offsets, first, side="right")) - 1
        chunk = windows.Chunk(first, last, sentence, key, 0.0, 0.0)
        scratch = windows.make_window_scratch(reach.furthest, last - first)
        found = softmax.collect_windows(corpus.ids, corpus.offsets, chunk, keep, reach, scratch)
        pairs.append(np.column_stack([found.centres[found.around.numbers()], found.around.words]))
    return np.concatenate(pairs).astype(np.int64)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise missing_extra("a search for options", "tune") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
