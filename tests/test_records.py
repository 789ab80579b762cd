"""Values of the wrong type in a model's or a corpus's JSON are named; none is a traceback."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import skipgram
from skipgram import Embeddings
from skipgram.cli.terminal import json_text
from skipgram.corpus.stored import open_encoded
from skipgram.descriptions import corpus_rows, training_rows
from skipgram.errors import ConfigError, FormatError, SkipgramError
from skipgram.records import Record, Training, check_training, checked

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
    ({"started_from": {}}, r"started_from\.option is missing"),
    ({"loss": 3}, "loss is 3"),
    ({"loss": ["x"]}, r"loss\.0 is 'x'"),
    ({"loss": ["2.5"]}, r"loss\.0 is '?2\.5"),
    ({"loss": [True]}, r"loss\.0 is True"),
    ({"validation_loss": {"a": 1}}, "validation_loss is {'a': 1}"),
    ({"validation_loss": [1.0], "best_epoch": 2}, "best_epoch is 2; it must be at most 1"),
    ({"best_epoch": 0}, "best_epoch is 0"),
    ({"training_seconds": "x"}, "training_seconds is 'x'"),
    ({"training_seconds": "12.5"}, r"training_seconds is '?12\.5"),
    ({"long_words": "7"}, "long_words is '?7"),
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


VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 7, 2.5, 1e300, 10**400, "x", "2.5", "\ud800", [], [1], [2.5], ["2.5"]),
    *([None], [[]], [{}], {}, {"a": 1}, {"a": "b"}, {"option": None, "known_words": 1}),
    *({"option": "resume_from", "known_words": 1}, {"python": "3"}, {"python": None}),
)
"""Values of every kind that JSON has."""
WHOLE: dict[str, Any] = {
    "raw_words": 9,
    "raw_sentences": 0,
    "sentences": 2,
    "vocabulary_size": 4,
    "loss": [2.5, 1],
    "skipped_files": 1,
    "first_skipped": "a.gz",
    "validation_loss": [2.5],
    "best_epoch": 1,
    "training_seconds": 1.5,
    "raw_words_per_second": 6,
    "versions": {"python": "3"},
    "rare_words": 1,
    "stop_words": 1,
    "undecodable_words": 1,
    "rows_without_value": 1,
    "long_words": 1,
    "nul_bytes": 1,
    "reading": {"lowercase": True, "stopwords": ["a"]},
    "config": {"min_count": 5, "max_vocab": 7, "objective": "negative", "architecture": "cbow"},
    "started_from": {"option": "resume_from", "known_words": 1},
}
"""Everything that `info` describes."""


def test_info_describes_only_values_that_are_checked() -> None:
    read: set[str] = set()

    class Watched(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            read.add(name)
            return super().__getitem__(name)

        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return super().get(name, default)

    corpus_rows(Watched(WHOLE))
    training_rows(Watched(WHOLE))
    assert read == WHOLE.keys()
    assert read <= Training.model_fields.keys()


@pytest.mark.parametrize(
    "path",
    [
        *((name,) for name in (*WHOLE, "method", "eigenvalue_weight", "keys", "mine")),
        *(("config", name) for name in ("min_count", "max_vocab", "objective", "architecture")),
        *(("config", name) for name in ("window", "seed", "mine")),
        *(("reading", name) for name in ("stopwords", "tokenizer", "lowercase", "mine")),
        *(("started_from", name) for name in ("option", "known_words")),
        *(("versions", name) for name in ("python", "skipgram")),
    ],
    ids=".".join,
)
@pytest.mark.parametrize("method", [{}, {"method": "PMI"}], ids=["trained", "counted"])
def test_info_describes_what_it_does_not_refuse(
    path: tuple[str, ...], method: dict[str, str]
) -> None:
    for value in VALUES:
        training = copy.deepcopy(WHOLE | method)
        inside = training if len(path) == 1 else training[path[0]]
        inside[path[-1]] = value
        try:
            check_training(training)
        except ValueError:
            continue
        rows = corpus_rows(training) | training_rows(training)
        assert all(isinstance(text, str) for text in rows.values())
        json_text(training)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
@pytest.mark.parametrize("name", ["loss", "mine"])
def test_numbers_that_are_not_finite_are_refused(
    name: str, number: str, run: Any, tmp_path: Path
) -> None:
    Embeddings(["a", "b"], np.eye(2)).save(tmp_path / "model")
    (tmp_path / "model" / "training.json").write_text(f'{{"{name}": [{number}]}}')
    with pytest.raises(FormatError, match=f"it holds the number {number}; numbers must be finite"):
        skipgram.load(tmp_path / "model")
    for options in ([], ["--json"]):
        answer = run("info", tmp_path / "model", *options)
        assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    given = Embeddings(["a"], [[1.0]], training={name: [float(number)]})
    for file in ("new", "new.safetensors"):
        with pytest.raises(ConfigError, match="finite"):
            given.save(tmp_path / file)


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("name", ["alpha", "window", "negative", "optimizer", "threads", "mine"])
def test_a_model_with_any_recorded_option_is_continued_or_refused(
    name: str, value: Any, tmp_path: Path
) -> None:
    training = {"config": {"objective": "negative", "architecture": "skipgram", name: value}}
    vectors = np.eye(2, dtype=np.float32)
    Embeddings(["a", "b"], vectors, vectors, [5, 5]).save(tmp_path / "model")
    (tmp_path / "model" / "training.json").write_text(json.dumps(training))
    options: dict[str, Any] = {"min_count": 1, "epochs": 1, "sample": 0, "progress": False}
    try:
        skipgram.train([["a", "b"]] * 5, resume_from=tmp_path / "model", **options)
    except SkipgramError as error:
        assert f"{name} is " in str(error)


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
