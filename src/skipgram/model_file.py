"""The model file: a whole model in one safetensors file.

    words       uint8 (n,): a JSON array of the V words, in UTF-8
    input       float32 (V, d): the input vectors
    output      float32 (V, d): the output vectors, if they were kept
    counts      int64 (V,): how often each word occurs, if known

Only skipgram.gensim keeps what hierarchical softmax needs to train on:

    nodes       float32 (V, d): the inner nodes of the tree, and an unused row
    path_starts int64 (V + 1,), path_nodes int64 (n,), path_labels uint8 (n,): the paths of the
                words, if the tree is not that of the counts: see `kernels.hierarchical.HuffmanTree`

    metadata    "format": "skipgram model"; "training": a JSON object, how the vectors were made

The words are a tensor because safetensors limits the header, with the metadata, to 100 MB. Loading
such a file runs no code, unlike a pickle. Any word that has a UTF-8 form can be held, but only
numbers that are finite.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.io.atomic import replacing_file, target_of, utf8
from skipgram.io.binary import SAFETENSORS, kind_of
from skipgram.io.directories import MODEL_DIRECTORY, check_directory
from skipgram.io.objects import parse_object
from skipgram.io.tensors import Kind, metadata_in, read_tensors, tensors_in, write_tensors
from skipgram.matrices import check_finite, rows_not_finite
from skipgram.model_directory import Model, Parts, training_json
from skipgram.records import check_training
from skipgram.regular_files import open_regular

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import BinaryIO

    from numpy.typing import NDArray

SUFFIX = ".safetensors"
"""The end of the names under which models are saved as files."""

_FORMAT = "skipgram model"
_KINDS = {
    "words": Kind("U8", (0,)),
    "input": Kind("F32", (0, 0)),
    "output": Kind("F32", (0, 0)),
    "nodes": Kind("F32", (0, 0)),
    "counts": Kind("I64", (0,)),
    "path_starts": Kind("I64", (0,)),
    "path_nodes": Kind("I64", (0,)),
    "path_labels": Kind("U8", (0,)),
}
"""The type and the number of dimensions of each tensor. Matrices may be float16 or bfloat16 too."""

_NEEDED = ("input", "words")
_OF_TREES = ("nodes", "path_starts", "path_nodes", "path_labels")
_REMEDY = "get a new copy of the file, or save the model again"


def save(
    model: Model,
    path: str | os.PathLike[str],
    *,
    tree: Mapping[str, NDArray[Any]] | None = None,
    over_file: bool = False,
) -> None:
    """Write the model file, complete or not at all.

    Args:
        model: the model.
        path: the file.
        tree: tensors of the tree of hierarchical softmax, by name.
        over_file: whether a file of any kind is replaced.

    Raises:
        OutputError: see `check_target`, or the disk is full; the old content is unchanged.
        FormatError: a word has no UTF-8 form, or a number is not finite.
        ConfigError: `model.training` holds a value that JSON cannot represent.
    """
    check_target(path, over_file=over_file)
    tensors, metadata = _content(model, tree)
    size = sum(tensor.nbytes for tensor in tensors.values())
    with replacing_file(path, size, over_directory=True) as file:
        write_tensors(file, tensors, metadata)


def write(model: Model, file: BinaryIO, tree: Mapping[str, NDArray[Any]] | None = None) -> None:
    """Write what `save` writes to a file that is already open; errors as for `save`."""
    write_tensors(file, *_content(model, tree))


def check_target(path: str | os.PathLike[str], *, over_file: bool = False) -> None:
    """Check, before any work is done, that a model file can be written.

    It may be missing (its parents are created), empty, a model file or a model directory, and is
    then replaced. With `over_file`, so is a file of any kind.

    Raises:
        OutputError: it is something else, its name promises compression, or see `check_directory`.
    """
    target = target_of(path)
    if target.suffix == ".gz":
        raise OutputError(
            f"cannot write {path}: model files are not compressed with gzip; "
            "remove .gz from the name"
        )
    check_directory(path, MODEL_DIRECTORY, over_file=True)
    if not over_file and target.is_file() and target.stat().st_size and not _is_model(target):
        raise OutputError(
            f"will not replace {path}: it does not look like a model file of skipgram; "
            "choose another path, or remove the file first"
        )


def _is_model(path: Path) -> bool:
    try:
        return set(_NEEDED) <= tensors_in(path).keys()
    except (ValueError, OSError):
        return False


def _content(
    model: Model, tree: Mapping[str, NDArray[Any]] | None
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return the tensors and the metadata of the file; errors as for `save`."""
    for word in model.words:
        utf8(word)
    words = json.dumps(model.words, ensure_ascii=False).encode()
    given: dict[str, NDArray[Any] | None] = {
        "words": np.frombuffer(words, np.uint8),
        "input": model.input,
        "output": model.output,
        "counts": model.counts,
        **(tree or {}),
    }
    tensors = {name: tensor for name, tensor in given.items() if tensor is not None}
    try:
        check_finite("the input vectors", model.input, model.words)
        if model.output is not None:
            check_finite("the output vectors", model.output, model.words)
    except ConfigError as error:
        raise FormatError(f"a model file cannot hold these vectors: {error}") from error
    if "nodes" in tensors and len(rows_not_finite(tensors["nodes"])):
        raise FormatError(
            "a node of the tree has a vector with numbers that are not finite; train the model anew"
        )
    return tensors, {"format": _FORMAT, "training": training_json(model)}


def _not_finite(tensors: Mapping[str, NDArray[Any]]) -> list[tuple[str, int]]:
    """Return the matrices with numbers that are not finite, and the first such row of each."""
    rows = {name: rows_not_finite(tensor) for name, tensor in tensors.items() if tensor.ndim == 2}
    return [(name, int(bad[0])) for name, bad in rows.items() if len(bad)]


def recognised(start: bytes) -> bool:
    """Whether a file that begins with these bytes is safetensors, of any program."""
    return kind_of(start) == SAFETENSORS


def load(path: str | os.PathLike[str]) -> tuple[Parts, dict[str, NDArray[Any]]]:
    """Read a model file; return the model, and the tensors of its tree, unchecked, by name.

    Raises:
        FormatError: the file is compressed, damaged, or not a model; the message says what it
            holds.
    """
    try:
        tensors = _read(Path(path))
        words = _words(tensors["words"])
        training = parse_object(metadata_in(Path(path)).get("training", "{}"))
        check_training(training)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise FormatError(
            f"{path} cannot be read as a model file: {error!s:.300}; {_REMEDY}"
        ) from error
    if reason := _mismatch(tensors, words):
        raise FormatError(f"{path} cannot be read as a model file: {reason}; {_REMEDY}")
    parts = Parts(words, tensors["input"], tensors.get("output"), tensors.get("counts"), training)
    return parts, {name: tensors[name] for name in _OF_TREES if name in tensors}


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a model.

    Raises:
        FormatError: there are other tensors.
        ValueError, OSError: the file is damaged or cannot be read.
    """
    with open_regular(path) as file:
        if not recognised(file.read(10)):
            raise FormatError(f"{path} is a compressed model file; decompress it first")
    kinds = tensors_in(path)
    held = {name: kinds[name] for name in _KINDS if name in kinds}
    if not set(_NEEDED) <= held.keys() or not all(map(_is_right, held, held.values())):
        raise FormatError(_other(path, kinds))
    return read_tensors(path, held)


def _is_right(name: str, kind: Kind) -> bool:
    """Whether a tensor of this name may be of this kind."""
    wanted = _KINDS[name]
    same = kind.dtype == wanted.dtype and len(kind.shape) == len(wanted.shape)
    return same or (wanted.is_matrix and kind.is_matrix)


def _other(path: Path, kinds: Mapping[str, Kind]) -> str:
    """Return the message about a safetensors file that is not a model."""
    found = [f"{name!r:.80} ({kind})" for name, kind in sorted(kinds.items())]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    needed = " and ".join(f"{name!r} ({_KINDS[name]})" for name in _NEEDED)
    return (
        f"{path} is a safetensors file, but not a model of skipgram: it holds "
        f"{', '.join(found[:5]) or 'no tensors'}{more}, but a model has {needed}; give a file that "
        "skipgram saved, or the directory if this file is part of a model directory"
    )


def _words(raw: NDArray[np.uint8]) -> list[str]:
    """Return the words in the bytes of a JSON array; ValueError if they are something else."""
    words = json.loads(raw.tobytes().decode())
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("words is not a JSON array of strings")
    "".join(words).encode()  # a lone surrogate, which JSON can hold, is a ValueError
    return words


def _mismatch(tensors: Mapping[str, NDArray[Any]], words: list[str]) -> str:
    """Return what is wrong with the content of a model file; "" if nothing is."""
    vectors = tensors["input"]
    if len(vectors) != len(words):
        return f"it has {len(words)} words, but input has {len(vectors)} rows"
    if len(set(words)) != len(words):
        twice = Counter(words).most_common(1)[0][0]
        return f"the word {twice!r:.80} is in it twice"
    shapes = {"output": vectors.shape, "counts": (len(words),)}
    for name, shape in shapes.items():
        if name in tensors and tensors[name].shape != shape:
            return f"{name} has shape {tensors[name].shape} instead of {shape}"
    if "nodes" in tensors and tensors["nodes"].shape[1] != vectors.shape[1]:
        return f"nodes has {tensors['nodes'].shape[1]} columns instead of {vectors.shape[1]}"
    if "counts" in tensors and (tensors["counts"] < 0).any():
        return f"a count is {tensors['counts'].min()}"
    for name, row in _not_finite(tensors):
        word = "" if name == "nodes" else f" (word {words[row]!r:.80})"
        return f"row {row + 1} of {name}{word} has a number that is not finite"
    return ""
