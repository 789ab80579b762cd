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

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.formats.writing import explained, replacing_directory, utf8

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INPUT, _OUTPUT, _VOCABULARY, _TRAINING = "model.safetensors", "output.safetensors", "vocabulary.tsv", "training.json"
_FILES = {_INPUT, _OUTPUT, _VOCABULARY, _TRAINING, "tokenizer.json", "config.json", "modules.json"}
_TENSOR = "embeddings"
_LONGEST_WORD = 2**31 - 1  # csv refuses fields over 131,072 characters unless told otherwise


def check_target(directory: str | os.PathLike[str]) -> None:
    """Refuse, before any work is done, a directory that `save` could not write.

    It may be missing (its parents are created), empty, or a model that is then replaced; nothing else is ever deleted.

    Raises:
        OutputError: it is a file, a mount point, holds anything that is no part of a model, or its folder cannot be written.
    """
    target = Path(os.path.realpath(directory))
    try:
        if target.exists():
            _check_replaceable(target)
        ancestor = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise explained(target, 0, error) from error
    if not ancestor.is_dir():
        raise OutputError(f"cannot write {directory}: {ancestor} is a file, not a folder; give another place")
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {directory}: no permission to write in {ancestor}; allow it or give another place")


def _check_replaceable(target: Path) -> None:
    if not target.is_dir():
        raise OutputError(f"cannot write a model to {target}: it is a file; give the name of a directory")
    if os.path.ismount(target):
        raise OutputError(f"cannot replace {target}: it is a mount point; give a directory inside it")
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK):
        raise OutputError(f"cannot replace {target}: no permission to write in it; allow it or give another place")
    held = {path.name for path in target.iterdir()}
    if foreign := sorted(held - _FILES):
        raise OutputError(
            f"will not replace {target}: it holds {foreign[0]!r}, which is no part of a skipgram model; "
            "move that away or give a new or empty directory"
        )
    if held and not {_INPUT, _TRAINING} <= held:
        raise OutputError(
            f"will not replace {target}: without {_INPUT} and {_TRAINING} it is not a model; give a new or empty directory"
        )


def save(embeddings: Embeddings, directory: str | os.PathLike[str]) -> None:
    """Write the model directory, whole or not at all.

    Raises:
        OutputError: see `check_target`, or the disk is full; what stood there is untouched.
        FormatError: a word has no UTF-8 form.
        ConfigError: `embeddings.training` holds something that JSON cannot say.
    """
    check_target(directory)
    try:
        training = json.dumps(embeddings.training, ensure_ascii=False, indent=2)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"embeddings.training cannot be written as JSON: {error}; keep to numbers, strings, lists, dicts"
        ) from error
    matrices = 1 if embeddings.output is None else 2
    # Each word stands in the tokenizer with its id and in the vocabulary with its count, at about 10 bytes each.
    size = matrices * 4 * len(embeddings) * embeddings.vector_size + sum(2 * len(utf8(word)) + 20 for word in embeddings.words)
    with replacing_directory(directory, size) as new:
        unknown_row = np.zeros((1, embeddings.vector_size), np.float32)
        _save_tensor(np.concatenate([embeddings.input, unknown_row]), new / _INPUT)
        if embeddings.output is not None:
            _save_tensor(embeddings.output, new / _OUTPUT)
        _save_vocabulary(embeddings, new / _VOCABULARY)
        (new / _TRAINING).write_text(training + "\n", encoding="utf-8")
        for name, content in _hugging_face(embeddings).items():
            (new / name).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def _save_tensor(matrix: NDArray[np.float32], path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    path.touch()
    mode = path.stat().st_mode
    try:
        save_file({_TENSOR: np.ascontiguousarray(matrix)}, path)
        path.chmod(mode)  # safetensors renames a private temporary file of its own: nobody else could read it
    except SafetensorError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        code = int(number[1]) if number else 0
        raise OSError(code, os.strerror(code) if code else str(error)) from error


def _save_vocabulary(embeddings: Embeddings, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        plain = csv.writer(file, "excel-tab", lineterminator="\n")
        quoted = csv.writer(file, "excel-tab", lineterminator="\n", quoting=csv.QUOTE_ALL)
        if embeddings.counts is None:
            plain.writerow(["word"])
            rows = ([word] for word in embeddings.words)
        else:
            plain.writerow(["word", "count"])
            rows = ([word, str(count)] for word, count in zip(embeddings.words, embeddings.counts.tolist(), strict=True))
        for row in rows:
            # Python up to 3.12 does not quote a carriage return by itself, and then cannot read it back.
            (quoted if "\r" in row[0] else plain).writerow(row)


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
    modules = [{"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}]
    return {"tokenizer.json": tokenizer, "config.json": config, "modules.json": modules}


def load(directory: str | os.PathLike[str]) -> Embeddings:
    """Read a model directory.

    Raises:
        FormatError: a file is missing, damaged or at odds with another; it is named.
    """
    folder = Path(directory)
    words, counts = _load_vocabulary(folder / _VOCABULARY)
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
    return Embeddings(words, matrix[:-1], output, counts, _load_training(folder / _TRAINING))


def _damaged(path: Path, reason: object) -> FormatError:
    return FormatError(
        f"{path} cannot be read as part of a skipgram model: {reason}; give a model directory that was saved whole"
    )


def _load_tensor(path: Path) -> NDArray[np.float32]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error
    matrix = tensors.get(_TENSOR)
    if matrix is None or matrix.ndim != 2 or matrix.dtype != np.float32:
        found = {name: f"{tensor.dtype} {tensor.shape}" for name, tensor in tensors.items()}
        raise _damaged(path, f"no float32 matrix {_TENSOR!r} among its tensors {found}")
    return matrix


def _load_vocabulary(path: Path) -> tuple[list[str], NDArray[np.int64] | None]:
    limit = csv.field_size_limit(_LONGEST_WORD)
    try:
        text = path.read_bytes().decode()
        lines = csv.reader(io.StringIO(text, newline=""), "excel-tab", strict=True)
        header = next(lines, [])
        rows = list(lines)
        if not text.endswith("\n"):
            raise _damaged(path, "its last line has no end")
        if header == ["word"]:
            words, counts = [word for (word,) in rows], None
        elif header == ["word", "count"]:
            words, counts = [word for word, _ in rows], np.array([int(count) for _, count in rows], np.int64)
        else:
            raise _damaged(path, f"the header is {header}, not word and count")
    except (OSError, ValueError, OverflowError, csv.Error) as error:
        raise _damaged(path, error) from error
    finally:
        csv.field_size_limit(limit)
    if len(set(words)) != len(words):
        raise _damaged(path, f"{len(words)} words, of which {len(set(words))} are distinct")
    return words, counts


def _load_training(path: Path) -> dict[str, Any]:
    try:
        training = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not isinstance(training, dict):
        raise _damaged(path, "it is not a JSON object")
    return training
