"""The memory that the control groups of this process leave: those of a container, or of a service.

A process belongs to a group of each hierarchy (/proc/self/cgroup), which is a folder below the
place where the hierarchy is mounted (/proc/self/mountinfo). The limits of the folders above it
count too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

PROC = Path("/proc/self")


class _Version(NamedTuple):
    """Names of the files of a version of cgroups, and of the lines in its statistics.

    `cached` are files that the kernel drops when memory is needed, apart from those that are
    `mapped`, such as the code of libraries.
    """

    limits: tuple[str, ...]
    usage: str
    cached: tuple[str, ...]
    mapped: str


_VERSION_1 = _Version(
    ("memory.limit_in_bytes",),
    "memory.usage_in_bytes",
    ("total_inactive_file", "total_active_file"),
    "total_mapped_file",
)
_VERSION_2 = _Version(
    # Above memory.high the kernel slows the process down until it hardly runs.
    ("memory.max", "memory.high"),
    "memory.current",
    ("inactive_file", "active_file"),
    "file_mapped",
)


def memory_left() -> list[int]:
    """Return the bytes that each group with a limit leaves; nothing without such groups."""
    left = []
    for version, folder in _folders():
        limits = [_number(folder / name) for name in version.limits]
        usage = _number(folder / version.usage)
        known = [limit for limit in limits if limit is not None]
        if known and usage is not None:
            left.append(min(known) - usage + _droppable(folder, version))
    return left


def _folders() -> Iterator[tuple[_Version, Path]]:
    """Yield the folders of the process's groups, each with those above it."""
    paths = {}
    for line in _lines(PROC / "cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" or "memory" in controllers.split(","):
            paths[_VERSION_2 if number == "0" else _VERSION_1] = PurePosixPath(path)
    for line in _lines(PROC / "mountinfo"):
        fields, _, rest = line.partition(" - ")
        root, mount = (_unescaped(field) for field in fields.split(" ")[3:5])
        kind, _, options = rest.split(" ", 2)
        version = {"cgroup2": _VERSION_2, "cgroup": _VERSION_1}.get(kind)
        is_memory = version is _VERSION_2 or "memory" in options.split(",")
        if version in paths and is_memory:
            yield from _upwards(version, Path(mount), paths[version], PurePosixPath(root))


def _upwards(
    version: _Version, mount: Path, path: PurePosixPath, root: PurePosixPath
) -> Iterator[tuple[_Version, Path]]:
    """Yield the folder of a group and those above it; `root` is the group that is mounted."""
    # In a container, the path may be one of the host, which is not visible inside.
    is_visible = path.is_relative_to(root) and ".." not in path.parts
    folder = mount / path.relative_to(root) if is_visible else mount
    while not folder.is_dir() and folder != mount:
        folder = folder.parent
    while True:
        yield version, folder
        if folder == mount:
            return
        folder = folder.parent


def _unescaped(text: str) -> str:
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), text)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    """Return the number in a file; None without a file, or if it says "max"."""
    text = "".join(_lines(path))
    return int(text) if text.isdecimal() else None


def _droppable(folder: Path, version: _Version) -> int:
    pairs = (line.split(" ", 1) for line in _lines(folder / "memory.stat") if " " in line)
    found = {name: int(value) for name, value in pairs if value.isdecimal()}
    cached = sum(found.get(name, 0) for name in version.cached)
    return max(0, cached - found.get(version.mapped, 0))
