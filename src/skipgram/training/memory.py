"""The memory plan: what training will take, checked before anything large is allocated."""

from __future__ import annotations

from pathlib import Path

import psutil

from skipgram.errors import MemoryPlanError
from skipgram.training.events import MemoryPlanned

# Limit, usage and statistics of the container: cgroup version 2, then 1.
_CGROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)

_NOTABLE_SHARE = 0.1
"""The share of the available memory above which a plan is described in detail."""


def available_memory() -> int:
    """Return the bytes that this process can still allocate.

    That is the least of what the machine, the container and the address-space limit leave.
    """
    limits = [psutil.virtual_memory().available]
    for limit_path, usage_path, statistics_path in _CGROUP_FILES:
        limit, usage = _read_number(limit_path, ""), _read_number(usage_path, "")
        if limit is not None and usage is not None:
            # Usage includes cached files, such as the corpus that was just read. The kernel drops
            # them when memory is needed.
            limits.append(limit - usage + (_read_number(statistics_path, "inactive_file ") or 0))
    process = psutil.Process()
    if hasattr(process, "rlimit"):
        soft, _ = process.rlimit(psutil.RLIMIT_AS)
        if soft != psutil.RLIM_INFINITY:
            limits.append(soft - process.memory_info().vms)
    return max(0, min(limits))


def _read_number(path: str, name: str) -> int | None:
    """Return the number after `name` at the start of a line; None without a file or a number."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    texts = [line.removeprefix(name) for line in lines if line.startswith(name)]
    return int(texts[0]) if texts and texts[0].isdigit() else None


def plan_memory(items: list[tuple[str, int]], result: int, size: str) -> MemoryPlanned:
    """Return the plan of a training.

    Args:
        items: what training allocates: pairs of (purpose, bytes).
        result: bytes of the result.
        size: what makes the training large, in words, for the error.

    Raises:
        MemoryPlanError: it does not fit in memory.
    """
    saving = ("the result while it is saved", result)
    plan = MemoryPlanned((*items, saving), available_memory(), result)
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
