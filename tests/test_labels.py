"""Columns are named by strings, or by labels that are written as strings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError
from skipgram.labels import as_label, labels_of


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, "0"),
        (np.int64(3), "3"),
        (1.5, "1.5"),
        (("a", "b"), "('a', 'b')"),
        (pd.Timestamp("2026-01-31"), "2026-01-31 00:00:00"),
        ("0", "0"),
        (b"caf\xc3\xa9", "café"),
        (b"\xff", r"\xff"),
        (None, None),
        (True, True),
    ],
)
def test_a_label_becomes_a_string(value: object, label: object) -> None:
    found = as_label(value)
    assert found == label
    assert type(found) is type(label)


def test_strings_come_before_numbers() -> None:
    assert labels_of("0", [0, 1]) == [0]
    assert labels_of("0", [0, "0"]) == ["0"]
    assert labels_of("0", ["0", "0"]) == ["0", "0"]
    assert labels_of("2", [0, (2,), None, True]) == []
    assert labels_of("3", list(np.arange(5))) == [3]


def test_options_take_numbers() -> None:
    config = CorpusConfig(column=0, group_by=1, order_by=np.int64(2))  # type: ignore[arg-type]
    assert (config.column, config.group_by, config.order_by) == ("0", "1", "2")
    with pytest.raises(ConfigError, match="column is True; it must be a string"):
        CorpusConfig(column=True)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="must name different columns"):
        CorpusConfig(column=0, group_by="0")  # type: ignore[arg-type]
