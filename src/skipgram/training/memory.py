"""The memory plan: what training will take, checked before anything large is allocated."""

from __future__ import annotations

import psutil

from skipgram.errors import MemoryPlanError
from skipgram.limits import memory_limits
from skipgram.training import cgroups
from skipgram.training.events import MemoryPlanned

_NOTABLE_SHARE = 0.1
"""The share of the available memory above which a plan is described in detail."""

_SAVED_WORD_BYTES = 300
"""What a word takes while a model is saved, in dictionaries and in the text of tokenizer.json."""


def available_memory(threads: int = 0) -> int:
    """Return the bytes that this process can still allocate, if it starts some more threads.

    That is the least of what the machine, the control groups (the container) and the limits on
    address space and data leave.
    """
    left = [psutil.virtual_memory().available, *cgroups.memory_left()]
    left += [each.size - each.used - threads * each.of_thread for each in memory_limits()]
    return max(0, min(left))


def plan_memory(
    items: list[tuple[str, int]], result: int, words: int, size: str, threads: int = 0
) -> MemoryPlanned:
    """Return the plan of a training.

    Args:
        items: what training allocates: pairs of (purpose, bytes).
        result: bytes of the result, two matrices. One is copied before the memory of the other is
            free.
        words: number of words in the result.
        size: what makes the training large, in words, for the error.
        threads: how many threads are started.

    Raises:
        MemoryPlanError: it does not fit in memory.
    """
    saving = ("the result while it is saved", max(result // 2, words * _SAVED_WORD_BYTES))
    needed = tuple(item for item in (*items, saving) if item[1])
    plan = MemoryPlanned(needed, available_memory(threads), result)
    if plan.total > plan.available:
        raise MemoryPlanError(
            f"training needs {describe_bytes(plan.total)} of memory ({size}), but only "
            f"{describe_bytes(plan.available)} are free; lower vector_size or max_vocab, or raise "
            "min_count"
        )
    return plan


def describe_plan(plan: MemoryPlanned) -> str:
    """Describe the memory that training needs, in detail if it is a notable share."""
    total = describe_bytes(plan.total)
    if plan.total <= _NOTABLE_SHARE * plan.available:
        return f"memory: about {total}"
    items = ", ".join(f"{name} {describe_bytes(size)}" for name, size in plan.items)
    return f"memory: {total} of {describe_bytes(plan.available)} available ({items})"


def describe_bytes(size: int) -> str:
    """Return a size in readable units: 12 kB, 3.4 MB, 5.6 GB."""
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"
