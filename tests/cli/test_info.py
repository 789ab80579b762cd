"""The command that describes a model or an encoded corpus."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import skipgram
from skipgram.cli.program import command_line
from skipgram.descriptions import corpus_rows, training_rows

Run = Callable[..., Any]


def rows(text: str) -> dict[str, str]:
    """The indented rows of the output: name and value."""
    parts = [line.strip().split("  ", 1) for line in text.splitlines() if line.startswith("  ")]
    return {name: value.strip() for name, value in parts}


def test_info_of_a_model_is_grouped_and_rounded(run: Run, planted_model: Path) -> None:
    answer = run("info", planted_model)
    lines = answer.out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        str(planted_model),
        "Vectors",
        "Corpus",
        "Training",
    ]
    shown = rows(answer.out.split("Corpus")[0])
    assert shown["words"] == "40"
    assert shown["dimensions"] == "16"
    assert shown["matrices"] == "input and output (5 kB)"
    shown = rows(answer.out.split("Corpus")[1])
    assert shown["words"] == "16,000 in 2,000 sentences"
    assert shown["vocabulary"] == "40 words (min-count 5)"
    assert shown["method"] == "skip-gram with negative sampling"
    assert shown["options"] == "window 5, epochs 10, alpha 0.025, seed 1, sample 0.0"


def test_info_for_programs_has_all_facts(run: Run, planted_model: Path) -> None:
    facts = json.loads(run("info", planted_model, "--json").out)
    assert facts["kind"] == "model"
    assert (facts["words"], facts["vector_size"], facts["output_vectors"]) == (40, 16, True)
    assert facts["training"]["config"]["epochs"] == 10


def test_info_of_vectors_from_elsewhere_shows_only_the_vectors(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    run("export", planted_model, tmp_path / "vectors.bin")
    answer = run("info", tmp_path / "vectors.bin")
    assert rows(answer.out)["matrices"] == "input (3 kB)"
    assert "Training" not in answer.out
    assert "Corpus" not in answer.out


def test_groups_without_a_row_have_no_heading(run: Run, tmp_path: Path) -> None:
    training = {"loss": [2.5]}
    skipgram.Embeddings(["a"], np.ones((1, 2), np.float32), training=training).save(tmp_path / "m")
    answer = run("info", tmp_path / "m")
    assert "Corpus" not in answer.out
    assert answer.out.endswith("Training\n  loss         2.5000\n")


def test_info_of_a_baseline_shows_its_method_and_only_its_options(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    flags = ["--window", 3, "--vector-size", 8, "--sample", 0]
    run("pmi", planted_text, "--output", tmp_path / "baseline", *flags)
    shown = rows(run("info", tmp_path / "baseline").out.split("Training")[1])
    assert shown["method"] == "shifted positive PMI, truncated SVD"
    assert shown["options"] == "window 3, seed 1, sample 0.0, eigenvalue-weight 0.5"
    assert re.fullmatch(r"\d+\.\d s", shown["time"])


def test_info_of_an_encoded_corpus(run: Run, planted_text: Path, tmp_path: Path) -> None:
    encoded = tmp_path / "an encoded text"
    run("encode", planted_text, "--output", encoded, "--lowercase", "--max-vocab", "30")
    answer = run("info", encoded)
    shown = rows(answer.out)
    assert shown["words"] == "16,000 in 2,000 sentences"
    assert shown["vocabulary"] == "30 words (min-count 5, at most 30)"
    assert shown["read with"] == "lowercase True"
    command = command_line("train", encoded, "--output", "MODEL")
    assert f"train '{encoded}' --output" in command
    assert answer.out.endswith(f"Train on it: {command}\n")
    facts = json.loads(run("info", encoded, "--json").out)
    assert facts["kind"] == "encoded corpus"
    assert facts["raw_words"] == 16_000
    assert facts["raw_words"] - facts["rare_words"] == facts["retained_words"]


def test_what_a_file_does_not_say_is_left_out() -> None:
    assert corpus_rows({}) == {}
    assert training_rows({}) == {}
    assert corpus_rows({"undecodable_words": 3}) == {"dropped": "3 undecodable"}
    assert training_rows({"loss": [3.5, 2.25]}) == {"loss": "3.5000 to 2.2500"}
