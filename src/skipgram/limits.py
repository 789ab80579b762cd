"""The system's limits on this process, which libraries that it loads handle badly.

Without memory, OpenBLAS waits for ever, in NumPy and in SciPy, and LLVM aborts the process. Without
threads, OpenBLAS sends the process SIGINT, as Ctrl-C does. So limits are checked before.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
import threading
from pathlib import Path
from typing import NamedTuple

from skipgram.errors import MemoryPlanError

if sys.platform != "win32":
    import resource

MB = 1_000_000

_STACK_BYTES = 8 * MB
"""The usual size of a thread's stack."""

_ARENA_BYTES = 1 << 26
"""The addresses that glibc reserves for what a thread allocates."""

_M_ARENA_MAX = -8
_MOST_BLAS_THREADS = 64


class Limit(NamedTuple):
    """A limit on memory.

    Attributes:
        name: for messages.
        size: bytes that the process may have.
        used: bytes that it has.
        loading: bytes that NumPy takes, and those that all other libraries and compiling take; for
            each of them, also those of each thread of OpenBLAS.
        of_thread: bytes that a thread takes.
    """

    name: str
    size: int
    used: int
    loading: tuple[tuple[int, int], tuple[int, int]]
    of_thread: int


_arenas = _ARENA_BYTES


def memory_limits() -> list[Limit]:
    """Return the limits that are set, measured with NumPy 2.4 and numba 0.68 on Linux."""
    if sys.platform != "linux":
        return []
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    used = [int(pages[at]) * resource.getpagesize() for at in (0, 5)]
    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    stack = _STACK_BYTES if stack == resource.RLIM_INFINITY else stack
    addresses = ((46 * MB, 40 * MB), (374 * MB, 40 * MB))
    data = ((5 * MB, 40 * MB), (145 * MB, 40 * MB))
    address_space, data_size = (
        resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)
    )
    limits = [
        Limit("address space (ulimit -v)", address_space, used[0], addresses, stack + _arenas),
        Limit("data (ulimit -d)", data_size, used[1], data, stack),
    ]
    return [limit for limit in limits if limit.size != resource.RLIM_INFINITY]


def largest_file() -> int | None:
    """Return the limit on the size of files that this process writes; None if there is none."""
    if sys.platform == "win32":
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return None if limit == resource.RLIM_INFINITY else limit


def explain_too_large(error: OSError) -> str:
    """Say which limit a file that was written exceeds, and the remedy; "" for other errors."""
    if error.errno != errno.EFBIG:
        return ""
    limit = largest_file()
    if limit is None:  # FAT32, for example, has no files of 4 GB
        return "a file is larger than the file system allows; choose a place on another one"
    return (
        f"files of this process are limited to {limit:,} bytes (RLIMIT_FSIZE); raise the limit "
        "(ulimit -f)"
    )


def _blas_threads() -> int:
    """Return how many threads OpenBLAS starts: as many as its builds can have, at most."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        given = os.environ.get(name, "")
        if given.isdecimal() and int(given) > 0:
            return min(int(given), _MOST_BLAS_THREADS)
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, _MOST_BLAS_THREADS)


def check_loading() -> None:
    """Check that the libraries which kernels need can be loaded, unless they are.

    Raises:
        MemoryPlanError: a limit leaves too little memory.
    """
    if "numba" in sys.modules:
        return
    for limit in memory_limits():
        parts = limit.loading[1:] if "numpy" in sys.modules else limit.loading
        threads = _blas_threads()
        needed = sum(fixed + threads * each for fixed, each in parts)
        if limit.size - limit.used < needed:
            raise MemoryPlanError(
                f"loading NumPy and numba needs about {needed // MB} MB, but the limit on "
                f"{limit.name} of {limit.size // MB} MB leaves "
                f"{max(limit.size - limit.used, 0) // MB} MB; raise the limit"
                + (
                    f", or set OPENBLAS_NUM_THREADS=1 ({threads} now, of "
                    f"{sum(each for _, each in parts) // MB} MB each)"
                )
                * (threads > 1)
            )


def prepare_for_loading() -> None:
    """Prepare a program of our own for loading the libraries within the limits.

    Raises:
        MemoryPlanError: there is too little memory, or no thread can be started.
    """
    global _arenas
    if any(limit.of_thread > _arenas for limit in memory_limits()):
        # The threads share one arena. Otherwise their reserved addresses are most of those in use.
        with contextlib.suppress(OSError, AttributeError):
            if ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1):
                _arenas = 0
    check_loading()
    if "OPENBLAS_NUM_THREADS" not in os.environ and not _can_start(_blas_threads() + 1):
        os.environ["OPENBLAS_NUM_THREADS"] = "1"


def _can_start(count: int) -> bool:
    """Whether this many threads can run at the same time."""
    end = threading.Event()
    try:
        for _ in range(count):
            threading.Thread(target=end.wait, daemon=True).start()
    except RuntimeError:
        return False
    finally:
        end.set()
    return True
