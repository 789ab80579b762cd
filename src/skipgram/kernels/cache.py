"""How kernels are compiled and kept on disk."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_njit: Any = numba.njit  # numba's own types leave out `_nrt`

inlined = functools.partial(_njit, forceinline=True, error_model="numpy", _nrt=False)
"""The decorator of the functions that kernels are made of: LLVM copies them into their caller."""


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


_SOURCES = _digest_of_sources()


def _unless_full(save: Callable[..., None]) -> Callable[..., None]:
    """Let a full disk cost the next start its cache, not this one its work."""

    @functools.wraps(save)
    def save_if_possible(*arguments: Any) -> None:
        with contextlib.suppress(OSError):
            save(*arguments)

    return save_if_possible


def compiled(*shape: int) -> Callable[[Any], Any]:
    """Return a decorator: `numba.njit` without the interpreter lock, with a disk cache that can be trusted.

    numba names the cache files of a function after its module and qualified name, and looks only at that one file's date to
    see whether they are stale: not at the functions it calls, nor inside an intrinsic. So the digest of all sources of this
    package and the shape of the tile go into the name. One file per kernel also makes simultaneous cold starts safe: numba
    rewrites the index of a function's signatures without a lock, so callers give a kernel arguments of always the same types.

    A kernel may close over numbers only: numba pickles what a function closes over to know it again, and a compiled function
    pickles differently in each process, so that it would be compiled anew each time.
    """

    def decorate(function: Any) -> Any:
        function.__qualname__ = "-".join([function.__qualname__, *map(str, shape), _SOURCES])
        compile_with = functools.partial(_njit, nogil=True, error_model="numpy", _nrt=False)
        try:
            dispatcher = compile_with(cache=True)(function)
        except RuntimeError:
            # Neither the package's directory, nor NUMBA_CACHE_DIR, nor the user's cache directory can be written to.
            return compile_with()(function)
        dispatcher._cache.save_overload = _unless_full(dispatcher._cache.save_overload)
        return dispatcher

    return decorate
