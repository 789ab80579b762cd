"""The one way to import an optional package: one that only some features need.

Most optional packages come with an extra: `pip install 'skipgram[data]'`.
"""

from __future__ import annotations

import importlib
import shlex
from collections.abc import Iterable
from types import ModuleType

from skipgram.errors import MissingExtraError


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
        imported = importlib.import_module(module)
        for name in submodules:
            importlib.import_module(f"{module}.{name}")
    except ImportError as error:
        raise missing_package(feature, error, install) from error
    return imported


def import_if_installed(module: str) -> ModuleType | None:
    """Return a module, or None if it cannot be imported."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def missing_package(feature: str, error: ImportError, install: str) -> MissingExtraError:
    """Return the error for a failed import, with the command that installs the package."""
    return MissingExtraError(
        f"{feature} needs an optional package ({error}); run: pip install {shlex.quote(install)}"
    )
