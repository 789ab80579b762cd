"""An index whose digest was renewed after a change is refused, or searched without harm."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from sample_vectors import model

from skipgram import Embeddings
from skipgram.errors import FormatError
from skipgram.formats import export, load, usearch
from skipgram.formats.usearch_layout import BadIndexError, checked
from skipgram.index import NeighbourIndex, build_index

VECTORS = np.random.default_rng(1).normal(size=(200, 3)).astype(np.float32)
HEAD = 8 + VECTORS.nbytes
GRAPH = HEAD + 64
LEVELS = GRAPH + 40
NODES = LEVELS + 2 * len(VECTORS)


@pytest.fixture(scope="module")
def content() -> bytes:
    return bytes(usearch.build(VECTORS, threads=1))


@pytest.mark.parametrize("dtype", ["f32", "f16"])
@pytest.mark.parametrize("threads", [1, 4])
def test_vectors_are_found_by_their_keys(dtype: Literal["f32", "f16"], threads: int) -> None:
    keys, vectors = checked(bytes(usearch.build(VECTORS, dtype=dtype, threads=threads)))
    assert sorted(keys.tolist()) == [*range(200)]
    np.testing.assert_allclose(vectors, VECTORS[keys], atol=0 if dtype == "f32" else 2e-3)


def changed(content: bytes, at: int, number: int, size: int) -> bytes:
    return content[:at] + number.to_bytes(size, "little") + content[at + size :]


def level_above(content: bytes) -> int:
    """Return where the links on level 1 of the first node that is on it are."""
    at = NODES
    for level in np.frombuffer(content, "<i2", 200, LEVELS).tolist():
        if level > 0:
            return at + 10 + 4 * 33
        at += 10 + 4 * 33
    raise AssertionError


@pytest.mark.parametrize(
    ("at", "number", "size", "message"),
    [
        (0, 2**32 - 1, 4, "is cut off"),
        (4, 2**32 - 1, 4, "is cut off"),
        (0, 199, 4, "is not an index of usearch"),
        (HEAD, 0, 1, "is not an index of usearch"),
        (HEAD + 7, 3, 2, "is not an index of usearch"),
        (HEAD + 13, 101, 1, "is not an index by cosine"),
        (HEAD + 14, 1, 1, "is not an index by cosine"),
        (HEAD + 15, 11, 1, "is not an index by cosine"),
        (HEAD + 16, 16, 1, "is not an index by cosine"),
        (HEAD + 17, 199, 8, "has another number"),
        (HEAD + 25, 1, 8, "has another number"),
        (HEAD + 33, 2**63, 8, "has another number"),
        (HEAD + 41, 1, 1, "is not an index by cosine"),
        (GRAPH, 2**64 - 1, 8, "has a graph of another size"),
        (GRAPH + 8, 17, 8, "has a graph of another size"),
        (GRAPH + 16, 2**64 - 1, 8, "has a graph of another size"),
        (GRAPH + 24, 2**64 - 1, 8, "has no node on the highest level"),
        (GRAPH + 32, 200, 8, "has no node on the highest level"),
        (LEVELS, 2**15, 2, "has a node on a level"),
        (LEVELS, 20_000, 2, "has a node on a level"),
        (NODES, 200, 8, "has keys other than 0 to 199"),
        (NODES, 5, 8, "has keys other than 0 to 199"),
        (NODES + 8, 1, 2, "has a node on two levels"),
        (NODES + 10, 33, 4, "has links beyond its graph"),
        (NODES + 14, 200, 4, "has links beyond its graph"),
        (NODES + 14, 2**32 - 1, 4, "has links beyond its graph"),
    ],
)
def test_every_part_is_checked(
    at: int, number: int, size: int, message: str, content: bytes
) -> None:
    for read in (checked, usearch.restore):
        with pytest.raises(BadIndexError, match=message):
            read(changed(content, at, number, size))


def test_links_above_lead_to_nodes_of_that_level(content: bytes) -> None:
    at = level_above(content)
    low = np.frombuffer(content, "<i2", 200, LEVELS).tolist().index(0)
    linked = changed(changed(content, at, 1, 4), at + 4, low, 4)
    with pytest.raises(BadIndexError, match="not on the same level"):
        checked(linked)


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 8, b"not an index at all" * 20])
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(BadIndexError):
        checked(content)


def test_an_index_cut_or_longer_is_refused(content: bytes) -> None:
    for other in (content[:-1], content + b"\0", *(content[:at] for at in range(0, GRAPH, 7))):
        with pytest.raises(BadIndexError):
            checked(other)
    empty = bytes(usearch.build(np.empty((0, 3), np.float32)))
    assert len(checked(empty).keys) == 0
    with pytest.raises(BadIndexError, match="is cut off"):
        checked(empty + b"\0")


def test_what_passes_the_check_is_searched_without_harm(content: bytes) -> None:
    """A crash would end the tests. All of 34,000 changed indexes that passed were searched."""
    chosen, searched = random.Random(1), 0
    for _ in range(3000):
        at = chosen.randrange(HEAD if chosen.random() < 0.9 else 0, len(content))
        try:
            index = usearch.restore(changed(content, at, chosen.randrange(256), 1))
        except (BadIndexError, RuntimeError):
            continue
        index.search(VECTORS[:3], 10)
        searched += 1
    assert searched > 500


def renewed(path: Path, content: bytes) -> None:
    """Write an index and its digest, as an attacker would."""
    path.write_bytes(content)
    digests = next(path.parent.glob("*.sha256"))
    _, *others = digests.read_text().splitlines(keepends=True)
    digests.write_text("".join([usearch.digest(content, path.name), *others]))


def test_an_exported_index_whose_digest_was_renewed_is_refused(tmp_path: Path) -> None:
    export(model([f"w{n}" for n in range(200)], 3), tmp_path / "index", "usearch")
    path = tmp_path / "index" / "index.usearch"
    whole = path.read_bytes()
    renewed(path, changed(whole, NODES, 200, 8))
    with pytest.raises(FormatError, match=r"index\.usearch, .*: it has keys other than 0 to 199"):
        load(tmp_path / "index")
    renewed(path, b"")
    with pytest.raises(FormatError, match="it is cut off"):
        load(tmp_path / "index")
    (tmp_path / "index" / "vocabulary.tsv").write_text("word\nw1\n")
    renewed(path, whole)
    with pytest.raises(FormatError, match="it holds 200 vectors for 1 words"):
        load(tmp_path / "index")


def test_a_models_index_whose_digest_was_renewed_is_refused(run: Any, tmp_path: Path) -> None:
    embeddings = Embeddings([f"w{n}" for n in range(200)], VECTORS)
    embeddings.save(tmp_path / "model")
    path = tmp_path / "model.input.usearch"
    build_index(embeddings, path)
    whole = path.read_bytes()
    smaller = usearch.build(VECTORS[:50], dtype="f16")
    half = HEAD - VECTORS.nbytes // 2
    damages = {
        changed(whole, half + 104 + 400 + 14, 2**31, 4): "has links beyond its graph; build it",
        bytes(smaller): "is an index of 50 vectors of 3 dimensions, but the model has 200 of 3",
        b"": "cannot",
    }
    for damaged, message in damages.items():
        renewed(path, damaged)
        with pytest.raises(FormatError, match=message):
            NeighbourIndex(embeddings, path)
        answer = run("neighbors", tmp_path / "model", "w1", "--index")
        assert answer.code == 1
        assert len(answer.err.splitlines()) == 1
