"""Sets of options for training, by name.

`best` was found with `bench/leads.py` and `bench/postprocess.py`; docs/benchmarks.md has the
tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skipgram.training.groups import WITHOUT_NEGATIVES

PRESETS: dict[str, dict[str, Any]] = {
    "fast": {"epochs": 5, "alpha": 0.025, "sample": 1e-3, "negative": 5},
    "default": {},
    "best": {
        "epochs": 15,
        "alpha": 0.025,
        "sample": 1e-4,
        "negative": 10,
        "postprocess": "mean",
    },
}
"""The options of each preset. `fast` has those of gensim, `default` those of skipgram."""


def options_of(
    preset: str, given: Mapping[str, Any], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the options that a preset sets beside those that are given.

    Those that have no effect beside them are left out: the number of negative samples without
    negative sampling, and the learning rate of skip-gram by SGD with another method.

    Args:
        preset: a name in `PRESETS`.
        given: options of `TrainConfig` by name.
        known: those of a model that is continued; the preset overrides them, but not its method.
    """
    options = {name: value for name, value in PRESETS[preset].items() if name not in given}
    method = {**(known or {}), **given}
    if method.get("objective") in WITHOUT_NEGATIVES:
        options.pop("negative", None)
    if method.get("optimizer", "sgd") != "sgd" or method.get("architecture") == "cbow":
        options.pop("alpha", None)
    return options
