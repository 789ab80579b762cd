"""One update as a page of text."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from skipgram.explain import Explanation, Row

WIDTH = 100_000


def show(explanation: Explanation) -> None:
    """Print every step of the update, in the order in which it is computed."""
    # As wide as the content: a pipe is no reason to cut it. A sentence is no markup.
    e, console = (
        explanation,
        Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=WIDTH),
    )
    softmax = e.objective == "softmax"
    console.print(f"sentence    {' '.join(e.sentence)}")
    console.print(f"vocabulary  {', '.join(e.vocabulary)}")
    console.print(
        f"pairs       {', '.join(f'({center}, {context})' for center, context in e.pairs)}"
    )
    console.print(
        f"\n1. The centre as a one-hot vector x picks its row of the input matrix W: h = W^T x\n   x = {e.one_hot}"
    )
    console.print(f"   h = {_numbers(e.h)}")
    if softmax:
        console.print(
            "\n2. Scores z = W' h and probabilities softmax(z), of every word of the vocabulary"
        )
        console.print(
            f"3. Loss L = n log sum exp(z) - sum of the contexts' z = {e.loss:.4f}, with n = {len(e.pairs)} pairs"
        )
        console.print(
            "4. Errors dL/dz = n softmax(z) - times; gradients dL/du = error x h; steps u - alpha dL/du"
        )
    else:
        console.print(
            "\n2. Scores u . h and sigma(u . h), of the context words (label 1) and of the negatives drawn (label 0)"
        )
        console.print(
            f"3. Loss L = - sum log sigma(u . h) over label 1 - sum log sigma(-u . h) over label 0 = {e.loss:.4f}"
        )
        console.print(
            "4. Errors times (sigma(u . h) - label); gradients dL/du = error x h; steps u - alpha dL/du"
        )
    console.print(_numbers_table(e.rows, softmax))
    console.print(_vectors_table(e.rows))
    console.print(f"5. dL/dh = sum of error x u = {_numbers(e.gradient_h)}")
    console.print(
        f"   h before {_numbers(e.h)}\n   h after  {_numbers(e.h_after)}   (h - alpha dL/dh, alpha = {e.alpha})"
    )
    console.print(
        f"6. Loss of the same pairs after the step: {e.loss_after:.4f}, before: {e.loss:.4f}"
    )


def _numbers_table(rows: list[Row], softmax: bool) -> Table:
    table = _table(
        "word",
        "times",
        *([] if softmax else ["label"]),
        "score",
        "softmax" if softmax else "sigma",
        "error",
    )
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
