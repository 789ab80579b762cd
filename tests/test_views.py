from __future__ import annotations

import sys

import numpy as np
import pytest
from sample_vectors import model

from skipgram.embeddings import Embeddings
from skipgram.errors import MissingExtraError
from skipgram.views import as_frame, as_html


def test_a_data_frame_holds_a_copy_of_the_vectors_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = model(["a", "b", "<c>"])
    frame = embeddings.to_pandas()
    assert frame.index.tolist() == embeddings.words
    assert frame.index.name == "word"
    assert frame.columns.tolist() == [0, 1, 2, 3]
    assert (frame.to_numpy() == embeddings.input).all()
    output = embeddings.to_pandas("output").loc["b"].to_numpy()
    assert (output == embeddings.vectors("output")[1]).all()
    frame.iloc[0, 0] = 99
    assert embeddings.input[0, 0] != 99
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        as_frame(["a"], np.ones((1, 2), np.float32))


def test_a_notebook_shows_the_first_words_escaped() -> None:
    html = model(["<b>bold</b>", "x" * 1000, *map(str, range(3000))])._repr_html_()
    assert "3,002 words, 4 dimensions" in html
    assert "&lt;b&gt;bold" in html
    assert "<b>" not in html
    assert "<td>3,002</td>" in html  # the count of the first word
    assert "2,992 more" in html
    assert len(html) < 2000
    assert "more" not in as_html(["a"], None, 2)
    assert Embeddings([], np.zeros((0, 3)))._repr_html_().endswith("<tbody></tbody></table>")
