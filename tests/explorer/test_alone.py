"""The map as one HTML file. `tests/browser` opens it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

import skipgram
from skipgram import Embeddings
from skipgram.explorer.alone import NEIGHBOURS, map_page
from skipgram.word_map import make_map


def test_it_holds_the_map_and_the_neighbours(planted_model: Path) -> None:
    model = skipgram.load(planted_model)
    found = make_map(model, method="pca")
    page = map_page(found, model, "input", "planted <model>")
    assert "<title>planted &lt;model&gt;</title>" in page
    content = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert content
    data = json.loads(content[1])
    assert data["words"] == model.words
    assert data["groups"] == found.groups.tolist()
    for row, word in enumerate(model.words):
        near = model.most_similar(word, topn=NEIGHBOURS)
        assert [model.words[other] for other in data["near"][row]] == [each for each, _ in near]
    assert "$" not in re.sub(r"\$\{[^}]*\}", "", page.split("<body>")[0])  # all is filled in


def test_no_word_ends_the_script() -> None:
    words = ["</script><script>alert(1)</script>", "<!--", "b"]
    model = Embeddings(words, np.eye(3))
    page = map_page(make_map(model, method="pca"), model, "input", "t")
    assert "alert(1)</script>" not in page
    content = page.split('id="data">')[1].split("</script>")[0]
    assert json.loads(content)["words"] == words
