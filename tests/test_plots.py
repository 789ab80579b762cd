"""Pictures of maps, analogies and trainings."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings
from skipgram.errors import ConfigError, MissingExtraError, OutputError, UnknownWordError
from skipgram.plots import MOST_LABELS, Picture, draw_analogies, draw_map, draw_training
from skipgram.training.log import Curve, Epoch, Point
from skipgram.word_map import make_map

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: Picture, path: Path) -> list[str]:
    """Return the texts of a picture."""
    picture.save(path)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def test_a_map_names_words_and_groups(planted_model: Path, tmp_path: Path) -> None:
    model = skipgram.load(planted_model)
    found = make_map(model, method="pca")
    shown = texts(draw_map(found, "a $title$ & more"), tmp_path / "map.svg")
    assert "a $title$ & more" in shown
    assert {word for word in shown if word in model} > {model.words[0]}
    assert len(shown) <= MOST_LABELS + 1


def test_names_do_not_cover_each_other() -> None:
    same = Embeddings([f"word{n}" for n in range(30)], np.ones((30, 2)) + np.eye(30, 2) * 1e-6)
    picture = draw_map(make_map(same, method="pca"))
    axes = picture.figure.axes[0]
    renderer = picture.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [each.get_window_extent(renderer) for each in axes.texts]
    assert 0 < len(boxes) < 30
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_letters_that_mean_something_elsewhere(tmp_path: Path) -> None:
    words = ["$x^2$", "<b>&", "猫", "\\frac", "a_b", "{}"]
    odd = Embeddings(words, np.random.default_rng(1).normal(size=(6, 3)), counts=[6, 5, 4, 3, 2, 1])
    picture = draw_map(make_map(odd, method="pca"))
    assert set(texts(picture, tmp_path / "map.svg")) == set(words)
    for name in ("map.png", "map.pdf"):
        picture.save(tmp_path / name)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
    assert picture._repr_png_().startswith(b"\x89PNG")


def test_pictures_are_the_same_each_time(planted_model: Path, tmp_path: Path) -> None:
    model = skipgram.load(planted_model)
    for name in ("a.svg", "b.svg"):
        model.plot(top=20, method="pca").save(tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_related_pairs_are_parallel(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=(4, 30))
    step = np.zeros(30)
    step[0] = 4
    vectors = np.empty((8, 30))
    vectors[::2], vectors[1::2] = first, first + step
    words = ["king", "queen", "man", "woman", "he", "she", "boy", "girl"]
    model = Embeddings(words, vectors)
    pairs = list(zip(words[::2], words[1::2], strict=True))
    picture = draw_analogies(model, pairs)
    assert set(words) <= set(texts(picture, tmp_path / "pairs.svg"))
    places = picture.figure.axes[0].collections[0].get_offsets()
    arrows = np.asarray(places)[1::2] - np.asarray(places)[::2]
    directions = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    assert (directions[:, 0] > 0.9).all()
    with pytest.raises(ConfigError, match="1 pairs of words were given; at least 2"):
        draw_analogies(model, pairs[:1])
    with pytest.raises(UnknownWordError):
        draw_analogies(model, [("king", "queen"), ("man", "x")])


def test_a_training(tmp_path: Path) -> None:
    points = [Point(n, 1000.0 * n, 1000.0, 0.025 - n / 1000, 3 - n / 10) for n in range(1, 11)]
    epochs = [Epoch(1, 5.0, 5000.0, 2.5, 2.7), Epoch(2, 10.0, 10_000.0, 2.0, 2.4)]
    picture = draw_training(Curve(points, epochs, 10_000.0, ""), "run")
    shown = texts(picture, tmp_path / "curve.svg")
    expected = {"run", "loss per pair", "million raw words/s", "learning rate", "epoch"}
    assert expected | {"held-out text", "million words trained"} <= set(shown)
    loss = picture.figure.axes[0].lines[0]
    assert list(np.asarray(loss.get_ydata())) == [point.loss for point in points]
    with pytest.raises(ConfigError, match="the log has 1 points of the training; a curve needs"):
        draw_training(Curve(points[:1], [], 0.0, ""))


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    picture = draw_map(make_map(Embeddings(["a"], [[1]]), method="pca"))
    with pytest.raises(OutputError, match=r"its name must end in one of \.png, \.svg, \.pdf"):
        picture.save(tmp_path / "map.gif")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"drawing a picture needs .*\[explore\]"):
        draw_map(make_map(Embeddings(["a"], [[1]]), method="pca"))
