"""A lock that one process holds on a file, until it releases it or dies."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from skipgram.errors import OutputError
from skipgram.io.atomic import explained
from skipgram.io.leftovers import lock, release

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
"""Windows and some network file systems have no locks. Nothing is locked there."""

_MOST_TRIES = 100
"""Some directories of the system, such as those in /proc, never hold a file that was made there."""


class Lock:
    """A lock on a file, which is made if it is missing and holds the number of the process.

    The system releases it when the process ends, however it ends. On Windows, and on file systems
    without locks, nothing is locked.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, what: str) -> None:
        """Take the lock.

        Args:
            what: what only one process may do, for the error, such as "train in model.run".

        Raises:
            OutputError: another process holds the lock, or the file cannot be made.
        """
        for tries_left in reversed(range(_MOST_TRIES)):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._take(what)
                return
            except OSError as error:
                # Its last holder may have deleted the file meanwhile, and then the directory.
                if not isinstance(error, FileNotFoundError) or not tries_left:
                    raise explained(self._path, 0, error) from error

    def _take(self, what: str) -> None:
        """Take the lock; FileNotFoundError if its last holder deleted the file meanwhile."""
        self._open(os.O_CREAT, b"")
        try:
            self._descriptor = lock(self._path)
        except BlockingIOError as error:
            holder = self._path.read_bytes()[:20].decode("ascii", "replace").strip()
            raise OutputError(
                f"cannot {what}: process {holder or 'unknown'} does that already; wait until "
                "it has ended, or choose another output"
            ) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        self._open(os.O_TRUNC, f"{os.getpid()}\n".encode())

    def _open(self, flags: int, content: bytes) -> None:
        """Open the file, never through a link, and write to it."""
        descriptor = os.open(self._path, os.O_WRONLY | flags | _NO_LINKS, 0o666)
        try:
            os.write(descriptor, content)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Release the lock, if it is held. The file stays."""
        descriptor, self._descriptor = self._descriptor, None
        release(descriptor)

    def remove(self) -> None:
        """Delete the file, and release the lock."""
        # The file goes first: nobody else may lock it before it is deleted.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.release()
