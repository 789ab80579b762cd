"""Commands, options and files are completed in the shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

from skipgram.cli.completion import with_files

Run = Callable[..., Any]

TRY = """
. "$HOME/.bashrc"
words=({words} "")
COMP_WORDS=("${{words[@]::${{#words[@]}}-1}}")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_skipgram skipgram "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"
echo "${{COMPREPLY[*]}}"
"""


def install(home: Path, *flags: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "skipgram", "--install-completion", *flags]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "SHELL": shell}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("skipgram neig", "neighbors"),
        ("skipgram train --vec", "--vector-size"),
        ("skipgram train corpus.txt --objective s", "softmax"),
        ("skipgram train corpus.txt --output mod", "model"),
        ("skipgram neighbors mod", "model"),
    ],
)
def test_bash_completes(tmp_path: Path, words: str, expected: str) -> None:
    done = install(tmp_path, "--shell", "bash")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("completion for bash installed in ")
    assert done.stdout.endswith("open a new shell, or run: exec bash\n")
    (tmp_path / "model").mkdir()
    said = subprocess.run(
        ["bash", "-c", TRY.format(words=words)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [expected]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_the_files_of_a_corpus(tmp_path: Path) -> None:
    install(tmp_path, "--shell", "bash")
    install(tmp_path, "--shell", "bash")
    loaded = (tmp_path / ".bashrc").read_text()
    assert loaded.count('completions/skipgram" ]') == 1  # though installed twice
    said = subprocess.run(
        ["bash", "-c", '. "$HOME/.bashrc"; complete -p skipgram'],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "complete -o default -F _skipgram skipgram\n"


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("zsh", ".zsh/completions/_cyclopts_skipgram"),
        ("fish", ".config/fish/completions/skipgram.fish"),
    ],
)
def test_other_shells(tmp_path: Path, shell: str, file: str) -> None:
    assert install(tmp_path, "--shell", shell).returncode == 0
    script = (tmp_path / file).read_text()
    assert "vector-size" in script
    assert "odd-one-out" in script


def test_zsh_completes_files_where_an_argument_names_some() -> None:
    script = "  '*:Files, glob patterns\\: all.' \\\n  '1:A word in the model.' \\\n"
    expected = "  '*:Files, glob patterns\\: all.:_files' \\\n  '1:A word in the model.' \\\n"
    assert with_files(script, "zsh") == expected
    assert with_files(expected, "zsh") == expected
    assert with_files(script, "fish") == script


def test_the_shell_is_that_of_the_user(tmp_path: Path) -> None:
    done = install(tmp_path, shell="/usr/bin/fish")
    assert "completion for " in done.stdout, done.stderr


def test_a_home_that_cannot_be_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("HOME", str(file))
    answer = run("--install-completion", "--shell", "bash")
    assert_one_line(answer, 1, "cannot install the completion for bash: ")


def test_a_shell_without_completion(run: Run) -> None:
    assert_one_line(run("--install-completion", "--shell", "csh"), 2, "bash", "zsh", "fish")
