"""Evaluation sets score as in gensim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import WORDS

from skipgram.errors import FormatError
from skipgram.gensim.evaluation import EvaluatedWords


@pytest.mark.parametrize(
    "options", [{}, {"case_insensitive": False}, {"dummy4unknown": True}, {"restrict_vocab": 20}]
)
def test_sets_score_as_in_gensim(
    ours: Any, theirs: Any, tmp_path: Path, options: dict[str, Any]
) -> None:
    pairs, analogies = tmp_path / "pairs.tsv", tmp_path / "analogies.txt"
    scored = [f"{a}\t{b}\t{n}" for n, (a, b) in enumerate(zip(WORDS, WORDS[5:60], strict=False))]
    pairs.write_text("# pairs\n" + "\n".join([*scored, "king\tnowhere\t3"]) + "\n")
    predicted = ours.most_similar(["queen", "man"], ["king"], topn=1)[0][0]
    analogies.write_text(
        f": royal\nking queen man woman\nking queen man {predicted}\nno\n"
        ": other\nw1 w2 w3 w4\nking queen man nowhere\n"
    )
    mine, expected = (wv.evaluate_word_pairs(str(pairs), **options) for wv in (ours, theirs))
    for mine_part, expected_part in zip(mine, expected, strict=True):
        np.testing.assert_allclose(mine_part, expected_part, rtol=1e-5, atol=1e-6)
    assert ours.evaluate_word_analogies(
        str(analogies), **options
    ) == theirs.evaluate_word_analogies(str(analogies), **options)


@pytest.mark.parametrize("options", [{}, {"dummy4unknown": True}])
@pytest.mark.parametrize("line", ["word1\tword2\tscore", "king\tw1\tNA", "king\tw1\t", "king\tw1"])
def test_lines_without_a_score_are_skipped_as_in_gensim(
    ours: Any,
    theirs: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    line: str,
    options: dict[str, Any],
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(f"{line}\nking\tqueen\t9\nman\tnowhere\t4\nman\twoman\t7\nw1\tw2\t1\n")
    with caplog.at_level("INFO", "skipgram.gensim"):
        mine = ours.evaluate_word_pairs(pairs, **options)
    for part, expected in zip(mine, theirs.evaluate_word_pairs(pairs, **options), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-5, atol=1e-6)
    assert [record.getMessage() for record in caplog.records] == [
        f"skipped a line without two words and a score: {line!r}"
    ]


def test_a_score_that_is_not_finite_is_skipped(ours: Any, tmp_path: Path) -> None:
    scored = "king\tqueen\t9\nman\twoman\t7\nw1\tw2\t1\n"
    (tmp_path / "plain").write_text(scored)
    (tmp_path / "odd").write_text(f"{scored}king\tw1\tnan\nking\tw2\tinf\n")
    assert ours.evaluate_word_pairs(tmp_path / "odd") == ours.evaluate_word_pairs(
        tmp_path / "plain"
    )


def test_of_words_that_differ_in_case_the_most_frequent_counts() -> None:
    words = ["Paris", "paris", "Rome"]
    assert EvaluatedWords(words, case_insensitive=True).rows == {"PARIS": 0, "ROME": 2}
    assert EvaluatedWords(words, case_insensitive=False).rows == {"Paris": 0, "paris": 1, "Rome": 2}


def test_bad_sets_are_rejected(ours: Any, tmp_path: Path) -> None:
    (tmp_path / "word").write_text("word\n")
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    calls: list[tuple[Any, type[Exception], str]] = [
        (
            lambda: ours.evaluate_word_pairs(tmp_path / "word"),
            ValueError,
            "fewer than two pairs",
        ),
        (
            lambda: ours.evaluate_word_pairs(tmp_path / "latin"),
            FormatError,
            "cannot read .*latin: .*check the path and the encoding of the file",
        ),
        (
            lambda: ours.evaluate_word_analogies(tmp_path / "word"),
            FormatError,
            "the line 'word' comes before the first ': section' line",
        ),
        (
            lambda: ours.evaluate_word_pairs(tmp_path / "nowhere"),
            FileNotFoundError,
            "there is no file or directory",
        ),
    ]
    for call, kind, message in calls:
        with pytest.raises(kind, match=message):
            call()
