from __future__ import annotations

import pytest

from skipgram.errors import FormatError, UnknownKeyError
from skipgram.io.words import decoded


def test_words_are_decoded_and_the_bad_row_is_named() -> None:
    assert decoded([b"a", "é".encode()], "file") == ["a", "é"]
    assert decoded([b"a\nb", b"c"], "file") == ["a\nb", "c"]
    assert decoded([], "file") == []
    assert decoded([b"caf\xe9"], "file", "latin-1") == ["café"]
    assert decoded([b"caf\xe9", b"x"], "file", errors="ignore") == ["caf", "x"]
    with pytest.raises(FormatError, match="file: row 2 has a word that is not UTF-8"):
        decoded([b"x", b"caf\xe9"], "file")
    with pytest.raises(UnknownKeyError, match="unknown encoding: klingon; give an encoding"):
        decoded([b"x"], "file", "klingon")
