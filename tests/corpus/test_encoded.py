"""The encoded corpus reads parts of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import cut


def test_the_sentence_at_a_position() -> None:
    with encode_corpus([["a", "b"], ["c"], ["a", "b", "c"]]) as corpus:
        found = [corpus.sentence_at(position) for position in range(8)]
        assert found == [0, 0, 1, 2, 2, 2, 3, 3]
        assert corpus.sentences == 3
        assert corpus.longest_sentence() == 3


def test_spans_cover_all_words_once() -> None:
    assert cut(3, 10, 4) == [(3, 7), (7, 10)]
    assert cut(3, 11, 4) == [(3, 7), (7, 11)]
    assert cut(3, 3, 4) == []


def test_a_closed_corpus_is_empty_and_its_temporary_files_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    corpus = encode_corpus([["a", "b"], ["a"]])
    ids = corpus.ids[:]
    assert len(list(tmp_path.iterdir())) == 1
    corpus.close()
    assert ids.tolist() == [0, 1, 0]  # an array that is still in use stays valid
    assert (len(corpus.ids), corpus.sentences) == (0, 0)
    assert list(tmp_path.iterdir()) == []
