"""Press Ctrl-C at ten random moments of compiling, reading, training and exporting.

Each run is a real `skipgram` command that gets SIGINT. It must exit with 130, an earlier model or
file must be unchanged, and nothing half-written may be left: neither beside the output nor in the
folder for temporary files. The exit code 0 means that the run had ended before the signal.
Training writes no checkpoints here; with them, it would leave a directory for `skipgram resume`.

    python interrupt_anywhere.py [SEED]
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import skipgram

INTERRUPTED = 130
ENDLESS = ["--epochs", "100000", "--checkpoint", "off"]
LINE = b"the cat sat on the mat and the dog lay on the rug\n" * 1000
MEGABYTE = 1 << 20


@dataclass
class Places:
    """The folders of one run.

    Attributes:
        output: where the result would be.
        temporary: the folder for temporary files.
        cache: the folder for compiled code; None for the usual one, which is warm.
    """

    output: Path
    temporary: Path
    cache: Path | None = None


@dataclass(frozen=True)
class Run:
    """One run to interrupt.

    Attributes:
        phase: what is interrupted.
        arguments: of the command, without the output.
        begins: how a line on standard error begins when the phase does; "" for `ready`.
        longest: upper bound of the random delay after that, in seconds.
        ready: waits for the begin of the phase where no line tells it.
        is_cold: whether all code has to be compiled.
    """

    phase: str
    arguments: list[str]
    begins: str
    longest: float
    ready: Callable[[subprocess.Popen[bytes], Places], None] | None = None
    is_cold: bool = False


def main() -> None:
    """Interrupt ten runs, and print what each left."""
    if os.name != "posix":
        print("this example needs POSIX signals")
        return
    chance = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    with tempfile.TemporaryDirectory(prefix="interrupt-") as name:
        folder = Path(name)
        corpus, model = folder / "corpus.txt", folder / "model"
        write_corpus(corpus)
        skipgram.train(corpus, vector_size=16, epochs=1, progress=False).save(model)
        wide = folder / "wide"
        vectors = np.random.default_rng(1).normal(size=(20_000, 100)).astype(np.float32)
        skipgram.Embeddings([f"word{n}" for n in range(len(vectors))], vectors).save(wide)

        print(f"{'phase':<18}{'after (s)':>10}{'exit code':>11}{'to exit (s)':>13}  left")
        codes = []
        for number, run in enumerate(runs(corpus, wide)):
            place = folder / f"run-{number}"
            places = Places(place / "results" / "output", place / "temporary")
            places.cache = place / "cache" if run.is_cold else None
            earlier = model if number % 2 else None  # for every second run
            codes.append(interrupt(run, places, earlier, run.longest * chance.random()))
    finished = codes.count(0)
    print(f"{len(codes)} runs: {codes.count(INTERRUPTED)} interrupted, {finished} had finished")
    assert set(codes) <= {0, INTERRUPTED}
    assert finished <= 1


def write_corpus(path: Path) -> None:
    """Write 200,000 words, of 1,000 different ones."""
    numbers = np.random.default_rng(1).integers(0, 1000, size=(10_000, 20))
    path.write_text("\n".join(" ".join(f"w{n}" for n in row) for row in numbers))


def runs(corpus: Path, wide: Path) -> Iterator[Run]:
    """Yield ten runs."""
    train = ["train", str(corpus), *ENDLESS]
    for _ in range(2):
        yield Run("compile the scan", train, "compiling the scan", 2, is_cold=True)
    yield Run("compile training", train, "compiling the training", 3, is_cold=True)
    for _ in range(2):
        yield Run("scan", ["train", "-", *ENDLESS], "", 1, ready=feed)
    for _ in range(3):
        yield Run("training", train, "epoch 1/", 1)
    text = ["export", str(wide), "--format", "glove"]
    yield Run("export text", text, "", 0.5, ready=wait_for_file)
    if importlib.util.find_spec("umap"):
        atlas = ["export", str(wide), "--format", "embedding-atlas"]
        yield Run("export map", atlas, "map", 8)
    else:
        yield Run("export text", text, "", 0.5, ready=wait_for_file)


def feed(process: subprocess.Popen[bytes], _places: Places) -> None:
    """Write endless text to the standard input of a run; return when it has read a megabyte."""
    taken = threading.Event()

    def write() -> None:
        written = 0
        with contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None
            while True:
                process.stdin.write(LINE)
                process.stdin.flush()
                written += len(LINE)
                if written >= MEGABYTE:
                    taken.set()
                    time.sleep(0.01)

    threading.Thread(target=write, daemon=True).start()
    assert taken.wait(60)


def wait_for_file(_process: subprocess.Popen[bytes], places: Places) -> None:
    """Return when a run has begun to write a file."""
    while not any(places.output.parent.glob(".skipgram-*")):
        time.sleep(0.005)


def interrupt(run: Run, places: Places, earlier: Path | None, delay: float) -> int:
    """Interrupt one run, print and check what it left, and return its exit code.

    Args:
        run: the run.
        places: its folders, which do not exist yet.
        earlier: what is in the place of the output before; None for nothing.
        delay: seconds from the begin of the phase to the signal.
    """
    places.temporary.mkdir(parents=True)
    places.output.parent.mkdir()
    if earlier and run.arguments[0] == "train":
        shutil.copytree(earlier, places.output)
    elif earlier:
        earlier_format = run.arguments[-1].replace("embedding-atlas", "parquet")
        skipgram.export(skipgram.load(earlier), places.output, earlier_format)
    before = digest(places.output)

    process = start(run, places)
    reach(run, process, places)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    started = time.perf_counter()
    code = process.wait(60)
    seconds = time.perf_counter() - started

    is_same = digest(places.output) == before
    beside = [path for path in places.output.parent.iterdir() if path != places.output]
    beside += places.temporary.iterdir()
    left = "; ".join(map(str, beside)) or ("the earlier output" if before else "nothing")
    print(f"{run.phase:<18}{delay:>10.2f}{code:>11}{seconds:>13.2f}  {left}", flush=True)
    assert code == 0 or is_same, "the output has changed"
    assert not beside, "temporary files are left"
    return code


def start(run: Run, places: Places) -> subprocess.Popen[bytes]:
    """Start a run."""
    output = [str(places.output)] if run.arguments[0] == "export" else ["-o", str(places.output)]
    first, *rest = run.arguments
    source, *options = rest
    environment = {**os.environ, "TMPDIR": str(places.temporary)}
    if places.cache:
        environment["NUMBA_CACHE_DIR"] = str(places.cache)
    return subprocess.Popen(
        [sys.executable, "-m", "skipgram", first, source, *output, *options],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment,
    )


def reach(run: Run, process: subprocess.Popen[bytes], places: Places) -> None:
    """Return when a run is in the phase to interrupt; go on reading what it says."""
    assert process.stderr is not None
    lines = process.stderr
    if run.ready:
        run.ready(process, places)
    else:
        said = ""
        while not said.startswith(run.begins):
            before, said = said, lines.readline().decode()
            assert said, f"{run.phase}: the run ended too early: {before}"
    threading.Thread(target=lines.read, daemon=True).start()


def digest(path: Path) -> str:
    """Return a digest of a file, or of all files in a directory; "" if there is none."""
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    found = hashlib.sha256()
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest() if files else ""


if __name__ == "__main__":
    main()
