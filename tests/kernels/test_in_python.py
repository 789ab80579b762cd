"""With NUMBA_DISABLE_JIT=1, for coverage and debugging, all kernels run in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram.options import TrainOptions

SCRIPT = """\
import json, sys
import skipgram

options = json.loads(sys.argv[3])
skipgram.train(sys.argv[1], **options).save(sys.argv[2])
"""
SMALL: TrainOptions = {
    "vector_size": 6, "epochs": 2, "min_count": 1, "sample": 0, "threads": 1, "seed": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"objective": "hierarchical", "optimizer": "adam"},
        {"objective": "softmax"},
        {"architecture": "cbow", "clean": True},
        {"negative_sharing": "pair"},
        {"sentence_per": "sentence", "sample": 0.1, "optimizer": "adagrad"},
    ],
)
def test_python_trains_the_same_vectors(tmp_path: Path, options: dict[str, Any]) -> None:
    text = tmp_path / "text.txt"
    text.write_text("apple <b>pear</b> plum fig.\nbolt nut screw nail café\n" * 50)
    all_options: Any = SMALL | options
    subprocess.run(
        [sys.executable, "-Werror", "-c", SCRIPT, text, tmp_path / "m", json.dumps(all_options)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        check=True,
        timeout=300,
    )
    found, expected = skipgram.load(tmp_path / "m"), skipgram.train(text, **all_options)
    assert found.words == expected.words
    assert np.allclose(found.input, expected.input, atol=1e-5)
    assert np.allclose(found.training["loss"], expected.training["loss"], rtol=1e-4)
