from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from skipgram.kernels.form import Form
from skipgram.kernels.optimizers import ADAGRAD
from skipgram.kernels.plan import TileShape
from skipgram.kernels.windows import BLOCK, MEAN

VECTORS = Form(TileShape(6, 2, 8))


def test_every_field_is_in_the_numbers() -> None:
    changes: dict[str, Any] = {
        "shape": TileShape(6, 2, 16), "group": 4, "hierarchical": True, "pairwise": True,
        "single": True, "cbow": MEAN, "freeze": True, "optimizer": ADAGRAD,
    }  # fmt: skip
    assert set(changes) == set(Form.__dataclass_fields__)
    forms = [replace(VECTORS, **{name: value}) for name, value in changes.items()]
    assert len({form.numbers for form in [*forms, VECTORS]}) == len(forms) + 1


@pytest.mark.parametrize(
    "change",
    [{"cbow": MEAN}, {"freeze": True}, {"optimizer": ADAGRAD}, {"shape": TileShape(6, 1, 1)}],
)
def test_input_rows_take_their_step_in_place_only_in_the_simplest_form(
    change: dict[str, Any],
) -> None:
    assert VECTORS.in_place
    assert not replace(VECTORS, **change).in_place


def test_pairs_are_counted_in_groups_and_trained_one_by_one_if_pairwise() -> None:
    assert not VECTORS.counts_seen
    assert Form(group=4).counts_seen
    assert VECTORS.places == BLOCK
    assert Form(pairwise=True).places == 1
    assert Form(group=4, single=True).places == 1
