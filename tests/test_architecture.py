"""Rules of the architecture and of the code that a program can check."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import skipgram
from skipgram import gensim

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "skipgram"

# A module, or a package with all that is in it, imports only what is above it in this list.
LAYERS = [
    "errors",
    "wording",
    "regular_files",
    "loading",
    "labels",
    "keys",
    "encodings",
    "stopwords",
    "tokenizers",
    "training.groups",  # arithmetic that presets and default learning rates depend on
    "presets",
    "learning_rates",
    "ranges",
    "intervals",
    "records",
    "config",
    "config_file",
    "options",
    "forks",
    "signals",
    "limits",
    "threads",
    "io",
    "kernels",
    "vocabulary",
    "corpus",
    "training",
    "event_texts",
    "progress",
    "nearest",
    "matrices",
    "views",
    "gensim_names",
    "lookup",
    "questions",
    "document_vectors",
    "model_directory",
    "model_file",
    "saving",
    "word_map",
    "plots",
    "embeddings",
    "alignment",
    "formats",
    "index",
    "evaluation",
    "warm_start",
    "run_paths",
    "run_record",
    "run_directory",
    "callbacks",
    "model",
    "resuming",
    "phrases",
    "gensim",
    "comparison",
    "tuning",
    "pmi",
    "explanation",
    "descriptions",
    "explorer",
    "quickstart",
    "cli",
    "__main__",
]

MOST_ARGUMENTS = 8
MOST_LINES = 500
MOST_COLUMNS = 100

# Loaded only by commands that need them: without them `skipgram --help` takes 0.25 s.
HEAVY = ["numba", "llvmlite", "numpy", "scipy", "safetensors", "psutil", "pandas", "pyarrow"]
HEAVY += ["gensim", "usearch", "optuna", "umap", "matplotlib", "starlette", "uvicorn"]


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path != SOURCE / "__init__.py"]


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer(path: Path) -> str:
    return layer_of(".".join(path.relative_to(SOURCE).with_suffix("").parts))


def layer_of(module: str) -> str:
    """Return the longest entry of LAYERS that a module, or a name in it, belongs to."""
    parts = module.split(".")
    names = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((name for name in names if name in LAYERS), parts[0])


def dotted(path: Path) -> str:
    """Return the name that a module is imported by."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@functools.cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Yield the names that a module imports when it runs, inside functions too.

    `from a import b` yields a and a.b: b may be a module or not.
    """
    tree = parse(path)
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_imports_go_one_way(path: Path) -> None:
    here = layer(path)
    for name in imported(path):
        package, _, module = name.partition(".")
        there = layer_of(module)
        if package == "skipgram" and there in LAYERS and there != here:
            assert LAYERS.index(there) < LAYERS.index(here), f"{here} imports {there}"


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_only_kernels_import_numba(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imported(path)}
    assert layer(path) == "kernels" or not libraries & {"numba", "llvmlite"}


def test_every_layer_is_listed() -> None:
    assert {layer(path) for path in modules()} == set(LAYERS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {dotted(path): path for path in modules()}
    left = {
        name: {
            other
            for other in imported(path)
            # A module of a package may import the package: Python has begun to import that anyway.
            if other in names and not f"{name}.".startswith(f"{other}.")
        }
        for name, path in names.items()
    }
    # Remove modules that import none of those left, until nothing changes.
    # What stays is in a circle, or imports one.
    while done := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in done}
    assert sorted(left) == []


def test_public_names_are_those_listed() -> None:
    assert skipgram.__all__ == sorted(skipgram.__all__)
    listed = re.findall(r"^    (\w+(?:, \w+)*)  +\w", skipgram.__doc__ or "", re.MULTILINE)
    assert sorted(", ".join(listed).split(", ")) == skipgram.__all__
    for name in skipgram.__all__:
        assert getattr(skipgram, name).__doc__


def test_only_the_module_pmi_is_public_under_the_name_of_a_module() -> None:
    # Importing the module a/b.py sets the attribute b of a, which would hide a function b.
    top = {name.split(".")[1] for name in map(dotted, modules())}
    assert top & set(skipgram.__all__) == {"pmi"}


def test_a_name_is_the_same_after_all_modules_are_imported() -> None:
    code = (
        "import importlib, skipgram;"
        "before = {name: getattr(skipgram, name) for name in skipgram.__all__};"
        f"[importlib.import_module(name) for name in {sorted(map(dotted, modules()))!r}"
        " if not name.endswith('__main__')];"
        "assert all(getattr(skipgram, name) is value for name, value in before.items());"
        "print(type(skipgram.pmi).__name__, skipgram.pmi.train_svd.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["module", "train_svd"]


def test_unknown_public_name() -> None:
    with pytest.raises(AttributeError, match=r"module 'skipgram' has no attribute 'word2vec'$"):
        _ = skipgram.word2vec
    for name in gensim.__all__:
        with pytest.raises(AttributeError, match=f"; write from skipgram.gensim import {name}$"):
            getattr(skipgram, name)


def test_only_the_command_line_and_progress_print_or_exit() -> None:
    for path in modules():
        if layer(path) in {"cli", "__main__", "progress"}:
            continue
        calls = {
            ast.unparse(node.func) for node in ast.walk(parse(path)) if isinstance(node, ast.Call)
        }
        assert not calls & {"print", "sys.exit", "exit"}, path


def test_help_needs_no_heavy_import() -> None:
    code = (
        "import sys; from skipgram.cli.app import app;"
        "app(['--help'], exit_on_error=False, result_action='return_value');"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def nested_conditionals() -> Iterator[str]:
    for path in python_files("src", "bench", "tests"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.IfExp) and any(
                isinstance(child, ast.IfExp) for child in ast.walk(node) if child is not node
            ):
                yield f"{relative(path)}:{node.lineno}"


def long_assignments() -> Iterator[str]:
    """Assignments of more than two values to as many targets. What a call returns may have more."""
    for path in python_files("src", "bench", "tests"):
        for node in ast.walk(parse(path)):
            if not isinstance(node, ast.Assign):
                continue
            values = len(node.value.elts) if isinstance(node.value, ast.Tuple) else 1
            unpacks = any(isinstance(target, ast.Tuple) for target in node.targets)
            if len(node.targets) > 2 or (unpacks and values > 2):
                yield f"{relative(path)}:{node.lineno}"


def many_arguments() -> Iterator[str]:
    """Yield functions of more than eight arguments.

    Three kinds have an argument for each option and are left out: gensim's own signatures (public
    functions in gensim/), commands (public functions in cli/), and the public functions of the
    package.
    """
    for path in modules():
        for node in ast.walk(parse(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            public = not node.name.startswith("_") or node.name == "__init__"
            if node.name in skipgram.__all__ or (public and layer(path) in {"gensim", "cli"}):
                continue
            given = node.args
            names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            names += [each.arg for each in (given.vararg, given.kwarg) if each]
            count = sum(name not in {"self", "cls"} for name in names)
            if count > MOST_ARGUMENTS:
                yield f"{relative(path)}:{node.lineno} {node.name} has {count}"


def untested_modules() -> Iterator[str]:
    """Modules a/b.py without a test file tests/a/test_b.py."""
    for path in modules():
        if path.name.startswith("__"):
            continue
        test = ROOT / "tests" / path.relative_to(SOURCE).with_name(f"test_{path.name}")
        if not test.exists():
            yield relative(test)


def long_files() -> Iterator[str]:
    for path in python_files("src", "bench", "tests"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            yield f"{relative(path)} has {lines}"


def long_lines() -> Iterator[str]:
    for path in python_files("src", "bench", "tests"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if len(line) > MOST_COLUMNS and "://" not in line:
                yield f"{relative(path)}:{number}"


RULES: list[Callable[[], Iterator[str]]] = [
    nested_conditionals,
    long_assignments,
    many_arguments,
    untested_modules,
    long_files,
    long_lines,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule: Callable[[], Iterator[str]]) -> None:
    assert list(rule()) == []
