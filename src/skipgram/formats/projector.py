"""TensorBoard's projector: a directory for `tensorboard --logdir DIRECTORY`; projector.tensorflow.org reads its two tables.

    vectors.tsv                a line for each word: its d numbers between tabs
    metadata.tsv               with counts: a header "word <tab> count", then word <tab> count; without: the words, no header
    projector_config.pbtxt     which names the two for TensorBoard

The tables know no quotes, and lines of white space count for nothing: a word must not be empty, hold a tab or a line end, or
begin or end with white space.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.formats.files import numbered, unfit
from skipgram.formats.text import NUMBER_SIZE, numbers
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import DirectoryKind, check_directory

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from skipgram.embeddings import Which

_VECTORS, _METADATA, _CONFIG = "vectors.tsv", "metadata.tsv", "projector_config.pbtxt"
PROJECTOR = DirectoryKind(
    "directory for TensorBoard",
    frozenset({_VECTORS, _METADATA, _CONFIG}),
    frozenset({_VECTORS, _METADATA}),
)
_HEADER = "word\tcount"
_LINE_ENDS = "\n\r"


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the directory, whole or not at all.

    Raises:
        FormatError: a word does not fit into a line, its vector holds numbers that are not finite, or there is no word.
        OutputError: the directory cannot be written, or holds something else; it is then left as it was.
        ConfigError: the vectors asked for were not kept.
    """
    check_directory(path, PROJECTOR)
    vectors, lines = (
        numbered(embeddings, which, "TensorBoard's tables", 1),
        [_line(word) for word in embeddings.words],
    )
    if embeddings.counts is not None:
        lines = [
            _HEADER,
            *(
                f"{word}\t{count}"
                for word, count in zip(lines, embeddings.counts.tolist(), strict=True)
            ),
        ]
    with replacing_directory(path, NUMBER_SIZE * vectors.size + sum(map(len, lines))) as new:
        with (new / _VECTORS).open("wb") as file:
            file.writelines(numbers(vector, "\t") + b"\n" for vector in vectors)
        (new / _METADATA).write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n"
        )
        (new / _CONFIG).write_text(
            f'embeddings {{\n  tensor_name: "words"\n  tensor_path: "{_VECTORS}"\n  metadata_path: "{_METADATA}"\n}}\n'
        )


def _line(word: str) -> str:
    utf8(word)
    if (
        not word
        or word != word.strip()
        or any(character in word for character in ("\t", *_LINE_ENDS))
    ):
        raise unfit(
            word,
            "is empty, holds a tab or line end, or begins or ends with white space: it fits no line of TensorBoard's tables",
        )
    return word


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files is one for TensorBoard."""
    return _VECTORS in names


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read such a directory, or any other with these two tables; of further columns of metadata.tsv none is taken.

    Raises:
        FormatError: a file is missing, damaged or at odds with the other; it is named.
    """
    folder = Path(path)
    try:
        lines = (folder / _VECTORS).read_text("utf-8").splitlines(keepends=True)
        vectors = (
            np.loadtxt(lines, np.float32, comments=None, delimiter="\t", ndmin=2)
            if lines
            else np.empty((0, 1))
        )
        if lines and not lines[-1].endswith("\n"):
            raise PROJECTOR.damaged(folder / _VECTORS, "its last line has no end")
    except (OSError, ValueError) as error:
        raise PROJECTOR.damaged(folder / _VECTORS, error) from error
    try:
        lines = (folder / _METADATA).read_bytes().decode().split("\n")
        words, counts = _metadata(lines[:-1] if lines[-1] == "" else lines, len(vectors))
        return Embeddings(words, vectors, counts=counts)
    except (OSError, LookupError, ValueError, ConfigError) as error:
        raise PROJECTOR.damaged(folder / _METADATA, error) from error


def _metadata(lines: Sequence[str], rows: int) -> tuple[list[str], list[int] | None]:
    """Return the words and the counts; a header is known by its being one line more than there are vectors."""
    if len(lines) == rows and (not lines or "\t" not in lines[0]):
        return list(lines), None
    if len(lines) != rows + 1:
        raise ConfigError(f"it has {len(lines)} lines for {rows} vectors")
    names, *table = (line.split("\t") for line in lines)
    words = [row[names.index("word") if "word" in names else 0] for row in table]
    return words, [int(row[names.index("count")]) for row in table] if "count" in names else None
