"""Layouts that are computed in the background."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from skipgram.errors import ConfigError
from skipgram.explorer import layouts
from skipgram.explorer.layouts import Layout, Layouts
from skipgram.matrices import unit_rows


def units() -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32))


def wait(layout: Layout) -> Layout:
    until = time.monotonic() + 100
    while layout.places is None and not layout.failure and time.monotonic() < until:
        layout.asked = time.monotonic()  # as a page does
        time.sleep(0.05)
    return layout


def test_a_layout_is_computed_once() -> None:
    with contextlib.closing(Layouts()) as found:
        layout = found.get("a", units)
        assert layout.places is None
        assert found.get("a", units) is layout
        places = wait(layout).places
        assert places is not None
        assert places.shape == (60, 2)
        assert layout.share == 1


def test_without_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    layout = Layouts().get("a", units)
    assert "pip install" in layout.failure
    assert "[explore]" in layout.failure


def test_a_failure_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NDArray[np.float32]:
        return np.ones(3, np.float32)

    with contextlib.closing(Layouts()) as found:
        assert wait(found.get("a", broken)).failure.startswith("UMAP failed (exit code 1): ")

    def missing() -> NDArray[np.float32]:
        raise ConfigError("no vectors")

    with contextlib.closing(Layouts()) as found:
        assert wait(found.get("a", missing)).failure == "UMAP failed: no vectors"


def test_more_words_than_a_pipe_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # UMAP itself would take a minute.
    (tmp_path / "fake.py").write_text(
        "import sys, numpy, io\n"
        "units = numpy.load(io.BytesIO(sys.stdin.buffer.read()))\n"
        "packed = io.BytesIO()\n"
        "numpy.save(packed, units[:, :2])\n"
        "sys.stdout.buffer.write(packed.getbuffer())\n"
        "sys.stdout.flush()\n"
        "print(99, file=sys.stderr)\n"
    )
    real = subprocess.Popen
    command = [sys.executable, str(tmp_path / "fake.py")]
    monkeypatch.setattr(subprocess, "Popen", lambda _, **options: real(command, **options))
    many = np.arange(200_000, dtype=np.float32).reshape(-1, 4)
    with contextlib.closing(Layouts()) as found:
        places = wait(found.get("a", lambda: many)).places
    assert places is not None
    np.testing.assert_array_equal(places, many[:, :2])


def test_a_layout_that_no_page_asks_for_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_SECONDS_OF_INTEREST", -1.0)
    with contextlib.closing(Layouts()) as found:
        layout = found.get("a", units)
        until = time.monotonic() + 60
        while found.get("a", units) is layout and time.monotonic() < until:
            time.sleep(0.05)
        assert found.get("a", units) is not layout
        assert layout.places is None


def test_no_process_is_left() -> None:
    found = Layouts()
    layout = found.get("a", units)
    until = time.monotonic() + 60
    while not psutil.Process().children() and time.monotonic() < until:
        time.sleep(0.01)
    children = psutil.Process().children()
    assert children
    found.close()
    psutil.wait_procs(children, 10)
    assert not any(child.is_running() for child in children)
    assert layout.places is None
    assert found.get("b", units) is not layout  # and nothing begins any more
    time.sleep(0.2)
    assert not psutil.Process().children()


def test_few_layouts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Layouts, "_begin", lambda *_: None)
    found = Layouts()
    first = found.get(0, units)
    for key in range(1, layouts._MOST_LAYOUTS + 1):
        found.get(key, units)
    assert found.get(0, units) is not first
