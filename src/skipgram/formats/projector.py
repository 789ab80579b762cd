"""TensorBoard's projector: a directory for `tensorboard --logdir DIRECTORY`.

    vectors.tsv                a line for each word: its d numbers between tabs
    metadata.tsv               with counts: a header "word <tab> count", then word <tab> count;
                               without: the words, no header
    projector_config.pbtxt     tells TensorBoard the names of the two tables

projector.tensorflow.org reads the two tables. They have no quoting, and blank lines are ignored, so
a word must not be empty, contain a tab or a line end, or begin or end with white space.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.formats.files import finite_vectors, unfit
from skipgram.formats.text import NUMBER_SIZE, numbers
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import DirectoryKind, check_directory

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skipgram.embeddings import Which

_VECTORS, _METADATA = "vectors.tsv", "metadata.tsv"
_CONFIG = "projector_config.pbtxt"
PROJECTOR_DIRECTORY = DirectoryKind(
    "TensorBoard directory",
    files=frozenset({_VECTORS, _METADATA, _CONFIG}),
    needed=frozenset({_VECTORS, _METADATA}),
)
_HEADER = "word\tcount"
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


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read such a directory, or another with these two tables; other metadata is ignored.

    Raises:
        FormatError: a file is missing, damaged or does not match the other; the message names it.
    """
    folder = Path(path)
    vectors = _read_vectors(folder / _VECTORS)
    try:
        lines = (folder / _METADATA).read_bytes().decode().split("\n")
        words, counts = _metadata(lines[:-1] if lines[-1] == "" else lines, len(vectors))
        return Embeddings(words, vectors, counts=counts)
    except (OSError, LookupError, ValueError, ConfigError) as error:
        raise PROJECTOR_DIRECTORY.damaged(folder / _METADATA, error) from error


def _read_vectors(path: Path) -> NDArray[np.float32]:
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        if not lines:
            return np.empty((0, 1), np.float32)
        if not lines[-1].endswith("\n"):
            raise PROJECTOR_DIRECTORY.damaged(
                path, "its last line has no line end, so it may be cut off"
            )
        return np.loadtxt(lines, np.float32, comments=None, delimiter="\t", ndmin=2)
    except (OSError, ValueError) as error:
        raise PROJECTOR_DIRECTORY.damaged(path, error) from error


def _metadata(lines: Sequence[str], rows: int) -> tuple[list[str], list[int] | None]:
    """Return the words and the counts; a header is one line more than there are vectors."""
    if len(lines) == rows and (not lines or "\t" not in lines[0]):
        return list(lines), None
    if len(lines) != rows + 1:
        raise ConfigError(f"it has {len(lines)} lines for {rows} vectors")
    names, *table = (line.split("\t") for line in lines)
    words = [row[names.index("word") if "word" in names else 0] for row in table]
    return words, [int(row[names.index("count")]) for row in table] if "count" in names else None
