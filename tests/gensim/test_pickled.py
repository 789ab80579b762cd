"""A model that gensim saved is read as data: its pickle is not run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec as Theirs

from skipgram.errors import ConfigError, FormatError, OtherModelError, SkipgramError
from skipgram.gensim import Word2Vec

SENTENCES = [["a", "b", "b", "c"]] * 20


def trained(**options: Any) -> Theirs:
    return Theirs(SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1, **options)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch harm",)


@pytest.mark.parametrize("place", ["model", "wv"])
def test_a_models_pickle_is_not_run(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = trained()
    vars(theirs if place == "model" else theirs.wv)["extra"] = Evil()
    theirs.save("evil")
    with pytest.raises(FormatError, match=r"it would run \w+\.system, which is not allowed"):
        Word2Vec.load("evil")
    assert not Path("harm").exists()


@pytest.mark.parametrize("limit", [10 << 20, 1])
@pytest.mark.parametrize("hs", [0, 1])
def test_arrays_beside_the_file_are_read(limit: int, hs: int, tmp_path: Path) -> None:
    theirs = trained(hs=hs)
    theirs.comment = "kept"
    theirs.save(str(tmp_path / "model"), sep_limit=limit)
    ours, copied = Word2Vec.load(tmp_path / "model"), Word2Vec.from_gensim(theirs)
    assert ours.comment == "kept"
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    for name in ("syn1neg", "syn1") if hs else ("syn1neg",):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    for model in (ours, copied):
        model.train(SENTENCES, total_examples=20, epochs=1)
    np.testing.assert_array_equal(ours.wv.vectors, copied.wv.vectors)
    if limit == 1:
        (tmp_path / "model.syn1neg.npy").unlink()
        with pytest.raises(FormatError, match=r"model\.syn1neg\.npy"):
            Word2Vec.load(tmp_path / "model")


def test_keys_that_are_not_strings(tmp_path: Path) -> None:
    keys = [7, 2**64 - 1, (1, "b"), "c"]
    theirs = Theirs([keys] * 20, vector_size=4, min_count=1, epochs=1)
    theirs.save(str(tmp_path / "model"))
    assert set(Word2Vec.load(tmp_path / "model").wv.index_to_key) == set(keys)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epochs": "many"}, "epochs is 'many', not a number"),
        ({"train_count": "x"}, "train_count is 'x', not a number"),
        ({"seed": [1]}, r"seed is \[1\], not a number"),
        ({"negative": {}}, "Pairs where a key or a setting is expected"),
        ({"epochs": -1}, "epochs is -1"),
        ({"vector_size": 2**70}, "vector_size|shape"),
        ({"syn1neg": np.zeros((3, 4), np.int32)}, "syn1neg is of int32"),
        ({"syn1neg": np.zeros((3, 5), np.float32)}, "syn1neg has shape"),
        ({"syn1neg": "x"}, "str where an array is expected"),
        ({"wv": 5}, "int where an object is expected"),
        ({"__numpys": 5}, "__numpys is not a list of names"),
        ({"__numpys": ["../../secret"]}, ""),
        ({"trainables": 3, "vocabulary": []}, "where an object is expected"),
    ],
    ids=str,
)
def test_attributes_of_other_types_are_refused(
    changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    theirs = trained()
    vars(theirs).update(changed)
    vars(theirs)["save"] = None
    theirs.random = None
    write(theirs, tmp_path / "model")
    if not message:
        assert len(Word2Vec.load(tmp_path / "model").wv) == 3
        return
    with pytest.raises(SkipgramError, match=message):
        Word2Vec.load(tmp_path / "model")


def write(model: Theirs, path: Path) -> None:
    """Pickle a model as it is; gensim's `save` would change or miss what the test has set."""
    import pickle

    path.write_bytes(pickle.dumps(model))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"index_to_key": ["a", "a", "b"]}, "two of its keys are equal"),
        pytest.param(
            {"index_to_key": [(k * (2**61 - 1),) for k in range(2000)]},
            "hashes that collide",
            id="colliding keys",
        ),
        ({"index_to_key": ["a", [], "b"]}, "unhashable"),
        ({"index_to_key": 3}, "it has no words"),
        ({"index_to_key": ["a"]}, "shape|count"),
        ({"vectors": np.full((3, 4), "x", object)}, "vectors is of object"),
        ({"vectors": None}, "it has no vectors"),
        ({"expandos": {}}, "counts are not whole numbers"),
        ({"expandos": {"count": "many"}}, "where an array is expected"),
        ({"expandos": {"count": np.full(3, "x", object)}}, "counts are not whole numbers"),
        ({"vectors_lockf": np.array([0.5, 1, 1])}, "vectors_lockf has values"),
    ],
    ids=str,
)
def test_vectors_of_other_types_are_refused(
    changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    theirs = trained()
    vars(theirs.wv).update(changed)
    write(theirs, tmp_path / "model")
    with pytest.raises(SkipgramError, match=message):
        Word2Vec.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("point", np.array([2**31 - 1], np.uint32)),
        ("point", np.array([-5], np.int64)),
        ("point", np.array([0, 0, 0, 0], np.uint32)),
        ("code", np.array([7], np.uint8)),
        ("code", np.zeros(50, np.uint8)),
    ],
    ids=str,
)
def test_a_tree_that_is_none_is_refused(name: str, path: Any, tmp_path: Path) -> None:
    """Training would write outside its matrices."""
    theirs = trained(hs=1)
    theirs.wv.expandos[name][0] = path
    theirs.save(str(tmp_path / "model"))
    with pytest.raises(ConfigError, match=r"the tree of hs=1 is damaged: .*build_vocab"):
        Word2Vec.load(tmp_path / "model")


def test_another_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(
        b"\x80\x04cgensim.models.fasttext\nFastText\n)\x81}X\x01\0\0\0aK\x01sb."
    )
    with pytest.raises(OtherModelError, match=r"it holds gensim\.models\.fasttext\.FastText"):
        Word2Vec.load(tmp_path / "model")
