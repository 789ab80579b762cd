"""From names to files: paths, patterns, directories, URLs, and - for standard input."""

from __future__ import annotations

import errno
import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from skipgram.errors import ConfigError, MissingExtraError, ReadError
from skipgram.io.directories import MODEL_DIRECTORY, is_encoded
from skipgram.io.leftovers import RUN_LOCK, recovery
from skipgram.io.optional import import_optional, missing_package
from skipgram.io.streams import STANDARD_INPUT, Location, local, remote, standard_input
from skipgram.io.web import web
from skipgram.regular_files import special_kind
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_STDIN_NAMES = {"-", "stdin://"}
_LONGEST_SHOWN = 100  # characters of a name that does not exist; it may be a whole text

_CLOUD = {"gcsfs", "huggingface_hub", "s3fs"}
"""Packages for fsspec that the extra `cloud` installs."""


def is_url(name: str) -> bool:
    """Whether a name is a URL, of any protocol."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.:-]*://", name) is not None


def find(
    names: Iterable[str | os.PathLike[str]],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> list[Location]:
    """Return the files behind some names; those of a pattern or directory are sorted by name.

    Empty files are left out.

    Args:
        names: paths, patterns, directories, URLs, or - for standard input.
        include: patterns; files that match none of them are left out. By default, none are.
        exclude: patterns; files that match one of them are left out.

    Raises:
        ConfigError: a pattern matches no file.
        ReadError: a name matches nothing or cannot be read, or all files are empty.
        MissingExtraError: a URL needs a package that is not installed.
    """
    texts = [os.fspath(name) for name in names]
    found = [location for text in texts for location in _find(text)]
    if sum(text in _STDIN_NAMES for text in texts) > 1:
        raise ReadError(
            STANDARD_INPUT, "is given more than once but can be read only once; give it once"
        )
    if include or exclude:
        found = _filtered(found, include, exclude)
    for location in found:
        _check_readable(location)
    left = [location for location in found if not _is_empty(location)]
    if found and not left:
        names_found = ", ".join(location.name for location in found)
        raise ReadError(
            names_found, f"{'is' if len(found) == 1 else 'are'} empty; give a file with text"
        )
    return left


def _filtered(
    found: Sequence[Location], include: Sequence[str], exclude: Sequence[str]
) -> list[Location]:
    """Return the files that the patterns ask for; standard input is always kept."""
    left = [
        location
        for location in found
        if location.name == STANDARD_INPUT
        or (
            (not include or any(_matches(location.name, pattern) for pattern in include))
            and not any(_matches(location.name, pattern) for pattern in exclude)
        )
    ]
    if found and not left:
        patterns = (("include", include), ("exclude", exclude))
        shown = ", ".join(f"{name}={','.join(given)}" for name, given in patterns if given)
        raise ReadError(
            found[0].name,
            f"is left out, as are all files of the corpus: {shown}; check the patterns",
        )
    for option, given in (("include", include), ("exclude", exclude)):
        for pattern in given:
            if not any(_matches(location.name, pattern) for location in found):
                raise ConfigError(
                    f"{option}={pattern} matches no file of the corpus; check the pattern, or "
                    "leave it out (*.txt matches names of files, and drafts/ all files in folders "
                    "of that name)"
                )
    return left


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern matches the name of a file, or the end of its path if it has a slash.

    A pattern that ends with a slash matches all files below the folder.
    """
    pattern = f"{pattern}*" if pattern.endswith("/") else pattern
    path = "/" + name.replace(os.sep, "/")
    if "/" not in pattern:
        path = path.rpartition("/")[2]
        return fnmatch.fnmatchcase(path, pattern)
    return fnmatch.fnmatchcase(path, f"*/{pattern.lstrip('/')}")


def _is_empty(location: Location) -> bool:
    return location.path is not None and location.path.is_file() and location.size == 0


def _find(name: str) -> list[Location]:
    if name == "":
        raise ReadError("''", "is an empty name; name a file, or . for the current directory")
    if name in _STDIN_NAMES:
        return [standard_input()]
    if is_url(name):
        return _find_url(name)
    name = os.path.expanduser(name)  # noqa: PTH111 - as it is written, for messages
    if not _exists(name):
        if glob.has_magic(name):
            return _find_pattern(name)
        shown = name if len(name) < _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."
        shown = shown if shown.isprintable() else repr(shown)  # a text was given, with line ends
        usual = "check the path (in Python, pass sentences as lists of words)"
        raise ReadError(shown, f"does not exist; {recovery(name) or usual}")
    return _find_path(Path(name))


def _exists(name: str) -> bool:
    """Whether a file has this name, or a link, even one that leads nowhere.

    Raises:
        ReadError: the system does not tell.
    """
    try:
        os.lstat(name)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise _unreadable(name, error) from error
    return True


def _unreadable(name: str, error: OSError) -> ReadError:
    return ReadError(name, f"cannot be read: {reason_of(error)}; check the path")


def _find_path(path: Path, *, in_pattern: bool = False) -> list[Location]:
    if is_encoded(path):
        raise ReadError(
            str(path),
            "is an encoded corpus, not text; use it alone, or name the text it was made from",
        )
    try:
        if path.is_dir():
            return _find_directory(path)
        kind = special_kind(path)
        if kind and (in_pattern or kind != "a pipe"):
            wrong = "which a pattern may not match" if in_pattern else "name a file or a pipe"
            raise ReadError(str(path), f"is {kind}{',' if in_pattern else ';'} {wrong}")
        return [local(path)]
    except OSError as error:
        raise _unreadable(str(error.filename or path), error) from error


def _check_readable(location: Location) -> None:
    if location.path is not None and not os.access(location.path, os.R_OK):
        raise ReadError(location.name, "cannot be read: permission denied; check its permissions")


def _find_pattern(pattern: str) -> list[Location]:
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute ones
    paths = [Path(name) for name in sorted(matches)]
    if "**" in pattern:
        # It matches the files of a directory as well as the directory, and follows circular links.
        files = {path.resolve(): path for path in reversed(paths) if not path.is_dir()}
        paths = list(files.values())[::-1]
    if not paths:
        raise ReadError(pattern, "matches no file; check the pattern, and quote it in the shell")
    return [location for path in paths for location in _find_path(path, in_pattern=True)]


def _find_directory(directory: Path) -> list[Location]:
    """Return the regular files in a directory and its subdirectories; links are followed.

    Names that begin with a dot are hidden. Encoded corpora, models and the directories of runs are
    skipped.
    """

    def refuse(error: OSError) -> None:
        raise error

    files, seen = [], set()
    for folder, folders, names in os.walk(directory, onerror=refuse, followlinks=True):
        status = Path(folder).stat()
        identity = (status.st_dev, status.st_ino)
        is_output = MODEL_DIRECTORY.needed <= set(names) or RUN_LOCK in names
        if identity in seen or is_encoded(folder) or is_output:
            folders.clear()  # do not descend; links may be circular
            continue
        seen.add(identity)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
    files = [path for path in files if path.is_file()]
    if not files:
        raise ReadError(str(directory), "holds no files; name a directory that holds text files")
    return [local(path)._replace(found=True) for path in files]


def _find_url(url: str) -> list[Location]:
    scheme = url.partition("://")[0]
    if scheme in {"http", "https"}:
        return [web(url)]
    if scheme in {"file", "local"}:
        return _find_path(Path(url2pathname(urlsplit(url).path)))
    try:
        filesystem, path = _filesystem(url)
        if glob.has_magic(path):
            found = sorted(filesystem.glob(path))
        elif filesystem.isdir(path):
            found = sorted(filesystem.find(path))
        else:
            return [remote(url, filesystem, path)]
    except MissingExtraError:
        raise
    except Exception as error:  # each file system of fsspec has its own exceptions
        raise ReadError(url, f"cannot be read: {str(error) or type(error).__name__}") from error
    if not found:
        raise ReadError(url, "matches no file; check the URL")
    is_directory = not glob.has_magic(path)
    return [
        remote(f"{scheme}://{name}", filesystem, name)._replace(found=is_directory)
        for name in found
    ]


def _filesystem(url: str) -> tuple[AbstractFileSystem, str]:
    fsspec = import_optional("fsspec", f"reading {url}", "skipgram[cloud]")
    try:
        filesystem, path = fsspec.url_to_fs(url)
    except ImportError as error:  # fsspec needs another package for each protocol
        if getattr(error.__cause__, "name", None) in _CLOUD:
            raise missing_package(f"reading {url}", error, "skipgram[cloud]") from error
        raise MissingExtraError(f"reading {url} needs another package: {error}") from error
    return filesystem, path
