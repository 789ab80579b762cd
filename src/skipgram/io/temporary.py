"""Temporary folders, which later processes remove if theirs is killed."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import weakref
from pathlib import Path

from skipgram.io.leftovers import boot, create, release, remove, without_owner

_PREFIX = "skipgram-corpus-"
_NAME = re.compile(rf"{_PREFIX}([0-9a-f]{{12}})-\w+")


class TemporaryFolder:
    """A new folder in the system's directory for temporary files.

    It is removed by `cleanup`, when the object is garbage-collected, or when Python exits. If the
    process is killed, the next process that makes a temporary folder on this machine removes it. A
    child made by fork never removes the folder of its parent.

    Attributes:
        name: its path.
    """

    def __init__(self) -> None:
        _remove_abandoned(Path(tempfile.gettempdir()))
        path, descriptor = create(lambda: Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{boot()}-")))
        self.name = str(path)
        self._finalizer = weakref.finalize(self, _end, path, descriptor, os.getpid())

    def cleanup(self) -> None:
        """Remove the folder; what cannot be removed stays (on Windows, open files)."""
        self._finalizer()


def _end(path: Path, descriptor: int | None, owner: int) -> None:
    if os.getpid() == owner:
        remove(path)
    release(descriptor)


def _remove_abandoned(place: Path) -> None:
    """Remove the folders that killed processes of this user on this machine have left."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and entry.is_dir(follow_symlinks=False):
                with without_owner(Path(entry.path), match[1]) as is_free:
                    if is_free:
                        remove(Path(entry.path))
