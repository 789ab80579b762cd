from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import gensim
import numpy as np
import pytest

from skipgram.errors import FormatError
from skipgram.formats import load
from skipgram.formats.others import described, guessed
from skipgram.gensim import KeyedVectors

SHIPPED = Path(gensim.__file__).parent / "test" / "test_data"


@pytest.mark.parametrize("name", ["lee_fasttext_new.bin", "lee_fasttext.bin", "cp852_fasttext.bin"])
def test_models_of_fasttext_are_named(name: str) -> None:
    with pytest.raises(
        FormatError,
        match=rf"{name} cannot be read: it is a binary model of fastText.*give the \.vec file",
    ):
        load(SHIPPED / name)


def test_the_remedy_for_a_model_of_fasttext(tmp_path: Path) -> None:
    theirs = gensim.models.fasttext.load_facebook_vectors(str(SHIPPED / "lee_fasttext_new.bin"))
    theirs.save_word2vec_format(str(tmp_path / "model.vec"))
    assert load(tmp_path / "model.vec").words == theirs.index_to_key


def test_other_files_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.ones((2, 2)))
    with pytest.raises(FormatError, match=r"it is a NumPy array, which holds no words; give"):
        load(tmp_path / "vectors.npy")
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.txt", "a 1 2\n")
    with pytest.raises(FormatError, match=r"an archive.*unpack it"):
        load(tmp_path / "glove.zip")


@pytest.mark.parametrize("start", [b"", b"a 1 2\n", b"\x01" * 40, bytes(range(128, 256)) * 8])
def test_what_is_not_known(start: bytes) -> None:
    assert described(start) is None
    assert described(b"a 1 2\n".ljust(257) + b"ustar 1 2\n") is None
    assert described(b"%PDF-1.5 \0") == "it is a PDF; give a file of vectors"
    utf_16 = "2 2\na 1 2\nb 3 4\n".encode("utf-16")
    assert described(utf_16) == "it is text in UTF-16; convert the file to UTF-8"


TABLE = "it is a table with {}.*a word and numbers with spaces or tabs between; write it so, or"
JSON = r"it is JSON; make a model of it in Python: skipgram\.Embeddings\(words, matrix\)\.save"
PICKLE = "it is a pickle of another program; make a model of it in Python"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"king,0.1,0.2\nqueen,0.2,0.3\n", TABLE.format("commas")),
        (b"word,0,1\nking,0.1,0.2\nqueen,0.2,0.3\n", TABLE.format("commas")),
        (b",d0,d1\r\nking,0.1,0.2\r\n", TABLE.format("commas")),
        (b"king, 0.1, 0.2\nqueen, 0.2, 0.3\n", TABLE.format("commas")),
        (b'\xef\xbb\xbf"word","d0"\n"a,b",0.1\n"c",0.3\n', TABLE.format("commas")),
        (b"word;d0;d1\nking;0,1;0,2\nqueen;0,3;0,4\n", TABLE.format("semicolons")),
        (b"king|0.1|0.2\n", TABLE.format("vertical bars")),
        (b'{"king": [0.1, 0.2], "queen": [0.2, 0.3]}', JSON),
        (b'{\n  "king": [\n 0.1, 0.2]}', JSON),
        (b'{"word": "king", "vector": [0.1]}\n{"word": "queen", "vector": [0.2]}\n', JSON),
        (b'[{"word": "king", "vector": [0.1]}]', JSON),
        (b'[["king", 0.1]]', JSON),
        *((pickle.dumps({"king": [0.1, 0.2]}, protocol), PICKLE) for protocol in range(6)),
        *((pickle.dumps([1, 2], protocol), PICKLE) for protocol in range(6)),
        *((pickle.dumps(np.ones(2), protocol), PICKLE) for protocol in range(6)),
        (b"<!DOCTYPE html>\n<html><title>404</title></html>\n", "it is a web page; download"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "it is a pointer of Git LFS.*git lfs pull",
        ),
    ],
)
def test_vectors_in_other_forms_are_named(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "vectors").write_bytes(content)
    with pytest.raises(FormatError, match=f"vectors cannot be read: {said}"):
        load(tmp_path / "vectors")


def test_an_archive_of_arrays_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "vectors.npz", words=np.array(["a", "b"]), vectors=np.ones((2, 2)))
    with pytest.raises(FormatError, match="an archive of NumPy arrays; make a model of it"):
        load(tmp_path / "vectors.npz")


@pytest.mark.parametrize(
    "word", ["{", "[", '["', '{"a":', "<html>", ",", ";", "|", "a,1,2", "cos", "(dp0"]
)
def test_words_that_look_like_other_forms_are_read(word: str, tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(f"{word} 0.1 0.2\nb 0.3 0.4\n")
    assert load(tmp_path / "glove.txt").words == [word, "b"]


@pytest.mark.parametrize("content", [b"a list of words\nthat, is, text\n", b"king 12\nqueen 7\n"])
def test_text_is_no_table(content: bytes) -> None:
    assert guessed(content) is None


@pytest.mark.parametrize("header", ["", "2 2\r"])
def test_lines_that_end_in_carriage_returns(header: str, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(f"{header}king 0.5 1\rqueen -2 3\r".encode())
    read = load(tmp_path / "old.txt")
    assert read.words == ["king", "queen"]
    assert read.input.tolist() == [[0.5, 1], [-2, 3]]
    (tmp_path / "old.txt").write_bytes(f"{header}king 0.5 1\rqueen -2 3".encode())
    with pytest.raises(FormatError, match="row 2 has no line end"):
        load(tmp_path / "old.txt")


def test_of_two_rows_the_shorter_is_blamed(tmp_path: Path) -> None:
    for row, content in ((1, "a 1 2\nb 4 5 6\n"), (2, "b 4 5 6\na 1 2\n")):
        (tmp_path / "glove.txt").write_text(content)
        with pytest.raises(
            FormatError, match=f"row {row} has 2 numbers where the first rows have 3"
        ):
            load(tmp_path / "glove.txt")


def test_a_header_of_names_is_named(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text("word x y\nking 0.1 0.2\nqueen 0.2 0.3\n")
    said = r"glove.txt is not a .*row 1 has a field that is not a number, 'x'; if it is a header"
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "glove.txt")
    with pytest.raises(FormatError, match=said):
        KeyedVectors.load_word2vec_format(str(tmp_path / "glove.txt"), no_header=True)
