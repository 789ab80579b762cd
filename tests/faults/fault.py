"""What a fault is to the driver."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from fault_site import Site


class Fault(NamedTuple):
    """Something that goes wrong while skipgram works.

    Attributes:
        name: in the table.
        attempt: tries it once and returns the outcome; raises Lost if something was lost, and
            Skipped if it cannot be tried.
        tries: how often `make faults` tries it.
        quick: whether the suite tries it once.
    """

    name: str
    attempt: Callable[[Site, Random], str]
    tries: int = 5
    quick: bool = False
