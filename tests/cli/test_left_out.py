"""What a corpus leaves out is reported once it is read."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
SMALL = ["--vector-size", 8, "--sample", 0, "--threads", 1, "--epochs", 1, "--min-count", 1]


def test_skipped_files_and_nul_bytes_are_reported(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"one tw\0o three\n" * 20)
    (folder / "b.md").write_text("four five six\n" * 20)
    (folder / "c.pdf").write_bytes(b"%PDF-1.4\n")
    answer = run("train", folder, "--exclude", "*.md", "-o", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert "corpus: 60 words, 20 sentences" in answer.err
    skipped = f"\nwarning: 1 file that is not text was skipped: {folder / 'c.pdf'}\n"
    assert answer.err.count(skipped) == 1
    nuls = f"\nwarning: 20 NUL bytes were dropped; the first is in {folder / 'a.txt'}, byte 7\n"
    assert answer.err.count(nuls) == 1
    assert "SkipgramWarning" not in answer.err
    shown = run("info", tmp_path / "model").out
    assert re.search("dropped +20 NUL bytes\n", shown)
    assert re.search(f"skipped +1 file not text: {folder / 'c.pdf'}\n", shown)
    facts = json.loads(run("info", tmp_path / "model", "--json").out)["training"]
    assert (facts["skipped_files"], facts["nul_bytes"]) == (1, 20)
    assert facts["first_nul"] == f"{folder / 'a.txt'}, byte 7"


@pytest.mark.filterwarnings("default::skipgram.errors.SkipgramWarning")
def test_nothing_is_said_twice_and_quiet_keeps_warnings(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.mkdir()
    (text / "a.txt").write_bytes(b"one tw\0o three\n" * 20)
    (text / "b.txt").write_bytes(b"caf\xe9 four\n" * 20)
    answer = run("train", text, "-o", tmp_path / "model", *SMALL, "--quiet")
    assert answer.code == 0
    nuls, undecodable = sorted(answer.err.splitlines())
    assert nuls.startswith("skipgram: warning: 20 NUL bytes")
    assert undecodable.startswith("skipgram: warning: 20 words are not UTF-8 and were dropped")
    assert undecodable.endswith("set --encoding latin-1")
    for name in ("encode", "phrases"):
        answer = run(name, text, "--output", tmp_path / name)
        assert answer.code == 0
        assert answer.err.count("NUL bytes") == answer.err.count("not UTF-8") == 1
    shown = run("info", tmp_path / "encode").out
    assert re.search("dropped +20 undecodable, 20 NUL bytes\n", shown)
    facts = json.loads(run("info", tmp_path / "encode", "--json").out)
    assert (facts["undecodable_words"], facts["nul_bytes"]) == (20, 20)


def test_rows_without_a_value_are_reported(run: Run, tmp_path: Path) -> None:
    frame = pd.DataFrame({"user": [1, 2, None] * 20, "item": ["a", "b", "c"] * 20})
    frame["time"] = range(60, 0, -1)
    names = ["--column", "item", "--group-by", "user", "--order-by", "time"]
    frame.loc[0, "item"] = "b"
    frame.to_csv(tmp_path / "log.csv", index=False)
    answer = run("train", tmp_path / "log.csv", *names, "-o", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert "corpus: 40 words, 2 sentences" in answer.err
    said = "warning: 20 rows without an item, a group or a value to order by were dropped"
    assert said in answer.err
    assert "20 rows without a value" in run("info", tmp_path / "model").out


def test_remedies_for_a_folder_are_options(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "a.txt").write_text("one two three\n")
    (folder / "b.csv").write_text("text,n\nfour,1\n")
    answer = run("train", folder, "-o", tmp_path / "model")
    assert answer.code == 1
    assert "leave the tables out with --exclude '*.csv', or read only the tables with" in answer.err
    assert "with --include '*.csv' and --column NAME\n" in answer.err
    (folder / "b.csv").write_text("one two\n", "utf-16-le")
    answer = run("train", folder, "--exclude", "*.txt", "--column", "text", "-o", tmp_path / "m")
    assert "without a byte order mark; set --encoding utf-16-le, or leave it out" in answer.err
    (folder / "b.csv").rename(folder / "b")
    answer = run("train", folder, "-o", tmp_path / "model")
    assert "or leave it out with --exclude 'b'\n" in answer.err


def test_the_sentences_of_train_and_of_phrases_are_the_same(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("one two\nrare\none two\n")
    options = ["--min-count", 2, *SMALL[:-2]]
    answer = run("train", text, "-o", tmp_path / "model", *options)
    assert "corpus: 5 words, 3 sentences (2 with a word of the vocabulary); voc" in answer.err
    answer = run("phrases", text, "-o", tmp_path / "joined")
    assert "corpus: 5 words, 3 sentences; voc" in answer.err


def test_advice_names_options(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("Good, and well. It is so.\n" * 20)
    answer = run("train", text, "-o", tmp_path / "model", *SMALL)
    assert "; set --clean to remove this\n" in answer.err
    assert "=True" not in answer.err


FRENCH = "café été pomme\nnoël forêt poire\n" * 20


def test_the_encoding_of_a_text_is_suggested_and_taken(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(FRENCH.encode("latin-1"))
    answer = run("train", text, "-o", tmp_path / "model", *SMALL)
    assert answer.code == 1
    assert "warning: 80 words are not UTF-8 and were dropped (the first is in " in answer.err
    assert answer.err.endswith("; 80 words are not UTF-8; set --encoding latin-1\n")
    answer = run("train", text, "-o", tmp_path / "model", *SMALL, "--encoding", "latin-1")
    assert (answer.code, answer.out.split(" x ")[0]) == (0, "6 words")
    assert re.search("read with +encoding iso8859-1\n", run("info", tmp_path / "model").out)


def test_a_wrong_encoding_names_the_option(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("café au lait\n".encode() * 20)
    command = ("train", tmp_path / "a", "--encoding", "latin-1", "-o", tmp_path / "model", *SMALL)
    warning = f"warning: 1 file is valid UTF-8 but was read as iso8859-1: {tmp_path / 'a'}; leave "
    assert f"{warning}out --encoding\n" in run(*command).err
    command = ("encode", tmp_path / "a", "--encoding", "latin-1", "-o", tmp_path / "encoded")
    assert run(*command, "--min-count", 99).err.endswith("; leave out --encoding\n")


def test_every_command_that_reads_a_corpus_takes_an_encoding(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(FRENCH.encode("latin-1"))
    (tmp_path / "options.toml").write_bytes("encoding = 'latin-1'\n".encode("utf-16"))
    latin = ["--encoding", "latin-1"]
    matrix = ["--vector-size", 2, "--min-count", 1, "--negative", 1]
    for command in (
        ["encode", text, "-o", tmp_path / "encoded", *latin],
        ["phrases", text, "-o", tmp_path / "joined", *latin],
        ["pmi", text, "-o", tmp_path / "pmi", *matrix, *latin],
        ["tune", text, "--trials", 1, *SMALL[2:], *latin],
        ["train", text, "-o", tmp_path / "model", *SMALL, "--config", tmp_path / "options.toml"],
        ["pmi", text, "--compare", tmp_path / "model", "--least-count", 1],
    ):
        answer = run(*command)
        assert (answer.code, "UTF-8" in answer.err) == (0, False), answer.err
    assert (tmp_path / "joined").read_text(encoding="utf-8") == FRENCH


def test_no_encoding_of_text(run: Run, tmp_path: Path) -> None:
    answer = run("train", tmp_path, "-o", tmp_path / "model", "--encoding", "latn1")
    assert answer.code == 2
    assert answer.err.startswith("skipgram: --encoding is 'latn1'; it must be an encoding of text")
    assert answer.err.endswith("(did you mean latin1?)\n")


def test_text_without_spaces_names_a_tokenizer(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("我喜欢吃苹果\n他去河边散步\n" * 50)
    answer = run("train", text, "-o", tmp_path / "model", *SMALL)
    remedy = (
        "set --tokenizer jieba:lcut, or another function that splits Chinese into words (pip "
        "install jieba)\n"
    )
    assert answer.code == 1
    assert answer.err.count(remedy) == 2


def test_archives_are_to_be_unpacked(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", FRENCH)
    for options in ([], ["--column", "text"]):
        answer = run("train", archive, "-o", tmp_path / "model", *options)
        assert answer.err == (
            f"skipgram: corpus {archive} is an archive, not text; unpack it, and name the files in "
            "it\n"
        )
