"""TensorBoard's projector: a directory for `tensorboard --logdir DIRECTORY`.

    vectors.tsv                a line for each word: its d numbers between tabs
    metadata.tsv               with counts: a header "word <tab> count", then word <tab> count;
                               without: the words, no header
    projector_config.pbtxt     tells TensorBoard the names of the two tables

projector.tensorflow.org reads the two tables. They have no quoting, and blank lines are ignored, so
a word must not be empty, contain a tab or a line end, or begin or end with white space.

Tables of other programs may have a byte order mark, line ends of any system and other columns. The
words are in the column "word", "words", "label", "token" or "name", in any case, or else in the
first one that is not of numbers or ids; the counts are in "count" or "counts". As in TensorBoard, a
table of one column has no header, and one of several columns needs one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.encodings import text_of
from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import finite_vectors, unfit
from skipgram.formats.text import NUMBER_SIZE, all_parse, numbers, why_wrong
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import DirectoryKind, check_directory
from skipgram.io.words import decoded
from skipgram.loading import USUAL, Loading
from skipgram.regular_files import read_regular

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

_VECTORS, _METADATA = "vectors.tsv", "metadata.tsv"
_CONFIG = "projector_config.pbtxt"
PROJECTOR_DIRECTORY = DirectoryKind(
    "TensorBoard directory",
    files=frozenset({_VECTORS, _METADATA, _CONFIG}),
    needed=frozenset({_VECTORS, _METADATA}),
    remedy="fix that table, or export the model again",
)
_HEADER = "word\tcount"
_WORDS = ("word", "words", "label", "token", "name")
_COUNTS = ("count", "counts")
_IDS = ("", "id", "ids", "index", "row", "rank")
"""Names of columns, in any case, in the order of preference."""

_CONFIG_TEXT = f"""embeddings {{
  tensor_name: "words"
  tensor_path: "{_VECTORS}"
  metadata_path: "{_METADATA}"
}}
"""


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the directory, complete or not at all.

    Raises:
        FormatError: a word does not fit into a line, its vector has numbers that are not finite, or
            there is no word.
        OutputError: the directory cannot be written, or holds something else; it is unchanged.
        ConfigError: the output vectors are needed but were not kept.
    """
    check_directory(path, PROJECTOR_DIRECTORY)
    vectors = finite_vectors(embeddings, which, "TensorBoard's tables", 1)
    lines = [_line(word) for word in embeddings.words]
    if embeddings.counts is not None:
        counts = embeddings.counts.tolist()
        lines = [f"{word}\t{count}" for word, count in zip(lines, counts, strict=True)]
        lines.insert(0, _HEADER)
    with replacing_directory(path, NUMBER_SIZE * vectors.size + sum(map(len, lines))) as new:
        with (new / _VECTORS).open("wb") as file:
            file.writelines(numbers(vector, "\t") + b"\n" for vector in vectors)
        metadata = "".join(f"{line}\n" for line in lines)
        (new / _METADATA).write_text(metadata, encoding="utf-8", newline="\n")
        (new / _CONFIG).write_text(_CONFIG_TEXT)


def _line(word: str) -> str:
    utf8(word)
    if not word or word != word.strip() or any(character in word for character in "\t\n\r"):
        raise unfit(
            word,
            "is empty, contains a tab or line end, or begins or ends with white space, "
            "which TensorBoard's tables cannot hold",
        )
    return word


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files is one for TensorBoard."""
    return _VECTORS in names


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read such a directory, or another with these two tables; other metadata is ignored.

    Raises:
        FormatError: a file is missing, damaged or does not match the other; the message names it.
    """
    folder = Path(path)
    vectors = _read_vectors(folder / _VECTORS)
    metadata = folder / _METADATA
    try:
        words, counts = _metadata(_lines(metadata, loading), len(vectors))
    except (OSError, ValueError) as error:
        raise PROJECTOR_DIRECTORY.damaged(metadata, error) from error
    return embeddings_of(words, vectors, path, loading, counts)


def _lines(path: Path, loading: Loading = USUAL) -> list[str]:
    """Return the lines of a table that are not blank, without their ends of any system."""
    # The bytes of words that are not UTF-8 are kept for `decoded`, which the options belong to.
    text = text_of(read_regular(path), "surrogateescape")
    lines = [line.encode("utf-8", "surrogateescape") for line in text.split("\n")]
    return [line for line in decoded(lines, path, errors=loading.unicode_errors) if line.strip()]


def _read_vectors(path: Path) -> NDArray[np.float32]:
    try:
        content = read_regular(path)
        if content and not content.endswith((b"\n", b"\r")):
            raise PROJECTOR_DIRECTORY.damaged(
                path, "its last line has no line end, so it may be cut off"
            )
        lines = _lines(path)
        if not lines:
            return np.empty((0, 1), np.float32)
    except (OSError, ValueError) as error:
        raise PROJECTOR_DIRECTORY.damaged(path, error) from error
    try:
        return np.loadtxt(lines, np.float32, comments=None, delimiter="\t", ndmin=2)
    except ValueError as error:
        raise PROJECTOR_DIRECTORY.damaged(path, _bad_row(lines) or error) from error


def _bad_row(lines: Sequence[str]) -> str | None:
    """Return which row is damaged, and how."""
    rows = [line.encode().split(b"\t") for line in lines]
    size = len(rows[0])
    bad = next((n for n, row in enumerate(rows) if len(row) != size or not all_parse(row)), None)
    return None if bad is None else f"row {bad + 1} {why_wrong(rows[bad], size, True)}"


def _metadata(lines: Sequence[str], rows: int) -> tuple[list[str], list[int] | None]:
    """Return the words and the counts.

    As in TensorBoard, one column has no header, and several columns have one.

    Raises:
        ValueError: the number of lines or columns is wrong, or a count is not a whole number.
    """
    names, *table = (line.split("\t") for line in lines) if lines else [[""]]
    several = len(names) > 1
    if len(lines) != rows + several:
        expected = "a header and one line for each" if several else "one for each, without a header"
        raise ValueError(f"it has {len(lines)} lines for {rows} vectors; it must have {expected}")
    if not several:
        table = [line.split("\t") for line in lines]
    for number, row in enumerate(table, 1 + several):
        if len(row) != len(names):
            raise ValueError(f"line {number} has {len(row)} columns, the first {len(names)}")
    columns = [list(column) for column in zip(*table, strict=True)]
    if not several:
        return [*lines], None
    known = [name.strip().lower() for name in names]
    counted = next((known.index(name) for name in _COUNTS if name in known), None)
    counts = None if counted is None else [_count(value) for value in columns[counted]]
    return columns[_column_of_words(known, columns)], counts


def _column_of_words(names: Sequence[str], columns: Sequence[Sequence[str]]) -> int:
    """Return the column named after words, or else the first that holds neither ids nor counts."""
    for name in _WORDS:
        if name in names:
            return names.index(name)
    for place, column in enumerate(columns):
        if names[place] not in (*_IDS, *_COUNTS) and not all(map(str.isdecimal, column)):
            return place
    raise ValueError(f"no column holds words, only {', '.join(names)}; name one of them 'word'")


def _count(value: str) -> int:
    whole = value.strip().removesuffix(".0")  # pandas writes 5.0 if it lacks a count of a row
    if not whole.isdecimal():
        raise ValueError(f"the count {value!r} is not a whole number")
    return int(whole)
