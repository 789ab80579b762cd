from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from sample_vectors import ODD, model, same

from skipgram.errors import FormatError, OutputError
from skipgram.formats import EXPORTS, load


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
    theirs = KeyedVectors(2)
    theirs.add_vectors([7, np.int64(8), "nine"], np.eye(3, 2, dtype=np.float32))
    theirs.save(str(tmp_path / "items.kv"))
    assert load(tmp_path / "items.kv").words == ["7", "8", "nine"]
    for key in ((1, 2), None, True):
        other = KeyedVectors(2)
        other.add_vectors([key, "a"], np.ones((2, 2), np.float32))
        other.save(str(tmp_path / "others.kv"))
        with pytest.raises(FormatError, match=rf"the word {re.escape(str(key))} is not a string"):
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
