"""Scans give the same ids for any number of threads and any block size."""

from __future__ import annotations

import functools
import os
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
import pytest
from corpora import expected, from_text, sentences_of, write

import skipgram
from skipgram.config import CorpusConfig
from skipgram.corpus import scans
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.scans import EncodedScan
from skipgram.corpus.sources import EncodedDirectory, InMemory, Reading, resolve_corpus
from skipgram.errors import CorpusError
from skipgram.io import blocks
from skipgram.kernels import scan


def test_tables_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        scan, "make_table", lambda words=4, letters=8, make=scan.make_table: make(words, letters)
    )
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 12)
    lines = [
        [f"word{(i * 7919) % 5000}".encode(), b"and", f"{i}".encode() * (i % 40 + 1)]
        for i in range(6000)
    ]
    order, sentences = expected(lines)
    with from_text(b"\n".join(b" ".join(line) for line in lines), tmp_path, threads=2) as corpus:
        assert [word.encode() for word in corpus.vocabulary.words] == order
        assert sentences_of(corpus) == sentences


def test_same_fingerprint_for_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 256)
    text = b"\n".join(b" ".join(b"w%d" % (i * j % 97) for j in range(8)) for i in range(500))
    prints = set()
    for threads in (1, 2, 5):
        with from_text(text, tmp_path, threads=threads) as corpus:
            prints.add(corpus.fingerprint)
    with from_text(text + b" more words", tmp_path) as other:
        assert len(prints) == 1
        assert other.fingerprint not in prints


def test_word_longer_than_a_block(tmp_path: Path) -> None:
    word = b"x" * (3 << 20)
    text = tmp_path / "corpus.txt"
    text.write_bytes(b"a " + word + b" b\na b\n")
    with encode_corpus(Reading(text, CorpusConfig(max_word=1 << 22)), threads=2) as corpus:
        assert sentences_of(corpus) == [["a", word.decode(), "b"], ["a", "b"]]


def test_sentence_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    words = [f"w{i % 50}" for i in range(20_000)]
    with from_text(" ".join(words).encode(), tmp_path, threads=2) as corpus:
        assert sentences_of(corpus) == [words]


def test_progress_reaches_the_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    path = tmp_path / "text"
    path.write_text("some words here\n" * 200)
    seen: list[tuple[int, int, str]] = []
    encode_corpus(path, progress=lambda *progress: seen.append(progress)).close()
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size, "bytes")


def test_progress_of_a_pipe_counts_bytes_and_that_of_tokens_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = b"some words here\n" * 200
    seen: list[tuple[int, int, str]] = []
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(text)
    with os.fdopen(reader) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        with encode_corpus("-", progress=lambda *progress: seen.append(progress)):
            pass
        assert (seen[-1][0], seen[-1][2]) == (len(text), "bytes")
    sentences = [["some", "words"]] * 30
    with encode_corpus(sentences, progress=lambda *progress: seen.append(progress)) as corpus:
        assert seen[-1] == (60, 0, "words")
        for _ in EncodedScan(corpus, lambda *progress: seen.append(progress)).blocks():
            pass
    assert seen[-1] == (60, 0, "words")


def test_invalid_bytes_are_dropped_by_any_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    monkeypatch.setattr(scans, "BLOCK_BYTES", 64)
    with from_text(b"a b c\n" * 100 + b"caf\xe9 a b\n" * 200, tmp_path, threads=4) as corpus:
        assert sorted(corpus.vocabulary.words) == ["a", "b", "c"]
        assert corpus.report.undecodable_words == 200


def test_bytes_that_are_not_utf8_are_counted_with_any_options(tmp_path: Path) -> None:
    path = write(tmp_path / "text", b"Caf\xe9 A b\nA b\n")
    for options in ({}, {"lowercase": True}, {"token_pattern": r"\S+"}):
        with encode_corpus(Reading(path, skipgram.CorpusConfig(**options))) as corpus:
            assert corpus.report.undecodable_words == 1


def test_lone_surrogates_are_dropped() -> None:
    with encode_corpus([["a", "\ud800", "b"]]) as corpus:
        assert corpus.vocabulary.words == ["a", "b"]
        assert corpus.report.undecodable_words == 1


def test_running_out_of_memory_in_the_scan_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    monkeypatch.setattr(scan, "grow", no_memory)
    monkeypatch.setattr(scan, "make_table", functools.partial(scan.make_table, 4, 16))
    with pytest.raises(MemoryError):
        from_text(b" ".join(b"word%d" % n for n in range(5000)), tmp_path, threads=2)


def test_many_threads_on_a_small_text_take_no_memory(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a b\n" * 20)
    source = resolve_corpus(text)
    assert not isinstance(source, EncodedDirectory)
    scan_of_text = scans.scan_source(source, 1024, lambda done, total, unit: None)
    assert isinstance(scan_of_text, scans.TextScan)
    assert len(scan_of_text._tables) == 1


def test_parts_of_an_encoded_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "TOKENS_IN_A_BATCH", 3)
    done: list[int] = []
    with encode_corpus([["a", "b"], ["c"], ["a"], ["b", "a", "c"]]) as corpus:
        scan_of_parts = scans.EncodedScan(
            corpus, lambda n, total, unit: done.append(n), [(0, 2), (3, 7)]
        )
        found = [(block.ids.tolist(), block.ends.tolist()) for block in scan_of_parts.blocks()]
        a, b, c = (corpus.vocabulary.words.index(word) for word in "abc")
        assert found == [([a, b], [2]), ([a, b, a], [1]), ([c], [1])]
        assert scan_of_parts.distinct_words().counts.tolist() == [3, 2, 2]
    assert done == [2, 6, 7]


def test_distinct_words_of_two_tables_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 16)
    monkeypatch.setattr(scans, "BLOCK_BYTES", 16)
    source = resolve_corpus(write(tmp_path / "text", b"a b c d e f g\n" * 4 + b"b x\n"))
    assert not isinstance(source, EncodedDirectory)
    scan_of_text = scans.scan_source(source, 2, lambda done, total, unit: None)
    found = list(scan_of_text.blocks())
    words = scan_of_text.distinct_words()
    texts = words.spellings.texts(np.arange(len(words.counts)))
    assert dict(zip(texts, words.counts.tolist(), strict=True)) == {
        **dict.fromkeys("acdefg", 4),
        "b": 5,
        "x": 1,
    }
    read = [texts[words.new_ids[block.table][i]] for block in found for i in block.ids]
    assert read == [*"abcdefg" * 4, "b", "x"]


def test_tokens_are_spelled_as_the_caller_says() -> None:
    sentences = [[3, (1, 2), "3"], ["3", 3, 3]]
    with pytest.raises(CorpusError, match="must be all strings or all integers"):
        encode_corpus(sentences)

    def spell(tokens: Sequence[Hashable]) -> list[str]:
        assert tokens == [3, (1, 2), "3"]
        return list(map(repr, tokens))

    source = resolve_corpus(sentences)
    assert isinstance(source, InMemory)
    source.spell = spell
    with encode_corpus(source) as corpus:
        assert corpus.vocabulary.words == ["3", "'3'", "(1, 2)"]
        assert corpus.vocabulary.counts.tolist() == [3, 2, 1]
        assert sentences_of(corpus) == [["3", "(1, 2)", "'3'"], ["'3'", "3", "3"]]
