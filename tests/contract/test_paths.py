"""Every reader and writer says what the system says about a path, and never leaves a traceback."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram import Embeddings
from skipgram.config_file import read_config_file
from skipgram.errors import CorpusError, FormatError, MissingFileError, OutputError, SkipgramError
from skipgram.formats import EXPORTS, is_vectors
from skipgram.gensim import KeyedVectors, Word2Vec

Act = Callable[[Path], Any]

MISSING = "No such file or directory"
LOOP = "Too many levels of symbolic links"
NO_DIRECTORY = "Not a directory"
LONG = "File name too long"
SPECIAL = "it is a socket, not a file; save its content in a file"
DENIED = "Permission denied"

PATHS = {
    "missing": MISSING,
    "dangling": MISSING,
    "loop": LOOP,
    "loop/below": LOOP,
    "file/below": NO_DIRECTORY,
    "x" * 300: LONG,
    "socket": SPECIAL,
    "closed/below": DENIED,
}

READERS: dict[str, Act] = {
    "load": skipgram.load,
    "KeyedVectors.load": KeyedVectors.load,
    "load_word2vec_format": KeyedVectors.load_word2vec_format,
    "Word2Vec.load": Word2Vec.load,
    "corpus": lambda path: skipgram.train(str(path), progress=False),
    "stopwords": lambda path: skipgram.train([["a", "b"]], stopwords=path, progress=False),
    "evaluation set": lambda path: skipgram.evaluate(Embeddings(["a"], [[1.0]]), path),
    "analogies of gensim": KeyedVectors(2).evaluate_word_analogies,
    "configuration": read_config_file,
}
OWN_WORDS = {
    "corpus": {
        **dict.fromkeys([MISSING, NO_DIRECTORY, LONG], "does not exist"),
        "dangling": MISSING,
        "socket": "is a socket; name a file or a pipe",
    },
    **dict.fromkeys(
        ["KeyedVectors.load", "load_word2vec_format", "Word2Vec.load", "analogies of gensim"],
        dict.fromkeys([MISSING, NO_DIRECTORY], "there is no file or directory"),
    ),
}
"""What a reader says in place of the system's words."""

WRITERS: dict[str, Act] = {
    "save": Embeddings(["a", "b"], [[1.0, 2.0], [3.0, 4.0]]).save,
    "encode": lambda path: skipgram.encode([["a", "b"]] * 9, path, min_count=1, progress=False),
    **{
        f"export {name}": partial(
            skipgram.export, Embeddings(["a", "b"], [[1.0, 2.0], [3.0, 4.0]]), format=name
        )
        for name in sorted(EXPORTS.keys() - {"embedding-atlas"})
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("a 1 2\n")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "closed").mkdir(mode=0)
    return tmp_path


def place_of(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if name.startswith("closed") and os.geteuid() == 0:
        pytest.skip("permissions do not stop root")
    if name == "socket":
        monkeypatch.chdir(folder)  # the path of a socket has at most 108 bytes
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(name)
    return folder / name


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("name", "said"), PATHS.items(), ids=[name[:12] for name in PATHS])
def test_a_path_that_cannot_be_read(
    reader: str, name: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place_of(name, folder, monkeypatch)
    own = OWN_WORDS.get(reader, {})
    said = own.get(name, own.get(said, said))
    with pytest.raises(SkipgramError) as caught:
        READERS[reader](path)
    assert said in str(caught.value)
    assert str(path)[:60] in str(caught.value)
    assert "Errno" not in str(caught.value)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loop", LOOP),
        ("loop/below", LOOP),
        ("file/below", r"file is a file, not a directory"),
        ("file/far/below", r"file is a file, not a directory"),
        ("x" * 300, LONG),
        ("socket", "it is (a file|not a regular file)"),
        ("closed/below", DENIED),
    ],
    ids=["loop", "below a loop", "below a file", "far below", "long", "socket", "closed"],
)
def test_a_path_that_cannot_be_written(
    writer: str, name: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place_of(name, folder, monkeypatch)
    before = sorted(folder.iterdir())
    with pytest.raises(OutputError, match=f"cannot write .*{said}"):
        WRITERS[writer](path)
    assert sorted(folder.iterdir()) == before
    assert (folder / "loop").is_symlink()


@pytest.mark.parametrize("writer", WRITERS)
def test_what_a_link_leads_to_is_written(writer: str, folder: Path) -> None:
    WRITERS[writer](folder / "dangling")
    assert (folder / "dangling").is_symlink()
    assert (folder / "nowhere").exists()


@pytest.mark.parametrize("act", [*READERS.values(), *WRITERS.values()], ids=[*READERS, *WRITERS])
def test_a_name_with_a_nul_byte(act: Act, tmp_path: Path) -> None:
    if act is read_config_file:
        pytest.skip("no command line can give such a name")
    with pytest.raises(SkipgramError, match=r"null|NUL|does not exist|no file or directory"):
        act(tmp_path / "a\0b")


def test_a_file_in_a_closed_directory_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Any, *_arguments: Any, **_options: Any) -> None:
        raise PermissionError(13, os.strerror(13), path)

    monkeypatch.setattr("os.lstat", refuse)
    monkeypatch.setattr("os.stat", refuse)
    with pytest.raises(CorpusError, match=r"text cannot be read: Permission denied; check the"):
        skipgram.train(str(tmp_path / "text"), progress=False)
    with pytest.raises(FormatError, match=r"cannot read .*text: Permission denied") as caught:
        Word2Vec.load(str(tmp_path / "text"))
    assert not isinstance(caught.value, MissingFileError)
    assert not is_vectors(tmp_path / ("x" * 300))


def test_a_read_only_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("os.statvfs", lambda _: Status)
    with pytest.raises(OutputError, match="is on a read-only file system; choose another path"):
        WRITERS["save"](tmp_path / "model")
