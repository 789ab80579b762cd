"""A lock that one process holds on a file, until it releases it or dies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from skipgram.errors import OutputError
from skipgram.io.atomic import explained

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Lock:
    """A lock on a file, which is made if it is missing and holds the number of the process.

    The system releases it when the process ends, however it ends. On Windows nothing is locked.

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
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_current = os.path.samestat(os.fstat(descriptor), self._path.stat())
        except BlockingIOError as error:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise OutputError(
                f"cannot {what}: process {holder or 'unknown'} does that already; wait until it "
                "has ended, or choose another output"
            ) from error
        except FileNotFoundError:
            is_current = False
        if not is_current:
            os.close(descriptor)
            return False
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back, if it is held. The file stays."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)
