"""What the pages are made of."""

from __future__ import annotations

import re

import numpy as np
import pytest

from skipgram.explorer import app
from skipgram.explorer.pages import page_file, scaled_places


@pytest.mark.parametrize("name", [*app.PAGE, "alone.html", "alone.js"])
def test_pages_ask_for_nothing_from_elsewhere(name: str) -> None:
    text = page_file(name)
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text.replace("https://www.w3.org", ""))


def test_scripts_import_only_what_is_served() -> None:
    for name in app.PAGE:
        for imported in re.findall(r'from "\./(.*?)"', page_file(name)):
            assert imported in app.PAGE


def test_places_are_between_minus_1_and_1() -> None:
    scaled = scaled_places(np.array([[10, 0], [14, 1], [12, 2]], np.float32))
    assert scaled == {"x": [-1, 1, 0], "y": [-0.5, 0, 0.5]}
    assert scaled_places(np.ones((3, 2), np.float32)) == {"x": [0, 0, 0], "y": [0, 0, 0]}
