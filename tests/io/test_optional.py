from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from pathlib import Path

import pytest

from skipgram.errors import MissingExtraError
from skipgram.io.optional import (
    import_if_installed,
    import_optional,
    install_command,
    missing_package,
)


class Distribution:
    """skipgram as pip installed it, with what pip wrote of its origin."""

    def __init__(self, origin: dict[str, object] | None) -> None:
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.origin is None else json.dumps(self.origin)


def installed_from(monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None) -> None:
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Distribution(origin))


@pytest.fixture(autouse=True)
def active_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Install skipgram from an index, in an environment that is active."""
    for name in ("python", "pip"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    installed_from(monkeypatch, None)
    return tmp_path / "bin"


def test_an_installed_module_is_returned_with_its_submodules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert import_optional("json", "reading JSON", "json") is json
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)
    assert import_optional("json", "reading JSON", "json", ["tool"]) is json
    assert "json.tool" in sys.modules
    assert import_if_installed("json") is json


@pytest.mark.parametrize(
    ("install", "command"),
    [("skipgram[data]", "pip install 'skipgram[data]'"), ("torch", "pip install torch")],
)
def test_a_missing_module_gives_the_feature_and_the_command(install: str, command: str) -> None:
    for module, submodules in (("no_such_module", []), ("json", ["no_such_module"])):
        with pytest.raises(MissingExtraError, match=re.escape(command) + "$") as caught:
            import_optional(module, "reading tables", install, submodules)
        assert str(caught.value).startswith("reading tables needs an optional package (No module")
        assert isinstance(caught.value, ImportError)


def test_a_module_that_is_not_installed_can_be_ignored() -> None:
    assert import_if_installed("no_such_module") is None
    assert import_if_installed("json.no_such_module") is None


def test_a_package_that_is_broken_shows_why() -> None:
    error = missing_package(
        "reading zstd", ImportError("libzstd.so.1: not found"), "skipgram[data]"
    )
    assert "(libzstd.so.1: not found); run: pip install 'skipgram[data]'" in str(error)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        {"url": "https://host/skipgram.whl", "archive_info": {}},
        {"url": "https://host/skipgram.git", "vcs_info": {"vcs": "git", "commit_id": "c"}},
        {"url": "file:///no/such/clone", "dir_info": {"editable": True}},
    ],
)
def test_an_extra_comes_from_the_index_if_there_is_no_clone(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None
) -> None:
    installed_from(monkeypatch, origin)
    assert install_command("skipgram[data]") == "pip install 'skipgram[data]'"


@pytest.mark.parametrize(("editable", "flag"), [(True, "-e "), (False, "")])
def test_an_extra_comes_from_the_clone_that_skipgram_was_installed_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, editable: bool, flag: str
) -> None:
    clone = tmp_path / "my clone"
    clone.mkdir()
    (clone / "pyproject.toml").touch()
    info = {"editable": True} if editable else {}
    installed_from(monkeypatch, {"url": clone.as_uri(), "dir_info": info})
    assert install_command("skipgram[data]") == f"pip install {flag}'{clone}[data]'"
    assert install_command("torch") == "pip install torch"


def test_an_extra_of_a_package_that_was_not_installed_comes_from_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert install_command("skipgram[data]") == "pip install 'skipgram[data]'"


def test_the_pip_of_another_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch, active_environment: Path, tmp_path: Path
) -> None:
    python = tmp_path / "other" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    assert install_command("torch") == f"{python} -m pip install torch"
    (active_environment / "pip").unlink()
    assert install_command("torch") == f"{python} -m pip install torch"
