from __future__ import annotations

import pickle
from pathlib import Path

import gensim
import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors, Word2Vec
from sample_vectors import ODD, model, same

from skipgram.errors import FormatError, OutputError
from skipgram.formats import EXPORTS, export, load


def test_gensim_loads_its_own_format(tmp_path: Path) -> None:
    written = model(ODD)
    EXPORTS["gensim"](written, tmp_path / "model.kv")
    theirs = KeyedVectors.load(str(tmp_path / "model.kv"))
    assert theirs.index_to_key == ODD
    assert theirs.vectors.tobytes() == written.input.tobytes()
    assert written.counts is not None
    assert [theirs.get_vecattr(word, "count") for word in ODD] == written.counts.tolist()
    assert theirs.most_similar("king", topn=1)[0][0] == written.most_similar("king", topn=1)[0][0]
    theirs.save(str(tmp_path / "again.kv"), sep_limit=1)  # vectors in a file of their own
    assert (tmp_path / "again.kv.vectors.npy").exists()
    same(load(tmp_path / "again.kv"), written, "gensim")
    theirs.set_vecattr(theirs.index_to_key[0], "kind", "noun")
    theirs.save(str(tmp_path / "kinds.kv"))
    with pytest.warns(
        UserWarning, match="the word attributes 'kind' were skipped; only counts are read"
    ):
        same(load(tmp_path / "kinds.kv"), written, "gensim")
    (tmp_path / "again.kv.vectors.npy").unlink()
    with pytest.raises(FormatError, match=r"again\.kv\.vectors\.npy"):
        load(tmp_path / "again.kv")


def test_number_keys_of_gensim_become_words_of_digits(tmp_path: Path) -> None:
    """Written for gensim again, they are numbers."""
    theirs = KeyedVectors(2)
    theirs.add_vectors([7, np.int64(8), "nine"], np.eye(3, 2, dtype=np.float32))
    theirs.save(str(tmp_path / "items.kv"))
    items = load(tmp_path / "items.kv")
    assert items.words == ["7", "8", "nine"]
    items.save(tmp_path / "items")
    export(load(tmp_path / "items"), tmp_path / "back.kv")
    assert KeyedVectors.load(str(tmp_path / "back.kv")).index_to_key == [7, 8, "nine"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((1, "b"), '[1,"b"]'),
        (True, "true"),
        (None, "the key None cannot be saved"),
        (b"a", "the key b'a' cannot be saved, because it holds a bytes"),
    ],
)
def test_other_keys_of_gensim(key: object, expected: str, tmp_path: Path) -> None:
    other = KeyedVectors(2)
    other.add_vectors([key, "a"], np.ones((2, 2), np.float32))
    other.save(str(tmp_path / "others.kv"))
    if not expected.startswith("the key"):
        assert load(tmp_path / "others.kv").words == [expected, "a"]
        return
    with pytest.raises(FormatError, match=expected):
        load(tmp_path / "others.kv")


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("harm"),))


def test_a_complete_model_of_gensim_is_not_replaced(tmp_path: Path) -> None:
    Word2Vec([["a", "b"]] * 10, vector_size=2, min_count=1).save(str(tmp_path / "model"))
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["gensim"](model(["a"]), tmp_path / "model")
    with pytest.raises(FormatError, match="save_word2vec_format"):
        load(tmp_path / "model")


def test_a_pickle_that_asks_for_other_functions_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = KeyedVectors(2, count=0)
    theirs.add_vectors(["a"], np.ones((1, 2), np.float32))
    theirs.extra = Evil()
    theirs.save("evil.kv")
    with pytest.raises(
        FormatError, match=r"it would run \S+touch|it would run \S+, which is not allowed"
    ):
        load("evil.kv")
    assert not Path("harm").exists()
    Path("other.kv").write_bytes(pickle.dumps({"gensim.": 1}))
    with pytest.raises(FormatError, match="cannot be read as gensim's"):
        load("other.kv")
    whole = Path("evil.kv").read_bytes()
    for size in range(40, len(whole), 11):
        Path("cut.kv").write_bytes(whole[:size])
        with pytest.raises(FormatError, match="cut"):
            load("cut.kv")


def old_keyed_vectors(path: Path, counted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write what gensim 3.8 wrote: `vocab` has an object for each word, in any order."""
    names = ("Word2VecKeyedVectors", "Vocab")
    kinds = {name: type(name, (), {"__module__": "gensim.models.keyedvectors"}) for name in names}
    stored = kinds["Word2VecKeyedVectors"]()
    vocab = {}
    for row, word in reversed([*enumerate(["b", "a", "c"])]):
        vocab[word] = kinds["Vocab"]()
        vars(vocab[word]).update({"index": row} | ({"count": 10 - row} if counted else {}))
    vectors = np.eye(3, 2, dtype=np.float32)
    vars(stored).update(vectors=vectors, index2word=["b", "a", "c"], vocab=vocab, vector_size=2)
    with monkeypatch.context() as patch:
        for name, kind in kinds.items():
            patch.setattr(gensim.models.keyedvectors, name, kind, raising=False)
        path.write_bytes(pickle.dumps(stored, 2))


def test_counts_of_gensim_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_keyed_vectors(tmp_path / "old.kv", True, monkeypatch)
    read = load(tmp_path / "old.kv")
    assert read.words == ["b", "a", "c"]
    assert read.counts is not None
    assert read.counts.tolist() == [10, 9, 8]
    assert read.input.tolist() == [[1, 0], [0, 1], [0, 0]]
    old_keyed_vectors(tmp_path / "old.kv", False, monkeypatch)
    assert load(tmp_path / "old.kv").counts is None


SHIPPED = Path(gensim.__file__).parent / "test" / "test_data"


def test_vectors_of_gensim_3_2() -> None:
    path = SHIPPED / "old_keyedvectors_320.dat"
    theirs = KeyedVectors.load(str(path))
    read = load(path)
    assert read.words == theirs.index_to_key
    assert np.array_equal(read.input, theirs.vectors)
    assert read.counts is not None
    assert read.counts.tolist() == [theirs.get_vecattr(word, "count") for word in read.words]


def test_vectors_of_gensim_3_2_beside_the_file(tmp_path: Path) -> None:
    theirs = KeyedVectors(2)
    theirs.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
    vectors = theirs.vectors
    del theirs.vectors
    theirs.syn0 = vectors
    theirs.save(str(tmp_path / "old.kv"), sep_limit=1)
    assert (tmp_path / "old.kv.syn0.npy").exists()
    assert load(tmp_path / "old.kv").input.tolist() == [[1, 0], [0, 1]]


def test_vectors_of_fasttext_from_gensim_are_named(tmp_path: Path) -> None:
    texts = [["cat", "dog", "bird"]] * 10
    FastText(texts, vector_size=2, min_count=1, bucket=10).wv.save(str(tmp_path / "ft.kv"))
    with pytest.raises(FormatError, match=r"fastText's vectors of .*n-grams.*save_word2vec_format"):
        load(tmp_path / "ft.kv")
    theirs = KeyedVectors(2)
    theirs.vectors = None
    theirs.save(str(tmp_path / "none.kv"))
    with pytest.raises(FormatError, match="it has no vectors"):
        load(tmp_path / "none.kv")


def test_vectors_that_python_2_wrote() -> None:
    read = load(SHIPPED / "ft_kv_3.6.0.model.gz")
    assert read.words[:3] == ["system", "graph", "trees"]
    assert read.input.shape == (12, 3)
    assert read.input[0, 1] == pytest.approx(0.21304394)
    assert read.counts is not None
    assert read.counts.tolist()[:5] == [4, 3, 3, 3, 2]
