"""What JSON files of skipgram hold, checked when they are read: a stranger may have written them.

A kind of file is a `Record`, whose fields are those that skipgram uses. Others may be there too:
later versions write more, and users keep their own in `Embeddings.training`. The files of an
interrupted training forbid them: a version that does not know a field cannot continue it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from skipgram.ranges import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]
Number: TypeAlias = Annotated[float, Field(strict=True)]
"""A finite number; a whole one too."""
Seconds: TypeAlias = Annotated[float, Field(strict=True, ge=0, le=1e9)]
"""A duration of at most 30 years: a larger one is damage, and cannot be shown."""


class Record(BaseModel):
    """A JSON object in a file, or a part of one."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


class _Reading(Record):
    stopwords: list[str] | None = None
    tokenizer: str | None = None


class _Options(Record):
    min_count: Count | None = None
    max_vocab: Count | None = None
    objective: str = ""
    architecture: str = ""


class _StartedFrom(Record):
    option: str
    known_words: Count


class Training(Record):
    """How a model was made: training.json, and the metadata of a model file."""

    raw_words: Count = 0
    raw_sentences: Count = 0
    sentences: Count = 0
    vocabulary_size: Count = 0
    rare_words: Count = 0
    stop_words: Count = 0
    undecodable_words: Count = 0
    rows_without_value: Count = 0
    long_words: Count = 0
    nul_bytes: Count = 0
    skipped_files: Count = 0
    first_skipped: str = ""
    reading: _Reading = _Reading()
    config: _Options = _Options()
    started_from: _StartedFrom | None = None
    loss: list[Number] | None = None
    validation_loss: list[Number] | None = None
    best_epoch: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    training_seconds: Seconds = 0.0
    raw_words_per_second: Number | None = None
    versions: dict[str, str] | None = None
    keys: str | None = None


_Kind = TypeVar("_Kind")


def checked(kind: type[_Kind], content: Mapping[str, Any]) -> _Kind:
    """Return a JSON object as a `Record` or a dataclass.

    Raises:
        ValueError: it is not of this kind; the text names the first wrong field.
    """
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        raise ValueError(explain({}, error.errors()[0])) from None
    except RecursionError:
        raise ValueError("a value is nested too deeply") from None


def check_training(content: Mapping[str, Any]) -> None:
    """Raise a ValueError if this is not how a model was made; its text names the first field."""
    checked(Training, content)
    epochs, best = content.get("validation_loss"), content.get("best_epoch")
    if epochs and best is not None and best > len(epochs):
        raise ValueError(f"best_epoch is {best}; it must be at most {len(epochs)}, the epochs")
