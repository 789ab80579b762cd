"""The one way to import an optional package: one that only some features need.

Most optional packages come with an extra: `pip install 'skipgram[data]'`, or in a clone
`pip install -e '.[data]'`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit
from urllib.request import url2pathname

from skipgram.errors import MissingExtraError
from skipgram.forks import delaying_forks


def import_optional(
    module: str, feature: str, install: str, submodules: Iterable[str] = ()
) -> ModuleType:
    """Return a module of an optional package.

    Args:
        module: its full name.
        feature: what needs it, as the subject of a sentence: "reading zstd".
        install: what pip must install: "skipgram[data]".
        submodules: names of submodules to import with it.

    Raises:
        MissingExtraError: it cannot be imported.
    """
    try:
        with delaying_forks():
            imported = importlib.import_module(module)
            for name in submodules:
                importlib.import_module(f"{module}.{name}")
    except ImportError as error:
        raise missing_package(feature, error, install) from error
    return imported


def import_if_installed(module: str) -> ModuleType | None:
    """Return a module, or None if it cannot be imported."""
    try:
        with delaying_forks():
            return importlib.import_module(module)
    except ImportError:
        return None


def missing_package(feature: str, error: ImportError, install: str) -> MissingExtraError:
    """Return the error for a failed import, with the command that installs the package."""
    return MissingExtraError(
        f"{feature} needs an optional package ({error}); run: {install_command(install)}"
    )


def install_command(install: str) -> str:
    """Return the command that installs a package or an extra into this environment.

    An extra of skipgram is installed from where skipgram was: a package index, or a directory.

    Args:
        install: what pip must install: "skipgram[data]".
    """
    name, bracket, extra = install.partition("[")
    directory, editable = _source() if name == "skipgram" else (None, False)
    if directory is not None:
        install = f"{directory}{bracket}{extra}"
    flag = "-e " if editable else ""
    return f"{_pip()} install {flag}{shlex.quote(install)}"


def _source() -> tuple[Path | None, bool]:
    """Return the directory that skipgram was installed from, if any, and whether as editable.

    pip writes it to `direct_url.json` (https://packaging.python.org/specifications/direct-url/).
    """
    try:
        text = importlib.metadata.distribution("skipgram").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        text = None
    origin = json.loads(text or "{}")
    if "dir_info" not in origin:
        return None, False
    directory = Path(url2pathname(urlsplit(origin["url"]).path))
    if not (directory / "pyproject.toml").is_file():
        return None, False
    return directory, bool(origin["dir_info"].get("editable", False))


def _pip() -> str:
    """Return "pip" if that is the pip of this environment, else the command that runs it."""
    found = shutil.which("pip")
    if found is not None and Path(found).parent == Path(sys.executable).parent:
        return "pip"
    return f"{shlex.quote(sys.executable)} -m pip"
