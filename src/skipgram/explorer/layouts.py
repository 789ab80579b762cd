"""Layouts by UMAP that are computed while the page shows another one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from skipgram.errors import SkipgramError
from skipgram.io.optional import install_command
from skipgram.word_map import EXTRA

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    Units: TypeAlias = Callable[[], NDArray[np.float32]]

_SECONDS_OF_INTEREST = 10.0
"""A layout that no page has asked for in this time is given up; pages ask twice a second."""

_MOST_LAYOUTS = 16
"""Layouts that are kept; 50,000 words take 0.4 MB."""


@dataclass
class Layout:
    """A layout that is being computed, or is there.

    Attributes:
        share: how much of it is done, from 0 to 1; None before UMAP says so.
        asked: when a page last asked for it.
        places: (N, 2) x and y, once it is there.
        failure: why there is none.
    """

    share: float | None = None
    places: NDArray[np.float32] | None = None
    failure: str = ""
    asked: float = field(default_factory=time.monotonic)

    @property
    def is_wanted(self) -> bool:
        """Whether a page still asks for it."""
        return time.monotonic() - self.asked < _SECONDS_OF_INTEREST


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
                self._begin(key, layout, units)
                for old in list(self._layouts)[:-_MOST_LAYOUTS]:
                    del self._layouts[old]
            layout.asked = time.monotonic()
        return layout

    def close(self) -> None:
        """End the process that computes, if there is one."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.kill()

    def _begin(self, key: Hashable, layout: Layout, units: Units) -> None:
        if importlib.util.find_spec("umap") is None:
            layout.failure = f"UMAP is not installed; run: {install_command(EXTRA)}"
            return
        threading.Thread(target=self._compute, args=(key, layout, units), daemon=True).start()

    def _compute(self, key: Hashable, layout: Layout, units: Units) -> None:
        try:
            self._run(layout, units)
        except (OSError, MemoryError, ValueError, SkipgramError) as error:
            layout.failure = f"UMAP failed: {error!s:.300}"
        if layout.places is None and not layout.failure:  # given up
            with self._lock:
                self._layouts.pop(key, None)

    def _run(self, layout: Layout, units: Units) -> None:
        # -P: a module of the working directory must not be imported instead of a library.
        command = [sys.executable, "-P", "-m", "skipgram.explorer.layout_process"]
        with self._turn:
            with self._lock:
                if self._closed or not layout.is_wanted:
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
    with ThreadPoolExecutor(1) as pool:
        # Both pipes at once: the process waits if one of them is full.
        answer = pool.submit(process.stdout.read)
        said = ""
        for line in process.stderr:
            text = line.decode("utf-8", "replace").strip()
            if text.isdecimal():
                layout.share = min(int(text) / 100, 1.0) or None
            else:
                said = text or said
            if not layout.is_wanted:
                process.kill()
                process.wait()
                return
    content = answer.result()
    if process.wait() == 0 and content:
        layout.places = np.load(io.BytesIO(content), allow_pickle=False)
    else:
        layout.failure = f"UMAP failed (exit code {process.returncode}): {said[:300]}"
