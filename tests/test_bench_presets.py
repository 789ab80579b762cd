"""The scripts of bench/ that find presets and compare them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import leads
import preset_figures
import presets
import program_tables
import pytest
import table_format
from bench_scripts import run_script, write_set


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    return write_set(tmp_path / "eval", "rg65.tsv")


def test_leads_are_measured_once_and_compared_with_no_change(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads, "BASE", {**leads.BASE, "vector_size": 8, "sample": 0})
    monkeypatch.setattr(leads, "CHANGES", [{}, {"negative": 10}])
    monkeypatch.setattr(leads, "BEGINNING_WORDS", 2_001)
    flags = ["--corpus", str(planted_text), "--eval", str(sets), "--seeds", "2"]
    result = run_script(leads, monkeypatch, tmp_path / "leads.json", *flags)
    found = Counter((run["text"], run["raw_words"], run["epochs"]) for run in result["runs"])
    assert found == {("beginning", 2_008, 15): 4, ("whole", 16_000, 5): 4}
    again = run_script(leads, monkeypatch, tmp_path / "leads.json", *flags)
    assert again == result
    with monkeypatch.context() as other, pytest.raises(SystemExit, match="another machine"):
        other.setattr(leads, "versions", lambda: {"skipgram": "another"})
        run_script(leads, other, tmp_path / "leads.json", *flags)
    for module in (program_tables, table_format):
        monkeypatch.setattr(module, "SETS", {"rg65": "RG-65"})
    rows = program_tables.leads(result).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:8]] == [
        "| **no change**",
        "| input and output vectors averaged",
        "| **no change**",
        "| input and output vectors averaged",
        "| negative 10",
        "| negative 10",
    ]
    assert "means of 2 seeds" in rows[-1]


def test_presets_are_measured_once_and_drawn(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["gensim, 5 epochs", "preset fast"]
    few = {name: (presets.TRAININGS[name][0], 1) for name in names}
    monkeypatch.setattr(presets, "TRAININGS", few)
    flags = ["--corpus", str(planted_text), "--eval", str(sets), "--seeds", "2"]
    flags += ["--vector-size", "16", "--only"]
    run_script(presets, monkeypatch, tmp_path / "presets.json", *flags, names[0])
    result = run_script(presets, monkeypatch, tmp_path / "presets.json", *flags, *names)
    found = [(run["program"], run["seed"], run["epochs"]) for run in result["runs"]]
    assert found == [(names[0], 1, 1), (names[0], 2, 1), (names[1], 1, 1), (names[1], 2, 1)]
    for module in (preset_figures, table_format):
        monkeypatch.setattr(module, "SETS", {"rg65": "RG-65"})
    rows = preset_figures.presets(result).splitlines()
    assert rows[2].startswith("| 0.0 M words, d=16 | gensim, 5 epochs | ")
    assert rows[3].startswith("| 0.0 M words, d=16 | preset fast | ")
    assert " | 1.00 | " in rows[2]
    drawn = ElementTree.fromstring(preset_figures.picture(result, size=16))
    texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[-2:] == ["gensim, 5 epochs", "skipgram fast"]
    circles = drawn.findall("{http://www.w3.org/2000/svg}circle")
    seconds = [table_format.middle(result["runs"][n : n + 2], "total_seconds") for n in (0, 2)]
    places = [float(circle.attrib["cx"]) for circle in circles]
    assert (places[0] < places[1]) == (seconds[0] < seconds[1])
