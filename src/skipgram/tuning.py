"""Search for good options of negative sampling (extra `tune`: optuna).

Options are compared by the loss of held-out text, or by evaluation sets.

Losses are made comparable as `comparison` describes.

`window` and `sample` decide which pairs there are, that is, what is predicted. The losses of
different pairs are not comparable, so these options are searched only with evaluation sets. More
dimensions are nearly always better and always slower, so `vector_size` is not searched. A search on
a part of the text may find more epochs than all of the text needs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from skipgram.comparison import ComparableLoss
from skipgram.config import CorpusConfig, TrainConfig, split_options
from skipgram.corpus.build import select
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, as_reading, resolve_corpus
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, TrainingError
from skipgram.evaluation.scores import (
    AnalogyResult,
    EvaluationSet,
    SimilarityResult,
    evaluate,
    read_set,
)
from skipgram.io.optional import import_optional
from skipgram.model import resolve_options, scanned
from skipgram.options import TrainOptions, lists_options
from skipgram.progress import ShowProgress, reporting_to
from skipgram.training.events import (
    ChunkTrained,
    Event,
    Report,
    SearchStarted,
    StageProgressed,
    TrainingStarted,
    TrialFinished,
    silent,
)
from skipgram.training.trainer import Trainer
from skipgram.training.validation import Span, hold_out
from skipgram.wording import count, describe_options

HELD_OUT = 0.05
"""The share of the words that is held out, unless `validation` is given."""

NEGATIVES = (1, 2, 3, 5, 7, 10, 15, 20)
"""The numbers of negatives that are tried. Each needs its own compiled kernel."""

MINUTES_TO_COMPILE = 5.0
"""A shorter search keeps the number of negatives: on a slow machine all kernels take some 2 minutes
to compile, which would be most of its time."""

WANTED_TRIALS = 20
COST = 2.0
"""All trainings get less text unless the time is enough for this many, each this many times as long
as the first (which has the options given or the defaults)."""

MIN_WORDS = 10_000
"""The least number of words they get, unless half of the text is less."""

LOOK_AFTER = 0.3
"""Seconds of the first training after which its whole time is estimated."""


class Trial(NamedTuple):
    """One training.

    Attributes:
        options: the options that were tried, by name.
        score: its score; None if training failed.
        seconds: time that it took, without the time to compile code.
    """

    options: dict[str, Any]
    score: float | None
    seconds: float

    def __repr__(self) -> str:
        score = "failed" if self.score is None else f"{self.score:.4f}"
        return f"<Trial: {score}, {describe_options(self.options)}, {self.seconds:.1f} s>"


@dataclass(frozen=True)
class Tuned:
    """The result of a search.

    Attributes:
        measure: "held-out loss" (lower is better) or "score" (higher is better).
        options: the best of the options that were searched, by name.
        score: the score of these options.
        default_score: the score of the first training, with the options given or the defaults.
        text: the share of the text that was used; 1 if there was time for all of it.
        trials: all trainings, in order.
        coverage: the share of each set's pairs or questions whose words are all in the corpus.
        interrupted: whether Ctrl-C ended the search.
    """

    measure: str
    options: dict[str, Any]
    score: float
    default_score: float
    text: float
    trials: tuple[Trial, ...]
    coverage: dict[str, float]
    interrupted: bool

    def __repr__(self) -> str:
        return (
            f"<Tuned: {self.measure} {self.score:.4f} with {describe_options(self.options)}; first "
            f"trial {self.default_score:.4f}; {count(len(self.trials), 'trial')}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, ready for JSON."""
        return {**asdict(self), "trials": [trial._asdict() for trial in self.trials]}


@lists_options(TrainConfig, CorpusConfig)
def tune(
    corpus: Corpus,
    *,
    minutes: float = 10.0,
    trials: int | None = None,
    sets: Sequence[str] = (),
    report: Report = silent,
    progress: ShowProgress = "auto",
    **options: Unpack[TrainOptions],
) -> Tuned:
    """Search options for the lowest held-out loss, or for the best mean score on evaluation sets.

    The search covers ns_exponent, alpha and epochs; with 5 minutes or more also negative, because
    each number of negatives needs a compiled kernel; with evaluation sets also window and sample.
    Options that are given are not searched. The first training has the options given or the
    defaults, and shows how long a training takes. If that is too long for a search, all trainings
    get only a part of the text. If you tune on an evaluation set, evaluate on another.

    Args:
        corpus: as for `SkipGram.fit`.
        minutes: how long to search, not counting the time to read the corpus. A training that runs
            at the end is broken off. Ctrl-C after the first training also ends the search.
        trials: the most trainings; no limit by default.
        sets: evaluation sets, as files or names; see `evaluate`.
        report: as for `SkipGram.fit`; also called with `TrialFinished`.
        progress: as for `SkipGram.fit`.
        options: the options of `TrainConfig` and `CorpusConfig`, listed below; those given keep
            their values. With one thread, and with trials instead of time as the limit, the same
            seed gives the same search.

    Raises:
        MissingExtraError: optuna is not installed.
        ConfigError: minutes or trials is not more than 0, an option has no effect here, or nothing
            is left to search.
        TrainingError: no training was completed.
        FormatError: a set cannot be read.
        CorpusError: as `SkipGram.fit`.
    """
    if not 0 < minutes < math.inf:
        raise ConfigError(f"minutes is {minutes}; it must be a finite number, more than 0")
    if trials is not None and trials < 1:
        raise ConfigError(f"trials is {trials}; it must be a whole number, at least 1")
    if options.get("patience") is not None:
        raise ConfigError(
            f"patience={options['patience']} has no effect with tune; use it when you train with "
            "the options found"
        )
    config, reading = split_options(options)
    _check(config, sets)
    searched = _space(config, by_sets=bool(sets))
    if minutes < MINUTES_TO_COMPILE:
        del searched["negative"]
    space = {name: draw for name, draw in searched.items() if name not in config.given}
    if not space:
        raise ConfigError(
            f"nothing is left to search: {', '.join(searched)} are all given; leave out one of them"
        )
    _optuna()
    with reporting_to(report, progress) as send:
        read = [read_set(name, send) for name in sets]
        source = resolve_corpus(as_reading(corpus, reading))
        with scanned(source, resolve_options(config, source), send) as encoded:
            return _Search(encoded, config.given, space, read, send).run(minutes * 60, trials)


def _check(config: TrainConfig, sets: Sequence[str]) -> None:
    if sets:
        config.refuse(("validation",), "with tune and evaluation sets")
    if config.objective != "negative":
        raise ConfigError(
            f"objective={config.objective} cannot be tuned: only negative sampling has options to "
            "search; leave objective out"
        )
    if config.architecture == "cbow" and not sets:
        raise ConfigError(
            "architecture=cbow cannot be tuned by held-out loss, which is measured on pairs of "
            "words; give an evaluation set, or leave architecture out"
        )
    if isinstance(config.validation, str):
        raise ConfigError(
            f"validation is {config.validation!r}; with tune it must be a share of the "
            "corpus, for example 0.05"
        )


Draw = Callable[[Any], Any]
"""Draws the value of an option from an optuna trial."""


def _space(config: TrainConfig, *, by_sets: bool) -> dict[str, Draw]:
    """Return the options that may be searched, and how each is drawn."""

    def rounded(name: str, low: float, high: float) -> Draw:
        return lambda trial: float(f"{trial.suggest_float(name, low, high, log=True):.3g}")

    def exponent(trial: Any) -> float:  # noqa: ANN401 - optuna gives no types
        return float(round(trial.suggest_float("ns_exponent", -0.5, 1.0, step=0.05), 2))

    least_alpha = max(config.alpha / 5, config.min_alpha or 0.0)
    space: dict[str, Draw] = {
        "negative": lambda trial: trial.suggest_categorical("negative", NEGATIVES),
        "ns_exponent": exponent,
        "alpha": rounded("alpha", least_alpha, min(10.0, config.alpha * 5)),
        "epochs": lambda trial: trial.suggest_int("epochs", 1, 20, log=True),
    }
    if by_sets and None in (config.window_left, config.window_right):
        space["window"] = lambda trial: trial.suggest_int("window", 2, 15)
    if by_sets:
        space["sample"] = rounded("sample", 1e-5, 1e-2)
    return space


class _TimeIsUpError(Exception):
    """The time of the search is over; the running training is broken off."""


class _TooSlowError(Exception):
    """The first training is too long for a search and is broken off.

    Attributes:
        seconds: the estimated time of a whole training.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _Search:
    """The trainings of a search, one after the other.

    Args:
        corpus: the encoded corpus.
        given: options that all trainings have, by name.
        space: the options to search, and how each is drawn.
        sets: evaluation sets; without any, held-out text is measured.
        report: called with events.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        given: dict[str, Any],
        space: dict[str, Draw],
        sets: list[EvaluationSet],
        report: Report,
    ) -> None:
        self._corpus = corpus
        self._given = given if sets else {"validation": HELD_OUT, **given}
        self._space = space
        self._sets = sets
        self._report = report
        self._trials: list[Trial] = []
        self._coverage: dict[str, float] = {}
        self._compile_seconds = 0.0  # of the running training
        self._text = 1.0  # the share of the text that is searched on

    def run(self, limit: float, most: int | None) -> Tuned:
        """Search for `limit` seconds, with at most `most` trainings."""
        self._started, self._limit = time.perf_counter(), limit
        self._check_coverage()
        self._report(SearchStarted(limit / 60, most))
        self._report(StageProgressed("searching", 0, 0, 0.0))
        interrupted = False
        try:
            self._search_affordable(most)
        except KeyboardInterrupt:  # after an hour of searching, return what was found
            if not self._trials:
                raise
            interrupted = True
        seconds = time.perf_counter() - self._started
        self._report(StageProgressed("searching", 1, 1, seconds))
        return self._tuned(seconds, interrupted=interrupted)

    def _search_affordable(self, most: int | None) -> None:
        """Search on all of the text, or on a part of it if a training on all takes too long."""
        try:
            self._search(self._corpus, most, shrink=True)
        except _TooSlowError as slow:
            self._text = self._affordable_share(slow.seconds)
            with select(self._corpus, _spread_out(self._corpus, self._text)) as part:
                self._search(part, most, shrink=False)

    def _check_coverage(self) -> None:
        """Check that the corpus covers enough of the sets for a score, whatever the vectors are."""
        if self._sets:
            rng = np.random.default_rng(1)
            self._set_score(rng.normal(size=(len(self._corpus.vocabulary), 2)).astype(np.float32))

    def _affordable_share(self, seconds: float) -> float:
        """Return the share of the text to search on, if a training on all of it takes `seconds`."""
        least = min(0.5, MIN_WORDS / len(self._corpus.ids))
        return max(self._limit / (WANTED_TRIALS * COST * seconds), least)

    def _tuned(self, seconds: float, *, interrupted: bool) -> Tuned:
        """Return the result of the search, which took `seconds`."""
        scores = [trial.score for trial in self._trials]
        done = [score for score in scores if score is not None]
        if not done or scores[0] is None:
            raise TrainingError(
                f"the first trial did not finish in {seconds:.0f} s; raise minutes, or lower "
                "vector_size or alpha"
            )
        best = max(done) if self._sets else min(done)
        return Tuned(
            measure="score" if self._sets else "held-out loss",
            options=self._trials[scores.index(best)].options,
            score=best,
            default_score=scores[0],
            text=self._text,
            trials=tuple(self._trials),
            coverage=self._coverage,
            interrupted=interrupted,
        )

    def _search(self, corpus: EncodedCorpus, most: int | None, *, shrink: bool) -> None:
        """Train and score on one corpus until the time or the number of trainings is up."""
        optuna = _optuna()
        first = TrainConfig(**self._given)
        first = first.for_corpus(len(corpus.ids), len(corpus.vocabulary))
        comparable = None if self._sets else ComparableLoss(corpus, first)
        sampler = optuna.samplers.TPESampler(seed=first.seed % 2**32)
        direction = "maximize" if self._sets else "minimize"
        study = optuna.create_study(direction=direction, sampler=sampler)
        study.enqueue_trial({name: getattr(first, name) for name in self._space})
        while most is None or len(self._trials) < most:
            trial, started = study.ask(), time.perf_counter()
            self._compile_seconds = 0.0
            options = {name: draw(trial) for name, draw in self._space.items()}
            config = TrainConfig(**{**self._given, **options})
            try:
                score = self._score(corpus, config, comparable, shrink=shrink)
            except _TimeIsUpError:
                return
            state = optuna.trial.TrialState.FAIL if score is None else None
            study.tell(trial, score, state=state)
            seconds = time.perf_counter() - started - self._compile_seconds
            self._trials.append(Trial(options, score, seconds))
            self._report(TrialFinished(len(self._trials), *self._trials[-1]))

    def _score(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        comparable: ComparableLoss | None,
        *,
        shrink: bool,
    ) -> float | None:
        """Train and return the score; None if training fails, for example if steps overshoot."""
        report = self._watch(shrink=shrink and not self._trials)
        try:
            trained = Trainer(corpus, config, report).train()
            return (
                comparable.loss(trained, config) if comparable else self._set_score(trained.input)
            )
        except TrainingError:
            if not self._trials:  # the options given are at fault
                raise
            return None

    def _set_score(self, vectors: NDArray[np.float32]) -> float:
        """Return the mean score of vectors on the sets."""
        embeddings = Embeddings(self._corpus.vocabulary.words, vectors)
        scores = []
        for each in self._sets:
            found = evaluate(embeddings, each)
            if found.score is None:
                raise ConfigError(
                    f"the corpus covers too little of the set {each.path} for a score: "
                    f"{_describe_coverage(found)}; give another set, or none, or lower min_count"
                )
            self._coverage[each.path] = found.coverage
            scores.append(found.score)
        return float(np.mean(scores))

    def _watch(self, *, shrink: bool) -> Report:
        """Return a report that stops a training when the time is up.

        With `shrink` it also stops a training that leaves too little time for others.
        """
        words_in_all_epochs = 0

        def watch(event: Event) -> None:
            nonlocal words_in_all_epochs
            if isinstance(event, TrainingStarted):
                words_in_all_epochs = event.raw_words * event.epochs
                self._compile_seconds = event.compile_seconds
            if not isinstance(event, ChunkTrained):
                return
            spent = time.perf_counter() - self._started
            if spent > self._limit and self._trials:
                raise _TimeIsUpError
            done = 1 + min(int(spent), int(self._limit))
            self._report(StageProgressed("searching", done, int(self._limit) + 2, spent))
            expected = event.seconds * words_in_all_epochs / event.raw_words
            too_slow = expected * WANTED_TRIALS * COST > self._limit
            if shrink and too_slow and event.seconds > LOOK_AFTER:
                raise _TooSlowError(expected)

        return watch


def _describe_coverage(found: SimilarityResult | AnalogyResult) -> str:
    """Say how many pairs or questions of a set without a score are covered, and are needed."""
    if isinstance(found, AnalogyResult):
        asked = count(found.total.questions, "question")
        return f"{found.total.covered} of {asked} covered, and at least 1 is needed"
    return (
        f"{found.covered} of {count(found.pairs, 'pair')} covered, and at least 2 with different "
        "scores are needed"
    )


def _spread_out(corpus: EncodedCorpus, share: float) -> list[Span]:
    """Return a share of the text: sentences from all over it, or its end if they are too few."""
    try:
        return hold_out(corpus.offsets, share)[1]
    except ConfigError:
        words = len(corpus.ids)
        return [Span(words - int(share * words), words)]


def _optuna() -> ModuleType:
    optuna = import_optional("optuna", "a search for options", "skipgram[tune]")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
