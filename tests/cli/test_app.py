"""Errors become one line and an exit code, also when interrupted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]
SKIPGRAM = [sys.executable, "-m", "skipgram"]
TRAIN = ["train", "text.txt", "-o", "model"]


def test_version_and_module() -> None:
    done = subprocess.run([*SKIPGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0.1.0"


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
        (["explain", "the cat", "--center", "dog"], 2),
        (["explain", "", "--center", "dog"], 2),
        ([*TRAIN, "--objective", "sofmax"], 2),
        ([*TRAIN, "--window-left", "0", "--window-right", "0"], 2),
        ([*TRAIN, "--objective", "softmax", "--negative-sharing", "pair"], 2),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], code: int) -> None:
    assert_one_line(run(*arguments), code)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_for_the_output(planted_model: Path, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [*SKIPGRAM, "info", str(planted_model)]
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    assert done.returncode == 1
    assert done.stderr.startswith("skipgram: ")
    assert len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_interrupted_training_without_checkpoints_leaves_nothing(
    planted_text: Path, tmp_path: Path
) -> None:
    temporary, output = tmp_path / "temporary", tmp_path / "output"
    temporary.mkdir()
    flags = ["-o", str(output), "--epochs", "100000", "--checkpoint", "off"]
    command = [*SKIPGRAM, "train", str(planted_text), *flags]
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
    assert said.splitlines()[-1] == "skipgram: interrupted; no partial output was left behind"
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("delay", [0.05, 0.1, 0.2, 0.3])
def test_interrupted_while_it_starts(planted_text: Path, tmp_path: Path, delay: float) -> None:
    # main() handles signals from its first statement on; the imports before it are Python's own.
    code = "from skipgram.cli import main; print('up', flush=True); main()"
    flags = ["-o", str(tmp_path / "model"), "--epochs", "1000", "--quiet"]
    command = [sys.executable, "-c", code, "train", str(planted_text), *flags]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said == "skipgram: interrupted; no partial output was left behind\n"


def end(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with another body, which knows `signal` and `send`."""
    code = f"""
import os, signal
from skipgram.cli import app, main
def send(*numbers):
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # so that they arrive at the same time
    for number in numbers:
        os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
def run(_):
    {body}
app.run = run
main()
send(signal.SIGINT, signal.SIGTERM)
assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
print("done")
"""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_signal_after_success_is_ignored() -> None:
    done = end("pass")
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_two_signals_at_the_same_time_end_without_a_traceback() -> None:
    done = end("send(signal.SIGTERM, signal.SIGXCPU)")
    assert done.returncode == 143
    assert done.stderr == "skipgram: interrupted; no partial output was left behind\n"


def test_an_early_interruption_of_resume_says_how_to_continue() -> None:
    done = end("raise KeyboardInterrupt", "resume", "my model")
    assert done.returncode == 130
    assert re.fullmatch(
        r"skipgram: interrupted; to continue: .*skipgram resume 'my model'\n", done.stderr
    )


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interruption_is_json_if_asked_for(planted_model: Path) -> None:
    command = [*SKIPGRAM, "neighbors", str(planted_model), "-", "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(2)  # it waits for words
        process.send_signal(signal.SIGINT)
        answer, said = process.communicate()
    assert process.returncode == 130
    assert answer == ""
    assert json.loads(said) == {
        "error": {
            "type": "KeyboardInterrupt",
            "message": "interrupted; no partial output was left behind",
            "exit_code": 130,
        }
    }


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("delay", [0.0, 0.5, 1.0])  # it takes about 2 seconds
@pytest.mark.parametrize("kernel", ["scan", "train_chunk"])
def test_interrupted_while_it_compiles(
    planted_text: Path, tmp_path: Path, kernel: str, delay: float
) -> None:
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    temporary.mkdir()
    code = f"""
from numba.core import event
from skipgram.kernels import cache
class Listener(event.Listener):
    def on_start(self, event):
        if event.data["dispatcher"].py_func.__name__ == "{kernel}":
            print("compiling", flush=True)
    def on_end(self, event):
        pass
event.register("numba:compile", Listener())
from skipgram.cli import main
main()
"""
    flags = ["-o", str(tmp_path / "model"), "--epochs", "100000", "--quiet"]
    command = [sys.executable, "-c", code, "train", str(planted_text), *flags]
    environment = {**os.environ, "TMPDIR": str(temporary), "NUMBA_CACHE_DIR": str(cache)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "compiling\n"
        time.sleep(delay)
        started = time.perf_counter()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said == "skipgram: interrupted; no partial output was left behind\n"
    assert time.perf_counter() - started < 2
    assert not (tmp_path / "model").exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_python_is_interrupted_while_it_compiles(tmp_path: Path) -> None:
    code = """
import signal, threading, time
import skipgram
threading.Timer(1.0, signal.raise_signal, [signal.SIGINT]).start()
try:
    skipgram.train([["a", "b"]] * 50, sample=0, vector_size=8, epochs=100_000)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "interrupted\n"
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_kill_cleans_up(planted_text: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    flags = ["-o", str(tmp_path / "model"), "--epochs", "100000"]
    command = [*SKIPGRAM, "train", str(planted_text), *flags]
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
    command = [*SKIPGRAM, "neighbors", str(tmp_path / "model"), "naïve"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "\\u65e5\\u672c" in done.stdout


def test_a_closed_pipe_prints_no_error(planted_model: Path) -> None:
    command = f"{sys.executable} -m skipgram info {planted_model} --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("verb", ["train", "phrases", "encode"])
def test_a_dash_is_not_an_output(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run(verb, planted_text, "-o", "-"), 2, f"(see: skipgram {verb} --help)")
    assert list(tmp_path.iterdir()) == []
