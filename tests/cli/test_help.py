"""What `--help` shows: panels, ranges, and examples that run as pasted."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupted import interrupt_command

import skipgram
from skipgram import TrainConfig
from skipgram.cli.app import COMMANDS, app
from skipgram.cli.help import PANELS, describe_range, with_range
from skipgram.config import CorpusConfig

Run = Callable[..., Any]
NAMES = [command.__name__.replace("_", "-") for panel in COMMANDS.values() for command in panel]
WORDS = ["string", "strings", "list", "lists", "tuple", "dict", "thread", "bytes"]


def plain(text: str) -> str:
    """Help without frames, on one line."""
    return " ".join(re.sub("[│╭╮╰╯─]", " ", text).split())


def examples(name: str) -> list[list[str]]:
    lines = (app[name].help_epilogue or "").splitlines()
    assert lines[0] == "Examples:"
    return [shlex.split(line) for line in lines[1:]]


def test_help_names_every_command_and_option(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    verbs = [name for name in app if not name.startswith("-")]
    assert set(verbs) == set(NAMES)
    assert {"train", "pmi", "explain"} <= set(verbs)
    for verb in verbs:
        assert verb in answer.out
    help_of_train = run("train", "--help").out
    for name in TrainConfig.model_fields:
        assert f"--{name.replace('_', '-')}" in help_of_train
    assert "--no-shrink-windows" in help_of_train


def test_every_field_has_one_panel() -> None:
    fields = [field for panel in PANELS.values() for field in panel]
    assert sorted(fields) == sorted([*TrainConfig.model_fields, *CorpusConfig.model_fields])


def test_help_of_train_has_panels_ranges_and_defaults(run: Run) -> None:
    text = run("train", "--help").out
    panels = re.findall(r"^╭─ (\w+)", text, re.MULTILINE)
    assert panels == ["Corpus", "Model", "Training", "Output"]
    text = plain(text)
    assert "[range: 1 to 1,000,000] [default: 5]" in text
    assert "it falls linearly to --min-alpha" in text
    assert "[range: more than 0, up to 10]" in text
    assert "Needs --validation." in text
    fields = [*TrainConfig.model_fields.values(), *CorpusConfig.model_fields.values()]
    bounds = [[hasattr(each, "ge") or hasattr(each, "gt") for each in f.metadata] for f in fields]
    assert text.count("[range: ") == sum(map(any, bounds))
    assert "default: False" not in text


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, ""),
        ({"ge": 1}, "1 or more"),
        ({"ge": 1, "le": 100_000}, "1 to 100,000"),
        ({"ge": -2, "le": 2}, "-2 to 2"),
        ({"ge": 2, "le": 2**31 - 2}, "2 or more"),
        ({"gt": 0}, "more than 0"),
        ({"gt": 0, "le": 10}, "more than 0, up to 10"),
    ],
)
def test_ranges_in_words(bounds: dict[str, float], expected: str) -> None:
    assert describe_range(bounds) == expected


def test_ranges_are_those_of_the_options() -> None:
    assert with_range("Words.", "window") == "Words. [range: 1 to 1,000,000]"
    assert with_range("Column.", "column") == "Column."


@pytest.mark.parametrize("name", NAMES)
def test_help_describes_every_option_and_ends_with_examples(run: Run, name: str) -> None:
    answer = run(name, "--help")
    assert answer.code == 0
    for argument in app[name].assemble_argument_collection(parse_docstring=True):
        if argument.show:
            assert argument.parameter.help, argument.name
    shown = app[name].help_epilogue or ""
    assert answer.out.endswith(f"\n\n{shown}\n")
    assert max(map(len, shown.splitlines())) <= 80  # a wrapped line could not be pasted
    assert any(example[1] == name for example in examples(name))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    generator = np.random.default_rng(1)
    topics = generator.integers(10, size=(10_000, 1))
    sentences = 6 * topics + generator.integers(6, size=(10_000, 20))
    text = "".join(" ".join(f"w{word}" for word in words) + "\n" for words in sentences)
    for name in ("corpus.txt", "more.txt", "joined.txt"):
        (folder / name).write_text(text)
    skipgram.train(folder / "corpus.txt", vector_size=16, epochs=1).save(folder / "model")
    skipgram.encode(folder / "corpus.txt", folder / "encoded", min_count=1)
    vectors = generator.normal(size=(len(WORDS), 8)).astype(np.float32)
    interrupt_command(folder / "corpus.txt", folder / "model")
    for name in ("quickstart-model", "model-a", "model-b"):
        skipgram.Embeddings(WORDS, vectors).save(folder / name)
    point = {"event": "progress", "words_per_second": 5, "rate": 0.1, "loss": 2.5}
    lines = [json.dumps({**point, "seconds": n, "raw_words": n}) for n in (1, 2)]
    (folder / "quickstart-model" / "training.jsonl").write_text("\n".join(lines))
    pairs = "".join(f"{a} {b} {n}\n" for n, (a, b) in enumerate(pairwise(WORDS)))
    for name in ("wordsim353.tsv", "simlex999.tsv", "my-pairs.tsv"):
        (folder / name).write_text(pairs)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_examples_run_as_pasted(
    run: Run, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = shutil.copytree(prepared, tmp_path / "folder")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SKIPGRAM_DATA", str(folder))
    for program, *arguments in examples(name):
        assert program == "skipgram"
        if arguments[0] in {
            "quickstart",
            "tune",
            "explore",
        }:  # these take longer than a test should
            app.parse_args(arguments, exit_on_error=False, print_error=False)
        else:
            answer = run(*arguments)
            assert answer.code == 0, answer.err


@pytest.mark.parametrize("columns", [0, 2, 19])
@pytest.mark.parametrize("command", [[], ["odd-one-out"], ["train"]])
def test_help_in_a_terminal_of_a_few_columns(columns: int, command: list[str]) -> None:
    """It never ended in 2 columns, and in none."""
    done = subprocess.run(
        [sys.executable, "-m", "skipgram", *command, "--help"],
        env={**os.environ, "COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert max(map(len, done.stdout.splitlines())) <= 20
