"""What every writer needs: words as UTF-8, and files that appear whole or not at all.

A file or directory is written under a temporary name in the folder it is meant for, forced to the disk and then renamed, so
that whatever stops the writing (a full disk, Ctrl-C) leaves the old content as it was and nothing half-written beside it.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
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
        raise FormatError(
            f"the word {word!r} has no UTF-8 form (a lone surrogate); rename or remove it, then save"
        ) from error


def target_of(path: str | os.PathLike[str]) -> Path:
    """The path of what is to be written, with no symbolic link in it.

    Raises:
        WrongTypeError: it is none.
        OutputError: it is empty.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(
            f"path={path!r:.80} is not allowed: it takes the name of what is to be written"
        )
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
            raise OutputError(
                f"cannot write {path}: it is not a regular file; give the name of a file"
            )
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
                raise OutputError(
                    f"cannot write {path}: it is not a regular file; give the name of a file"
                )
            with target.open("rb") as file:
                if b"\0" in file.read(1 << 16):
                    raise OutputError(
                        f"will not replace {path}: it is no text file; give another name"
                    )
        ancestor = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise explained(target, 0, error) from error
    if any((target.parent / name).exists() for name in ("corpus.json", "training.json")):
        raise OutputError(
            f"cannot write {path}: {target.parent} holds a corpus or a model; give a name elsewhere"
        )
    if not ancestor.is_dir() or not os.access(ancestor, os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot write {path}: {ancestor} may not be written in; give another place"
        )


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
        return OutputError(
            f"cannot write {target}: {error.strerror or error}{where}; mend that or give another place"
        )
    folder = next(folder for folder in target.parents if folder.exists())
    free = shutil.disk_usage(folder).free
    needs = f"it needs about {size:,} bytes, " if size else ""
    return OutputError(
        f"no space left to write {target}: {needs}{free:,} are free there ({error.strerror}); make room or give another place"
    )
