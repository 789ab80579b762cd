from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from skipgram.embeddings import Embeddings
from skipgram.formats import export
from skipgram.training.events import Event, StageProgressed


def test_the_map_and_the_neighbours_of_embedding_atlas(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(2, 10))
    matrix = np.concatenate([centre + 0.2 * rng.normal(size=(30, 10)) for centre in centres])
    written = Embeddings([f"{cluster}{n}" for cluster in "ab" for n in range(30)], matrix)
    seen: list[Event] = []
    target = tmp_path / "words.parquet"
    export(written, target, "embedding-atlas", report=seen.append, progress=False)
    stages = [event for event in seen if isinstance(event, StageProgressed)]
    steps = [event.done for event in stages[1:]]
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert [(event.stage, event.done, event.total) for event in stages] == [
        ("map of the words", 0, 0),
        *(("map of the words", percent, 100) for percent in steps),
    ]
    assert stages[-1].seconds > 0
    frame = pd.read_parquet(tmp_path / "words.parquet")
    assert list(frame.columns) == ["word", "vector", "x", "y", "neighbors"]
    places = frame[["x", "y"]].to_numpy()
    a, b = places[:30], places[30:]
    assert np.linalg.norm(a.mean(0) - b.mean(0)) > 2 * max(a.std(0).max(), b.std(0).max())
    for row, near in enumerate(frame["neighbors"]):
        expected = written.most_similar(written.words[row], topn=14)
        assert [written.words[other] for other in near["ids"]] == [
            written.words[row],
            *(word for word, _ in expected),
        ]
        np.testing.assert_allclose(
            near["distances"], [0, *(1 - cosine for _, cosine in expected)], atol=1e-6
        )
