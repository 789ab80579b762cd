"""vocabulary.tsv: the words of a model or an encoded corpus, in the order of their ids.

A header, then one line a word: word <tab> count (no second column if counts are unknown). Words are
quoted where necessary, as Python's csv module does. Tables that another program has saved again are
read too: with a byte order mark, the line ends of any system, and a header in any case.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skipgram.io.blocks import BYTE_ORDER_MARK
from skipgram.io.directories import DirectoryKind
from skipgram.io.words import decoded
from skipgram.loading import Loading
from skipgram.regular_files import read_regular

_LONGEST_WORD = 2**31 - 1  # by default, csv rejects fields over 131,072 characters


def save_words(path: Path, words: Sequence[str], counts: NDArray[np.int64] | None) -> None:
    """Write words, and their counts if they are known."""
    with path.open("w", encoding="utf-8", newline="") as file:
        plain = csv.writer(file, "excel-tab", lineterminator="\n")
        quoted = csv.writer(file, "excel-tab", lineterminator="\n", quoting=csv.QUOTE_ALL)
        if counts is None:
            plain.writerow(["word"])
            rows = ([word] for word in words)
        else:
            plain.writerow(["word", "count"])
            rows = ([word, str(count)] for word, count in zip(words, counts.tolist(), strict=True))
        for row in rows:
            # Python up to 3.12 does not quote a lone carriage return, and then cannot read it.
            (quoted if "\r" in row[0] else plain).writerow(row)


def load_words(
    path: Path, kind: DirectoryKind, loading: Loading | None = None
) -> tuple[list[str], NDArray[np.int64] | None]:
    """Read the words in a directory of this kind, and their counts if it holds them.

    Args:
        path: the file.
        kind: the kind of directory.
        loading: how to read words that are not UTF-8. They may be repeated then; otherwise all
            have to be distinct and in UTF-8.

    Raises:
        FormatError: the file is missing or damaged.
    """
    limit = csv.field_size_limit(_LONGEST_WORD)
    try:
        content = read_regular(path).removeprefix(BYTE_ORDER_MARK)
        if loading is None:
            text = content.decode()
        else:
            lines = decoded(content.split(b"\n"), path, errors=loading.unicode_errors)
            text = "\n".join(lines)
        if text and not text.endswith(("\n", "\r")):
            raise kind.damaged(path, "its last line has no line end, so it may be cut off")
        words, counts = _parse(text)
    except (OSError, ValueError, OverflowError, csv.Error) as error:
        raise kind.damaged(path, error) from error
    finally:
        csv.field_size_limit(limit)
    if loading is None and len(set(words)) != len(words):
        raise kind.damaged(path, f"only {len(set(words))} of its {len(words)} words are distinct")
    return words, counts


def _parse(text: str) -> tuple[list[str], NDArray[np.int64] | None]:
    """Return words and counts; ValueError if the table has other columns."""
    lines = csv.reader(io.StringIO(text, newline=""), "excel-tab", strict=True)
    header = [name.strip().lower() for name in next(lines, [])]
    rows = [row for row in lines if row]
    if header == ["word"]:
        return [word for (word,) in rows], None
    if header != ["word", "count"]:
        raise ValueError(f"the header is {header!s:.80}, not word and count")
    counts = np.array([int(count) for _, count in rows], np.int64)
    return [word for word, _ in rows], counts
