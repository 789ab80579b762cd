"""Temporary files: their names, the locks of their owners, and what dead processes left behind.

Beside an output NAME there may be

    .skipgram-new-NAME-BOOT-ID     what is being written, and will be NAME
    .skipgram-old-NAME-BOOT-ID     what was NAME, while the new one with this ID takes its place

where BOOT identifies the running kernel, and ID the save. The process that writes them holds a lock
(flock) on each. The kernel releases it when the process ends, however that happens. So a file that
can be locked has no owner any more. Process numbers would not show that: in another container
they mean other processes. A lock belongs to the open file, which a child made by fork shares. So
files that a child has inherited count as in use until the child has ended too.

Locks reach all processes of one kernel. A name with another BOOT may belong to a process on another
machine that uses the same file system, so only the user can say that its owner is gone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import uuid4

from skipgram.io.renames import sync_folder
from skipgram.wording import as_argument

if sys.platform != "win32":
    import fcntl

TEMPORARY = ".skipgram-"
UNKNOWN_BOOT = "unknown"

_NAME = re.compile(r"\.skipgram-(new|old)-(.+)-([0-9a-f]{12}|unknown)-([0-9a-f]{32})", re.DOTALL)
_LONGEST_LABEL = 80
"""Bytes of NAME that are used as they are: with the rest, a file name has at most 255, and on
encrypted file systems 143."""

LONGEST_NAME = _LONGEST_LABEL + len(".skipgram-new---") + 12 + 32
"""Bytes of the longest name of a temporary file."""

RUN_SUFFIX = ".run"
"""The end of the name of a run's directory, after the name of the output; see
`skipgram.run_directory`."""

RUN_LOCK, RUN_RECORD = "run.lock", "run.json"
"""Files of such a directory. It is recognised by the lock, and a training can be continued from it
if there is a record."""

RUN_MODEL = "model"
"""The model that a finished training from Python leaves in such a directory."""

Kind = Literal["new", "old"]


class Leftover(NamedTuple):
    """A temporary file or directory beside an output.

    Attributes:
        path: where it is.
        kind: "new" or "old".
        label: which output it belongs to, as `_label_of` returns it.
        boot: the kernel of its owner.
        identity: the save that it belongs to.
    """

    path: Path
    kind: str
    label: str
    boot: str
    identity: str


def boot() -> str:
    """Return twelve digits that identify the running kernel, or UNKNOWN_BOOT."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except (OSError, ValueError):
        return UNKNOWN_BOOT
    digits = text.strip().replace("-", "")[:12]
    return digits if re.fullmatch("[0-9a-f]{12}", digits) else UNKNOWN_BOOT


def temporary_path(target: Path) -> Path:
    """Return a free path beside a target for what will replace it."""
    return target.with_name(f"{TEMPORARY}new-{_label_of(target)}-{boot()}-{uuid4().hex}")


def twin(path: Path, kind: Kind) -> Path:
    """Return the path of the new or the old content of the save that a temporary path is for."""
    return path.with_name(f"{TEMPORARY}{kind}-{path.name[len(TEMPORARY) + len('new-') :]}")


def _label_of(target: Path) -> str:
    name = os.fsencode(target.name)
    return target.name if len(name) <= _LONGEST_LABEL else hashlib.sha256(name).hexdigest()


def lock(path: Path) -> int:
    """Lock a file or directory; return the descriptor that holds the lock until it is closed.

    Raises:
        BlockingIOError: another process holds it.
        FileNotFoundError: it is gone, or something else has its name.
        OSError: it cannot be locked on this system.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "this system has no flock")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            raise FileNotFoundError(f"{path} is another file now")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def create(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """Make a temporary file or directory and lock it.

    Between both, another process may take it for one without an owner and remove it. Nothing is in
    it then, and the next one is made.

    Returns:
        Its path, and the descriptor of the lock; None where nothing can be locked.
    """
    while True:
        path = make()
        try:
            return path, lock(path)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:
            return path, None


def release(descriptor: int | None) -> None:
    """Release a lock that `create` or `lock` returned."""
    if descriptor is not None:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file or directory; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def remove_old(old: Path) -> None:
    """Remove the temporary path of old content, and that of the new content of the same save.

    It is renamed first: killed while it removes a directory under the name of old content, this
    would leave a part of it, and `recover` would take that part for the old content.
    """
    new = twin(old, "new")
    remove(new)
    with contextlib.suppress(OSError):  # it is gone
        old.rename(new)
    remove(new)


@contextlib.contextmanager
def without_owner(path: Path, kernel: str, *, by_user: bool = False) -> Iterator[bool]:
    """Yield whether the owner of a temporary file is gone; if so, lock it until the block ends.

    Args:
        path: the file or directory.
        kernel: the kernel of its owner.
        by_user: the user says that it is gone, and is believed where the system cannot tell.
    """
    descriptor, is_free = None, False
    if by_user or _is_provable(path, kernel):
        try:
            descriptor, is_free = lock(path), True
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:
            is_free = by_user
    try:
        yield is_free
    finally:
        release(descriptor)


def _is_provable(path: Path, kernel: str) -> bool:
    """Whether a free lock proves that the owner is gone: it is this user, on this kernel."""
    if sys.platform == "win32" or kernel == UNKNOWN_BOOT or kernel != boot():
        return False
    with contextlib.suppress(OSError):
        return path.lstat().st_uid == os.geteuid()
    return False


def leftovers(folder: Path) -> list[Leftover]:
    """Return the temporary files and directories in a folder, those in use too, by name."""
    found = []
    with contextlib.suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and not entry.is_symlink():
                found.append(Leftover(Path(entry.path), *match.groups()))
    return sorted(found)


def recovery(path: str | os.PathLike[str]) -> str:
    """Return how to get what is missing at a path: a save was killed, or a training interrupted.

    It is "" if there is nothing to get back.
    """
    with contextlib.suppress(OSError, ValueError):  # a name with a NUL byte
        target = Path(os.path.realpath(path))
        label = _label_of(target)
        is_there = any(each[1:3] == ("old", label) for each in leftovers(target.parent))
        quoted = shlex.quote(as_argument(path))
        if is_there and not target.exists():
            return f"a save of it was killed; to get it back, run: skipgram recover {quoted}"
        run = target.with_name(f"{target.name}{RUN_SUFFIX}")
        if (run / RUN_RECORD).is_file() and not target.exists():
            return f"its training has not ended; to continue it, run: skipgram resume {quoted}"
    return ""


def remedy_for(path: Path, otherwise: str) -> str:
    """Return what to do about a damaged file: another remedy, if its directory is part of a run."""
    run = path.parent.parent
    return f"delete {run}, and train again" if (run / RUN_LOCK).exists() else otherwise


Outcome = Literal["completed", "restored", "removed", "in use"]
"""What `recover` did about one save: it moved the finished new content to its path, or the old
content back; it removed what was unfinished or replaced; or it left it alone, as it is in use."""


def recover(target: Path, *, by_user: bool = False) -> Counter[Outcome]:
    """Complete or undo the saves to an output whose processes have ended, and remove their files.

    Returns:
        How often there was each outcome.

    Args:
        target: the output.
        by_user: as for `without_owner`; otherwise unfinished files of other outputs in the same
            folder are removed too.
    """
    found, label = leftovers(target.parent), _label_of(target)
    replacing = {each.identity for each in found if each.kind == "old"}
    outcomes: Counter[Outcome] = Counter()
    for each in found:
        if each.kind == "old":
            is_meant = each.label == label
        else:
            is_meant = each.identity not in replacing and (each.label == label or not by_user)
        if not is_meant:
            continue
        with without_owner(each.path, each.boot, by_user=by_user) as is_free:
            outcomes[_settle(each, target) if is_free else "in use"] += 1
    return outcomes


def _settle(leftover: Leftover, target: Path) -> Outcome:
    """Complete or undo a save, or remove what it left.

    A save renames the old content only when the new content is complete. So if both are left, and
    nothing is at the target, the new content takes its place.
    """
    new = twin(leftover.path, "new")
    outcome: Outcome = "removed"
    if leftover.kind == "old" and not os.path.lexists(target):
        outcome = "completed" if new.exists() else "restored"
        (new if outcome == "completed" else leftover.path).rename(target)
        sync_folder(target.parent)
    if leftover.kind == "old":
        remove_old(leftover.path)
    else:
        remove(leftover.path)
    return outcome
