"""The typed keyword arguments are the options of the configuration, and the help lists them."""

from __future__ import annotations

import inspect
import os
import pydoc
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import skipgram
from skipgram.config import CorpusConfig, Options, TrainConfig
from skipgram.options import CorpusOptions, ModelOptions, TrainOptions, lists_options, type_name

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"

CONFIGS: list[tuple[type[Any], list[type[Options]]]] = [
    (CorpusOptions, [CorpusConfig]),
    (ModelOptions, [TrainConfig]),
    (TrainOptions, [CorpusConfig, TrainConfig]),
]

MISTAKES = """\
import skipgram
from skipgram.gensim import Word2Vec
skipgram.train("corpus.txt", windw=3)
skipgram.train("corpus.txt", window="three")
skipgram.train("corpus.txt", objective="sofmax")
skipgram.encode("corpus.txt", "encoded", lowercas=True)
skipgram.encode("corpus.txt", "encoded", window=3)
skipgram.TrainConfig(windw=3)
skipgram.tune("corpus.txt", windw=3)
skipgram.join_phrases("corpus.txt", "joined.txt", window=3)
Word2Vec([["a"]]).wv.most_similr("a")
Word2Vec([["a"]], size=100)
Word2Vec([["a"]]).train([["a"]], epochs="five")
skipgram.SkipGram(windw=3)
skipgram.train("corpus", include=5)
skipgram.train("corpus", include="*.txt", exclude=["drafts/*"])
"""
"""A program with a mistake in each call but the last."""

WIDER: dict[str, Any] = {
    **dict.fromkeys(("include", "exclude"), str | Sequence[str]),
    **dict.fromkeys(("column", "group_by", "order_by"), str | int | None),
}
"""Options that accept more as a keyword argument than what the configuration keeps."""


@pytest.mark.parametrize(("typed", "configs"), CONFIGS)
def test_keyword_arguments_have_the_names_and_types_of_the_options(
    typed: type[Any], configs: list[type[Options]]
) -> None:
    wanted = {
        name: WIDER.get(name, field.annotation)
        for config in configs
        for name, field in config.model_fields.items()
    }
    found = get_type_hints(typed)
    lines = [f"{name}: {kind}" for name, kind in wanted.items() if found.get(name) != kind]
    assert not lines, f"{typed.__name__} lacks: {lines}"
    assert found.keys() == wanted.keys()
    assert not typed.__required_keys__


@pytest.mark.parametrize(
    ("function", "configs"),
    [
        (skipgram.train, [TrainConfig, CorpusConfig]),
        (skipgram.encode, [CorpusConfig]),
        (skipgram.SkipGram.__init__, [TrainConfig]),
        (skipgram.tune, [TrainConfig, CorpusConfig]),
        (skipgram.join_phrases, [CorpusConfig]),
    ],
)
def test_the_help_lists_each_option_with_its_default(
    function: Any, configs: list[type[Options]]
) -> None:
    text = inspect.getdoc(function) or ""
    for config in configs:
        for name, field in config.model_fields.items():
            default = "" if field.default_factory else f" = {field.default!r}"
            assert f"\n    {name}: {type_name(field)}{default}\n        " in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_signature_lists_each_option_for_notebooks() -> None:
    parameters = inspect.signature(skipgram.train).parameters
    for config in (TrainConfig, CorpusConfig):
        for name, field in config.model_fields.items():
            assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
            if not field.default_factory:
                assert parameters[name].default == field.default
    assert str(parameters["alpha"]) == "alpha=..."
    assert str(parameters["window"]) == "window=5"
    assert "options" not in parameters
    assert "lowercase" in inspect.signature(skipgram.encode).parameters
    assert "epochs" not in inspect.signature(skipgram.encode).parameters


def test_the_help_describes_an_option_and_its_range() -> None:
    text = " ".join((skipgram.train.__doc__ or "").split())
    assert (
        "epochs: int = 5 Passes over the corpus. Allowed: at least 1 and at most 100000. " in text
    )
    choices = "'negative' | 'softmax' | 'hierarchical' | 'hierarchical+negative'"
    assert f"objective: {choices} = 'negative' Training " in text
    assert "window_left: int | None = None Words before the centre word" in text
    assert "include: tuple[str, ...] = () Read only files that match one of these" in text
    assert "threads: int Threads that scan and train. Defaults to all cores" in text


def test_the_help_lists_options_without_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_source(module: object) -> str:
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", no_source)

    @lists_options(CorpusConfig)
    def function() -> None:
        """Do nothing."""

    text = inspect.getdoc(function) or ""
    assert text.startswith("Do nothing.\n\nOptions of `CorpusConfig`:\n\n    column: str | None")
    assert "    lowercase: bool = False" in text.splitlines()


def test_a_type_checker_refuses_mistakes_in_options(tmp_path: Path) -> None:
    mistakes = tmp_path / "mistakes.py"
    mistakes.write_text(MISTAKES)
    flags = ["--strict", "--config-file=", "--follow-imports=silent", "--no-pretty"]
    flags += ["--cache-dir", str(tmp_path / "cache"), "--python-executable", sys.executable]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *flags, str(mistakes), str(EXAMPLES / "typed_training.py")],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    calls = range(3, len(MISTAKES.splitlines()))
    assert [line.split(": error: ")[0] for line in errors] == [
        f"mistakes.py:{number}" for number in calls
    ], done.stdout + done.stderr
    assert '"windw" for "train"' in errors[0]
    assert 'type "str"; expected "int"' in errors[1]
    assert '"KeyedVectors" has no attribute "most_similr"; maybe "most_similar"' in errors[8]


FUNCTIONS_AND_CLASSES = sorted({*skipgram.__all__} - {"CorpusConfig", "TrainConfig"})
"""Public names but those of pydantic's models, which show how values are converted."""


@pytest.mark.parametrize("name", FUNCTIONS_AND_CLASSES)
def test_the_help_shows_no_addresses(name: str) -> None:
    shown = pydoc.plain(pydoc.render_doc(getattr(skipgram, name)))
    assert not re.search(r"<[^<>]* at 0x[0-9a-f]+>", shown)


def test_the_help_of_train_says_what_a_corpus_may_be() -> None:
    text = " ".join((skipgram.train.__doc__ or "").partition(" initial: ")[0].split())
    for kind in ("glob pattern", "URL", "`encode` wrote", "an iterable of sentences", "a table"):
        assert kind in text
