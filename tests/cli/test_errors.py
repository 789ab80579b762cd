"""Bad input: one clear line, the right exit code, and nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram.training import memory

Run = Callable[..., Any]


def assert_one_line(answer: Any, code: int, *said: str) -> None:
    assert answer.code == code, answer.err
    lines = answer.err.splitlines()
    assert lines[-1].startswith("skipgram: ")
    assert "Traceback" not in answer.err
    for part in said:
        assert part in lines[-1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n \n", "holds no words"),
        (b"hello hello\nhello\n", "holds only one word, over and over"),
        (
            b"to be or not to be\n",
            "the most frequent of the 4 different words occurs 2 times; lower min_count",
        ),
        (b"a b\x00c " * 100, "holds NUL bytes: it is binary"),
        (b"\x1f\x8b\x08" + bytes(range(256)), "is damaged: "),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary"),
        (b"one\ntwo\n" * 9, "no two words of the corpus are in the same sentence"),
    ],
)
def test_bad_corpus(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(content)
    assert_one_line(run("train", text, "-o", tmp_path / "model"), 1, said)
    assert not (tmp_path / "model").exists()


def test_missing_corpus_and_directory(run: Run, tmp_path: Path) -> None:
    assert_one_line(
        run("train", tmp_path / "none.txt", "-o", tmp_path / "model"), 1, "none.txt does not exist"
    )
    assert_one_line(
        run("train", tmp_path, "-o", tmp_path / "model"),
        1,
        "holds no files; name one that holds text files",
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_unreadable_corpus(run: Run, planted_text: Path, tmp_path: Path) -> None:
    text = shutil.copy(planted_text, tmp_path / "text.txt")
    Path(text).chmod(0)
    assert_one_line(
        run("train", text, "-o", tmp_path / "model"), 1, "cannot be read: permission denied"
    )


def test_output_that_holds_something_else_is_left_alone(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert_one_line(
        run("train", planted_text, "-o", tmp_path),
        1,
        "it holds 'thesis.tex'",
        "give a new or empty directory",
    )
    file = tmp_path / "thesis.tex"
    assert_one_line(
        run("train", planted_text, "-o", file), 1, "it is a file; give the name of a directory"
    )
    assert file.read_text() == "years of work"
    assert list(tmp_path.iterdir()) == [file]


def test_failed_training_keeps_the_old_model(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    flags = [
        "--alpha",
        10,
        "--negative",
        64,
        "--epochs",
        60,
        "--threads",
        1,
        "--sample",
        0,
        "--quiet",
    ]
    assert_one_line(
        run("train", planted_text, "-o", model, *flags), 1, "is not finite; lower alpha (10.0 now)"
    )
    assert (skipgram.load(model).input == skipgram.load(planted_model).input).all()


def test_no_space_is_told_before_training(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    answer = run("train", planted_text, "-o", tmp_path / "new" / "model")
    assert_one_line(answer, 1, "no space left for the model", "100 are free".replace("100", "0 kB"))
    assert "epoch" not in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_no_space_for_the_answer(planted_model: Path, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "skipgram", "info", planted_model]
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    assert done.returncode == 1
    assert done.stderr.startswith("skipgram: ")
    assert len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_space_for_the_baseline_is_told_before_factorising(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    answer = run("pmi", planted_text, "-o", tmp_path / "model", "--vector-size", 8)
    assert_one_line(answer, 1, "no space left for the model")
    assert "factorising" not in answer.err


def test_no_memory(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    answer = run("train", planted_text, "-o", tmp_path / "model")
    assert_one_line(answer, 1, "training needs", "lower vector_size")


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (
            ["--vector-size", 0],
            1,
            "vector_size=0 is not allowed: it must be a whole number, at least 1 and at most 4096",
        ),
        (["--negative", 65], 1, "negative=65"),
        (["--window", 257], 1, "window=257"),
        (["--alpha", -1], 1, "alpha=-1"),
        (["--vector-size", "many"], 1, "vector_size=many is not allowed"),
        (["--vectorsize", 10], 2, "--vectorsize"),
        (["--config", "nowhere.toml"], 1, "nowhere.toml cannot be read"),
    ],
)
def test_bad_options(
    run: Run, planted_text: Path, tmp_path: Path, flags: list[Any], code: int, said: str
) -> None:
    assert_one_line(run("train", planted_text, "-o", tmp_path / "model", *flags), code, said)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--freeze"], "freeze has no effect without given vectors"),
        (["--initial", "nowhere"], "nowhere"),
        (
            ["--initial", "MODEL", "--resume-from", "MODEL"],
            "initial and resume_from are both given",
        ),
        (
            ["--initial", "MODEL", "--vector-size", 9],
            "vector_size=9, but the given vectors have 16 dimensions",
        ),
        (["--resume-from", "TEXT"], "is no file of vectors"),
        (["--resume-from", "MODEL", "--objective", "hierarchical"], "use initial instead"),
    ],
)
def test_bad_starts(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path, flags: list[Any], said: str
) -> None:
    paths = {"MODEL": planted_model, "TEXT": planted_text}
    answer = run(
        "train", planted_text, "-o", tmp_path / "model", *(paths.get(flag, flag) for flag in flags)
    )
    assert_one_line(answer, 1, said)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (
            ["--min-count", 0],
            1,
            "min_count=0 is not allowed: it must be a whole number, at least 1",
        ),
        (["--passes", 0], 1, "passes=0 is not allowed: it takes a whole number at least 1"),
        (["--threshold", -1], 1, "threshold=-1.0 is not allowed: with scoring=default"),
        (
            ["--scoring", "npmi", "--threshold", 2],
            1,
            "with scoring=npmi it takes a number from -1 to 1",
        ),
        (["--scoring", "pmi"], 2, "pmi"),
    ],
)
def test_bad_options_of_phrases(
    run: Run, planted_text: Path, tmp_path: Path, flags: list[Any], code: int, said: str
) -> None:
    assert_one_line(run("phrases", planted_text, "-o", tmp_path / "joined.txt", *flags), code, said)
    assert list(tmp_path.iterdir()) == []


def test_phrases_leave_their_corpus_alone(run: Run, planted_text: Path, tmp_path: Path) -> None:
    before = planted_text.read_bytes()
    for flags in (
        ["-o", planted_text],
        ["-o", tmp_path / "a", "--phrases", planted_text],
        ["-o", "x", "--phrases", "./x"],
    ):
        assert_one_line(
            run("phrases", planted_text, *flags), 2, "must be different files; give another name"
        )
    assert_one_line(run("phrases", "-o", tmp_path / "joined.txt"), 2, "no corpus was given")
    assert planted_text.read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--compare", "model", "--vector-size", 50], "--vector-size"),
        (["--compare", "model", "--no-shrink-windows"], "--shrink-windows"),
        (["--compare", "model", "--config", "options.toml"], "--config"),
        (["--compare", "model", "--eigenvalue-weight", 0.5], "--eigenvalue-weight"),
        (["--output", "baseline", "--least-count", 100], "--least-count"),
    ],
)
def test_flags_that_pmi_would_not_read(
    run: Run, planted_text: Path, flags: list[Any], named: str
) -> None:
    assert_one_line(
        run("pmi", planted_text, *flags),
        2,
        f"{named} has no effect with {flags[0]}",
        "leave it out",
    )


def test_options_that_the_baseline_would_not_read(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    answer = run("pmi", planted_text, "-o", tmp_path / "baseline", "--epochs", 9)
    assert_one_line(
        answer, 1, "epochs=9 has no effect on the SVD of shifted positive PMI; leave it out"
    )
    file = tmp_path / "options.toml"
    file.write_text("optimizer = 'adam'\n")
    answer = run("pmi", planted_text, "-o", tmp_path / "baseline", "--config", file)
    assert_one_line(answer, 1, "optimizer=adam has no effect on the SVD")
    assert not (tmp_path / "baseline").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["train", "text.txt"], 2),
        (["train", "-o", "model"], 2),
        (["train", "text.txt", "--corpus", "more.txt", "-o", "model"], 2),
        (["trian"], 2),
        (["neighbors"], 2),
        (["neighbors", "model"], 2),
        (["analogy", "model", "a", "b"], 2),
        (["export", "model", "out", "--format", "pickle"], 2),
        (["evaluate", "model"], 2),
        (["neighbors", "model", "a", "--positive", "b"], 2),
        (["similarity", "model", "a"], 2),
        (["pmi", "text.txt"], 2),
        (["pmi", "-o", "model"], 2),
        (["pmi", "text.txt", "-o", "model", "--compare", "other"], 2),
        (["explain", "the cat"], 2),
        (["explain", "the cat", "--center", "dog"], 1),
        (["explain", "", "--center", "dog"], 1),
        (["train", "text.txt", "-o", "model", "--objective", "sofmax"], 1),
        (["train", "text.txt", "-o", "model", "--window-left", "0", "--window-right", "0"], 1),
        (
            [
                "train",
                "text.txt",
                "-o",
                "model",
                "--objective",
                "softmax",
                "--negative-sharing",
                "pair",
            ],
            1,
        ),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], code: int) -> None:
    assert_one_line(run(*arguments), code)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "text.txt", "-o", ""],
        ["train", "text.txt", "-o", "model", "--initial", ""],
        ["train", "text.txt", "-o", "model", "--resume-from="],
        ["train", "text.txt", "-o", "model", "--config", ""],
        ["encode", "text.txt", "--output", ""],
        ["phrases", "text.txt", "-o", ""],
        ["phrases", "text.txt", "-o", "joined", "--phrases", ""],
        ["pmi", "text.txt", "--compare", ""],
        ["quickstart", "-o", ""],
        ["info", ""],
        ["neighbors", "", "king"],
        ["export", "model", ""],
    ],
)
def test_an_empty_name_is_not_the_directory_one_stands_in(
    run: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(
        run(*arguments), 2, "the name of a file or directory is empty; give it one, or leave it out"
    )


def test_empty_names_of_sets_models_and_corpora(
    run: Run, planted_model: Path, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a0\ta1\t1\nb0\ta1\t0\n")
    assert_one_line(
        run("evaluate", planted_model, ""),
        1,
        "the name of an evaluation set is empty; give a file or one of",
    )
    assert_one_line(run("evaluate", "", "--set", pairs), 1, "is empty")
    assert_one_line(run("train", "", "-o", "model"), 2, "no corpus was given")
    assert_one_line(
        run("train", "a.txt", "--validation", "", "-o", "model"),
        1,
        "validation= is not allowed: it must be a share",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["neighbors", "model", "king", "-n", "1.5"],
        ["evaluate", "model", "rg65", "--restrict", "1000.7"],
        ["tune", "text.txt", "--trials", "nan"],
        ["encode", "text.txt", "-o", "out", "--min-count", "2.5"],
        ["explain", "a b", "--center", "a", "--window", "1e0"],
    ],
)
def test_numbers_are_not_rounded(run: Run, arguments: list[str]) -> None:
    assert_one_line(
        run(*arguments),
        2,
        f"Invalid value for {arguments[-2]}: '{arguments[-1]}' is not a whole number",
    )


def test_a_search_by_no_set(run: Run) -> None:
    assert_one_line(
        run("tune", "text.txt", "--set"), 2, "--set was given without an evaluation set"
    )


def test_a_url_is_no_file_to_write(
    run: Run, planted_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("export", planted_model, "https://me:secret@host/vectors.bin")
    assert_one_line(
        answer,
        1,
        "cannot write to https://: give a file, a directory or postgresql://USER@HOST/DATABASE",
    )
    assert "secret" not in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_question_that_comes_to_zero(run: Run, planted_model: Path, tmp_path: Path) -> None:
    for index in ([], ["--index"]):
        model = shutil.copytree(planted_model, tmp_path / "model", dirs_exist_ok=True)
        run("index", model)
        answer = run("neighbors", model, "--positive", "a1", "--negative", "a1", *index)
        assert_one_line(answer, 1, "the vectors of a1, -a1 come to zero")
    zero = tmp_path / "zero.txt"
    zero.write_text("3 2\nhere 1 0\nthere 1 1\nnowhere 0 0\n")
    assert_one_line(
        run("neighbors", zero, "here", "nowhere"), 1, "the vectors of nowhere come to zero"
    )


def test_output_vectors_that_are_not_there(run: Run, planted_model: Path, tmp_path: Path) -> None:
    run("export", planted_model, tmp_path / "vectors.bin")
    answer = run("similarity", tmp_path / "vectors.bin", "a1", "a2", "--vectors", "output")
    assert_one_line(answer, 1, "hold no output vectors", "--vectors input")


def test_unknown_words_get_near_spellings(run: Run, planted_model: Path) -> None:
    assert_one_line(
        run("neighbors", planted_model, "A1"), 1, "no vector for the word 'A1'; near spellings: a1"
    )
    assert_one_line(
        run("analogy", planted_model, "a1", "a2", "zebra"), 1, "no vector for the word 'zebra'"
    )


def test_questions_to_what_is_no_model(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("no vectors here\n")
    assert_one_line(run("neighbors", tmp_path / "none", "a"), 1, "none", "check the path")
    assert_one_line(run("neighbors", text, "a"), 1, "is no file of vectors")
    assert_one_line(
        run("neighbors", tmp_path, "a"), 1, "cannot be read as part of a skipgram model"
    )


@pytest.mark.parametrize(
    "name", ["model.safetensors", "output.safetensors", "vocabulary.tsv", "training.json"]
)
def test_damaged_model(run: Run, planted_model: Path, tmp_path: Path, name: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[: len(content) // 2])
    assert_one_line(run("info", model), 1, name)


def test_bad_evaluation_set(run: Run, planted_model: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "pairs.tsv"
    wrong.write_text("a1 a2 much\n")
    assert_one_line(run("evaluate", planted_model, wrong), 1, "pairs.tsv, line 1", "a1 a2 much")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_interrupted_training_ends_with_130_and_leaves_nothing(
    planted_text: Path, tmp_path: Path
) -> None:
    temporary, output = tmp_path / "temporary", tmp_path / "output"
    temporary.mkdir()
    command = [
        sys.executable,
        "-m",
        "skipgram",
        "train",
        planted_text,
        "-o",
        output,
        "--epochs",
        "100000",
    ]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch"):
                break
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "skipgram: interrupted; nothing half-written is left"
    assert "Traceback" not in said
    assert not output.exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("delay", [0.05, 0.1, 0.2, 0.3])
def test_interrupted_while_it_starts(planted_text: Path, tmp_path: Path, delay: float) -> None:
    command = [
        sys.executable,
        "-c",
        "print('up', flush=True); from skipgram.cli import main; main()",
    ]
    arguments = [
        "train",
        str(planted_text),
        "-o",
        str(tmp_path / "model"),
        "--epochs",
        "1000",
        "--quiet",
    ]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said == "skipgram: interrupted; nothing half-written is left\n"


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_ended_by_kill_cleans_up(planted_text: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [
        sys.executable,
        "-m",
        "skipgram",
        "train",
        planted_text,
        "-o",
        tmp_path / "model",
        "--epochs",
        "100000",
    ]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("epoch"))
        process.terminate()
        process.stderr.read()
    assert process.returncode == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []


def test_words_that_the_terminal_cannot_show(tmp_path: Path) -> None:
    skipgram.Embeddings(["naïve", "日本"], [[1.0, 0.0], [0.9, 0.1]]).save(tmp_path / "model")
    command = [sys.executable, "-m", "skipgram", "neighbors", tmp_path / "model", "naïve"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "\\u65e5\\u672c" in done.stdout


def test_a_reader_that_goes_away_is_no_error_message(planted_model: Path) -> None:
    command = f"{sys.executable} -m skipgram info {planted_model} --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("verb", ["train", "phrases", "encode"])
def test_a_dash_is_no_output(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run(verb, planted_text, "-o", "-"), 2, "see: skipgram --help")
    assert list(tmp_path.iterdir()) == []
