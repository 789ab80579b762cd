"""The encoded corpus maps its files into memory."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import cut


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux about mapped memory")
def test_forgotten_ids_leave_memory_and_come_back() -> None:
    with encode_corpus([[str(n % 1000) for n in range(400_000)]]) as corpus:
        before = corpus.ids.copy()

        def resident() -> int:
            maps = psutil.Process().memory_maps(grouped=False)
            return sum(m.rss for m in maps if m.path.endswith("ids.int32"))

        assert resident() > 1_500_000
        corpus.forget(0, len(corpus.ids))
        assert resident() < 100_000
        assert np.array_equal(corpus.ids, before)


def test_the_sentence_at_a_position() -> None:
    with encode_corpus([["a", "b"], ["c"], ["a", "b", "c"]]) as corpus:
        found = [corpus.sentence_at(position) for position in range(8)]
        assert found == [0, 0, 1, 2, 2, 2, 3, 3]
        assert corpus.sentences == 3


def test_spans_cover_all_words_once() -> None:
    assert cut(3, 10, 4) == [(3, 7), (7, 10)]
    assert cut(3, 11, 4) == [(3, 7), (7, 11)]
    assert cut(3, 3, 4) == []


def test_a_closed_corpus_is_empty_and_its_temporary_files_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    corpus = encode_corpus([["a", "b"], ["a"]])
    ids = corpus.ids
    assert len(list(tmp_path.iterdir())) == 1
    corpus.close()
    assert ids.tolist() == [0, 1, 0]  # an array that is still in use stays valid
    assert (len(corpus.ids), corpus.sentences) == (0, 0)
    assert list(tmp_path.iterdir()) == []
