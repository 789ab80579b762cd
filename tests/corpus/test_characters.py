"""The table of Unicode says what Python says."""

from __future__ import annotations

import unicodedata

import numpy as np

from skipgram.corpus.characters import characters
from skipgram.kernels import clean


def test_kinds_and_small_letters_are_those_of_python() -> None:
    table = characters()
    codes = np.arange(0x30000)
    entries = table.entries.reshape(-1, 256)[table.pages[codes >> 8], codes & 255].astype(int)
    kinds = entries >> clean.KIND_SHIFT
    written = (codes + entries) & clean.CODE_MASK
    for code in codes.tolist():
        category = unicodedata.category(chr(code))
        assert (kinds[code] == clean.LETTER) == (category[0] == "L")
        if category[0] == "L":
            assert chr(written[code]) == chr(code).lower()[0]


def test_the_table_is_small() -> None:
    table = characters()
    assert len(table.pages) == 0x1100 and len(table.entries) < 60_000
