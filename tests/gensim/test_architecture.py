"""Modules of `skipgram.gensim` import each other in one direction only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import skipgram.gensim

PACKAGE = Path(skipgram.gensim.__file__).parent

# A module imports modules of the lines above its own only.
LAYERS = [
    {"unsupported", "arguments", "tokens", "pickled"},
    {"vocabulary", "lookup", "evaluation"},
    {"keyed_vectors", "weights"},
    {"training", "trees"},
    {"corpora", "exchange"},
    {"scoring"},
    {"word2vec"},
    {"__init__"},
]


def layer(module: str) -> int:
    return next(n for n, modules in enumerate(LAYERS) if module in modules)


def imported(module: str) -> set[str]:
    """Modules of the package that a module imports anywhere, also only for type checkers."""
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module == "skipgram.gensim":
            found |= {alias.name for alias in node.names}
        elif node.module.startswith("skipgram.gensim."):
            found.add(node.module.split(".")[2])
    return found


def test_every_module_has_a_layer() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == set().union(*LAYERS)


@pytest.mark.parametrize("module", [module for modules in LAYERS for module in sorted(modules)])
def test_imports_go_one_way(module: str) -> None:
    for other in imported(module):
        assert layer(other) < layer(module), f"{module} imports {other}"


def test_the_scan_of_imports_finds_them() -> None:
    assert imported("word2vec") >= {"exchange", "vocabulary", "arguments", "keyed_vectors"}
