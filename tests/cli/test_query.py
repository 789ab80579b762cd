"""The commands that query a model."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]


def test_neighbors(run: Run, planted_model: Path) -> None:
    answer = run("neighbors", planted_model, "a1", "-n", 3)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert len(lines) == 3
    assert all(line.split()[1].startswith("a") for line in lines)
    several = json.loads(run("neighbors", planted_model, "a1", "b1", "--topn", 2, "--json").out)
    assert {word: len(found) for word, found in several.items()} == {"a1": 2, "b1": 2}
    assert several["b1"][0]["word"].startswith("b")
    assert run("neighbors", planted_model, "a1", "b1").out.startswith("a1:\n")


def test_neighbors_of_words_from_standard_input(
    run: Run, planted_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a1\n\n b2 \n"))
    from_input = run("neighbors", planted_model, "-", "c3", "--json")
    assert from_input.out == run("neighbors", planted_model, "a1", "b2", "c3", "--json").out
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    answer = run("neighbors", planted_model, "-")
    assert answer.code == 2
    assert "standard input holds no words; write one word per line" in answer.err


def test_standard_input_without_an_end_is_refused(
    run: Run, planted_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a" * (1 << 24) + "b"))
    answer = run("neighbors", planted_model, "-")
    assert_one_line(answer, 2, "standard input holds more than 16,777,216 characters; query fewer")


def test_neighbors_of_a_sum(run: Run, planted_model: Path) -> None:
    embeddings = skipgram.load(planted_model)
    words = ["--positive", "a1", "b1", "--negative", "a2"]
    answer = run("neighbors", planted_model, *words, "-n", 3, "--json")
    expected = embeddings.most_similar(["a1", "b1"], ["a2"], topn=3)
    assert [(entry["word"], entry["similarity"]) for entry in json.loads(answer.out)] == expected
    answer = run("neighbors", planted_model, "--negative", "a2", "--vectors", "output")
    assert len(answer.out.splitlines()) == 10


def test_a_sum_of_words_from_standard_input(
    run: Run, planted_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given, same in (
        (["--positive", "-", "c3"], ["--positive", "a1", "b2", "c3"]),
        (["--positive", "c3", "--negative", "-"], ["--positive", "c3", "--negative", "a1", "b2"]),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO("a1\nb2\n"))
        answer = run("neighbors", planted_model, *given, "--json")
        assert answer.code == 0
        assert answer.out == run("neighbors", planted_model, *same, "--json").out
    answer = run("neighbors", planted_model, "--positive", "-", "--negative", "-")
    assert answer.code == 2
    assert "- is given more than once" in answer.err


def test_odd_one_out_and_similarity(run: Run, planted_model: Path) -> None:
    assert run("odd-one-out", planted_model, "a1", "a2", "b1", "a3").out == "b1\n"
    answer = run("odd-one-out", planted_model, "c1", "b1", "b2", "--json")
    assert json.loads(answer.out) == {"word": "c1"}
    embeddings = skipgram.load(planted_model)
    for vectors in ("input", "output", "average"):
        answer = run("similarity", planted_model, "a1", "b1", "--vectors", vectors, "--json")
        similarity = embeddings.similarity("a1", "b1", vectors)
        assert json.loads(answer.out) == {"similarity": similarity}
    assert run("similarity", planted_model, "a1", "a1").out == "1.0000\n"


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy(run: Run, planted_model: Path, method: Literal["add", "mul"]) -> None:
    answer = run("analogy", planted_model, "a1", "a2", "b1", "--method", method, "--json")
    embeddings = skipgram.load(planted_model)
    expected = embeddings.analogy("a1", "a2", "b1", topn=10, method=method)
    assert [entry["word"] for entry in json.loads(answer.out)] == [word for word, _ in expected]
    assert len(run("analogy", planted_model, "a1", "a2", "b1").out.splitlines()) == 10


def test_commands_use_the_chosen_vectors(run: Run, planted_model: Path, tmp_path: Path) -> None:
    embeddings = skipgram.load(planted_model)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    for vectors in ("input", "output", "average"):
        answer = run("neighbors", planted_model, "a1", "--vectors", vectors, "--json")
        found = [entry["word"] for entry in json.loads(answer.out)["a1"]]
        assert found == [word for word, _ in embeddings.most_similar("a1", which=vectors)]
        answer = run("evaluate", planted_model, pairs, "--vectors", vectors, "--json")
        assert json.loads(answer.out)[str(pairs)]["which"] == vectors
        assert run("analogy", planted_model, "a1", "a2", "b1", "--vectors", vectors).code == 0
        file = tmp_path / f"{vectors}.bin"
        assert run("export", planted_model, file, "--vectors", vectors).code == 0
        assert (skipgram.load(file).input == embeddings.vectors(vectors)).all()


def test_vectors_that_cancel_out(run: Run, planted_model: Path, tmp_path: Path) -> None:
    for index in ([], ["--index"]):
        model = shutil.copytree(planted_model, tmp_path / "model", dirs_exist_ok=True)
        run("index", model)
        answer = run("neighbors", model, "--positive", "a1", "--negative", "a1", *index)
        assert_one_line(answer, 2, "the vectors of a1, -a1 add up to zero")
    zero = tmp_path / "zero.txt"
    zero.write_text("3 2\nhere 1 0\nthere 1 1\nnowhere 0 0\n")
    answer = run("neighbors", zero, "here", "nowhere")
    assert_one_line(answer, 2, "the vectors of nowhere add up to zero")


def test_missing_output_vectors(run: Run, planted_model: Path, tmp_path: Path) -> None:
    run("export", planted_model, tmp_path / "vectors.bin")
    answer = run("similarity", tmp_path / "vectors.bin", "a1", "a2", "--vectors", "output")
    assert_one_line(answer, 2, "these embeddings have no output vectors", "use --vectors input")


def test_unknown_words_suggest_similar_spellings(run: Run, planted_model: Path) -> None:
    answer = run("neighbors", planted_model, "A1")
    assert_one_line(answer, 1, "no vector for the word 'A1'; similar spellings: a1")
    answer = run("analogy", planted_model, "a1", "a2", "zebra")
    assert_one_line(answer, 1, "no vector for the word 'zebra'")


def test_a_word_is_asked_in_the_spelling_of_the_corpus(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    model = tmp_path / "lower"
    skipgram.train(planted_text, vector_size=8, epochs=1, threads=1, lowercase=True).save(model)
    answer, plain = run("neighbors", model, "A1"), run("neighbors", model, "a1")
    assert (answer.code, answer.out) == (0, plain.out)
    assert answer.err == "A1: using a1\n"
    assert plain.err == ""
    answer = run("neighbors", model, "--positive", "A1", "--negative", "b1", "B2", "--json")
    assert answer.err == "A1: using a1\nB2: using b2\n"
    assert len(json.loads(answer.out)) == 10
    assert run("similarity", model, "A1", "a1").out == "1.0000\n"
    assert run("similarity", model, "A1", "a1").err == "A1: using a1\n"
    assert run("analogy", model, "A1", "a2", "b1").err == "A1: using a1\n"
    assert run("odd-one-out", model, "A1", "a2", "B1").err == "A1: using a1\nB1: using b1\n"
    assert_one_line(run("neighbors", model, "Zebra"), 1, "no vector for the word 'Zebra'; check")


def test_query_of_a_file_that_is_not_a_model(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("no vectors here\n")
    assert_one_line(run("neighbors", tmp_path / "none", "a"), 1, "none", "check the path")
    assert_one_line(run("neighbors", text, "a"), 1, "is not a file of vectors")
    (tmp_path / "empty").mkdir()
    pairs = tmp_path / "text.txt"
    pairs.write_text("a b 1\n")
    commands = ("info",), ("neighbors", "a"), ("export", "v.vec"), ("evaluate", pairs)
    for name, *others in (*commands, ("similarity", "a", "b")):
        answer = run(name, tmp_path, *others)
        said = f"{tmp_path} is a directory, but not a model: it holds empty, text.txt; give the"
        assert_one_line(answer, 1, said)
        said = f"{tmp_path / 'empty'} is a directory, but not a model: it is empty; give the"
        assert_one_line(run(name, tmp_path / "empty", *others), 1, said)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "output.safetensors", "vocabulary.tsv", "training.json"]
)
def test_damaged_model(run: Run, planted_model: Path, tmp_path: Path, name: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[: len(content) // 2])
    assert_one_line(run("info", model), 1, name)


@pytest.mark.filterwarnings("default::skipgram.errors.SkipgramWarning")
def test_a_warning_about_a_file_of_vectors_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vectors.txt").write_text("3 2\na 1 2\nb 3 4\na 5 6\n")
    answer = run("neighbors", tmp_path / "vectors.txt", "b")
    assert answer.code == 0
    assert answer.err == (
        f"skipgram: warning: {tmp_path / 'vectors.txt'}: left out 1 of 3 rows, because an "
        "earlier row has the same word; row 3 repeats the word 'a' of row 1\n"
    )


def commands_that_read(model: Path, folder: Path) -> list[list[object]]:
    """Return a command line of each command that reads vectors."""
    text, pairs = folder / "text", folder / "pairs"
    text.write_text("a b a c b a\n" * 20)
    pairs.write_text("a\tb\t5\na\tc\t3\nb\tc\t1\n")
    from_vectors: list[object] = ["train", text, "--output", folder / "model", "--quiet"]
    from_vectors += ["--min-count", 1, "--vector-size", 2, "--epochs", 1]
    return [
        ["neighbors", model, "a"],
        ["similarity", model, "a", "b"],
        ["analogy", model, "a", "b", "c"],
        ["odd-one-out", model, "a", "b", "c"],
        ["index", model],
        ["info", model],
        ["export", model, folder / "out.txt"],
        ["evaluate", model, "--set", pairs],
        [*from_vectors, "--initial", model],
    ]


@pytest.mark.filterwarnings("default::skipgram.errors.SkipgramWarning")
@pytest.mark.parametrize("number", range(9))
def test_options_for_bad_content(number: int, run: Run, tmp_path: Path) -> None:
    model = tmp_path / "vectors.txt"
    command = commands_that_read(model, tmp_path)[number]
    model.write_text("4 2\na 1 2\nb 3 1\nc 5 6\na 7 8\n")
    usual = run(*command)
    assert "skipgram: warning: " in usual.err
    assert "row 4 repeats the word 'a' of row 1" in usual.err
    strict = run(*command, "--duplicates", "error")
    assert strict.code == 1
    assert "row 4 repeats the word 'a' of row 1" in strict.err
    assert "or set --duplicates to first" in strict.err
    model.write_bytes(b"4 2\na 1 2\nb 3 1\nc 5 6\ncaf\xc3 7 8\n")
    cut = run(*command)
    assert cut.code == 1
    assert "row 4 has a word that is not UTF-8, b'caf\\xc3'" in cut.err
    assert "or set --unicode-errors to replace or ignore such bytes" in cut.err
    replaced = run(*command, "--unicode-errors", "replace")
    assert replaced.code == usual.code, replaced.err
    assert "row 4" not in replaced.err


def test_the_words_of_a_file_that_was_read_with_replacements(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cut.bin").write_bytes(b"2 1\na \0\0\x80?caf\xc3 \0\0\0@")
    for errors, word in (("replace", "caf\N{REPLACEMENT CHARACTER}"), ("ignore", "caf")):
        assert not run(
            "export", tmp_path / "cut.bin", tmp_path / "out.txt", "--unicode-errors", errors
        ).code
        assert (tmp_path / "out.txt").read_text(encoding="utf-8") == f"2 1\na 1.0\n{word} 2.0\n"


@pytest.mark.parametrize("option", [["--duplicates", "error"], ["--unicode-errors", "ignore"]])
def test_options_for_bad_content_without_vectors_to_read(
    option: list[str], run: Run, planted_text: Path, tmp_path: Path
) -> None:
    for command, where in (
        ("train", "without --initial or --resume-from"),
        ("pmi", "with --output"),
    ):
        answer = run(command, planted_text, "--output", tmp_path / "model", *option)
        assert answer.code == 2
        assert f"{option[0]} has no effect {where}; leave it out" in answer.err
