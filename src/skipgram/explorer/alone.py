"""A map as one HTML file, which needs no server and loads nothing."""

from __future__ import annotations

import base64
import html
import json
import string
from typing import TYPE_CHECKING

import numpy as np

from skipgram.explorer.pages import page_file, scaled_places

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings, Which
    from skipgram.word_map import WordMap

NEIGHBOURS = 10


def map_page(found: WordMap, embeddings: Embeddings, which: Which, title: str) -> str:
    """Return the HTML of a map.

    Args:
        found: the map.
        embeddings: the model; a click on a word shows the nearest words out of those of the map.
        which: the vectors.
        title: what is above the map.
    """
    rows = np.array([embeddings.index(word) for word in found.words], np.intp)
    inner = type(embeddings)(found.words, embeddings.vectors(which)[rows])
    near = inner.most_similar_batch(found.words, topn=NEIGHBOURS)
    data = {
        "words": found.words,
        **scaled_places(found.places),
        "counts": None if found.counts is None else found.counts.tolist(),
        "groups": found.groups.tolist(),
        "names": found.names,
        "near": [[inner.index(word) for word, _ in each] for each in near],
        "cosines": [[round(cosine, 3) for _, cosine in each] for each in near],
    }
    return string.Template(page_file("alone.html")).substitute(
        title=html.escape(title),
        style=page_file("style.css"),
        map_script=_as_address("map.js"),
        parts_script=_as_address("parts.js"),
        script=page_file("alone.js"),
        # No word of the model can end the script.
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    )


def _as_address(name: str) -> str:
    """Return a script of the pages as an address that holds it."""
    return "data:text/javascript;base64," + base64.b64encode(page_file(name).encode()).decode()
