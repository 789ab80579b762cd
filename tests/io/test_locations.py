"""Names stand for files: paths, patterns and directories."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import OPTIONS, SENTENCES, decoded, directory, write

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.errors import CorpusError


def test_places_that_cannot_be_read(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path / "missing", "does not exist"),
        (tmp_path, "holds no files"),
        (Path("x" * 5000), "does not exist"),
    ]:
        with pytest.raises(CorpusError, match=message):
            encode_corpus(path)
    with pytest.raises(CorpusError, match="sentences are lists of words"):
        encode_corpus("the cat sat on the mat")


def test_places_without_text(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place, message in [
        (tmp_path / "empty", "holds no files"),
        (tmp_path / "*.nothing", "no file matches"),
        ("-", "standard input"),
    ]:
        with pytest.raises((CorpusError, OSError), match=message):
            encode_corpus(place)


def test_links_and_directories_that_match_are_followed(tmp_path: Path) -> None:
    directory(tmp_path)
    (tmp_path / "text" / "inner" / "circle").symlink_to(tmp_path / "text")
    outside = write(tmp_path / "outside" / "more", b"x y\n").parent
    (tmp_path / "text" / "link").symlink_to(outside)
    (tmp_path / "text" / "dangling").symlink_to(tmp_path / "nothing")
    whole = len(decoded(tmp_path / "text"))
    assert whole == len(SENTENCES) + 1
    assert len(decoded(str(tmp_path / "text" / "[!.d]*"))) >= whole
    assert len(decoded(str(tmp_path / "te*" / "**" / "part-1.txt"))) == 150


def test_empty_files_and_what_skipgram_wrote_are_left_out_of_directories(tmp_path: Path) -> None:
    folder = directory(tmp_path)
    write(folder / "_SUCCESS", b"")
    skipgram.encode(folder, folder / "encoded")
    skipgram.train(folder, **OPTIONS).save(folder / "model")
    assert decoded(folder) == SENTENCES
    with pytest.raises(CorpusError, match="is an encoded corpus, which trains by itself"):
        encode_corpus([folder / "encoded", folder / "part-1.txt"])
    with pytest.raises(CorpusError, match="is encoded already"):
        skipgram.encode(folder / "encoded", tmp_path / "again")
    with pytest.raises(CorpusError, match="the name of a corpus is empty"):
        encode_corpus("")
    with pytest.raises(CorpusError, match="named twice"):
        encode_corpus([Path("-"), Path("-")])
