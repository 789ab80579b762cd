from __future__ import annotations

import os
from pathlib import Path

import pytest

from skipgram.errors import FormatError, OutputError
from skipgram.io.directories import (
    CORPUS_DIRECTORY,
    MODEL_DIRECTORY,
    DirectoryKind,
    check_directory,
    check_text_target,
    is_encoded,
)

KIND = DirectoryKind("box", files=frozenset({"lid", "side"}), needed=frozenset({"lid"}))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no permission"):
        check_directory(tmp_path / "locked" / "model", MODEL_DIRECTORY)


def test_objects_have_a_largest_size(tmp_path: Path) -> None:
    """600 MB that take no place on the disk took 1.1 GB of memory."""
    with (tmp_path / "lid").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FormatError, match=r"lid, .*: it has more than 268,435,456 bytes"):
        KIND.read_object(tmp_path / "lid")


def test_checking_a_directory_creates_nothing(tmp_path: Path) -> None:
    check_directory(tmp_path / "not" / "yet" / "there", MODEL_DIRECTORY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], None),
        (["lid"], None),
        (["lid", "side"], None),
        (["side"], "it does not contain lid, so it is not a skipgram box"),
        (["lid", "letter"], "holds 'letter', which is not part of a skipgram box"),
    ],
)
def test_only_a_directory_of_the_same_kind_may_be_replaced(
    files: list[str], message: str | None, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).touch()
    if message is None:
        check_directory(tmp_path, KIND)
    else:
        with pytest.raises(OutputError, match=message):
            check_directory(tmp_path, KIND)


def test_a_file_may_be_replaced_only_on_request(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write a skipgram box to .*: it is a file"):
        check_directory(tmp_path / "file", KIND)
    check_directory(tmp_path / "file", KIND, over_file=True)
    with pytest.raises(OutputError, match="file is a file, not a directory"):
        check_directory(tmp_path / "file" / "box", KIND)


def test_an_encoded_corpus_has_a_description_and_ids(tmp_path: Path) -> None:
    assert not is_encoded(tmp_path)
    (tmp_path / "corpus.json").touch()
    assert not is_encoded(tmp_path)
    (tmp_path / "ids.int32").touch()
    assert is_encoded(tmp_path)
    assert not is_encoded("a\0b")
    assert not is_encoded(tmp_path / ("x" * 5000))


@pytest.mark.parametrize("content", ["{", "[1]", "\udcff"])
def test_a_file_without_a_json_object_is_damaged(content: str, tmp_path: Path) -> None:
    path = tmp_path / "corpus.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(FormatError, match=r"cannot read .*corpus.json, part of a .*corpus: "):
        CORPUS_DIRECTORY.read_object(path)
    path.write_text('{"version": 1}')
    assert CORPUS_DIRECTORY.read_object(path) == {"version": 1}


def test_a_text_file_replaces_only_text(tmp_path: Path) -> None:
    check_text_target(tmp_path / "new" / "file.txt")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text").write_text("a b\n")
    check_text_target(tmp_path / "text")
    (tmp_path / "binary").write_bytes(b"a\0b")
    with pytest.raises(OutputError, match="binary: it is not a text file; choose another path"):
        check_text_target(tmp_path / "binary")
    with pytest.raises(OutputError, match="it is not a regular file"):
        check_text_target(tmp_path)
    with pytest.raises(OutputError, match=r"text is a file, not a directory"):
        check_text_target(tmp_path / "text" / "file")


@pytest.mark.parametrize("name", ["corpus.json", "training.json"])
def test_a_text_file_is_not_written_into_a_corpus_or_model(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(OutputError, match="is a corpus or a model; choose another path"):
        check_text_target(tmp_path / "file.txt")


@pytest.mark.parametrize("suffix", [".bz2", ".xz", ".zst", ".zip", ".tgz", ".GZ"])
def test_text_is_compressed_as_gz_or_not_at_all(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=rf"text is not compressed as {suffix}, only as .gz"):
        check_text_target(tmp_path / f"text{suffix}")
