"""What a corpus leaves out, such as files that are not text; and if too little is left."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import decoded, sentences_of

import skipgram
from skipgram.config import CorpusConfig, TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import ConfigError, CorpusError, NothingToTrainError
from skipgram.training.events import Event, ScanFinished

SMALL = TrainConfig(vector_size=8, min_count=1, sample=0, epochs=1, threads=1)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def folder_of(tmp_path: Path, **contents: bytes) -> Path:
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_files_of_a_directory_that_are_not_text_are_skipped_and_counted(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        a=b"one two\n",
        b=PNG,
        c=gzip.compress(b"%PDF-1.4"),
        d=gzip.compress(b"three four\n"),
        e=np.random.default_rng(1).bytes(5000),
    )
    with encode_corpus(folder) as corpus:
        assert sentences_of(corpus) == [["one", "two"], ["three", "four"]]
        assert corpus.report.skipped_files == 3
        names = [str(folder / name) for name in "bce"]
        assert corpus.report.first_skipped == ", ".join(names)


def test_a_named_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=b"one two\n", b=PNG)
    with pytest.raises(CorpusError, match="b is an image, not text; leave it out"):
        encode_corpus([folder / "a", folder / "b"])


def test_a_directory_without_text(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, b=PNG, c=PNG)
    with pytest.raises(CorpusError, match=r"b, .*c are not text, and there are no other files"):
        encode_corpus(folder)


def test_text_in_utf_16_is_never_skipped(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=b"one two\n", b="three four\n".encode("utf-16"))
    assert decoded(folder) == [["one", "two"], ["three", "four"]]
    folder_of(tmp_path, b="café four\n".encode("utf-16-be"))
    with pytest.raises(CorpusError, match=r"b cannot .* UTF-16-BE .*; set encoding=utf-16-be, or"):
        encode_corpus(folder)


def test_tables_in_a_directory_with_other_files(tmp_path: Path) -> None:
    table = pa.table({"text": ["one two", "three"]})
    pq.write_table(table, tmp_path / "a.parquet")
    folder_of(tmp_path, b=PNG)
    assert decoded(tmp_path, column="text") == [["one", "two"], ["three"]]


def test_patterns_choose_the_files_of_a_corpus(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"a.txt": b"one two\n", "b.md": b"three four\n"})
    assert decoded(folder, include="*.txt") == [["one", "two"]]
    assert decoded(folder, exclude=["*.txt"]) == [["three", "four"]]
    with pytest.raises(ConfigError, match=r"include=.* has no effect on a corpus in memory"):
        decoded(pa.table({"text": ["one two"]}), column="text", include="*.txt")


def test_nul_bytes_in_text_are_counted_and_located(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one tw\0o three\nfo\0ur five\n")
    with encode_corpus(path) as corpus:
        assert sentences_of(corpus) == [["one", "two", "three"], ["four", "five"]]
        assert corpus.report.nul_bytes == 2
        assert corpus.report.first_nul == f"{path}, byte 7"
    table = pa.table({"text": ["one two three", "fo\0ur five"]})
    for rows in (table, table.to_pylist()):
        with encode_corpus(Reading(rows, skipgram.CorpusConfig(column="text"))) as corpus:
            assert corpus.report.nul_bytes == 1
            assert corpus.report.first_nul.endswith(r"in the row 'fo\x00ur five'")


def dirty(tmp_path: Path) -> Path:
    """A folder of which some is dropped: a word, a NUL byte and a file."""
    (tmp_path / "text").mkdir()
    return folder_of(tmp_path / "text", a=b"one tw\0o three\n", b=PNG, c=b"caf\xe9\n")


def test_what_was_dropped_is_a_warning_at_the_line_of_the_caller(tmp_path: Path) -> None:
    folder = dirty(tmp_path)
    calls: list[Callable[[], object]] = [
        lambda: skipgram.SkipGram(SMALL).fit(folder),
        lambda: skipgram.train(folder, **SMALL.given),
        lambda: skipgram.encode(folder, tmp_path / "encoded", min_count=1),
        lambda: skipgram.join_phrases(folder, tmp_path / "joined.txt"),
    ]
    for call in calls:
        with pytest.warns(skipgram.SkipgramWarning) as caught:
            call()
        assert [str(each.message) for each in caught] == [
            f"1 word is not UTF-8 and was dropped (the first is in {folder / 'c'}, line 1); "
            "set encoding=latin-1",
            f"1 file that is not text was skipped: {folder / 'b'}",
            f"1 NUL byte was dropped; the first is in {folder / 'a'}, byte 7",
        ]
        for each in caught:
            assert (each.filename, each.lineno) == (__file__, call.__code__.co_firstlineno)


def test_what_was_dropped_is_recorded(tmp_path: Path) -> None:
    folder = dirty(tmp_path)
    with pytest.warns(skipgram.SkipgramWarning):
        trained = skipgram.SkipGram(SMALL).fit(folder)
    trained.save(tmp_path / "model")
    expected = {
        "rare_words": 0,
        "undecodable_words": 1,
        "first_undecodable": f"{folder / 'c'}, line 1",
        "rows_without_value": 0,
        "skipped_files": 1,
        "first_skipped": str(folder / "b"),
        "nul_bytes": 1,
        "first_nul": f"{folder / 'a'}, byte 7",
    }
    for training in (trained.training, skipgram.load(tmp_path / "model").training):
        assert {name: training[name] for name in expected} == expected


def test_there_is_no_warning_where_progress_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skipgram.SkipGram(SMALL).fit(dirty(tmp_path), progress=True)  # a warning would be an error
    assert capsys.readouterr().err.count("NUL byte was dropped") == 1


def test_a_warning_may_be_an_error(tmp_path: Path) -> None:
    events: list[Event] = []
    with pytest.raises(skipgram.SkipgramWarning, match="not UTF-8"):
        skipgram.SkipGram(SMALL).fit(dirty(tmp_path), callbacks=[events.append])
    assert not any(isinstance(event, ScanFinished) for event in events)


def test_clean_text_is_no_reason_to_warn(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two three\n" * 5)
    skipgram.SkipGram(SMALL).fit(tmp_path)  # a warning would be an error


def with_nuls_in_latin_1(words: int) -> bytes:
    """Return bytes like those of a TeX DVI: few NUL bytes, few controls, and no UTF-8."""
    return b"\xf7\x02\x01\x83\0\xc0 TeX output " + b"letters \xe9\x8e\0 " * words


def test_a_binary_with_few_nul_bytes_is_skipped(tmp_path: Path) -> None:
    dvi = with_nuls_in_latin_1(40)
    folder = folder_of(tmp_path, a=b"one two\n", b=gzip.compress(dvi), c="caf\u00e9 \0\n".encode())
    with encode_corpus(folder) as corpus:
        assert sentences_of(corpus) == [["one", "two"], ["caf\u00e9"]]
        assert corpus.report.first_skipped == str(folder / "b")
    with pytest.raises(CorpusError, match=r"b holds NUL bytes: it is binary, or text in another"):
        encode_corpus(folder / "b")
    table = folder_of(tmp_path, a=b"text,n\none two,1\n", c=b"text,n\nthree,2\n")
    assert decoded(table, column="text") == [["one", "two"], ["three"]]


def test_a_binary_that_shows_after_the_sample_is_skipped(tmp_path: Path) -> None:
    late = b"word " * 50_000 + with_nuls_in_latin_1(10)
    folder = folder_of(tmp_path, a=b"one two\n", b=late)
    for options in ({}, {"token_pattern": r"\w+"}, {"clean": True}):
        assert decoded(folder, **options) == [["one", "two"]]


def test_a_binary_that_shows_after_a_part_of_it_was_used_is_an_error(tmp_path: Path) -> None:
    late = b"word " * 700_000 + with_nuls_in_latin_1(10)
    folder = folder_of(tmp_path, **{"a.txt": b"one two\n", "b.dat": late})
    with pytest.raises(CorpusError, match=r"b\.dat holds NUL .* leave it out with exclude='b.dat'"):
        encode_corpus(folder)
    assert decoded(folder, exclude="b.dat") == [["one", "two"]]


def test_text_in_utf_16_may_be_excluded(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=b"one two\n", b="three four\n".encode("utf-16-le"))
    with pytest.raises(CorpusError, match=r"=utf-16-le, or leave it out with exclude='b'$"):
        encode_corpus(folder)
    with pytest.raises(CorpusError, match=r"=utf-16-le$"):
        encode_corpus(folder / "b")


@pytest.mark.parametrize("column", [None, "text"])
def test_a_folder_of_texts_and_tables_names_both_remedies(
    tmp_path: Path, column: str | None
) -> None:
    contents = {"a.txt": b"one two\n", "b.csv": b"text,n\nthree four,1\n", "c.png": PNG}
    folder = folder_of(tmp_path, **contents)
    with pytest.raises(
        CorpusError,
        match=r"the corpus holds texts, such as .*a\.txt, and tables, such as .*b\.csv; leave the "
        r"tables out with exclude='\*\.csv', or read only the tables with include='\*\.csv' and "
        rf"column={column or 'NAME'}$",
    ):
        decoded(folder, column=column)
    assert decoded(folder, exclude="*.csv") == [["one", "two"]]
    assert decoded(folder, include="*.csv", column="text") == [["three", "four"]]


def test_a_folder_of_tables_alone_is_no_mixture(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"b.csv": b"text,n\nthree four,1\n", "c.png": PNG})
    with pytest.raises(CorpusError, match=r"b\.csv is a table; name the column"):
        decoded(folder)
    with pytest.raises(CorpusError, match=r"b\.csv has no column 'txt'"):
        decoded(folder, column="txt")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lowercase": True},
        {"nfkc": True},
        {"clean": True},
        {"clean": True, "numbers": "zero"},
        {"token_pattern": r"\w+"},
        {"tokenizer": lambda line: line.split()},
        {"stopwords": ["others"]},
        {"sentence_per": "sentence"},
        {"sentence_per": "sentence", "clean": True},
    ],
)
@pytest.mark.parametrize("suffix", ["txt", "csv"])
def test_a_word_that_is_not_utf_8_is_dropped_whole(
    tmp_path: Path, suffix: str, options: dict[str, Any]
) -> None:
    text = tmp_path / f"text.{suffix}"
    text.write_bytes("text\none two\none caf\u00e9s two\n".encode("latin-1"))
    table: dict[str, Any] = {"column": "text"} if suffix == "csv" else {}
    with encode_corpus(Reading(text, CorpusConfig(**table, **options))) as corpus:
        assert set(corpus.vocabulary.words) <= {"text", "one", "two"}
        assert corpus.report.undecodable_words == 1
        assert corpus.report.first_undecodable == f"{text}, line 3"


def test_the_first_word_that_is_not_utf_8_is_found_in_compressed_files(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path, a=b"one two\n", b=gzip.compress(b"\n\n\xe9t\xe9 one\n"), c=b"\xe9\n", d=PNG
    )
    with encode_corpus(folder) as corpus:
        assert corpus.report.undecodable_words == 2
        assert corpus.report.first_undecodable == f"{folder / 'b'}, line 3"
        assert corpus.report.skipped_files == 1


FRENCH = "café été\npomme été noël\n" * 40
MIXED = "café the noël apple\n" * 3


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b" \n", {}, "holds no words to train on; training needs at least two different words"),
        (b"one one\n", {}, "only one word, repeated; training needs at least two"),
        (
            FRENCH.encode("latin-1"),
            {},
            "only one word, repeated; 160 words are not UTF-8; set encoding=latin-1$",
        ),
        (
            FRENCH.replace("pomme", "«\u20ac»").encode("cp1252"),
            {},
            "no words to train on; 200 words are not UTF-8; set encoding=cp1252$",
        ),
        (
            FRENCH.encode("latin-1"),
            {"encoding": "shift_jis"},
            "words are not SHIFT_JIS; set encoding to that of the text, which is not shift_jis$",
        ),
        (
            FRENCH.encode("latin-1"),
            {"stopwords": ["pomme"]},
            "160 words are not UTF-8 and 40 words are stop words; set encoding=latin-1$",
        ),
        (
            b"the cat the\n",
            {"stopwords": ["the"]},
            "repeated; 2 words are stop words; leave out stopwords, or give a shorter list$",
        ),
        (
            MIXED.encode("latin-1"),
            {},
            "occurs 3 times; 6 words are not UTF-8; set encoding=latin-1$",
        ),
        (
            (MIXED + "été").encode() + b" \xe9t\xe9",
            {},
            "occurs 3 times; 1 word is not UTF-8; lower min_count$",
        ),
        (b"to be or not to be\n", {}, "different words occurs 2 times; lower min_count$"),
        (b"a a a a a b\n", {}, "^only one word occurs at least min_count=5 times: .*min_count$"),
        (b"a b\n", {"token_pattern": "[0-9]+"}, r"token_pattern='\[0-9\]\+' matches too little"),
        (b"a b\n", {"tokenizer": lambda line: []}, "the tokenizer returns too few tokens"),
        (b"1 2 3\n", {"clean": True, "numbers": "drop"}, "numbers=drop leaves too little"),
        (b"id,text\n1,\n2,\n", {"column": "text"}, "column=text has too few words; name another"),
    ],
)
def test_too_little_text_names_what_was_left_out(
    tmp_path: Path, content: bytes, options: dict[str, Any], said: str
) -> None:
    (tmp_path / "text").write_bytes(content)
    with pytest.raises(CorpusError, match=said):
        encode_corpus(Reading(tmp_path / "text", CorpusConfig(**options)), min_count=5)


def test_sentences_of_one_word_name_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("été pomme\nété poire\n".encode("latin-1") * 9)
    with pytest.raises(
        NothingToTrainError,
        match=r"in the same sentence; 18 words are not UTF-8; set encoding=latin-1$",
    ):
        skipgram.SkipGram(SMALL).fit(tmp_path / "text", progress=True)


def test_subsampling_that_leaves_nothing_names_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("été the pomme\nété the poire\n".encode("latin-1") * 9)
    config = SMALL.model_copy(update={"sample": 1e-9})
    with pytest.raises(
        NothingToTrainError,
        match=r"corpus are kept; 18 words are not UTF-8; set sample=0$",
    ):
        skipgram.SkipGram(config).fit(tmp_path / "text", progress=True)
    (tmp_path / "text").write_bytes("été noël the pomme\nété là\n".encode("latin-1") * 9)
    with pytest.raises(NothingToTrainError, match=r"; 36 words are not UTF-8; set encoding=latin"):
        skipgram.SkipGram(config).fit(tmp_path / "text", progress=True)


def test_rows_and_files_that_were_left_out_are_named(tmp_path: Path) -> None:
    rows = [{"user": 1, "item": "a"}, {"user": None, "item": "b"}, {"user": 2, "item": None}]
    reading = CorpusConfig(column="item", group_by="user")
    with pytest.raises(CorpusError, match="2 rows have no item, group or value to order by; check"):
        encode_corpus(Reading(rows, reading))
    folder = folder_of(tmp_path, a=b"one\n", b=PNG)
    with pytest.raises(CorpusError, match=r"repeated; 1 file is not text; name text files$"):
        encode_corpus(folder)


def test_words_in_memory_have_no_encoding() -> None:
    with pytest.raises(
        CorpusError, match=r"not UTF-8; read the text in its encoding, as in open\("
    ):
        encode_corpus([["a", "caf\udce9", "\ud800"]])


@pytest.mark.parametrize("options", [{}, {"token_pattern": r"\S+"}])
def test_few_words_that_are_not_utf_8_are_no_reason_for_another_encoding(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    (tmp_path / "text").write_bytes("été noël\n".encode() * 9 + b"caf\xe9\n")
    with encode_corpus(Reading(tmp_path / "text", CorpusConfig(**options))) as corpus:
        assert corpus.report.warnings() == [
            f"1 word is not UTF-8 and was dropped (the first is in {tmp_path / 'text'}, line 10); "
            "most of the text is UTF-8, so correct these words"
        ]
    (tmp_path / "more").write_bytes("été\n".encode("latin-1"))
    with encode_corpus(Reading(tmp_path, CorpusConfig(**options))) as corpus:
        (warning,) = corpus.report.warnings()
        assert warning.endswith("; if whole files are in another encoding, convert them with iconv")
