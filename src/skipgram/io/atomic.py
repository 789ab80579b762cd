"""Files and directories that appear complete or not at all.

Each is written under a temporary name in the folder it is meant for, flushed to disk and then
renamed. Whatever stops the writing (a full disk, Ctrl-C), the old content is unchanged and nothing
half-written is left beside it. If the process is killed, something is left; `leftovers` describes
it, and the next writing to the same folder removes it.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from skipgram.errors import FormatError, OutputError, WrongTypeError
from skipgram.io.leftovers import (
    TEMPORARY,
    create,
    lock,
    recover,
    release,
    remove,
    remove_old,
    temporary_path,
    twin,
)
from skipgram.io.renames import exchange, sync_folder
from skipgram.limits import explain_too_large
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
"""Numbers of the errors that a full disk causes."""

ANOTHER_PATH = "choose another path"


def utf8(word: str) -> bytes:
    """Return a word as UTF-8; FormatError if it has no UTF-8 form (a lone surrogate)."""
    try:
        return word.encode()
    except UnicodeEncodeError as error:
        raise FormatError(
            f"the word {word!r} cannot be encoded as UTF-8 (it contains a lone surrogate); "
            "rename or remove it, then save again"
        ) from error


def target_of(path: str | os.PathLike[str]) -> Path:
    """Return the path to write, with symbolic links and ~ resolved.

    Raises:
        WrongTypeError: it is not a path.
        OutputError: it is empty, not allowed by the system, or a loop of links.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(f"path is {path!r:.80}; it must be a path")
    if not os.fspath(path):
        raise OutputError("the path to write is empty; give a file or directory")
    try:
        target = Path(os.path.realpath(Path(path).expanduser()))
        is_loop = any(each.is_symlink() for each in (target, *target.parents))
    except (OSError, ValueError) as error:  # a name with a NUL byte
        raise OutputError(
            f"cannot write {path}: {reason_of(error)}; choose another path"
        ) from error
    if is_loop:
        raise explained(target, 0, OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
    return target


@contextmanager
def replacing_file(
    path: str | os.PathLike[str], size: int, *, over_directory: bool = False
) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` once the block has ended without an error.

    Missing parent folders are created. Symbolic links are followed.

    Args:
        path: the file to write.
        size: the approximate number of bytes it will hold, shown if the disk is full.
        over_directory: whether it may replace a directory, with all that this holds.

    Raises:
        OutputError: the file cannot be written; the old content is unchanged.
    """
    target = target_of(path)
    with _temporary(target, size, partial(Path.touch, exist_ok=False)) as temporary:
        if target.exists() and not (target.is_file() or (over_directory and target.is_dir())):
            raise OutputError(
                f"cannot write {path}: it is not a regular file; give the name of a file"
            )
        with temporary.open("wb") as file:
            _keep_mode(target, temporary, is_wanted=target.is_file())
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(temporary, target)


@contextmanager
def replacing_directory(
    path: str | os.PathLike[str], size: int, elsewhere: str = ANOTHER_PATH
) -> Iterator[Path]:
    """Make a new directory that replaces `path` once the block has ended without an error.

    All that the old directory holds is deleted. Arguments and errors as for `replacing_file`;
    `elsewhere` is that of `explained`.
    """
    target = target_of(path)
    with _temporary(target, size, Path.mkdir, elsewhere) as temporary:
        _keep_mode(target, temporary, is_wanted=target.is_dir())
        yield temporary
        _sync_directory(temporary)
        _put(temporary, target)


def _keep_mode(target: Path, temporary: Path, *, is_wanted: bool) -> None:
    """Give a new file or directory the permissions of what it replaces: others may not read it."""
    if is_wanted:
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))


def _put(temporary: Path, target: Path) -> None:
    """Rename a finished file or directory to `target`; what was there is at `temporary` or gone."""
    if not target.exists() or (temporary.is_file() and target.is_file()):
        temporary.replace(target)
    elif not exchange(temporary, target):
        _rename_twice(temporary, target)
    sync_folder(target.parent)


def _rename_twice(temporary: Path, target: Path) -> None:
    """Put a finished file or directory in the place of what is at `target`, and remove that.

    Until the second rename nothing is at `target`. `recover` completes what is interrupted there.
    """
    old, descriptor = twin(temporary, "old"), None
    with suppress(OSError):  # where nothing can be locked, nothing is removed either
        descriptor = lock(target)
    try:
        try:
            target.rename(old)
            temporary.rename(target)
        finally:  # not `except`: a second Ctrl-C must not lose the old content either
            if not target.exists():
                old.rename(target)
        remove_old(old)
    finally:
        release(descriptor)


@contextmanager
def _temporary(
    target: Path, size: int, make: Callable[[Path], None], elsewhere: str = ANOTHER_PATH
) -> Iterator[Path]:
    """Yield a new temporary path in the folder of `target`; what is there at the end is removed.

    Args:
        target: the path to write.
        size: the approximate number of bytes it will hold.
        make: makes an empty file or directory.
        elsewhere: see `explained`.

    Raises:
        OutputError: the block raised an OSError.
    """

    def make_one() -> Path:
        path = temporary_path(target)
        make(path)
        return path

    try:
        _make_folder(target.parent)
        recover(target)
        temporary, descriptor = create(make_one)
        try:
            yield temporary
        finally:
            remove(temporary)
            release(descriptor)
    except OSError as error:
        raise explained(target, size, error, elsewhere) from error


def _make_folder(folder: Path) -> None:
    """Create a folder and its parents, so that they outlive a power cut."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def _is_telling(place: object, target: Path) -> bool:
    """Whether the place of an error says more than the target: neither it nor a temporary name."""
    if not isinstance(place, str | bytes) or not place:
        return False
    path = Path(os.fsdecode(place))
    return path != target and not any(part.startswith(TEMPORARY) for part in path.parts)


def _sync_directory(directory: Path) -> None:
    for path in directory.iterdir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    sync_folder(directory)


def explained(
    target: Path, size: int, error: OSError, elsewhere: str = ANOTHER_PATH
) -> OutputError:
    """Return the OutputError for a system error while `size` bytes were written to `target`.

    `elsewhere` says how to write to another path; "" if that is not possible.
    """
    # os.path.isfile is False for a name that the system refuses; Path.is_file may raise an error.
    file = next(filter(os.path.isfile, target.parents), None)
    if file is not None:
        return OutputError(
            f"cannot write {target}: {file} is a file, not a directory; choose another path"
        )
    needs = f"it needs about {size:,} bytes, " if size else ""
    if too_large := explain_too_large(error):
        but = "but " if size else ""
        return OutputError(f"cannot write {target}: {needs}{but}{too_large}")
    if error.errno not in NO_SPACE:
        where = f" ({error.filename})" if _is_telling(error.filename, target) else ""
        remedy = f"; {elsewhere}" if elsewhere else ""
        return OutputError(f"cannot write {target}: {error.strerror or error}{where}{remedy}")
    _, free = free_space(target.parent)
    remedy = f", or {elsewhere}" if elsewhere else ""
    return OutputError(
        f"no space left to write {target}: {needs}{free:,} are free ({error.strerror}); "
        f"free some space{remedy}"
    )


def free_space(path: Path) -> tuple[Path, int]:
    """Return the nearest existing path among an absolute path and its parents, and what is free.

    Returns:
        That path, and the bytes that are free on its disk.
    """
    place = next(each for each in (path, *path.parents) if each.exists())
    return place, shutil.disk_usage(place).free
