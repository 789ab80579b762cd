"""Stop words: where they come from, and where they are left out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from corpora import sentences_of
from hypothesis import given, settings
from hypothesis import strategies as st

import skipgram
from skipgram.cli.train import _train_command
from skipgram.config import CorpusConfig
from skipgram.config_file import read_config_file
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import ConfigError, CorpusError
from skipgram.event_texts import describe_scan
from skipgram.stopwords import StopWords, as_stop_words
from skipgram.training.events import ScanFinished

TEXT = "The cat and the dog\nand\nThe end of the cat\n"


def read(corpus: Any, stopwords: Any, threads: int = 2, **options: Any) -> list[list[str]]:
    config = CorpusConfig(stopwords=stopwords, **options)
    with encode_corpus(Reading(corpus, config), threads=threads) as encoded:
        return sentences_of(encoded)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "stop words.txt"
    path.write_bytes(b"\xef\xbb\xbfthe\r\n\n  and \nmissing\nthe\n")
    return path


def test_words_of_a_file_and_of_an_iterable(words: Path) -> None:
    found = as_stop_words(str(words))
    assert found is not None and found.source == str(words)
    assert list(found) == ["and", "missing", "the"]
    for given_words in (["the", "and"], {"and", "the"}, iter(["the", "and", "the"])):
        assert as_stop_words(given_words) == ("and", "the")
    assert as_stop_words(words) == found
    assert as_stop_words(None) is None
    assert as_stop_words([]) == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no-such-file", "stopwords is 'no-such-file'; the file cannot be read: No such file"),
        (b"the", "it must be a file with one word per line, or a list of words"),
        (5, "stopwords is 5; it must be a file"),
        ([5], "holds 5; every stop word must be a string"),
        (["new york"], "holds 'new york'; every stop word must be one word, without white space"),
        ([""], "must be one word"),
    ],
)
def test_what_is_not_a_list_of_words(value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CorpusConfig(stopwords=value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty; name a text file with one word per line"),
        (b"\n \n", "the file is empty"),
        (b"caf\xe9", "the file is not UTF-8; convert it to UTF-8"),
        (b"\xff\xfe", "the file is empty"),
        (b"one two\n", "it holds 'one two'; every stop word must be one word"),
    ],
)
def test_files_without_words(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "stop.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        CorpusConfig(stopwords=tmp_path / "stop.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_file_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "stop.txt").write_bytes("\ufeffthe\r\nété\r\n".encode(encoding))
    assert CorpusConfig(stopwords=tmp_path / "stop.txt").stopwords == ("the", "été")


def test_text_tables_and_tokens_leave_the_words_out(text: Path, words: Path) -> None:
    expected = [["The", "cat", "dog"], ["The", "end", "of", "cat"]]
    lines = TEXT.splitlines()
    frame = pd.DataFrame({"text": lines})
    tokens = pd.DataFrame({"text": [line.split() for line in lines]})
    cases: list[tuple[Any, dict[str, Any]]] = [
        (text, {}),
        (text, {"token_pattern": r"\S+"}),
        (frame, {"column": "text"}),
        (tokens, {"column": "text"}),
        ([line.split() for line in lines], {}),
    ]
    for corpus, options in cases:
        assert read(corpus, words, **options) == expected


def test_words_are_read_as_the_text_is(text: Path) -> None:
    assert read(text, ["THE"], lowercase=True)[1:] == [["and"], ["end", "of", "cat"]]
    assert read(text, ["THE", "of"], clean=True)[1:] == [["and"], ["end", "cat"]]
    assert read(text, ["\N{FULLWIDTH LATIN CAPITAL LETTER A}nd"], lowercase=True, nfkc=True)[
        1:
    ] == [["the", "end", "of", "the", "cat"]]
    assert read(["Don\u2019t stop, do"], ["don't"], clean=True) == [["stop", "do"]]
    assert read(["don't stop do"], ["don't"], token_pattern="[a-z]+") == [["stop", "do"]]
    log = pd.DataFrame({"user": [1, 1, 1], "item": ["The", "cat", "dog"]})
    assert read(log, ["The"], column="item", group_by="user") == [["cat", "dog"]]


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "longer-than-16-bytes"]))),
    stops=st.sets(st.sampled_from(["a", "c", "longer-than-16-bytes", "longer-than-16-bytez"])),
    threads=st.integers(1, 3),
)
def test_nothing_but_the_words_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], stops: set[str], threads: int
) -> None:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("".join(f"{' '.join(line)}\n" for line in [*lines, ["b", "d"]]))
    kept = [[word for word in line if word not in stops] for line in [*lines, ["b", "d"]]]
    config = CorpusConfig(stopwords=stops)
    with encode_corpus(Reading(path, config), threads=threads) as encoded:
        assert sentences_of(encoded) == [line for line in kept if line]
        report = encoded.report
        assert report.raw_words == sum(map(len, lines)) + 2
        assert report.stop_words == report.raw_words - sum(map(len, kept))
        assert report.rare_words == 0
        assert report.distinct_words == len({word for line in kept for word in line})


def test_the_report_counts_them(text: Path) -> None:
    events: list[Any] = []
    options: dict[str, Any] = {"vector_size": 4, "epochs": 1, "sample": 0}
    model = skipgram.train(
        text, stopwords=["the", "The"], min_count=2, callbacks=[events.append], **options
    )
    [event] = [event for event in events if isinstance(event, ScanFinished)]
    assert "3 rare occurrences and 4 occurrences of stop words dropped" in describe_scan(event)
    assert model.training["stop_words"] == 4
    assert model.training["reading"] == {"stopwords": ["The", "the"]}


def test_a_text_of_stop_words(text: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"only one word, repeated; 10 words are stop words; leave out stopwords"
    ):
        read(text, set(TEXT.split()) - {"end"})


def test_documents_leave_them_out(text: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"vector_size": 4, "epochs": 1, "min_count": 1, "sample": 0}
    skipgram.train(text, stopwords=["the"], lowercase=True, **options).save(tmp_path / "model")
    model = skipgram.load(tmp_path / "model")
    found = model.encode_documents(["The cat", "the", "THE unknown dog"])
    assert found.known.tolist() == [1, 0, 1]
    assert found.unknown.tolist() == [0, 0, 1]


def test_an_encoded_corpus_has_none(text: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"min_count": 1, "stopwords": ["the"], "lowercase": True}
    assert skipgram.encode(text, tmp_path / "encoded", **options)
    assert not skipgram.encode(text, tmp_path / "encoded", **options)
    with encode_corpus(tmp_path / "encoded", min_count=2) as encoded:
        assert encoded.report.stop_words == 4
        assert encoded.reading.stopwords == ("the",)
        assert sorted(encoded.vocabulary.words) == ["and", "cat"]
    assert skipgram.encode(text, tmp_path / "encoded", **{**options, "stopwords": ["cat"]})


def test_phrases_are_found_without_them(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("bank of america is x y z\n" * 20 + "a b c d e f g h\n" * 9)
    source = Reading(path, CorpusConfig(stopwords=["of"]))
    skipgram.join_phrases(source, tmp_path / "joined.txt", threshold=0.1)
    assert "bank_america" in (tmp_path / "joined.txt").read_text()


def test_options_of_a_file_and_of_the_command_line(words: Path, tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    for value in (f'"{words}"', '["and", "the"]'):
        file.write_text(f"stopwords = {value}\n")
        reading = CorpusConfig(**read_config_file(file))
        assert set(iterable(reading.stopwords)) >= {"and", "the"}
    given = CorpusConfig(stopwords=words, include=("*.txt", "*.md")).given
    command = shlex.split(_train_command(["a.txt"], given))
    assert command[command.index("--stopwords") + 1] == str(words)
    assert command.count("--include") == 2
    assert "--stopwords" not in _train_command([], {"stopwords": StopWords(["a"])})


def iterable(words: Any) -> Iterable[str]:
    assert isinstance(words, StopWords)
    return words


def test_many_stop_words_are_shown_in_a_line() -> None:
    words = [f"word{number}" for number in range(1000)]
    config = skipgram.CorpusConfig(stopwords=words)
    assert "stopwords=StopWords(word0, word1, word10, ...)" in repr(config)
