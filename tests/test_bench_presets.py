"""The scripts of bench/ that compare presets, and the tables by CPU."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import cpu_tables
import groups
import hardware
import leads
import numpy as np
import postprocess
import preset_figures
import presets
import program_tables
import pytest
import table_format
from bench_scripts import run_script, write_set

from skipgram import Embeddings


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


def training(name: str, seconds: float, score: float) -> table_format.Run:
    """Return a run of `presets.py` on the whole text."""
    named = {"text": "whole", "vector_size": 100, "program": name, "raw_words": 10**6}
    return {**named, "threads": 2, "total_seconds": seconds, "scores": {"rg65": score}}


def test_the_line_of_a_program_is_in_the_order_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (preset_figures, table_format):
        monkeypatch.setattr(module, "SETS", {"rg65": "RG-65"})
    runs = [
        training("preset best", 9, 60),
        training("gensim, 5 epochs", 50, 50),
        training("skipgram, 1 epoch at gensim's rate", 2, 30),
        training("gensim, 1 epoch", 10, 40),
        training("preset fast", 3, 50),
    ]
    result = {
        "corpus": {"name": "text"},
        "hardware": hardware.hardware(),
        "versions": dict.fromkeys(("skipgram", "gensim", "numba", "numpy"), "1"),
        "runs": runs,
    }
    lines = preset_figures.points(result, "whole", 100)
    assert [point.name for point in lines["gensim"]] == ["gensim, 1 epoch", "gensim, 5 epochs"]
    assert [point.name for point in lines["skipgram"]] == ["preset fast", "preset best"]
    rows = [row.split(" | ") for row in preset_figures.one_epoch(result).splitlines()[2:4]]
    assert [(row[1], row[3]) for row in rows] == [
        ("gensim, 1 epoch", "1.00"),
        ("skipgram, 1 epoch at gensim's rate", "0.20"),
    ]


def test_walks_stay_on_edges_and_sessions_in_two_groups() -> None:
    of_node, walks = groups.walks(400, 1, hubs=True)
    steps = np.array([pair for walk in walks for pair in itertools.pairwise(walk)])
    assert 0.5 < np.mean(of_node[steps[:, 0]] == of_node[steps[:, 1]]) < 0.9  # 8 of 12, if equal
    assert {len(walk) for walk in walks} == {40}
    of_item, sessions = groups.sessions(500, 1, users=300)
    shares = []
    for session in sessions:
        counts = Counter(int(of_item[item]) for item in session)
        shares.append(sum(count for _, count in counts.most_common(2)) / len(session))
    assert 0.7 < np.mean(shares) < 0.9  # 7 of 10, and the two most frequent groups of the others


def test_the_share_of_the_own_group() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 11, axis=0)
    words = [str(n) for n in range(22)]
    of_word = np.repeat([0, 1], 11)
    assert groups.own_group(Embeddings(words, vectors), of_word) == 100
    of_word[0] = 1
    assert groups.own_group(Embeddings(words, vectors), of_word) == pytest.approx(
        100 * (20 * 1 + 0 - 10 * 0.1 + 1) / 22
    )


def test_known_groups_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "TEXTS", {"walks": lambda: groups.walks(60, 1, hubs=False)})
    monkeypatch.setattr(
        groups,
        "COMPARED",
        {name: (presets.TRAININGS[name][0], 1) for name in ("gensim, 5 epochs", "preset fast")},
    )
    result = run_script(groups, monkeypatch, tmp_path / "groups.json", "--seeds", "2")
    rows = preset_figures.known_groups(result).splitlines()
    assert [row.split(" | ")[:2] for row in rows[2:4]] == [
        ["| walks, 0.0 M words", "gensim, 5 epochs"],
        ["| walks, 0.0 M words", "preset fast"],
    ]
    assert "2 seeds" in rows[-1]


def test_the_mean_and_the_largest_components_are_removed() -> None:
    vectors = np.random.default_rng(1).normal(3, [5, 1, 4, 2], (1_000, 4)).astype(np.float32)
    left = postprocess.all_but_the_top(vectors, 2)
    assert np.abs(left.mean(axis=0)).max() < 1e-4
    assert left.std(axis=0) == pytest.approx([0, 1, 0, 2], abs=0.3)
    mean_only = postprocess.all_but_the_top(vectors, 0)
    assert mean_only == pytest.approx(vectors - vectors.mean(axis=0))


def test_postprocessing_is_measured_once(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postprocess, "COMPONENTS", (0, 1))
    monkeypatch.setattr(postprocess, "PRESETS", ("default",))
    monkeypatch.setattr(postprocess, "BEGINNING_WORDS", 2_001)
    flags = ["--corpus", str(planted_text), "--eval", str(sets), "--seeds", "2"]
    flags += ["--vector-size", "8"]
    result = run_script(postprocess, monkeypatch, tmp_path / "result.json", *flags)
    assert Counter(run["raw_words"] for run in result["runs"]) == {2_008: 2, 16_000: 2}
    assert run_script(postprocess, monkeypatch, tmp_path / "result.json", *flags) == result
    for module in (program_tables, table_format):
        monkeypatch.setattr(module, "SETS", {"rg65": "RG-65"})
    rows = program_tables.postprocessed(result).splitlines()[2:8]
    assert [row.split(" | ")[1] for row in rows[:3]] == [
        "as trained",
        "mean removed",
        "mean and top 1 removed",
    ]
    assert all(row.split(" | ")[2][0] in "+-" for row in rows[1:3])


def test_the_machine_is_described() -> None:
    known, now = hardware.hardware(), hardware.conditions()
    assert known["lanes"] in (4, 8, 16)
    assert known["cores"] >= 1
    assert 1e9 < now["peak"] < 1e12
    folder = hardware.folder_of({**known, "cpu": "AMD EPYC (9)", "family": "26", "model": "2"})
    assert folder == f"amd-epyc-9-26-2-{known['lanes']}-lanes"


def speeds(size: int, ours: float, **named: object) -> table_format.Result:
    """Return a result of `run.py` where gensim trains one million words a second."""
    each = {"vector_size": size, "raw_words": 10**7, "epochs": 5, "threads": 2, "cold": False}
    programs = (("skipgram", ours), ("gensim", 1e6))
    runs = [{**each, "program": name, "raw_words_per_second": speed} for name, speed in programs]
    cpu = {"cpu": "CPU", "family": "26", "model": "2", "lanes": 8}
    corpus = {"corpus": {"name": "text"}, "conditions": [{"peak": 2e11}], "busy": 0}
    return {"hardware": cpu, "runs": runs, **corpus, **named}


def test_each_cpu_has_a_column() -> None:
    names = zip(
        (*cpu_tables.QUIET.values(), *cpu_tables.BUSY.values()), (100, 300) * 2, strict=True
    )
    first = {name: speeds(size, 4e6, busy=2) for name, size in names}
    counts = {"numbers": 1e9}
    runs = [{"threads": 1, "training_seconds": 6.0}]
    cases = [
        {"vector_size": size, "words": "all", "counts": counts, "runs": runs} for size in (100, 300)
    ]
    first["roofline"] = {"cases": cases, "peaks": [1e11, 2e11]}
    second = {name: speeds(size, 3e6) for size, name in cpu_tables.QUIET.items()}
    unknown = {"wiki17m-d100": {"hardware": {"cpu": "CPU"}}}
    lines = cpu_tables.by_cpu([first, second, unknown]).splitlines()
    split = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:-2]]
    rows = {name: cells for name, *cells in split}
    assert rows["skipgram vs. gensim, d=100"] == ["**4.0x**", "**3.0x**"]
    assert rows["skipgram vs. gensim, d=300, busy"] == ["**4.0x**", ""]
    assert rows["share of the peak, d=100, 1 thread"] == ["50%", ""]
    assert rows["peak of a core, GFLOP/s"] == ["200", "200"]
    assert "beside 2 processes" in lines[-1]
