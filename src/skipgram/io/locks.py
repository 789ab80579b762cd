"""A lock that one process holds on a file, until it releases it or dies."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from skipgram.errors import OutputError
from skipgram.io.atomic import explained

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
"""Some network file systems have no locks. Nothing is locked there."""


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
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            while not self._try(what):
                pass
        except OSError as error:
            raise explained(self._path, 0, error) from error

    def _try(self, what: str) -> bool:
        """Take the lock; return False if the file was deleted meanwhile by who held it before."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | _NO_LINKS, 0o666)
        try:
            if not _lock(descriptor):
                holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
                raise OutputError(
                    f"cannot {what}: process {holder or 'unknown'} does that already; wait until "
                    "it has ended, or choose another output"
                )
            if not os.path.samestat(os.fstat(descriptor), self._path.stat()):
                return False
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            self._descriptor, descriptor = descriptor, -1
        except FileNotFoundError:
            return False
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        return True

    def release(self) -> None:
        """Release the lock, if it is held. The file stays."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def remove(self) -> None:
        """Delete the file, and release the lock."""
        if fcntl is None:  # Windows deletes no open file
            self.release()
        # Otherwise the file goes first: nobody else may lock it before it is deleted.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.release()


def _lock(descriptor: int) -> bool:
    """Lock an open file; return whether that worked, or is not possible on its file system."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True
