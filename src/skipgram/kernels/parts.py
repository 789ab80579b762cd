"""The functions that kernels are made of.

A kernel (`cache.compiled`) is called from Python; a part is called by kernels and by other parts.
numba would compile each part as if Python called it: with code that unpacks the arguments of each
call, optimised once for itself and then once more in each function around it, and turned into
machine code. That took half of the time of a first start. Here a part stays as LLVM's intermediate
code, and is optimised only in the kernel.

numba compiles a part for each combination of the types of its arguments, and the type of a literal
number is not that of a variable. So variables that begin at a literal, and are passed to parts, are
written as np.int64(0).
"""

from __future__ import annotations

import functools
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

from skipgram.kernels.constants import IN_PYTHON, ConstantsCompiler

_numba_njit: Any = numba.njit  # numba's own types leave out `_nrt`


class _PartLibrary(JITCodeLibrary):
    """Code that is linked into that of the callers: not optimised yet, without machine code."""

    def _optimize_final_module(self) -> None:
        """See above."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):
    """Lowers a part into a `_PartLibrary`."""

    _name = "lower_part"

    def run_pass(self, state: Any) -> bool:
        """Return whether the function changed."""
        context = state.targetctx
        state.library = _PartLibrary(context.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.flags.no_compile = True
        changed = super().run_pass(state)
        # What numba does with code that it has turned into machine code. It finds the code of a
        # call by the object that Python would call, for which any object will do.
        lowered = state["cr"]
        context.insert_user_function(lowered.fndesc, lowered.fndesc, [state.library])
        state.reload_init.extend(state.library._reload_init)
        state["cr"] = lowered._replace(cfunc=lowered.fndesc)
        return bool(changed)


class _PartCompiler(ConstantsCompiler):
    """numba's compiler, with `_LowerPart` in the place of the last pass."""

    lowering = _LowerPart


def njit(function: Any = None, **options: Any) -> Any:
    """Compile a function with the options of all kernels, or leave it as it is in Python.

    With NUMBA_DISABLE_JIT=1, as for coverage and debugging, everything runs in Python.
    """
    if function is None:
        return functools.partial(njit, **options)
    if IN_PYTHON:
        function.py_func = function
        return function
    options = {"pipeline_class": ConstantsCompiler, **options}
    return _numba_njit(error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **options)(function)


def called(function: Any = None, **options: Any) -> Any:
    """Compile a part that stays a function of its own.

    What is seldom needed would slow down a loop that it was copied into. Python can call a part
    too, as tests do. It is then compiled once more, as a whole.
    """
    if function is None:
        return functools.partial(called, **options)
    if IN_PYTHON:
        return njit(function)
    part = njit(pipeline_class=_PartCompiler, no_cpython_wrapper=True, **options)(function)
    whole = njit(**options)(function)
    # numba's dispatcher asks the second for what to call if it finds nothing in its own table,
    # which the first would fill.
    part._insert = lambda *_arguments: None
    part._compile_for_args = lambda *_arguments, **_named: whole
    return part


inlined = functools.partial(called, forceinline=True)
"""The decorator of parts that LLVM copies into their caller."""

inlined_fast = functools.partial(inlined, fastmath={"reassoc", "contract", "nsz"})
"""The same, but sums may be added in any order. A NaN stays one."""

merged = functools.partial(called, inline="always")
"""The decorator of parts that numba copies into their caller: those that return part of an array,
which code without reference counts cannot."""
