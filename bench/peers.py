"""The programs that are compared: how to call each, and how to recognise its training phase.

Each program runs in a process of its own, with the same text, options, seed and number of threads.
It starts cold except for what it keeps on disk, and ends when its vectors are saved. Programs with
a Python module run with the Python of the runner. Others are entries of a TOML file
(`read_programs`) whose keys are the fields of `Program`.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OPTIONS: dict[str, Any] = {
    "window": 5,
    "negative": 5,
    "sample": 1e-3,
    "min_count": 5,
    "alpha": 0.025,
}


@dataclass(frozen=True)
class Job:
    """One training: program, dimensions, epochs, threads and seed.

    `cold` is the first run on a machine, before anything is compiled. Other runs find their code on
    disk.
    """

    program: str
    vector_size: int
    epochs: int
    threads: int
    seed: int
    cold: bool = False

    def options(self) -> dict[str, Any]:
        """Return all options of the training, with gensim's names except for `threads`."""
        own = {
            "vector_size": self.vector_size,
            "epochs": self.epochs,
            "threads": self.threads,
            "seed": self.seed,
        }
        return {**OPTIONS, **own}


@dataclass(frozen=True)
class Program:
    """How to call a program, and how to read its output.

    Without `training_starts`, `training_seconds` or `prints_json`, only the whole run is timed.

    Attributes:
        command: program and arguments. {corpus}, {target}, {options} (all options as JSON) and each
            option by its name are filled in.
        vectors: the file that it writes, filled in likewise: word2vec text or binary, or a model
            directory of skipgram.
        version: the version for the tables.
        training_starts: regular expression; training runs from the first output that matches it to
            the last output.
        training_seconds: regular expression with one group, the seconds of the training phase; the
            last match counts.
        prints_json: standard output is a JSON object with training_seconds, and optionally
            scan_seconds and loss.
        module: the Python module that it needs, if any.
    """

    command: list[str]
    vectors: str = "{target}"
    version: str = ""
    training_starts: str = ""
    training_seconds: str = ""
    prints_json: bool = False
    module: str = ""

    def installed(self) -> bool:
        """Return whether the module that it needs can be imported."""
        return not self.module or find_spec(self.module) is not None


def _script(name: str, *flags: str) -> list[str]:
    path = Path(__file__).resolve().parent / name
    return [sys.executable, str(path), "{corpus}", "{target}", "{options}", *flags]


_FLAGS = [f"--{name.replace('_', '-')}={{{name}}}" for name in Job("", 0, 0, 0, 0).options()]
_OURS = [
    *(sys.executable, "-m", "skipgram", "train", "{corpus}", "--output", "{target}"),
    *("--quiet", "--json", *_FLAGS),
]

PROGRAMS = {
    "skipgram": Program(_OURS, prints_json=True, module="skipgram"),
    "gensim": Program(_script("train_gensim.py"), prints_json=True, module="gensim"),
    "gensim-iterable": Program(
        _script("train_gensim.py", "--iterable"), prints_json=True, module="gensim"
    ),
    "fasttext": Program(
        _script("train_fasttext.py"), training_starts="Number of labels", module="fasttext"
    ),
}


def read_programs(path: Path) -> dict[str, Program]:
    """Return the programs of a TOML file, one per table."""
    programs = {}
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        try:
            programs[name] = Program(**entry)
        except TypeError as error:
            keys = ", ".join(Program.__annotations__)
            sys.exit(f"[{name}] in {path}: {error}; known keys: {keys}")
    return programs


def fill_in(texts: list[str], options: dict[str, Any], corpus: Path, target: Path) -> list[str]:
    """Return the texts with each {name} replaced by its value."""
    values = {**options, "corpus": corpus, "target": target, "options": json.dumps(options)}
    return [text.format(**values) for text in texts]


def versions(programs: dict[str, Program] | None = None) -> dict[str, str]:
    """Return the known versions of the programs, and of the libraries that affect their speed."""
    libraries = ("skipgram", "gensim", "numba", "numpy")
    found = {name: version(name) for name in libraries if find_spec(name)}
    for name, program in (programs or {}).items():
        if program.module == "fasttext":  # several distributions have this module
            distribution = packages_distributions()["fasttext"][0]
            found[name] = f"{version(distribution)} ({distribution})"
        elif program.version:
            found[name] = program.version
    return found
