"""The events that a run reports."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading
from pathlib import Path
from typing import Any, get_args

import pytest

import skipgram
from skipgram.training import events as module
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    CompileStarted,
    EpochFinished,
    Event,
    HardlyTrained,
    MemoryPlanned,
    ScanFinished,
    ScanProgressed,
    TrainingStarted,
    VectorsGiven,
    silent,
)

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}


def test_events_report_the_whole_run(planted_sentences: list[list[str]]) -> None:
    events: list[Event] = []
    skipgram.train(planted_sentences, callbacks=[events.append], **SMALL)
    passing = ScanProgressed | ChunkTrained | CompileStarted
    kinds = [type(event) for event in events if not isinstance(event, passing)]
    assert kinds == [
        ScanFinished,
        MemoryPlanned,
        TrainingStarted,
        EpochFinished,
        EpochFinished,
        EpochFinished,
    ]
    chunks = [event for event in events if isinstance(event, ChunkTrained)]
    assert chunks[-1].raw_words == pytest.approx(3 * 16_000)
    assert chunks[-1].rate == pytest.approx(0.025e-4)
    assert [chunk.rate for chunk in chunks] == sorted(
        (chunk.rate for chunk in chunks), reverse=True
    )
    assert [chunk.seconds for chunk in chunks] == sorted(chunk.seconds for chunk in chunks)


def test_a_report_that_raises_stops_the_training(planted_sentences: list[list[str]]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, ChunkTrained):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        skipgram.train(planted_sentences, callbacks=[interrupt], **{**SMALL, "epochs": 100_000})


def test_the_documented_order_holds_with_given_vectors_and_patience(
    planted_sentences: list[list[str]],
) -> None:
    given = skipgram.train(planted_sentences, **SMALL)
    events: list[Event] = []
    options: dict[str, Any] = {
        "initial": given,
        "epochs": 2,
        "threads": 1,
        "validation": 0.1,
        "patience": 2,
    }
    skipgram.train(planted_sentences, callbacks=[events.append], **options)
    kinds = list(dict.fromkeys(type(event) for event in events))
    assert kinds == [
        ScanProgressed,
        ScanFinished,
        VectorsGiven,
        MemoryPlanned,
        TrainingStarted,
        ChunkTrained,
        EpochFinished,
        BestEpochTaken,
    ]
    assert module.__doc__ is not None
    documented = module.__doc__.split("in this order:")[1]
    places = [documented.index(kind.__name__) for kind in kinds]
    assert places == sorted(places)


def test_hardly_trained_vectors_are_reported_last(random_sentences: list[list[str]]) -> None:
    events: list[Event] = []
    options: dict[str, Any] = {"epochs": 1, "validation": 0.1, "patience": 1}
    skipgram.train(random_sentences, callbacks=[events.append], **{**SMALL, **options})
    assert [type(event) for event in events[-2:]] == [BestEpochTaken, HardlyTrained]
    assert module.__doc__ is not None
    documented = module.__doc__.split("in this order:")[1]
    assert documented.index("BestEpochTaken") < documented.index("HardlyTrained")


def test_the_report_is_called_on_the_thread_that_started_the_run(planted_text: Path) -> None:
    seen: set[threading.Thread] = set()

    def report(event: Event) -> None:
        seen.add(threading.current_thread())

    skipgram.train(planted_text, callbacks=[report], **{**SMALL, "threads": 3})
    assert seen == {threading.current_thread()}


def test_the_total_of_a_plan_is_the_sum_of_its_items() -> None:
    assert MemoryPlanned((("input vectors", 100), ("scratch", 20)), 500, 100).total == 120


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_field_of_an_event_is_documented(kind: Any) -> None:
    documented = inspect.getdoc(kind)  # without the indentation, which Python 3.13 leaves out
    assert documented is not None
    for name in kind.__dataclass_fields__:
        assert f"\n    {name}: " in documented, name


def test_silent_takes_every_event_and_does_nothing() -> None:
    silent(BestEpochTaken(1, 2))


def test_silent_has_a_name_in_signatures_and_stays_itself_when_copied() -> None:
    assert "report: 'Report' = silent" in str(inspect.signature(skipgram.encode))
    assert pickle.loads(pickle.dumps(silent)) is silent
    assert copy.deepcopy(silent) is silent
