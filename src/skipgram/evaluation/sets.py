"""Evaluation sets by name: where each one lies, and how it is fetched once.

A set is looked for in the folder that the environment variable SKIPGRAM_DATA names, then in the user's cache, under its file
name. If it is in neither, it is fetched into the cache, provided that it is known for certain which bytes are meant: those with
a SHA-256 here. The others have to be put there by hand; the error says what to get, and where to put it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from skipgram.errors import CorpusError, FormatError, OutputError
from skipgram.io.atomic import replacing_file
from skipgram.io.locations import find
from skipgram.io.streams import Stream

FOLDER = "SKIPGRAM_DATA"


class KnownSet(NamedTuple):
    """A public evaluation set: the name of its file, where it is published, and the SHA-256 of what lies there, if known."""

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
    """The user's folder for what was fetched and can be fetched again."""
    if sys.platform == "win32":
        place = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        place = Path.home() / "Library" / "Caches"
    else:
        place = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(place) / "skipgram"


def find_set(name: str | os.PathLike[str]) -> Path:
    """The file of a set that is given by its name or by a path; a file that is there goes before a name.

    Raises:
        FormatError: the name is empty; or a known set is not here and cannot be fetched, or what was fetched is not what is
            known by that name.
        OutputError: it cannot be written to the cache.
    """
    if not os.fspath(name):
        raise FormatError(
            f"the name of an evaluation set is empty; give a file or one of {', '.join(KNOWN_SETS)}"
        )
    path = Path(name)
    known = KNOWN_SETS.get(os.fspath(name))
    if known is None:
        return path
    places = [cache_folder() / known.file]
    if folder := os.environ.get(FOLDER):
        places.insert(0, Path(folder) / known.file)
    try:
        found = next((place for place in (path, *places) if place.is_file()), None)
    except OSError as error:  # a folder that may not be entered
        raise FormatError(
            f"cannot look for the evaluation set {name}: {error}; allow it, or give the set as a file"
        ) from error
    return found or _fetch(os.fspath(name), known, places)


def _fetch(name: str, known: KnownSet, places: list[Path]) -> Path:
    by_hand = f"get it from {known.url} and save it as {places[0]}, or name the folder that holds it in {FOLDER}"
    if known.sha256 is None:
        raise FormatError(
            f"the evaluation set {name} is not on this machine, and skipgram does not fetch it; {by_hand}"
        )
    try:
        with closing(Stream(find([known.url])[0])) as stream:
            content = stream.readall()
    except CorpusError as error:
        reason = str(error).removeprefix(f"corpus {known.url} ")
        raise FormatError(
            f"the evaluation set {name} cannot be fetched: {known.url} {reason}; or {by_hand}"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != known.sha256:
        raise FormatError(
            f"the evaluation set {name} at {known.url} has the SHA-256 {found}, not {known.sha256}: it is another file, or was "
            f"changed on its way, and was not kept; try again, or {by_hand}"
        )
    try:
        with replacing_file(places[-1], len(content)) as file:
            file.write(content)
    except OutputError as error:
        raise OutputError(
            f"the evaluation set {name} cannot be kept: {error}; or {by_hand}"
        ) from error
    return places[-1]
