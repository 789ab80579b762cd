"""Labels of the columns of tables: strings, or numbers as data frames without a header have."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Number


def as_label(value: object) -> object:
    """Return a number as the string that names the same column, and anything else unchanged."""
    is_number = isinstance(value, Number) and not isinstance(value, bool)
    return str(value) if is_number else value


def labels_of(label: str, labels: Sequence[Hashable]) -> list[Hashable]:
    """Return the labels that a string names: those equal to it, or else numbers written as it."""
    if label in labels:
        return [each for each in labels if each == label]
    return [each for each in labels if as_label(each) == label]
