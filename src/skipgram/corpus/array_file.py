"""An array in a file, read part by part into private memory.

The files of a corpus are not mapped into memory. Another program may change them while they are
read, and kernels trust ids and offsets. If a mapped file is cut off, the next access ends the
process (SIGBUS); if it is written to, a checked id may become another one before it is used. A copy
can be checked and then stays as it is. Copying takes a thousandth of the time of training.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import CorpusError
from skipgram.io.directories import CORPUS_DIRECTORY
from skipgram.io.leftovers import remedy_for
from skipgram.wording import reason_of

Number = TypeVar("Number", bound=np.generic)


class ArrayFile(Generic[Number]):
    """A file of numbers, indexed like a one-dimensional array. Each part is a new array.

    It may be read by several threads.

    Args:
        path: the file.
        dtype: the type of its numbers.
        is_valid: whether numbers that are next to each other in the file can be right.

    Raises:
        CorpusError: on access, if the file changed since it was opened or cannot be read.
    """

    def __init__(
        self,
        path: Path,
        dtype: type[Number],
        is_valid: Callable[[NDArray[Number]], bool],
    ) -> None:
        self._path = path
        self._dtype = np.dtype(dtype)
        self._is_valid = is_valid
        self._seeking = threading.Lock()
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._close = weakref.finalize(self, os.close, self._file)
        self._opened = self._state()
        self._length = self._opened[0] // self._dtype.itemsize

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self._file)
        return status.st_size, status.st_mtime_ns

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Number: ...

    @overload
    def __getitem__(self, place: slice) -> NDArray[Number]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            first, last, _ = place.indices(self._length)
            part = self.read(first, max(first, last))
            if not self._is_valid(part):
                raise self.changed()
            return part
        return self.read(place, place + 1)[0]

    def read(self, first: int, last: int) -> NDArray[Number]:
        """Return the numbers first, ..., last - 1, whether they are valid or not."""
        part: NDArray[Number] = np.empty(last - first, self._dtype)
        if first == last:
            return part
        view = memoryview(part.view(np.uint8).data)
        begin, done = first * self._dtype.itemsize, 0
        try:
            while done < len(view) and (count := self._read_at(view[done:], begin + done)):
                done += count
            # A change after the read shows before the next one.
            is_unchanged = self._state() == self._opened
        except OSError as error:
            raise CorpusError(
                f"{self._path} of the encoded corpus cannot be read: {reason_of(error)}; "
                f"check the disk, and {self._remedy()}"
            ) from error
        if done < len(view) or not is_unchanged:
            raise self.changed()
        return part

    def _read_at(self, buffer: memoryview, position: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._file, [buffer], position)
        with self._seeking:  # Windows
            os.lseek(self._file, position, os.SEEK_SET)
            part = os.read(self._file, len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def changed(self) -> CorpusError:
        """Return the error for a file that changed since it was opened."""
        return CorpusError(
            f"{self._path} of the encoded corpus changed while it was in use, so the result would "
            f"be wrong; write nothing there while it is read; {self._remedy()}"
        )

    def _remedy(self) -> str:
        return remedy_for(self._path, CORPUS_DIRECTORY.remedy)

    def close(self) -> None:
        """Close the file; arrays read from it stay valid."""
        self._close()
        self._file, self._length = -1, 0
