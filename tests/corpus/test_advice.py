"""One line says what the words of a text carry, where it is worth a line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import skipgram
from skipgram.config import CorpusConfig
from skipgram.corpus.advice import advise, advise_sentences
from skipgram.errors import TrainingError
from skipgram.event_texts import describe_scan
from skipgram.model import encode
from skipgram.training.events import ScanFinished
from skipgram.vocabulary import Vocabulary

PROSE = "the film was great, and the actors were good. "
PLAIN = "the film was great and the actors were good "


def advice_on(text: str, **options: Any) -> str:
    counts = Counter(text.split()).most_common()
    vocabulary = Vocabulary([word for word, _ in counts], np.array([n for _, n in counts]))
    return advise(vocabulary, CorpusConfig(**options))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN * 100, ""),
        (PLAIN * 100 + "Great, 'twas don't well-known 3.14 , .", ""),  # hardly any of them
        (
            PROSE * 10,
            "note: 22% of the words have punctuation attached, such as 'great,', 'good.'; "
            "set clean=True to remove this",
        ),
        (
            PLAIN * 10 + "Rome Paris " * 10,
            "note: 18% of the words have capitals, such as 'Rome', 'Paris'; "
            "set lowercase=True to remove this",
        ),
        (
            "<br />a " * 10 + "I went to https://a.b " * 5 + PROSE * 5,
            "note: 24% of the words hold HTML, 6% are URLs, 12% have punctuation attached and "
            "6% have capitals, such as '<br', 'https://a.b', 'great,', 'I', '/>a'; set "
            "clean=True to remove this",
        ),
        ("Q42 Q1 P31 " * 20 + "of", ""),
        ("", ""),
    ],
)
def test_what_is_said_of_a_text(text: str, expected: str) -> None:
    assert advice_on(text) == expected


@pytest.mark.parametrize(
    "options", [{"clean": True}, {"tokenizer": "a:b"}, {"token_pattern": r"\S+"}]
)
def test_nothing_is_said_where_words_are_chosen(options: dict[str, Any]) -> None:
    assert advice_on(PROSE * 10, **options) == ""


def scans(corpus: Any, **options: Any) -> list[ScanFinished]:
    events: list[Any] = []
    skipgram.train(
        corpus, epochs=1, min_count=1, vector_size=4, sample=0, callbacks=[events.append], **options
    )
    return [event for event in events if isinstance(event, ScanFinished)]


def test_the_line_is_shown_after_the_scan(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE * 10)
    [event] = scans(tmp_path / "a.txt")
    assert describe_scan(event).endswith(f"\n{event.advice}")
    assert "clean=True" in event.advice
    [event] = scans(tmp_path / "a.txt", clean=True)
    assert event.advice == "" and not describe_scan(event).endswith("\n")


def test_the_line_is_shown_by_encode_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE * 10)
    events: list[Any] = []
    encode(tmp_path / "a.txt", tmp_path / "encoded", min_count=1, report=events.append)
    assert "clean=True" in events[-1].advice
    [event] = scans(tmp_path / "encoded")
    assert event.advice == ""


def test_sentences_of_one_item_name_the_option_for_groups(tmp_path: Path) -> None:
    items = ["red cup", *["tea", "milk", "spoon"] * 3]
    frame = pd.DataFrame({"user": [1, 2] * 5, "item": items})
    frame.to_csv(tmp_path / "items.csv")
    for corpus in (frame, tmp_path / "items.csv", frame.to_dict("records")):
        [event] = scans(corpus, column="item")
        assert event.advice == (
            "note: 90% of the sentences have only one word, which has no neighbours to learn from; "
            "if each row is one item, set group_by=NAME to the column of its "
            "user or session"
        )
        [event] = scans(corpus, column="item", group_by="user")
        assert event.advice == ""
    with pytest.raises(TrainingError, match="set group_by=NAME"):
        scans(frame[1:], column="item")


def test_sentences_of_one_word_in_a_text() -> None:
    offsets = np.cumsum([0, 1, 1, 2, 1, 3])
    expected = "note: 60% of the sentences have only one word"
    words = Vocabulary(["one", "two"], np.array([4, 4]))
    assert advise_sentences(offsets, words, CorpusConfig()).startswith(expected)
    assert "put each sentence on one line" in advise_sentences(offsets, words, CorpusConfig())
    assert advise_sentences(np.cumsum([0, 1, 2, 2, 1, 3]), words, CorpusConfig()) == ""
    assert advise_sentences(np.zeros(1, np.int64), words, CorpusConfig()) == ""


def test_lists_of_tokens_are_as_they_are_meant_to_be() -> None:
    [event] = scans([PROSE.split()] * 10)
    assert event.advice == ""
