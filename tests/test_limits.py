"""What a plan allows trains and saves within a real limit, and low limits end with one line."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram import limits
from skipgram.errors import MemoryPlanError
from skipgram.threads import map_ahead, run_aside
from skipgram.training import cgroups

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="limits memory as Linux does"
)

MB = 10**6

# Plans a training, sets a limit that leaves the given share of the plan free, and trains and saves.
PROGRAM = """
import resource, sys
from pathlib import Path
import skipgram
from skipgram.limits import memory_limits
from skipgram.training.cgroups import memory_left
corpus, output, kind, share, optimizer = sys.argv[1:]
options = {"vector_size": 1000, "epochs": 1, "threads": 2, "min_count": 1, "optimizer": optimizer}

class Planned(Exception):
    pass

def plan(event):
    if isinstance(event, skipgram.training.events.MemoryPlanned):
        raise Planned(event.total)

def limit(event):
    if not isinstance(event, skipgram.training.events.ScanFinished):
        return
    free = int(total / float(share))
    if kind.startswith("/"):
        left = next(left for left in memory_left() if left > 1 << 38)
        file.write_text(str(high - left + free))
    else:
        number = {"AS": resource.RLIMIT_AS, "DATA": resource.RLIMIT_DATA}[kind]
        resource.setrlimit(number, (1 << 40, 1 << 40))
        (found,) = memory_limits()
        size = found.used + 3 * found.of_thread + free
        resource.setrlimit(number, (size, size))

if kind.startswith("/"):
    names = "memory.limit_in_bytes", "memory.max"
    file, high = next(path for name in names if (path := Path(kind, name)).exists()), 1 << 40
    file.write_text(str(high))
    Path(kind, "cgroup.procs").write_text("0")
try:
    skipgram.train(corpus, callbacks=[plan], **options)
except Planned as planned:
    total = planned.args[0]
try:
    skipgram.train(corpus, callbacks=[limit], **options).save(output)
    print("saved", total > 150_000_000)
except skipgram.errors.MemoryPlanError as error:
    print("refused", error)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,000 words: with 1000 dimensions, the matrices take 80 MB and the plan 140 MB."""
    path = tmp_path_factory.mktemp("corpus") / "text"
    numbers = np.random.default_rng(1).permuted(np.tile(np.arange(15_000), (2, 1)), axis=1)
    lines = (" ".join(f"w{n}" for n in row) for row in numbers.reshape(-1, 20))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def group() -> Iterator[str]:
    """An own control group for memory, below that of this process."""
    folders = [folder for _, folder in cgroups._folders()]
    for parent in folders[:1]:
        own = parent / f"skipgram-test-{uuid.uuid4().hex}"
        try:
            own.mkdir()
        except OSError as error:
            pytest.skip(f"no control group can be made: {error.strerror}")
        try:
            if not any((own / name).exists() for name in ("memory.limit_in_bytes", "memory.max")):
                pytest.skip("the control groups below that of this process do not limit memory")
            yield str(own)
        finally:
            own.rmdir()
        return
    pytest.skip("there are no control groups for memory")


def trained(corpus: Path, output: Path, kind: str, share: float, optimizer: str) -> str:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        [*command, str(corpus), str(output), kind, str(share), optimizer],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("kind", ["AS", "DATA", "group"])
def test_what_takes_90_percent_of_a_limit_is_saved_and_110_percent_are_refused(
    corpus: Path, tmp_path: Path, kind: str, optimizer: str, request: pytest.FixtureRequest
) -> None:
    kind = request.getfixturevalue("group") if kind == "group" else kind
    output = tmp_path / "model"
    assert trained(corpus, output, kind, 0.9, optimizer) == "saved True\n"
    assert (output / "model.safetensors").stat().st_size > 15_000 * 1000 * 4
    answer = trained(corpus, output, kind, 1.1, optimizer)
    assert answer.startswith("refused training needs ")


def limited(limit: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "skipgram", *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def assert_libraries_are_refused(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1
    assert done.stderr.startswith("skipgram: loading NumPy and numba needs about ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("limit", [f"-v {n}000" for n in (100, 200, 300, 400, 450, 500, 550)])
def test_too_few_addresses_for_the_libraries_are_one_line(
    planted_text: Path, tmp_path: Path, limit: str
) -> None:
    done = limited(limit, "train", planted_text, "-o", tmp_path / "model")
    assert_libraries_are_refused(done)


@pytest.mark.parametrize("limit", ["-d 50000", "-d 100000", "-d 150000"])
def test_too_little_data_for_the_libraries_is_one_line(
    planted_text: Path, tmp_path: Path, limit: str
) -> None:
    done = limited(limit, "train", planted_text, "-o", tmp_path / "model")
    assert_libraries_are_refused(done)
    assert "the limit on data (ulimit -d)" in done.stderr


def test_help_needs_no_libraries() -> None:
    assert limited("-v 200000", "train", "--help").returncode == 0


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("-f 1", "model.run: files of this process are limited to"),
        ("-n 6", "oo many open files"),
    ],
)
def test_other_limits_are_one_line(
    planted_text: Path, tmp_path: Path, limit: str, says: str
) -> None:
    done = limited(limit, "train", planted_text, "-o", tmp_path / "model", "--quiet")
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_small_stack_trains(planted_text: Path, tmp_path: Path) -> None:
    done = limited("-s 1024", "train", planted_text, "-o", tmp_path / "model", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_threads_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading._start_new_thread", fail)
    for act in (lambda: run_aside(int), lambda: list(map_ahead(int, ["1"], 1))):
        with pytest.raises(MemoryPlanError, match=r"starts no more threads .* lower threads"):
            act()
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    limits.prepare_for_loading()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_the_number_of_blas_threads_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    few = limits.Limit("addresses", 500 * MB, 400 * MB, ((0, 0), (10 * MB, 20 * MB)), 0)
    monkeypatch.setattr(limits, "memory_limits", lambda: [few])
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    with pytest.raises(
        MemoryPlanError,
        match=r"needs about 150 MB, but the limit on addresses of 500 MB leaves 100 MB; raise the "
        r"limit, or set OPENBLAS_NUM_THREADS=1 \(7 now, of 20 MB each\)",
    ):
        limits.check_loading()


def test_a_failure_in_work_is_not_taken_for_a_missing_thread() -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("other")

    with pytest.raises(RuntimeError, match="other"):
        list(map_ahead(fail, [1], 1))
