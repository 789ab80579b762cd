"""Each script and notebook in examples/ runs, in a directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from quick import slow_unless

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
QUICK = [script for script in SCRIPTS if script.stem != "interrupt_anywhere"]  # takes a minute
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("script", slow_unless(QUICK, SCRIPTS), ids=lambda script: script.stem)
def test_an_example_runs(script: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in script.parent.iterdir())
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip(), "an example shows what it does"
    assert sorted(path.name for path in script.parent.iterdir()) == before


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    notebook = read(path)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    for cell in notebook.cells:
        kinds = [output.output_type for output in cell.get("outputs", ())]
        if path.stem == "notebook_progress":
            # One display that is updated, or one block of text, or the value of the last line.
            assert len(kinds) <= 1, (cell.source, kinds)
            if "progress=False" not in cell.source and "skipgram.train(" in cell.source:
                assert "training: 100%  epoch 5/5" in cell.outputs[0].data["text/plain"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_shows_is_kept(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    kept = [output for cell in cells for output in cell.outputs]
    if path.stem == "notebook_progress":
        assert not kept  # it is there to be run
        return
    assert len(kept) >= len(cells) / 2
    assert any("image/png" in output.get("data", {}) for output in kept) or "3_two" in path.stem
    assert {output.output_type for output in kept} <= {"display_data", "execute_result", "stream"}
    assert all(output.get("name") != "stderr" for output in kept)
    assert str(ROOT) not in text
    assert len(text) < 400_000


def read(path: Path) -> Any:
    v4: Any = nbformat.v4
    return v4.reads(path.read_text(encoding="utf-8"))


def test_there_are_examples() -> None:
    assert {"typed_training", "raw_reviews"} <= {script.stem for script in SCRIPTS}
    numbers = [notebook.stem[0] for notebook in NOTEBOOKS if notebook.stem[0].isdecimal()]
    assert numbers == ["1", "2", "3", "4", "5"]
    assert "notebook_progress" in {notebook.stem for notebook in NOTEBOOKS}
