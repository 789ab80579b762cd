"""How kernels are compiled and kept on disk."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from numba.core import event

from skipgram.kernels.cache_files import CheckedCacheFile
from skipgram.kernels.constants import IN_PYTHON
from skipgram.kernels.parts import njit
from skipgram.threads import run_aside, send_notice


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


_SOURCES = _digest_of_sources()


def _unless_full(save: Callable[..., None]) -> Callable[..., None]:
    """Ignore a full disk: the next start compiles again, and this one continues."""

    @functools.wraps(save)
    def save_if_possible(*arguments: Any) -> None:
        with contextlib.suppress(OSError):
            save(*arguments)

    return save_if_possible


class _CompileListener(event.Listener):
    """Sends a notice for each function that is compiled, not loaded: "module.function"."""

    def on_start(self, event: Any) -> None:
        """See numba's manual, "Event API"."""
        # The listener hears of all code that numba compiles, also of code without a module.
        function = event.data["dispatcher"].py_func
        package, _, module = str(function.__module__).rpartition(".")
        if package == __package__:
            send_notice(f"{module}.{function.__name__}")

    def on_end(self, event: Any) -> None:
        """See numba's manual."""


event.register("numba:compile", _CompileListener())


def _aside(compile_signature: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compile on another thread: Ctrl-C in a callback from LLVM would be printed and ignored."""

    def compile_uncollected(signature: Any) -> Any:
        with _without_collecting():
            return compile_signature(signature)

    @functools.wraps(compile_signature)
    def compile_aside(signature: Any) -> Any:
        return run_aside(lambda: compile_uncollected(signature))

    return compile_aside


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Do not look for garbage: numba keeps most objects, and it took an eighth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


LOADING_BYTES = 20_000_000
COMPILING_BYTES = 80_000_000
"""What loading a kernel from the cache and compiling it take at most: 16 and 57 MB of data for that
of negative sampling."""


def memory_to_compile(kernel: Any) -> int:
    """Return how many bytes the first call of a kernel takes for code; 0 if it has been called."""
    kernel = getattr(kernel, "func", kernel)  # of `functools.partial`
    if not hasattr(kernel, "signatures") or kernel.signatures:  # in Python, it has none
        return 0
    files = getattr(kernel._cache, "_cache_file", None)
    is_cached = isinstance(files, CheckedCacheFile) and files.holds_code()
    return LOADING_BYTES if is_cached else COMPILING_BYTES


def _as_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that wraps around and returns Python's numbers, as compiled code does."""

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            result = function(*arguments)
        return tuple(map(_unboxed, result)) if isinstance(result, tuple) else _unboxed(result)

    return run


def _unboxed(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _copy(function: Any) -> Any:
    copy = FunctionType(
        function.__code__, function.__globals__, function.__name__, None, function.__closure__
    )
    copy.__doc__ = function.__doc__
    return copy


def compiled(*constants: int) -> Callable[[Any], Any]:
    """Return a decorator: `numba.njit` without the interpreter lock, with a reliable disk cache.

    numba names the cache files of a function after its module and qualified name. To see whether
    they are stale it compares only the date of that one file. It looks neither at the functions
    called nor inside an intrinsic. So the name includes the digest of all sources of this package,
    and the constants that tell one kernel from another.

    One file for each kernel also makes simultaneous cold starts safe. numba rewrites the index of a
    function's signatures without a lock, so callers always pass a kernel arguments of the same
    types.

    A kernel may close over numbers only. numba pickles what a function closes over to recognise it,
    and a compiled function pickles differently in each process, so the kernel would be compiled
    anew each time.
    """

    def decorate(function: Any) -> Any:
        if IN_PYTHON:
            return _as_compiled(function)
        named = _copy(function)
        named.__qualname__ = "-".join([function.__qualname__, *map(str, constants), _SOURCES])
        compile_with = functools.partial(njit, nogil=True)
        try:
            dispatcher = compile_with(cache=True)(named)
            cache = dispatcher._cache
            cache.save_overload = _unless_full(cache.save_overload)
            cache._cache_file = CheckedCacheFile.like(cache._cache_file)
        except RuntimeError:
            # Neither the package's directory, nor NUMBA_CACHE_DIR, nor the user's cache directory
            # can be written to.
            dispatcher = compile_with()(named)
        dispatcher.compile = _aside(dispatcher.compile)
        return dispatcher

    return decorate
