"""The disk cache of compiled kernels, tested in processes of their own.

A process must never load stale code, code for another shape, or a file that is half written.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest

import skipgram

SOURCE = Path(skipgram.__file__).parents[1]

# For each argument, trains a little with that many negatives and prints the cache hits and the
# distance between the result and that of the oracle.
PROGRAM = """
import json, sys
import numpy as np
from skipgram.kernels import reference
from skipgram.kernels.chunk import chunk_trainer
from skipgram.kernels.form import Form
from skipgram.kernels.hierarchical import no_tree
from skipgram.kernels.layout import Matrices, Sampling, Scratch, Tables, make_tile_scratch
from skipgram.kernels.plan import plan_tiles
from skipgram.kernels.random import alias_table, stream_key
from skipgram.kernels.windows import Chunk, Reach, make_window_scratch

rng = np.random.default_rng(0)
ids, offsets = rng.integers(0, 50, 300).astype(np.int32), np.array([0, 300])
keep, noise, reach = np.full(50, 2**32 - 1, np.uint32), alias_table(np.ones(50)), Reach(3, 3, True)
states = np.zeros((51, 0), np.float32)
chunk = Chunk(0, 300, 0, stream_key(1, 3), 0.05, 0.0)
for negative in map(int, sys.argv[1:]):
    plan = plan_tiles(16, negative + 1)
    tables = Tables(keep, Sampling(noise, negative, np.float32(1)), no_tree())
    v, u = rng.normal(size=(50, 16)).astype(np.float32), np.zeros((51, 16), np.float32)
    exact_v, exact_u = v.astype(float), u.astype(float)
    form = Form(plan.shape)
    train_chunk = chunk_trainer(form)
    matrices = Matrices(v, u, states[:50], states, keep[:0].astype(np.uint8), plan.width)
    scratch = Scratch(make_window_scratch(3, 300, 1, 300 * negative), make_tile_scratch(plan, 3))
    loss, *_ = train_chunk(ids, offsets, chunk, tables, reach, matrices, scratch)
    inputs, outputs = reference.Parameters(exact_v, 0), reference.Parameters(exact_u, 0)
    loss -= reference.train_chunk(form, ids, offsets, chunk, tables, reach, inputs, outputs)[0]
    error = max(abs(loss), np.abs(v - exact_v).max(), np.abs(u - exact_u).max())
    kernel = train_chunk.func
    hits = sum(kernel.stats.cache_hits.values()) if kernel._cache.cache_path else None
    print(json.dumps([hits, float(error)]))
"""


def start(cache, *negatives, source=SOURCE, **environment):
    """Start the program in a fresh process."""
    variables = {
        **os.environ,
        "PYTHONPATH": str(source),
        "NUMBA_CACHE_DIR": str(cache),
        **environment,
    }
    command = [sys.executable, "-c", PROGRAM, *map(str, negatives)]
    return subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    """Return the cache hits of each kernel, after checking that it agreed with the oracle."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    results = [json.loads(line) for line in out.splitlines()]
    assert all(error < 1e-3 for _, error in results)
    return [hits for hits, _ in results]


def test_a_later_process_finds_each_shape_and_no_other(tmp_path):
    assert finish(start(tmp_path, 1)) == [0]
    assert finish(start(tmp_path, 1, 5)) == [1, 0]
    assert finish(start(tmp_path, 5, 1)) == [1, 1]
    assert len(list(tmp_path.rglob("*train_chunk*.nbc"))) == 2


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_cache_is_compiled_anew(tmp_path, suffix):
    assert finish(start(tmp_path, 1)) == [0]
    for path in tmp_path.rglob(f"*.{suffix}"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert finish(start(tmp_path, 1)) == [0]
    assert finish(start(tmp_path, 1)) == [1]


def test_simultaneous_cold_starts(tmp_path):
    processes = [start(tmp_path, *negatives) for negatives in [(1,), (1,), (1, 3), (3,)]]
    results = [finish(process) for process in processes]
    assert [len(result) for result in results] == [1, 1, 2, 1]
    assert finish(start(tmp_path, 3, 1)) == [1, 1]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names CPUs of x86-64")
def test_kernels_for_several_cpus_share_a_cache(tmp_path):
    cpus = [
        {"NUMBA_CPU_NAME": "generic"},
        {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+sse4.2"},
        {},
    ]
    if "avx2" in Path("/proc/cpuinfo").read_text():
        cpus.append({"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""})
        cpus.append({"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+avx2,+fma"})
    assert [finish(start(tmp_path, 1, **cpu)) for cpu in cpus] == [[0]] * len(cpus)
    assert [finish(start(tmp_path, 1, **cpu)) for cpu in cpus] == [[1]] * len(cpus)


@pytest.mark.parametrize("home", ["writable", "not writable"])
def test_a_package_directory_that_cannot_be_written(tmp_path, home):
    # Permissions do not stop root, but a file in the place of the cache directory stops everyone.
    shutil.copytree(
        SOURCE / "skipgram", tmp_path / "skipgram", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "skipgram" / "kernels" / "__pycache__").write_text("")
    place = str(tmp_path) if home == "writable" else os.devnull
    environment = {"HOME": place, "LOCALAPPDATA": place, "XDG_CACHE_HOME": place}
    (hits,) = finish(start("", 1, source=tmp_path, **environment))
    assert hits == (0 if home == "writable" else None)


def test_the_name_of_a_kernel_holds_its_shape_and_the_sources(tmp_path):
    finish(start(tmp_path, 1))
    before = {path.name for path in tmp_path.rglob("*train_chunk*.nbi")}
    shutil.copytree(
        SOURCE / "skipgram",
        tmp_path / "copy" / "skipgram",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    changed = tmp_path / "copy" / "skipgram" / "kernels" / "emit.py"
    changed.write_text(changed.read_text() + "# changed\n")
    finish(start(tmp_path / "other", 1, source=tmp_path / "copy"))
    after = {path.name for path in (tmp_path / "other").rglob("*train_chunk*.nbi")}
    assert before
    assert after
    assert not before & after


TRAIN = """
import skipgram
skipgram.train([['a', 'b']] * 50, sample=0, vector_size=8, epochs=1)
print('trained')
"""
FULL = """
from numba.core import caching
def save(*arguments):
    raise OSError(28, "No space left on device")
caching.IndexDataCacheFile.save = save
"""


@pytest.mark.parametrize(
    "program", [TRAIN, FULL + TRAIN], ids=["no place for a cache", "a full disk"]
)
def test_a_whole_training_without_a_cache(tmp_path, program):
    shutil.copytree(
        SOURCE / "skipgram", tmp_path / "skipgram", ignore=shutil.ignore_patterns("__pycache__")
    )
    if program == TRAIN:
        for room in ("kernels", "corpus"):
            (tmp_path / "skipgram" / room / "__pycache__").write_text("")
    nowhere = dict.fromkeys(("HOME", "LOCALAPPDATA", "XDG_CACHE_HOME"), os.devnull)
    variables = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": "", **nowhere}
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False
    )
    assert done.stdout == "trained\n", done.stderr


def test_code_without_a_module_compiles_beside_ours():
    import skipgram.training.trainer  # noqa: F401 - it listens to numba

    names: dict[str, Any] = {}
    exec("def add_one(x): return x + 1", names)
    assert numba.njit(names["add_one"])(1) == 2
