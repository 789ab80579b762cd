from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings
from skipgram.embeddings import Which
from skipgram.errors import ConfigError, FormatError, MissingExtraError, OutputError
from skipgram.index import NeighbourIndex, build_index, index_path
from skipgram.training.events import Event, StageProgressed


@pytest.fixture(scope="module")
def clusters() -> Embeddings:
    """20,000 vectors in 500 clusters."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(500, 50))
    vectors = centres[rng.integers(500, size=20_000)] + 0.5 * rng.normal(size=(20_000, 50))
    return Embeddings([f"w{n}" for n in range(20_000)], vectors)


@pytest.fixture(scope="module")
def indexed(clusters: Embeddings, tmp_path_factory: pytest.TempPathFactory) -> NeighbourIndex:
    path = index_path(tmp_path_factory.mktemp("index") / "model", "input")
    build_index(clusters, path)
    return NeighbourIndex(clusters, path)


def test_nearly_all_neighbours_are_found(clusters: Embeddings, indexed: NeighbourIndex) -> None:
    words = clusters.words[::50]
    exact, found = (search.most_similar_batch(words) for search in (clusters, indexed))
    same = [
        len(dict(one).keys() & dict(other).keys()) / 10
        for one, other in zip(exact, found, strict=True)
    ]
    assert np.mean(same) >= 0.95
    for word, answers in zip(words, found, strict=True):
        assert len(answers) == 10
        assert word not in dict(answers)
        assert [similarity for _, similarity in answers] == sorted(
            (value for _, value in answers), reverse=True
        )
        near, similarity = answers[0]
        assert similarity == pytest.approx(clusters.similarity(word, near), abs=1e-6)


def test_queries_of_several_words(clusters: Embeddings, indexed: NeighbourIndex) -> None:
    question = (["w1", "w2"], "w3")
    exact, found = (dict(search.most_similar(*question)) for search in (clusters, indexed))
    assert len(exact.keys() & found.keys()) >= 9
    with pytest.raises(ConfigError, match="no word was given"):
        indexed.most_similar()
    with pytest.raises(ConfigError, match="topn is 0"):
        indexed.most_similar("w1", topn=0)
    few = indexed.most_similar("w1", topn=25_000)
    assert len(few) > 10_000


def test_an_index_of_other_vectors_is_refused(clusters: Embeddings, tmp_path: Path) -> None:
    path = tmp_path / "index"
    with pytest.raises(FormatError, match=r"there is no index .*; build it: skipgram index MODEL"):
        NeighbourIndex(clusters, path)
    path.write_bytes(b"not an index at all" * 20)
    with pytest.raises(FormatError, match="skipgram index MODEL"):
        NeighbourIndex(clusters, path)
    path.unlink()
    rng = np.random.default_rng(2)
    for size in (30, 31):
        build_index(Embeddings([f"w{n}" for n in range(size)], rng.normal(size=(size, 8))), path)
        with pytest.raises(
            FormatError, match="was not built from the input vectors of this model; build it"
        ):
            NeighbourIndex(Embeddings([f"w{n}" for n in range(30)], rng.normal(size=(30, 8))), path)
    vectors = rng.normal(size=(31, 8))
    build_index(Embeddings([f"w{n}" for n in range(31)], vectors), path)
    vectors[17, 3] += 1e-6  # hidden by the 16 bits of the index
    with pytest.raises(
        FormatError,
        match=r"not built from the input .* model; build it again: skipgram index MODEL$",
    ):
        NeighbourIndex(Embeddings([f"w{n}" for n in range(31)], vectors), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match="does not match its digest; build it again"):
        NeighbourIndex(Embeddings([f"w{n}" for n in range(31)], rng.normal(size=(31, 8))), path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError):
        build_index(Embeddings(["a", "b"], np.eye(2)), tmp_path / "folder")


@pytest.mark.parametrize("which", ["input", "output"])
def test_an_index_replaced_without_its_digests_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: Which
) -> None:
    """As after a crash between the two files; the error says the whole command."""
    rng, path = np.random.default_rng(3), index_path(tmp_path / "my model", which)
    old, new = (
        Embeddings([f"w{n}" for n in range(30)], *rng.normal(size=(2, 30, 8))) for _ in range(2)
    )
    build_index(old, path, which=which)
    kept = path.read_bytes()
    build_index(new, path, which=which)
    path.write_bytes(kept)
    option = "" if which == "input" else " --vectors output"
    for embeddings in (old, new):
        with pytest.raises(
            FormatError,
            match=rf"does not match its digest; .* skipgram index '{tmp_path}/my model'{option}$",
        ):
            NeighbourIndex(embeddings, path, which=which)
    build_index(new, path, which=which)
    with pytest.raises(
        FormatError,
        match=rf"not built from the {which} .*: skipgram index '{tmp_path}/my model'{option}$",
    ):
        NeighbourIndex(old, path, which=which)
    path.unlink()
    with pytest.raises(
        FormatError, match=rf"there is no index .* skipgram index '{tmp_path}/my model'{option}$"
    ):
        NeighbourIndex(new, path, which=which)


def test_without_the_extra(
    clusters: Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[index\]'"):
        build_index(clusters, tmp_path / "index")


@pytest.mark.parametrize("vectors", ["input", "output", "average"])
def test_index_on_the_command_line(
    run: Any, planted_model: Path, tmp_path: Path, vectors: str
) -> None:
    skipgram.load(planted_model).save(tmp_path / "model")
    command = ["neighbors", tmp_path / "model", "a1", "b2", "--vectors", vectors, "--json"]
    assert run(*command, "--index").code == 1
    answer = run("index", tmp_path / "model", "--vectors", vectors)
    assert answer.out == f"40 words indexed in {tmp_path / 'model'}.{vectors}.usearch\n"
    exact, found = json.loads(run(*command).out), json.loads(run(*command, "--index").out)
    assert [entry["word"] for entry in found["a1"]] == [entry["word"] for entry in exact["a1"]]
    assert (
        len(
            run(
                "neighbors", tmp_path / "model", "--positive", "a1", "--vectors", vectors, "--index"
            ).out.splitlines()
        )
        == 10
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_model_whose_name_is_not_utf8(clusters: Embeddings, tmp_path: Path) -> None:
    path = index_path(tmp_path / os.fsdecode(b"model\xff"), "input")
    build_index(clusters, path)
    assert len(NeighbourIndex(clusters, path).most_similar("w1")) == 10


def test_an_index_is_named_after_its_model_even_if_that_is_a_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path / "model")
    assert index_path(".", "input") == tmp_path / "model.input.usearch"


def test_an_index_replaces_nothing_else(tmp_path: Path) -> None:
    model, path = Embeddings(["a", "b"], np.eye(2)), tmp_path / "precious.usearch"
    for kept in (path, tmp_path / "precious.usearch.sha256"):
        kept.write_text("years of work\n")
        with pytest.raises(OutputError, match=f"will not replace {re.escape(str(kept))}"):
            build_index(model, path)
        assert kept.read_text() == "years of work\n"
        kept.unlink()
    build_index(model, path)
    path.write_bytes(b"damaged")
    build_index(model, path)
    assert len(NeighbourIndex(model, path).most_similar("a")) == 1


def test_the_progress_of_building_is_reported_and_shown(
    run: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng, seen = np.random.default_rng(4), list[Event]()
    model = Embeddings([f"w{n}" for n in range(1500)], rng.normal(size=(1500, 4)))
    build_index(model, tmp_path / "index", report=seen.append, progress=True)
    assert capfd.readouterr().err.startswith("indexing ...\nindexing: done in ")
    stages = [event for event in seen if isinstance(event, StageProgressed)]
    assert [event.done for event in stages] == [0, 1000, 1500]
    model.save(tmp_path / "model")
    assert "indexing ...\n" in run("index", tmp_path / "model").err
    assert run("index", tmp_path / "model", "--quiet").err == ""
