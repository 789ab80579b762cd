"""Options that commands share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram
from skipgram import TrainConfig
from skipgram.cli.options import (
    STDIN_URL,
    UsageError,
    corpus_of,
    refuse_flags,
    refuse_repeats,
    replacing,
    settings_of,
)
from skipgram.config import CorpusConfig

Run = Callable[..., Any]


def test_options_on_the_command_line_override_the_config_file(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    file = tmp_path / "options.toml"
    file.write_text("vector-size = 8\nepochs = 2\nthreads = 1\n")
    flags = ["-o", tmp_path / "model", "--config", file, "--epochs", 1]
    assert run("train", planted_text, *flags).code == 0
    config = skipgram.load(tmp_path / "model").training["config"]
    assert (config["vector_size"], config["epochs"], config["threads"]) == (8, 1, 1)


@pytest.mark.parametrize("command", ["train", "pmi"])
def test_the_config_file_may_set_the_output(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "options.toml"
    file.write_text("vector-size = 8\noutput = 'from-file'\n")
    assert run(command, planted_text, "--config", file).code == 0
    assert len(skipgram.load("from-file"))
    shutil.rmtree("from-file")
    assert run(command, planted_text, "--config", file, "-o", "given").code == 0
    assert len(skipgram.load("given"))
    assert not Path("from-file").exists()


@pytest.mark.parametrize("value", ["3", "''"])
def test_an_output_of_the_config_file_must_be_a_path(
    run: Run, planted_text: Path, tmp_path: Path, value: str
) -> None:
    file = tmp_path / "options.toml"
    file.write_text(f"output = {value}\n")
    answer = run("train", planted_text, "--config", file)
    assert_one_line(answer, 2, f"options.toml: output is {value}; it must be a path")


def test_a_key_of_the_config_file_is_mistyped(run: Run, planted_text: Path, tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    for name, meant in (("vectr-size", "vector_size"), ("outpt", "output"), ("dim", "vector_size")):
        file.write_text(f"{name} = 3\n")
        answer = run("train", planted_text, "--config", file, "-o", tmp_path / "model")
        assert_one_line(answer, 2, f"unknown option '{name.replace('-', '_')}' (", meant)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "text.txt", "-o", ""],
        ["train", "text.txt", "-o", "model", "--initial", ""],
        ["train", "text.txt", "-o", "model", "--resume-from="],
        ["train", "text.txt", "-o", "model", "--config", ""],
        ["encode", "text.txt", "--output", ""],
        ["phrases", "text.txt", "-o", ""],
        ["phrases", "text.txt", "-o", "joined", "--phrases", ""],
        ["pmi", "text.txt", "--compare", ""],
        ["quickstart", "-o", ""],
        ["info", ""],
        ["neighbors", "", "king"],
        ["export", "model", ""],
    ],
)
def test_an_empty_path_is_not_the_current_directory(
    run: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run(*arguments), 2, "the path is empty; name a file or directory")


def test_empty_names_of_sets_models_and_corpora(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a0\ta1\t1\nb0\ta1\t0\n")
    answer = run("evaluate", planted_model, "")
    assert_one_line(answer, 1, "the name of an evaluation set is empty; ", "wordsim353")
    assert_one_line(run("evaluate", "", "--set", pairs), 1, "is empty")
    assert_one_line(run("train", "", "-o", "model"), 2, "no corpus was given")
    answer = run("train", "a.txt", "--validation", "", "-o", "model")
    assert_one_line(answer, 2, "--validation is ''; it must be a share")


@pytest.mark.parametrize(
    "arguments",
    [
        ["neighbors", "model", "king", "-n", "1.5"],
        ["evaluate", "model", "rg65", "--restrict", "1000.7"],
        ["tune", "text.txt", "--trials", "nan"],
        ["encode", "text.txt", "-o", "out", "--min-count", "2.5"],
        ["explain", "a b", "--center", "a", "--window", "1e0"],
    ],
)
def test_numbers_are_not_rounded(run: Run, arguments: list[str]) -> None:
    name, value = arguments[-2:]
    said = f"Invalid value for {name}: '{value}' is not a whole number"
    assert_one_line(run(*arguments), 2, said)


def test_settings_of_the_command_line_and_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text("window = 7\nlowercase = true\nepochs = 2\n")
    options, reading = settings_of(TrainConfig(epochs=3), CorpusConfig(nfkc=True), file)
    assert options.given == {"epochs": 3, "window": 7}
    assert reading.given == {"lowercase": True, "nfkc": True}
    options, reading = settings_of(TrainConfig(epochs=3), CorpusConfig(), None)
    assert (options.given, reading.given) == ({"epochs": 3}, {})


def test_a_corpus_keeps_urls_and_makes_paths() -> None:
    names = ["text.txt", STDIN_URL, "https://host/text.txt"]
    reading = corpus_of(names, CorpusConfig())
    assert reading.corpus == [Path("text.txt"), STDIN_URL, "https://host/text.txt"]
    for names in ([], ["text.txt", ""]):
        with pytest.raises(UsageError, match="no corpus was given; name at least one text file"):
            corpus_of(names, CorpusConfig())


def test_options_without_effect_and_repeats_are_errors() -> None:
    refuse_flags([], "with --output")
    said = "--least-count has no effect with --output; leave it out"
    with pytest.raises(UsageError, match=said):
        refuse_flags(["least_count"], "with --output")
    refuse_repeats(["a", "b"], "set")
    with pytest.raises(UsageError, match="the set a is given 2 times; give it once"):
        refuse_repeats(["a", "b", "a"], "set")


def test_replacing_a_model_is_said(run: Run, planted_text: Path, tmp_path: Path) -> None:
    command = ("train", planted_text, "--epochs", "1", "--vector-size", "16", "--output")
    saved = f"40 words x 16 dimensions saved to {tmp_path / 'model'}"
    assert run(*command, tmp_path / "model").out == f"{saved}\n"
    replacing = f"{saved}, replacing the model that was there\n"
    assert run(*command, tmp_path / "model").out == replacing


def test_every_command_says_what_it_replaces(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    commands = {
        "corpus": ("encode", planted_text, "--threads", 1, "--output", tmp_path / "encoded"),
        "index": ("index", model),
        "file": ("export", model, tmp_path / "vectors.vec"),
        "directory": ("export", model, tmp_path / "arrays", "--format", "numpy"),
    }
    for kind, command in commands.items():
        said = f", replacing the {kind} that was there\n"
        assert said not in run(*command).out
        again = [*command, "--min-count", 2] if kind == "corpus" else command
        assert run(*again).out.endswith(said)
    phrases = ("phrases", planted_text, "--threads", 1, "--output", tmp_path / "joined.txt")
    assert "replacing" not in run(*phrases).out
    assert ", replacing the file that was there\n" in run(*phrases).out


def test_what_is_replaced_is_said_only_if_it_is_there(tmp_path: Path) -> None:
    assert replacing(tmp_path / "none", "model") == ""
    assert replacing(tmp_path, "model") == ""
    (tmp_path / "file").touch()
    assert replacing(tmp_path, "model") == ", replacing the model that was there"
    assert replacing(tmp_path / "file", "index") == ", replacing the index that was there"
