"""The wheel and the sdist: built, and the wheel installed and used outside the repository.

The environment is empty but for what skipgram requires: no extras. `make test-wheel` runs this;
`make test` does not, because it needs a package index.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION: str = PROJECT["version"]
EXTRAS = {"gensim", "optuna", "pyarrow", "usearch"}


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder; return its output. PYTHONPATH must not show it the repository."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(source: Path, target: Path) -> tuple[Path, Path]:
    """Build both files of a source tree; return the paths of the wheel and the sdist."""
    run(sys.executable, "-m", "hatchling", "build", "--directory", target, folder=source)
    return next(target.glob("*.whl")), next(target.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def constraints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked versions, without hashes: pip would want one for the wheel, too."""
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    path = tmp_path_factory.mktemp("constraints") / "constraints.txt"
    pinned = [line.removesuffix(" \\") for line in lines if re.match(r"[\w.-]+==", line)]
    path.write_text("\n".join(pinned) + "\n")
    return path


@pytest.fixture(scope="module")
def programs(
    built: tuple[Path, Path], constraints: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of programs of an environment that holds the wheel and its requirements only."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "venv", folder=folder)
    scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install = ["-m", "pip", "install", "--quiet", "--constraint", str(constraints), str(built[0])]
    run(scripts / "python", *install, folder=folder)
    return scripts


def names_in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_only(built: tuple[Path, Path]) -> None:
    wheel, _ = built
    names = names_in_wheel(wheel)
    assert wheel.name == f"skipgram-{VERSION}-py3-none-any.whl"
    assert {name.split("/")[0] for name in names} == {"skipgram", f"skipgram-{VERSION}.dist-info"}
    package = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "skipgram").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("skipgram/")} == package
    assert "skipgram/py.typed" in names
    assert f"skipgram-{VERSION}.dist-info/licenses/LICENSE" in names


def test_the_sdist_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"skipgram-{VERSION}"
    assert {path.name for path in source.iterdir()} - {".gitignore"} == {
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
        "src",
    }
    again, _ = build(source, tmp_path / "again")
    assert again.read_bytes() == wheel.read_bytes()


def test_metadata_of_the_installed_package(programs: Path, tmp_path: Path) -> None:
    code = (
        "import importlib.metadata as m, json;"
        "d = m.distribution('skipgram').metadata;"
        "print(json.dumps({key: d.get_all(key) for key in set(d.keys())}))"
    )
    found = json.loads(run(programs / "python", "-c", code, folder=tmp_path))
    assert found["Name"] == ["skipgram"]
    assert found["Version"] == [VERSION] == [importlib.metadata.version("skipgram")]
    assert found["Requires-Python"] == [PROJECT["requires-python"]]
    assert found["License-Expression"] == [PROJECT["license"]]
    assert found["Classifier"] == PROJECT["classifiers"]
    assert sorted(found["Project-URL"]) == sorted(
        f"{name}, {url}" for name, url in PROJECT["urls"].items()
    )
    assert set(found["Provides-Extra"]) == set(PROJECT["optional-dependencies"])
    assert found["Description-Content-Type"] == ["text/markdown"]


def test_only_what_is_required_is_installed(programs: Path, tmp_path: Path) -> None:
    run(programs / "python", "-m", "pip", "check", folder=tmp_path)
    listed = run(programs / "python", "-m", "pip", "list", "--format", "json", folder=tmp_path)
    names = {entry["name"].lower() for entry in json.loads(listed)}
    assert "skipgram" in names
    assert not names & {*EXTRAS, "pytest", "hypothesis", "ruff"}


def test_the_quickstart_runs_outside_the_repository(programs: Path, tmp_path: Path) -> None:
    assert VERSION in run(programs / "skipgram", "--version", folder=tmp_path)
    place = run(
        programs / "python", "-c", "import skipgram; print(skipgram.__file__)", folder=tmp_path
    )
    assert Path(place.strip()).is_relative_to(programs.parent)
    run(programs / "skipgram", "quickstart", "--output", "model", folder=tmp_path)
    command = ["neighbors", "model", "string", "--topn", "3", "--json"]
    answers = json.loads(run(programs / "skipgram", *command, folder=tmp_path))
    assert len(answers["string"]) == 3


def test_an_extra_that_is_missing_is_named(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("text\na b\n")
    command = ["train", "table.csv", "--column", "text", "--output", "model"]
    done = subprocess.run(
        [str(programs / "skipgram"), *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'skipgram[data]'" in done.stderr
