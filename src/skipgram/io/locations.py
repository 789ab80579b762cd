"""From names to files: paths, patterns, directories, URLs, and - for standard input."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from skipgram.errors import CorpusError, SkipgramError, missing_extra
from skipgram.io.directories import is_encoded
from skipgram.io.streams import Location, local, remote, standard_input, web

_STANDARD_INPUT = {"-", "stdin://"}
_MODEL = {"model.safetensors", "training.json"}


def is_url(name: str) -> bool:
    """Whether a name is one of another machine or protocol."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.:-]*://", name) is not None


def find(names: Iterable[str | os.PathLike[str]]) -> list[Location]:
    """Return the files that the names stand for, those of a pattern or directory in the order of their names.

    Empty files are left out.

    Raises:
        CorpusError: a name stands for nothing, or for what cannot be read; all files together are empty.
    """
    texts = [os.fspath(name) for name in names]
    found = [location for text in texts for location in _find(text)]
    if not found:
        raise CorpusError("no corpus was given; name at least one text file")
    if sum(text in _STANDARD_INPUT for text in texts) > 1:
        raise CorpusError("standard input is named twice, but can be read once; name it once")
    left = [
        location
        for location in found
        if not (location.path and location.path.is_file() and location.size == 0)
    ]
    if not left:
        raise CorpusError(f"corpus file {', '.join(location.name for location in found)} is empty")
    return left


def _find(name: str) -> list[Location]:
    if name == "":
        raise CorpusError(
            "the name of a corpus is empty; name a file, or . for the directory you are in"
        )
    if name in _STANDARD_INPUT:
        return [standard_input()]
    if is_url(name):
        return _find_url(name)
    if not os.path.lexists(name):
        if glob.has_magic(name):
            return _find_pattern(name)
        shown = name if len(name) < 100 else f"{name[:100]}..."
        raise CorpusError(
            f"corpus file {shown} does not exist; a string names a file, sentences are lists of words"
        )
    return _find_path(Path(name))


def _find_path(path: Path) -> list[Location]:
    if is_encoded(path):
        raise CorpusError(
            f"{path} is an encoded corpus, which trains by itself; name it alone, or the text it was made from"
        )
    return _find_directory(path) if path.is_dir() else [_readable(path)]


def _readable(path: Path) -> Location:
    if not os.access(path, os.R_OK):
        raise CorpusError(f"corpus file {path} cannot be read: permission denied")
    return local(path)


def _find_pattern(pattern: str) -> list[Location]:
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
    if (
        "**" in pattern
    ):  # which finds what is in a directory by itself, and follows links in circles
        paths = list(
            {path.resolve(): path for path in reversed(paths) if not path.is_dir()}.values()
        )[::-1]
    if not paths:
        raise CorpusError(
            f"no file matches the pattern {pattern}; check it, and quote it against the shell"
        )
    return [location for path in paths for location in _find_path(path)]


def _find_directory(directory: Path) -> list[Location]:
    """Return the regular files of a directory and of those in it, links followed.

    What begins with a dot is hidden, and what skipgram wrote there, encoded corpora and models, is no text.
    """

    def refuse(error: OSError) -> None:
        raise CorpusError(
            f"corpus directory {error.filename} cannot be read: {error.strerror}"
        ) from error

    files, seen = [], set()
    for folder, folders, names in os.walk(directory, onerror=refuse, followlinks=True):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen or is_encoded(folder) or (set(names) >= _MODEL):
            folders.clear()  # links may go round in a circle
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
    files = [path for path in files if path.is_file()]
    if not files:
        raise CorpusError(
            f"corpus directory {directory} holds no files; name one that holds text files"
        )
    return [_readable(path) for path in files]


def _find_url(url: str) -> list[Location]:
    scheme = url.partition("://")[0]
    if scheme in {"http", "https"}:
        return [web(url)]
    if scheme == "file":
        return _find_path(Path(url2pathname(urlsplit(url).path)))
    try:
        filesystem, path = _filesystem(url)
        if glob.has_magic(path):
            found = sorted(filesystem.glob(path))
        elif filesystem.isdir(path):
            found = sorted(filesystem.find(path))
        else:
            return [remote(url, filesystem, path)]
    except SkipgramError:
        raise
    except Exception as error:  # each of fsspec's file systems has errors of its own
        raise CorpusError(
            f"corpus {url} cannot be read: {str(error) or type(error).__name__}"
        ) from error
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
    return filesystem, path
