"""Each verb doing its work; what goes wrong is in test_errors.py."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram import TrainConfig
from skipgram.cli.app import app
from skipgram.formats import EXPORTS

Run = Callable[..., Any]
SMALL = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]


def test_train_saves_a_model(run: Run, planted_text: Path, tmp_path: Path) -> None:
    answer = run("train", planted_text, "--output", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert answer.out == f"40 words x 16 numbers saved to {tmp_path / 'model'}\n"
    assert (
        "corpus: 16,000 words, 2,000 sentences; vocabulary: 40 of 40 different words" in answer.err
    )
    assert "memory: " in answer.err
    assert "epoch 3/3: loss " in answer.err
    assert len(skipgram.load(tmp_path / "model")) == 40


def test_train_quietly(run: Run, planted_text: Path, tmp_path: Path) -> None:
    answer = run(
        "train",
        planted_text,
        planted_text,
        "--output",
        tmp_path / "model",
        "--quiet",
        "--json",
        *SMALL,
    )
    assert answer.err == ""
    training = json.loads(answer.out)
    assert training["raw_words"] == 32_000
    assert training["config"]["vector_size"] == 16


def test_every_option_is_a_flag(run: Run, planted_text: Path, tmp_path: Path) -> None:
    options = {
        "objective": "negative",
        "architecture": "skipgram",
        "cbow_context": "mean",
        "optimizer": "adagrad",
        "vector_size": 8,
        "window": 5,  # another one would have no effect beside both sides
        "window_left": 2,
        "window_right": 4,
        "shrink_windows": False,
        "negative": 7,
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
        "seed": 5,
        "validation": 0.05,
        "patience": 1,
    }
    assert set(options) == set(TrainConfig.model_fields)
    flags: list[Any] = ["--no-shrink-windows"]
    for name, value in options.items():
        if name != "shrink_windows":
            flags += [f"--{name.replace('_', '-')}", value]
    assert run("train", planted_text, "-o", tmp_path / "model", *flags).code == 0
    assert skipgram.load(tmp_path / "model").training["config"] == options


def test_options_from_a_file_and_flags_before_them(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    file = tmp_path / "options.toml"
    file.write_text("vector-size = 8\nepochs = 2\nthreads = 1\n")
    assert (
        run("train", planted_text, "-o", tmp_path / "model", "--config", file, "--epochs", 1).code
        == 0
    )
    config = skipgram.load(tmp_path / "model").training["config"]
    assert (config["vector_size"], config["epochs"], config["threads"]) == (8, 1, 1)


def test_a_model_is_replaced_by_the_next(run: Run, planted_text: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        assert (
            run("train", planted_text, "-o", tmp_path / "model", *SMALL, "--seed", seed).code == 0
        )
    assert skipgram.load(tmp_path / "model").training["config"]["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_training_may_start_from_given_vectors(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    flags = ["--initial", planted_model, "--freeze", "--epochs", 1, "--threads", 1]
    answer = run("train", planted_text, "-o", tmp_path / "model", *flags)
    assert answer.code == 0
    assert "start: 40 words at given vectors, 0 at fresh ones\n" in answer.err
    given, model = skipgram.load(planted_model), skipgram.load(tmp_path / "model")
    assert model["a1"].tobytes() == given["a1"].tobytes()
    assert (
        json.loads(run("info", tmp_path / "model", "--json").out)["training"]["started_from"][
            "frozen"
        ]
        is True
    )
    assert "started_from: option initial, fingerprint" in run("info", tmp_path / "model").out


@pytest.mark.parametrize("spelling", [["--corpus"], []])
def test_a_model_grows(run: Run, planted_model: Path, tmp_path: Path, spelling: list[str]) -> None:
    texts = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for text, word in zip(texts, "ab", strict=True):
        text.write_text(f"{word}1 {word}2 new-{word}\n" * 50)
    answer = run(
        "train",
        "--resume-from",
        planted_model,
        "-o",
        tmp_path / "grown",
        "--sample",
        0,
        *spelling,
        *texts,
    )
    assert answer.code == 0
    said = "start: 4 words at given vectors, 2 at fresh ones; 36 words that the corpus does not hold stay as given\n"
    assert said in answer.err
    assert len(skipgram.load(tmp_path / "grown")) == 42


def test_words_that_are_not_utf8_are_counted(run: Run, planted_text: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(planted_text.read_bytes() + b"caf\xe9 a1 a2\n" * 3)
    answer = run("train", text, "-o", tmp_path / "model", *SMALL)
    assert answer.code == 0
    assert "warning: 3 words are not UTF-8 and were dropped" in answer.err
    assert skipgram.load(tmp_path / "model").training["undecodable_words"] == 3


def test_neighbors(run: Run, planted_model: Path) -> None:
    answer = run("neighbors", planted_model, "a1", "-n", 3)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert len(lines) == 3
    assert all(line.split()[1].startswith("a") for line in lines)
    several = json.loads(run("neighbors", planted_model, "a1", "b1", "--topn", 2, "--json").out)
    assert {word: len(found) for word, found in several.items()} == {"a1": 2, "b1": 2}
    assert several["b1"][0]["word"].startswith("b")
    assert run("neighbors", planted_model, "a1", "b1").out.startswith("a1:\n")


def test_neighbors_of_a_sum(run: Run, planted_model: Path) -> None:
    embeddings = skipgram.load(planted_model)
    answer = run(
        "neighbors", planted_model, "--positive", "a1", "b1", "--negative", "a2", "-n", 3, "--json"
    )
    expected = embeddings.most_similar(["a1", "b1"], ["a2"], topn=3)
    assert [(entry["word"], entry["similarity"]) for entry in json.loads(answer.out)] == expected
    assert (
        len(
            run(
                "neighbors", planted_model, "--negative", "a2", "--vectors", "output"
            ).out.splitlines()
        )
        == 10
    )


def test_odd_one_out_and_similarity(run: Run, planted_model: Path) -> None:
    assert run("odd-one-out", planted_model, "a1", "a2", "b1", "a3").out == "b1\n"
    assert json.loads(run("odd-one-out", planted_model, "c1", "b1", "b2", "--json").out) == {
        "word": "c1"
    }
    embeddings = skipgram.load(planted_model)
    for vectors in ("input", "output", "average"):
        answer = json.loads(
            run("similarity", planted_model, "a1", "b1", "--vectors", vectors, "--json").out
        )
        assert answer == {"similarity": embeddings.similarity("a1", "b1", vectors)}
    assert run("similarity", planted_model, "a1", "a1").out == "1.0000\n"


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy(run: Run, planted_model: Path, method: str) -> None:
    answer = run("analogy", planted_model, "a1", "a2", "b1", "--method", method, "--json")
    embeddings = skipgram.load(planted_model)
    expected = embeddings.analogy("a1", "a2", "b1", topn=5, method=method)  # type: ignore[arg-type]
    assert [entry["word"] for entry in json.loads(answer.out)] == [word for word, _ in expected]
    assert len(run("analogy", planted_model, "a1", "a2", "b1").out.splitlines()) == 5


def test_evaluate(run: Run, planted_model: Path, tmp_path: Path) -> None:
    pairs, questions = tmp_path / "pairs.tsv", tmp_path / "questions.txt"
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\nc3\tunheard\t5\n")
    questions.write_text(": same\na1 a2 a3 a4\n")
    answer = run("evaluate", planted_model, pairs, questions)
    assert answer.code == 0
    first, second = answer.out.splitlines()
    assert re.match(r"pairs.tsv: Spearman [01]\.\d{3} ", first)
    assert "4 of 5 pairs covered" in first
    assert second.startswith("questions.txt: accuracy")
    results = json.loads(run("evaluate", planted_model, pairs, questions, "--json").out)
    assert results[str(pairs)]["missing"] == [["c3", "unheard"]]
    assert results[str(questions)]["total"]["questions"] == 1


def test_evaluate_several_models_on_sets_by_name(
    run: Run, planted_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rg65.tsv").write_text(
        "word1\tword2\tscore\na1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n"
    )
    (tmp_path / "questions-words.txt").write_text(": same\na1 a2 a3 a4\n")
    monkeypatch.setenv("SKIPGRAM_DATA", str(tmp_path))
    other = tmp_path / "other.bin"
    run("export", planted_model, other)
    answer = run("evaluate", planted_model, other, "--set", "rg65", "questions-words")
    heading, first, second = answer.out.splitlines()
    assert heading.split() == ["set", str(planted_model), str(other)]
    assert re.match(r"rg65 +[01]\.\d{3}  4/4 +[01]\.\d{3}  4/4", first)
    assert re.match(r"questions-words +[01]\.000  1/1 +[01]\.000  1/1", second)
    results = json.loads(run("evaluate", planted_model, other, "--set", "rg65", "--json").out)
    assert (
        results[str(planted_model)]["rg65"]["spearman"] == results[str(other)]["rg65"]["spearman"]
    )
    alone = json.loads(
        run("evaluate", planted_model, "--set", "rg65", "--json", "--restrict", 1).out
    )
    assert alone[str(planted_model)]["rg65"]["covered"] == 0
    assert run("evaluate", planted_model, "rg65").out.startswith("rg65: Spearman ")


def test_sets_of_one_name_are_told_apart_and_repeats_refused(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    sets = [tmp_path / folder / "set.tsv" for folder in ("one", "two")]
    for path in sets:
        path.parent.mkdir()
        path.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\n")
    answer = run("evaluate", planted_model, *sets)
    assert [line.split(": ")[0] for line in answer.out.splitlines()] == [str(path) for path in sets]
    other = tmp_path / "other.bin"
    run("export", planted_model, other)
    answer = run("evaluate", planted_model, other, "--set", *sets)
    assert [line.split()[0] for line in answer.out.splitlines()] == ["set", *map(str, sets)]
    for arguments, what in (
        ([planted_model, *sets, sets[0]], f"the set {sets[0]}"),
        ([planted_model, planted_model, "--set", sets[0]], f"the model {planted_model}"),
    ):
        answer = run("evaluate", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert f"{what} is given 2 times; give it once" in answer.err
    assert run("tune", "none.txt", "--set", sets[0], sets[0]).code == 2


@pytest.mark.parametrize("name", sorted({*EXPORTS} - {"postgres"}))
def test_export(run: Run, planted_model: Path, tmp_path: Path, name: str) -> None:
    assert run("export", planted_model, tmp_path / "vectors", "--format", name).code == 0
    exported, embeddings = skipgram.load(tmp_path / "vectors"), skipgram.load(planted_model)
    assert exported.words == embeddings.words
    assert (exported.input == embeddings.input).all()


def test_the_targets_name_says_the_format(run: Run, planted_model: Path, tmp_path: Path) -> None:
    assert run("export", planted_model, tmp_path / "words.sql").code == 0
    assert (tmp_path / "words.sql").read_text().count("\n") == 40 + 10
    assert run("export", planted_model, tmp_path / "vectors.txt.gz").code == 0
    assert run("neighbors", tmp_path / "vectors.txt.gz", "a1").code == 0


def test_info(run: Run, planted_model: Path) -> None:
    answer = run("info", planted_model)
    assert "words: 40\n" in answer.out
    assert "vector_size: 16\n" in answer.out
    assert "raw_words: 16000\n" in answer.out
    facts = json.loads(run("info", planted_model, "--json").out)
    assert facts["training"]["config"]["epochs"] == 10


def test_softmax_says_how_long_it_will_take(run: Run, planted_text: Path, tmp_path: Path) -> None:
    answer = run(
        "train",
        planted_text,
        "-o",
        tmp_path / "model",
        *SMALL,
        "--objective",
        "softmax",
        "--batch",
        32,
    )
    assert answer.code == 0
    assert re.search(
        r"^expected time: 0:00:0\d an epoch, 0:00:0\d for 3 epochs$", answer.err, re.MULTILINE
    )
    assert "scores and gradients of 32 centres" in answer.err


def test_the_state_of_the_optimizer_is_in_the_memory_plan(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    answer = run("train", planted_text, "-o", tmp_path / "model", *SMALL, "--optimizer", "adam")
    assert "state of adam" in answer.err


def test_vectors_can_be_chosen_wherever_they_are_asked(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    embeddings = skipgram.load(planted_model)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    for vectors in ("input", "output", "average"):
        found = json.loads(
            run("neighbors", planted_model, "a1", "--vectors", vectors, "--json").out
        )["a1"]
        expected = embeddings.most_similar("a1", which=vectors)
        assert [entry["word"] for entry in found] == [word for word, _ in expected]
        result = json.loads(
            run("evaluate", planted_model, pairs, "--vectors", vectors, "--json").out
        )
        assert result[str(pairs)]["which"] == vectors
        assert run("analogy", planted_model, "a1", "a2", "b1", "--vectors", vectors).code == 0
        assert run("export", planted_model, tmp_path / vectors, "--vectors", vectors).code == 0
        assert (skipgram.load(tmp_path / vectors).input == embeddings.vectors(vectors)).all()


def test_phrases(run: Run, tmp_path: Path) -> None:
    text, joined, table = tmp_path / "text.txt", tmp_path / "joined.txt", tmp_path / "phrases.tsv"
    text.write_text("".join(f"in new york city x{n}\n" for n in range(20)))
    flags = ["--threshold", 0.5, "--min-count", 2, "--threads", 1]
    answer = run("phrases", text, "--output", joined, "--phrases", table, *flags)
    assert answer.out == f"3 phrases; 100 words became 60, written to {joined}\n"
    assert "corpus: 100 words, 20 sentences" in answer.err
    assert "pass 1: done in" in answer.err
    assert joined.read_text().startswith("in_new york_city x0\nin_new york_city x1\n")
    assert [line.split("\t")[:2] for line in table.read_text().splitlines()] == [
        ["phrase", "count"], ["in_new", "20"], ["new_york", "20"], ["york_city", "20"],
    ]  # fmt: skip
    answer = run(
        "phrases",
        text,
        "-o",
        joined,
        *flags,
        "--scoring",
        "npmi",
        "--passes",
        2,
        "--quiet",
        "--json",
    )
    assert json.loads(answer.out) == {
        "phrases": 4,
        "words": 100,
        "joined_words": 40,
        "sentences": 20,
    }
    assert answer.err == ""
    assert joined.read_text().startswith("in_new_york_city x0\n")


def test_pmi_baseline_and_comparison(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    flags = ["--vector-size", 8, "--sample", 0, "--negative", 1]
    answer = run("pmi", planted_text, "--output", tmp_path / "baseline", *flags)
    assert answer.out == f"40 words x 8 numbers saved to {tmp_path / 'baseline'}\n"
    assert len(skipgram.load(tmp_path / "baseline")) == 40
    fit = json.loads(run("pmi", planted_text, "--compare", planted_model, "--json").out)
    assert set(fit) == {"pairs", "correlation", "slope", "intercept"}
    assert (
        f"{fit['pairs']} pairs: correlation"
        in run("pmi", planted_text, "--compare", planted_model).out
    )


def test_pmi_shows_its_progress_and_reads_a_file_of_options(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    file = tmp_path / "options.toml"
    file.write_text("vector-size = 8\nwindow = 3\n")
    command = [
        "pmi",
        planted_text,
        "--output",
        tmp_path / "baseline",
        "--config",
        file,
        "--window",
        2,
    ]
    answer = run(*command)
    for said in (
        "corpus: 16,000 words",
        "counting ...",
        "counting: done in",
        "memory: ",
        "factorising: done in",
    ):
        assert said in answer.err
    config = skipgram.load(tmp_path / "baseline").training["config"]
    assert (config["vector_size"], config["window"]) == (8, 2)
    assert run(*command, "--quiet").err == ""


def test_pmi_comparison_shows_its_progress(
    run: Run, planted_text: Path, planted_model: Path
) -> None:
    command = ["pmi", planted_text, "--compare", planted_model, "--least-count", 50]
    answer = run(*command)
    assert "counting: done in" in answer.err
    quiet = run(*command, "-q")
    assert (quiet.out, quiet.err) == (answer.out, "")


def test_quickstart_answers_and_says_how_to_go_on(run: Run, tmp_path: Path) -> None:
    answer = run("quickstart", "--output", tmp_path / "model")
    assert answer.code == 0
    assert "  function: " in answer.out
    assert "list is to lists as string is to: " in answer.out
    commands = [line.split() for line in answer.out.splitlines() if line.startswith("  skipgram ")]
    assert len(commands) == 3
    for command in commands[:2]:
        assert (
            run(
                *[
                    str(tmp_path / "out.bin") if word == "vectors.bin" else word
                    for word in command[1:]
                ]
            ).code
            == 0
        )
    embeddings = skipgram.load(tmp_path / "model")
    assert 400_000 < embeddings.training["raw_words"] < 2_000_000
    assert "strings" in {word for word, _ in embeddings.most_similar("string")}


def test_help_names_every_verb_and_option(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    verbs = [name for name in app if not name.startswith("-")]
    assert {"train", "pmi", "explain"} <= set(verbs)
    for verb in verbs:
        assert verb in answer.out
    help_of_train = run("train", "--help").out
    for name in TrainConfig.model_fields:
        assert f"--{name.replace('_', '-')}" in help_of_train
    assert "--no-shrink-windows" in help_of_train


def test_version_and_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "skipgram", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0.1.0"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("verb", "flags", "said"),
    [
        ("train", SMALL, ("scan", "epoch 3/3", "100%", "words/s", "loss", "rate")),
        ("pmi", ["--vector-size", 8], ("scan", "counting", "factorising", "100%", "memory: ")),
    ],
)
def test_bars_in_a_terminal(
    planted_text: Path, tmp_path: Path, verb: str, flags: list[Any], said: tuple[str, ...]
) -> None:
    leader, follower = os.openpty()
    command = [
        sys.executable,
        "-m",
        "skipgram",
        verb,
        str(planted_text),
        "-o",
        str(tmp_path / "model"),
        *map(str, flags),
    ]
    with subprocess.Popen(
        command, stderr=follower, stdout=subprocess.PIPE, env={**os.environ, "COLUMNS": "140"}
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 65536):
                shown += part
        except OSError:  # how Linux tells the end of a terminal
            pass
    assert process.returncode == 0
    text = shown.decode()
    for expected in said:
        assert expected in text


def test_a_corpus_that_is_piped_in(planted_text: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "skipgram",
        "train",
        "-",
        "--output",
        str(tmp_path / "model"),
        "--quiet",
        "--epochs",
        "1",
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(gzip.compress(planted_text.read_bytes()))
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"40 words x 100 numbers saved")


def test_an_encoded_corpus_is_made_and_trained(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(planted_text.read_bytes().upper()))
    made = run("encode", packed, "--lowercase", "-o", tmp_path / "encoded")
    assert (made.code, made.out) == (0, f"encoded to {tmp_path / 'encoded'}\n")
    assert "40 of 40 different words" in made.err
    assert "already" in run("encode", packed, "--lowercase", "-o", tmp_path / "encoded").out
    for corpus, name in ((tmp_path / "encoded", "a"), (planted_text, "b")):
        assert (
            run("train", corpus, "-o", tmp_path / name, "--vector-size", 8, "--threads", 1).code
            == 0
        )
    one, other = (skipgram.load(tmp_path / name) for name in "ab")
    assert one.words == other.words
    assert (one.input == other.input).all()


def test_a_table_is_trained(run: Run, planted_sentences: list[list[str]], tmp_path: Path) -> None:
    rows = "".join(json.dumps({"tokens": sentence}) + "\n" for sentence in planted_sentences)
    (tmp_path / "a.jsonl").write_text(rows)
    assert (
        run(
            "train",
            tmp_path / "*.jsonl",
            "--column",
            "tokens",
            "-o",
            tmp_path / "model",
            "--epochs",
            1,
        ).code
        == 0
    )
    refused = run("train", tmp_path / "a.jsonl", "-o", tmp_path / "other")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "name the column that holds the text by column=NAME (--column): tokens" in refused.err
    assert not (tmp_path / "other").exists()
