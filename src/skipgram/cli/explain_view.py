"""One training step as a page of text."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from skipgram.cli.terminal import page
from skipgram.explanation import Explanation, Row

SOFTMAX = """
2. Scores z = W' h and probabilities softmax(z) of every word of the vocabulary
3. Loss L = n log sum exp(z) - sum of the context words' z = {loss:.4f}, with n = {pairs} pairs
4. Errors dL/dz = n softmax(z) - times; gradients dL/du = error x h; steps u - alpha dL/du"""

NEGATIVE = """
2. Scores u . h and sigma(u . h) of the context words (label 1) and the negative samples (label 0)
3. Loss L = - sum log sigma(u . h) over label 1 - sum log sigma(-u . h) over label 0 = {loss:.4f}
4. Errors times (sigma(u . h) - label); gradients dL/du = error x h; steps u - alpha dL/du"""


def show(explanation: Explanation) -> None:
    """Print every step of the update, in the order in which it is computed."""
    with page() as console:
        _print(console, explanation)


def _print(console: Console, explanation: Explanation) -> None:
    e = explanation
    softmax = e.objective == "softmax"
    steps = (SOFTMAX if softmax else NEGATIVE).format(loss=e.loss, pairs=len(e.pairs))
    console.print(f"sentence    {' '.join(e.sentence)}")
    console.print(f"vocabulary  {', '.join(e.vocabulary)}")
    console.print(f"pairs       {', '.join(f'({a}, {b})' for a, b in e.pairs)}")
    console.print("\n1. The centre word as a one-hot vector x selects its row of W: h = W^T x")
    console.print(f"   x = {e.one_hot}")
    console.print(f"   h = {_numbers(e.h)}")
    console.print(steps)
    console.print(_numbers_table(e.rows, softmax))
    console.print(_vectors_table(e.rows))
    console.print(f"5. dL/dh = sum of error x u = {_numbers(e.gradient_h)}")
    console.print(f"   h before {_numbers(e.h)}")
    console.print(f"   h after  {_numbers(e.h_after)}   (h - alpha dL/dh, alpha = {e.alpha})")
    console.print(
        f"6. Loss of the same pairs: {e.loss:.4f} before, {e.loss_after:.4f} after the step"
    )


def _numbers_table(rows: list[Row], softmax: bool) -> Table:
    probability = ["softmax"] if softmax else ["label", "sigma"]
    table = _table("word", "times", *probability[:-1], "score", probability[-1], "error")
    for row in rows:
        label = [] if row.label is None else [f"{row.label:.0f}"]
        numbers = [f"{number:.4f}" for number in (row.score, row.probability, row.error)]
        table.add_row(row.word, f"{row.times:.0f}", *label, *numbers)
    return table


def _vectors_table(rows: list[Row]) -> Table:
    table = _table("word", "u before", "dL/du", "u after")
    for row in rows:
        table.add_row(row.word, *map(_numbers, (row.before, row.gradient, row.after)))
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1))
    for name in names:
        table.add_column(name, justify="left" if name == "word" else "right", no_wrap=True)
    return table


def _numbers(vector: list[float]) -> str:
    return "[" + ", ".join(f"{number:.3f}" for number in vector) + "]"
