"""Text and token lists become ids, as a plain Python count confirms at every kind of border."""

from __future__ import annotations

import errno
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from corpora import expected, from_text, sentences_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow_sentences import SPACE

from skipgram.corpus import build
from skipgram.corpus.build import WordChoice, encode_corpus, encode_into, write_corpus
from skipgram.errors import CorpusError, OutputError
from skipgram.io import blocks
from skipgram.vocabulary import Vocabulary


def test_small_text(tmp_path: Path) -> None:
    with from_text(b"b a b\n\n c a b\n", tmp_path) as corpus:
        assert corpus.vocabulary.words == ["b", "a", "c"]
        assert corpus.vocabulary.counts.tolist() == [3, 2, 1]
        assert sentences_of(corpus) == [["b", "a", "b"], ["c", "a", "b"]]
        assert corpus.report.raw_words == 6
        assert corpus.report.rare_words == 0


# Words are compared eight bytes at a time, twice, and the rest byte by byte.
PREFIXES = [b"0123456789abcdefghij"[:length] for length in (1, 7, 8, 9, 15, 16, 17, 20)]


WORDS = [
    b"a",
    b"bb",
    b"\x01",
    b"\x08\x0e\x1b!",
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
    space=st.sampled_from(
        [b" ", b"\t", b"  ", b"\v", b"\f", b"\x1f", b"\xc2\xa0", b"\xe3\x80\x80 "]
    ),
    last=st.booleans(),
    block=st.sampled_from([4, 16, 1 << 20]),
    threads=st.integers(1, 3),
    min_count=st.integers(1, 3),
    max_vocab=st.sampled_from([None, 2, 3]),
)
def test_any_text_in_blocks_of_any_size(
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
            assert sentences_of(corpus) == sentences
            assert corpus.report.raw_words == sum(map(len, lines))
            assert corpus.report.rare_words == sum(map(len, lines)) - sum(map(len, sentences))


NOT_UTF8 = [
    *(b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(b"\xf5\x80\x80\x80", b"\x80", b"\xc3a", b"\xe0\x80\x80", b"\xf0\x80\x80\x80"),
]


@pytest.mark.parametrize("bad", NOT_UTF8)
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
            st.characters(exclude_categories=["Cs"], exclude_characters=f"{SPACE}\0\ufeff"),
            min_size=1,
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
        assert sentences_of(corpus) == [["a", "b", *words]]
        assert corpus.report.undecodable_words == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b" \n\n ", "holds no words"),
        (b"one one one", "only one word, repeated"),
        (b"a b c a", "at least min_count=5.*2 times"),
        (b"a b\xe9\0c \0d", "holds NUL bytes: it is binary, or text in another encoding"),
        (b"\x1f\x8b\x08\x00abc", "is cut off"),
        (b"a\0 \0b\0", "it is text in UTF-16-LE without a byte order mark; set encoding=utf-16-le"),
        (b"a\0b\0\0\0\x01\0", "it is binary, or text in another encoding"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is an image, not text; leave it out"),
    ],
)
def test_text_that_cannot_be_trained_on(text: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        from_text(text, tmp_path, min_count=5)


def test_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with encode_corpus([["a", "b"]]):
        assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(CorpusError):
        encode_corpus([["a"], "b"])
    assert list(tmp_path.iterdir()) == []


def test_a_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError,
        match=r"the corpus holds no words to train on; 600 words are not UTF-8; set encoding "
        "to that of the text, such as cp1251, gb18030 or shift_jis$",
    ):
        from_text("привет мир снова\n".encode("koi8-r") * 200, tmp_path)


def test_a_missing_directory_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/directory")
    with pytest.raises(CorpusError, match="environment variable TMPDIR"):
        encode_corpus([["a", "b"]])


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build, "renumber", full)
    explained = re.escape(
        f"cannot write the encoded corpus to {tmp_path}: No space left on device; free some space "
        "there, or choose another output"
    )
    with pytest.raises(OutputError, match=f"^{explained}$"):
        write_corpus([["a", "b"]], tmp_path / "encoded")
    with pytest.raises(OutputError, match=f"^{explained}$"):
        encode_into(tmp_path / "corpus", [["a", "b"]], WordChoice())
    with pytest.raises(CorpusError, match="set the environment variable TMPDIR"):
        encode_corpus([["a", "b"]])


def test_a_given_vocabulary_is_used_unchanged(tmp_path: Path) -> None:
    chosen = Vocabulary(["b", "absent", "a"], np.array([9, 5, 1]))
    for corpus in ([["a", "b", "c"], ["c"], ["b"]], tmp_path / "text.txt"):
        if isinstance(corpus, Path):
            corpus.write_text("a b c\nc\nb\n")
        with encode_corpus(corpus, min_count=3, vocabulary=chosen) as encoded:
            assert encoded.vocabulary is chosen
            assert (encoded.ids[:].tolist(), encoded.offsets[:].tolist()) == ([2, 0, 0], [0, 2, 3])
            assert (encoded.report.raw_words, encoded.report.rare_words) == (5, 2)
    with encode_corpus([["c"], ["d"]], vocabulary=chosen) as encoded:
        assert (len(encoded.ids), encoded.sentences) == (0, 0)


def test_all_sentences_are_counted_also_those_that_lose_their_words(tmp_path: Path) -> None:
    lines = ["a b", "", "rare", "a b a", " ", "also new", "b"]
    for end in ("", "\n"):
        path = tmp_path / "text"
        path.write_text("\n".join(lines) + end)
        for corpus in (path, [line.split() for line in lines]):
            with encode_corpus(corpus, min_count=2) as encoded:
                assert (encoded.report.raw_sentences, encoded.sentences) == (5, 3)
            with encode_corpus(corpus) as encoded:
                assert (encoded.report.raw_sentences, encoded.sentences) == (5, 5)


def test_a_sentence_that_goes_on_in_the_next_block_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("one\n" + "two three " * 300_000 + "\nfour\n")
    for threads in (1, 3):
        with encode_corpus(path, threads=threads) as encoded:
            assert encoded.report.raw_sentences == encoded.sentences == 3


def test_an_encoded_corpus_keeps_its_number_of_sentences(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("a b a\nrare\nb a b\n")
    write_corpus(path, tmp_path / "encoded")
    with encode_corpus(tmp_path / "encoded", min_count=2) as encoded:
        assert (encoded.report.raw_sentences, encoded.sentences) == (3, 2)
