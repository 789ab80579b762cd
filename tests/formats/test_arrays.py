from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sample_vectors import ODD, model

from skipgram.errors import FormatError
from skipgram.formats import EXPORTS, load


def test_numpy_and_pandas_read_the_directory_and_damage_is_named(tmp_path: Path) -> None:
    written = model(ODD)
    EXPORTS["numpy"](written, tmp_path / "arrays")
    mapped = np.load(tmp_path / "arrays" / "vectors.npy", mmap_mode="r")
    assert mapped.dtype == np.float32
    assert (mapped == written.input).all()
    table = pd.read_csv(
        tmp_path / "arrays" / "vocabulary.tsv", sep="\t", keep_default_na=False, lineterminator="\n"
    )
    assert table["word"].tolist() == ODD
    np.save(tmp_path / "arrays" / "vectors.npy", written.input[:-1])
    with pytest.raises(FormatError, match=r"vectors\.npy.*float32 \(11, 4\)"):
        load(tmp_path / "arrays")
    (tmp_path / "arrays" / "vectors.npy").write_bytes(b"")
    with pytest.raises(FormatError, match=r"vectors\.npy"):
        load(tmp_path / "arrays")
