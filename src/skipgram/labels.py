"""Labels of the columns of tables: strings, numbers, dates, bytes, or tuples of them.

Data frames without a header have numbers, pivoted ones dates, those of other formats bytes, and
those with several levels tuples.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from numbers import Number


def as_label(value: object) -> object:
    """Return another label than a string as the string that names the same column.

    Anything that is no label is returned unchanged.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    is_label = isinstance(value, Number | date | tuple) and not isinstance(value, bool)
    return str(value) if is_label else value


def labels_of(label: str, labels: Sequence[Hashable]) -> list[Hashable]:
    """Return the labels that a string names: those equal to it, or else others written so."""
    if label in labels:
        return [each for each in labels if each == label]
    return [each for each in labels if as_label(each) == label]
