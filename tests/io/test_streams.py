"""Streams of files, plain and compressed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from skipgram.errors import ReadError
from skipgram.io import streams
from skipgram.io.streams import Stream, compression, decompressed, local

TEXT = b"".join(b"word %d\n" % number for number in range(20_000))


@pytest.mark.parametrize(
    ("compress", "kind"),
    [(bytes, None), (gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")],
)
def test_compression_is_recognised_by_the_first_bytes(
    compress: Callable[[bytes], bytes], kind: str | None, tmp_path: Path
) -> None:
    (tmp_path / "text").write_bytes(compress(TEXT))
    assert compression(compress(TEXT)[:10]) == kind
    stream = Stream(local(tmp_path / "text"))
    with decompressed(stream) as file:
        assert file.read() == TEXT
        assert stream.position == (tmp_path / "text").stat().st_size
    assert stream.closed


def test_a_text_that_begins_like_bzip2_is_plain() -> None:
    assert compression(b"BZh9 is a word") is None


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_an_error_names_the_place_and_not_what_is_read(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "text"
    path.write_bytes(compress(TEXT)[:-20])
    with pytest.raises(ReadError) as caught, decompressed(Stream(local(path))) as file:
        file.read()
    assert caught.value.place == str(path)
    assert caught.value.reason.startswith("is cut off: its ")
    path.unlink()
    gone = streams.Location(str(path), lambda _: (path.open("rb", buffering=0), 0))
    with pytest.raises(ReadError, match=r"text cannot be read: No such file"):
        Stream(gone).read(1)


def unpacked(path: Path, content: bytes) -> bytes:
    path.write_bytes(content)
    with decompressed(Stream(local(path))) as file:
        return file.read()


def test_streams_of_xz_may_follow_each_other_with_padding_between(tmp_path: Path) -> None:
    first, second = lzma.compress(TEXT), lzma.compress(TEXT[::-1])
    for padding in (b"", bytes(4), bytes(1 << 20)):
        packed = first + padding + second + padding
        assert unpacked(tmp_path / "text", packed) == TEXT + TEXT[::-1]
    with pytest.raises(ReadError, match="is damaged: Input format not supported"):
        unpacked(tmp_path / "text", first + b"garbage that is not xz at all")


def test_xz_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    packed = lzma.compress(b"small", filters=filters)
    assert len(packed) < 100
    with pytest.raises(
        ReadError, match="text needs more than 128 MiB of memory while its xz data is decompressed"
    ):
        unpacked(tmp_path / "text", packed)
    assert unpacked(tmp_path / "text", lzma.compress(TEXT, preset=9 | lzma.PRESET_EXTREME)) == TEXT


@pytest.mark.parametrize("size", [1000, 600_000])
def test_a_gzip_header_with_a_long_name_is_no_crash(tmp_path: Path, size: int) -> None:
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(TEXT) + packed.flush()
    ending = struct.pack("<II", zlib.crc32(TEXT), len(TEXT))
    header = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * size + b"\0"
    try:
        assert unpacked(tmp_path / "text", header + body + ending) == TEXT
    except ReadError as error:
        assert size > 1000, error
        assert "is damaged: Gzip header exceeds" in str(error)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_small_file_decompresses_in_parts(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / "zeros").write_bytes(compress(bytes(1 << 25)))
    tracemalloc.start()
    with decompressed(Stream(local(tmp_path / "zeros"))) as file:
        assert sum(map(len, iter(lambda: file.read(1 << 16), b""))) == 1 << 25
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 24
