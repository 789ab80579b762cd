"""The layout of a map by UMAP, in a process of its own.

UMAP takes seconds to minutes, in part while it holds the interpreter lock, so in the server's own
process every answer would wait for it. The process reads a matrix of unit vectors from standard
input, in NumPy's format, and writes the places to standard output. On standard error, each line is
the share that is done, in percent.

    python -m skipgram.explorer.layout_process < units.npy > places.npy
"""

from __future__ import annotations

import contextlib
import io
import sys

import numpy as np

from skipgram.training.events import Event, StageProgressed
from skipgram.word_map import umap_places


def main() -> None:
    """Compute the layout."""
    units = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)

    def report(event: Event) -> None:
        if isinstance(event, StageProgressed):
            sys.stderr.write(f"{event.done}\n")
            sys.stderr.flush()

    with contextlib.redirect_stdout(io.StringIO()):  # only the places go to standard output
        places = umap_places(units, report)
    packed = io.BytesIO()  # NumPy asks a file for its position, which a pipe does not have
    np.save(packed, places, allow_pickle=False)
    sys.stdout.buffer.write(packed.getbuffer())


if __name__ == "__main__":
    main()
