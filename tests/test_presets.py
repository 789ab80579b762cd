"""Presets: what they set, and what overrides them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import skipgram
from skipgram.config import TrainConfig
from skipgram.errors import ConfigError
from skipgram.event_texts import describe
from skipgram.presets import PRESETS, options_of
from skipgram.training.events import PresetTaken

SMALL: dict[str, Any] = {"vector_size": 8, "threads": 1}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_its_options(name: Any) -> None:
    config = TrainConfig(preset=name)
    assert {option: getattr(config, option) for option in PRESETS[name]} == PRESETS[name]
    assert config.given == {"preset": name}


def test_the_presets_are_those_of_the_option_and_described_in_its_help() -> None:
    assert tuple(PRESETS) == get_args(TrainConfig.model_fields["preset"].annotation)
    text = " ".join((skipgram.train.__doc__ or "").split())
    for name, options in PRESETS.items():
        if options:
            said = "{epochs} epochs, alpha {alpha}, sample {sample}, {negative} negative samples"
            assert f"{name}: " in text
            after = f", postprocess {options['postprocess']})" if "postprocess" in options else ")"
            assert said.format(**options) + after in text


def test_the_default_preset_changes_nothing() -> None:
    assert TrainConfig(preset="default").model_dump() == TrainConfig().model_dump()


def test_options_that_are_given_override_the_preset() -> None:
    config = TrainConfig(preset="best", epochs=2, sample=0.01)
    assert (config.epochs, config.sample, config.negative) == (2, 0.01, 10)
    assert set(config.given) == {"preset", "epochs", "sample"}


@pytest.mark.parametrize(
    ("others", "left_out"),
    [
        ({"objective": "softmax"}, {"negative"}),
        ({"objective": "hierarchical"}, {"negative"}),
        ({"optimizer": "adagrad"}, {"alpha"}),
        ({"architecture": "cbow"}, {"alpha"}),
    ],
)
def test_options_without_effect_keep_their_defaults(
    others: dict[str, Any], left_out: set[str]
) -> None:
    config, usual = TrainConfig(preset="best", **others), TrainConfig(**others)
    assert set(options_of("best", others)) == set(PRESETS["best"]) - left_out
    for name in left_out:
        assert getattr(config, name) == getattr(usual, name)
    assert config.epochs == PRESETS["best"]["epochs"]


@pytest.mark.parametrize("name", ["", "Best", "slow", None, 3, ["best"]])
def test_other_names_are_refused(name: Any) -> None:
    with pytest.raises(ConfigError, match=r"preset is .*; it must be one of fast, default, best"):
        TrainConfig(preset=name)


def test_a_training_reports_and_records_its_preset(planted_text: Path) -> None:
    events: list[object] = []
    found = skipgram.train(
        planted_text, preset="best", epochs=2, callbacks=[events.append], **SMALL
    )
    options = {"alpha": 0.025, "sample": 1e-4, "negative": 10, "postprocess": "mean"}
    assert events[0] == PresetTaken("best", options)
    config = found.training["config"]
    assert config == {**config, **options, "preset": "best", "epochs": 2}


def test_a_preset_in_words() -> None:
    event = PresetTaken("best", {"epochs": 15, "sample": 1e-4})
    assert describe(event) == "preset best: epochs 15, sample 0.0001"
    assert describe(PresetTaken("best", {})) == "preset best: all its options are given"


def test_the_command_line_prints_the_preset(
    run: Callable[..., Any], planted_text: Path, tmp_path: Path
) -> None:
    flags = ["--preset", "fast", "--epochs", 1, "--vector-size", 8]
    answer = run("train", planted_text, "-o", tmp_path / "model", *flags)
    assert answer.code == 0
    assert answer.err.startswith("preset fast: alpha 0.025, sample 0.001, negative 5\n")


def test_a_configuration_file_overrides_the_preset_of_the_command_line(
    run: Callable[..., Any], planted_text: Path, tmp_path: Path
) -> None:
    (tmp_path / "options.toml").write_text("epochs = 1\nnegative = 3\nvector-size = 8\n")
    flags = ["--config", tmp_path / "options.toml", "--preset", "best"]
    assert run("train", planted_text, "-o", tmp_path / "model", *flags).code == 0
    config = skipgram.load(tmp_path / "model").training["config"]
    assert (config["epochs"], config["negative"], config["sample"]) == (1, 3, 1e-4)


def test_a_preset_overrides_the_method_of_a_continued_model(planted_text: Path) -> None:
    first = skipgram.train(planted_text, negative=7, epochs=1, **SMALL)
    again = skipgram.train(planted_text, resume_from=first, epochs=1, threads=1)
    assert again.training["config"]["negative"] == 7
    best = skipgram.train(planted_text, resume_from=first, preset="best", epochs=1, threads=1)
    assert best.training["config"]["negative"] == 10
    after = skipgram.train(planted_text, resume_from=best, epochs=1, threads=1)
    assert after.training["config"]["preset"] == "default"


@pytest.mark.parametrize(
    "others",
    [
        {"objective": "softmax"},
        {"optimizer": "adagrad"},
        {"architecture": "cbow"},
    ],
)
def test_a_preset_fits_the_method_of_a_continued_model(
    others: dict[str, Any], planted_text: Path
) -> None:
    events: list[object] = []
    first = skipgram.train(planted_text, epochs=1, **others, **SMALL)
    again: dict[str, Any] = {"resume_from": first, "epochs": 1, "threads": 1}
    best = skipgram.train(planted_text, preset="best", callbacks=[events.append], **again)
    for name, value in TrainConfig(preset="best", **others).model_dump().items():
        if name not in {"vector_size", "epochs", "threads"}:
            assert best.training["config"][name] == value, name
    assert events[0] == PresetTaken("best", options_of("best", {"epochs": 1, **others}))


def test_the_documents_list_the_presets() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "training.md").read_text()
    for name, options in PRESETS.items():
        if options:
            row = "| `{name}` | {epochs} | {alpha} | {sample} | {negative} | {postprocess} |"
            assert row.format(**{"name": name, "postprocess": "none", **options}) in text
