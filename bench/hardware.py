"""The machine that figures depend on: its CPU, its libraries, its peak, and how busy it is."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy  # noqa: F401 - this and scipy load the libraries that `hardware` names
import scipy.linalg  # noqa: F401
from threadpoolctl import threadpool_info

from skipgram.config import available_cores

_INFORMATION = Path("/proc/cpuinfo")
_SIBLINGS = Path("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list")


def hardware() -> dict[str, Any]:
    """Return the CPU and the software that the figures depend on."""
    cpu = _first_cpu()
    # OpenBLAS chooses its kernels by CPU, or by OPENBLAS_CORETYPE; this can double or halve the
    # speed.
    blas = {
        f"{one['internal_api']} {one['version']} {one.get('architecture', '')}".strip()
        for one in threadpool_info()
    }
    return {
        "cpu": cpu.get("model name") or platform.processor() or platform.machine(),
        "family": cpu.get("cpu family"),
        "model": cpu.get("model"),
        "lanes": _ask("lanes"),
        "cores": available_cores(),
        "threads_per_core": _threads_per_core(),
        "system": platform.system(),
        "python": platform.python_version(),
        "blas": ", ".join(sorted(blas)),
    }


def conditions() -> dict[str, Any]:
    """Return what changes between two runs on one machine: the peak of a core, and the load.

    The peak is in floating-point operations a second. The load is the mean number of processes that
    ran or waited during the last minute; None where the system does not tell.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"peak": _ask("peak"), "load": load}


def folder_of(machine: dict[str, Any]) -> str:
    """Return the folder of a machine's results, named by its CPU and the width of its vectors."""
    named = [machine["cpu"], machine["family"], machine["model"], f"{machine['lanes']} lanes"]
    return re.sub(r"[^a-z0-9]+", "-", " ".join(str(part) for part in named if part).lower())


def _first_cpu() -> dict[str, str]:
    """Return what Linux knows of the first CPU; nothing on other systems."""
    if not _INFORMATION.exists():
        return {}
    lines = _INFORMATION.read_text().partition("\n\n")[0].splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _threads_per_core() -> int | None:
    """Return how many of the system's CPUs share the first core; None if unknown."""
    if not _SIBLINGS.exists():
        return None
    ranges = [part.split("-") for part in _SIBLINGS.read_text().strip().split(",")]
    return sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)


def _ask(figure: str) -> Any:
    """Return a figure of `fma_peak.py`, which runs in a process of its own.

    The memory of this process must stay small, because Linux counts it towards the peak of each
    process that it starts.
    """
    script = Path(__file__).with_name("fma_peak.py")
    return json.loads(subprocess.check_output([sys.executable, str(script), figure], text=True))
