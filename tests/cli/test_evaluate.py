"""The commands that evaluate models: evaluate and pmi."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]


def test_evaluate(run: Run, planted_model: Path, tmp_path: Path) -> None:
    pairs, questions = tmp_path / "pairs.tsv", tmp_path / "questions.txt"
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\nc3\tunheard\t5\n")
    questions.write_text(": same\na1 a2 a3 a4\n")
    answer = run("evaluate", planted_model, pairs, questions)
    assert answer.code == 0
    first, second = answer.out.splitlines()
    assert re.match(r"pairs.tsv: Spearman [01]\.\d{3}, too few pairs for a 95% interval \(", first)
    assert "4 of 5 pairs covered" in first
    assert second.startswith("questions.txt: accuracy")
    results = json.loads(run("evaluate", planted_model, pairs, questions, "--json").out)
    assert results[str(pairs)]["missing"] == [["c3", "unheard"]]
    assert results[str(questions)]["total"]["questions"] == 1


def test_evaluate_several_models_on_sets_by_name(
    run: Run, planted_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = "a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n"
    (tmp_path / "rg65.tsv").write_text(f"word1\tword2\tscore\n{pairs}")
    (tmp_path / "questions-words.txt").write_text(": same\na1 a2 a3 a4\n")
    monkeypatch.setenv("SKIPGRAM_DATA", str(tmp_path))
    other = tmp_path / "other.bin"
    run("export", planted_model, other)
    answer = run("evaluate", planted_model, other, "--set", "rg65", "questions-words")
    heading, first, second = answer.out.splitlines()
    assert heading.split() == ["set", str(planted_model), str(other)]
    assert re.match(r"rg65 +[01]\.\d{3}  4/4 +[01]\.\d{3}  4/4", first)
    assert re.match(r"questions-words +[01]\.000  1/1 +[01]\.000  1/1", second)
    results = json.loads(run("evaluate", planted_model, other, "--set", "rg65", "--json").out)
    model, copy = results[str(planted_model)], results[str(other)]
    assert model["rg65"]["spearman"] == copy["rg65"]["spearman"]
    flags = ["--set", "rg65", "--json", "--restrict", 1]
    alone = json.loads(run("evaluate", planted_model, *flags).out)
    assert alone[str(planted_model)]["rg65"]["covered"] == 0
    assert run("evaluate", planted_model, "rg65").out.startswith("rg65: Spearman ")


def test_models_among_the_names_are_compared(run: Run, planted_model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    run("export", planted_model, other)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    answer = run("evaluate", planted_model, other, pairs, "--json")
    assert set(json.loads(answer.out)) == {str(planted_model), str(other)}
    answer = run("evaluate", planted_model, other)
    assert answer.code == 2
    command = f"skipgram evaluate {planted_model} {other} --set wordsim353"
    assert f"no evaluation set was given; try: {command}" in answer.err


@pytest.mark.parametrize(
    "name",
    ["m.vec.gz", "m.bin.gz", "m.txt", "m.txt.gz", "glove.txt", "m.safetensors"],
)
def test_files_of_vectors_are_models_and_not_sets(
    name: str, run: Run, planted_model: Path, tmp_path: Path
) -> None:
    other, pairs = tmp_path / name, tmp_path / "pairs.txt"
    run("export", planted_model, other, *(["--format", "glove"] if "glove" in name else []))
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    answer = run("evaluate", planted_model, other, pairs, "--json")
    assert set(json.loads(answer.out)) == {str(planted_model), str(other)}


def test_sets_with_equal_file_names_are_shown_by_path_and_repeats_are_errors(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    sets = [tmp_path / folder / "set.tsv" for folder in ("one", "two")]
    for path in sets:
        path.parent.mkdir()
        path.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\n")
    answer = run("evaluate", planted_model, *sets)
    assert [line.split(": ")[0] for line in answer.out.splitlines()] == [str(path) for path in sets]
    other = tmp_path / "other.bin"
    run("export", planted_model, other)
    answer = run("evaluate", planted_model, other, "--set", *sets)
    assert [line.split()[0] for line in answer.out.splitlines()] == ["set", *map(str, sets)]
    for arguments, what in (
        ([planted_model, *sets, sets[0]], f"the set {sets[0]}"),
        ([planted_model, planted_model, "--set", sets[0]], f"the model {planted_model}"),
    ):
        answer = run("evaluate", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert f"{what} is given 2 times; give it once" in answer.err
    assert run("tune", "none.txt", "--set", sets[0], sets[0]).code == 2


def test_bad_evaluation_set(run: Run, planted_model: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "pairs.tsv"
    wrong.write_text("a1 a2 much\n")
    assert_one_line(run("evaluate", planted_model, wrong), 1, "pairs.tsv, line 1", "a1 a2 much")


def test_pmi_baseline_and_comparison(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    flags = ["--vector-size", 8, "--sample", 0, "--negative", 1]
    answer = run("pmi", planted_text, "--output", tmp_path / "baseline", *flags)
    assert answer.out == f"40 words x 8 dimensions saved to {tmp_path / 'baseline'}\n"
    assert len(skipgram.load(tmp_path / "baseline")) == 40
    fit = json.loads(run("pmi", planted_text, "--compare", planted_model, "--json").out)
    assert set(fit) == {"pairs", "correlation", "slope", "intercept"}
    answer = run("pmi", planted_text, "--compare", planted_model)
    assert f"{fit['pairs']} pairs: correlation" in answer.out


def test_pmi_shows_progress_and_reads_a_config_file(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    file = tmp_path / "options.toml"
    file.write_text("vector-size = 8\nwindow = 3\n")
    flags = ["--output", tmp_path / "baseline", "--config", file, "--window", 2]
    answer = run("pmi", planted_text, *flags)
    assert "corpus: 16,000 words" in answer.err
    assert "memory: " in answer.err
    for said in ("counting ...", "counting: done in", "factorising: done in"):
        assert said in answer.err
    config = skipgram.load(tmp_path / "baseline").training["config"]
    assert (config["vector_size"], config["window"]) == (8, 2)
    assert run("pmi", planted_text, *flags, "--quiet").err == ""


def test_pmi_comparison_shows_progress(run: Run, planted_text: Path, planted_model: Path) -> None:
    command = ["pmi", planted_text, "--compare", planted_model, "--least-count", 50]
    answer = run(*command)
    assert "counting: done in" in answer.err
    quiet = run(*command, "-q")
    assert (quiet.out, quiet.err) == (answer.out, "")


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--compare", "model", "--vector-size", 50], "--vector-size"),
        (["--compare", "model", "--no-shrink-windows"], "--shrink-windows"),
        (["--compare", "model", "--config", "options.toml"], "--config"),
        (["--compare", "model", "--eigenvalue-weight", 0.5], "--eigenvalue-weight"),
        (["--output", "baseline", "--least-count", 100], "--least-count"),
    ],
)
def test_pmi_rejects_options_without_effect(
    run: Run, planted_text: Path, flags: list[Any], named: str
) -> None:
    answer = run("pmi", planted_text, *flags)
    assert_one_line(answer, 2, f"{named} has no effect with {flags[0]}", "leave it out")


def test_the_baseline_rejects_training_options_without_effect(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    answer = run("pmi", planted_text, "-o", tmp_path / "baseline", "--epochs", 9)
    assert_one_line(answer, 2, "--epochs 9 has no effect ", "leave it out")
    file = tmp_path / "options.toml"
    file.write_text("optimizer = 'adam'\n")
    answer = run("pmi", planted_text, "-o", tmp_path / "baseline", "--config", file)
    assert_one_line(answer, 2, "--optimizer adam has no effect ")
    assert not (tmp_path / "baseline").exists()
