"""What the repository says of itself in several places agrees."""

from __future__ import annotations

import importlib.metadata
import re
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
    assert all(re.match(r"[\w.-]+==\S+( ;.*)? \\$", line) for line in requirements)
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text
