"""Processes that die by SIGKILL at a chosen place, as `kill -9` or the kernel would end them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

_BEGIN = """
import os, signal, sys
from pathlib import Path
from skipgram.io import atomic
from skipgram.io.atomic import replacing_directory, replacing_file
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""

BETWEEN_RENAMES = """
atomic.exchange = lambda *_: False
rename = Path.rename
Path.rename = lambda self, target: die() if target == Path(sys.argv[1]) else rename(self, target)
"""
"""Code for `run_killed`: the system has no exchange, and dies before the second rename."""


def run_killed(code: str, *arguments: str | Path) -> None:
    """Run code in a process that has to die by `die()`; its arguments are in sys.argv."""
    command = [sys.executable, "-c", _BEGIN + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
