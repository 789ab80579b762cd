"""Standard output and standard error may be closed, full, or pipes without a reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import skipgram

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")

SKIPGRAM = f"{sys.executable} -m skipgram"
BROKEN = [
    "2> /dev/full",
    "> /dev/full",
    "> /dev/full 2>&1",
    "2>&-",
    ">&-",
    "<&- >&- 2>&-",
    "2>&1 | true",
    "2>&1 | head -n 1",
]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("broken", "unbuffered"),
    [*((broken, "") for broken in BROKEN), ("> /dev/full 2>&1", "1"), ("2>&1 | true", "1")],
)
def test_a_training_is_saved_whatever_its_streams_do(
    broken: str, unbuffered: str, planted_text: Path, tmp_path: Path
) -> None:
    options = "--vector-size 8 --epochs 2 --threads 1"
    command = f"{SKIPGRAM} train {planted_text} -o model {options} {broken}"
    done = shell(f"PYTHONUNBUFFERED={unbuffered} {command}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(skipgram.load(tmp_path / "model")) == 40


@pytest.mark.parametrize(
    "command",
    [
        "train {text} -o out --vector-size 8 --epochs 1 --json",
        "encode {text} -o out",
        "phrases {text} -o out --json",
        "pmi {text} -o out --vector-size 8",
        "export {model} out.bin",
        "index {model}",
    ],
)
def test_a_result_in_a_file_is_no_failure(
    command: str, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    skipgram.load(planted_model).save(tmp_path / "model")
    words = command.format(text=planted_text, model="model")
    done = shell(f"{SKIPGRAM} {words} > /dev/full", tmp_path)
    assert done.returncode == 0, done.stderr
    said = "skipgram: warning: cannot write to standard output: No space left on device"
    assert done.stderr.splitlines()[-1] == said
    assert [path for path in tmp_path.iterdir() if path.name != "model"]


@pytest.mark.parametrize("words", ["neighbors {} a1", "similarity {} a1 a2", "info {}", "--help"])
@pytest.mark.parametrize("broken", ["> /dev/full", ">&-"])
def test_a_result_on_standard_output_that_is_lost_is_a_failure(
    words: str, broken: str, planted_model: Path, tmp_path: Path
) -> None:
    done = shell(f"{SKIPGRAM} {words.format(planted_model)} {broken}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("skipgram: cannot write to standard output: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("broken", ["2> /dev/full", "2>&-"])
def test_messages_that_are_lost_change_no_exit_code(
    broken: str, planted_model: Path, tmp_path: Path
) -> None:
    done = shell(f"{SKIPGRAM} neighbors {planted_model} no-such-word {broken}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    done = shell(f"{SKIPGRAM} neighbors {planted_model} a1 --json {broken}", tmp_path)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["a1"]) == 10


def test_closed_standard_input_is_empty(planted_model: Path, tmp_path: Path) -> None:
    done = shell(f"{SKIPGRAM} neighbors {planted_model} - <&-", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("skipgram: standard input holds no words")


def test_a_terminal_that_is_gone(planted_text: Path, tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    command = [*SKIPGRAM.split(), "train", str(planted_text), "-o", str(tmp_path / "model")]
    with subprocess.Popen(
        [*command, "--epochs", "30"], stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        assert os.read(controller, 1)  # the bars are shown
        os.close(controller)
    assert process.returncode == 0
    assert len(skipgram.load(tmp_path / "model")) == 40


PYTHON = """
import sys
import skipgram
sys.stderr = {stream}
embeddings = skipgram.train([["a", "b", "c"]] * 50, vector_size=8, epochs=2, progress=True)
print(len(embeddings))
"""


@pytest.mark.parametrize("stream", ["open('/dev/full', 'w')", "None", "closed"])
def test_a_display_of_python_that_cannot_write_is_dropped(stream: str, tmp_path: Path) -> None:
    code = PYTHON.format(stream=stream)
    code = code.replace("sys.stderr = closed", "sys.stderr = open('/dev/null'); sys.stderr.close()")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "3\n", done.stderr
