"""The kinds of directory that skipgram writes, and what it may replace.

Each module that writes one describes its layout: `corpus.stored`, `model_directory`, and
`arrays`, `projector` and `usearch` in `formats`.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from skipgram.errors import FormatError, OutputError
from skipgram.io.atomic import explained, target_of
from skipgram.io.leftovers import LONGEST_NAME, remedy_for
from skipgram.io.objects import parse_object
from skipgram.regular_files import read_whole

VOCABULARY = "vocabulary.tsv"
"""The words of a directory of any kind (io/word_list.py)."""

IDS, OFFSETS = "ids.int32", "offsets.int64"
DESCRIPTION = "corpus.json"
"""Files of an encoded corpus; the description is written only when the corpus is saved."""

INPUT, OUTPUT = "model.safetensors", "output.safetensors"
TRAINING, TOKENIZER = "training.json", "tokenizer.json"
CONFIG, MODULES = "config.json", "modules.json"
LOG = "training.jsonl"
"""Files of a model. The log of its training is added after it is saved."""


_LIMITS = ("NAME", "PATH")
_LONGEST_INSIDE = 30
"""Bytes of the names of files in any directory that skipgram writes."""


class DirectoryKind(NamedTuple):
    """A kind of directory that is written as a whole.

    Attributes:
        name: as shown in messages.
        files: the names of all files that it may hold.
        needed: those without which a directory is not of this kind.
        remedy: what to do if such a directory is damaged.
        alternative: what can be written instead of a directory, for messages.
    """

    name: str
    files: frozenset[str]
    needed: frozenset[str]
    remedy: str = "check the path, or export the model again"
    alternative: str = ""

    def damaged(self, path: Path, reason: object) -> FormatError:
        """Return the error for a damaged file of such a directory.

        A system error may name another file of the directory, which is then the damaged one.
        """
        if isinstance(reason, OSError):  # its text would name the file again
            if isinstance(reason.filename, str) and Path(reason.filename).parent == path.parent:
                path = Path(reason.filename)
            reason = reason.strerror or reason
        return FormatError(
            f"cannot read {path}, part of a skipgram {self.name}: {reason!s:.300}; "
            f"{remedy_for(path, self.remedy)}"
        )

    def read_object(self, path: Path) -> dict[str, Any]:
        """Return the JSON object in a file of such a directory.

        Raises:
            FormatError: the file cannot be read, or holds something else.
        """
        try:
            return parse_object(read_whole(path).decode())
        except (OSError, ValueError) as error:
            raise self.damaged(path, error) from error


CORPUS_DIRECTORY = DirectoryKind(
    "encoded corpus",
    files=frozenset({IDS, OFFSETS, VOCABULARY, DESCRIPTION}),
    needed=frozenset({DESCRIPTION}),
    remedy="encode the text again",
)
MODEL_DIRECTORY = DirectoryKind(
    "model",
    files=frozenset({INPUT, OUTPUT, VOCABULARY, TRAINING, LOG, TOKENIZER, CONFIG, MODULES}),
    needed=frozenset({INPUT, TRAINING}),
    remedy="give the directory of a complete model",
    alternative=", or a name that ends in .safetensors",
)


def is_encoded(path: str | os.PathLike[str]) -> bool:
    """Whether a directory holds a saved encoded corpus."""
    with contextlib.suppress(OSError, ValueError):
        return Path(path, DESCRIPTION).is_file() and Path(path, IDS).is_file()
    return False


def check_directory(
    directory: str | os.PathLike[str], kind: DirectoryKind, *, over_file: bool = False
) -> None:
    """Check, before any work is done, that a directory can be written.

    It may be missing (its parents are created), empty, or of the same kind, and is then replaced.
    Nothing else is ever deleted. `over_file` is for a file that takes the place of a directory: a
    file is no error.

    Raises:
        OutputError: the path is a file or a mount point, holds a file that is not part of this
            kind, or its parent is not writable.
    """
    target = target_of(directory)
    try:
        if target.is_dir() or (target.exists() and not over_file):
            _check_replaceable(target, kind)
    except OSError as error:
        raise explained(target, 0, error) from error
    check_writable(target, directory)


def check_writable(target: Path, path: str | os.PathLike[str]) -> None:
    """Check, before any work is done, that something can be written.

    Args:
        target: the path to write, as `target_of` returns it.
        path: the path as it was given.

    Raises:
        OutputError: a name is too long, or the folder is a file or not writable.
    """
    try:
        folder = next(each for each in target.parents if each.exists())
        _check_lengths(target, folder)
    except OSError as error:
        raise explained(target, 0, error) from error
    if not folder.is_dir():
        raise OutputError(
            f"cannot write {path}: {folder} is a file, not a directory; choose another path"
        )
    if os.access(folder, os.W_OK | os.X_OK):
        return
    if hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise OutputError(
            f"cannot write {path}: {folder} is on a read-only file system; choose another path"
        )
    raise OutputError(
        f"cannot write {path}: no permission to write in {folder}; grant it, or choose another path"
    )


def _check_lengths(target: Path, folder: Path) -> None:
    """Raise an OSError if a name, or a path of a temporary file, is too long for a folder."""
    if not hasattr(os, "pathconf"):
        return
    longest_name, longest_path = (os.pathconf(folder, f"PC_{each}_MAX") for each in _LIMITS)
    names = [len(os.fsencode(name)) for name in target.relative_to(folder).parts]
    length = len(os.fsencode(target.parent)) + LONGEST_NAME + _LONGEST_INSIDE
    if max(names) > longest_name or length >= longest_path:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def _check_replaceable(target: Path, kind: DirectoryKind) -> None:
    if not target.is_dir():
        raise OutputError(
            f"cannot write a skipgram {kind.name} to {target}: it is a file; "
            f"choose a directory{kind.alternative}"
        )
    if os.path.ismount(target):
        raise OutputError(
            f"cannot replace {target}: it is a mount point; choose a directory inside it"
        )
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot replace {target}: it is not writable; "
            "grant write permission, or choose another path"
        )
    held = {path.name for path in target.iterdir()}
    if foreign := sorted(held - kind.files):
        raise OutputError(
            f"will not replace {target}: it holds {foreign[0]!r}, which is not part of a skipgram "
            f"{kind.name}; move that file, or choose a new or empty directory"
        )
    missing = " and ".join(sorted(kind.needed - held))
    if held and missing:
        raise OutputError(
            f"will not replace {target}: it does not contain {missing}, "
            f"so it is not a skipgram {kind.name}; choose a new or empty directory"
        )


_COMPRESSED = {".gz", ".bz2", ".xz", ".zst", ".zip", ".tgz", ".7z", ".lz4"}
"""Ends of names that promise compressed content."""


def check_text_target(path: str | os.PathLike[str]) -> None:
    """Check, before any work is done, that a text file can be written and replaces only text.

    Raises:
        OutputError: the path is a directory, holds NUL bytes, is inside an encoded corpus or a
            model, promises a compression other than gzip, or its folder is not writable.
    """
    target = target_of(path)
    if target.suffix.lower() in _COMPRESSED and target.suffix != ".gz":
        raise OutputError(
            f"cannot write {path}: text is not compressed as {target.suffix}, only as .gz; choose "
            "another name"
        )
    try:
        if target.exists():
            _check_text(target, path)
    except OSError as error:
        raise explained(target, 0, error) from error
    if any((target.parent / name).exists() for name in (DESCRIPTION, TRAINING)):
        raise OutputError(
            f"cannot write {path}: {target.parent} is a corpus or a model; choose another path"
        )
    check_writable(target, path)


def _check_text(target: Path, path: str | os.PathLike[str]) -> None:
    if not target.is_file():
        raise OutputError(f"cannot write {path}: it is not a regular file; give the name of a file")
    try:
        with (gzip.open if target.suffix == ".gz" else open)(target, "rb") as file:
            is_text = b"\0" not in file.read(1 << 16)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        is_text = False
    if not is_text:
        raise OutputError(f"will not replace {path}: it is not a text file; choose another path")
