"""Files that are read as a whole: only regular ones. A pipe may wait, and a device go on, for ever.

The errors are those of the system, so that each caller explains them as it explains the others.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

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


def read_whole(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it cannot be read, is not a regular file, or has more than `most` bytes.
    """
    check_regular(path)
    with Path(path).open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", os.fspath(path))
    return content
