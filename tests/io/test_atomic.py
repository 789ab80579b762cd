from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from killed import run_killed

from skipgram.errors import FormatError, OutputError, WrongTypeError
from skipgram.io import atomic
from skipgram.io.atomic import explained, replacing_directory, replacing_file, target_of, utf8
from skipgram.io.renames import exchange


def test_a_file_is_replaced_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    for content in (b"first", b"second"):
        with replacing_file(path, 10) as file:
            file.write(content)
        assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("error", "raised"), [(OSError(errno.EIO, "I/O error"), OutputError), (KeyError(), KeyError)]
)
def test_an_error_leaves_the_old_file_and_nothing_else(
    error: Exception, raised: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(raised), replacing_file(path, 10) as file:
        file.write(b"half")
        raise error
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_link_is_followed_and_a_directory_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    with replacing_file(tmp_path / "link", 1) as file:
        file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"
    with pytest.raises(OutputError, match="it is not a regular file"), replacing_file(tmp_path, 1):
        pass


@pytest.mark.parametrize("failing_rename", [0, 1, 2])
def test_a_file_replaces_a_directory_only_on_request(
    failing_rename: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "exchange", lambda first, second: False)
    path, rename = tmp_path / "place", Path.rename
    renames = iter([1, 2])
    path.mkdir()
    (path / "old").touch()

    def fail_once(self: Path, target: Path) -> Path:
        if next(renames, None) == failing_rename:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    if failing_rename:
        with pytest.raises(KeyboardInterrupt), replacing_file(path, 1, over_directory=True):
            pass
        assert [entry.name for entry in path.iterdir()] == ["old"]
    else:
        with replacing_file(path, 1, over_directory=True) as file:
            file.write(b"new")
        assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["place"]


@pytest.mark.parametrize("old", ["nothing", "file", "directory"])
def test_a_directory_is_replaced_as_a_whole(old: str, tmp_path: Path) -> None:
    path = tmp_path / "place"
    if old == "file":
        path.write_text("old")
    elif old == "directory":
        path.mkdir()
        (path / "old").touch()
    with pytest.raises(ZeroDivisionError), replacing_directory(path, 1) as new:
        (new / "half").touch()
        raise ZeroDivisionError
    assert path.exists() == (old != "nothing")
    with replacing_directory(path, 1) as new:
        (new / "name").write_text("new")
    assert [entry.name for entry in path.iterdir()] == ["name"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["place"]


def test_a_full_disk_is_explained_with_the_space_needed_and_free(tmp_path: Path) -> None:
    full = explained(tmp_path / "file", 1234, OSError(errno.ENOSPC, "No space left on device"))
    assert "needs about 1,234 bytes" in str(full)
    assert "are free (No space left on device); free some space" in str(full)
    large = explained(tmp_path / "file", 1234, OSError(errno.EFBIG, "File too large"))
    assert "needs about 1,234 bytes, but a file is larger than the file system allows" in str(large)
    other = explained(tmp_path / "file", 1, OSError(errno.EIO, "Input/output error", "x"))
    assert str(other).endswith("file: Input/output error (x); choose another path")


def test_paths_that_cannot_be_written(tmp_path: Path) -> None:
    wrong: Any = 5
    with pytest.raises(WrongTypeError, match="path is 5; it must be a path"):
        target_of(wrong)
    with pytest.raises(OutputError, match="the path to write is empty"):
        target_of("")
    (tmp_path / "link").symlink_to("file")
    assert target_of(tmp_path / "link") == (tmp_path / "file").resolve()


def test_a_word_without_a_utf8_form_is_named() -> None:
    assert utf8("東京") == "東京".encode()
    with pytest.raises(FormatError, match=r"the word '\\ud800' cannot be encoded as UTF-8.*rename"):
        utf8("\ud800")


def test_a_temporary_name_is_never_shown(tmp_path: Path) -> None:
    target = tmp_path / "place"
    for place in (f"{tmp_path}/.skipgram-1f", f"{tmp_path}/.skipgram-1f/a", str(target)):
        error = explained(target, 1, OSError(errno.EACCES, "Permission denied", place))
        assert str(error) == f"cannot write {target}: Permission denied; choose another path"
    parent = explained(target, 1, OSError(errno.EACCES, "Permission denied", str(tmp_path)))
    assert f"Permission denied ({tmp_path})" in str(parent)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder without files")
def test_a_file_where_none_can_be_created_is_named_as_it_was_given() -> None:
    with pytest.raises(OutputError) as caught, replacing_file("/proc/vectors.bin", 1):
        pass
    assert str(caught.value).startswith("cannot write /proc/vectors.bin: ")
    assert ".skipgram" not in str(caught.value)


def test_what_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("old")
    private.chmod(0o600)
    with replacing_file(private, 0) as file:
        file.write(b"new")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    with replacing_directory(folder, 0) as new:
        (new / "file").write_text("new")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_directory_is_exchanged_with_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this system cannot exchange two names")

    def refuse(first: Path, second: Path) -> None:
        raise AssertionError("nothing may be at the path for a moment")

    monkeypatch.setattr(atomic, "_rename_twice", refuse)
    for content in ("old", "new"):
        with replacing_directory(tmp_path / "a", 1) as new:
            (new / content).touch()
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == ["new"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "b"]


def test_old_content_that_cannot_be_removed_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replacing_directory(tmp_path / "place", 1) as new:
        (new / "old").touch()

    def fail(path: object, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.rmdir", fail)
    with replacing_directory(tmp_path / "place", 1) as new:
        (new / "new").touch()
    assert [entry.name for entry in (tmp_path / "place").iterdir()] == ["new"]


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    for name in ("x" * 255, "語" * 85):
        with replacing_file(tmp_path / name, 1) as file:
            file.write(b"x")
        assert (tmp_path / name).read_bytes() == b"x"


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("kind", ["directory", "file"])
def test_what_a_killed_process_was_writing_is_removed_by_the_next(
    kind: str, tmp_path: Path
) -> None:
    fill = {"directory": '(new / "half").touch()', "file": 'new.write(b"half")'}[kind]
    run_killed(
        f"with replacing_{kind}(sys.argv[1], 1) as new:\n    {fill}\n    die()",
        tmp_path / "killed",
    )
    assert [entry.name[:20] for entry in tmp_path.iterdir()] == [".skipgram-new-killed"]
    with replacing_file(tmp_path / "other", 1) as file:
        file.write(b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["other"]
