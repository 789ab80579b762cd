"""What a format is to the fuzzer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from mutate import mutate, splice
from repack import Files, Repack


class Target(NamedTuple):
    """A kind of file or directory that skipgram reads.

    Attributes:
        name: on the command line and in the table.
        make: writes small valid inputs, each as a folder of its own in the given folder.
        read: reads the files of a folder.
        repacks: changes inside the structure of the files, beside those of their bytes.
    """

    name: str
    make: Callable[[Path], None]
    read: Callable[[Path], None]
    repacks: tuple[Repack, ...] = ()


def only_file(folder: Path) -> Path:
    """Return the only file of a folder."""
    (path,) = folder.iterdir()
    return path


def read_files(folder: Path) -> Files:
    """Return the content of all files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def write_files(folder: Path, files: Files) -> None:
    """Write files into a folder, and remove all others from it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()  # not truncated: what has been read may still be mapped into memory
    for name, content in files.items():
        (folder / name).write_bytes(content)


def make_input(target: Target, seeds: list[Files], seed: int, number: int) -> Files:
    """Return one input: it depends only on the valid ones, the seed and the number."""
    rng = Random(f"{seed} {target.name} {number}")
    files = dict(rng.choice(seeds))
    if target.repacks and rng.random() < 0.6:
        changed = rng.choice(target.repacks)(rng, files)
        if changed is not None:
            return changed
    for _ in range(rng.choice((1, 1, 1, 2))):
        name = rng.choice(sorted(files))
        others = [other[name] for other in seeds if name in other]
        if rng.random() < 0.1 and others:
            files[name] = splice(rng, files[name], rng.choice(others))
        else:
            files[name] = mutate(rng, files[name])
    return files
