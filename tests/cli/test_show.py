"""Commands that show a model: explore, plot. `tests/explorer` tests the server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupt_command

from skipgram.explorer import server

Run = Callable[..., Any]


def test_explore_announces_the_address(
    run: Run, planted_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def serve(paths: list[Path], port: int, announce: Callable[[str], None], browser: bool) -> None:
        asked.append((paths, port, browser))
        announce("http://127.0.0.1:1/token/")

    monkeypatch.setattr(server, "serve", serve)
    answer = run("explore", planted_model)
    assert answer.out == "http://127.0.0.1:1/token/  (Ctrl-C to stop)\n"
    run("explore", planted_model, planted_model, "--port", 8080, "--no-browser")
    assert asked == [
        ([planted_model], 0, True),
        ([planted_model, planted_model], 8080, False),
    ]


def test_explore_refuses(run: Run, planted_model: Path, tmp_path: Path) -> None:
    for port in (-1, 65_536):
        answer = run("explore", planted_model, f"--port={port}")
        assert (answer.code, answer.out) == (2, "")
        assert f"--port is {port}; it must be from 0 to 65,535" in answer.err
    answer = run("explore", tmp_path / "missing", "--no-browser")
    assert answer.code == 1
    assert "missing" in answer.err


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("map.html", b"<!doctype html>"),
        ("map.png", b"\x89PNG"),
        ("map.SVG", b"<?xml"),
        ("map.pdf", b"%PDF"),
    ],
)
def test_a_map(run: Run, planted_model: Path, tmp_path: Path, name: str, beginning: bytes) -> None:
    flags = ["--layout", "pca", "--output", tmp_path / name]
    answer = run("plot", planted_model, *flags)
    assert (answer.code, answer.out) == (0, f"picture written to {tmp_path / name}\n")
    assert (tmp_path / name).read_bytes().startswith(beginning)
    answer = run("plot", planted_model, *flags, "--vectors", "output", "--top", 10)
    assert answer.out.endswith(", replacing the file that was there\n")


def test_a_map_of_given_words(run: Run, planted_model: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("a1\n\n  b2 \nstranger\n")
    flags = ["--layout", "pca", "--output", tmp_path / "map.html", "--words", words]
    answer = run("plot", planted_model, *flags)
    assert answer.code == 0
    assert "1 word not in the model: stranger" in answer.err
    page = (tmp_path / "map.html").read_text()
    assert '"words": ["' in page
    assert "stranger" not in page
    words.write_text("stranger\n")
    answer = run("plot", planted_model, *flags)
    assert answer.code == 2
    assert "the model has none of the 1 word of" in answer.err
    answer = run("plot", planted_model, *flags[:-1], tmp_path / "missing")
    assert (answer.code, "missing: No such file" in answer.err) == (1, True)


def test_umap_shows_progress(run: Run, planted_model: Path, tmp_path: Path) -> None:
    answer = run("plot", planted_model, "--output", tmp_path / "map.svg")
    assert answer.err.startswith("map of the words ...\n")
    assert "map of the words: done in" in answer.err
    assert run("plot", planted_model, "-q", "--output", tmp_path / "map.svg").err == ""


def test_pairs(run: Run, planted_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "pairs.svg"
    assert run("plot", planted_model, "-o", output, "--analogy", "a1:b1", "a2:b2").code == 0
    assert ">a1<" in output.read_text()
    for pair in ("a1", "a1:", "a1:b1:c1"):
        answer = run("plot", planted_model, "-o", output, "--analogy", pair, "a2:b2")
        assert answer.code == 2
        assert f"--analogy {pair!r} is not a pair of words; write it as king:queen" in answer.err


def test_curves(run: Run, planted_text: Path, tmp_path: Path) -> None:
    interrupt_command(planted_text, tmp_path / "model")
    assert run("resume", tmp_path / "model").code == 0
    points = tmp_path / "model" / "training.jsonl"
    if points.read_text().count('"progress"') < 2:  # it takes a tenth of a second
        line = '{"event": "progress", "seconds": %d, "raw_words": %d, "words_per_second": 1, '
        line += '"rate": 0.1, "loss": 2}\n'
        points.write_text(points.read_text() + line % (1, 1) + line % (2, 2))
    assert run("plot", "--training", tmp_path / "model", "-o", tmp_path / "curve.svg").code == 0
    assert ">learning rate<" in (tmp_path / "curve.svg").read_text()


def test_a_training_without_a_log(run: Run, planted_model: Path, tmp_path: Path) -> None:
    answer = run("plot", "--training", planted_model, "-o", tmp_path / "curve.svg")
    assert answer.code == 1
    assert f"there is no log of a training at {planted_model}; give a model directory" in answer.err
    shutil.copytree(planted_model, tmp_path / "model")
    (tmp_path / "model" / "training.jsonl").write_text("")
    answer = run("plot", "--training", tmp_path / "model", "-o", tmp_path / "curve.svg")
    assert answer.code == 2
    assert "the log has 0 points" in answer.err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--output", "map.gif"], "its name must end in one of .png, .svg, .pdf"),
        (["--output", "a.html", "--analogy", "a:b", "c:d"], "must end in one of .png"),
        (["--output", "a.svg", "--analogy", "a:b", "--training", "m"], "are two pictures"),
        (["--output", "a.svg", "--training", "m"], "--training already names the training"),
        (["--output", "a.svg", "--training", "m", "--top", "5"], "--top has no effect with --tr"),
        (["-o", "a.svg", "--analogy", "a:b", "c:d", "--words", "w"], "--words has no effect with"),
        (
            ["--output", "a.svg", "--top", "0", "--layout", "pca"],
            "it must be a whole number of at least 1",
        ),
    ],
)
def test_plot_refuses(
    run: Run, planted_model: Path, tmp_path: Path, flags: list[str], said: str
) -> None:
    answer = run("plot", planted_model, *flags)
    assert answer.code in (1, 2)
    assert said in answer.err
    assert answer.err.count("\n") == 1
    answer = run("plot", "--output", tmp_path / "a.svg")
    assert "no model was given; try: skipgram plot MODEL" in answer.err
