"""Reads files that must be regular: a pipe would be waited for, and a device never ends.

An archive from a stranger can hold a named pipe, or a link to a device, in place of any file.
"""

from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

NOT_REGULAR = "it is a pipe, a socket or a device; save its content in a file"


def is_regular(path: Path) -> bool:
    """Whether a path leads to a regular file or a directory; OSError if it leads nowhere."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file to read bytes; OSError if it cannot be opened or is of another kind."""
    if not is_regular(path):
        raise OSError(errno.EINVAL, NOT_REGULAR, str(path))
    return path.open("rb")


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file; errors as for `open_regular`."""
    with open_regular(path) as file:
        return file.read()
