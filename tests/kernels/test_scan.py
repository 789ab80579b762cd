"""The parts of the scan that the tests of whole texts would hit only by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from skipgram.kernels import scan


def test_white_space_is_the_same_for_eight_bytes_and_for_one() -> None:
    @njit
    def flags(eights: Any, wrong: Any) -> None:
        for n in range(len(eights)):
            found = scan._white_space(eights[n])
            for k in range(8):
                shift = np.uint64(8 * k)
                byte, flag = (
                    (eights[n] >> shift) & np.uint64(255),
                    (found >> shift) & np.uint64(255),
                )
                wrong[n] |= flag != (
                    np.uint64(128) if scan._is_space(np.uint8(byte)) else np.uint64(0)
                )

    rng = np.random.default_rng(1)
    eights = rng.integers(0, 256, (60_000, 8)).astype(np.uint8)
    eights[:30_000] = rng.integers(0, 40, (30_000, 8))  # where white space is
    wrong = np.zeros(len(eights), np.bool_)
    flags(eights.view(np.uint64).ravel(), wrong)
    assert not wrong.any()
