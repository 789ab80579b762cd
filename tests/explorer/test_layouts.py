"""Layouts that are computed in the background."""

from __future__ import annotations

import contextlib
import importlib.util
import time

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from skipgram.explorer import layouts
from skipgram.explorer.layouts import Layout, Layouts
from skipgram.matrices import unit_rows


def units() -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32))


def wait(layout: Layout) -> Layout:
    until = time.monotonic() + 300
    while layout.places is None and not layout.failure and time.monotonic() < until:
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
        assert wait(found.get("a", broken)).failure.startswith("UMAP failed: ")


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
    assert wait(layout).places is None
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
