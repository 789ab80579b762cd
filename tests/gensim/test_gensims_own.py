"""gensim's own tests of its `Word2Vec` and `KeyedVectors`, run on the classes of this package.

gensim's wheel ships them. `FAILING` names those that fail, and why: if one of them passes, or any
other fails, a test here fails. docs/gensim.md has the same list.
"""

from __future__ import annotations

import functools
import importlib
import logging
import re
import sys
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import gensim.models.word2vec
import pytest

from skipgram.gensim import KeyedVectors, Word2Vec

FAILING = {
    "test_build_vocab_warning": "a sentence that is a string is rejected; gensim logs a warning",
    "test_persistence_backwards_compatible": (
        "a sentence that is a string is rejected; gensim scores its letters"
    ),
    "test_prune_vocab": "max_vocab_size is not supported: nothing is pruned while reading",
    "test_vocab": "the words' attributes code and point, the tree of hs=1, are private",
}
"""The tests that fail, and why."""


def log_capture(*_: str) -> Callable[[Callable[..., None]], Callable[[Any], None]]:
    """Stand in for testfixtures' decorator, which gensim's tests import: give the logged lines."""

    def decorate(test: Callable[..., None]) -> Callable[[Any], None]:
        @functools.wraps(test)
        def capturing(case: unittest.TestCase) -> None:
            with case.assertLogs(level=logging.DEBUG) as captured:
                test(case, captured.output)

        return capturing

    return decorate


@functools.cache
def gensims_tests(name: str) -> ModuleType:
    """Import a module of gensim's tests, with testfixtures replaced."""
    before = sys.modules.get("testfixtures")
    stand_in = ModuleType("testfixtures")
    vars(stand_in)["log_capture"] = log_capture
    sys.modules["testfixtures"] = stand_in
    try:
        return importlib.import_module(f"gensim.test.{name}")
    finally:
        del sys.modules["testfixtures"]
        if before is not None:
            sys.modules["testfixtures"] = before


def cases_of(module: str) -> Iterator[unittest.TestCase]:
    for suite in unittest.defaultTestLoader.loadTestsFromModule(gensims_tests(module)):
        assert isinstance(suite, unittest.TestSuite)
        for case in suite:
            assert isinstance(case, unittest.TestCase)
            yield case


def names_of(module: str) -> list[str]:
    return [".".join(case.id().split(".")[-2:]) for case in cases_of(module)]


def marked(name: str) -> Any:
    reason = FAILING.get(name.split(".")[1])
    marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
    return pytest.param(name, marks=marks)


def run(module: str, name: str) -> None:
    (case,) = (case for case in cases_of(module) if case.id().endswith(f".{name}"))
    result = unittest.TestResult()
    case.run(result)
    for _, reason in result.skipped:
        pytest.skip(reason)
    for _, text in (*result.errors, *result.failures):
        pytest.fail(text)
    assert result.testsRun == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [marked(name) for name in names_of("test_word2vec")])
def test_of_word2vec(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swapped = ModuleType("word2vec")
    vars(swapped).update(vars(gensim.models.word2vec), Word2Vec=Word2Vec)
    monkeypatch.setattr(gensims_tests("test_word2vec"), "word2vec", swapped)
    monkeypatch.chdir(tmp_path)  # one test leaves a file
    run("test_word2vec", name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", names_of("test_keyedvectors"))
def test_of_keyed_vectors(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gensims_tests("test_keyedvectors"), "KeyedVectors", KeyedVectors)
    monkeypatch.chdir(tmp_path)
    run("test_keyedvectors", name)


def test_the_guide_lists_the_tests_that_fail() -> None:
    guide = Path(__file__).parents[2] / "docs" / "gensim.md"
    listed = re.findall(r"^\| `(test_\w+)` \| (.*) \|$", guide.read_text(), re.MULTILINE)
    assert dict(listed) == FAILING
    assert FAILING.keys() <= {name.split(".")[1] for name in names_of("test_word2vec")}
