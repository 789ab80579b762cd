"""A kernel reads a checked copy of a part of the corpus, and the result is that of the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.stored import open_encoded
from skipgram.errors import CorpusError
from skipgram.io.directories import IDS, OFFSETS
from skipgram.kernels import softmax
from skipgram.kernels.windows import Chunk, Reach, make_window_scratch
from skipgram.training import pieces
from skipgram.training.events import ChunkTrained, Event, silent
from skipgram.training.objectives import probability_to_uint32
from skipgram.training.pieces import piece_of
from skipgram.training.trainer import Trainer

REACH = Reach(5, 4, True)
KEY = np.uint64(0xFEDCBA9876543210)


@pytest.fixture(scope="module")
def sentences() -> list[list[str]]:
    """Sentences of 1 to 400 words; most occurrences are of words that are seldom kept."""
    rng = np.random.default_rng(3)
    numbers = np.minimum(rng.zipf(1.6, 5000), 50)
    borders = np.cumsum(rng.integers(1, 400, 60))
    return [[f"w{n}" for n in part] for part in np.split(numbers, borders[borders < 5000])]


@pytest.mark.parametrize("margin", [1, 1 << 20])
@pytest.mark.parametrize("sample", [1.0, 0.2])
def test_windows_of_a_piece_are_those_of_the_whole_corpus(
    sentences: list[list[str]], margin: int, sample: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "LEAST_MARGIN", margin)
    with encode_corpus(sentences) as corpus:
        probability = np.full(len(corpus.vocabulary), sample)
        probability[0] = 0.03
        keep = probability_to_uint32(probability)
        ids, offsets = corpus.ids[:], corpus.offsets[:]
        scratch = make_window_scratch(REACH.furthest, 700)
        most = 0
        for first in range(0, 5000, 613):
            last = min(first + 613, 5000)
            chunk = Chunk(first, last, corpus.sentence_at(first), KEY, 0.05, 1e-6)
            piece = piece_of(corpus, chunk, keep, REACH.furthest)
            most = max(most, len(piece.ids))
            assert len(piece.ids) == piece.offsets[-1]
            whole = softmax.collect_windows(ids, offsets, chunk, keep, REACH, scratch)
            found = softmax.collect_windows(*piece, keep, REACH, scratch)
            assert found.kept == whole.kept
            assert np.array_equal(found.centres, whole.centres)
            assert np.array_equal(found.around.words, whole.around.words)
            assert np.array_equal(found.around.starts, whole.around.starts)
        assert most < 5000


def test_a_piece_of_one_endless_sentence_is_short(sentences: list[list[str]]) -> None:
    words = [word for sentence in sentences for word in sentence] * 10
    with encode_corpus([words]) as corpus:
        keep = np.full(len(corpus.vocabulary), 2**32 - 1, np.uint32)
        piece = piece_of(corpus, Chunk(20_000, 20_100, 0, KEY, 0, 0), keep, 5)
        assert len(piece.ids) == 100 + 2 * pieces.LEAST_MARGIN


def changed(folder: Path, how: str) -> None:
    """Change the files of an encoded corpus, with the same dates if `how` says so."""
    for name in (IDS, OFFSETS):
        path, size = folder / name, (folder / name).stat().st_size
        before = path.stat()
        if how == "cut off":
            os.truncate(path, size // 3 // 8 * 8)
            continue
        with path.open("r+b") as file:
            file.write({"ones": b"\xff", "large": b"\x7f", "zeros": b"\0"}[how] * size)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def encoded_in(folder: Path, sentences: list[list[str]]) -> EncodedCorpus:
    skipgram.encode(sentences, folder, min_count=1)
    return open_encoded(folder)


@pytest.mark.parametrize("how", ["cut off", "ones", "large", "zeros"])
@pytest.mark.parametrize("objective", ["negative", "hierarchical", "softmax"])
def test_a_corpus_that_changes_under_a_training_is_an_error(
    tmp_path: Path, sentences: list[list[str]], how: str, objective: Any
) -> None:
    config = TrainConfig(objective=objective, vector_size=8, epochs=3, threads=1, alpha=0.01)
    trained: list[Event] = []

    def report(event: Event) -> None:
        if isinstance(event, ChunkTrained):
            if not trained:
                changed(tmp_path / "corpus", how)
            trained.append(event)

    with (
        encoded_in(tmp_path / "corpus", sentences) as corpus,
        pytest.raises(CorpusError, match="of the encoded corpus changed while it was in use"),
    ):
        Trainer(corpus, config, report).train()
    assert trained


def test_a_corpus_that_is_encoded_again_under_a_training_trains_as_it_was(
    tmp_path: Path, sentences: list[list[str]]
) -> None:
    config = TrainConfig(vector_size=8, epochs=2, threads=1)
    with encoded_in(tmp_path / "corpus", sentences) as corpus:
        before = Trainer(corpus, config, silent).train()
        skipgram.encode(sentences[:5], tmp_path / "corpus", min_count=1)
        again = Trainer(corpus, config, silent).train()
    assert np.array_equal(before.input, again.input)


READS = """
import os, sys
import skipgram
from skipgram.corpus.build import choose_given, encode_corpus, select
from skipgram.corpus.stored import open_encoded
folder, act = sys.argv[1:]
corpus = open_encoded(folder)
for name in ("ids.int32", "offsets.int64"):
    os.truncate(f"{folder}/{name}", 16)
try:
    if act == "pmi":
        from skipgram.pmi import cooccurrences
        from skipgram.training.events import silent
        cooccurrences(corpus, skipgram.TrainConfig(threads=1), silent)
    elif act == "select":
        select(corpus, [(0, len(corpus.ids))])
    elif act == "choose":
        choose_given(corpus, corpus.vocabulary)
except skipgram.SkipgramError as error:
    print(type(error).__name__, "changed while it was in use" in str(error))
"""


@pytest.mark.parametrize("act", ["pmi", "select", "choose"])
def test_all_readers_of_an_encoded_corpus_see_that_it_changed(
    tmp_path: Path, sentences: list[list[str]], act: str
) -> None:
    encoded_in(tmp_path / "corpus", sentences).close()
    command = [sys.executable, "-c", READS, str(tmp_path / "corpus"), act]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "CorpusError True\n"), done.stderr
