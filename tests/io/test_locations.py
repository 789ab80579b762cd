from __future__ import annotations

import os
import sys
from pathlib import Path

import fsspec
import pytest

from skipgram.errors import ConfigError, MissingExtraError, ReadError
from skipgram.io.locations import find, is_url
from skipgram.io.streams import Stream


def write(path: Path, content: str = "a b\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def names(found: list[str | Path]) -> list[str]:
    return [location.name for location in find(found)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://example.org/x", True),
        ("s3://bucket/key", True),
        ("a/b.txt", False),
        ("C:\\text", False),
        ("see https://example.org", False),
    ],
)
def test_what_a_url_is(name: str, expected: bool) -> None:
    assert is_url(name) is expected


def test_directories_and_patterns_are_sorted_and_hidden_files_left_out(tmp_path: Path) -> None:
    for name in ("b", "a", "c/d", ".hidden", ".git/e"):
        write(tmp_path / name)
    paths = [str(tmp_path / name) for name in ("a", "b", "c/d")]
    assert names([tmp_path]) == paths
    assert names([str(tmp_path / "[ab]")]) == paths[:2]
    assert names([str(tmp_path / "**" / "[abd]")]) == paths


def test_empty_files_models_and_encoded_corpora_are_left_out(tmp_path: Path) -> None:
    text = write(tmp_path / "text")
    write(tmp_path / "empty", "")
    for name in ("model.safetensors", "training.json", "vocabulary.tsv"):
        write(tmp_path / "model" / name)
    for name in ("corpus.json", "ids.int32"):
        write(tmp_path / "encoded" / name)
    assert names([tmp_path]) == [str(text)]
    assert names([]) == []
    with pytest.raises(ReadError, match=r"empty is empty; give a file with text$"):
        find([tmp_path / "empty"])
    with pytest.raises(ReadError, match=r"empty, .*empty are empty; give a file with text$"):
        find([tmp_path / "empty", tmp_path / "empty"])
    with pytest.raises(ReadError, match="is an encoded corpus, not text"):
        find([tmp_path / "encoded"])


@pytest.mark.parametrize(
    ("name", "place", "reason"),
    [
        ("", "''", "is an empty name"),
        ("none.txt", "none.txt", "does not exist; check the path"),
        ("x" * 300, "x" * 100 + "...", "does not exist"),
        ("one\ntwo\n", r"'one\ntwo\n'", "does not exist"),
        ("*.none", "*.none", "matches no file; check the pattern"),
        ("memory://none/*", "memory://none/*", "matches no file; check the URL"),
        ("nosuch://bucket", "nosuch://bucket", "cannot be read: Protocol not known: nosuch"),
    ],
)
def test_a_name_without_files_is_an_error_about_that_place(
    name: str, place: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReadError) as caught:
        find([name])
    assert caught.value.place == place
    assert caught.value.reason.startswith(reason)


def test_standard_input_is_named_once_and_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReadError, match="standard input is given more than once"):
        find(["-", "stdin://"])
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ReadError, match="standard input is closed; pipe text in"):
        find(["-"])


def test_file_urls_and_those_of_fsspec(tmp_path: Path) -> None:
    assert names([f"file://{write(tmp_path / 'text')}"]) == [str(tmp_path / "text")]
    memory = fsspec.filesystem("memory")
    memory.pipe({"/found/b": b"two", "/found/a": b"one"})
    found = find(["memory://found"])
    assert [location.name for location in found] == ["memory:///found/a", "memory:///found/b"]
    with Stream(found[1]) as stream:
        assert stream.readall() == b"two"


@pytest.mark.parametrize(
    ("url", "package", "command"),
    [
        ("s3://bucket/key", "s3fs", r"run: .*pip install .*\[cloud\]'"),
        ("sftp://host/file", "paramiko", "paramiko"),
    ],
)
def test_a_missing_package_of_fsspec_is_named(
    url: str, package: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=f"reading {url} needs .*{command}"):
        find([url])
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"run: .*pip install .*\[cloud\]'"):
        find([url])


def filtered(folder: Path, include: tuple[str, ...], exclude: tuple[str, ...]) -> list[str]:
    found = find([folder], include, exclude)
    return [Path(location.name).relative_to(folder).as_posix() for location in found]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.txt",), (), ["a.txt", "drafts/c.txt", "drafts/old/d.txt"]),
        ((), ("*.txt",), ["b.md"]),
        (("*.txt", "*.md"), ("drafts/*",), ["a.txt", "b.md"]),
        (("drafts/?.txt",), (), ["drafts/c.txt"]),
        (("[ab].*",), ("a*",), ["b.md"]),
        ((), ("drafts/",), ["a.txt", "b.md"]),
        ((), ("old/",), ["a.txt", "b.md", "drafts/c.txt"]),
        (("drafts/old/",), (), ["drafts/old/d.txt"]),
    ],
)
def test_patterns_choose_files(
    include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    for name in ("a.txt", "b.md", "drafts/c.txt", "drafts/old/d.txt"):
        write(tmp_path / name)
    assert filtered(tmp_path, include, exclude) == expected


def test_patterns_leave_out_named_files_too(tmp_path: Path) -> None:
    paths = [write(tmp_path / name) for name in ("a.txt", "b.md")]
    assert [location.path for location in find(paths, (), ("*.md",))] == paths[:1]


@pytest.mark.parametrize(
    ("include", "exclude", "message"),
    [
        (("*.txt", "*.tx"), (), r"include=\*\.tx matches no file of the corpus"),
        ((), ("drafts",), r"exclude=drafts matches .* drafts/ all files in folders"),
        ((), ("*.md", "raft/"), "exclude=raft/ matches no file"),
    ],
)
def test_a_pattern_that_matches_no_file_is_an_error(
    include: tuple[str, ...], exclude: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.md", "drafts/c.txt"):
        write(tmp_path / name)
    with pytest.raises(ConfigError, match=message):
        filtered(tmp_path, include, exclude)


def test_patterns_that_leave_no_file(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    with pytest.raises(
        ReadError, match=r"a.txt is left out, .*: include=\*.md; check the patterns"
    ):
        filtered(tmp_path, ("*.md",), ())


def test_files_of_a_directory_are_found_and_others_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    assert [location.found for location in find([path, tmp_path])] == [False, True]


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    for name, target, message in (
        ("broken", "none", "No such file"),
        ("circular", "circular", "Too many levels"),
    ):
        link = tmp_path / name
        link.symlink_to(tmp_path / target)
        with pytest.raises(ReadError, match=f"{name} cannot be read: {message}"):
            find([link])
