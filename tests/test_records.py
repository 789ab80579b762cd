"""Values of the wrong type in a model's or a corpus's JSON are named; none is a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import skipgram
from skipgram import Embeddings
from skipgram.corpus.stored import open_encoded
from skipgram.errors import ConfigError, FormatError
from skipgram.records import Record, check_training, checked

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"raw_words": "many"}, "raw_words is 'many'"),
    ({"raw_words": 2.5}, r"raw_words is 2\.5"),
    ({"raw_words": -1}, "raw_words is -1"),
    ({"raw_words": 10**400}, "raw_words is 1000"),
    ({"raw_words": True}, "raw_words is True"),
    ({"raw_words": None}, "raw_words is None"),
    ({"sentences": [1]}, r"sentences is \[1\]"),
    ({"vocabulary_size": {}}, "vocabulary_size is {}"),
    ({"rare_words": "x"}, "rare_words is 'x'"),
    ({"skipped_files": "x"}, "skipped_files is 'x'"),
    ({"skipped_files": 2, "first_skipped": []}, r"first_skipped is \[\]"),
    ({"reading": "x"}, "reading is 'x'"),
    ({"reading": {"stopwords": 7}}, r"reading\.stopwords is 7"),
    ({"reading": {"stopwords": [7]}}, r"reading\.stopwords\.0 is 7"),
    ({"reading": {"tokenizer": 7}}, r"reading\.tokenizer is 7"),
    ({"config": []}, r"config is \[\]"),
    ({"config": {"max_vocab": "x"}}, r"config\.max_vocab is 'x'"),
    ({"config": {"min_count": []}}, r"config\.min_count is \[\]"),
    ({"config": {"objective": {}}}, r"config\.objective is {}"),
    ({"config": {"architecture": []}}, r"config\.architecture is \[\]"),
    ({"started_from": 3}, "started_from is 3"),
    ({"started_from": {}}, r"started_from\.option is {}"),
    ({"loss": 3}, "loss is 3"),
    ({"loss": ["x"]}, r"loss\.0 is 'x'"),
    ({"validation_loss": {"a": 1}}, "validation_loss is {'a': 1}"),
    ({"validation_loss": [1.0], "best_epoch": 2}, "best_epoch is 2; it must be at most 1"),
    ({"best_epoch": 0}, "best_epoch is 0"),
    ({"training_seconds": "x"}, "training_seconds is 'x'"),
    ({"raw_words_per_second": []}, r"raw_words_per_second is \[\]"),
    ({"raw_words_per_second": 10**400}, "raw_words_per_second is 1000"),
    ({"versions": [1]}, r"versions is \[1\]"),
    ({"versions": {"python": 3}}, r"versions\.python is 3"),
    ({"deep": json.loads("[" * 70 + "]" * 70)}, "nested over 64 levels"),
]


@pytest.mark.parametrize(("training", "message"), WRONG, ids=lambda value: repr(value)[:50])
def test_wrong_types_in_a_model_are_named(
    training: dict[str, Any], message: str, run: Any, tmp_path: Path
) -> None:
    fine = Embeddings(["a", "b"], np.eye(2), training={"loss": [1, 2.5], "mine": {"x": [None]}})
    fine.save(tmp_path / "directory")
    (tmp_path / "directory" / "training.json").write_text(json.dumps(training))
    words = np.frombuffer(b'["a", "b"]', np.uint8)
    tensors: dict[str, Any] = {"words": words, "input": np.eye(2, dtype=np.float32)}
    save_file(tensors, tmp_path / "file.safetensors", {"training": json.dumps(training)})
    for name in ("directory", "file.safetensors"):
        with pytest.raises(FormatError, match=message):
            skipgram.load(tmp_path / name)
        answer = run("info", tmp_path / name)
        assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    with pytest.raises(ConfigError, match=message):  # it could not be read back
        Embeddings(["a"], [[1.0]], training=training).save(tmp_path / "model")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"words": "4"}, "words is 4"),
        ({"words": 2**70}, "words is 1180591620717411303424"),
        ({"sentences": None}, "sentences is None"),
        ({"sentences": -3}, "sentences is -3"),
        ({"min_count": [1]}, r"min_count is \[1\]"),
        ({"min_count": 0}, "min_count is 0"),
        ({"max_vocab": "x"}, "max_vocab is 'x'"),
        ({"fingerprint": 5}, "fingerprint is 5"),
        ({"reading": 5}, "reading is 5"),
        ({"reading": {"lowercase": "perhaps"}}, "lowercase is 'perhaps'"),
        ({"report": []}, r"report is \[\]"),
        ({"report": {}}, "raw_words"),
        ({"version": []}, "another version"),
    ],
    ids=repr,
)
def test_wrong_types_in_an_encoded_corpus_are_named(
    changed: dict[str, Any], message: str, run: Any, tmp_path: Path
) -> None:
    skipgram.encode([["a", "b"]] * 5, tmp_path / "corpus", min_count=1)
    path = tmp_path / "corpus" / "corpus.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    with pytest.raises(FormatError, match=rf"corpus\.json, .*{message}.*; encode the text again"):
        open_encoded(tmp_path / "corpus")
    for command in (["info"], ["train", "--output", tmp_path / "model"]):
        answer = run(*command, tmp_path / "corpus")
        assert (answer.code, len(answer.err.splitlines())) == (1, 1)


def test_a_report_of_the_wrong_type_is_named(run: Any, tmp_path: Path) -> None:
    skipgram.encode([["a", "b"]] * 5, tmp_path / "corpus", min_count=1)
    path = tmp_path / "corpus" / "corpus.json"
    content = json.loads(path.read_text())
    content["report"]["raw_words"] = "many"
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match="raw_words"):
        open_encoded(tmp_path / "corpus")
    assert len(run("info", tmp_path / "corpus").err.splitlines()) == 1


def test_other_names_are_kept_unchecked() -> None:
    check_training({"mine": object(), "config": {"mine": 1}, "reading": {"mine": []}})
    check_training({"validation_loss": [1.0, 2], "best_epoch": 2})
    checked(Record, {"anything": 1})
