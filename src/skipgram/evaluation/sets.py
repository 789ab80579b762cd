"""Evaluation sets by name: where each is published, and how it is downloaded once.

A set is looked for in the folder named by the environment variable SKIPGRAM_DATA, then in the
user's cache, under its file name. If neither has it, it is downloaded into the cache, but only if
its SHA-256 is listed here, so that the content can be checked. The others must be saved there by
hand; the error says what to get and where to save it.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from skipgram.errors import FormatError, OutputError, ReadError
from skipgram.io.atomic import replacing_file
from skipgram.io.locations import find
from skipgram.io.streams import Stream
from skipgram.training.events import Report, StageProgressed, silent
from skipgram.wording import reason_of

FOLDER = "SKIPGRAM_DATA"

_BLOCK_BYTES = 1 << 16
_MOST_BYTES = 1 << 24
"""The most bytes of a download. The largest set has 0.6 MB."""

_CLOSE = 0.65
"""The least similarity of a name to the one suggested; "ws353" is close to "wordsim353"."""


class KnownSet(NamedTuple):
    """A public evaluation set.

    Attributes:
        file: the name of its file.
        url: where it is published.
        sha256: of the published file, if it is known.
    """

    file: str
    url: str
    sha256: str | None = None


_GENSIM = "https://raw.githubusercontent.com/piskvorky/gensim/4.4.0/gensim/test/test_data"
_WORD_SIM = "https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/master/data/word-sim"

KNOWN_SETS = {
    "wordsim353": KnownSet(  # Finkelstein et al. 2002
        "wordsim353.tsv",
        f"{_GENSIM}/wordsim353.tsv",
        "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    ),
    "simlex999": KnownSet(  # Hill et al. 2015
        "simlex999.tsv",
        f"{_GENSIM}/simlex999.txt",
        "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    ),
    "men": KnownSet("men3000.tsv", f"{_WORD_SIM}/EN-MEN-TR-3k.txt"),  # Bruni et al. 2014
    "mturk771": KnownSet("mturk771.tsv", f"{_WORD_SIM}/EN-MTurk-771.txt"),  # Halawi et al. 2012
    "rarewords": KnownSet("rarewords.tsv", f"{_WORD_SIM}/EN-RW-STANFORD.txt"),  # Luong et al. 2013
    "rg65": KnownSet("rg65.tsv", f"{_WORD_SIM}/EN-RG-65.txt"),  # Rubenstein and Goodenough 1965
    "questions-words": KnownSet(  # Mikolov et al. 2013a
        "questions-words.txt",
        f"{_GENSIM}/questions-words.txt",
        "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    ),
}


def cache_folder() -> Path:
    """Return the user's folder for downloads that can be repeated."""
    if sys.platform == "win32":
        place = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        place = Path.home() / "Library" / "Caches"
    else:
        place = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(place) / "skipgram"


def find_set(name: str | os.PathLike[str], report: Report = silent) -> Path:
    """Return the file of a set, given by name or by path; an existing file has priority.

    Args:
        name: the name or the path.
        report: a function that is called with the progress of a download, in bytes.

    Raises:
        FormatError: the name is empty, or a known set is not on this machine and cannot be
            downloaded, or the download is not the expected file.
        OutputError: the download cannot be written to the cache.
    """
    if not os.fspath(name):
        raise FormatError(
            f"the name of an evaluation set is empty; give a file or one of {', '.join(KNOWN_SETS)}"
        )
    path = Path(name).expanduser()
    known = KNOWN_SETS.get(os.fspath(name))
    if known is None:
        return path
    places = [cache_folder() / known.file]
    if folder := os.environ.get(FOLDER):
        places.insert(0, Path(folder) / known.file)
    try:
        found = next((place for place in (path, *places) if place.is_file()), None)
    except OSError as error:
        raise FormatError(
            f"cannot look for the evaluation set {name}: {reason_of(error)} ({error.filename}); "
            "check that folder, or give the set as a file"
        ) from error
    return found or _download(os.fspath(name), known, places, report)


def nearest_name(path: Path) -> str:
    """Return the name of the known set that a path probably means, or ""."""
    spelled = {_letters(name): name for name in KNOWN_SETS}
    files = {_letters(Path(known.file).stem): name for name, known in KNOWN_SETS.items()}
    given = _letters(path.stem)
    if found := {**files, **spelled}.get(given):
        return found
    near = difflib.get_close_matches(given, spelled, n=1, cutoff=_CLOSE)
    return spelled[near[0]] if near and not path.suffix else ""


def _letters(name: str) -> str:
    """Return the letters and digits of a name, in lower case."""
    return "".join(filter(str.isalnum, name.lower()))


def _download(name: str, known: KnownSet, places: list[Path], report: Report) -> Path:
    elsewhere = (
        f" (or as {known.file} in a directory that the environment variable {FOLDER} names)"
        if len(places) == 1
        else ""
    )
    by_hand = (
        f"get it from {known.url} and save it as {places[0]}{elsewhere}, "
        f"or give the path of the file instead of the name {name}"
    )
    if known.sha256 is None:
        raise FormatError(
            f"the evaluation set {name} is not on this machine, and skipgram does not download it; "
            f"{by_hand}"
        )
    try:
        with closing(Stream(find([known.url])[0])) as stream:
            content = _read(stream, f"downloading {name}", report)
    except ReadError as error:
        raise FormatError(
            f"the evaluation set {name} cannot be downloaded ({error}); try again, or {by_hand}"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != known.sha256:
        source = stream.moved_to or known.url
        raise FormatError(
            f"the evaluation set {name} from {source} has the SHA-256 {found}, "
            f"not {known.sha256}, and was discarded: the download is damaged or the file has "
            f"changed; try again, or {by_hand}"
        )
    try:
        with replacing_file(places[-1], len(content)) as file:
            file.write(content)
    except OutputError as error:
        raise OutputError(
            f"the evaluation set {name} cannot be saved ({error}); {by_hand}"
        ) from error
    return places[-1]


def _read(stream: Stream, stage: str, report: Report) -> bytes:
    """Return all that a stream holds, and report how many bytes of it have been read."""
    started = time.perf_counter()
    report(StageProgressed(stage, 0, 0, 0.0))
    content = bytearray()
    while block := stream.read(_BLOCK_BYTES):
        content += block
        if len(content) > _MOST_BYTES:
            raise ReadError(stream.location.name, f"sends more than {_MOST_BYTES:,} bytes")
        if len(content) < stream.size:
            seconds = time.perf_counter() - started
            report(StageProgressed(stage, len(content), stream.size, seconds))
    report(StageProgressed(stage, len(content), len(content), time.perf_counter() - started))
    return bytes(content)
