"""What the system offers for renames that survive a crash: an exchange in one step, and fsync."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from pathlib import Path

_HERE = -100
"""AT_FDCWD: relative paths begin in the current directory."""

_EXCHANGE = 2
"""RENAME_EXCHANGE: swap two names. Linux has it since 3.15, but not on every file system."""

# EPERM: a sandbox that does not know the call. The renames that follow then say what is wrong.
_NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM}


def exchange(first: Path, second: Path) -> bool:
    """Swap the names of two files or directories in one step; False if the system cannot.

    Raises:
        OSError: the system can, but not these two.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux; CDLL(None) is a TypeError on Windows
        return False
    if not renameat2(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in _NOT_OFFERED:
        return False
    raise OSError(code, os.strerror(code), str(second))


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to disk, so that a rename outlives a power cut.

    A failure is ignored: some systems cannot do it (Windows cannot open a folder), and the files
    themselves are flushed already.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
