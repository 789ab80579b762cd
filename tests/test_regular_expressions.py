"""No text makes a regular expression take quadratic time: a stranger may have written the text."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import skipgram

LENGTH = 20_000
BEGINNINGS = ("", "0", "a", '"', '{"', "[", '["', "['", "<", "%", "--")
REPEATED = (
    *("0", "a", " ", "\t", "\n", "\r", "-", "e", "_", ".", ",", ":", "=", "#", "|", "&", "<", ">"),
    *("[", "(", "{", '"', "'", "\\", "\\u", "\\ud800", "1,", "0.", "a ", "a=", "a:b", "</", '"a"'),
)


def patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    """Yield a regular expression, or those in a container."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inner in [*value, *(value.values() if isinstance(value, dict) else ())]:
            yield from patterns_in(inner)


def patterns() -> Iterator[tuple[str, re.Pattern[Any], tuple[str, ...]]]:
    """Yield the regular expressions of all modules, and the methods that search with them."""
    for found in pkgutil.walk_packages(skipgram.__path__, "skipgram."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                searches = re.search(rf"\b{name}\.(search|sub|finditer|findall|split)\(", source)
                yield (
                    f"{found.name}.{name}",
                    pattern,
                    ("fullmatch", "match", *(["search"] if searches else [])),
                )


def slowest(pattern: re.Pattern[Any], method: str) -> tuple[float, str]:
    """Return the most CPU seconds that a text takes, and how this text begins."""
    worst = (0.0, "")
    for text in (
        begin + each * (LENGTH // len(each)) + "!" for begin in BEGINNINGS for each in REPEATED
    ):
        content = text.encode() if isinstance(pattern.pattern, bytes) else text
        started = time.process_time()
        getattr(pattern, method)(content)
        worst = max(worst, (time.process_time() - started, text[:10]))
    return worst


def test_the_time_of_regular_expressions_is_linear() -> None:
    found = {
        f"{name}.{method}": worst
        for name, pattern, methods in {each[:2]: each for each in patterns()}.values()
        for method in methods
        if (worst := slowest(pattern, method))[0] > 0.2
    }
    assert found == {}


def test_quadratic_time_is_noticed() -> None:
    seconds, text = slowest(re.compile(r"\d+\.?\d*"), "fullmatch")
    assert seconds > 0.5
    assert text.startswith("0")


@pytest.mark.parametrize("value", [{"a": re.compile("a")}, [(re.compile("a"),)]])
def test_patterns_are_found_in_containers(value: Any) -> None:
    assert len(list(patterns_in(value))) == 1
