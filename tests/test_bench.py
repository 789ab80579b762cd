"""The benchmark itself, on a corpus too small to measure anything: that it trains both and writes what the tables need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import tables

ROOT = Path(__file__).resolve().parent.parent


def test_runner_and_tables(planted_text: Path, tmp_path: Path) -> None:
    sets = tmp_path / "eval"
    sets.mkdir()
    (sets / "men3000.tsv").write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    output = tmp_path / "result.json"
    command = [sys.executable, ROOT / "bench" / "run.py", "--corpus", planted_text, "--eval", sets, "--output", output]
    subprocess.run([*command, "--rounds", "1", "--vector-size", "16"], check=True, capture_output=True)
    result = json.loads(output.read_text())
    ours, theirs = tables.read_runs(result)["skipgram", 16][0], tables.read_runs(result)["gensim", 16][0]
    for run in (ours, theirs):
        assert run["raw_words"] == 16_000
        assert run["raw_words_per_second"] == 5 * 16_000 / run["training_seconds"]
        assert run["total_seconds"] > run["training_seconds"] + run["scan_seconds"]
        assert 30e6 < run["peak_bytes"] < 2e9
        assert -100 <= run["scores"]["men3000"] <= 100
    cold = next(run for run in result["runs"] if run["cold"])
    assert cold["total_seconds"] > ours["total_seconds"]  # the runner starts from an empty cache
    assert "16.0" in tables.row("name", 16.0, 20.0, lambda x: f"{x:.1f}", "more")
    assert "planted.txt" in json.dumps(result["corpus"])


def test_the_better_figure_is_bold() -> None:
    assert tables.row("speed", 10, 2, str, "more") == "| speed | **10** | 2 | 5.0x |"
    assert tables.row("memory", 10, 2, str, "less") == "| memory | 10 | **2** | 0.2x |"
    assert tables.row("score", 1.5, 2.0, str, "points") == "| score | 1.5 | **2.0** | -0.5 |"
