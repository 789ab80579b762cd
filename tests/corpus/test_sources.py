"""A corpus gives the same vectors from any place as from a plain text file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from corpora import (
    LINES,
    OPTIONS,
    SENTENCES,
    TEXT,
    WALKS,
    Vectors,
    csv_text,
    decoded,
    directory,
    from_text,
    halves,
    parquet,
    sentences_of,
    vectors,
    write,
)

import skipgram
from skipgram.config import CorpusConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import (
    Corpus,
    EncodedDirectory,
    Files,
    InMemory,
    Reading,
    as_reading,
    resolve_corpus,
)
from skipgram.errors import ConfigError, CorpusError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


FILES: dict[str, Callable[[Path], Any]] = {
    "several files": lambda folder: list(halves(folder)),
    "a pattern": lambda folder: (halves(folder), str(folder / "part-*.txt"))[1],
    "a directory": directory,
    "gzip by another name": lambda folder: write(folder / "corpus.txt", gzip.compress(TEXT)),
    "gzip of several members": lambda folder: write(
        folder / "c.gz", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])
    ),
    "bzip2": lambda folder: write(
        folder / "corpus.bz2", bz2.compress(TEXT[:500]) + bz2.compress(TEXT[500:])
    ),
    "xz": lambda folder: write(folder / "corpus.xz", lzma.compress(TEXT)),
    "zstd": lambda folder: write(
        folder / "corpus.zst", zstd.compress(TEXT[:500]) + zstd.compress(TEXT[500:])
    ),
    "a file URL": lambda folder: f"file://{write(folder / 'corpus.txt', TEXT)}",
    "carriage returns": lambda folder: write(folder / "corpus.txt", TEXT.replace(b"\n", b"\r\n")),
    "a byte-order mark": lambda folder: write(folder / "corpus.txt", b"\xef\xbb\xbf" + TEXT),
    "empty lines": lambda folder: write(
        folder / "corpus.txt", b"\n\n" + TEXT.replace(b"\n", b"\n\n \t\n")
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_files(kind: str, tmp_path: Path, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(FILES[kind](tmp_path))
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


def test_standard_input(tmp_path: Path, plain: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "corpus.gz", gzip.compress(TEXT))
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        np.testing.assert_array_equal(vectors("-")[1], plain[1])


def test_fsspec_urls(plain: Vectors) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe(
        {"/walks/1.gz": gzip.compress(TEXT[:1000]), "/walks/2.gz": gzip.compress(TEXT[1000:])}
    )
    memory.pipe("/walks.gz", gzip.compress(TEXT))
    np.testing.assert_array_equal(vectors("memory://walks.gz")[1], plain[1])
    with encode_corpus("memory://walks") as folder, encode_corpus("memory://walks/*.gz") as pattern:
        assert folder.fingerprint == pattern.fingerprint
        assert folder.report.raw_words >= WALKS.size
    with pytest.raises(CorpusError, match="memory://nothing"):
        encode_corpus("memory://nothing")
    with pytest.raises(CorpusError, match="nosuch"):
        encode_corpus("nosuch://bucket/file")


ODD = (
    "\ufeffالسلام عليكم يا عالم\r\n\r\n你好 世界 你好\r\n😀 👩\u200d👩\u200d👧 naïve 😀\r\n"
    "end of text without a line end"
).encode()


def test_odd_text_is_the_same_from_everywhere(tmp_path: Path) -> None:
    text = ODD.decode("utf-8-sig").replace("\r\n", "\n")
    with encode_corpus([line.split() for line in text.split("\n")]) as tokens:
        prints = {tokens.fingerprint}
        assert "👩‍👩‍👧" in tokens.vocabulary.words
    for name, content in {
        "plain": ODD,
        "packed": gzip.compress(ODD),
        "lines": text.encode(),
    }.items():
        with encode_corpus(write(tmp_path / name, content)) as corpus:
            prints.add(corpus.fingerprint)
    with encode_corpus(pd.Series(text.split("\n"))) as corpus:
        prints.add(corpus.fingerprint)
    assert len(prints) == 1


def test_a_sentence_of_200_000_words_and_a_word_of_a_megabyte(tmp_path: Path) -> None:
    words = [f"w{n % 997}" for n in range(200_000)] + ["long" * (1 << 18)]
    text = " ".join(words).encode()
    with encode_corpus([words]) as tokens:
        for path in (
            write(tmp_path / "a", text),
            write(tmp_path / "b", gzip.compress(text, 1)),
            parquet(tmp_path, [words]),
        ):
            reading = skipgram.CorpusConfig(column="text" if path.suffix else None)
            with encode_corpus(Reading(path, reading)) as corpus:
                assert corpus.fingerprint == tokens.fingerprint
                assert corpus.sentences == 1


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damaged(content: bytes) -> bytes:
    return content[:60] + bytes(byte ^ 0x55 for byte in content[60:90]) + content[90:]


def zstd_with_checksum(content: bytes) -> bytes:
    """The zstd program writes a checksum too; without one, some damage cannot be detected."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lzma.compress, zstd_with_checksum]
)
def test_compressed_files_that_are_cut_off_or_damaged(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    content = compress(" ".join(map(str, rng.integers(0, 10**6, 400_000))).encode())
    with pytest.raises(CorpusError, match="is cut off"):
        encode_corpus(write(tmp_path / "cut", truncated(content)))
    with pytest.raises(CorpusError, match=r"is (cut off|damaged)"):
        encode_corpus(write(tmp_path / "broken", damaged(content)))


@pytest.mark.parametrize("module", ["pyarrow", "fsspec", "backports.zstd", "compression.zstd"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers: dict[str, Callable[[], Any]] = {
        "pyarrow": lambda: write(tmp_path / "a.csv", b"text\na b\n"),
        "fsspec": lambda: "s3://bucket/key",
        "backports.zstd": lambda: write(tmp_path / "a", zstd.compress(TEXT)),
    }
    if module not in makers or (module == "backports.zstd" and sys.version_info >= (3, 14)):
        pytest.skip("of another version of Python")
    monkeypatch.setitem(sys.modules, module, None)
    extra = "cloud" if module == "fsspec" else "data"
    config = skipgram.CorpusConfig(column="text" if module == "pyarrow" else None)
    with pytest.raises(skipgram.SkipgramError, match=rf"pip install .*\[{extra}\]'"):
        encode_corpus(Reading(makers[module](), config))


def test_gzip_without_the_fast_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    monkeypatch.setitem(sys.modules, "isal.igzip", None)
    assert decoded(write(tmp_path / "a.gz", gzip.compress(TEXT))) == SENTENCES
    with pytest.raises(CorpusError, match="cut off"):
        decoded(write(tmp_path / "b.gz", truncated(gzip.compress(TEXT))))


def test_text_that_only_begins_like_a_compressed_file(tmp_path: Path) -> None:
    with from_text(b"BZhang met Li\nLi met BZhang\n", tmp_path) as corpus:
        assert "BZhang" in corpus.vocabulary.words


def test_several_files_and_a_byte_order_mark(tmp_path: Path) -> None:
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_bytes(b"\xef\xbb\xbfa b")
    second.write_bytes(b"a c\r\na b\r\n")
    with encode_corpus([first, second]) as corpus:
        assert sentences_of(corpus) == [["a", "b"], ["a", "c"], ["a", "b"]]
        assert corpus.report.bytes_read == first.stat().st_size + second.stat().st_size


def test_places_that_cannot_be_read(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path / "missing", "does not exist"),
        (tmp_path, "holds no files"),
        (Path("x" * 5000), "does not exist"),
    ]:
        with pytest.raises(CorpusError, match=message):
            encode_corpus(path)
    with pytest.raises(CorpusError, match="pass sentences as lists of words"):
        encode_corpus("the cat sat on the mat")


def test_places_without_text(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place, message in [
        (tmp_path / "empty", "holds no files"),
        (tmp_path / "*.nothing", "matches no file"),
        ("-", "standard input"),
    ]:
        with pytest.raises((CorpusError, OSError), match=message):
            encode_corpus(place)


def test_links_and_directories_that_match_are_followed(tmp_path: Path) -> None:
    directory(tmp_path)
    (tmp_path / "text" / "inner" / "circle").symlink_to(tmp_path / "text")
    outside = write(tmp_path / "outside" / "more", b"x y\n").parent
    (tmp_path / "text" / "link").symlink_to(outside)
    (tmp_path / "text" / "dangling").symlink_to(tmp_path / "nothing")
    whole = len(decoded(tmp_path / "text"))
    assert whole == len(SENTENCES) + 1
    assert len(decoded(str(tmp_path / "text" / "[!.d]*"))) >= whole
    assert len(decoded(str(tmp_path / "te*" / "**" / "part-1.txt"))) == 150


def test_empty_files_and_what_skipgram_wrote_are_left_out_of_directories(tmp_path: Path) -> None:
    folder = directory(tmp_path)
    write(folder / "_SUCCESS", b"")
    skipgram.encode(folder, folder / "encoded")
    skipgram.train(folder, **OPTIONS).save(folder / "model")
    assert decoded(folder) == SENTENCES
    with pytest.raises(CorpusError, match="is an encoded corpus, not text"):
        encode_corpus([folder / "encoded", folder / "part-1.txt"])
    with pytest.raises(CorpusError, match="is already encoded"):
        skipgram.encode(folder / "encoded", tmp_path / "again")
    with pytest.raises(CorpusError, match="is already encoded"):  # not: the option has no effect
        skipgram.encode(folder / "encoded", tmp_path / "again", nfkc=True)
    with pytest.raises(CorpusError, match="is an empty name"):
        encode_corpus("")
    with pytest.raises(CorpusError, match="given more than once"):
        encode_corpus([Path("-"), Path("-")])


def test_text_and_lists_do_not_mix(tmp_path: Path) -> None:
    lists = parquet(tmp_path, SENTENCES).rename(tmp_path / "lists.parquet")
    with pytest.raises(
        CorpusError, match="some files of the corpus hold text and others hold lists"
    ):
        skipgram.train([parquet(tmp_path, LINES), lists], column="text", **OPTIONS)


def test_a_generator_is_read_exactly_once() -> None:
    taken = 0

    def sentences() -> Iterator[list[str]]:
        nonlocal taken
        for sentence in SENTENCES:
            taken += 1
            yield sentence

    vectors(sentences())
    assert taken == len(SENTENCES)


def test_errors_of_the_users_own_generator_pass_through() -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise ConnectionResetError("peer reset")

    with pytest.raises(ConnectionResetError, match="peer reset"):
        encode_corpus(sentences())


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        (["the cat sat"], "sentence 0 is the string 'the cat sat'"),
        ([["a", "b"], "c d"], "sentence 1 is the string"),
        ([["a", ["b"]]], "a token cannot be a word .*flat list of tokens"),
        ([["a", 3]], "token 3 is of type int"),
        ([["a", 0.5]], "token 0.5 is of type float"),
        ([3], "not a list of tokens"),
        ([bytearray(b"a b")], "the string bytearray\\(b'a b'\\), not a list of tokens"),
        ([], "no sentences"),
        (b"bytes", "is of type bytes; it must be"),
        (7, "is of type int; it must be"),
    ],
)
def test_objects_that_are_not_a_corpus(corpus: Corpus, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        encode_corpus(corpus)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize(
    ("content", "options"),
    [(gzip.compress(TEXT), {}), (csv_text(), {"column": "text"}), (b" " + TEXT, {})],
)
def test_a_slow_pipe_is_read_like_a_fast_one(
    content: bytes, options: dict[str, Any], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    def slowly() -> None:
        with (tmp_path / "pipe").open("wb", buffering=0) as file:
            for first, last in ((0, 1), (1, 3), (3, len(content))):
                file.write(content[first:last])
                time.sleep(0.05)

    writer = threading.Thread(target=slowly)
    writer.start()
    assert decoded(tmp_path / "pipe", **options) == SENTENCES
    writer.join()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_the_size_of_a_pipe_is_known_at_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a b\n" * 20,))
    writer.start()
    with encode_corpus(pipe) as corpus:
        assert corpus.report.bytes_read == 80
    writer.join()


@pytest.fixture
def encoded(tmp_path: Path) -> Path:
    skipgram.encode([["a", "b"]] * 9, tmp_path / "encoded")
    return tmp_path / "encoded"


def test_files_are_resolved(tmp_path: Path) -> None:
    first, second = halves(tmp_path)
    for corpus in (first, str(first), Reading(first), [first], iter([first])):
        source = resolve_corpus(corpus)
        assert isinstance(source, Files)
        assert (source.paths, source.size) == ([first], first.stat().st_size)
        assert resolve_corpus(source) is source
    both = resolve_corpus([first, second])
    assert isinstance(both, Files)
    assert both.paths == [first, second]
    size = first.stat().st_size + second.stat().st_size
    assert (both.position, both.size) == (0, size)
    assert b"".join(block for block in both.read() if isinstance(block, bytes)) == TEXT
    assert both.position == size


def test_files_without_a_path_or_a_size(tmp_path: Path) -> None:
    fsspec.filesystem("memory").pipe({"/resolved.txt": TEXT})
    for corpus in ("memory://resolved.txt", [write(tmp_path / "a", TEXT), "memory://resolved.txt"]):
        source = resolve_corpus(corpus)
        assert isinstance(source, Files)
        assert (source.paths, source.size) == (None, 0)


@pytest.mark.parametrize(
    ("corpus", "config"),
    [
        (SENTENCES, skipgram.CorpusConfig()),
        (WALKS, skipgram.CorpusConfig()),
        (iter(SENTENCES), skipgram.CorpusConfig()),
        (pd.Series(LINES), skipgram.CorpusConfig(lowercase=True)),
        ([{"text": "a b"}], skipgram.CorpusConfig(column="text")),
    ],
)
def test_objects_in_memory_are_resolved(corpus: Any, config: skipgram.CorpusConfig) -> None:
    source = resolve_corpus(Reading(corpus, config))
    assert isinstance(source, InMemory)
    assert (source.paths, source.size, source.position) == (None, 0, 0)
    assert source.config == config
    assert resolve_corpus(source) is source


def test_a_resolved_generator_loses_no_sentence() -> None:
    with encode_corpus(resolve_corpus(iter(SENTENCES))) as corpus:
        assert sentences_of(corpus) == SENTENCES


def test_encoded_directories_are_resolved(encoded: Path) -> None:
    for corpus in (encoded, str(encoded), [encoded], (str(encoded),), Reading([encoded])):
        assert resolve_corpus(corpus) == EncodedDirectory(encoded)
    with pytest.raises(ConfigError, match="nfkc has no effect on an encoded corpus"):
        resolve_corpus(Reading(encoded, skipgram.CorpusConfig(nfkc=True, token_pattern="x")))


def test_default_options_are_for_corpora_without_options(tmp_path: Path, encoded: Path) -> None:
    path = write(tmp_path / "text", TEXT)
    default = skipgram.CorpusConfig(lowercase=True)
    own = skipgram.CorpusConfig(nfkc=True)
    found = [
        resolve_corpus(corpus, default) for corpus in (path, Reading(path), Reading(path, own))
    ]
    assert [source.config for source in found if isinstance(source, Files)] == [
        default,
        default,
        own,
    ]
    assert resolve_corpus(encoded, default) == EncodedDirectory(encoded)


def test_a_reading_has_its_own_options() -> None:
    lower, plain = skipgram.CorpusConfig(lowercase=True), skipgram.CorpusConfig()
    assert as_reading("a.txt", lower) == Reading("a.txt", lower)
    assert as_reading(Reading("a.txt", lower), plain) == Reading("a.txt", lower)
    with pytest.raises(ConfigError, match="lowercase has no effect on a Reading"):
        as_reading(Reading("a.txt"), lower)


def test_places_and_sentences_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"'a b', which is neither a pathlib.Path nor a URL"):
        resolve_corpus([write(tmp_path / "text", TEXT), "a b"])


@pytest.mark.parametrize(
    "options",
    [
        {"clean": True},
        {"lowercase": True},
        {"nfkc": True},
        {"token_pattern": r"\w+"},
        {"tokenizer": str.split},
        {"clean": True, "sentence_per": "file"},
        {"lowercase": True, "sentence_per": "file"},
        {"token_pattern": r"\w+", "sentence_per": "file"},
    ],
)
def test_strings_are_read_as_the_rows_of_a_column(options: dict[str, Any]) -> None:
    texts = ["a b", "c d\ne", "a c"]
    found = []
    for corpus in (texts, iter(texts), pd.Series(texts)):
        with encode_corpus(Reading(corpus, CorpusConfig(**options))) as encoded:
            found.append(sentences_of(encoded))
    two = ["c d e"] if "sentence_per" in options else ["c d", "e"]
    assert found == [[text.split() for text in ["a b", *two, "a c"]]] * 3


@pytest.mark.parametrize("options", [{}, {"sentence_per": "file"}, {"column": "text"}])
def test_strings_need_an_option_that_says_how_they_become_words(options: dict[str, Any]) -> None:
    remedy = "set clean, lowercase, nfkc, token_pattern or tokenizer"
    with pytest.raises(CorpusError, match=remedy):
        encode_corpus(Reading(["a b", "c d"], CorpusConfig(**options)))


def test_a_reading_of_a_long_list_is_shown_in_short() -> None:
    assert len(repr(Reading([["a", "b"]] * 10_000))) < 700


def test_tokens_of_bytes_are_to_be_decoded() -> None:
    with pytest.raises(
        CorpusError, match=r"the token b'a' is of .*; .* token.decode\(\"utf-8\"\)$"
    ):
        encode_corpus([[b"a", b"b"]] * 3)
    with pytest.raises(CorpusError, match=r"the token 1.5 is of type float, .* str\(token\)$"):
        encode_corpus([[1.5, 2.5]] * 3)
