from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

import skipgram
from skipgram import model_file
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.formats import load

NAME = "model.safetensors"
ODD = ["king", "a\tb", "two\nlines", "", " ", "東京", "\0", "\N{GRINNING FACE}", "x" * 200_000]


def model(words: list[str] = ODD, *, output: bool = True, counts: bool = True) -> Embeddings:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(len(words), 4)).astype(np.float32)
    return Embeddings(
        words,
        matrix,
        -matrix if output else None,
        range(len(words), 0, -1) if counts else None,
        {"epochs": 5},
    )


def same(a: Embeddings, b: Embeddings) -> None:
    assert a.words == b.words
    assert a.training == b.training
    for name in ("input", "output", "counts"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), strict=True)


@pytest.mark.parametrize("output", [True, False])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("name", [NAME, "any name", "model.bin"])
def test_a_model_comes_back_as_it_was(
    output: bool, counts: bool, name: str, tmp_path: Path
) -> None:
    saved = model(output=output, counts=counts)
    saved.save(tmp_path / NAME)
    (tmp_path / NAME).rename(tmp_path / name)  # known by its content
    same(skipgram.load(tmp_path / name), saved)
    assert skipgram.formats.is_vectors(tmp_path / name)


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=6),
    counts=st.booleans(),
)
def test_words_of_any_kind_come_back(
    words: list[str], counts: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    saved = model(words, counts=counts)
    saved.save(path)
    same(load(path), saved)


def test_other_programs_read_the_tensors(tmp_path: Path) -> None:
    saved = model()
    saved.save(tmp_path / NAME)
    tensors = load_file(tmp_path / NAME)
    assert tensors.keys() == {"words", "input", "output", "counts"}
    assert json.loads(tensors["words"].tobytes()) == ODD
    np.testing.assert_array_equal(tensors["input"], saved.input)
    # A program that saves them again may drop the metadata.
    save_file(tensors, tmp_path / "again")
    assert load(tmp_path / "again").training == {}


def test_the_inner_nodes_of_a_tree_are_kept(tmp_path: Path) -> None:
    nodes = np.arange(12, dtype=np.float32).reshape(3, 4)
    model_file.save(model(), tmp_path / NAME, tree={"nodes": nodes})
    np.testing.assert_array_equal(model_file.load(tmp_path / NAME)[1]["nodes"], nodes)
    model().save(tmp_path / NAME)
    assert model_file.load(tmp_path / NAME)[1] == {}


def test_the_path_of_a_corpus_need_not_be_utf8(tmp_path: Path) -> None:
    training = {"corpus": "caf\udce9.txt", "é": 1}
    for name in (NAME, "directory"):
        Embeddings(["a"], [[1.0]], training=training).save(tmp_path / name)
        assert load(tmp_path / name).training == training


def test_the_umask_decides_who_can_read_the_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    model().save(tmp_path / NAME)
    assert (tmp_path / NAME).stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("old", ["nothing", "empty file", "model file", "model directory"])
def test_a_model_replaces_a_model(old: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    if old == "empty file":
        path.touch()
    elif old != "nothing":
        model().save(tmp_path / ("directory" if old == "model directory" else NAME))
        if old == "model directory":
            (tmp_path / "directory").rename(path)
    (tmp_path / "link.safetensors").symlink_to(NAME)
    model(["new"]).save(tmp_path / "link.safetensors")
    assert load(path).words == ["new"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.safetensors", NAME]


def test_nothing_but_a_model_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("years of text\n")
    with pytest.raises(OutputError, match="it does not look like a model file of skipgram; choose"):
        model().save(tmp_path / NAME)
    assert (tmp_path / NAME).read_text() == "years of text\n"
    other = tmp_path / "other.safetensors"
    save_file({"embeddings": np.zeros((2, 2), np.float32)}, other)
    with pytest.raises(OutputError, match="will not replace"):
        model().save(other)
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "folder.safetensors" / "notes.txt").touch()
    with pytest.raises(OutputError, match=r"it holds 'notes.txt', which is not part of"):
        model().save(tmp_path / "folder.safetensors")
    with pytest.raises(OutputError, match="is a file, not a directory"):
        model().save(tmp_path / NAME / NAME)
    with pytest.raises(OutputError, match=r"it holds 'notes.txt'"):
        model_file.save(model(), tmp_path / "folder.safetensors", over_file=True)
    model_file.save(model(["a"]), tmp_path / NAME, over_file=True)
    assert load(tmp_path / NAME).words == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX pipes")
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(OutputError, match="it is not a regular file"):
        model().save(tmp_path / NAME)


def test_a_name_that_promises_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"not compressed with gzip; remove .gz from the name"):
        model_file.save(model(), tmp_path / "model.gz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("old", ["file", "directory"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_old_model(
    old: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise error

    model().save(tmp_path / (NAME if old == "file" else "directory"))
    if old == "directory":
        (tmp_path / "directory").rename(tmp_path / NAME)
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        model(["new"]).save(tmp_path / NAME)
    same(load(tmp_path / NAME), model())
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


FULL_DISK = """
import resource, sys
import numpy as np
from skipgram.embeddings import Embeddings
from skipgram.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    Embeddings([f"w{i}" for i in range(1000)], np.ones((1000, 50))).save(sys.argv[1])
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
def test_a_file_over_the_limit_names_the_bytes_and_leaves_the_old_model(tmp_path: Path) -> None:
    model().save(tmp_path / NAME)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / NAME)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "limited to 100,000 bytes (RLIMIT_FSIZE); raise the limit (ulimit -f)" in run.stdout
    assert "needs about 20" in run.stdout
    same(load(tmp_path / NAME), model())
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_cannot_be_written_is_refused_before_anything_is_changed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="JSON"):
        Embeddings(["a"], [[1]], training={"corpus": object()}).save(tmp_path / NAME)
    with pytest.raises(FormatError, match="surrogate"):
        model(["fine", "\ud800"]).save(tmp_path / NAME)
    for part, bad in (("input", np.nan), ("output", np.inf)):
        broken = model(["fine", "bad"])
        getattr(broken, part)[1, 2] = bad
        message = rf"row 2 of the {part} vectors has a number .* not finite \(word 'bad'"
        with pytest.raises(FormatError, match=message):
            broken.save(tmp_path / NAME)
    with pytest.raises(FormatError, match=r"a node of the tree has a vector .* not finite"):
        nodes = np.full((1, 4), np.nan, np.float32)
        model_file.save(model(), tmp_path / NAME, tree={"nodes": nodes})
    assert list(tmp_path.iterdir()) == []


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    model(ODD[:-1]).save(tmp_path / NAME)
    content = (tmp_path / NAME).read_bytes()
    for length in [*range(1, len(content), 7), len(content) - 1]:
        (tmp_path / NAME).write_bytes(content[:length])
        with pytest.raises(FormatError, match=NAME):
            load(tmp_path / NAME)


def text(words: object) -> np.ndarray:
    return np.frombuffer(json.dumps(words).encode(), np.uint8)


F32, RAW = np.float32, np.uint8
DAMAGES: list[tuple[dict[str, Any], str]] = [
    ({"words": text(["a", "b"])}, "it has 2 words, but input has 3 rows"),
    ({"words": text(["a", "b", "a"])}, "the word 'a' is in it twice"),
    ({"words": text(["a", "b", 3])}, "words is not a JSON array of strings"),
    ({"words": text({"a": 1})}, "words is not a JSON array of strings"),
    ({"words": text(["a", "b", "\ud800"])}, "surrogates not allowed"),
    ({"words": np.frombuffer(b'["a", "b", "\xff"]', RAW)}, "can't decode byte 0xff"),
    ({"words": np.frombuffer(b"[" * 100_000, RAW)}, "cannot be read as a model file"),
    ({"words": np.frombuffer(b'["a", "b"', RAW)}, "cannot be read as a model file"),
    ({"words": np.frombuffer('["a", "b", "c"]'.encode("utf-16"), RAW)}, "can't decode byte"),
    ({"words": np.zeros((1, 1), RAW)}, r"holds .*'words' \(uint8, 2-dimensional\)"),
    ({"input": np.zeros((3, 2))}, r"'input' \(F64, 2-dimensional\).*has 'input' \(float32, 2-dim"),
    ({"input": np.zeros(3, F32)}, r"holds .*'input' \(float32, 1-dimensional\)"),
    ({"output": np.zeros((3, 3), F32)}, r"output has shape \(3, 3\) instead of \(3, 2\)"),
    ({"nodes": np.zeros((2, 3), F32)}, "nodes has 3 columns instead of 2"),
    ({"counts": np.zeros(2, np.int64)}, r"counts has shape \(2,\) instead of \(3,\)"),
    ({"counts": np.array([3, -1, 1])}, "a count is -1"),
    ({"counts": np.zeros(3, np.int32)}, r"'counts' \(I32, 1-dimensional\)"),
    ({"input": np.full((3, 2), np.nan, F32)}, r"row 1 of input \(word 'a'\) has a number that is"),
    ({"output": np.full((3, 2), np.inf, F32)}, r"row 1 of output \(word 'a'\) has a number that"),
    ({"nodes": np.full((1, 2), np.inf, F32)}, "row 1 of nodes has a number that is not finite"),
]


@pytest.mark.parametrize(("tensors", "message"), DAMAGES)
def test_what_does_not_fit_is_named(tensors: dict[str, Any], message: str, tmp_path: Path) -> None:
    fine = {"words": text(["a", "b", "c"]), "input": np.zeros((3, 2), F32)}
    save_file(fine, tmp_path / NAME)
    assert load(tmp_path / NAME).words == ["a", "b", "c"]
    save_file(fine | tensors, tmp_path / NAME)
    with pytest.raises(FormatError, match=rf"{NAME} .*{message}"):
        load(tmp_path / NAME)


@pytest.mark.parametrize("training", ["[1]", "{", "[" * 100_000, "null"])
def test_training_that_is_no_object_is_refused(training: str, tmp_path: Path) -> None:
    tensors = {"words": text(["a"]), "input": np.zeros((1, 2), F32)}
    save_file(tensors, tmp_path / NAME, {"training": training})
    with pytest.raises(FormatError, match="cannot be read as a model file"):
        load(tmp_path / NAME)


def test_a_file_of_another_program_is_described(tmp_path: Path) -> None:
    layers = {f"layer.{n}.weight": np.zeros((2, 2), np.float16) for n in range(7)}
    save_file(layers, tmp_path / NAME)
    message = (
        r"not a model of skipgram: it holds 'layer.0.weight' \(F16, 2-dimensional\), .* and 2 more,"
        r" but a model has 'input' .* and 'words' .*; give a file that skipgram saved"
    )
    with pytest.raises(FormatError, match=message):
        load(tmp_path / NAME)
    save_file({}, tmp_path / NAME)
    with pytest.raises(FormatError, match="it holds no tensors, but"):
        load(tmp_path / NAME)
    model().save(tmp_path / "directory")
    with pytest.raises(FormatError, match="or the directory if this file is part of a model"):
        load(tmp_path / "directory" / NAME)


def test_a_compressed_file_is_called_that(tmp_path: Path) -> None:
    model().save(tmp_path / NAME)
    (tmp_path / "packed").write_bytes(gzip.compress((tmp_path / NAME).read_bytes()))
    with pytest.raises(FormatError, match="is a compressed model file; decompress it first"):
        load(tmp_path / "packed")


def test_text_is_not_taken_for_a_model() -> None:
    assert not model_file.recognised(b"")
    assert not model_file.recognised(b"\x10\0\0\0\0\0\0\0[1]")
    assert not model_file.recognised(b"\x10\0\0\0\0\0\0\1{}")
    assert not model_file.recognised(b"{" * 100)
    assert model_file.recognised(b"\x10\0\0\0\0\0\0\0{}      ")
