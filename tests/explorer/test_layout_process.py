"""The process that computes a layout."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np

from skipgram.matrices import unit_rows


def test_places_and_progress() -> None:
    units = unit_rows(np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32))
    packed = io.BytesIO()
    np.save(packed, units)
    done = subprocess.run(
        [sys.executable, "-m", "skipgram.explorer.layout_process"],
        input=packed.getvalue(),
        capture_output=True,
        check=True,
        timeout=600,
    )
    places = np.load(io.BytesIO(done.stdout))
    assert places.shape == (60, 2)
    assert np.isfinite(places).all()
    percents = [int(line) for line in done.stderr.decode().split()]
    assert percents[-1] == 100
    assert percents == sorted(percents)
