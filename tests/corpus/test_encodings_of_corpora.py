"""The option `encoding`: text and tables in any encoding, from anywhere."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import decoded, sentences_of

import skipgram
from skipgram.config import CorpusConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Files, Reading
from skipgram.errors import ConfigError, CorpusError, SkipgramWarning
from skipgram.io.streams import local
from skipgram.pmi import compare, train_svd

LINES = ["café du coin", "été à la mer", "café de été"]
SENTENCES = [line.split() for line in LINES]
TEXT = "".join(f"{line}\n" for line in LINES)
FORMS = {
    "a.txt": TEXT,
    "a.csv": "n,größe\n" + "".join(f"{n},{line}\n" for n, line in enumerate(LINES)),
    "a.tsv": "n\tgröße\n" + "".join(f'{n}\t"{line}"\n' for n, line in enumerate(LINES)),
    "a.jsonl": "".join(json.dumps({"größe": line}, ensure_ascii=False) + "\n" for line in LINES),
    "a.json": json.dumps([{"größe": line} for line in LINES], ensure_ascii=False),
}
TRAINED: dict[str, Any] = {"vector_size": 4, "epochs": 1, "min_count": 1, "sample": 0}


def column_of(name: str) -> dict[str, Any]:
    return {} if name.endswith(".txt") else {"column": "größe"}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-32-be", "utf-7"])
def test_text_and_tables_in_any_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    content = FORMS[name].encode(encoding)
    (tmp_path / name).write_bytes(content)
    assert decoded(tmp_path, encoding=encoding, **column_of(name)) == SENTENCES
    (tmp_path / name).write_bytes(gzip.compress(content))
    assert decoded(tmp_path / name, encoding=encoding, **column_of(name)) == SENTENCES


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_needs_no_option(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_bytes(f"\ufeff{FORMS[name]}".encode(encoding))
    for options in ({}, {"encoding": "latin-1"}):
        assert decoded(tmp_path / name, **options, **column_of(name)) == SENTENCES


@pytest.mark.parametrize(
    "options",
    [{}, {"lowercase": True}, {"clean": True}, {"token_pattern": r"\S+"}, {"sentence_per": "file"}],
)
def test_other_options_see_utf_8(tmp_path: Path, options: dict[str, Any]) -> None:
    (tmp_path / "a").write_bytes(TEXT.encode("latin-1"))
    (tmp_path / "b").write_bytes(TEXT.encode())
    expected = decoded(tmp_path / "b", **options)
    assert decoded(tmp_path / "a", encoding="latin-1", **options) == expected


def test_files_larger_than_a_block(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("日本 語 文字\n".encode("shift_jis") * 100_000)
    with encode_corpus(Reading(tmp_path, CorpusConfig(encoding="shift_jis")), threads=2) as corpus:
        assert corpus.vocabulary.words == sorted(["日本", "語", "文字"], key=str.encode)
        assert corpus.vocabulary.counts.tolist() == [100_000] * 3
        assert corpus.sentences == 100_000


def test_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT.encode("latin-1"))
    with (tmp_path / "a").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert decoded("-", encoding="latin-1") == SENTENCES


def test_words_that_do_not_decode_are_dropped_and_located(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one two\none \x81\x20 two\n\xc3\xa9 one\n")
    for options in ({}, {"token_pattern": r"\S+"}, {"clean": True}):
        reading = Reading(tmp_path, CorpusConfig(encoding="ascii", **options))
        with encode_corpus(reading) as corpus:
            assert sentences_of(corpus) == [["one", "two"], ["one", "two"], ["one"]]
            assert corpus.report.warnings() == [
                f"2 words are not ASCII and were dropped (the first is in {tmp_path / 'a'}, line "
                "2); set encoding to that of the text, which is not ascii"
            ]


def test_nul_bytes_in_decoded_text_are_located_by_their_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("one two\ncafé\0 three\n".encode("latin-1"))
    with encode_corpus(Reading(tmp_path, CorpusConfig(encoding="latin-1"))) as corpus:
        assert sentences_of(corpus) == [["one", "two"], ["café", "three"]]
        assert corpus.report.first_nul == f"{tmp_path / 'a'}, in the row 'café\\x00 three'"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json"])
def test_the_names_of_columns_may_be_in_another_encoding(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name].encode("latin-1"))
    with pytest.raises(
        CorpusError,
        match=r"no column 'größe'; .*'gr.*e'; some of them did not decode, so set .*=latin-1$",
    ):
        decoded(tmp_path / name, column="größe")
    (tmp_path / name).write_bytes(FORMS[name].replace("à", "“à”").encode("cp1252"))
    for column in ("größe", "gr\udcf6\udcdfe"):
        with pytest.raises(CorpusError, match=r"did not decode, so set encoding=cp1252$"):
            decoded(tmp_path / name, column=column)
    (tmp_path / name).write_bytes(FORMS[name].replace("größe", "size").encode("latin-1"))
    reading = Reading(tmp_path / name, CorpusConfig(column="size"))
    with encode_corpus(reading) as corpus:
        assert corpus.report.undecodable_words == 5
        assert "set encoding=latin-1" in corpus.report.warnings()[0]


def test_text_in_utf_16_is_named_whatever_the_option_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT.encode("utf-16-be"))
    for encoding in ("utf-8", "latin-1", "gb18030"):
        with pytest.raises(CorpusError, match=r"UTF-16-BE .*; set encoding=utf-16-be"):
            decoded(tmp_path / "a", encoding=encoding)
    assert decoded(tmp_path / "a", encoding="utf-16") == SENTENCES


def test_where_the_option_has_no_effect(tmp_path: Path) -> None:
    table = pa.table({"text": LINES})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ConfigError, match=r"a\.parquet: the text of Parquet is always UTF-8"):
        decoded(tmp_path / "a.parquet", column="text", encoding="latin-1")
    for corpus in (table, table.to_pylist()):
        with pytest.raises(ConfigError, match="encoding=iso8859-1 has no effect on a corpus in me"):
            decoded(corpus, column="text", encoding="latin-1")
    with pytest.raises(CorpusError, match="encoding has no effect on sentences"):
        decoded(SENTENCES, encoding="latin-1")


def test_every_function_that_reads_a_corpus_takes_the_option(tmp_path: Path) -> None:
    text, held_out = tmp_path / "a", tmp_path / "b"
    text.write_bytes(TEXT.encode("latin-1") * 20)
    held_out.write_bytes("été à la café\n".encode("latin-1"))
    words = {word for sentence in SENTENCES for word in sentence}

    trained = skipgram.train(text, encoding="latin-1", validation=str(held_out), **TRAINED)
    assert set(trained.words) == words
    assert trained.training["reading"] == {"encoding": "iso8859-1"}
    assert np.isfinite(trained.training["validation_loss"]).all()
    trained.save(tmp_path / "model")
    loaded = skipgram.load(tmp_path / "model")
    assert loaded.encode(["Café été"]).shape == (1, 4)
    assert compare(loaded, text, least_count=1).pairs > 0
    # More text may be in another encoding: its words are spelled alike.
    more = skipgram.train([["café", "au", "lait"]] * 9, resume_from=loaded, **TRAINED)
    assert set(more.words) == words | {"au", "lait"}

    skipgram.encode(text, tmp_path / "encoded", min_count=1, encoding="latin-1")
    assert (
        set(skipgram.train(tmp_path / "encoded", validation=str(held_out), **TRAINED).words)
        == words
    )
    joined = tmp_path / "joined"
    skipgram.join_phrases(text, joined, encoding="latin-1", threshold=1e9)
    assert joined.read_text(encoding="utf-8") == TEXT * 20
    reading = Reading(text, CorpusConfig(encoding="latin-1"))
    config = skipgram.TrainConfig(vector_size=2, min_count=1, sample=0)
    assert set(train_svd(reading, config).words) == words


def test_the_same_files_in_another_encoding_are_encoded_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT.encode("latin-1"))
    for encoding, is_new in (("latin-1", True), ("cp1251", True), ("windows-1251", False)):
        read = skipgram.encode(tmp_path / "a", tmp_path / "b", min_count=1, encoding=encoding)
        assert read == is_new


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1251", "utf-16", "ascii"])
def test_text_in_utf_8_that_is_read_in_another_encoding(
    tmp_path: Path, name: str, encoding: str
) -> None:
    content = FORMS[name].encode()
    (tmp_path / f"1{name}").write_bytes(content)
    (tmp_path / f"2{name}").write_bytes(gzip.compress(content))
    (tmp_path / f"3{name}").write_bytes(b"\xef\xbb\xbf" + content)
    (tmp_path / f"4{name}").write_bytes(FORMS[name].encode(encoding, "replace"))
    (tmp_path / "5").write_bytes(b"")
    files = [local(tmp_path / f"{number}{name}") for number in range(1, 5)]
    source = Files([*files, local(tmp_path / "5")], CorpusConfig(encoding=encoding))
    for _ in source._open():
        pass
    assert source.dropped.misread_files == 2
    assert source.dropped.first_misread == f"{tmp_path}/1{name}, {tmp_path}/2{name}"


@pytest.mark.parametrize("column", [None, "text"])
def test_a_wrong_encoding_is_a_warning(tmp_path: Path, column: str | None) -> None:
    path = tmp_path / "a"
    path.write_bytes("text\nThe café one\nthe café two\n".encode())
    with pytest.warns(SkipgramWarning, match=r"1 file is valid UTF-8 but was read as cp1252: .*a;"):
        skipgram.train(path, encoding="cp1252", column=column, **TRAINED)
    path.write_bytes("text\nThe café “one”\nthe café two\n".encode("cp1252"))
    with pytest.warns(SkipgramWarning, match=r"1 file is cp1252 but was .*; set encoding=cp1252$"):
        skipgram.train(path, encoding="latin-1", column=column, **TRAINED)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "gb18030"])
def test_an_error_names_a_wrong_encoding_and_no_tokenizer(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a").write_bytes("我们喜欢词向量\n".encode() * 9 + b"one two\n" * 9)
    reading = Reading(tmp_path / "a", CorpusConfig(encoding=encoding))
    with pytest.raises(CorpusError, match=r"UTF-8 but was read as .*/a; leave out encoding$"):
        encode_corpus(reading, min_count=100)


def test_there_is_no_advice_on_text_in_a_wrong_encoding(tmp_path: Path) -> None:
    text = "".join(f"日本の文字列{n}\n" for n in range(99))
    (tmp_path / "a").write_bytes(text.encode("shift_jis"))
    with encode_corpus(Reading(tmp_path / "a", CorpusConfig(encoding="shift_jis"))) as corpus:
        assert "tokenizer" in corpus.advice
    (tmp_path / "a").write_bytes(text.encode())
    with encode_corpus(Reading(tmp_path / "a", CorpusConfig(encoding="gb18030"))) as corpus:
        assert corpus.advice == ""
