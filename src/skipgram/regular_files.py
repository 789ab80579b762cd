"""Files that must be regular: a pipe may wait, and a device go on, for ever.

An archive from a stranger can hold a pipe, or a link to a device, in the place of any file. The
errors are those of the system, so that each caller explains them as it explains the others.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 1 << 28
"""The most bytes of a file that is read as a whole: options, a list of words, an evaluation set."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def special_kind(path: str | os.PathLike[str]) -> str | None:
    """Return what a path is, such as "a pipe"; None for files and directories.

    Raises:
        OSError: there is nothing at that path, or it cannot be looked at.
    """
    return _KINDS.get(stat.S_IFMT(Path(path).stat().st_mode))


def check_regular(path: str | os.PathLike[str]) -> None:
    """Raise an OSError if a path is a pipe, a socket or a device, or does not exist."""
    if kind := special_kind(path):
        reason = f"it is {kind}, not a file; save its content in a file"
        raise OSError(errno.EINVAL, reason, os.fspath(path))


def check_own_tree(folder: Path) -> None:
    """Raise an OSError if a directory holds what this user has not made, or a link or a pipe.

    What is written to a directory from a stranger would go where its links lead.
    """
    user = os.geteuid() if hasattr(os, "geteuid") else None
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            reason = f"it holds {path.name!r}, which is neither a file nor a directory"
            raise OSError(errno.EINVAL, reason, os.fspath(folder))
        if user is not None and status.st_uid != user:
            reason = f"{path.name!r} belongs to another user"
            raise OSError(errno.EPERM, reason, os.fspath(folder))


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file to read bytes; OSError if it is of another kind or cannot be opened."""
    check_regular(path)
    return Path(path).open("rb")


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file of any size; errors as for `open_regular`.

    This is for files as large as a model: its list of words, vectors as a table, an index and its
    digests. `read_whole` is for all others.
    """
    with open_regular(path) as file:
        return file.read()


def read_whole(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it cannot be read, is not a regular file, or has more than `most` bytes.
    """
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", os.fspath(path))
    return content
