"""Changes files as damage or an attacker would, and checks what reading them does."""

from __future__ import annotations

import random
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

from skipgram.errors import SkipgramError

MOST_SECONDS = 5
MOST_BYTES = 300 << 20

_PARTS = [
    *(b"\0", b"\xff", b"\n", b" ", b"[", b"{", b'"', b"-", b"nan", b"1e999", b"null", b"(", b"."),
    *(b"[" * 3000, b"9" * 400, b"\xff" * 8, b"\x7f" + b"\xff" * 7, (2**31).to_bytes(4, "little")),
]
"""What is put into files."""


def mutated(content: bytes, chosen: random.Random) -> bytes:
    """Return a file with one to four bytes, or parts, changed, inserted, removed or repeated."""
    changed = bytearray(content)
    for _ in range(chosen.randint(1, 4)):
        # Headers are changed more often than the data behind them.
        end = len(changed) if chosen.random() < 0.5 else min(len(changed), 200)
        at = chosen.randint(0, end)
        kind = chosen.randrange(6)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << chosen.randrange(8)
        elif kind == 1 and at < len(changed):
            changed[at] = chosen.randrange(256)
        elif kind == 2:
            part = chosen.choice(_PARTS)
            changed[at : at + chosen.choice([0, len(part)])] = part
        elif kind == 3:
            del changed[at : at + chosen.randint(1, 20)]
        elif kind == 4 and chosen.random() < 0.3:
            del changed[at:]
        elif kind == 5:
            other = chosen.randint(0, len(changed))
            changed[at:at] = changed[other : other + chosen.randint(1, 50)]
    return bytes(changed)


def check_reading(read: Callable[[], object]) -> bool:
    """Read a changed file: only skipgram's errors are raised, in little time and memory.

    Returns:
        Whether it could be read.
    """
    tracemalloc.start()
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read()
    except SkipgramError as error:
        assert len(str(error)) < 3000
        return False
    else:
        return True
    finally:
        seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert seconds < MOST_SECONDS, seconds
        assert peak < MOST_BYTES, peak


def check_mutations(path: Path, read: Callable[[], object], seed: int, tries: int) -> int:
    """Read a file, or a directory with one file changed, many times; return how often it could be.

    A failure leaves the changed file behind, for a test of its own.
    """
    chosen = random.Random(seed)
    files = [path] if path.is_file() else sorted(each for each in path.iterdir())
    contents = {file: file.read_bytes() for file in files}
    could = 0
    for _ in range(tries):
        file = chosen.choice(files)
        file.write_bytes(mutated(contents[file], chosen))
        could += check_reading(read)
        file.write_bytes(contents[file])
    return could
