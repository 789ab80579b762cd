"""Phrases: the same pairs, counts, scores and sentences as gensim finds."""

from __future__ import annotations

import gzip
import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models.phrases import Phrases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import skipgram
from skipgram import phrases, quickstart
from skipgram.errors import ConfigError, CorpusError, FormatError, MemoryPlanError, OutputError
from skipgram.phrases import JoinedText, Phrase, join_phrases, write_phrases
from skipgram.training import memory
from skipgram.training.events import Event, ScanFinished, StageProgressed

Sentences = list[list[str]]


def by_gensim(
    sentences: Sentences, passes: int, **options: Any
) -> tuple[dict[str, tuple[int, float]], Sentences]:
    """What gensim counts and scores for each phrase, and the sentences as it joins them."""
    found: dict[str, tuple[int, float]] = {}
    for _ in range(passes):
        model = Phrases(sentences, **options)
        for sentence in sentences:
            for first, second in itertools.pairwise(sentence):
                phrase, score = model.score_candidate(first, second, [])
                if phrase is not None:
                    found[phrase] = (model.vocab[phrase], score)
        sentences = [model[sentence] for sentence in sentences]
    return found, sentences


def by_us(sentences: Any, folder: Path, **options: Any) -> tuple[JoinedText, Sentences]:
    joined = join_phrases(sentences, folder / "joined.txt", **options)
    return joined, [line.split(" ") for line in (folder / "joined.txt").read_text().splitlines()]


def assert_equal(
    sentences: Sentences, folder: Path, *, threads: int = 2, passes: int = 1, **options: Any
) -> JoinedText:
    sentences = [sentence for sentence in sentences if sentence]
    joined, lines = by_us(sentences, folder, threads=threads, passes=passes, **options)
    expected, expected_lines = by_gensim(sentences, passes, **options)
    assert lines == expected_lines
    assert len(joined.phrases) == len(expected)
    assert {phrase.text: (phrase.count, phrase.score) for phrase in joined.phrases} == expected
    assert joined.words == sum(map(len, sentences))
    assert joined.joined_words == sum(map(len, lines))
    assert joined.sentences == len(lines)
    return joined


# Few words, so that ties, repetitions and pairs of all counts are common.
FEW_WORDS = st.lists(st.lists(st.sampled_from("aaabbcdé"), max_size=9), min_size=1, max_size=30)
SCORINGS = st.tuples(st.just("default"), st.sampled_from([0.01, 0.3, 1.0, 2.0])) | st.tuples(
    st.just("npmi"), st.sampled_from([-1.0, -0.3, 0.0, 0.2, 0.5, 1.0])
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sentences=FEW_WORDS.filter(
        lambda sentences: len({word for sentence in sentences for word in sentence}) > 1
    ),
    scoring=SCORINGS,
    min_count=st.integers(1, 4),
    passes=st.integers(1, 4),
    threads=st.integers(1, 3),
    block=st.sampled_from([1, 7, 1 << 18]),
)
def test_any_text_is_joined_as_by_gensim(
    sentences: Sentences,
    scoring: tuple[str, float],
    min_count: int,
    passes: int,
    threads: int,
    block: int,
    tmp_path: Path,
) -> None:
    options = {"scoring": scoring[0], "threshold": scoring[1], "min_count": min_count}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phrases, "BLOCK_WORDS", block)
        patch.setattr(phrases, "FIRST_SLOTS", 4)
        assert_equal(sentences, tmp_path, threads=threads, passes=passes, **options)


@pytest.fixture(scope="module")
def prose() -> Sentences:
    """The beginning of the quickstart's corpus: some 130,000 words, none with "_"."""
    return list(itertools.islice(quickstart.sentences(), 10_000))


@pytest.mark.parametrize(
    "options",
    [
        {"scoring": "default", "threshold": 10.0, "min_count": 5},
        {"scoring": "npmi", "threshold": 0.5, "min_count": 3},
    ],
    ids=["default", "npmi"],
)
def test_a_text_is_joined_as_by_gensim(
    prose: Sentences, tmp_path: Path, options: dict[str, Any]
) -> None:
    joined = assert_equal(prose, tmp_path, passes=3, **options)
    assert len(joined.phrases) > 300
    assert any(phrase.text.count("_") > 1 for phrase in joined.phrases)
    assert joined.phrases == sorted(
        joined.phrases, key=lambda phrase: (-phrase.score, -phrase.count, phrase.text)
    )


def test_defaults_are_those_of_gensim(prose: Sentences, tmp_path: Path) -> None:
    joined, lines = by_us(prose, tmp_path)
    expected, expected_lines = by_gensim([sentence for sentence in prose if sentence], 1)
    assert lines == expected_lines
    assert {phrase.text for phrase in joined.phrases} == set(expected)


def test_a_score_by_hand(tmp_path: Path) -> None:
    sentences = [["new", "york", "is", "new"], ["new", "york"]]
    joined, lines = by_us(sentences, tmp_path, min_count=1, threshold=0.5)
    # N is 6: new, york, is; new york, york is, is new
    assert joined.phrases == [Phrase("new_york", 2, (2 - 1) / (3 * 2) * 6)]
    assert lines == [["new_york", "is", "new"], ["new_york"]]
    joined, _ = by_us(sentences, tmp_path, min_count=2, scoring="npmi", threshold=0.4)
    assert joined.phrases == [
        Phrase("new_york", 2, math.log((2 / 6) / ((3 / 6) * (2 / 6))) / -math.log(2 / 6))
    ]


def test_no_word_is_joined_twice_and_none_over_a_line_end(tmp_path: Path) -> None:
    sentences = [["a"] * 5, ["b", "a"], ["a", "b"]] * 10
    _, lines = by_us(sentences, tmp_path, min_count=1, threshold=0.035)
    assert lines[:3] == [["a_a", "a_a", "a"], ["b", "a"], ["a", "b"]]


def test_a_second_pass_joins_phrases(tmp_path: Path) -> None:
    sentences = [["the", "new", "york", "city", "hall", f"x{n}"] for n in range(20)]
    once, _ = by_us(sentences, tmp_path, threshold=0.5)
    twice, lines = by_us(sentences, tmp_path, threshold=0.5, passes=2)
    assert set(once.phrases) < set(twice.phrases)
    assert lines[3] == ["the_new_york_city", "hall", "x3"]
    many, again = by_us(
        sentences, tmp_path, threshold=0.5, passes=10**9
    )  # ends when there is nothing left to join
    assert again[3] == ["the_new_york_city_hall", "x3"]
    assert many.joined_words == 40


def test_a_phrase_spelled_like_a_word_is_that_word(tmp_path: Path) -> None:
    sentences = [["new", "york", "city"], ["new_york", "city"]] * 10
    joined, lines = by_us(sentences, tmp_path, scoring="npmi", threshold=0.6, passes=2)
    assert lines == [["new_york_city"]] * 20
    counts = {phrase.text: phrase.count for phrase in joined.phrases}
    assert counts == {
        "new_york": 10,
        "new_york_city": 20,
    }  # gensim counts 20 for the first, pairs and words together


def test_text_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_bytes(b"\xef\xbb\xbf" + b"new  york\tcity\r\n\n\n" * 9 + b"caf\xe9 new york")
    two.write_text("new york\nnew day")
    with pytest.warns(skipgram.SkipgramWarning, match="1 word is not UTF-8 and was dropped"):
        joined, lines = by_us([one, two], tmp_path, threshold=0.1)
    assert lines[0] == ["new_york", "city"]
    assert lines[1:3] == [[""], [""]]
    assert lines[27:] == [["new_york"], ["new_york"], ["new", "day"]]
    assert joined.sentences == 12
    assert (tmp_path / "joined.txt").read_text().endswith("new day\n")


@pytest.mark.parametrize("block_words", [1, 7, 1 << 18])
@pytest.mark.parametrize("passes", [1, 2])
def test_a_line_keeps_its_number(
    block_words: int, passes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "BLOCK_WORDS", block_words)
    monkeypatch.setattr("skipgram.io.blocks.BLOCK_BYTES", 64)
    blank = [b"", b" \t", b"\xff", b"\r", "\u3000".encode()]
    rows = [b"", *[b"new york is big", *blank, b"a b"] * 12, b"", b" "]
    text = tmp_path / "text.txt"
    text.write_bytes(b"\n".join(rows) + b"\n")
    with pytest.warns(skipgram.SkipgramWarning, match="12 words are not UTF-8"):
        joined, lines = by_us(text, tmp_path, threshold=0.1, min_count=2, passes=passes)
    found = {"new", "york", "is", "big", "a", "b"}
    assert len(lines) == len(rows) == 87
    for row, line in zip(rows, lines, strict=True):
        words = set("_".join(line).split("_")) & found
        assert words == set(row.decode("utf-8", "replace").split()) & found
    assert joined.sentences == 24
    assert (tmp_path / "joined.txt").read_bytes().count(b"\n") == len(rows)


def test_blank_lines_are_those_of_the_corpus(tmp_path: Path) -> None:
    sentences: Any = [[], ["new", "york"], [], [], ["new", "york"], []]
    _, lines = by_us(sentences, tmp_path, threshold=0.1, min_count=1)
    assert lines == [[""], ["new_york"], [""], [""], ["new_york"], [""]]
    rows = [{"user": n // 2, "item": f"i{n % 4}"} for n in range(12)]
    _, lines = by_us(rows, tmp_path, threshold=9e9, column="item", group_by="user")
    assert lines == [["i0", "i1"], ["i2", "i3"]] * 3


def test_white_space_that_does_not_separate_words_may_be_in_them(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("10\u00a0km far\n" * 5, encoding="utf-8")
    _, lines = by_us(text, tmp_path, threshold=9e9)
    assert lines[0] == ["10", "km", "far"]
    _, lines = by_us(text, tmp_path, threshold=9e9, whitespace="ascii")
    assert lines[0] == ["10\u00a0km", "far"]


def test_any_number_of_threads_gives_the_same(
    prose: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "BLOCK_WORDS", 1000)
    results = [
        by_us(prose[:3000], tmp_path, threads=threads, passes=2, threshold=1)
        for threads in (1, 2, 5)
    ]
    assert results[0] == results[1] == results[2]
    assert len(results[0][0].phrases) > 10


def test_a_text_that_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "BLOCK_WORDS", 16)
    monkeypatch.setattr(phrases, "FIRST_SLOTS", 4)
    _, lines = by_us([[f"{n % 7}" for n in range(1000)]], tmp_path, threshold=0.001, min_count=1)
    assert [len(line) for line in lines] == [500]


def test_progress_is_reported(tmp_path: Path) -> None:
    events: list[Event] = []
    by_us([["a", "b"]] * 10, tmp_path, threshold=0.1, passes=2, report=events.append)
    assert any(isinstance(event, ScanFinished) for event in events)
    stages = [(event.stage, event.done) for event in events if isinstance(event, StageProgressed)]
    assert stages == [(name, done) for name in ("pass 1", "pass 2", "writing") for done in (0, 10)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scoring": "pmi"}, "scoring is 'pmi'; it must be one of default, npmi"),
        ({"threshold": 0}, "threshold is 0; .* above 0"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"threshold": math.inf}, "threshold is inf"),
        ({"scoring": "npmi", "threshold": 1.5}, "threshold is 1.5; .* from -1 to 1"),
        ({"scoring": "npmi", "threshold": math.nan}, "threshold is nan"),
        ({"min_count": 0}, "min_count is 0; it must be"),
        ({"passes": 0}, "passes is 0; .* at least 1"),
        ({"passes": 1.5}, "passes is 1.5; .* a whole number"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        join_phrases([["a", "b"]], tmp_path / "joined.txt", **options)


@pytest.mark.parametrize("word", ["", "new york", "a\nb", " ", "10\u00a0km"])
def test_tokens_that_cannot_be_words_of_a_text(word: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is empty or contains white space"):
        join_phrases([["a", word, "b"]], tmp_path / "joined.txt")


def test_an_error_leaves_the_old_file_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "joined.txt"
    output.write_text("old")

    def sentences() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise CorpusError("broken off")

    with pytest.raises(CorpusError, match="broken off"):
        join_phrases(sentences(), output)
    with pytest.raises(OutputError, match="not a regular file"):
        join_phrases([["a", "b"]], tmp_path)
    monkeypatch.setattr(phrases, "FIRST_SLOTS", 4)
    monkeypatch.setattr(memory, "available_memory", lambda *_: 100)
    with pytest.raises(
        MemoryPlanError,
        match="a larger table for them needs 0 kB, but only 0 kB is free; use less text",
    ):
        join_phrases([["a", "b", "c", "d", "e", "f"]], output)
    assert output.read_text() == "old"
    assert list(tmp_path.iterdir()) == [output]


def test_the_table_of_phrases(tmp_path: Path) -> None:
    write_phrases(
        [Phrase("new_york", 7, 0.1 + 0.2), Phrase("são_paulo", 5, 2.0)], tmp_path / "phrases.tsv"
    )
    content = (tmp_path / "phrases.tsv").read_text(encoding="utf-8")
    assert content == f"phrase\tcount\tscore\nnew_york\t7\t{0.1 + 0.2}\nsão_paulo\t5\t2.0\n"


def test_the_text_can_be_trained_on(tmp_path: Path) -> None:
    skipgram.join_phrases(
        [["new", "york", f"x{n}"] for n in range(20)], tmp_path / "joined.txt", threshold=0.5
    )
    options: dict[str, Any] = {
        "min_count": 1,
        "vector_size": 2,
        "sample": 0,
        "epochs": 1,
        "threads": 1,
    }
    assert "new_york" in skipgram.train(tmp_path / "joined.txt", **options).words


def test_nothing_but_other_text_is_ever_replaced(planted_text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    text = folder / "a.txt"
    text.write_bytes(planted_text.read_bytes())
    (tmp_path / "link").symlink_to(text)
    skipgram.encode(text, tmp_path / "encoded")
    (tmp_path / "binary").write_bytes(b"\0\1")
    for corpus, output, message in [
        (text, text, "is part of the corpus"),
        (folder, text, "is part of the corpus"),
        (str(folder / "*.txt"), tmp_path / "link", "is part of the corpus"),
        (text, tmp_path / "encoded" / "joined.txt", "is a corpus or a model"),
        (text, tmp_path / "binary", "not a text file"),
        (text, folder, "not a regular file"),
    ]:
        with pytest.raises(OutputError, match=message):
            skipgram.join_phrases(corpus, output)
    assert text.read_bytes() == planted_text.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": "5"}, "it must be a number"),
        ({"passes": 1.5}, "a whole number"),
        ({"passes": np.int64(0)}, "at least 1"),
        ({"min_count": "many"}, "min_count is 'many'; it must be"),
    ],
)
def test_options_of_wrong_types(
    options: dict[str, Any], message: str, planted_text: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        skipgram.join_phrases(planted_text, tmp_path / "joined", **options)


def test_no_count_is_too_large(planted_text: Path, tmp_path: Path) -> None:
    assert skipgram.join_phrases(planted_text, tmp_path / "joined", min_count=10**20).phrases == []
    skipgram.encode(planted_text, tmp_path / "encoded", min_count=7)
    with pytest.raises(ConfigError, match="encode the text again with min_count=1"):
        skipgram.join_phrases(tmp_path / "encoded", tmp_path / "joined")


def test_many_phrases_are_shown_in_a_line() -> None:
    found = [Phrase(f"new_{number}", 5, 1 / 3) for number in range(10_000)]
    shown = repr(JoinedText(found, 50_000, 40_000, 1))
    assert shown == (
        "<JoinedText: 10,000 phrases (new_0, new_1, new_2, ...); "
        "50,000 words became 40,000 in 1 sentence>"
    )
    assert (
        repr(JoinedText([], 5, 5, 2)) == "<JoinedText: 0 phrases; 5 words became 5 in 2 sentences>"
    )


def test_a_name_that_ends_in_gz_makes_a_compressed_file(tmp_path: Path) -> None:
    sentences = [["a", "b", "c", str(n)] for n in range(20)]
    for name in ("joined.txt", "joined.txt.gz", "joined.txt.gz"):  # the last is replaced
        joined = join_phrases(sentences, tmp_path / name, threshold=0.1, min_count=1)
        write_phrases(joined.phrases, tmp_path / f"phrases-{name}")
    for name in ("joined.txt", "phrases-joined.txt"):
        plain = (tmp_path / name).read_bytes()
        assert gzip.decompress((tmp_path / f"{name}.gz").read_bytes()) == plain


def test_a_text_without_phrases_has_advice(tmp_path: Path) -> None:
    found = join_phrases([["a", "b"], ["b", "a"]] * 10, tmp_path / "joined.txt", passes=2)
    assert found.highest_score == 0.05
    assert found.advice == (
        "no pair scores above 10: the highest score is 0.05; lower threshold, or set scoring=npmi"
    )
    assert f"<JoinedText: 0 phrases ({found.advice}); 40 words became 40 in" in repr(found)
    found = join_phrases([["a", "b"], ["b", "a"]] * 10, tmp_path / "joined.txt", threshold=0.04)
    assert (found.highest_score, found.advice) == (0.05, "")
    found = join_phrases([["a", "b"]] * 5, tmp_path / "joined.txt")
    assert found.advice.endswith("the highest score is 0; lower min_count, or set scoring=npmi")
