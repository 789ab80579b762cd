"""Saves a model as its name says: as one file if it ends in .safetensors, else as a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skipgram import model_directory, model_file
from skipgram.io.directories import MODEL_DIRECTORY, check_directory

if TYPE_CHECKING:
    import os

    from skipgram.model_directory import Model


def _is_file(path: str | os.PathLike[str]) -> bool:
    return str(path).lower().removesuffix(".gz").endswith(model_file.SUFFIX)


def check_target(path: str | os.PathLike[str]) -> None:
    """Check, before any work is done, that a model can be saved.

    Raises:
        OutputError: see `model_file.check_target` and `check_directory`.
    """
    if _is_file(path):
        model_file.check_target(path)
    else:
        check_directory(path, MODEL_DIRECTORY)


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Save a model; errors as for `model_file.save` and `model_directory.save`."""
    if _is_file(path):
        model_file.save(model, path)
    else:
        model_directory.save(model, path)
