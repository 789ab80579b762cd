from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from skipgram import model_directory
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.formats import load
from skipgram.io import atomic
from skipgram.io.directories import MODEL_DIRECTORY, check_directory
from skipgram.model_directory import recognised

ODD = [
    "king",
    "a\tb",
    'say "x"',
    "two\nlines",
    "cr\r",
    "",
    " ",
    "[UNK]",
    "[[UNK]]",
    "東京",
    "\0",
    "'",
    "x" * 200_000,
]


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
def test_a_model_comes_back_as_it_was(output: bool, counts: bool, tmp_path: Path) -> None:
    saved = model(output=output, counts=counts)
    saved.save(tmp_path / "new" / "model")
    same(load(tmp_path / "new" / "model"), saved)
    assert (tmp_path / "new" / "model" / "output.safetensors").exists() == output


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=6),
    counts=st.booleans(),
)
def test_words_of_any_kind_come_back(
    words: list[str], counts: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.getbasetemp() / "any"
    saved = model(words, counts=counts)
    saved.save(directory)
    same(load(directory), saved)


def test_matrices_that_are_slices_of_padded_ones(tmp_path: Path) -> None:
    padded = np.arange(48, dtype=np.float32).reshape(3, 16)
    saved = Embeddings(["a", "b", "c"], padded[:, :5], padded[:, 5:10])
    saved.save(tmp_path / "model")
    same(load(tmp_path / "model"), saved)


def test_the_files_for_model2vec_and_sentence_transformers(tmp_path: Path) -> None:
    saved = model()
    saved.save(tmp_path / "model")
    tokenizer, config, modules = (
        json.loads((tmp_path / "model" / name).read_text())
        for name in ("tokenizer.json", "config.json", "modules.json")
    )
    vocabulary, unknown = tokenizer["model"]["vocab"], tokenizer["model"]["unk_token"]
    assert list(vocabulary) == [*ODD, unknown]
    assert list(vocabulary.values()) == list(range(len(ODD) + 1))
    tensor = load_file(tmp_path / "model" / "model.safetensors")["embeddings"]
    assert not tensor[vocabulary[unknown]].any()
    assert len(tensor) == len(vocabulary)
    assert config["hidden_dim"] == 4
    assert modules[0]["type"] == "sentence_transformers.models.StaticEmbedding"


def test_model2vec_loads_the_directory(tmp_path: Path) -> None:
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    saved = model()
    saved.save(tmp_path / "model")
    static = model2vec.StaticModel.from_pretrained(tmp_path / "model")
    king, none, mixed = static.encode(["king", "unheard", "king unheard 東京 [UNK]"])
    np.testing.assert_allclose(king, saved["king"])
    assert not none.any()
    np.testing.assert_allclose(
        mixed, (saved["king"] + saved["東京"] + saved["[UNK]"]) / 3, rtol=1e-6
    )


def test_sentence_transformers_loads_the_directory(tmp_path: Path) -> None:
    sentence_transformers = pytest.importorskip(
        "sentence_transformers", reason="sentence-transformers is not installed"
    )
    saved = model()
    saved.save(tmp_path / "model")
    static = sentence_transformers.SentenceTransformer(str(tmp_path / "model"), device="cpu")
    king, both, half = static.encode(["king", "king 東京", "king unheard"])
    np.testing.assert_allclose(king, saved["king"])
    np.testing.assert_allclose(both, (saved["king"] + saved["東京"]) / 2, rtol=1e-6)
    np.testing.assert_allclose(half, saved["king"] / 2)  # the unknown word counts, as zeros


def test_the_umask_decides_who_can_read_the_files(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    model().save(tmp_path / "model")
    assert {path.stat().st_mode for path in (tmp_path / "model").iterdir()} == {
        (tmp_path / "plain").stat().st_mode
    }


def test_an_old_model_or_an_empty_directory_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    model().save(tmp_path / "model")
    model(["other"], output=False).save(tmp_path / "model")
    same(load(tmp_path / "model"), model(["other"], output=False))
    (tmp_path / "link").symlink_to("model")
    model(["third"]).save(tmp_path / "link")
    assert load(tmp_path / "model").words == ["third"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "model"]


def test_nothing_but_a_model_is_ever_replaced(tmp_path: Path) -> None:
    model().save(tmp_path / "model with notes")
    (tmp_path / "model with notes" / "notes.txt").write_text("mine")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "config.json").write_text("{}")
    (tmp_path / "file").write_text("mine")
    for name, reason in (
        ("model with notes", "'notes.txt'"),
        ("half", "not a skipgram model"),
        ("file", "a file"),
        ("file/sub", "a file"),
    ):
        for refuse in (partial(check_directory, kind=MODEL_DIRECTORY), model().save):
            with pytest.raises(OutputError, match=reason):
                refuse(tmp_path / name)
    assert (
        (tmp_path / "model with notes" / "notes.txt").read_text()
        == (tmp_path / "file").read_text()
        == "mine"
    )
    with pytest.raises(OutputError, match="mount point"):
        check_directory("/", MODEL_DIRECTORY)
    with pytest.raises(OutputError, match="too long"):
        check_directory(tmp_path / ("x" * 300) / "model", MODEL_DIRECTORY)


@pytest.mark.parametrize("step", ["_save_tensor", "save_words", "_hugging_face"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_old_model(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    old = model()
    old.save(tmp_path / "model")
    monkeypatch.setattr(model_directory, step, fail)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        model(["new"]).save(tmp_path / "model")
    same(load(tmp_path / "model"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("failing_rename", [1, 2])
def test_a_failed_rename_leaves_the_old_model(
    failing_rename: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "exchange", lambda first, second: False)
    old, rename = model(), Path.rename
    renames = 0
    old.save(tmp_path / "model")

    def fail_once(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == failing_rename:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(KeyboardInterrupt):
        model(["new"]).save(tmp_path / "model")
    same(load(tmp_path / "model"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


FULL_DISK = """
import resource, sys
import numpy as np
from skipgram import model_directory
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
    old = model()
    old.save(tmp_path / "model")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path / "model"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "limited to 100,000 bytes (RLIMIT_FSIZE); raise the limit (ulimit -f)" in run.stdout
    assert "needs about 2" in run.stdout
    same(load(tmp_path / "model"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_cannot_be_written_is_refused_before_anything_is_changed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="JSON"):
        Embeddings(["a"], [[1]], training={"corpus": object()}).save(tmp_path / "model")
    with pytest.raises(FormatError, match="surrogate"):
        model(["fine", "\ud800"]).save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["model.safetensors", "output.safetensors", "vocabulary.tsv", "training.json"]
)
def test_a_file_cut_off_anywhere_is_refused_and_named(name: str, tmp_path: Path) -> None:
    model(ODD[:-1]).save(tmp_path)
    content = (tmp_path / name).read_bytes()
    for size in {
        *range(0, len(content), 7),
        len(content) - 2,
        len(content) - (name != "training.json"),
    } - {len(content)}:
        (tmp_path / name).write_bytes(content[:size])
        with pytest.raises(FormatError, match=name):
            load(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.tsv", "training.json"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    model().save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(FormatError, match=name):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vocabulary.tsv", b"word\tcount\na\t1\nb\n"),
        ("vocabulary.tsv", b"word\tcount\na\t1\nb\tmany\n"),
        ("vocabulary.tsv", b"word\tcount\na\t1\na\t1\n"),
        ("vocabulary.tsv", b"word\tcount\na\t1\nb\t99999999999999999999\n"),
        ("vocabulary.tsv", b"word\tcount\na\t1\n\xff\t1\n"),
        ("vocabulary.tsv", b"word\tcount\na\t1\nb\t1\nc\t1\n"),
        ("vocabulary.tsv", b"a\t1\nb\t1\n"),
        ("training.json", b"[1]"),
        ("training.json", b"\xff"),
    ],
)
def test_damage_is_refused_and_the_file_named(name: str, content: bytes, tmp_path: Path) -> None:
    model(["a", "b"]).save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=name):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "tensors"),
    [
        ("model.safetensors", {"embeddings": np.ones((2, 4), np.float32)}),
        ("model.safetensors", {"embeddings": np.ones((3, 4), np.float64)}),
        ("model.safetensors", {"embeddings": np.ones(3, np.float32)}),
        ("model.safetensors", {"other": np.ones((3, 4), np.float32)}),
        ("output.safetensors", {"embeddings": np.ones((2, 3), np.float32)}),
        ("output.safetensors", {"embeddings": np.ones((3, 4), np.float32)}),
    ],
)
def test_tensors_that_do_not_match_the_vocabulary_are_refused(
    name: str, tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    model(["a", "b"]).save(tmp_path)
    save_file(tensors, tmp_path / name)
    with pytest.raises(FormatError, match=name):
        load(tmp_path)


def test_a_directory_is_recognised_even_if_one_of_its_files_is_missing() -> None:
    files = {"model.safetensors", "training.json", "vocabulary.tsv"}
    assert recognised({*files, "tokenizer.json"})
    assert all(recognised(files - {name}) for name in files)
    assert not any(recognised({name, "config.json"}) for name in files)
    assert not recognised(set())


def test_model2vec_finds_words_with_spaces(tmp_path: Path) -> None:
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    words = ["new", "york", "new york", "x\ty z", " led", "", "big"]
    Embeddings(words, np.eye(7, dtype=np.float32)).save(tmp_path / "model")
    static = model2vec.StaticModel.from_pretrained(tmp_path / "model")
    found = static.encode(["new york", "york new", "big x\ty z", "a newer york"])
    expected = [[2], [0, 1], [3, 6], [1]]
    for vector, rows in zip(found, expected, strict=True):
        assert np.flatnonzero(vector).tolist() == rows
    same(load(tmp_path / "model"), Embeddings(words, np.eye(7, dtype=np.float32)))


def test_a_model_that_model2vec_saved_is_named(tmp_path: Path) -> None:
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    saved = Embeddings(["new york", "big"], [[1.0, 2.0], [3.0, 4.0]])
    saved.save(tmp_path / "model")
    model2vec.StaticModel.from_pretrained(tmp_path / "model").save_pretrained(tmp_path / "theirs")
    with pytest.raises(FormatError, match=r"theirs is a model of model2vec .*in Python: model ="):
        load(tmp_path / "theirs")
    theirs = model2vec.StaticModel.from_pretrained(tmp_path / "theirs")
    read = Embeddings(theirs.tokens, theirs.embedding)
    assert read["new york"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("file", "name"), [("model.safetensors", "input"), ("output.safetensors", "output")]
)
def test_a_model_with_numbers_that_are_not_finite_is_not_read(
    file: str, name: str, tmp_path: Path
) -> None:
    model(["a", "b"]).save(tmp_path / "model")
    tensors = load_file(tmp_path / "model" / file)
    tensors["embeddings"][1, 2] = np.nan
    save_file(tensors, tmp_path / "model" / file)
    said = f"model cannot be read: row 2 of the {name} vectors has a number that is not finite"
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "model")


def test_numbers_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    for name in ("input", "output"):
        changed = model(["a", "b"])
        getattr(changed, name)[1, 2] = np.inf
        said = f"row 2 of the {name} vectors has a number that is not finite"
        with pytest.raises(ConfigError, match=said):
            changed.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
