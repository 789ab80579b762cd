"""What the formats share: reading compressed files, and replacing only files of their own kind."""

from __future__ import annotations

import bz2
import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from sample_vectors import model

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.formats import export, load
from skipgram.formats.files import (
    beginning,
    check_replaceable,
    creating,
    finite_vectors,
    opened,
    unbroken,
)

CONTENT = b"king 1.0 2.0\n" * 10_000


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress])
def test_a_file_is_read_plain_or_compressed(compress: type[bytes], tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(compress(CONTENT))
    with opened(path) as content:
        assert content[:] == CONTENT
    assert beginning(path) == CONTENT[: 1 << 16]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    missing = r"cannot read .*vectors: No such file.*check the path"
    with pytest.raises(FormatError, match=missing), opened(path):
        pass
    with pytest.raises(FormatError, match=missing):
        beginning(path)
    path.write_bytes(gzip.compress(CONTENT)[:-9])
    cut_off = r"^/.*vectors is cut off: its gzip data is incomplete"
    with pytest.raises(FormatError, match=cut_off), opened(path):
        pass
    path.write_bytes(b"")
    with pytest.raises(FormatError, match="vectors is empty; give a file"), opened(path):
        pass
    assert beginning(path) == b""


def test_only_a_file_of_the_same_kind_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    check_replaceable(path, lambda _: False, "a list of kings")
    path.touch()
    check_replaceable(path, lambda _: False, "a list of kings")
    path.write_bytes(gzip.compress(b"king"))
    check_replaceable(path, lambda start: start == b"king", "a list of kings")
    for content in (b"queen", gzip.compress(b"king")[:-9]):
        path.write_bytes(content)
        with pytest.raises(
            OutputError, match=r"file: it does not look like a list of kings; choose"
        ):
            check_replaceable(path, lambda start: start == b"king", "a list of kings")


def test_the_same_content_is_compressed_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz", "plain"):
        with creating(tmp_path / name, 10) as file:
            file.write(CONTENT)
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == CONTENT
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert (tmp_path / "plain").read_bytes() == CONTENT


def test_words_must_not_contain_white_space() -> None:
    assert unbroken(["a", "é"], "lists") == [b"a", b"\xc3\xa9"]
    for word in ("", "a b", "a\n", " a"):
        with pytest.raises(FormatError, match=r"white space, which ends a word in lists; rename"):
            unbroken(["a", word], "lists")


def test_vectors_must_be_finite_and_large_enough() -> None:
    embeddings = Embeddings(["a", "b"], [[1.0, 2.0], [3.0, 4.0]])
    embeddings.input[1, 1] = np.inf
    with pytest.raises(FormatError, match=r"lists cannot hold .*: row 2 .* not finite"):
        finite_vectors(embeddings, "input", "lists")
    with pytest.raises(
        FormatError, match=r"2 words of 2 dimensions .* lists, .* 1 words and 3 dimensions;"
    ):
        finite_vectors(embeddings, "input", "lists", 1, 3)
    with pytest.raises(ConfigError, match="no output vectors"):
        finite_vectors(embeddings, "output", "lists")
    finite = Embeddings(["a"], [[1, 2]])
    assert finite_vectors(finite, "input", "lists", 1, 2) is finite.input


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.kv"])
def test_compressed_zeros_are_not_all_decompressed(name: str, tmp_path: Path) -> None:
    """1.5 MB of them took 4.6 GB."""
    start = {"vectors.bin": b"1 100\n", "vectors.kv": b"\x80\x02cgensim.models\nA\n"}[name]
    with gzip.open(tmp_path / name, "wb") as file:
        file.write(start)
        for _ in range(300):
            file.write(bytes(1 << 20))
    assert (tmp_path / name).stat().st_size < 400_000
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="decompresses to over 67,108,864 bytes, more than"):
            load(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


def test_a_pipe_or_device_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(FormatError, match=r"it is a (pipe|device), not a file"):
            load(tmp_path / name)


@pytest.mark.parametrize("kind", ["numpy", "tensorboard", "usearch", "model"])
def test_a_pipe_or_device_in_a_directory_is_refused(kind: str, tmp_path: Path) -> None:
    """An archive from a stranger may hold a named pipe, or a link to a device."""
    written, folder = model(["a", "b"]), tmp_path / "directory"
    if kind == "model":
        written.save(folder)
    else:
        export(written, folder, kind)
    for path in sorted(folder.iterdir()):
        if path.name in UNREAD:
            continue
        kept = path.read_bytes()
        for replace in (os.mkfifo, lambda to: to.symlink_to("/dev/zero")):
            path.unlink()
            replace(path)
            with pytest.raises(FormatError, match=r"it is a (pipe|device), not a file"):
                load(folder)
        path.unlink()
        path.write_bytes(kept)
    assert load(folder).words == ["a", "b"]


UNREAD = {"tokenizer.json", "config.json", "modules.json", "projector_config.pbtxt"}
"""Files for other programs."""
