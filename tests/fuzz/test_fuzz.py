"""A hundred inputs of each format, and whether the fuzzer notices what it looks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from corpus_targets import CORPORA
from fuzz_target import make_input, read_files, write_files
from mutate import MUTATIONS, mutate
from other_targets import OTHERS
from vector_targets import VECTORS

HERE = Path(__file__).parent
TARGETS = [*VECTORS, *CORPORA, *OTHERS]
INPUTS = 100


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result of each format, by its name."""
    output = tmp_path_factory.mktemp("fuzz")
    options = ["--inputs", str(INPUTS), "--minutes", "5", "--output", str(output)]
    subprocess.run(
        [sys.executable, str(HERE / "fuzz.py"), *options], capture_output=True, check=False
    )
    results = json.loads((output / "fuzz.json").read_text())
    return {result["name"]: result for result in results["formats"]}


@pytest.mark.parametrize("name", [target.name for target in TARGETS])
def test_changed_files_are_read_or_refused(name: str, findings: dict[str, Any]) -> None:
    result = findings[name]
    assert result["findings"] == {}, f"python tests/fuzz/fuzz.py --format {name} --inputs {INPUTS}"
    assert result["inputs"] == INPUTS
    assert result["accepted"] > 0


BAD = """
import faulthandler, functools, sys, time, types
from pathlib import Path
import fuzz, fuzz_worker
from fuzz_target import Target
from numba.core import event

fuzz_worker.MOST_SECONDS, fuzz_worker.MOST_WALL_SECONDS = {limits}

def compiled(seconds):
    end = time.process_time() + seconds
    data = {{"dispatcher": types.SimpleNamespace(py_func=read)}}
    compiling = functools.partial(event.trigger_event, "numba:compile", data)
    with compiling(), compiling():
        while time.process_time() < end: pass

def read(folder):
    if (folder / "a").read_bytes() != b"abc":
        {bad}

def make(folder):
    (folder / "seed").mkdir()
    (folder / "seed" / "a").write_bytes(b"abc")

result = fuzz.fuzz(Target("bad", make, read), 0, 3, 60, Path(sys.argv[1]))
print(result.inputs, sorted({{finding.kind for finding in result.findings}}))
"""


@pytest.mark.parametrize(
    ("bad", "kind", "limits"),
    [
        ("raise ValueError", "ValueError", (99, 99)),
        ("faulthandler._sigsegv()", "SIGSEGV", (99, 99)),
        ("while True: pass", "takes too long", (0.3, 99)),  # a busy machine gives it little
        ("compiled(0.5)\n        while True: pass", "takes too long", (0.3, 99)),
        ("time.sleep(99)", "waits", (99, 0.5)),
        ("b'x' * (400 << 20)", "takes over 300 MB", (99, 99)),
        ("b'x' * (9 << 30)", "MemoryError", (99, 99)),
    ],
)
def test_what_is_a_finding(
    bad: str, kind: str, limits: tuple[float, float], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BAD.format(bad=bad, limits=limits), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(HERE), "PATH": ""},
    )
    assert done.stdout == f"3 {[kind]}\n"
    saved = [path for path in (tmp_path / "bad").iterdir() if path.is_dir()]
    assert len(saved) == 3
    assert all(f"bad/{path.name}\n" in done.stderr for path in saved)


def test_compiling_a_kernel_is_not_a_finding(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BAD.format(bad="compiled(0.5)", limits=(0.3, 99)), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(HERE), "PATH": ""},
    )
    assert done.stdout == "3 []\n"


def test_a_saved_input_is_read_again(tmp_path: Path) -> None:
    write_files(tmp_path / "stop-words" / "0-1", {"stop.txt": b"two words"})
    command = [sys.executable, str(HERE / "fuzz.py"), "--replay"]
    done = subprocess.run(
        [*command, str(tmp_path / "stop-words" / "0-1")], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("refused: stopwords is ")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_inputs_are_the_same_again(target: Any, tmp_path: Path) -> None:
    target.make(tmp_path)
    seeds = [read_files(folder) for folder in sorted(tmp_path.iterdir())]
    inputs = [make_input(target, seeds, 1, number) for number in range(60)]
    assert inputs == [make_input(target, seeds, 1, number) for number in range(60)]
    assert inputs != [make_input(target, seeds, 2, number) for number in range(60)]
    assert sum(each not in seeds for each in inputs) > 40


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("content", [b"", b"a", b"a,b 12 \xff" * 99])
def test_any_bytes_can_be_changed(mutation: Any, content: bytes) -> None:
    changed = {mutation(Random(seed), content) for seed in range(30)}
    assert len(changed) > 1 or len(content) < 2


def test_mutations_have_a_largest_size() -> None:
    content = bytes(1 << 19)
    assert max(len(mutate(Random(seed), content)) for seed in range(300)) <= 1 << 20
