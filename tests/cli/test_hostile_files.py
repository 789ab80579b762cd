"""Each command that reads vectors answers a hostile file with one line."""

from __future__ import annotations

import gzip
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram import Embeddings


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch harm",)


def safetensors(**header: Any) -> bytes:
    raw = json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw


KV = b"\x80\x04\x8c\x0dgensim.models\x8c\x01K\x93)\x81}\x8c\x01a"
FILES = {
    "runs code.kv": pickle.dumps(["gensim.", Evil()], 2),
    "4 GB in 51 bytes.kv": KV + b"r" + b"\xff" * 4 + b"sb.",
    "a length beyond the end.kv": KV + b"\x8e" + b"\xff" * 7 + b"\x3fsb.",
    "zeros.kv.gz": gzip.compress(KV + bytes(100 << 20)),
    "zeros.bin.gz": gzip.compress(b"1 100\n" + bytes(100 << 20)),
    "a header without rows.bin": b"999999999999 999999\n",
    "one line.txt": b"1.0 " * (2 << 20),
    "float8.safetensors": safetensors(
        words={"dtype": "U8", "shape": [0], "data_offsets": [0, 0]},
        input={"dtype": "F8_E4M3", "shape": [0, 2], "data_offsets": [0, 0]},
    ),
    "a shape of 2^64.safetensors": safetensors(
        input={"dtype": "F32", "shape": [2**64, 2], "data_offsets": [0, 0]}
    ),
    "deep.safetensors": safetensors(__metadata__={"training": "[" * 100_000}),
    "a table.parquet": b"PAR1" + b"\xff" * 100 + b"PAR1",
    "nothing": b"",
}
DIRECTORIES: dict[str, tuple[str, bytes]] = {
    "an archive as vectors": ("vectors.npy", b"PK\x03\x04" + bytes(100)),
    "deep training": ("training.json", b"[" * 100_000),
    "training of other types": ("training.json", b'{"raw_words": "many", "loss": 3}'),
    "a count that is too large": ("vocabulary.tsv", b"word\tcount\na\t" + b"9" * 30 + b"\n"),
}


def made(name: str, folder: Path) -> Path:
    """Write a file or directory of this name."""
    path = folder / name
    if name == "pipe":
        os.mkfifo(path)
    elif name in FILES:
        path.write_bytes(FILES[name])
    else:
        file, content = DIRECTORIES[name]
        if file == "vectors.npy":
            path.mkdir()
            (path / "vocabulary.tsv").write_text("word\na\n")
        else:
            Embeddings(["a"], np.ones((1, 2), np.float32)).save(path)
        (path / file).write_bytes(content)
    return path


@pytest.mark.parametrize("name", [*FILES, *DIRECTORIES, "pipe"])
def test_commands_answer_in_one_line(
    name: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = made(name, tmp_path)
    (tmp_path / "pairs.tsv").write_text("a\tb\t1\nc\td\t2\n")
    commands: dict[str, list[Any]] = {
        "info": [path],
        "neighbors": [path, "a"],
        "export": [path, tmp_path / "out.bin"],
        "evaluate": [path, tmp_path / "pairs.tsv"],
    }
    for command, arguments in commands.items():
        answer = run(command, *arguments)
        assert (answer.code, answer.out) == (1, ""), command
        assert len(answer.err.splitlines()) == 1, answer.err[:500]
        assert len(answer.err) < 1500
    assert not Path("harm").exists()
    assert not (tmp_path / "out.bin").exists()
