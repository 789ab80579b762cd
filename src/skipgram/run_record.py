"""What a training does, as the directory of its run records it (`run_directory`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import AfterValidator, ConfigDict

from skipgram.records import Record, Seconds


def _check_absolute(path: str) -> str:
    """Refuse a path that means another place in another working directory."""
    if not Path(path).is_absolute():
        raise ValueError("it must be an absolute path")
    return path


_AbsolutePath: TypeAlias = Annotated[str, AfterValidator(_check_absolute)]


def different(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the names of options whose values differ, sorted."""
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]


class RunRecord(Record):
    """What is trained, and how.

    Attributes:
        version: that of this layout.
        output: the path of the model, if the command line trains it; None if Python does.
        config: the options of training, all decided but a learning rate that depends on the corpus.
        reading: the options of reading that are not the default ones.
        source: what identifies the corpus: files with sizes and times, or a directory; None if it
            was in memory, or came through a pipe.
        corpus: the directory of the encoded corpus; None if it is in the directory of the run.
        fingerprint: that of the encoded corpus.
        held_out: the fingerprint of the held-out text; None if it is not a file.
        scan_seconds: how long it took to read the corpus, here or, if it was given, before.
        started_from: the option that gave the vectors to start from.
        freeze: whether these vectors stay as they are.
    """

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    output: _AbsolutePath | None
    config: dict[str, Any]
    reading: dict[str, Any]
    source: list[Any] | None
    corpus: _AbsolutePath | None
    fingerprint: str
    held_out: str | None
    scan_seconds: Seconds
    started_from: Literal["initial", "resume_from"] | None
    freeze: bool

    @property
    def options(self) -> dict[str, Any]:
        """All that decides the vectors, except for texts; threads may change."""
        others = {"started_from": self.started_from, "freeze": self.freeze}
        return {name: self.config[name] for name in self.config if name != "threads"} | others


class Plan(NamedTuple):
    """What a new training will do, as far as it is known before the corpus is read.

    Attributes:
        config: see `RunRecord`.
        reading: see `RunRecord`.
        source: see `RunRecord`.
    """

    config: dict[str, Any]
    reading: dict[str, Any]
    source: list[Any] | None

    def differences(self, record: RunRecord) -> str:
        """Return in words how an interrupted training differs from this one."""
        before, now = {**record.config, **record.reading}, {**self.config, **self.reading}
        names = different(before, now)
        found = [f"{name}={before.get(name)} instead of {now.get(name)}" for name in names]
        if self.source != record.source:
            found.insert(0, "another corpus")
        return f"with {', '.join(found) or 'the same options'}"
