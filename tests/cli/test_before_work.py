"""What is wrong from the beginning is found before long work, not after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that makes another one fail when it is called."""

    def set_up(name: str) -> None:
        def fail(*_: object, **__: object) -> None:
            raise AssertionError(f"{name} began before all was checked")

        monkeypatch.setattr(name, fail)

    return set_up


@pytest.mark.parametrize(
    "name", ["x" * 256, f"{'x' * 256}/model", "語" * 100, f"model-{'x' * 250}.safetensors"]
)
def test_names_that_are_too_long_below_a_missing_folder(
    name: str, run: Run, refuse: Callable[[str], None], planted_text: Path, tmp_path: Path
) -> None:
    refuse("skipgram.model.SkipGram.fit")
    answer = run("train", planted_text, "-o", tmp_path / "new" / name)
    assert_one_line(answer, 1, "File name too long; choose another path")
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_too_long_for_its_temporary_files(
    run: Run, refuse: Callable[[str], None], planted_text: Path, tmp_path: Path
) -> None:
    refuse("skipgram.model.SkipGram.fit")
    folders = ["x" * 9] * ((4000 - len(str(tmp_path))) // 10)
    output = tmp_path.joinpath(*folders, "model")
    assert len(str(output)) < 4096
    answer = run("train", planted_text, "-o", output)
    assert_one_line(answer, 1, "File name too long")


def test_held_out_text_is_missing(
    run: Run, refuse: Callable[[str], None], planted_text: Path, tmp_path: Path
) -> None:
    refuse("skipgram.model.encode_into")
    gone = tmp_path / "gone.txt"
    answer = run("train", planted_text, "-o", tmp_path / "model", "--validation", gone)
    assert_one_line(answer, 1, f"corpus {gone} does not exist")


def test_counts_that_cannot_be_added(
    run: Run, refuse: Callable[[str], None], planted_text: Path, tmp_path: Path
) -> None:
    largest = 2**63 - 1
    refuse("skipgram.training.trainer.Trainer.train")
    vectors = [[1.0, 2.0], [2.0, 1.0]]
    earlier = skipgram.Embeddings(["a1", "zzz"], vectors, vectors, [largest - 10, largest])
    earlier.save(tmp_path / "earlier")
    command = ["train", planted_text, "-o", tmp_path / "m", "--resume-from", tmp_path / "earlier"]
    answer = run(*command, "--vector-size", 2)
    said = "the word 'a1' occurs 9,223,372,036,854,775,797 times in the model and"
    assert_one_line(answer, 2, said, "the sum must be below 2^63", "use --initial instead")


def test_counts_that_can_just_be_added(planted_sentences: list[list[str]]) -> None:
    occurrences = sum(sentence.count("a1") for sentence in planted_sentences)
    count = 2**63 - 1 - occurrences
    vectors = [[1.0, 2.0]]
    earlier = skipgram.Embeddings(["a1"], vectors, vectors, [count])
    options: dict[str, Any] = {"epochs": 1, "threads": 1, "sample": 0}
    grown = skipgram.train(planted_sentences, resume_from=earlier, **options)
    assert grown.counts is not None
    assert grown.counts[grown.index("a1")] == 2**63 - 1


@pytest.mark.parametrize("name", ["model", "model.safetensors"])
def test_a_limit_on_the_size_of_files(
    name: str,
    run: Run,
    refuse: Callable[[str], None],
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = pytest.importorskip("resource")
    limits = {resource.RLIMIT_FSIZE: (5000, 5000)}
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits.get(kind, unlimited))
    answer = run("train", planted_text, "-o", tmp_path / name, "--vector-size", 100)
    assert_one_line(answer, 1, "the largest file of the model needs", "(ulimit -f)")
    assert "epoch" not in answer.err
    limits.clear()
    assert run("train", planted_text, "-o", tmp_path / name, "--epochs", 1).code == 0


def test_a_second_model_is_missing(
    run: Run, refuse: Callable[[str], None], planted_model: Path, tmp_path: Path
) -> None:
    refuse("skipgram.evaluation.scores.evaluate")
    (tmp_path / "set.tsv").write_text("a1\ta2\t1\na1\tb1\t0\n")
    gone = tmp_path / "gone"
    answer = run("evaluate", planted_model, gone, "--set", tmp_path / "set.tsv")
    assert_one_line(answer, 1, f"cannot read {gone}: No such file or directory")


def test_an_export_without_a_format(
    run: Run, refuse: Callable[[str], None], planted_model: Path, tmp_path: Path
) -> None:
    refuse("skipgram.formats.load")
    answer = run("export", planted_model, tmp_path / "vectors.xyz")
    assert_one_line(answer, 1, "the suffix .xyz names no format")


def test_an_export_that_draws_a_map(
    run: Run,
    refuse: Callable[[str], None],
    planted_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(
        "skipgram.formats.atlas.load_umap", lambda *_: None
    )  # its import takes seconds
    refuse("skipgram.formats.atlas._columns")
    target = tmp_path / f"{'x' * 250}.parquet"
    answer = run("export", planted_model, target, "--format", "embedding-atlas")
    assert_one_line(answer, 1, "File name too long")


def test_an_index_beside_a_model_with_a_long_name(
    run: Run, refuse: Callable[[str], None], planted_model: Path, tmp_path: Path
) -> None:
    refuse("skipgram.formats.usearch.build")
    model = tmp_path / ("x" * 250)
    skipgram.load(planted_model).save(model)
    assert_one_line(run("index", model), 1, "File name too long")


def test_more_dimensions_than_words(
    run: Run, refuse: Callable[[str], None], planted_text: Path, tmp_path: Path
) -> None:
    refuse("skipgram.pmi.cooccurrences")
    answer = run("pmi", planted_text, "-o", tmp_path / "model", "--vector-size", 40)
    assert_one_line(answer, 2, "--vector-size 40 is too large: the SVD of 40 words has at most 39")
