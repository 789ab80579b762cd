"""The model directory: what `skipgram` writes, and model2vec and sentence-transformers load as it is.

    model.safetensors    tensor "embeddings", float32 (V + 1, d): the input vectors, then a row of zeros for unknown words
    tokenizer.json       Hugging Face tokenizers: split at white space, WordLevel vocabulary of V words and the unknown token
    config.json          what model2vec reads: a static model, not normalised, no limit on the length of a text
    modules.json         what sentence-transformers reads: one StaticEmbedding module
    output.safetensors   tensor "embeddings", float32 (V, d): the output vectors; only if they were kept
    vocabulary.tsv       a header, then a line for each word in the order of the rows: word <tab> count (no second column
                         where counts are unknown); quoted as by Python's csv module where a word needs it
    training.json        one JSON object: how the vectors came to be

WordLevel needs a token for unknown words. model2vec leaves it out of the mean of a text; sentence-transformers counts it, and
as its vector is zero the direction of the mean, hence every cosine, stays the same. Loading here drops that row.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import DirectoryKind, check_directory
from skipgram.io.word_list import load_words, save_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INPUT, _OUTPUT, _VOCABULARY, _TRAINING = (
    "model.safetensors",
    "output.safetensors",
    "vocabulary.tsv",
    "training.json",
)
MODEL = DirectoryKind(
    "model",
    frozenset(
        {_INPUT, _OUTPUT, _VOCABULARY, _TRAINING, "tokenizer.json", "config.json", "modules.json"}
    ),
    frozenset({_INPUT, _TRAINING}),
)
_TENSOR = "embeddings"


def save(
    embeddings: Embeddings, directory: str | os.PathLike[str], *, over_file: bool = False
) -> None:
    """Write the model directory, whole or not at all; with `over_file` in the place of a file, too.

    Raises:
        OutputError: see `check_directory`, or the disk is full; what stood there is untouched.
        FormatError: a word has no UTF-8 form.
        ConfigError: `embeddings.training` holds something that JSON cannot say.
    """
    check_directory(directory, MODEL, over_file=over_file)
    try:
        training = json.dumps(embeddings.training, ensure_ascii=False, indent=2)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"embeddings.training cannot be written as JSON: {error}; keep to numbers, strings, lists, dicts"
        ) from error
    matrices = 1 if embeddings.output is None else 2
    # Each word stands in the tokenizer with its id and in the vocabulary with its count, at about 10 bytes each.
    size = matrices * 4 * len(embeddings) * embeddings.vector_size + sum(
        2 * len(utf8(word)) + 20 for word in embeddings.words
    )
    with replacing_directory(directory, size) as new:
        unknown_row = np.zeros((1, embeddings.vector_size), np.float32)
        _save_tensor(np.concatenate([embeddings.input, unknown_row]), new / _INPUT)
        if embeddings.output is not None:
            _save_tensor(embeddings.output, new / _OUTPUT)
        save_words(new / _VOCABULARY, embeddings.words, embeddings.counts)
        (new / _TRAINING).write_text(training + "\n", encoding="utf-8")
        for name, content in _hugging_face(embeddings).items():
            (new / name).write_text(
                json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8"
            )


def _save_tensor(matrix: NDArray[np.float32], path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    path.touch()
    mode = path.stat().st_mode
    try:
        save_file({_TENSOR: np.ascontiguousarray(matrix)}, path)
        path.chmod(
            mode
        )  # safetensors renames a private temporary file of its own: nobody else could read it
    except SafetensorError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        code = int(number[1]) if number else 0
        raise OSError(code, os.strerror(code) if code else str(error)) from error


def _hugging_face(embeddings: Embeddings) -> dict[str, Any]:
    """The content of the files that other libraries read, by file name."""
    unknown = "[UNK]"
    while unknown in embeddings:
        unknown = f"[{unknown}]"
    tokenizer: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: row for row, word in enumerate([*embeddings.words, unknown])},
            "unk_token": unknown,
        },
    }
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": embeddings.vector_size,
        "normalize": False,
        "max_length": None,
    }
    modules = [
        {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}
    ]
    return {"tokenizer.json": tokenizer, "config.json": config, "modules.json": modules}


def load(directory: str | os.PathLike[str]) -> Embeddings:
    """Read a model directory.

    Raises:
        FormatError: a file is missing, damaged or at odds with another; it is named.
    """
    folder = Path(directory)
    words, counts = load_words(folder / _VOCABULARY, MODEL)
    matrix = _load_tensor(folder / _INPUT)
    if len(matrix) != len(words) + 1:
        raise FormatError(
            f"{folder / _INPUT} has {len(matrix)} rows but {_VOCABULARY} has {len(words)} words, which need one row each and "
            "one for unknown words; the files are not of one model, save it again"
        )
    output = _load_tensor(folder / _OUTPUT) if (folder / _OUTPUT).exists() else None
    if output is not None and output.shape != (len(words), matrix.shape[1]):
        raise FormatError(
            f"{folder / _OUTPUT} has shape {output.shape}, not ({len(words)}, {matrix.shape[1]}) as {_VOCABULARY} says; "
            "the files are not of one model, save it again"
        )
    return Embeddings(words, matrix[:-1], output, counts, MODEL.read_object(folder / _TRAINING))


def _load_tensor(path: Path) -> NDArray[np.float32]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise MODEL.damaged(path, error) from error
    matrix = tensors.get(_TENSOR)
    if matrix is None or matrix.ndim != 2 or matrix.dtype != np.float32:
        found = {name: f"{tensor.dtype} {tensor.shape}" for name, tensor in tensors.items()}
        raise MODEL.damaged(path, f"no float32 matrix {_TENSOR!r} among its tensors {found}")
    return matrix
