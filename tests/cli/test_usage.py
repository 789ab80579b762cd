"""Errors name options of the command line, what is missing, and the right help."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram
from skipgram.cli.app import COMMANDS, app
from skipgram.cli.usage import in_options

Run = Callable[..., Any]
TRAIN = ["train", "text.txt", "-o", "out"]
TUNE = ["tune", "text.txt"]
PHRASES = ["phrases", "text.txt", "-o", "joined.txt"]
SENTENCE = ["explain", "a b a", "--center", "a"]
SVD = ["pmi", "text.txt", "-o", "out"]
COMPARE = ["pmi", "text.txt", "--compare", "model"]

# Arguments with an option out of its range, or options that do not fit together or the corpus,
# and the part of the message that names the options.
WRONG_OPTIONS: list[tuple[list[str], str]] = [
    ([*TRAIN, "--vector-size", "0"], "--vector-size is 0; it must be"),
    ([*TRAIN, "--vector-size", "abc"], "--vector-size is 'abc'; it must be a whole number"),
    ([*TRAIN, "--window", "0", "--epochs", "0"], "--window is 0; .* --epochs is 0; "),
    ([*TRAIN, "--sample", "2"], "--sample is 2; "),
    ([*TRAIN, "--objective", "sofmax"], "--objective is 'sofmax'; it must be one of"),
    ([*TRAIN, "--validation", "0.9"], "--validation is 0.9; it must be a share"),
    (
        [*TRAIN, "--window-left", "0", "--window-right", "0"],
        "--window-left 0 and --window-right 0 leave",
    ),
    (
        [*TRAIN, "--window-left", "1", "--window-right", "1", "--window", "3"],
        "--window 3 has no effect where --window-left and --window-right are both set",
    ),
    (
        [*TRAIN, "--objective", "softmax", "--negative", "7"],
        "--negative 7 has no effect with --objective softmax; leave it out",
    ),
    ([*TRAIN, "--cbow-context", "sum"], "--cbow-context sum has no effect with --architecture"),
    (
        [*TRAIN, "--architecture", "cbow", "--negative-sharing", "pair"],
        "--negative-sharing pair has no effect with --architecture cbow, where",
    ),
    (
        [*TRAIN, "--patience", "2"],
        "--patience 2 needs held-out text; set --validation, for example --validation 0.01, or "
        "leave --patience out",
    ),
    (
        [*TRAIN, "--min-alpha", "0.5"],
        "--min-alpha 0.5 is above --alpha 0.025, .* lower --min-alpha or raise --alpha",
    ),
    (
        [*TRAIN, "--tokenizer", "a:b", "--token-pattern", "x"],
        "--tokenizer and --token-pattern both split",
    ),
    ([*TRAIN, "--tokenizer", "split"], "--tokenizer split does not name a function"),
    ([*TRAIN, "--tokenizer", "nowhere:split"], "--tokenizer nowhere:split cannot be imported"),
    ([*TRAIN, "--token-pattern", "("], r"--token-pattern \( is not a valid"),
    ([*TRAIN, "--token-pattern", "(a)(b)"], r"--token-pattern \(a\)\(b\) has 2 groups"),
    ([*TRAIN, "--freeze"], "--freeze has no effect .* give --initial or --resume-from, or leave"),
    (
        [*TRAIN, "--initial", "model", "--resume-from", "model"],
        "--initial and --resume-from are both given; use --initial to train .*or --resume-from",
    ),
    (
        [*TRAIN, "--initial", "model", "--vector-size", "3"],
        "--vector-size 3, but .*; leave --vector-size out",
    ),
    ([*TRAIN, "--resume-from", "vectors"], "--resume-from needs .*; use --initial instead"),
    (
        ["train", "encoded", "-o", "out", "--min-count", "1"],
        "--min-count is 1, but the corpus was encoded with --min-count 3 .* with --min-count 1$",
    ),
    (["train", "encoded", "-o", "out", "--lowercase"], "--lowercase has no effect on an encoded"),
    (["encode", "text.txt", "-o", "out", "--threads", "0"], "--threads is 0; "),
    ([*TUNE, "--minutes", "0"], "--minutes is 0.0; "),
    ([*TUNE, "--trials", "0"], "--trials is 0; "),
    ([*TUNE, "--objective", "softmax"], "--objective softmax cannot .*; leave --objective out"),
    (
        [*TUNE, "--architecture", "cbow"],
        "--architecture cbow cannot be tuned .*or leave --architecture out",
    ),
    ([*TUNE, "--validation", "held.txt"], "--validation is 'held.txt'; with tune"),
    ([*PHRASES, "--passes", "0"], "--passes is 0; "),
    ([*PHRASES, "--threshold", "0"], "--threshold is 0.0; with --scoring default it must"),
    ([*PHRASES, "--scoring", "npmi", "--threshold", "2"], "2.0; with --scoring npmi it must"),
    (["neighbors", "model", "a0", "--topn", "0"], "--topn is 0; "),
    (["neighbors", "vectors", "a0", "--vectors", "output"], "; use --vectors input$"),
    (["evaluate", "model", "pairs.tsv", "--restrict", "0"], "--restrict is 0; "),
    ([*SVD, "--eigenvalue-weight", "2"], "--eigenvalue-weight is 2.0; "),
    ([*SVD, "--vector-size", "100"], "--vector-size 100 is too large"),
    ([*COMPARE, "--least-count", "0"], "--least-count is 0.0; "),
    ([*COMPARE, "--least-count", "1e9"], r"--least-count 1000000000.0 is too high"),
    (["explain", "a b", "--center", "c"], "--center 'c' is not in the sentence"),
    ([*SENTENCE, "--window", "0"], "--window is 0; "),
    ([*SENTENCE, "--vector-size", "0"], "--vector-size is 0; "),
]


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, planted_text: Path, planted_model: Path
) -> Path:
    """A folder with a text, a model, vectors without output vectors, and an encoded corpus."""
    place = tmp_path_factory.mktemp("usage")
    (place / "text.txt").write_text(planted_text.read_text())
    (place / "pairs.tsv").write_text("a0\ta1\t1\nb0\ta1\t0\n")
    model = skipgram.load(planted_model)
    model.save(place / "model")
    skipgram.Embeddings(model.words, model.input).save(place / "vectors")
    skipgram.encode(place / "text.txt", place / "encoded", min_count=3)
    return place


@pytest.mark.parametrize(("arguments", "said"), WRONG_OPTIONS)
def test_an_error_of_options_names_those_of_the_command_line(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(folder)
    answer = run(*arguments)
    assert_one_line(answer, 2)
    line = answer.err.splitlines()[-1]
    assert re.search(said, line), line
    for argument in app[arguments[0]].assemble_argument_collection():
        name = argument.keys[-1] if argument.keys else argument.field_info.name
        assert f" {name}=" not in line
        assert "_" not in name or name not in line


def test_a_failure_of_the_corpus_names_options_too(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a b c\n")
    answer = run("train", text, "-o", tmp_path / "model")
    assert_one_line(answer, 1, "at least --min-count 5 times", "1 time; lower --min-count")
    assert "--max-vocab" not in answer.err
    answer = run("train", tmp_path / "nowhere.txt", "-o", tmp_path / "model")
    assert_one_line(answer, 1, "does not exist; check the path")
    assert "Python" not in answer.err


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("window is 0. sample is 2", "--window is 0. --sample is 2"),
        ("lower alpha (0.5 now) or batch (8 now)", "lower --alpha (0.5 now) or --batch (8 now)"),
        ("lower alpha (1 now), or set sample=0", "lower --alpha (1 now), or set --sample 0"),
        (
            "leave out lowercase, nfkc and tokenizer",
            "leave out --lowercase, --nfkc and --tokenizer",
        ),
        ("read with nfkc=None, this with nfkc=True", "read with no --nfkc, this with --nfkc"),
        ("name it with column=NAME (--column NAME), one of", "name it with --column NAME, one of"),
        ("more than `negative` times as often", "more than --negative times as often"),
        (
            "the loss of chunk 3 in the window of epochs",
            "the loss of chunk 3 in the window of epochs",
        ),
        ("cannot read runs/min_count=3/x", "cannot read runs/min_count=3/x"),
        ("cannot read window=3 min.txt: no", "cannot read window=3 min.txt: no"),
        ("cannot read min_count.txt", "cannot read min_count.txt"),
        (
            "none is among the words with given vectors",
            "none is among the words with given vectors",
        ),
        ("configuration file a.toml: window is 0", "configuration file a.toml: window is 0"),
    ],
)
def test_only_names_of_options_are_replaced(message: str, expected: str) -> None:
    arguments = ["train", "window=3 min.txt", "-o", "model"]
    assert in_options(message, app, arguments) == expected


def test_names_of_another_command_are_kept() -> None:
    assert in_options("window is 0", app, ["info", "model"]) == "window is 0"
    assert in_options("window is 0", app, []) == "window is 0"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["train", "a.txt"],
            "--output is missing; give the directory for the model, or a file that ends in "
            ".safetensors",
        ),
        (["similarity", "model", "string"], "B is missing; give a word in the model"),
        (["neighbors"], "MODEL is missing; give the model directory or file, or vectors in any"),
        (["export", "model"], "TARGET is missing; give the file or directory to write"),
        (["explain", "a b"], "--center is missing; give the centre word"),
        (["train", "a.txt", "-o"], "-o needs a value"),
        ([*TRAIN, "--vector-size"], "--vector-size needs a value"),
        (
            ["encode", "a.txt", "--outptu", "b"],
            "--outptu is not an option of encode; did you mean --o",
        ),
        ([*TRAIN, "--workers", "3"], "--workers is not an option of train; its name here is --thr"),
        ([*TRAIN, "--sg", "1"], "; write --architecture skipgram (see"),
        ([*TRAIN, "--sg=0"], "--sg is not an option of train; write --architecture cbow (see"),
        ([*TRAIN, "--cbow"], "; write --architecture cbow (see"),
        ([*TRAIN, "--cbow", "--epochs", "3"], "; write --architecture cbow (see"),
        ([*TRAIN, "-cbow", "0"], "; write --architecture skipgram (see"),
        ([*TRAIN, "--skipgram"], "; write --architecture skipgram (see"),
        ([*TRAIN, "--hs"], "; write --objective hierarchical (see"),
        ([*TRAIN, "--loss", "ns"], "; write --objective negative (see"),
        ([*TRAIN, "--loss", "ova"], "; its name here is --objective (see"),
        ([*TRAIN, "--cbow-mean", "0"], "; write --cbow-context sum (see"),
        ([*TUNE, "--time", "10"], "--time is not an option of tune; its name here is --minutes"),
        ([*TUNE, "--n-trials", "10"], "; its name here is --trials (see"),
        ([*TUNE, "--cime", "10"], "--cime is not an option of tune (see"),
        (
            ["export", "model", "--output", "v.bin"],
            "--output is not an option of export; give the file as the second argument: "
            "skipgram export MODEL TARGET (see",
        ),
        (["export", "model", "-o", "v.bin"], "; give the file as the second argument: "),
        (["export", "model", "-output", "v.bin"], "; give the file as the second argument: "),
        (
            ["train", "-train", "a.txt", "-o", "out"],
            "-train is not an option of train; give the text as the first argument: "
            "skipgram train CORPUS",
        ),
        (["tune", "--input", "a.txt"], "; give the text as the first argument: "),
        ([*TRAIN, "--size=3"], "--size is not an option of train; its name here is --vector-size"),
        ([*TRAIN, "-size", "3"], "-size is not an option of train; its name here is --vector-size"),
        ([*TRAIN, "--iter", "3"], "; its name here is --epochs"),
        ([*TRAIN, "--lr", "3"], "; its name here is --alpha"),
        ([*TRAIN, "--dim", "3"], "; its name here is --vector-size"),
        ([*TRAIN, "-minCount", "3"], "; its name here is --min-count"),
        ([*TRAIN, "-window", "3"], "; did you mean --window?"),
        ([*TRAIN, "--vectr-size", "3"], "; did you mean --vector-size?"),
        (["neighbors", "model", "a", "--workers", "3"], "--workers is not an option of neighbors"),
        (
            ["export", "model", "v.bin", "--format", "word2vec"],
            "--format is 'word2vec'; it must be one of embedding-atlas, ",
        ),
        (
            ["export", "model", "v.bin", "--format", "word2vec"],
            "word2vec-text (did you mean word2vec-binary or word2vec-text?) (see",
        ),
        ([*PHRASES, "--scoring", "pmi"], "--scoring is 'pmi'; it must be one of default, npmi"),
        ([*TRAIN, "--foo"], "--foo is not an option of train (see"),
        (["--foo"], "--foo is not an option of skipgram"),
        (["train", "a.txt", "-output", "model"], "-output is not an option; write --output"),
        ([*TRAIN, "--window", "1", "--window", "2"], "--window is given more than once"),
        (["info", "model", "more"], "unexpected argument 'more'; leave it out"),
    ],
)
def test_wrong_usage_names_what_to_write(run: Run, arguments: list[str], said: str) -> None:
    name = "" if arguments[0].startswith("-") else f"{arguments[0]} "
    assert_one_line(run(*arguments), 2, said, f"(see: skipgram {name}--help)")


@pytest.mark.parametrize(
    ("arguments", "kind", "code", "said"),
    [
        (["train", "a.txt", "--json"], "UsageError", 2, "--output is missing"),
        ([*TRAIN, "--json", "--window", "0"], "ConfigError", 2, "--window is 0"),
        (["info", "nowhere", "--json"], "FormatError", 1, "cannot read nowhere"),
    ],
)
def test_errors_as_json(run: Run, arguments: list[str], kind: str, code: int, said: str) -> None:
    answer = run(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1
    error = json.loads(answer.err)["error"]
    assert list(error) == ["type", "message", "exit_code"]
    assert (error["type"], error["exit_code"]) == (kind, code)
    assert said in error["message"]


def test_every_command_says_what_is_missing(run: Run) -> None:
    for command in (each for panel in COMMANDS.values() for each in panel):
        name = command.__name__.replace("_", "-")
        if name != "quickstart":
            assert_one_line(run(name), 2, f"(see: skipgram {name} --help)")
