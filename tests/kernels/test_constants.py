"""An argument whose numba type holds constants."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.errors import TypingError

import skipgram
from skipgram.kernels.constants import Constants, ConstantsCompiler
from skipgram.kernels.form import Form
from skipgram.kernels.parts import inlined, merged, njit
from skipgram.kernels.plan import TileShape
from skipgram.kernels.tiles import tile_scores

SOURCE = Path(skipgram.__file__).parents[1]


@dataclass(frozen=True)
class Inner(Constants):
    number: int

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.number,)


@dataclass(frozen=True)
class Outer(Constants):
    inner: Inner
    flag: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.inner.number, self.flag


def test_each_value_has_a_type_of_its_own() -> None:
    forms = [Form(), Form(group=4), Form(freeze=True), Form(shape=TileShape(6, 2, 8)), Form()]
    types = [numba.typeof(form) for form in forms]
    assert len(set(types)) == 4
    assert types[0] is types[4]
    assert pickle.loads(pickle.dumps(types[1])) is types[1]


def test_attributes_are_constants_of_nested_values_and_merged_functions_too() -> None:
    @inlined
    def called(inner: Any) -> Any:
        return inner.number + 1

    @merged
    def copied(outer: Any) -> Any:
        return 10 * called(outer.inner) + outer.inner.number

    @njit
    def run(outer: Any) -> Any:
        return 100 + copied(outer)

    assert run(Outer(Inner(3), True)) == 143
    assert run(Outer(Inner(4), True)) == 154
    assert len(run.signatures) == 2


def test_a_branch_that_is_never_taken_is_not_compiled() -> None:
    @inlined
    def run(outer: Any) -> Any:
        if outer.flag:
            return outer.inner.number
        return "text" + outer.inner.number

    assert run(Outer(Inner(7), True)) == 7
    with pytest.raises(TypingError, match="No implementation"):
        run(Outer(Inner(7), False))


def test_an_unknown_attribute_is_an_error() -> None:
    @numba.njit(pipeline_class=ConstantsCompiler)
    def run(outer: Any) -> Any:
        return outer.wrong

    with pytest.raises(AttributeError, match="wrong"):
        run(Outer(Inner(7), True))


def test_the_first_argument_of_a_tile_function_must_be_a_form() -> None:
    @numba.njit
    def run(number: Any) -> None:
        tile_scores(number, number, number, number, number)

    with pytest.raises(TypingError, match="must be a Form"):
        run(8)


MODULE = """
from skipgram.kernels.cache import compiled
from skipgram.kernels.form import Form

@compiled()
def double(form):
    return 2 * form.group

if __name__ == "__main__":
    print(double(Form(group=3)), double(Form(group=5)), sum(double.stats.cache_hits.values()))
"""


def test_the_disk_cache_tells_two_values_apart(tmp_path: Path) -> None:
    (tmp_path / "doubled.py").write_text(MODULE)
    variables = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }
    for hits in (0, 2):
        command = [sys.executable, str(tmp_path / "doubled.py")]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["6", "10", str(hits)]


def test_features_of_the_cpu_without_a_sign_are_refused() -> None:
    command = [sys.executable, "-c", "import skipgram.kernels.scan"]
    environment = os.environ | {"NUMBA_CPU_FEATURES": "avx2"}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "NUMBA_CPU_FEATURES is 'avx2'; write a + or - before each feature" in answer.stderr
