"""The memory plan: what training will take, told and checked before anything is allocated."""

from __future__ import annotations

from pathlib import Path

import psutil

from skipgram.errors import MemoryPlanError
from skipgram.training.events import MemoryPlanned

_CGROUP_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def available_memory() -> int:
    """Return the bytes this process can still get: of the machine, of its container, of its address-space limit."""
    limits = [psutil.virtual_memory().available]
    for limit_path, usage_path in _CGROUP_LIMITS:
        limit, usage = _read_number(limit_path), _read_number(usage_path)
        if limit is not None and usage is not None:
            limits.append(limit - usage)
    process = psutil.Process()
    if hasattr(process, "rlimit"):
        soft, _ = process.rlimit(psutil.RLIMIT_AS)
        if soft != psutil.RLIM_INFINITY:
            limits.append(soft - process.memory_info().vms)
    return max(0, min(limits))


def _read_number(path: str) -> int | None:
    try:
        text = Path(path).read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def plan_memory(words: int, stride: int, workspaces: int, vector_size: int) -> MemoryPlanned:
    """Return the plan for a vocabulary of `words`, matrix rows of `stride` numbers and `workspaces` bytes of scratch memory.

    Raises:
        MemoryPlanError: it does not fit.
    """
    plan = MemoryPlanned(
        items=(
            ("input vectors", words * stride * 4),
            ("output vectors", (words + 1) * stride * 4),
            ("sampling tables", words * (4 + 8 + 3 * 8)),
            ("scratch memory of the threads", workspaces),
            ("the result while it is saved", 2 * words * vector_size * 4),
        ),
        available=available_memory(),
    )
    if plan.total > plan.available:
        raise MemoryPlanError(
            f"training would take {describe_bytes(plan.total)}, but only {describe_bytes(plan.available)} are free: "
            f"{words:,} words x {vector_size} numbers, twice; lower vector_size, or the vocabulary by min_count or max_vocab"
        )
    return plan


def describe_bytes(size: int) -> str:
    """Return a size for people: 12 kB, 3.4 MB, 5.6 GB."""
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"
