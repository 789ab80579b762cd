from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from skipgram.cli.program import command_line


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment in the current directory that is not active; its programs."""
    folder = tmp_path / "env" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "skipgram"):
        (folder / name).touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


@pytest.mark.parametrize("path", ["env/bin/skipgram", "./env/../env/bin/skipgram"])
def test_a_program_given_by_its_path_keeps_it(
    monkeypatch: pytest.MonkeyPatch, environment: Path, path: str
) -> None:
    monkeypatch.setattr(sys, "argv", [path, "quickstart"])
    assert command_line("info", "model") == f"{path} info model"


def test_a_program_that_the_shell_finds_has_its_short_name(
    monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.setenv("PATH", str(environment))
    for path in (str(environment / "skipgram"), "env/bin/skipgram"):
        monkeypatch.setattr(sys, "argv", [path])
        assert command_line("info", "model") == "skipgram info model"


def test_another_program_of_the_same_name_is_not_named(
    monkeypatch: pytest.MonkeyPatch, environment: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "skipgram").touch(mode=0o755)
    (other / "python").symlink_to(environment / "python")
    monkeypatch.setenv("PATH", str(other))
    monkeypatch.setattr(sys, "argv", ["env/bin/skipgram"])
    assert command_line("info") == "env/bin/skipgram info"
    monkeypatch.setattr(sys, "argv", ["/package/skipgram/__main__.py"])
    assert command_line("info") == "env/bin/python -m skipgram info"


def test_a_path_is_not_read_as_an_option(
    monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.setattr(sys, "argv", [str(environment / "skipgram")])
    words = command_line("train", "--output", Path("-dash")).split()
    assert words[1:] == ["train", "--output", "./-dash"]


def test_the_module_is_run_by_the_same_python(
    monkeypatch: pytest.MonkeyPatch, environment: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["/package/skipgram/__main__.py"])
    assert command_line("info", Path("m")) == "env/bin/python -m skipgram info m"
    monkeypatch.chdir(environment)
    assert command_line("info", "m") == f"{environment}/python -m skipgram info m"
    monkeypatch.setenv("PATH", str(environment))
    assert command_line("info", "m") == "python -m skipgram info m"


@pytest.mark.skipif(sys.platform == "win32", reason="the shell is another one")
def test_the_shell_reads_the_arguments_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["no program"])
    text = command_line("info", "my model", "$HOME", "it's")
    arguments = text.split(" -m skipgram ")[1]
    shell = ["sh", "-c", f"printf '%s\\n' {arguments}"]
    printed = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["info", "my model", "$HOME", "it's"]
