"""Layouts by UMAP that are computed while the page shows another one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from skipgram.io.optional import install_command
from skipgram.word_map import EXTRA

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    Units: TypeAlias = Callable[[], NDArray[np.float32]]

_MOST_LAYOUTS = 16
"""Layouts that are kept; 50,000 words take 0.4 MB."""


@dataclass
class Layout:
    """A layout that is being computed, or is there.

    Attributes:
        share: how much of it is done, from 0 to 1; None before UMAP says so.
        places: (N, 2) x and y, once it is there.
        failure: why there is none.
    """

    share: float | None = None
    places: NDArray[np.float32] | None = None
    failure: str = ""


class Layouts:
    """Computes layouts one after the other, each in a process of its own."""

    def __init__(self) -> None:
        self._layouts: dict[Hashable, Layout] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def get(self, key: Hashable, units: Units) -> Layout:
        """Return the layout of a map, and begin to compute it if it is new.

        Args:
            key: what the map shows.
            units: returns the (N, d) unit vectors of its words.
        """
        with self._lock:
            layout = self._layouts.get(key)
            if layout is None:
                layout = self._layouts[key] = Layout()
                self._begin(layout, units)
                for old in list(self._layouts)[:-_MOST_LAYOUTS]:
                    del self._layouts[old]
        return layout

    def close(self) -> None:
        """End the process that computes, if there is one."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.kill()

    def _begin(self, layout: Layout, units: Units) -> None:
        if importlib.util.find_spec("umap") is None:
            layout.failure = f"UMAP is not installed; run: {install_command(EXTRA)}"
            return
        threading.Thread(target=self._compute, args=(layout, units), daemon=True).start()

    def _compute(self, layout: Layout, units: Units) -> None:
        with self._turn:
            command = [sys.executable, "-m", "skipgram.explorer.layout_process"]
            with self._lock:
                if self._closed:
                    return
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is for the server, which ends the process
                )
            with self._process as process:
                _communicate(process, units(), layout)


def _communicate(
    process: subprocess.Popen[bytes], units: NDArray[np.float32], layout: Layout
) -> None:
    """Send the vectors, follow the progress, and take the places."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise ValueError("the process has no pipes")
    packed = io.BytesIO()
    np.save(packed, units, allow_pickle=False)
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(packed.getbuffer())
    last = ""
    for line in process.stderr:
        last = line.decode("utf-8", "replace").strip() or last
        if last.isdecimal() and int(last):
            layout.share = min(int(last) / 100, 1.0)
    answer = process.stdout.read()
    if process.wait() == 0:
        layout.places = np.load(io.BytesIO(answer), allow_pickle=False)
    else:
        layout.failure = f"UMAP failed: {last[:300]}"
