"""The quick faults, once each: `make test` tries a few of them, `make test-all` all."""

from __future__ import annotations

import pytest
from fault_site import Reference, prepare
from faults import FAULTS, attempt, line
from quick import slow_unless

QUICK = {fault.name: fault for fault in FAULTS if fault.quick}
QUICKEST = ["kill -9 at a checkpoint", "SIGTERM", "full disk while saving"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What all tries start from."""
    return prepare(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("name", slow_unless(QUICKEST, QUICK))
def test_nothing_is_lost(name: str, reference: Reference) -> None:
    row = attempt(QUICK[name], 1, 0, reference)
    if row.skipped:
        pytest.skip(row.skipped)
    assert row.lost == 0, line(row)
