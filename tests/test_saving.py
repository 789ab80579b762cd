from __future__ import annotations

from pathlib import Path

import pytest

from skipgram import saving
from skipgram.embeddings import Embeddings
from skipgram.errors import OutputError
from skipgram.formats import load

MODEL = Embeddings(["a", "b"], [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("convert", [str, Path])
def test_the_name_decides_between_a_file_and_a_directory(convert: type, tmp_path: Path) -> None:
    for name in ("model", "model.safetensors"):
        path = convert(tmp_path / "new" / name)
        saving.check_target(path)
        saving.save(MODEL, path)
        assert Path(path).is_file() == name.endswith(".safetensors")
        assert load(path).words == ["a", "b"]


def test_each_checks_what_it_would_replace(tmp_path: Path) -> None:
    text = tmp_path / "text.safetensors"
    text.write_text("years of text\n")
    for path, message in ((text, "does not look like a model file"), (text / "model", "is a file")):
        with pytest.raises(OutputError, match=message):
            saving.check_target(path)
    with pytest.raises(OutputError, match="not compressed with gzip"):
        saving.check_target(tmp_path / "model.safetensors.gz")
    saving.save(MODEL, tmp_path / "model.safetensors")
    saving.save(MODEL, tmp_path / "model")
    for name in ("model", "model.safetensors"):
        saving.check_target(tmp_path / name)
