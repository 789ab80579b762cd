"""Text and token lists become ids: against a plain Python count, at every kind of border."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skipgram.corpus import scans
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, Reading, open_source
from skipgram.errors import CorpusError
from skipgram.io import blocks
from skipgram.kernels import scan
from skipgram.vocabulary import Vocabulary


def decoded(corpus: EncodedCorpus) -> list[list[str]]:
    words = corpus.vocabulary.words
    ids, offsets = corpus.ids, corpus.offsets
    return [[words[i] for i in ids[offsets[s] : offsets[s + 1]]] for s in range(corpus.sentences)]


def expected(
    lines: Iterable[list[bytes]], min_count: int = 1, max_vocab: int | None = None
) -> tuple[list[bytes], list[list[str]]]:
    """The slow way: count, sort by (-count, bytes), drop the rest and empty sentences."""
    kept = [list(line) for line in lines]
    counts = Counter(word for line in kept for word in line)
    order = sorted(
        (word for word, n in counts.items() if n >= min_count),
        key=lambda word: (-counts[word], word),
    )
    order = order[:max_vocab]
    left = [[word.decode() for word in line if word in set(order)] for line in kept]
    return order, [line for line in left if line]


def from_text(text: bytes, tmp_path: Path, **options: Any) -> EncodedCorpus:
    path = tmp_path / "corpus.txt"
    path.write_bytes(text)
    return encode_corpus(path, **options)


def test_small_text(tmp_path: Path) -> None:
    with from_text(b"b a b\n\n c a b\n", tmp_path) as corpus:
        assert corpus.vocabulary.words == ["b", "a", "c"]
        assert corpus.vocabulary.counts.tolist() == [3, 2, 1]
        assert decoded(corpus) == [["b", "a", "b"], ["c", "a", "b"]]
        assert corpus.report.raw_words == 6
        assert corpus.report.rare_words == 0


# Words are compared eight bytes at a time, twice, and the rest byte by byte.
PREFIXES = [b"0123456789abcdefghij"[:length] for length in (1, 7, 8, 9, 15, 16, 17, 20)]
WORDS = [
    b"a",
    b"bb",
    b"\x01",
    b"\x08\x0e\x1f!",
    b"x" * 50,
    b"x" * 49 + b"y",
    *(c.encode() for c in ("é", "日本", "٩")),
    *PREFIXES,
]


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    lines=st.lists(st.lists(st.sampled_from(WORDS), max_size=9), max_size=30),
    space=st.sampled_from([b" ", b"\t", b"  ", b" \r", b"\v", b"\f"]),
    last=st.booleans(),
    block=st.sampled_from([4, 16, 1 << 20]),
    threads=st.integers(1, 3),
    min_count=st.integers(1, 3),
    max_vocab=st.sampled_from([None, 2, 3]),
)
def test_any_text_and_any_cutting(
    lines: list[list[bytes]],
    space: bytes,
    last: bool,
    block: int,
    threads: int,
    min_count: int,
    max_vocab: int | None,
    tmp_path: Path,
) -> None:
    order, sentences = expected(lines, min_count, max_vocab)
    text = b"\n".join(space.join(line) for line in lines) + (b"\n" if last else b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", block)
        if len(order) < 2:
            with pytest.raises(CorpusError):
                from_text(text, tmp_path, min_count=min_count, max_vocab=max_vocab, threads=threads)
            return
        with from_text(
            text, tmp_path, min_count=min_count, max_vocab=max_vocab, threads=threads
        ) as corpus:
            assert [word.encode() for word in corpus.vocabulary.words] == order
            assert decoded(corpus) == sentences
            assert corpus.report.raw_words == sum(map(len, lines))
            assert corpus.report.rare_words == sum(map(len, lines)) - sum(map(len, sentences))


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
        assert decoded(corpus) == sentences


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
    with from_text(b"a " + word + b" b\na b\n", tmp_path, threads=2) as corpus:
        assert decoded(corpus) == [["a", word.decode(), "b"], ["a", "b"]]


def test_sentence_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    words = [f"w{i % 50}" for i in range(20_000)]
    with from_text(" ".join(words).encode(), tmp_path, threads=2) as corpus:
        assert decoded(corpus) == [words]


def test_several_files_and_a_byte_order_mark(tmp_path: Path) -> None:
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_bytes(b"\xef\xbb\xbfa b")
    second.write_bytes(b"a c\r\na b\r\n")
    with encode_corpus([first, second]) as corpus:
        assert decoded(corpus) == [["a", "b"], ["a", "c"], ["a", "b"]]
        assert corpus.report.bytes_read == first.stat().st_size + second.stat().st_size


@pytest.mark.parametrize(
    "bad",
    [b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\x80",
        b"\xc3a", b"\xe0\x80\x80", b"\xf0\x80\x80\x80"],
)  # fmt: skip
def test_bytes_that_are_not_utf8_are_dropped_and_counted(bad: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnicodeDecodeError):
        bad.decode()
    with from_text(b"a x" + bad + b" b\nx" + bad + b" a b\n", tmp_path) as corpus:
        assert corpus.vocabulary.words == ["a", "b"]
        assert corpus.report.undecodable_words == 2
        assert corpus.report.rare_words == 0


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\n\t\r\v\f \0"), min_size=1
        ),
        min_size=2,
        max_size=20,
    )
)
@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_any_utf8_word_stays(tmp_path: Path, words: list[str]) -> None:
    with from_text(("a b " + " ".join(words)).encode(), tmp_path) as corpus:
        assert decoded(corpus) == [["a", "b", *words]]
        assert corpus.report.undecodable_words == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b" \n\n ", "holds no words"),
        (b"one one one", "only one word"),
        (b"a b c a", "at least min_count=5.*2 times"),
        (b"a b\0c d", "NUL"),
        (b"\x1f\x8b\x08\x00abc", "is cut off"),
        (b"\xff\xfea\0 \0b\0", "NUL"),
    ],
)
def test_text_that_cannot_be_trained_on(text: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        from_text(text, tmp_path, min_count=5)


def test_places_that_cannot_be_read(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path / "missing", "does not exist"),
        (tmp_path, "holds no files"),
        (Path("x" * 5000), "does not exist"),
    ]:
        with pytest.raises(CorpusError, match=message):
            encode_corpus(path)
    with pytest.raises(CorpusError, match="sentences are lists of words"):
        encode_corpus("the cat sat on the mat")


def test_token_lists_are_read_once(tmp_path: Path) -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["new york", "is", ""]
        yield []
        yield ["is", "big", "is"]

    with encode_corpus(sentences()) as corpus:
        assert corpus.vocabulary.words == ["is", "", "big", "new york"]
        assert decoded(corpus) == [["new york", "is", ""], ["is", "big", "is"]]
        assert corpus.report.raw_words == 6


def test_token_lists_and_text_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skipgram.corpus.tokens.TOKENS_IN_A_BATCH", 100)
    rng = np.random.default_rng(0)
    sentences = [[f"w{i}" for i in rng.integers(0, 40, rng.integers(0, 30))] for _ in range(300)]
    text = "\n".join(" ".join(sentence) for sentence in sentences)
    with (
        encode_corpus(sentences, min_count=3) as lists,
        from_text(text.encode(), tmp_path, min_count=3) as plain,
    ):
        assert lists.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        (["the cat sat"], "sentence 0 is the string 'the cat sat'"),
        ([["a", "b"], "c d"], "sentence 1 is the string"),
        ([["a", ["b"]]], "not a list of strings"),
        ([["a", 3]], "token 3 is of type int"),
        ([["a", 0.5]], "token 0.5 is of type float"),
        ([3], "not a list of strings"),
        ([], "no sentences"),
        (b"bytes", "not bytes"),
        (7, "not int"),
    ],
)
def test_python_objects_that_are_no_corpus(corpus: Corpus, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        encode_corpus(corpus)


def test_lone_surrogates_are_dropped() -> None:
    with encode_corpus([["a", "\ud800", "b"]]) as corpus:
        assert corpus.vocabulary.words == ["a", "b"]
        assert corpus.report.undecodable_words == 1


def test_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with encode_corpus([["a", "b"]]):
        assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(CorpusError):
        encode_corpus([["a"], "b"])
    assert list(tmp_path.iterdir()) == []


def test_progress_reaches_the_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    path = tmp_path / "text"
    path.write_text("some words here\n" * 200)
    seen: list[tuple[int, int]] = []
    encode_corpus(path, progress=lambda done, total: seen.append((done, total))).close()
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_bad_bytes_stay_bad_whichever_thread_sees_them_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    monkeypatch.setattr(scans, "BLOCK_BYTES", 64)
    with from_text(b"a b c\n" * 100 + b"caf\xe9 a b\n" * 200, tmp_path, threads=4) as corpus:
        assert sorted(corpus.vocabulary.words) == ["a", "b", "c"]
        assert corpus.report.undecodable_words == 200


def test_a_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match="600 words of the corpus are not UTF-8, only 0 are; convert it to UTF-8"
    ):
        from_text("привет мир снова\n".encode("koi8-r") * 200, tmp_path)


def test_errors_of_the_users_own_generator_pass_through() -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise ConnectionResetError("peer reset")

    with pytest.raises(ConnectionResetError, match="peer reset"):
        encode_corpus(sentences())


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


def test_a_missing_directory_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/directory")
    with pytest.raises(CorpusError, match="environment variable TMPDIR"):
        encode_corpus([["a", "b"]])


def test_text_that_only_begins_like_a_compressed_file(tmp_path: Path) -> None:
    with from_text(b"BZhang met Li\nLi met BZhang\n", tmp_path) as corpus:
        assert "BZhang" in corpus.vocabulary.words


def test_many_threads_on_a_small_text_take_no_memory(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a b\n" * 20)
    assert (
        len(scans.TextScan(open_source(Reading(text)), 1024, lambda done, total: None)._tables) == 1
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_read_and_its_size_told_at_the_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a b\n" * 20,))
    writer.start()
    with encode_corpus(pipe) as corpus:
        assert corpus.report.bytes_read == 80
    writer.join()


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


def test_a_given_vocabulary_is_taken_as_it_is(tmp_path: Path) -> None:
    chosen = Vocabulary(["b", "absent", "a"], np.array([9, 5, 1]))
    for corpus in ([["a", "b", "c"], ["c"], ["b"]], tmp_path / "text.txt"):
        if isinstance(corpus, Path):
            corpus.write_text("a b c\nc\nb\n")
        with encode_corpus(corpus, min_count=3, vocabulary=chosen) as encoded:
            assert encoded.vocabulary is chosen
            assert (encoded.ids.tolist(), encoded.offsets.tolist()) == ([2, 0, 0], [0, 2, 3])
            assert (encoded.report.raw_words, encoded.report.rare_words) == (5, 2)
    with encode_corpus([["c"], ["d"]], vocabulary=chosen) as encoded:
        assert (len(encoded.ids), encoded.sentences) == (0, 0)
