"""The kinds of directory that skipgram writes, and which directories it may replace."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from skipgram.errors import FormatError, OutputError
from skipgram.io.atomic import explained, target_of

IDS, OFFSETS, DESCRIPTION = "ids.int32", "offsets.int64", "corpus.json"
"""Files of an encoded corpus; the description is written only when the corpus is saved."""


def is_encoded(path: str | os.PathLike[str]) -> bool:
    """Whether a directory holds a saved encoded corpus."""
    with contextlib.suppress(OSError, ValueError):
        return Path(path, DESCRIPTION).is_file() and Path(path, IDS).is_file()
    return False


class DirectoryKind(NamedTuple):
    """A kind of directory that is written as a whole: its name, its files, and those without which it is none of its kind."""

    name: str
    files: frozenset[str]
    needed: frozenset[str]

    def damaged(self, path: Path, reason: object) -> FormatError:
        """Return the error for a file of such a directory."""
        return FormatError(
            f"{path} cannot be read as part of a skipgram {self.name}: {reason}; give a directory that was saved whole"
        )

    def read_object(self, path: Path) -> dict[str, Any]:
        """Return the JSON object in a file of such a directory.

        Raises:
            FormatError: it cannot be read, or is something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self.damaged(path, error) from error
        if not isinstance(content, dict):
            raise self.damaged(path, "it is not a JSON object")
        return content


def check_directory(
    directory: str | os.PathLike[str], kind: DirectoryKind, *, over_file: bool = False
) -> None:
    """Refuse, before any work is done, a directory that could not be written.

    It may be missing (its parents are created), empty, or of the same kind and then replaced; nothing else is ever deleted, but
    with `over_file` a file, of which the caller knows that it may be.

    Raises:
        OutputError: it is a file, a mount point, holds anything that is no part of its kind, or its folder cannot be written.
    """
    target = target_of(directory)
    try:
        if target.exists() and not (over_file and target.is_file()):
            _check_replaceable(target, kind)
        ancestor = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise explained(target, 0, error) from error
    if not ancestor.is_dir():
        raise OutputError(
            f"cannot write {directory}: {ancestor} is a file, not a folder; give another place"
        )
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot write {directory}: no permission to write in {ancestor}; allow it or give another place"
        )


def _check_replaceable(target: Path, kind: DirectoryKind) -> None:
    if not target.is_dir():
        raise OutputError(
            f"cannot write a {kind.name} to {target}: it is a file; give the name of a directory"
        )
    if os.path.ismount(target):
        raise OutputError(
            f"cannot replace {target}: it is a mount point; give a directory inside it"
        )
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot replace {target}: no permission to write in it; allow it or give another place"
        )
    held = {path.name for path in target.iterdir()}
    if foreign := sorted(held - kind.files):
        raise OutputError(
            f"will not replace {target}: it holds {foreign[0]!r}, which is no part of a skipgram {kind.name}; "
            "move that away or give a new or empty directory"
        )
    if held and not kind.needed <= held:
        raise OutputError(
            f"will not replace {target}: without {' and '.join(sorted(kind.needed))} it is not a {kind.name}; "
            "give a new or empty directory"
        )
