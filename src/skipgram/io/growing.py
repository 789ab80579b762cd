"""Files on this machine that another program may change while they are read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from skipgram.errors import ReadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEAD_BYTES = 1 << 12


class LocalFile:
    """A file that is read from its beginning to the end that it had when it was opened.

    What is appended meanwhile, as to a log, is not read. Devices and pipes are read to their end.

    Attributes:
        has_grown: whether something was appended.

    Raises:
        ReadError: on reading, if the file was cut off or rewritten since it was opened.
    """

    def __init__(self, path: Path) -> None:
        self.has_grown = False
        self._path = path
        self._file = path.open("rb", buffering=0)
        self._opened = os.fstat(self._file.fileno())
        self._size = self._largest = self._opened.st_size
        # Files of /proc say that they are empty.
        self._is_watched = stat.S_ISREG(self._opened.st_mode) and self._size > 0
        self._position = 0
        self._head = b""

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what is available; 0 at the end."""
        if not self._is_watched:
            return self._file.readinto(buffer) or 0
        view = memoryview(buffer).cast("B")[: self._size - self._position]
        count = self._file.readinto(view) or 0
        if self._position == 0:
            self._head = bytes(view[: min(count, _HEAD_BYTES)])
        self._position += count
        self.check()
        if count == 0 and len(view) > 0:
            raise self._changed("was cut off")
        return count

    def check(self) -> None:
        """Check that the file has not changed, apart from what was appended."""
        if not self._is_watched:
            return
        now = os.fstat(self._file.fileno())
        if now.st_size < self._largest:
            raise self._changed(f"was cut off, from {self._largest:,} to {now.st_size:,} bytes,")
        if now.st_size > self._largest:
            self._largest, self.has_grown = now.st_size, True
        if not self.has_grown and now.st_mtime_ns != self._opened.st_mtime_ns:
            raise self._changed("was rewritten")
        if self.has_grown and self._begins_otherwise():
            raise self._changed("was rewritten")

    def _begins_otherwise(self) -> bool:
        """Whether the first bytes changed: another, larger file was written over this one."""
        if not hasattr(os, "pread"):  # Windows
            return False
        return os.pread(self._file.fileno(), len(self._head), 0) != self._head

    def _changed(self, how: str) -> ReadError:
        reason = f"{how} while it was being read; start again once nothing writes to it"
        return ReadError(str(self._path), reason)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
