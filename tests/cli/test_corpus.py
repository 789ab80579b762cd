"""The commands that prepare a corpus: encode and phrases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]


def test_training_on_an_encoded_corpus(run: Run, planted_text: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(planted_text.read_bytes().upper()))
    made = run("encode", packed, "--lowercase", "-o", tmp_path / "encoded")
    assert (made.code, made.out) == (0, f"encoded to {tmp_path / 'encoded'}\n")
    assert "40 of 40 different words" in made.err
    assert "up to date" in run("encode", packed, "--lowercase", "-o", tmp_path / "encoded").out
    for corpus, name in ((tmp_path / "encoded", "a"), (planted_text, "b")):
        flags = ["-o", tmp_path / name, "--vector-size", 8, "--threads", 1]
        assert run("train", corpus, *flags).code == 0
    one, other = (skipgram.load(tmp_path / name) for name in "ab")
    assert one.words == other.words
    assert (one.input == other.input).all()


def test_phrases(run: Run, tmp_path: Path) -> None:
    text, joined = tmp_path / "text.txt", tmp_path / "joined.txt"
    table = tmp_path / "phrases.tsv"
    text.write_text("".join(f"in new york city x{n}\n" for n in range(20)))
    flags: list[Any] = ["--threshold", 0.5, "--min-count", 2, "--threads", 1]
    answer = run("phrases", text, "--output", joined, "--phrases", table, *flags)
    assert answer.out == f"3 phrases; 100 words became 60, written to {joined}\n"
    assert "corpus: 100 words, 20 sentences" in answer.err
    assert "pass 1: done in" in answer.err
    assert joined.read_text().startswith("in_new york_city x0\nin_new york_city x1\n")
    assert [line.split("\t")[:2] for line in table.read_text().splitlines()] == [
        ["phrase", "count"], ["in_new", "20"], ["new_york", "20"], ["york_city", "20"],
    ]  # fmt: skip
    flags += ["--scoring", "npmi", "--passes", 2, "--quiet", "--json"]
    answer = run("phrases", text, "-o", joined, *flags)
    counts = {"phrases": 4, "words": 100, "joined_words": 40, "sentences": 20}
    found = json.loads(answer.out)
    assert -1 <= found.pop("highest_score") <= 1
    assert found == counts
    assert answer.err == ""
    assert joined.read_text().startswith("in_new_york_city x0\n")


def test_a_text_without_phrases_says_what_to_change(run: Run, tmp_path: Path) -> None:
    text, joined = tmp_path / "text.txt", tmp_path / "joined.txt"
    text.write_text("a b\nb a\n" * 10)
    # 2 words and 2 pairs: (10 - 5) / (20 * 20) * 4
    answer = run("phrases", text, "-o", joined)
    said = "no pair scores above 10: the highest score is 0.05; lower --threshold, or set --scoring"
    first, second = answer.out.splitlines()
    assert first == f"0 phrases; 40 words became 40, written to {joined}"
    assert second == f"{said} npmi"
    answer = run("phrases", text, "-o", joined, "--scoring", "npmi", "--threshold", 0.9)
    assert answer.out.splitlines()[1].startswith("no pair scores above 0.9: the highest score is 0")
    assert answer.out.endswith("; lower --threshold\n")
    answer = run("phrases", text, "-o", joined, "--min-count", 11)
    assert answer.out.splitlines()[1] == "no pair of words occurs 11 times; lower --min-count"
    answer = run("phrases", text, "-o", joined, "--json")
    assert json.loads(answer.out)["highest_score"] == 0.05


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--min-count", 0], 2, ("--min-count is 0; it must be", "a whole number", "at least 1")),
        (["--passes", 0], 2, ("--passes is 0", "a whole number", "at least 1")),
        (["--threshold", -1], 2, ("--threshold is -1.0; with --scoring default",)),
        (
            ["--scoring", "npmi", "--threshold", 2],
            2,
            ("with --scoring npmi it must be from -1 to 1",),
        ),
        (["--scoring", "pmi"], 2, ("pmi",)),
    ],
)
def test_bad_options_of_phrases(
    run: Run, planted_text: Path, tmp_path: Path, flags: list[Any], code: int, said: tuple[str, ...]
) -> None:
    answer = run("phrases", planted_text, "-o", tmp_path / "joined.txt", *flags)
    assert_one_line(answer, code, *said)
    assert list(tmp_path.iterdir()) == []


def test_phrases_does_not_overwrite_its_corpus(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    before = planted_text.read_bytes()
    for flags in (
        ["-o", planted_text],
        ["-o", tmp_path / "a", "--phrases", planted_text],
        ["-o", "x", "--phrases", "./x"],
    ):
        answer = run("phrases", planted_text, *flags)
        assert_one_line(answer, 2, "must be different files; choose another path")
    assert_one_line(run("phrases", "-o", tmp_path / "joined.txt"), 2, "CORPUS is missing")
    assert planted_text.read_bytes() == before
