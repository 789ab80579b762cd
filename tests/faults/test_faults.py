"""What the driver of the faults counts as lost, and the table of the results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import reliability_tables
from fault import Fault
from fault_kills import PARTS, changes_of
from fault_site import CHILD, Ended, Lost, Reference, Site, Skipped, bits, saved_elsewhere
from faults import FAULTS, attempt, line

import skipgram

HERE = {
    "hardware": {"cpu": "CPU", "cores": 2, "python": "3"},
    "versions": {"skipgram": "1", "numba": "2", "numpy": "3"},
    "seed": 0,
}


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    """An old and a new model; the text and the encoded corpus are missing."""
    for name in ("old", "new"):
        skipgram.Embeddings([name], [[1.0]]).save(tmp_path / name)
    return Reference(tmp_path, bits(tmp_path / "new"), bits(tmp_path / "old"), [], 1.0)


def test_outcomes_are_counted(reference: Reference) -> None:
    def coin(site: Site, rng: Random) -> str:
        assert site.output.parent.is_dir()
        if rng.random() < 0.5:
            raise Lost("all")
        return "kept"

    row = attempt(Fault("coin", coin), 20, 0, reference)
    assert row.tries == sum(row.outcomes.values()) == 20
    assert 0 < row.lost == row.outcomes["LOST: all"] < 20
    assert row == attempt(Fault("coin", coin), 20, 0, reference)
    assert f"{row.lost} LOST: all" in line(row)


def test_a_fault_may_be_impossible(reference: Reference) -> None:
    def never(site: Site, rng: Random) -> str:
        raise Skipped("needs a moon")

    row = attempt(Fault("eclipse", never), 9, 0, reference)
    assert (row.tries, row.lost) == (0, 0)
    assert line(row).endswith("skipped: needs a moon")


def test_the_model_at_the_output(reference: Reference, tmp_path: Path) -> None:
    site = Site(reference, tmp_path / "site")
    assert site.state() == "none"
    site.add_old_model()
    assert site.state() == "old"
    with pytest.raises(Lost, match="the old model is at the output, not the new one"):
        site.expect("new")
    skipgram.Embeddings(["other"], [[1.0]]).save(site.output)
    assert site.state() == "other"
    (site.output / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(Lost, match="cannot be read"):
        site.state()


@pytest.mark.parametrize("place", ["outputs/.skipgram-new-x", "outputs/model.run", "temporary/x"])
def test_litter_is_noticed(place: str, reference: Reference, tmp_path: Path) -> None:
    site = Site(reference, tmp_path / "site")
    site.add_old_model()
    site.expect_clean()
    (site.root / place).mkdir()
    with pytest.raises(Lost, match=f"litter stays: {Path(place).name}"):
        site.expect_clean()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "crashed with SIGABRT"),
        ("raise ValueError", "showed a traceback"),
    ],
)
def test_a_crash_is_noticed(code: str, said: str, reference: Reference, tmp_path: Path) -> None:
    site = Site(reference, tmp_path / "site")
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(Lost, match=said):
        site.finish(process)


def test_where_a_model_was_saved(reference: Reference) -> None:
    place = reference.folder / "new"
    assert saved_elsewhere(Ended(1, "", f"cannot write /x; it is in {place}, not lost")) == place
    assert saved_elsewhere(Ended(1, "", "cannot write /x")) is None


def test_the_parts_of_a_run() -> None:
    checkpoint = ["open model.run/x/matrices.safetensors", "fault fsync", "os.rename model.run/x"]
    changes = ["open ids", *checkpoint, "open model.run/log", *checkpoint, "open model/x", "fault"]
    parts = [list(changes_of(part, changes)) for part in PARTS]
    assert parts == [[0], [1, 2, 3, 4, 5, 6, 7], [8, 9]]
    with pytest.raises(Lost, match="no checkpoint"):
        changes_of("save", ["open model"])


def child(code: str, folder: Path, **fault: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(CHILD), "FAULT_ROOT": str(folder), **fault}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True
    )


WRITE = """
import os
for number in range(4):
    with open(os.path.join(os.getcwd(), f"{number}"), "w") as file:
        file.write("x")
        os.fsync(file.fileno())
"""


@pytest.mark.parametrize(("number", "left"), [(1, 0), (3, 1), (8, 4), (9, 4)])
def test_a_child_is_killed_at_a_change(number: int, left: int, tmp_path: Path) -> None:
    done = child(WRITE, tmp_path, FAULT_KILL=f"{number} 0")
    assert done.returncode == (0 if number == 9 else -signal.SIGKILL)
    assert len(list(tmp_path.iterdir())) == left


def test_changes_are_listed(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    child(WRITE, tmp_path / "below", FAULT_TRACE=str(tmp_path / "trace"))
    lines = (tmp_path / "trace").read_text().splitlines()
    assert lines[:2] == [f"open {tmp_path / 'below' / '0'}", "fault fsync"]
    assert len(lines) == 8


def test_the_clock_of_a_child_jumps(tmp_path: Path) -> None:
    done = child("import time; print(time.time(), time.time())", tmp_path, FAULT_CLOCK="3600")
    first, second = map(float, done.stdout.split())
    assert first - second == pytest.approx(7200, abs=60)
    assert abs(first - 3600 - time.time()) < 60


def test_ten_faults_are_quick() -> None:
    assert sum(fault.quick for fault in FAULTS) >= 10
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_the_table_of_faults() -> None:
    faults = [
        {"fault": "kill", "tries": 3, "outcomes": {"a": 1, "b": 2}, "skipped": ""},
        {"fault": "full", "tries": 2, "outcomes": {"LOST: x": 1, "c": 1}, "skipped": ""},
        {"fault": "sun", "tries": 0, "outcomes": {}, "skipped": "no sun"},
        {"fault": "moon", "tries": 4, "outcomes": {"d": 4}, "skipped": ""},
    ]
    table = reliability_tables.faults({**HERE, "faults": faults})
    assert table.splitlines()[2:6] == [
        "| kill | 3 | nothing | 2 b; 1 a |",
        "| full | 2 | **1 of 2** | 1 c |",
        "| sun | 0 | not tried | no sun |",
        "| moon | 4 | nothing | d |",
    ]


def test_the_table_of_formats() -> None:
    formats = [
        {"name": "npy", "inputs": 2000, "accepted": 500, "seconds": 10.0, "findings": {"x": 2}}
    ]
    table = reliability_tables.fuzzing({**HERE, "formats": formats})
    assert table.splitlines()[2] == "| npy | 2,000 | 25 % | 2 | 200 |"
