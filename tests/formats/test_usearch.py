from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from sample_vectors import model
from usearch.index import Index

from skipgram.formats import EXPORTS, export, usearch
from skipgram.training.events import Event, StageProgressed


def test_usearch_answers_as_the_exact_search_does(tmp_path: Path) -> None:
    written = model([f"w{n}" for n in range(500)], 20)
    EXPORTS["usearch"](written, tmp_path / "index")
    index = Index.restore(str(tmp_path / "index" / "index.usearch"))
    assert index is not None
    found = index.search(written["w3"], 5)
    assert written.words[int(found.keys[0])] == "w3"
    nearest = written.most_similar("w3", topn=1)[0]
    assert written.words[int(found.keys[1])] == nearest[0]
    assert 1 - found.distances[1] == pytest.approx(nearest[1], abs=1e-5)


@pytest.mark.parametrize("dtype", ["f32", "f16"])
def test_an_index_is_built_and_restored(dtype: Literal["f32", "f16"]) -> None:
    vectors = np.random.default_rng(1).normal(size=(300, 20)).astype(np.float32)
    index = usearch.restore(usearch.build(vectors, dtype=dtype, threads=1))
    assert (len(index), index.ndim) == (300, 20)
    tolerance = 0 if dtype == "f32" else 1e-2
    np.testing.assert_allclose(np.asarray(index.get(np.uint64(7))), vectors[7], atol=tolerance)
    assert int(index.search(vectors[7], 1).keys[0]) == 7


def test_an_index_of_no_vectors() -> None:
    assert len(usearch.restore(usearch.build(np.empty((0, 5), np.float32)))) == 0


def test_other_content_is_not_restored() -> None:
    with pytest.raises((ValueError, RuntimeError)):
        usearch.restore(b"not an index at all" * 20)


def test_the_digest_is_the_line_of_sha256sum() -> None:
    assert usearch.digest(b"abc", "name") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  name\n"
    )


def test_building_reports_a_stage_unless_the_vectors_are_few(tmp_path: Path) -> None:
    events: list[Event] = []
    vectors = np.random.default_rng(1).normal(size=(2500, 4)).astype(np.float32)
    index = usearch.restore(usearch.build(vectors, report=events.append))
    assert len(index) == 2500
    np.testing.assert_array_equal(np.asarray(index.get(np.uint64(2400))), vectors[2400])
    stages = [event for event in events if isinstance(event, StageProgressed)]
    assert [(event.stage, event.done, event.total) for event in stages] == [
        ("indexing", done, 2500) for done in (0, 1000, 2000, 2500)
    ]
    usearch.build(vectors[:1000], report=events.append)
    assert len(events) == len(stages)
    export(
        model([f"w{n}" for n in range(1001)], 4), tmp_path / "i", "usearch", report=events.append
    )
    assert len(events) == len(stages) + 3
