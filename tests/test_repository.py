"""What the repository says of itself in several places agrees."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

import skipgram

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HOME = "https://github.com/skipgram/skipgram"


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_the_version_is_that_of_pyproject_everywhere() -> None:
    version = PROJECT["version"]
    assert importlib.metadata.version("skipgram") == version
    assert skipgram.__version__ == version
    assert re.findall(r"^version: (.*)$", read("CITATION.cff"), re.MULTILINE) == [version]
    headings = re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == version


def test_every_supported_python_is_tested() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrix = re.search(r"^ +python: \[(.*)\]$", read(".github/workflows/test.yml"), re.MULTILINE)
    assert matrix
    assert re.findall(r"3\.\d+", matrix[1]) == named
    assert PROJECT["requires-python"] == f">={named[0]}"


def test_all_links_name_the_same_repository() -> None:
    for name in ("Homepage", "Source", "Issues", "Changelog"):
        assert PROJECT["urls"][name].startswith(HOME)
    for path in ("CITATION.cff", "SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml"):
        links = re.findall(r"https://github\.com/[\w-]+/[\w-]+", read(path))
        assert set(links) == {HOME}, path


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_requirements_are_pinned_and_name_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    requirements = re.findall(r"^(?![ #]).+", text, re.MULTILINE)
    assert requirements
    assert all(re.match(r"[\w.\[\]-]+==\S+( ;.*)? \\$", line) for line in requirements)
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text


def test_the_lock_of_the_tests_names_extras() -> None:
    # Without them, pip 23.2 refuses the lock on the day a newer coverage is released.
    assert re.search(r"^coverage\[toml\]==", read("requirements/dev.txt"), re.MULTILINE)


def pins(path: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", read(path), re.MULTILINE))


def test_running_and_testing_use_the_same_versions() -> None:
    running, testing = pins("requirements/run.txt"), pins("requirements/dev.txt")
    assert running < testing
    assert {re.split("[>=]", need)[0] for need in PROJECT["dependencies"]} <= {
        name for name, _ in running
    }


def test_continuous_integration_runs_the_slow_tests_too() -> None:
    assert "make test-all" in read(".ci/run")
    assert "not slow" not in read("pyproject.toml") + read(".github/workflows/test.yml")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    if program is None:
        pytest.skip("needs make")
    command = [program, "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_make_help_lists_the_targets() -> None:
    listed = [line.split()[0] for line in make("help").stdout.splitlines()]
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)", read("Makefile"), re.MULTILINE)
    assert phony
    helpers = {"needs-corpus", "needs-sets"}
    assert set(listed) == set(phony[1].replace("\\\n", " ").split()) - helpers
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bench"], 'CORPUS is ""; it must be a text file'),
        (["bench-more", "CORPUS=nowhere.txt"], 'CORPUS is "nowhere.txt"; it must be a text file'),
        (["bench-quick", "CORPUS=Makefile"], 'EVAL is ""; it must be a folder'),
        (["bench-methods", "CORPUS=Makefile", "EVAL=src"], 'EVAL is "src"; it must be a folder'),
    ],
)
def test_a_benchmark_needs_its_files(arguments: list[str], said: str) -> None:
    answer = make(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr
    assert f"`make help` shows what {arguments[0]} needs" in answer.stderr
