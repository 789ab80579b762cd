"""Whatever a corpus lies in, the vectors are those of the plain file."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import fsspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import ConfigError, CorpusError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OPTIONS: dict[str, Any] = {"vector_size": 8, "epochs": 1, "threads": 1, "min_count": 1}

# Words are numbers, so that the same corpus can be text, strings and integers.
WALKS = np.random.default_rng(5).integers(0, 60, (400, 9))
SENTENCES = [[str(node) for node in walk] for walk in WALKS.tolist()]
LINES = [" ".join(sentence) for sentence in SENTENCES]
TEXT = ("\n".join(LINES) + "\n").encode()

ODD = "\ufeffالسلام عليكم يا عالم\r\n\r\n你好 世界 你好\r\n😀 👩‍👩‍👧 naïve 😀\r\nend of text without a line end".encode()


def vectors(corpus: Any, **options: Any) -> Any:
    trained = skipgram.train(corpus, **OPTIONS, **options)
    return trained.words, trained.input


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Any]:
    path = tmp_path_factory.mktemp("plain") / "corpus.txt"
    path.write_bytes(TEXT)
    return vectors(path)


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def halves(folder: Path) -> tuple[Path, Path]:
    first, second = (
        "\n".join(half).encode() for half in (LINES[:150], LINES[150:])
    )  # no line end between the files
    return write(folder / "part-1.txt", first), write(folder / "part-2.txt", second)


def directory(folder: Path) -> Path:
    _, second = halves(folder / "text")
    (folder / "text" / "inner").mkdir()
    second.rename(folder / "text" / "inner" / "more")
    write(folder / "text" / ".hidden", b"\0\0")
    return folder / "text"


def json_lines(folder: Path, values: list[Any]) -> Path:
    rows = "".join(json.dumps({"id": n, "text": value}) + "\n" for n, value in enumerate(values))
    return write(
        folder / "corpus.jsonl", ('{"id": -1, "text": null}\n\n' + rows + '{"id": -2}\n').encode()
    )


def parquet(folder: Path, values: list[Any]) -> Path:
    pq.write_table(
        pa.table({"id": range(len(values)), "text": values}),
        folder / "corpus.parquet",
        row_group_size=64,
    )
    return folder / "corpus.parquet"


def csv_text(delimiter: str = ",") -> bytes:
    quoted = f'id{delimiter}text\n0{delimiter}"{LINES[0]}\n{LINES[1]}"\n'
    return (
        quoted + "".join(f'{n}{delimiter}"{line}"\n' for n, line in enumerate(LINES[2:]))
    ).encode()


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
def test_files(kind: str, tmp_path: Path, plain: tuple[list[str], Any]) -> None:
    words, expected = plain
    found = vectors(FILES[kind](tmp_path))
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


TABLES: dict[str, Callable[[Path], Any]] = {
    "Parquet, text": lambda folder: parquet(folder, [*LINES[:7], None, *LINES[7:]]),
    "Parquet, lists of strings": lambda folder: parquet(
        folder, [*SENTENCES[:7], None, [], *SENTENCES[7:]]
    ),
    "Parquet, lists of integers": lambda folder: parquet(folder, WALKS.tolist()),
    "Parquet without its name": lambda folder: parquet(folder, LINES).rename(folder / "corpus"),
    "CSV": lambda folder: write(folder / "corpus.csv", csv_text()),
    "CSV with a byte-order mark": lambda folder: write(
        folder / "corpus.csv", b"\xef\xbb\xbf" + csv_text()
    ),
    "CSV, gzip": lambda folder: write(folder / "corpus.csv.gz", gzip.compress(csv_text())),
    "TSV": lambda folder: write(folder / "corpus.tsv", csv_text("\t")),
    "JSON Lines": lambda folder: json_lines(folder, LINES),
    "JSON Lines, lists of strings": lambda folder: json_lines(folder, SENTENCES),
    "JSON Lines, lists of integers": lambda folder: json_lines(folder, WALKS.tolist()),
    "JSON Lines, xz": lambda folder: write(
        folder / "c.xz", lzma.compress(json_lines(folder, LINES).read_bytes())
    ),
    "pandas": lambda _: pd.DataFrame({"id": range(400), "text": LINES}),
    "pandas, lists": lambda _: pd.DataFrame({"text": SENTENCES}),
    "polars": lambda _: pl.DataFrame({"id": range(400), "text": LINES}),
    "polars, lists": lambda _: pl.DataFrame({"text": SENTENCES}),
    "Arrow": lambda _: pa.table({"id": range(400), "text": LINES}),
    "Arrow, categories": lambda _: pa.table({"text": pa.array(LINES).dictionary_encode()}),
    "Arrow, batches": lambda _: pa.table({"text": LINES}).to_reader(max_chunksize=50),
    "Hugging Face": lambda _: datasets.Dataset.from_dict({"id": range(400), "text": LINES}),
    "Hugging Face, lists": lambda _: datasets.Dataset.from_dict({"text": SENTENCES}),
    "Hugging Face, a stream": lambda _: datasets.Dataset.from_dict(
        {"text": LINES}
    ).to_iterable_dataset(),
    "polars with a missing value": lambda _: pl.DataFrame({"text": [None, *LINES]}),
    "polars, categories": lambda _: pl.DataFrame(
        {"text": [None, *LINES]}, schema={"text": pl.Categorical}
    ),
    "polars, lists, one missing": lambda _: pl.DataFrame({"text": [None, *SENTENCES]}),
    "polars, lists of categories": lambda _: pl.DataFrame(
        {"text": SENTENCES}, schema={"text": pl.List(pl.Categorical)}
    ),
    "pandas, a value missing": lambda _: pd.DataFrame(
        {"text": [float("nan"), *LINES]}, dtype=object
    ),
    "pandas, categories": lambda _: pd.DataFrame({"text": pd.Categorical([*LINES, None])}),
    "Arrow, views": lambda _: pa.table({"text": pa.array([None, *LINES], pa.string_view())}),
    "Arrow, bytes": lambda _: pa.table(
        {"text": pa.array([line.encode() for line in LINES], pa.binary_view())}
    ),
    "Arrow, list views": lambda _: pa.table(
        {"text": pa.array([None, *SENTENCES], pa.list_view(pa.string_view()))}
    ),
    "Hugging Face, mapped": lambda _: (
        datasets.Dataset.from_dict({"line": LINES})
        .to_iterable_dataset()
        .map(lambda row: {"text": row["line"]})
    ),
    "Hugging Face, generated": lambda _: datasets.IterableDataset.from_generator(
        lambda: ({"text": line} for line in LINES)
    ),
    "records with missing values": lambda _: pd.DataFrame({"text": [None, *LINES]}).to_dict(
        "records"
    ),
    "records": lambda _: ({"id": n, "text": line} for n, line in enumerate(LINES)),
    "records, lists": lambda _: [{"text": None}, *({"text": sentence} for sentence in SENTENCES)],
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables(kind: str, tmp_path: Path, plain: tuple[list[str], Any]) -> None:
    words, expected = plain
    found = vectors(TABLES[kind](tmp_path), column="text")
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


OBJECTS: dict[str, Callable[[], Any]] = {
    "a generator": lambda: (sentence for sentence in SENTENCES),
    "tuples": lambda: tuple(map(tuple, SENTENCES)),
    "a matrix of integers": lambda: WALKS,
    "a transposed matrix": lambda: np.asfortranarray(WALKS.astype(np.uint16)),
    "arrays of integers": lambda: [WALKS[0], *WALKS[1:]],
    "lists of integers": lambda: WALKS.tolist(),
    "pandas Series": lambda: pd.Series(LINES),
    "pandas Series of lists": lambda: pd.Series(SENTENCES),
    "pandas Series of arrays": lambda: pd.Series(list(WALKS)),
    "polars Series": lambda: pl.Series(LINES),
    "polars Series of lists": lambda: pl.Series(WALKS.tolist()),
    "Arrow array": lambda: pa.array(LINES, pa.large_string()),
    "Arrow array of large lists": lambda: pa.array(WALKS.tolist(), pa.large_list(pa.int64())),
    "Arrow array of fixed lists": lambda: pa.array(WALKS.tolist(), pa.list_(pa.int32(), 9)),
    "integers of two types": lambda: [[np.int64(node) for node in WALKS[0]], *WALKS[1:].tolist()],
    "a column of Hugging Face": lambda: datasets.Dataset.from_dict({"text": SENTENCES})["text"],
    "chunked array": lambda: pa.chunked_array([LINES[:9], LINES[9:]], pa.string_view()),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_python_objects(kind: str, plain: tuple[list[str], Any]) -> None:
    words, expected = plain
    found = vectors(OBJECTS[kind]())
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


def test_standard_input(
    tmp_path: Path, plain: tuple[list[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "corpus.gz", gzip.compress(TEXT))
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        np.testing.assert_array_equal(vectors("-")[1], plain[1])


def test_fsspec_urls(plain: tuple[list[str], Any]) -> None:
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
            reading = {"column": "text"} if path.suffix else {}
            with encode_corpus(Reading(path, skipgram.CorpusConfig(**reading))) as corpus:
                assert corpus.fingerprint == tokens.fingerprint
                assert corpus.sentences == 1


def decoded(corpus: Any, **options: Any) -> list[list[str]]:
    with encode_corpus(Reading(corpus, skipgram.CorpusConfig(**options))) as encoded:
        words, ids, offsets = encoded.vocabulary.words, encoded.ids, encoded.offsets
        return [
            [words[i] for i in ids[offsets[s] : offsets[s + 1]]] for s in range(encoded.sentences)
        ]


def spell(line: str) -> list[str]:
    return line.split("-")


def test_how_text_becomes_words(tmp_path: Path) -> None:
    path = write(tmp_path / "text", "The ﬁrst-LINE, ÉTÉ\nthe Second-line Ⅳ".encode())
    assert decoded(path, lowercase=True)[1] == ["the", "second-line", "ⅳ"]
    assert decoded(path, nfkc=True)[0] == ["The", "first-LINE,", "ÉTÉ"]
    assert decoded(path, nfkc=True, lowercase=True)[1] == ["the", "second-line", "iv"]
    assert decoded(path, token_pattern=r"\w+")[0] == ["The", "ﬁrst", "LINE", "ÉTÉ"]
    assert decoded(path, token_pattern=r"[a-z]+", lowercase=True)[1] == ["the", "second", "line"]
    assert decoded(path, tokenizer=spell)[1] == ["the Second", "line Ⅳ"]
    assert decoded(path, tokenizer=f"{__name__}:spell", lowercase=True)[1] == [
        "the second",
        "line ⅳ",
    ]
    assert decoded(path, sentence_per="file") == [path.read_text(encoding="utf-8").split()]
    assert len(decoded([path, path], sentence_per="file")) == 2
    assert decoded(pd.Series(["a b\nc", "d"]), sentence_per="file") == [["a", "b", "c"], ["d"]]
    assert decoded([{"text": "a b\nc"}, {"text": "d e"}], column="text", sentence_per="file") == [
        ["a", "b", "c"],
        ["d", "e"],
    ]
    assert decoded(["a-b c\n", "d"], tokenizer=spell) == [["a", "b c"], ["d"]]


def test_normalizing_is_the_same_however_the_text_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Ａｂｃ ﬀ e\u0301 \u00a0x ΣΑΣ\n" * 50
    expected = [unicodedata.normalize("NFKC", line).lower().split() for line in text.splitlines()]
    path = write(tmp_path / "text", text.encode())
    for size in (7, 64, 1 << 20):
        monkeypatch.setattr("skipgram.io.blocks.BLOCK_BYTES", size)
        assert decoded(path, lowercase=True, nfkc=True) == expected
        assert decoded(path, lowercase=True, nfkc=True, token_pattern=r"\S+") == expected


def test_bytes_that_are_not_utf8_are_counted_in_every_way_to_read(tmp_path: Path) -> None:
    path = write(tmp_path / "text", b"Caf\xe9 A b\nA b\n")
    for options in ({}, {"lowercase": True}, {"token_pattern": r"\S+"}):
        with encode_corpus(Reading(path, skipgram.CorpusConfig(**options))) as corpus:
            assert corpus.report.undecodable_words == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "a:b", "token_pattern": "x"}, "set only one"),
        ({"token_pattern": "("}, "not a valid regular expression"),
        ({"token_pattern": "(a)(b)"}, "2 groups"),
        ({"tokenizer": "split"}, "module:function"),
        ({"tokenizer": "no.such.module:split"}, "no.such.module"),
        ({"tokenizer": "json:nothing"}, "nothing"),
        ({"tokenizer": "sys:maxsize"}, "no function"),
        ({"tokenizer": "this is no module:x"}, "cannot be had"),
        ({"sentence_per": "word"}, "line, file"),
        ({"colum": "text"}, "unknown option 'colum'.*column"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "text", TEXT)
    with pytest.raises(ConfigError, match=message):
        skipgram.train(path, **options)


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damaged(content: bytes) -> bytes:
    return content[:60] + bytes(byte ^ 0x55 for byte in content[60:90]) + content[90:]


def zstd_with_checksum(content: bytes) -> bytes:
    """Most files have one, as the zstd program writes it; without one, damage cannot always be seen."""
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


BAD_TABLES: dict[str, tuple[Callable[[Path], Any], dict[str, Any], str]] = {
    "a wrong column of Parquet": (
        lambda folder: parquet(folder, LINES),
        {"column": "txt"},
        "no column 'txt'; it has: id, text",
    ),
    "a wrong column of CSV": (
        TABLES["CSV"],
        {"column": "txt"},
        "no column 'txt'; it has: id, text",
    ),
    "a wrong column of JSON": (
        TABLES["JSON Lines"],
        {"column": "txt"},
        "no column 'txt'; it has: id, text",
    ),
    "a wrong column of pandas": (
        TABLES["pandas"],
        {"column": "txt"},
        "no column 'txt'; it has: id, text",
    ),
    "a wrong column of records": (
        TABLES["records"],
        {"column": "txt"},
        "no column 'txt'; it has: id, text",
    ),
    "no column of Parquet": (
        lambda folder: parquet(folder, LINES),
        {},
        "name the column.*id, text",
    ),
    "no column of CSV": (TABLES["CSV"], {}, "name the column.*id, text"),
    "no column of JSON": (TABLES["JSON Lines"], {}, "name the column.*id, text"),
    "no column of polars": (TABLES["polars"], {}, "name the column.*id, text"),
    "a column of numbers": (TABLES["polars"], {"column": "id"}, "holds int64 in that column"),
    "numbers in JSON": (TABLES["JSON Lines"], {"column": "id"}, "holds int64 in that column"),
    "a column of a column": (
        lambda _: pl.Series(LINES),
        {"column": "text"},
        "is one column itself",
    ),
    "broken Parquet": (
        lambda folder: write(folder / "a.parquet", b"PAR1" + b"x" * 99),
        {"column": "a"},
        "cannot be read",
    ),
    "broken JSON": (
        lambda folder: write(folder / "a.jsonl", b'{"a": "b"'),
        {"column": "a"},
        "not JSON Lines",
    ),
    "JSON that breaks later": (
        lambda folder: write(folder / "a.jsonl", b'{"a": "b c"}\n{"a": 3}\n'),
        {"column": "a"},
        "a.jsonl cannot be read",
    ),
    "an array in JSON": (
        lambda folder: write(folder / "a.jsonl", b'["a"]'),
        {"column": "a"},
        "not with an object",
    ),
    "text and a column": (
        lambda folder: write(folder / "a.txt", b"some text\n"),
        {"column": "a"},
        "no column 'a'; it has",
    ),
    "lists that shall be changed": (
        lambda folder: parquet(folder, SENTENCES),
        {"column": "text", "lowercase": True},
        "taken as they are",
    ),
    "tokens that shall be changed": (lambda _: SENTENCES, {"lowercase": True}, "taken as they are"),
    "missing tokens": (lambda _: pa.array([["a", None]]), {}, "missing tokens"),
    "NUL bytes in a table": (lambda _: pa.array(["a\0b c"]), {}, "NUL"),
    "strings and integers": (lambda _: [["a", 3]], {}, "of type int"),
    "true and false": (lambda _: [[True, False]], {}, "of type bool"),
    "a dictionary": (lambda _: {"a": 1}, {}, "not dict"),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_tables_that_cannot_be_trained_on(kind: str, tmp_path: Path) -> None:
    make, options, message = BAD_TABLES[kind]
    with pytest.raises(CorpusError, match=message):
        skipgram.train(make(tmp_path), **OPTIONS, **options)


def test_text_and_lists_do_not_mix(tmp_path: Path) -> None:
    lists = parquet(tmp_path, SENTENCES).rename(tmp_path / "lists.parquet")
    with pytest.raises(CorpusError, match="some files of the corpus hold text and others lists"):
        skipgram.train([parquet(tmp_path, LINES), lists], column="text", **OPTIONS)


def test_places_without_text(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place, message in [
        (tmp_path / "empty", "holds no files"),
        (tmp_path / "*.nothing", "no file matches"),
        ("-", "standard input"),
    ]:
        with pytest.raises((CorpusError, OSError), match=message):
            encode_corpus(place)


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
    config = skipgram.CorpusConfig(**({"column": "text"} if module == "pyarrow" else {}))
    with pytest.raises(skipgram.SkipgramError, match=rf"pip install 'skipgram\[{extra}\]'"):
        encode_corpus(Reading(makers[module](), config))


def test_gzip_without_the_fast_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    monkeypatch.setitem(sys.modules, "isal.igzip", None)
    assert decoded(write(tmp_path / "a.gz", gzip.compress(TEXT))) == SENTENCES
    with pytest.raises(CorpusError, match="cut off"):
        decoded(write(tmp_path / "b.gz", truncated(gzip.compress(TEXT))))


def test_a_generator_is_read_once_and_only_as_far_as_it_goes() -> None:
    taken = 0

    def sentences() -> Iterator[list[str]]:
        nonlocal taken
        for sentence in SENTENCES:
            taken += 1
            yield sentence

    vectors(sentences())
    assert taken == len(SENTENCES)


def marked(line: str) -> list[str]:
    return ["<s>", *line.split(" "), "</s>"]


def test_tokenizers_see_each_line_once_without_its_end(tmp_path: Path) -> None:
    for text in (b"a b\nc\n", b"a b\r\nc", b"a b\r\nc\r\n"):
        path = write(tmp_path / "text", text)
        assert decoded(path, tokenizer=marked) == [["<s>", "a", "b", "</s>"], ["<s>", "c", "</s>"]]
        assert decoded(path, token_pattern=r"\w*") == [["a", "b"], ["c"]]


BAD_RECORDS = [
    ([{"text": "a b"}, {"text": 5}], "text holds strings and int: 5"),
    ([{"text": "a b"}, {"text": ["x"]}], "text holds strings and list"),
    ([{"text": "a b"}, "c d"], "one of type str: 'c d'"),
    ([{"text": 5}], "not a list of strings"),
]


@pytest.mark.parametrize(("records", "message"), BAD_RECORDS)
def test_records_that_are_not_all_of_a_kind(records: list[Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        encode_corpus(Reading(records, skipgram.CorpusConfig(column="text")))


def test_what_cannot_be_tokenized() -> None:
    with pytest.raises(CorpusError, match="a line is of type NoneType"):
        decoded(["a b", None], token_pattern=r"\w+")
    with pytest.raises(
        CorpusError, match="column has no effect on sentences that are lists of tokens"
    ):
        decoded(SENTENCES, column="text")
    with pytest.raises(CorpusError, match=r"tokenizer=json:loads failed at 'a b': JSONDecodeError"):
        decoded(["a b"], tokenizer="json:loads")


def test_a_tokenizer_beside_the_user_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "my_own_tokens.py", b"def cut(line):\n    return line.split('|')\n")
    write(tmp_path / "my_broken_tokens.py", b"def cut(line)\n")
    monkeypatch.chdir(tmp_path)
    assert decoded(["a|b c"], tokenizer="my_own_tokens:cut") == [["a", "b c"]]
    with pytest.raises(
        ConfigError, match="tokenizer=my_broken_tokens:cut cannot be had: SyntaxError"
    ):
        decoded(["a|b c"], tokenizer="my_broken_tokens:cut")


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
    with pytest.raises(CorpusError, match="is an encoded corpus, which trains by itself"):
        encode_corpus([folder / "encoded", folder / "part-1.txt"])
    with pytest.raises(CorpusError, match="is encoded already"):
        skipgram.encode(folder / "encoded", tmp_path / "again")
    with pytest.raises(CorpusError, match="the name of a corpus is empty"):
        encode_corpus("")
    with pytest.raises(CorpusError, match="named twice"):
        encode_corpus([Path("-"), Path("-")])


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures memory as Linux does")
def test_parquet_takes_little_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        rng.integers(0, 256, 60_000, np.uint8).tobytes().hex() for _ in range(1000)
    ]  # 120 MB that do not compress to nothing
    pq.write_table(pa.table({"text": rows}), tmp_path / "long.parquet", row_group_size=1000)
    code = (
        "import resource, sys\nfrom skipgram import CorpusConfig, Reading\nfrom skipgram.corpus.build import open_source\n"
        "import pyarrow.parquet\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "size = sum(map(len, open_source(Reading(sys.argv[1], CorpusConfig(column='text'))).content))\n"
        "print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "long.parquet")],
        capture_output=True,
        text=True,
        check=True,
    )
    size, kilobytes = map(int, done.stdout.split())
    assert size == 1000 * 120_001
    assert kilobytes < 250_000
