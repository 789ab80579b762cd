"""One training step as a page of text."""

from __future__ import annotations

import pytest

from skipgram.cli.explain_view import show
from skipgram.explanation import explain

SENTENCE = ["the", "cat", "sat", "on", "the", "mat"]


def test_steps_of_negative_sampling(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explain(SENTENCE, "sat")
    show(explanation)
    page = capsys.readouterr().out.splitlines()
    assert page[0] == "sentence    the cat sat on the mat"
    assert page[2] == "pairs       (sat, cat), (sat, on)"
    assert "   x = [0, 0, 1, 0, 0]" in page
    headings = [line.split() for line in page if line.startswith(" word")]
    assert headings[0] == ["word", "times", "label", "score", "sigma", "error"]
    assert len([line for line in page if line.startswith(" cat")]) == 2 * sum(
        row.word == "cat" for row in explanation.rows
    )
    before, after = f"{explanation.loss:.4f}", f"{explanation.loss_after:.4f}"
    assert page[-1] == f"6. Loss of the same pairs: {before} before, {after} after the step"


def test_steps_of_full_softmax(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explain(SENTENCE, "sat", objective="softmax")
    show(explanation)
    page = capsys.readouterr().out
    assert f"z = {explanation.loss:.4f}, with n = 2 pairs\n" in page
    headings = [line.split() for line in page.splitlines() if line.startswith(" word")]
    assert headings[0] == ["word", "times", "score", "softmax", "error"]
    for word in explanation.vocabulary:
        assert f"\n {word} " in page
