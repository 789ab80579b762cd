from __future__ import annotations

import zipfile
from pathlib import Path

import gensim
import numpy as np
import pytest

from skipgram.errors import FormatError
from skipgram.formats import load
from skipgram.formats.others import described

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
