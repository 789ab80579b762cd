"""Models whose place can no longer be written when their training ends are saved elsewhere."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from skipgram.errors import OutputError, SkipgramError

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings

_LONGEST_STEM = 50
"""Characters of the name that are kept: the name may be what cannot be written."""


def save_somewhere(embeddings: Embeddings, output: Path) -> None:
    """Save a model; if that fails, save it beside its place, or in another folder.

    Raises:
        OutputError: the model is not at its place; the message says where it is.
        FormatError, ConfigError: no model can hold it.
    """
    try:
        embeddings.save(output)
    except (OutputError, OSError) as error:
        tried = []
        for place in _other_places(output):
            tried.append(place.parent)
            try:
                embeddings.save(place)
            except (SkipgramError, OSError):
                continue
            raise OutputError(f"{error}. The model was saved to {place} instead") from error
        folders = ", ".join(map(str, dict.fromkeys(tried)))
        raise OutputError(
            f"{error}. The model could not be saved in another folder either ({folders})"
        ) from error


def _other_places(output: Path) -> Iterator[Path]:
    """Yield a free path in each folder that may be writable."""
    suffix = output.suffix if output.suffix.lower() == ".safetensors" else ""
    stem = output.name.removesuffix(suffix)[:_LONGEST_STEM]
    for folder in (output.absolute().parent, *_usual_folders()):
        names = (f"{stem}-unsaved{number}{suffix}" for number in chain([""], count(2)))
        yield next(path for path in map(folder.joinpath, names) if not os.path.lexists(path))


def _usual_folders() -> Iterator[Path]:
    """Yield the folders for temporary files and of the user, if there are any."""
    for find in (tempfile.gettempdir, Path.home):
        with contextlib.suppress(OSError, RuntimeError):
            yield Path(find())
