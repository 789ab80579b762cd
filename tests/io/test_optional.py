from __future__ import annotations

import json
import re
import sys

import pytest

from skipgram.errors import MissingExtraError
from skipgram.io.optional import import_if_installed, import_optional, missing_package


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
