"""Where a fault is tried: a corpus, an old model, a program, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import skipgram
from skipgram.errors import SkipgramError

CHILD = Path(__file__).parent / "child"
OPTIONS = ["--vector-size=100", "--epochs=8", "--min-count=1", "--seed=1"]
CHECKPOINT = ["--checkpoint", "100000"]
WORDS, VOCABULARY = 400_000, 3000
LONGEST = 120.0
"""Seconds after which a program that has not ended is a failure."""

CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL}


class Lost(Exception):
    """Something was lost, or an invariant does not hold."""


class Skipped(Exception):
    """The fault cannot be tried on this machine."""


class Ended(NamedTuple):
    """How a program ended; `code` is that of a shell: 128 + the signal that ended it."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of standard error."""
        return (self.err.strip().splitlines() or [""])[-1]


def bits(model: Path) -> str:
    """Return the SHA-256 of the words and vectors of a model; Lost if it cannot be read."""
    try:
        embeddings = skipgram.load(model)
    except SkipgramError as error:
        raise Lost(f"the model cannot be read: {error}") from error
    digest = hashlib.sha256("\n".join(embeddings.words).encode())
    for matrix in (embeddings.input, embeddings.output):
        digest.update(b"" if matrix is None else np.ascontiguousarray(matrix).tobytes())
    return digest.hexdigest()


class Reference(NamedTuple):
    """What all tries start from, and what an uninterrupted training gives.

    Attributes:
        folder: holds all of this.
        new: the bits of the uninterrupted training.
        old: the bits of the old model.
        changes: the changes of files that this training makes, as "event path".
        seconds: how long it takes.
    """

    folder: Path
    new: str
    old: str
    changes: list[str]
    seconds: float

    @property
    def corpus(self) -> Path:
        """The text."""
        return self.folder / "corpus.txt"

    @property
    def encoded(self) -> Path:
        """The same text, encoded."""
        return self.folder / "encoded"

    @property
    def old_model(self) -> Path:
        """The model that is at the output before."""
        return self.folder / "old"


def prepare(folder: Path) -> Reference:
    """Write the corpus and the old model, and train without a fault."""
    rng = np.random.default_rng(1)
    words = (rng.zipf(1.3, WORDS) % VOCABULARY).reshape(-1, 20).tolist()
    text = "".join(" ".join(f"w{word}" for word in line) + "\n" for line in words)
    (folder / "corpus.txt").write_text(text)
    skipgram.encode(folder / "corpus.txt", folder / "encoded", min_count=1, progress=False)
    sentences = [["an", "old", "model"]] * 50
    skipgram.train(sentences, vector_size=8, epochs=1, min_count=1, threads=1, progress=False).save(
        folder / "old"
    )
    unknown = Reference(folder, "", bits(folder / "old"), [], 0.0)
    site = Site(unknown, folder / "reference")
    trace = folder / "trace"
    site.train()  # compiles what is not in numba's cache yet
    started = time.perf_counter()
    ended = site.train(env={"FAULT_TRACE": str(trace), "FAULT_ROOT": str(site.root)})
    seconds = time.perf_counter() - started
    if ended.code:
        raise Lost(f"the training without a fault failed: {ended.err}")
    new, changes = bits(site.output), trace.read_text().splitlines()
    site.remove()
    return unknown._replace(new=new, changes=changes, seconds=seconds)


class Site:
    """A folder of its own for one try, with an old model at the output.

    Attributes:
        root: the folder.
        output: the path of the model.
        temporary: the folder for temporary files.
    """

    def __init__(self, reference: Reference, root: Path) -> None:
        self.reference = reference
        self.root = root
        self.temporary = root / "temporary"
        self.output = root / "outputs" / "model"
        self._mounted: list[Path] = []
        self.temporary.mkdir(parents=True)
        self.output.parent.mkdir()

    def add_old_model(self) -> None:
        """Put the old model at the output."""
        shutil.copytree(self.reference.old_model, self.output)

    def remove(self) -> None:
        """Remove the folder, and what is mounted below it."""
        for folder in self._mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def mount(self, folder: Path, size: int) -> None:
        """Mount a file system of its own with so many bytes; again, to change its size."""
        mode = f"size={size}" + (",remount" if folder in self._mounted else "")
        command = ["mount", "-t", "tmpfs", "-o", mode, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Skipped(f"mount cannot be run: {error}") from error
        if done.returncode:
            raise Skipped(f"no permission to mount: {done.stderr.strip()}")
        if folder not in self._mounted:
            self._mounted.append(folder)

    def start(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        limit: Callable[[], None] | None = None,
        **streams: Any,
    ) -> subprocess.Popen[str]:
        """Start skipgram with these arguments; its output is piped."""
        everything = {
            **os.environ,
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(CHILD),
            "FAULT_ROOT": str(self.root),
            **(env or {}),
        }

        def prepare() -> None:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # a shell's background jobs ignore some
            if limit:
                limit()

        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(
            [sys.executable, "-m", "skipgram", *arguments],
            cwd=self.root,
            env=everything,
            text=True,
            preexec_fn=prepare,
            **streams,
        )

    def start_training(
        self, *options: str, corpus: str | None = None, threads: int = 1, **how: Any
    ) -> subprocess.Popen[str]:
        """Start the training that all faults interrupt."""
        source = corpus or str(self.reference.corpus)
        arguments = [*OPTIONS, *CHECKPOINT, f"--threads={threads}", *options]
        return self.start("train", source, "--output", str(self.output), *arguments, **how)

    def train(self, *options: str, **how: Any) -> Ended:
        """Train to the end."""
        return self.finish(self.start_training(*options, **how))

    def run(self, *arguments: str, **how: Any) -> Ended:
        """Run a command to its end."""
        return self.finish(self.start(*arguments, **how))

    def finish(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a program to end. It must neither crash nor show a traceback."""
        try:
            out, err = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise Lost(f"did not end within {LONGEST:.0f} s") from error
        if -process.returncode in CRASHES:
            raise Lost(f"crashed with {signal.Signals(-process.returncode).name}: {err}")
        if err and "Traceback" in err:
            raise Lost(f"showed a traceback: {err}")
        code = process.returncode
        return Ended(128 - code if code < 0 else code, out or "", err or "")

    def state(self) -> str:
        """Return which model is at the output: "old", "new", "other" or "none"."""
        if not self.output.exists():
            return "none"
        known = {self.reference.old: "old", self.reference.new: "new"}
        return known.get(bits(self.output), "other")

    def has_checkpoint(self) -> bool:
        """Whether there is a complete checkpoint of an interrupted training."""
        return any(self.output.parent.glob("model.run/checkpoint-*/state.json"))

    def expect(self, state: str, before: Sequence[str] = ()) -> None:
        """Check which model is at the output."""
        found = self.state()
        if found != state and found not in before:
            raise Lost(f"the {found} model is at the output, not the {state} one")

    def expect_trained(self, ended: Ended) -> str:
        """Check that a training ended as one without a fault; return this outcome."""
        if ended.code:
            raise Lost(f"ended with {ended.code}: {ended.last}")
        self.expect("new")
        self.expect_clean()
        return "trained on"

    def expect_clean(self) -> None:
        """Check that nothing but the model is left beside the output and among temporary files."""
        beside = sorted(path.name for path in self.output.parent.iterdir())
        left = [name for name in beside if name != self.output.name]
        if self.temporary.exists():
            left += sorted(path.name for path in self.temporary.iterdir())
        if left:
            raise Lost(f"litter stays: {', '.join(left[:3])}")

    def resume(self) -> str:
        """Continue after an interruption; the model must be that of the uninterrupted training."""
        begun = self.state()
        had_checkpoint = self.has_checkpoint()
        ended = self.run("resume", str(self.output))
        if ended.code == 0:
            outcome = "resumed to the same bits"
        elif begun == "new":
            outcome = "was already saved"
        elif had_checkpoint:
            raise Lost(f"there is a checkpoint, but it does not resume: {ended.last}")
        else:
            outcome = "nothing to resume yet, trained again to the same bits"
        if ended.code:
            if ended.err.count("\n") != 1:
                raise Lost(f"resume says more than one line: {ended.err}")
            again = self.train()
            if again.code:
                raise Lost(f"training again fails: {again.last}")
        self.expect("new")
        self.expect_clean()
        return outcome


def saved_elsewhere(ended: Ended) -> Path | None:
    """Return where a message says that the model was saved instead."""
    for path in re.findall(r"(/\S+?)[,;.]?(?=\s|$)", ended.err):
        if Path(path, "model.safetensors").is_file():
            return Path(path)
    return None
