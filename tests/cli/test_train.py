"""The commands that train: train, tune and quickstart."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram
from skipgram import TrainConfig
from skipgram.training import memory

Run = Callable[..., Any]
SMALL = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]


def test_train_saves_a_model(run: Run, planted_text: Path, tmp_path: Path) -> None:
    answer = run("train", planted_text, "--output", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert answer.out == f"40 words x 16 dimensions saved to {tmp_path / 'model'}\n"
    scan = "corpus: 16,000 words, 2,000 sentences; vocabulary: 40 of 40 different words"
    assert scan in answer.err
    assert "memory: " in answer.err
    assert "epoch 3/3: loss " in answer.err
    assert len(skipgram.load(tmp_path / "model")) == 40


def test_train_prints_json_and_no_progress(run: Run, planted_text: Path, tmp_path: Path) -> None:
    texts = [planted_text, planted_text]
    answer = run("train", *texts, "-o", tmp_path / "model", "--quiet", "--json", *SMALL)
    assert answer.err == ""
    training = json.loads(answer.out)
    assert training["raw_words"] == 32_000
    assert training["config"]["vector_size"] == 16


def test_every_field_of_train_config_is_an_option(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    options = {
        "objective": "negative",
        "architecture": "skipgram",
        "cbow_context": "mean",
        "optimizer": "adagrad",
        "vector_size": 8,
        "window": 5,  # others have no effect, since both sides are set
        "window_left": 2,
        "window_right": 4,
        "shrink_windows": False,
        "negative": 7,
        "preset": "fast",
        "step_per": "word",
        "negative_sharing": "pair",
        "ns_exponent": 0.5,
        "sample": 0.01,
        "min_count": 2,
        "max_vocab": 30,
        "epochs": 2,
        "batch": 128,
        "alpha": 0.05,
        "min_alpha": 0.001,
        "threads": 1,
        "deterministic": True,
        "seed": 5,
        "postprocess": "mean",
        "exact_loss": True,
        "validation": 0.05,
        "patience": 1,
    }
    assert set(options) == set(TrainConfig.model_fields)
    flags: list[Any] = ["--no-shrink-windows", "--deterministic", "--exact-loss"]
    for name, value in options.items():
        if not isinstance(value, bool):
            flags += [f"--{name.replace('_', '-')}", value]
    assert run("train", planted_text, "-o", tmp_path / "model", *flags).code == 0
    assert skipgram.load(tmp_path / "model").training["config"] == options


def test_a_second_training_replaces_the_model(run: Run, planted_text: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        answer = run("train", planted_text, "-o", tmp_path / "model", *SMALL, "--seed", seed)
        assert answer.code == 0
    assert skipgram.load(tmp_path / "model").training["config"]["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_name_in_safetensors_saves_one_file(run: Run, planted_text: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    for end in ("", ", replacing the model that was there"):
        answer = run("train", planted_text, "-o", path, *SMALL)
        assert answer.out == f"40 words x 16 dimensions saved to {path}{end}\n"
    assert path.is_file()
    assert run("train", planted_text, "-o", tmp_path / "more", "--resume-from", path).code == 0
    for command in (["info"], ["neighbors", "a1"], ["similarity", "a1", "a2"]):
        assert run(command[0], path, *command[1:]).code == 0
    path.write_text("years of text\n")
    answer = run("train", planted_text, "-o", path, *SMALL)
    assert_one_line(answer, 1, "will not replace", "does not look like a model file of skipgram")
    assert "epoch" not in answer.err


def test_training_starts_from_given_vectors(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    flags = ["--initial", planted_model, "--freeze", "--epochs", 1, "--threads", 1]
    answer = run("train", planted_text, "-o", tmp_path / "model", *flags)
    assert answer.code == 0
    assert "warm start: 40 words from given vectors, 0 from random ones\n" in answer.err
    given, model = skipgram.load(planted_model), skipgram.load(tmp_path / "model")
    assert model["a1"].tobytes() == given["a1"].tobytes()
    facts = json.loads(run("info", tmp_path / "model", "--json").out)
    assert facts["training"]["started_from"]["frozen"] is True
    shown = run("info", tmp_path / "model").out
    assert "started from  40 words of another model (--initial)\n" in shown


@pytest.mark.parametrize("spelling", [["--corpus"], []])
def test_resumed_training_adds_words(
    run: Run, planted_model: Path, tmp_path: Path, spelling: list[str]
) -> None:
    texts = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for text, word in zip(texts, "ab", strict=True):
        text.write_text(f"{word}1 {word}2 new-{word}\n" * 50)
    flags = ["--resume-from", planted_model, "-o", tmp_path / "grown", "--sample", 0]
    answer = run("train", *flags, *spelling, *texts)
    assert answer.code == 0
    assert "warm start: 4 words from given vectors, 2 from random ones" in answer.err
    assert "; vectors of 36 words not in the corpus are kept unchanged\n" in answer.err
    assert len(skipgram.load(tmp_path / "grown")) == 42


def test_words_that_are_not_utf8_are_counted(run: Run, planted_text: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(planted_text.read_bytes() + b"caf\xe9 a1 a2\n" * 3)
    answer = run("train", text, "-o", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert "warning: 3 words are not UTF-8 and were dropped" in answer.err
    assert skipgram.load(tmp_path / "model").training["undecodable_words"] == 3


def test_a_corpus_from_standard_input(planted_text: Path, tmp_path: Path) -> None:
    flags = ["--output", str(tmp_path / "model"), "--quiet", "--epochs", "1"]
    command = [sys.executable, "-m", "skipgram", "train", "-", *flags]
    text = gzip.compress(planted_text.read_bytes())
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"40 words x 100 dimensions saved")


def test_a_corpus_from_a_table(
    run: Run, planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    rows = "".join(json.dumps({"tokens": sentence}) + "\n" for sentence in planted_sentences)
    (tmp_path / "a.jsonl").write_text(rows)
    flags = ["--column", "tokens", "-o", tmp_path / "model", "--epochs", 1]
    assert run("train", tmp_path / "*.jsonl", *flags).code == 0
    refused = run("train", tmp_path / "a.jsonl", "-o", tmp_path / "other")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "with --column NAME, one of: 'tokens'" in refused.err
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n \n", "holds no words"),
        (b"hello hello\nhello\n", "holds only one word, repeated; "),
        (
            b"to be or not to be\n",
            "the most frequent of the 4 different words occurs 2 times; lower --min-count",
        ),
        (b"a b\xe9\x00c " * 100, "holds NUL bytes: it is binary"),
        (b"\x1f\x8b\x08" + bytes(range(256)), "is damaged: "),
        (b"\x7fELF\x02\x01\x01\x00\x00", "is a program, not text"),
        (b"one\ntwo\n" * 9, "no two words of the corpus are in the same sentence"),
    ],
)
def test_bad_corpus(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(content)
    assert_one_line(run("train", text, "-o", tmp_path / "model"), 1, said)
    assert not (tmp_path / "model").exists()


def test_missing_corpus_and_directory(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "model"
    assert_one_line(run("train", tmp_path / "none.txt", "-o", model), 1, "none.txt does not exist")
    answer = run("train", tmp_path, "-o", model)
    assert_one_line(answer, 1, "holds no files; name a directory that holds text files")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_unreadable_corpus(run: Run, planted_text: Path, tmp_path: Path) -> None:
    text = shutil.copy(planted_text, tmp_path / "text.txt")
    Path(text).chmod(0)
    answer = run("train", text, "-o", tmp_path / "model")
    assert_one_line(answer, 1, "cannot be read: permission denied")


def test_other_files_are_not_overwritten(run: Run, planted_text: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    answer = run("train", planted_text, "-o", tmp_path)
    assert_one_line(answer, 1, "it holds 'thesis.tex'", "a new or empty directory")
    file = tmp_path / "thesis.tex"
    answer = run("train", planted_text, "-o", file)
    assert_one_line(
        answer, 1, "it is a file; choose a directory, or a name that ends in .safetensors"
    )
    assert file.read_text() == "years of work"
    assert list(tmp_path.iterdir()) == [file]


def test_failed_training_keeps_the_old_model(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    flags = ["--alpha", 10, "--negative", 64, "--epochs", 60, "--threads", 1, "--sample", 0]
    answer = run("train", planted_text, "-o", model, *flags, "--quiet")
    assert_one_line(answer, 1, "is not finite; lower --alpha (10.0 now)")
    assert (skipgram.load(model).input == skipgram.load(planted_model).input).all()


def test_a_model_too_large_for_memory(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda *_: 1000)
    answer = run("train", planted_text, "-o", tmp_path / "model")
    assert_one_line(
        answer, 1, "training needs ", "lower --vector-size or --max-vocab, or raise --min-count"
    )


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (
            ["--vector-size", 0],
            2,
            "--vector-size is 0; it must be a whole number, at least 1 and at most 4096",
        ),
        (["--negative", 65], 2, "--negative is 65; it must be"),
        (["--window", 1000001], 2, "--window is 1000001; it must be"),
        (["--alpha", -1], 2, "--alpha is -1; it must be"),
        (["--vector-size", "many"], 2, "--vector-size is 'many'; it must be"),
        (["--vectorsize", 10], 2, "--vectorsize"),
        (["--config", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
    ],
)
def test_bad_options(
    run: Run, planted_text: Path, tmp_path: Path, flags: list[Any], code: int, said: str
) -> None:
    assert_one_line(run("train", planted_text, "-o", tmp_path / "model", *flags), code, said)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--freeze"], 2, "--freeze has no effect without given vectors"),
        (["--initial", "nowhere"], 1, "nowhere"),
        (
            ["--initial", "MODEL", "--resume-from", "MODEL"],
            2,
            "--initial and --resume-from are both given",
        ),
        (
            ["--initial", "MODEL", "--vector-size", 9],
            2,
            "--vector-size 9, but the given vectors have 16 dimensions",
        ),
        (["--resume-from", "TEXT"], 1, "is not a file of vectors"),
        (
            ["--resume-from", "MODEL", "--objective", "hierarchical"],
            2,
            "use --initial instead, which needs only input vectors",
        ),
    ],
)
def test_bad_warm_starts(
    run: Run,
    planted_text: Path,
    planted_model: Path,
    tmp_path: Path,
    flags: list[Any],
    code: int,
    said: str,
) -> None:
    paths = {"MODEL": planted_model, "TEXT": planted_text}
    given = [paths.get(flag, flag) for flag in flags]
    answer = run("train", planted_text, "-o", tmp_path / "model", *given)
    assert_one_line(answer, code, said)
    assert not (tmp_path / "model").exists()


def test_tune_needs_the_name_of_a_set(run: Run) -> None:
    answer = run("tune", "text.txt", "--set")
    assert_one_line(answer, 2, "--set needs at least one evaluation set")


def test_quickstart_prints_commands_that_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    skipgram.Embeddings(["a", "b"], [[1.0], [2.0]]).save("my model")
    answer = run("quickstart", "--output", "my model")
    assert answer.code == 0
    assert "  function: " in answer.out
    assert "saved to my model, replacing the model that was there\n" in answer.out
    assert "list is to lists as string is to: " in answer.out
    lines = answer.out.splitlines()
    assert lines[-1].startswith("  ")
    assert lines[-1].endswith(" train TEXT.txt --output my-model")
    assert lines[-3].endswith(" explore 'my model'")
    for line in lines[-6:-4]:
        words = shlex.split(line)
        assert subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode == 0, line
    assert skipgram.load("vectors.bin").words == skipgram.load("my model").words
    embeddings = skipgram.load("my model")
    assert 400_000 < embeddings.training["raw_words"] < 2_000_000
    assert "strings" in {word for word, _ in embeddings.most_similar("string")}
