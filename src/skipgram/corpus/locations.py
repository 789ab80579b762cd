"""From names to files: paths, patterns, directories, URLs, and - for standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from skipgram.corpus.streams import Location, local, remote, standard_input, web
from skipgram.errors import CorpusError, missing_extra

_STANDARD_INPUT = {"-", "stdin://"}


def is_url(name: str) -> bool:
    """Whether a name is one of another machine or protocol."""
    scheme, separator, _ = name.partition("://")
    return bool(separator) and scheme.replace("+", "").isalnum()


def find(names: Iterable[str | os.PathLike[str]]) -> list[Location]:
    """Return the files that the names stand for, those of a pattern or directory in the order of their names.

    Raises:
        CorpusError: a name stands for nothing, or for what cannot be read; all files together are empty.
    """
    found = [location for name in names for location in _find(os.fspath(name))]
    if not found:
        raise CorpusError("no corpus was given; name at least one text file")
    paths = [location.path for location in found if location.path]
    if len(paths) == len(found) and all(path.is_file() and path.stat().st_size == 0 for path in paths):
        raise CorpusError(f"corpus file {', '.join(map(str, paths))} is empty")
    return found


def _find(name: str) -> list[Location]:
    if name in _STANDARD_INPUT:
        return [standard_input()]
    if is_url(name):
        return _find_url(name)
    if not os.path.exists(name):  # noqa: PTH110 - Path.exists raises where the name is too long
        if glob.has_magic(name):
            return _find_pattern(name)
        shown = name if len(name) < 100 else f"{name[:100]}..."
        raise CorpusError(f"corpus file {shown} does not exist; a string names a file, sentences are lists of words")
    path = Path(name)
    return _find_directory(path) if path.is_dir() else [_readable(path)]


def _readable(path: Path) -> Location:
    if not os.access(path, os.R_OK):
        raise CorpusError(f"corpus file {path} cannot be read: permission denied")
    return local(path)


def _find_pattern(pattern: str) -> list[Location]:
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
    files = [_readable(path) for path in paths if not path.is_dir()]
    if not files:
        raise CorpusError(f"no file matches the pattern {pattern}; check it, and quote it against the shell")
    return files


def _find_directory(directory: Path) -> list[Location]:
    """Return the files of a directory and of those in it; what begins with a dot is hidden."""

    def refuse(error: OSError) -> None:
        raise CorpusError(f"corpus directory {error.filename} cannot be read: {error.strerror}") from error

    files = []
    for folder, folders, names in os.walk(directory, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
    if not files:
        raise CorpusError(f"corpus directory {directory} holds no files; name one that holds text files")
    return [_readable(path) for path in files]


def _find_url(url: str) -> list[Location]:
    scheme = url.partition("://")[0]
    if scheme in {"http", "https"}:
        return [web(url)]
    if scheme == "file":
        return _find(url.removeprefix("file://"))
    filesystem, path = _filesystem(url)
    try:
        if glob.has_magic(path):
            found = sorted(filesystem.glob(path))
        elif filesystem.isdir(path):
            found = sorted(filesystem.find(path))
        else:
            return [remote(url, filesystem, path)]
    except OSError as error:
        raise CorpusError(f"corpus {url} cannot be read: {error}") from error
    if not found:
        raise CorpusError(f"no file is found at {url}; check the URL")
    return [remote(f"{scheme}://{name}", filesystem, name) for name in found]


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise missing_extra(f"reading {url}", "cloud") from error
    try:
        filesystem, path = fsspec.url_to_fs(url)
    except ImportError as error:
        raise CorpusError(f"reading {url} needs another package: {error}") from error
    except ValueError as error:
        raise CorpusError(f"corpus {url} cannot be read: {error}") from error
    return filesystem, path
