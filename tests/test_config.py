from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from skipgram import CorpusConfig, SkipgramError, TrainConfig
from skipgram.config import Options
from skipgram.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("vector_size", 0, "it must be a whole number, at least 1 and at most 4096"),
        ("vector_size", 4097, "at most 4096"),
        ("vector_size", 10.5, "a whole number"),
        ("vector_size", "many", "a whole number"),
        ("window", 1_000_001, "at most 1000000"),
        ("negative", 65, "at most 64"),
        ("negative", 0, "at least 1"),
        ("ns_exponent", float("nan"), "a number"),
        ("sample", -1e-3, "at least 0"),
        ("min_count", 0, "at least 1"),
        ("max_vocab", 1, "at least 2"),
        ("epochs", 0, "at least 1"),
        ("alpha", 0, "more than 0"),
        ("min_alpha", -1, "at least 0"),
        ("threads", 0, "at least 1"),
        ("seed", -1, "at least 0"),
        ("shrink_windows", "perhaps", "true or false"),
        ("deterministic", "perhaps", "true or false"),
        ("min_alpha", "low", "it must be a number, at least 0"),
        ("objective", "skipgram", "it must be one of negative, softmax, hierarchical"),
    ],
)
def test_out_of_range_names_value_and_range(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainConfig(**{name: value})
    assert f"{name} is {value!r}; it must be " in str(caught.value)
    assert allowed in str(caught.value)
    assert str(caught.value).count(" is ") == 1


def test_options_that_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="window_left=0 and window_right=0 leave no context"):
        TrainConfig(window_left=0, window_right=0)
    cases: list[tuple[str, str, Any]] = [
        ("softmax", "negative_sharing", "pair"),
        ("softmax", "negative", 10),
        ("softmax", "cbow_context", "sum"),
        ("hierarchical", "ns_exponent", 0.5),
        ("negative", "batch", 64),
    ]
    for objective, option, value in cases:
        options: dict[str, Any] = {"objective": objective, option: value}
        with pytest.raises(
            ConfigError,
            match=f"{option}={value} has no effect with objective={objective}; leave it out",
        ):
            TrainConfig(**options)
    with pytest.raises(ConfigError, match="has no effect with architecture=cbow"):
        TrainConfig(architecture="cbow", negative_sharing="pair")
    with pytest.raises(
        ConfigError, match="cbow_context=sum has no effect with architecture=skipgram"
    ):
        TrainConfig(cbow_context="sum")
    with pytest.raises(ConfigError, match=r"min_alpha=0.1 is above alpha=0.025"):
        TrainConfig(min_alpha=0.1)
    with pytest.raises(ConfigError, match="patience=3 needs held-out text; set validation"):
        TrainConfig(patience=3)
    shares: list[Any] = [0.0, 0.6, -1, float("nan"), "inf", "nan", "", [1]]
    for share in shares:
        said = "it must be a share, more than 0 and at most 0.5, or a file"
        expected = re.escape(f"validation is {share!r}; {said}")
        with pytest.raises(ConfigError, match=f"^{expected}$"):
            TrainConfig(validation=share)
    too_large: Any = 10**400
    with pytest.raises(ConfigError, match=r"validation is 1000.*0; it must be a share"):
        TrainConfig(validation=too_large)
    held_out: Any = Path("held-out.txt")
    assert TrainConfig(validation=held_out).validation == "held-out.txt"
    assert TrainConfig(validation="0.01").validation == 0.01
    written = TrainConfig(objective="softmax", batch=64).model_dump()
    assert TrainConfig(**written).model_dump() == written


@pytest.mark.parametrize(
    ("options", "alpha"),
    [
        ({}, 0.025),
        ({"architecture": "cbow"}, 0.1),
        ({"architecture": "cbow", "cbow_context": "word2vec"}, 0.025),
        ({"optimizer": "adagrad"}, 0.2),
        ({"optimizer": "adam"}, 0.02),
        ({"optimizer": "adam", "negative_sharing": "window"}, 0.01),
        ({"optimizer": "adam", "window": 10}, 0.02),
        ({"optimizer": "adam", "window": 11}, 0.01),
        ({"optimizer": "adam", "window": 11, "window_left": 2}, 0.02),
        ({"optimizer": "adam", "negative": 11}, 0.01),
        ({"optimizer": "adagrad", "objective": "hierarchical"}, 0.1),
        ({"optimizer": "adagrad", "architecture": "cbow"}, 0.1),
        ({"optimizer": "adam", "alpha": 0.5}, 0.5),
    ],
)
def test_each_optimizer_has_its_learning_rate(options: dict[str, Any], alpha: float) -> None:
    assert TrainConfig(**options).alpha == alpha


def test_default_options_are_those_of_the_paper() -> None:
    config = TrainConfig()
    assert (config.window, config.negative, config.ns_exponent) == (5, 5, 0.75)
    assert (config.sample, config.alpha) == (1e-3, 0.025)


def test_given_options_are_those_that_were_set_whatever_their_value() -> None:
    assert TrainConfig().given == {}
    given = {"epochs": 5, "min_count": 2, "validation": 0.01}
    assert TrainConfig(min_count=2, epochs=5, validation="0.01").given == given
    assert list(TrainConfig(min_count=2, epochs=5).given) == ["epochs", "min_count"]


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(ValueError, match=r"vector_size is 0; .*\. window is 0; "):
        TrainConfig(vector_size=0, window=0)


def test_an_option_that_must_be_a_string_says_so() -> None:
    with pytest.raises(ConfigError, match=r"token_pattern is 5; it must be a string$"):
        CorpusConfig(token_pattern=5)  # type: ignore[arg-type]


def test_an_unknown_option_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        SkipgramError, match=r"unknown option 'dimensions'; the options are alpha, architecture"
    ):
        TrainConfig(dimensions=100)  # type: ignore[call-arg]


def test_options_cannot_be_changed_unchecked() -> None:
    with pytest.raises(ValueError, match="frozen"):
        TrainConfig().vector_size = -1


def test_every_option_is_documented() -> None:
    source = Path(__import__("skipgram.config").config.__file__).read_text()
    for name in TrainConfig.model_fields:
        lines = source.splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith(f"    {name}: "))
        assert lines[at + 1].strip().startswith('"""'), name


@pytest.mark.parametrize(
    ("config", "name", "hint"),
    [
        (TrainConfig, "lowercase", " (an option of CorpusConfig)"),
        (CorpusConfig, "window", " (an option of TrainConfig)"),
        (CorpusConfig, "lowercas", " (did you mean lowercase?)"),
        (TrainConfig, "size", " (the name here is vector_size)"),
    ],
)
def test_an_unknown_option_leads_to_one_that_there_is(
    config: type[Options], name: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config(**{name: 1})
    assert str(caught.value) == f"unknown option '{name}'{hint}"


def test_an_option_that_is_like_no_other_leads_to_the_list() -> None:
    with pytest.raises(ConfigError, match="unknown option 'minutes'; the options are alpha, arch"):
        TrainConfig(minutes=3)  # type: ignore[call-arg]
