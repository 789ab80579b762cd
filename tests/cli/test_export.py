"""The command that exports a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from one_line import assert_one_line

import skipgram
from skipgram.formats import EXPORTS

Run = Callable[..., Any]


@pytest.mark.parametrize("name", sorted({*EXPORTS} - {"postgres"}))
def test_export(run: Run, planted_model: Path, tmp_path: Path, name: str) -> None:
    assert run("export", planted_model, tmp_path / "vectors", "--format", name).code == 0
    exported, embeddings = skipgram.load(tmp_path / "vectors"), skipgram.load(planted_model)
    assert exported.words == embeddings.words
    assert (exported.input == embeddings.input).all()


@pytest.mark.parametrize("quiet", [False, True])
def test_the_slow_format_shows_progress(
    run: Run, planted_model: Path, tmp_path: Path, quiet: bool
) -> None:
    flags = ["--format", "embedding-atlas", "--top", "10", *(["--quiet"] if quiet else [])]
    answer = run("export", planted_model, tmp_path / "map.parquet", *flags)
    assert answer.code == 0
    assert ("map of the words: done in" in answer.err) is not quiet


def test_only_the_first_words_are_exported(run: Run, planted_model: Path, tmp_path: Path) -> None:
    assert run("export", planted_model, tmp_path / "few.bin", "--top", "7").code == 0
    exported, embeddings = skipgram.load(tmp_path / "few.bin"), skipgram.load(planted_model)
    assert exported.words == embeddings.words[:7]
    assert (exported.input == embeddings.input[:7]).all()
    assert "--top is 0; it must be" in run("export", planted_model, "a.bin", "--top", "0").err


def test_the_suffix_selects_the_format(run: Run, planted_model: Path, tmp_path: Path) -> None:
    assert run("export", planted_model, tmp_path / "words.sql").code == 0
    assert (tmp_path / "words.sql").read_text().count("\n") == 40 + 10
    assert run("export", planted_model, tmp_path / "vectors.txt.gz").code == 0
    assert run("neighbors", tmp_path / "vectors.txt.gz", "a1").code == 0


def test_a_model_is_exported_whole_as_one_file(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    assert run("export", planted_model, path).code == 0
    exported, embeddings = skipgram.load(path), skipgram.load(planted_model)
    assert exported.training == embeddings.training
    for name in ("input", "output", "counts"):
        np.testing.assert_array_equal(getattr(exported, name), getattr(embeddings, name))
    assert run("export", path, path, "--vectors", "output").code == 0
    exported = skipgram.load(path)
    np.testing.assert_array_equal(exported.input, embeddings.output)
    assert exported.output is None
    assert_one_line(
        run("export", planted_model, tmp_path / "m.safetensors.gz"),
        1,
        "safetensors files are not compressed with gzip; remove .gz from the name",
    )


def test_urls_cannot_be_written(
    run: Run, planted_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("export", planted_model, "https://me:secret@host/vectors.bin")
    allowed = "give a file, a directory or postgresql://USER@HOST/DATABASE"
    assert_one_line(answer, 1, "cannot write to https://", allowed)
    assert "secret" not in answer.err
    assert list(tmp_path.iterdir()) == []
