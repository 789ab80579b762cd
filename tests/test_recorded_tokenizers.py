"""Names of tokenizers in files, which may be a stranger's, are never imported."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram import pmi
from skipgram.errors import ConfigError
from skipgram.tokenizers import RecordedName, load_tokenizer, recorded

SMALL: dict[str, Any] = {"vector_size": 4, "min_count": 1, "sample": 0, "epochs": 1, "threads": 1}


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a function whose module leaves a file behind when it is imported."""
    (tmp_path / "trap_module.py").write_text(
        f"open({str(tmp_path / 'sprung')!r}, 'w').close()\ndef split(line): return line.split()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "trap_module", raising=False)
    return "trap_module:split"


def name_tokenizer(path: Path, tokenizer: str) -> None:
    content = json.loads(path.read_text())
    content["reading"] = {"tokenizer": tokenizer}
    path.write_text(json.dumps(content))


def test_held_out_text_of_an_encoded_corpus(planted_text: Path, tmp_path: Path, trap: str) -> None:
    skipgram.encode(planted_text, tmp_path / "encoded", min_count=1)
    name_tokenizer(tmp_path / "encoded" / "corpus.json", trap)
    with pytest.raises(ConfigError, match=f"{trap} splits this text, but it is not imported"):
        skipgram.train(tmp_path / "encoded", validation=str(planted_text), **SMALL)
    assert not (tmp_path / "sprung").exists()
    assert len(skipgram.train(tmp_path / "encoded", **SMALL)) == 40


def test_a_model_that_is_compared(planted_text: Path, tmp_path: Path, trap: str) -> None:
    skipgram.train(planted_text, **SMALL).save(tmp_path / "model")
    name_tokenizer(tmp_path / "model" / "training.json", trap)
    model = skipgram.load(tmp_path / "model")
    with pytest.raises(ConfigError, match=f"{trap} splits this text, but it is not imported"):
        pmi.compare(model, planted_text)
    assert not (tmp_path / "sprung").exists()
    assert pmi.compare(model, planted_text, tokenizer=str.split).pairs > 10


def test_a_name_that_the_user_gives_is_imported() -> None:
    assert load_tokenizer("builtins:str.split")("a b") == ["a", "b"]
    name = recorded({"tokenizer": "builtins:str.split"})["tokenizer"]
    assert isinstance(name, RecordedName)
    with pytest.raises(ConfigError, match="set tokenizer to it if you trust it"):
        load_tokenizer(name)
    assert recorded({"lowercase": True}) == {"lowercase": True}


def test_the_command_line_takes_the_tokenizer_again(
    run: Callable[..., Any], planted_text: Path, tmp_path: Path
) -> None:
    skipgram.train(planted_text, lowercase=True, tokenizer=str.split, **SMALL).save(tmp_path / "m")
    name = json.loads((tmp_path / "m" / "training.json").read_text())["reading"]["tokenizer"]
    answer = run("pmi", planted_text, "--compare", tmp_path / "m")
    assert answer.code in (1, 2)
    assert "set --tokenizer to it if you trust it" in answer.err
    answer = run("pmi", planted_text, "--compare", tmp_path / "m", "--tokenizer", name)
    assert answer.code == 0, answer.err
    assert "pairs: correlation" in answer.out
