"""What every writer needs: words as UTF-8, and files that appear whole or not at all.

A file or directory is written under a temporary name in the folder it is meant for, forced to the disk and then renamed, so
that whatever stops the writing (a full disk, Ctrl-C) leaves the old content as it was and nothing half-written beside it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from uuid import uuid4

from skipgram.errors import FormatError, OutputError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

# EFBIG: larger than the user's or the file system's limit for one file.
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def utf8(word: str) -> bytes:
    """The word as it stands in a file; FormatError for one that no UTF-8 file can hold."""
    try:
        return word.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"the word {word!r} has no UTF-8 form (a lone surrogate); rename or remove it, then save") from error


def target_of(path: str | os.PathLike[str]) -> Path:
    """The path of what is to be written, with no symbolic link in it.

    Raises:
        WrongTypeError: it is none.
        OutputError: it is empty.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(f"path={path!r:.80} is not allowed: it takes the name of what is to be written")
    if not os.fspath(path):
        raise OutputError("cannot write: the name of what is to be written is empty; give a name")
    return Path(os.path.realpath(path))


@contextmanager
def replacing_file(path: str | os.PathLike[str], size: int) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` once the block has ended without an error.

    Missing parent folders are created; a symbolic link is followed.

    Args:
        path: the file to write.
        size: the bytes it will hold, or nearly so, named when the disk is full.

    Raises:
        OutputError: it cannot be written; what stood there is untouched.
    """
    target = target_of(path)
    with _temporary(target, size) as temporary:
        if target.exists() and not target.is_file():
            raise OutputError(f"cannot write {path}: it is not a regular file; give the name of a file")
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)


def check_text_target(path: str | os.PathLike[str]) -> None:
    """Refuse, before any work is done, a text file that could not be written, or would replace what is no text.

    Raises:
        OutputError: it is a directory or holds NUL bytes, lies in what skipgram wrote, or its folder cannot be written.
    """
    target = target_of(path)
    try:
        if target.exists():
            if not target.is_file():
                raise OutputError(f"cannot write {path}: it is not a regular file; give the name of a file")
            with target.open("rb") as file:
                if b"\0" in file.read(1 << 16):
                    raise OutputError(f"will not replace {path}: it is no text file; give another name")
        ancestor = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise explained(target, 0, error) from error
    if any((target.parent / name).exists() for name in ("corpus.json", "training.json")):
        raise OutputError(f"cannot write {path}: {target.parent} holds a corpus or a model; give a name elsewhere")
    if not ancestor.is_dir() or not os.access(ancestor, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: {ancestor} may not be written in; give another place")


@contextmanager
def replacing_directory(path: str | os.PathLike[str], size: int) -> Iterator[Path]:
    """Make a new directory that takes the place of `path`, and of all it holds, once the block has ended without an error.

    Two renames do it: should the machine stop between them, the old directory is found beside the new one, under a name that
    begins with ".skipgram-". Arguments and errors as for `replacing_file`.
    """
    target = target_of(path)
    with _temporary(target, size) as temporary:
        temporary.mkdir()
        yield temporary
        _sync_directory(temporary)
        if not target.exists():
            temporary.rename(target)
            return
        old = target.with_name(_temporary_name())
        try:
            target.rename(old)
            temporary.rename(target)
        finally:  # not `except`: a second Ctrl-C must not cost the old content either
            if not target.exists():
                old.rename(target)
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()


class DirectoryKind(NamedTuple):
    """A kind of directory that is written as a whole: its name, its files, and those without which it is none of its kind."""

    name: str
    files: frozenset[str]
    needed: frozenset[str]

    def damaged(self, path: Path, reason: object) -> FormatError:
        """Return the error for a file of such a directory."""
        return FormatError(
            f"{path} cannot be read as part of a skipgram {self.name}: {reason}; give a directory that was saved whole"
        )

    def read_object(self, path: Path) -> dict[str, Any]:
        """Return the JSON object in a file of such a directory.

        Raises:
            FormatError: it cannot be read, or is something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self.damaged(path, error) from error
        if not isinstance(content, dict):
            raise self.damaged(path, "it is not a JSON object")
        return content


def check_directory(directory: str | os.PathLike[str], kind: DirectoryKind, *, over_file: bool = False) -> None:
    """Refuse, before any work is done, a directory that could not be written.

    It may be missing (its parents are created), empty, or of the same kind and then replaced; nothing else is ever deleted, but
    with `over_file` a file, of which the caller knows that it may be.

    Raises:
        OutputError: it is a file, a mount point, holds anything that is no part of its kind, or its folder cannot be written.
    """
    target = target_of(directory)
    try:
        if target.exists() and not (over_file and target.is_file()):
            _check_replaceable(target, kind)
        ancestor = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise explained(target, 0, error) from error
    if not ancestor.is_dir():
        raise OutputError(f"cannot write {directory}: {ancestor} is a file, not a folder; give another place")
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {directory}: no permission to write in {ancestor}; allow it or give another place")


def _check_replaceable(target: Path, kind: DirectoryKind) -> None:
    if not target.is_dir():
        raise OutputError(f"cannot write a {kind.name} to {target}: it is a file; give the name of a directory")
    if os.path.ismount(target):
        raise OutputError(f"cannot replace {target}: it is a mount point; give a directory inside it")
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK):
        raise OutputError(f"cannot replace {target}: no permission to write in it; allow it or give another place")
    held = {path.name for path in target.iterdir()}
    if foreign := sorted(held - kind.files):
        raise OutputError(
            f"will not replace {target}: it holds {foreign[0]!r}, which is no part of a skipgram {kind.name}; "
            "move that away or give a new or empty directory"
        )
    if held and not kind.needed <= held:
        raise OutputError(
            f"will not replace {target}: without {' and '.join(sorted(kind.needed))} it is not a {kind.name}; "
            "give a new or empty directory"
        )


def _temporary_name() -> str:
    return f".skipgram-{uuid4().hex}"


@contextmanager
def _temporary(target: Path, size: int) -> Iterator[Path]:
    """A free name in the folder of `target`; what then has that name is removed at the end, and an OSError is explained."""
    temporary = target.with_name(_temporary_name())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
        finally:
            if temporary.is_dir():
                shutil.rmtree(temporary)
            else:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise explained(target, size, error) from error


def _sync_directory(directory: Path) -> None:
    for path in directory.iterdir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def explained(target: Path, size: int, error: OSError) -> OutputError:
    """The OutputError for what the system said while `size` bytes were written to `target`."""
    if error.errno not in _NO_SPACE:
        where = f" ({error.filename})" if error.filename else ""
        return OutputError(f"cannot write {target}: {error.strerror or error}{where}; mend that or give another place")
    folder = next(folder for folder in target.parents if folder.exists())
    free = shutil.disk_usage(folder).free
    needs = f"it needs about {size:,} bytes, " if size else ""
    return OutputError(
        f"no space left to write {target}: {needs}{free:,} are free there ({error.strerror}); make room or give another place"
    )
