"""The model directory, which skipgram writes and model2vec and sentence-transformers load directly.

    model.safetensors    tensor "embeddings", float32 (V + 1, d): the input vectors, then a row of
                         zeros for unknown words
    tokenizer.json       Hugging Face tokenizers: split at white space, WordLevel vocabulary of V
                         words and the unknown token
    config.json          for model2vec: a static model, not normalised, no limit on text length
    modules.json         for sentence-transformers: one StaticEmbedding module
    output.safetensors   tensor "embeddings", float32 (V, d): the output vectors, if they were kept
    vocabulary.tsv       the words in the order of the rows, and their counts if known
                         (io/word_list.py)
    training.json        one JSON object: how the vectors were made
    training.jsonl       the log of the training, if the command line trained it (training/log.py)

Words with white space inside, such as "new york", are also among the tokenizer's added tokens,
which are found before the text is split.

WordLevel needs a token for unknown words. model2vec leaves it out of the mean of a text.
sentence-transformers counts it; as its vector is zero, the direction of the mean and every cosine
stay the same. Loading here drops that row.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from skipgram.errors import ConfigError, FormatError
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import (
    CONFIG,
    INPUT,
    MODEL_DIRECTORY,
    MODULES,
    OUTPUT,
    TOKENIZER,
    TRAINING,
    VOCABULARY,
    check_directory,
)
from skipgram.io.leftovers import remedy_for
from skipgram.io.objects import check_levels
from skipgram.io.tensors import read_tensors, tensors_in, write_tensors
from skipgram.io.word_list import load_words, save_words
from skipgram.matrices import check_finite
from skipgram.records import check_training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_TENSOR = "embeddings"


class Model(Protocol):
    """What a model directory holds: `Embeddings` has it, and `load` returns it as `Parts`."""

    @property
    def words(self) -> list[str]:
        """V words."""

    @property
    def input(self) -> NDArray[np.float32]:
        """The (V, d) input vectors."""

    @property
    def output(self) -> NDArray[np.float32] | None:
        """The (V, d) output vectors, if they were kept."""

    @property
    def counts(self) -> NDArray[np.int64] | None:
        """The (V,) counts, if they are known."""

    @property
    def training(self) -> dict[str, Any]:
        """How the vectors were made, as JSON values."""


class Parts(NamedTuple):
    """A `Model`, as read from a directory."""

    words: list[str]
    input: NDArray[np.float32]
    output: NDArray[np.float32] | None
    counts: NDArray[np.int64] | None
    training: dict[str, Any]


def save(model: Model, directory: str | os.PathLike[str]) -> None:
    """Write the model directory, complete or not at all.

    Raises:
        OutputError: see `check_directory`, or the disk is full; the old content is unchanged.
        FormatError: a word has no UTF-8 form.
        ConfigError: `model.training` holds a value that JSON cannot represent, or a vector a number
            that is not finite.
    """
    check_directory(directory, MODEL_DIRECTORY)
    check_finite("the input vectors", model.input, model.words)
    if model.output is not None:
        check_finite("the output vectors", model.output, model.words)
    training = training_json(model)
    with replacing_directory(directory, _size(model)) as new:
        _save_tensor(model.input, new / INPUT, rows_of_zeros=1)
        if model.output is not None:
            _save_tensor(model.output, new / OUTPUT)
        save_words(new / VOCABULARY, model.words, model.counts)
        (new / TRAINING).write_text(training + "\n", encoding="utf-8")
        for name, content in _hugging_face(model).items():
            text = json.dumps(content, ensure_ascii=False)
            (new / name).write_text(text + "\n", encoding="utf-8")


def training_json(model: Model) -> str:
    """Return `model.training` as JSON; ConfigError if it could not be read back from it."""
    try:
        check_levels(model.training)
        text = json.dumps(model.training, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"embeddings.training cannot be written as JSON: {error}; "
            "use only finite numbers, strings, lists and dicts"
        ) from error
    try:
        check_training(model.training)
    except ValueError as error:
        raise ConfigError(
            f"embeddings.training cannot be saved: {error}; give a value of your own another name"
        ) from error
    # The path of a corpus may hold bytes that are not UTF-8, which JSON can only hold escaped.
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _size(model: Model) -> int:
    """Return the approximate number of bytes of the directory."""
    matrices = 1 if model.output is None else 2
    # Each word is in the tokenizer with its id and in the vocabulary with its count, about 10 bytes
    # each.
    words = sum(2 * len(utf8(word)) + 20 for word in model.words)
    return 4 * matrices * model.input.size + words


def _save_tensor(matrix: NDArray[np.float32], path: Path, *, rows_of_zeros: int = 0) -> None:
    with path.open("xb") as file:
        write_tensors(file, {_TENSOR: matrix}, {}, rows_of_zeros=rows_of_zeros)


def _hugging_face(model: Model) -> dict[str, object]:
    """Return the content of the files that other libraries read, by file name."""
    unknown, known = "[UNK]", set(model.words)
    while unknown in known:
        unknown = f"[{unknown}]"
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _with_spaces(model.words),
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: row for row, word in enumerate([*model.words, unknown])},
            "unk_token": unknown,
        },
    }
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": model.input.shape[1],
        "normalize": False,
        "max_length": None,
    }
    module_type = "sentence_transformers.models.StaticEmbedding"
    modules = [{"idx": 0, "name": "0", "path": ".", "type": module_type}]
    return {TOKENIZER: tokenizer, CONFIG: config, MODULES: modules}


def _with_spaces(words: Sequence[str]) -> list[dict[str, object]]:
    """Return the words with white space inside, which must be found before text is split at it."""
    return [
        {
            "id": row,
            "content": word,
            "single_word": True,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": False,
        }
        for row, word in enumerate(words)
        if len(word.split()) > 1 and word.strip() == word
    ]


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files is a model, though perhaps one of them is missing.

    The models of other programs have a file of vectors too, with the same name.
    """
    return len(names & {INPUT, TRAINING, VOCABULARY}) > 1


def load(directory: str | os.PathLike[str]) -> Parts:
    """Read a model directory.

    Raises:
        FormatError: a file is missing, damaged or does not match another; the message names it.
    """
    folder = Path(directory)
    words, counts = load_words(folder / VOCABULARY, MODEL_DIRECTORY)
    matrix = _load_tensor(folder / INPUT)
    remedy = remedy_for(folder / INPUT, "save the model again")
    if len(matrix) != len(words) + 1:
        raise FormatError(
            f"{folder / INPUT} has {len(matrix)} rows, but the {len(words)} words of {VOCABULARY} "
            f"need {len(words) + 1} (one more for unknown words); "
            f"the files are from different models; {remedy}"
        )
    output = _load_tensor(folder / OUTPUT) if (folder / OUTPUT).exists() else None
    if output is not None and output.shape != (len(words), matrix.shape[1]):
        raise FormatError(
            f"{folder / OUTPUT} has shape {output.shape}, but {VOCABULARY} and {INPUT} need "
            f"({len(words)}, {matrix.shape[1]}); "
            f"the files are from different models; {remedy}"
        )
    training = MODEL_DIRECTORY.read_object(folder / TRAINING)
    try:
        check_training(training)
    except ValueError as error:
        raise MODEL_DIRECTORY.damaged(folder / TRAINING, error) from error
    return Parts(words, matrix[:-1], output, counts, training)


def _load_tensor(path: Path) -> NDArray[np.float32]:
    try:
        kinds = tensors_in(path)
        if _TENSOR in kinds and kinds[_TENSOR].is_matrix:
            matrix: NDArray[np.float32] = read_tensors(path, [_TENSOR])[_TENSOR]
            return matrix
    except (OSError, ValueError) as error:
        raise MODEL_DIRECTORY.damaged(path, error) from error
    found = ", ".join(f"{name!r:.80} ({kind})" for name, kind in sorted(kinds.items())[:5])
    raise MODEL_DIRECTORY.damaged(
        path, f"it has no float32 matrix {_TENSOR!r}, only {found or 'no tensors'}"
    )
