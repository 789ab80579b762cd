"""Corpora of a model: lists of tokens and files, read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import ONCE, TINY

from skipgram.errors import CorpusError, WrongTypeError
from skipgram.gensim import Word2Vec
from skipgram.gensim.corpora import CorpusReader
from skipgram.vocabulary import Vocabulary


def test_a_corpus_is_counted_then_read_with_the_chosen_tokens() -> None:
    reader = CorpusReader(threads=1)
    with reader.read(iter([[3, "3", (1, 2)], [np.int8(3), 5, "3"]]), None) as scanned:
        assert reader.counts(scanned) == {3: 2, "3": 2, (1, 2): 1, 5: 1}
        tokens: list[Any] = ["3", (1, 2), 3, "absent", 9]
        counts = np.array([2, 1, 2, 1, 1])
        with reader.choose(scanned, Vocabulary(tokens, counts)) as corpus:
            assert corpus.ids[:].tolist() == [2, 0, 1, 2, 0]
            assert corpus.vocabulary.counts.tolist() == counts.tolist()
    with CorpusReader(1).read([["3", 3, 4], [(1, 2)]], None, Vocabulary(tokens, counts)) as corpus:
        assert corpus.ids[:].tolist() == [0, 2, 1]


def test_a_file_holds_strings(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("3 4\n3 4 x\n" * 9)
    model = Word2Vec([[3, 4, 4]] * 9, **TINY)
    assert model.train(corpus_file=tmp_path / "text", **ONCE) == (0, 45)
    model = Word2Vec(corpus_file=str(tmp_path / "text"), **TINY)
    assert {*model.wv.index_to_key} == {"3", "4", "x"}


@pytest.mark.parametrize(
    ("corpus", "error", "message"),
    [
        ([[["a", "b"]]], WrongTypeError, r"a token is \['a', 'b'\]; .*make each token a tuple"),
        ([["a", ["b"]]], CorpusError, r"unhashable type: 'list'.*as a flat list of tokens"),
        ([1, 2, 3], WrongTypeError, r"a sentence is 1; .*single sentence in a list: \[sentence\]"),
        ([[1, 2], 3], WrongTypeError, "a sentence is 3; "),
        ([b"a text"], WrongTypeError, "a sentence is b'a text'; "),
    ],
)
def test_what_is_no_list_of_tokens(corpus: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Word2Vec(corpus, **TINY)
