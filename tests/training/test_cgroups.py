"""The groups of a process are found where /proc says that they are, and all above them count."""

from __future__ import annotations

from pathlib import Path

import pytest

from skipgram.training import cgroups
from skipgram.training.memory import available_memory

V2 = "24 1 0:22 {root} {mount} rw,relatime shared:4 - cgroup2 cgroup2 rw\n"
V1 = "25 1 0:23 {root} {mount} rw,relatime - cgroup cgroup rw,{controllers}\n"


class System:
    """A /proc/self and mounted hierarchies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.groups = ""
        self.mounts = "23 1 0:21 / / rw - ext4 /dev/root rw\n"

    def mount(self, line: str, place: str, root: str = "/", controllers: str = "memory") -> Path:
        mount = self.folder / place
        mount.mkdir()
        shown = str(mount).replace(" ", r"\040")
        self.mounts += line.format(root=root, mount=shown, controllers=controllers)
        (self.folder / "mountinfo").write_text(self.mounts)
        return mount

    def join(self, line: str) -> None:
        self.groups += line + "\n"
        (self.folder / "cgroup").write_text(self.groups)


def write(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(cgroups, "PROC", tmp_path)
    return System(tmp_path)


def test_without_groups_nothing_is_limited(system: System) -> None:
    assert cgroups.memory_left() == []
    system.mount(V2, "unified")
    system.join("0::/")
    assert cgroups.memory_left() == []


def test_version_2_and_the_groups_above(system: System) -> None:
    mount = system.mount(V2, "a mount")
    system.join("0::/slice/service/own")
    write(mount / "slice/service/own", memory__max="max", memory__high="max", memory__current=5)
    write(mount / "slice/service", memory__max=900, memory__high=700, memory__current=100)
    write(mount / "slice", memory__max=1000, memory__high="max", memory__current=800)
    assert cgroups.memory_left() == [600, 200]
    assert available_memory() == 200


def test_files_that_can_be_dropped_are_free(system: System) -> None:
    mount = system.mount(V2, "unified")
    system.join("0::/own")
    statistics = "anon 100\ninactive_file 250\nactive_file 200\nfile_mapped 50"
    write(mount / "own", memory__max=1000, memory__current=900, memory__stat=statistics)
    assert cgroups.memory_left() == [500]


def test_version_1_beside_version_2(system: System) -> None:
    unified = system.mount(V2, "unified")
    mount = system.mount(V1, "memory")
    system.mount(V1, "cpu", controllers="cpu,cpuacct")
    system.join("5:cpu,cpuacct:/other\n4:memory:/docker/own\n1:name=systemd:/\n0::/")
    write(unified, memory__max=1, memory__current=0)
    write(
        mount / "docker/own",
        memory__limit_in_bytes=1000,
        memory__usage_in_bytes=600,
        memory__stat="inactive_file 7\ntotal_inactive_file 30\ntotal_active_file 10",
    )
    write(mount / "docker", memory__limit_in_bytes=9223372036854771712, memory__usage_in_bytes=9)
    assert sorted(cgroups.memory_left())[:2] == [1, 440]


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("/docker/abc", "/docker/abc"),  # the host's path, and the container's group is mounted
        ("/", "/../../other"),  # a namespace, seen from outside
        ("/docker/abc", "/docker/another"),
        ("/", "/docker/not-visible"),
    ],
)
def test_in_a_container_the_mounted_group_counts(system: System, root: str, path: str) -> None:
    mount = system.mount(V2, "unified", root=root)
    system.join(f"0::{path}")
    write(mount, memory__max=1000, memory__current=400)
    assert cgroups.memory_left() == [600]


def test_a_group_that_is_over_its_limit_leaves_nothing(system: System) -> None:
    mount = system.mount(V2, "unified")
    system.join("0::/")
    write(mount, memory__max=1000, memory__current=1400)
    assert available_memory() == 0
