"""Locks show whether an owner lives; what the dead have left is completed, undone or removed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed import BETWEEN_RENAMES, run_killed

from skipgram.io import leftovers
from skipgram.io.atomic import replacing_directory
from skipgram.io.leftovers import (
    UNKNOWN_BOOT,
    boot,
    create,
    lock,
    recover,
    recovery,
    release,
    remove,
    temporary_path,
    twin,
    without_owner,
)

pytestmark = pytest.mark.skipif(boot() == UNKNOWN_BOOT, reason="needs the locks of Linux")

REPLACE = 'with replacing_directory(sys.argv[1], 1) as new: (new / "new").touch()'


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def half_replaced(tmp_path: Path) -> Path:
    """A path that nothing is at, because its process was killed between the two renames."""
    path = tmp_path / "model"
    with replacing_directory(path, 1) as new:
        (new / "old").touch()
    run_killed(BETWEEN_RENAMES + REPLACE, path)
    assert not path.exists()
    assert [name[:19] for name in names(tmp_path)] == [
        ".skipgram-new-model",
        ".skipgram-old-model",
    ]
    return path


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Path]:
    """An empty temporary directory for `model`, of another process that lives."""
    code = (
        "import sys; from pathlib import Path; from skipgram.io.atomic import replacing_directory\n"
        "with replacing_directory(sys.argv[1], 1) as new: print(new, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Path(process.stdout.readline().strip())
        process.kill()


def test_a_save_killed_between_its_renames_is_completed(half_replaced: Path) -> None:
    assert recovery(half_replaced).endswith(f"skipgram recover {half_replaced}")
    assert recover(half_replaced) == {"completed": 1}
    assert names(half_replaced) == ["new"]
    assert names(half_replaced.parent) == ["model"]
    assert recovery(half_replaced) == ""


def test_the_old_content_returns_if_there_is_no_new_one(half_replaced: Path) -> None:
    remove(next(half_replaced.parent.glob(".skipgram-new-*")))
    assert recover(half_replaced) == {"restored": 1}
    assert names(half_replaced) == ["old"]
    assert names(half_replaced.parent) == ["model"]


def test_the_next_save_recovers_first_and_loses_nothing_if_it_fails(half_replaced: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing_directory(half_replaced, 1):
        raise ZeroDivisionError
    assert names(half_replaced) == ["new"]
    assert names(half_replaced.parent) == ["model"]


def test_a_save_to_another_path_leaves_both_parts(half_replaced: Path) -> None:
    with replacing_directory(half_replaced.with_name("other"), 1):
        pass
    assert recovery(half_replaced).endswith(f"skipgram recover {half_replaced}")
    assert recover(half_replaced) == {"completed": 1}


KILLED_WHILE_REMOVING = """
atomic.exchange = lambda *_: False
import shutil
def rmtree(path, **_):
    next(path.iterdir()).unlink()
    die()
shutil.rmtree = rmtree
"""


@pytest.mark.parametrize("code", [REPLACE, "leftovers.recover(Path(sys.argv[1]))"])
def test_a_part_of_old_content_is_never_restored(code: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    with replacing_directory(path, 1) as new:
        (new / "old").touch()
        (new / "other").touch()
    if code != REPLACE:
        run_killed(BETWEEN_RENAMES + REPLACE, path)
    run_killed(f"{KILLED_WHILE_REMOVING}from skipgram.io import leftovers\n{code}", path)
    assert names(path) == ["new"]
    assert len(names(tmp_path)) == 2
    (path / "new").unlink()
    path.rmdir()
    assert recovery(path) == ""
    assert recover(path) == {"removed": 1}
    assert names(tmp_path) == []


def test_old_content_is_removed_once_there_is_another(half_replaced: Path) -> None:
    half_replaced.mkdir()
    assert recover(half_replaced) == {"removed": 1}
    assert names(half_replaced.parent) == ["model"]


def test_what_a_living_process_writes_is_left_alone(owner: Path, tmp_path: Path) -> None:
    assert recover(tmp_path / "model") == {"in use": 1}
    assert recover(tmp_path / "model", by_user=True) == {"in use": 1}
    with replacing_directory(tmp_path / "model", 1):
        pass
    assert owner.is_dir()


def test_what_a_killed_process_wrote_is_left_alone_while_its_child_lives(tmp_path: Path) -> None:
    code = """
new, descriptor = atomic.create(lambda: Path(sys.argv[1]).mkdir() or Path(sys.argv[1]))
if os.fork() == 0:
    os.close(1); os.close(2)
    Path(sys.argv[2]).write_text(str(os.getpid()))
    import time; time.sleep(60)
while not Path(sys.argv[2]).exists() or not Path(sys.argv[2]).read_text():
    pass
die()
"""
    path, number = tmp_path / "new", tmp_path / "child"
    run_killed(code, path, number)
    with without_owner(path, boot()) as is_free:
        assert not is_free
    os.kill(int(number.read_text()), 9)
    for _ in range(1000):
        with without_owner(path, boot()) as is_free:
            if is_free:
                return
    raise AssertionError("the lock outlived the child")


def test_a_file_without_a_lock_between_both_calls_is_made_anew(tmp_path: Path) -> None:
    made: list[Path] = []

    def make() -> Path:
        path = tmp_path / str(len(made))
        path.mkdir()
        made.append(path)
        if len(made) == 1:  # another process removes it before it is locked
            path.rmdir()
        if len(made) == 2:  # another process is about to remove it
            descriptors.append(lock(path))
        return path

    descriptors: list[int | None] = []
    path, descriptor = create(make)
    descriptors.append(descriptor)
    assert path == tmp_path / "2"
    with pytest.raises(BlockingIOError):
        lock(path)
    for each in descriptors:
        release(each)
    release(lock(path))


def test_where_nothing_can_be_locked_nothing_is_removed(
    half_replaced: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    before = names(half_replaced.parent)
    assert recover(half_replaced) == {"in use": 1}
    assert names(half_replaced.parent) == before
    with replacing_directory(half_replaced.with_name("other"), 1):
        pass
    assert names(half_replaced.parent) == [*before, "other"]
    assert recover(half_replaced, by_user=True) == {"completed": 1}


@pytest.mark.parametrize("kernel", ["0" * 12, UNKNOWN_BOOT])
def test_only_the_user_knows_about_other_machines(
    kernel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "boot", lambda: kernel)
    path = temporary_path(tmp_path / "model")
    monkeypatch.undo()
    path.mkdir()
    assert recover(tmp_path / "model") == {"in use": 1}
    assert path.exists()
    assert recover(tmp_path / "model", by_user=True) == {"removed": 1}
    assert not path.exists()


def test_what_belongs_to_another_user_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = temporary_path(tmp_path / "model")
    path.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert recover(tmp_path / "model") == {"in use": 1}
    assert path.exists()


def test_the_user_cleans_up_after_one_output_only(tmp_path: Path) -> None:
    for name in ("a", "a-b"):
        temporary_path(tmp_path / name).mkdir()
    assert recover(tmp_path / "a", by_user=True) == {"removed": 1}
    assert [name[:17] for name in names(tmp_path)] == [".skipgram-new-a-b"]
    assert recover(tmp_path / "c") == {"removed": 1}
    assert names(tmp_path) == []


def test_links_and_names_of_earlier_versions_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / f".skipgram-{'0' * 32}").mkdir()
    (tmp_path / "elsewhere").mkdir()
    temporary_path(tmp_path / "model").symlink_to(tmp_path / "elsewhere")
    before = names(tmp_path)
    assert recover(tmp_path / "model") == {}
    assert names(tmp_path) == before


@pytest.mark.parametrize("name", ["model", "a-b-c", "x" * 255, "\udcff", "a\nb"])
def test_any_name_is_found_again(name: str, tmp_path: Path) -> None:
    old = twin(temporary_path(tmp_path / name), "old")
    old.mkdir()
    assert recovery(tmp_path / name) != ""
    assert recover(tmp_path / name) == {"restored": 1}
    assert (tmp_path / name).is_dir()
