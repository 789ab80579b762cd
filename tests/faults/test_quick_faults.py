"""The quick faults, once each."""

from __future__ import annotations

import pytest
from fault import Fault
from fault_site import Reference, prepare
from faults import FAULTS, attempt, line

QUICK = [fault for fault in FAULTS if fault.quick]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What all tries start from."""
    return prepare(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
def test_nothing_is_lost(fault: Fault, reference: Reference) -> None:
    row = attempt(fault, 1, 0, reference)
    if row.skipped:
        pytest.skip(row.skipped)
    assert row.lost == 0, line(row)
