"""Files of compiled code that are used only if they are whole.

numba takes each file of its cache as it is. One that a full disk, a power cut or another program
damaged makes every later start fail, and damaged machine code would crash.

    32 bytes    SHA-256 of the rest
    the rest    as numba writes it
"""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

from numba.core import caching

_base: Any = caching.IndexDataCacheFile  # numba has no types


class CheckedCacheFile(_base):
    """The index and the data files of a kernel. A damaged or unreadable one counts as missing."""

    @classmethod
    def like(cls, other: Any) -> CheckedCacheFile:
        """Return the same files as those of `other`, but checked."""
        checked = cls.__new__(cls)
        checked.__dict__.update(vars(other))
        return checked

    def holds_code(self) -> bool:
        """Whether the kernel has been compiled before."""
        return bool(self._load_index())

    def _load_index(self) -> dict[Any, str]:
        found = self._read(self._index_path)
        if found is None or found[:2] != (self._version, self._source_stamp):
            return {}
        overloads: dict[Any, str] = found[2]
        return overloads

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._read(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, content: Any) -> None:
        data = self._dump(content)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(data).digest() + data)

    @staticmethod
    def _read(path: str) -> Any:
        """Return the content of a file; None if it is missing, damaged or cannot be read."""
        try:
            content = Path(path).read_bytes()
        except OSError:
            return None
        digest, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != digest:
            return None
        return pickle.loads(data)  # noqa: S301 - numba's own format; the folder is the user's
