"""What the pages of the explorer are made of."""

from __future__ import annotations

import functools
import importlib.resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@functools.cache
def page_file(name: str) -> str:
    """Return the text of a file of the pages."""
    return (importlib.resources.files("skipgram.explorer") / "page" / name).read_text("utf-8")


def scaled_places(places: NDArray[np.float32]) -> dict[str, list[float]]:
    """Return places between -1 and 1, so that one layout can move into another."""
    centred = places - (places.max(axis=0) + places.min(axis=0)) / 2
    scaled = np.round(centred / max(float(np.abs(centred).max()), 1e-9), 4)
    return {"x": scaled[:, 0].tolist(), "y": scaled[:, 1].tolist()}
