"""What is text and what is not, from the first bytes."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib

import numpy as np
import pytest

from skipgram.io.binary import SAFETENSORS, UTF_16, kind_of, remedy_for

TEXT = "The naïve café serves Käse, 東京 and тест.\r\n\tIndented – with dashes.\n" * 50


def archive(kind: str, member: str = "a.txt") -> bytes:
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as zipped:
            zipped.writestr(member, TEXT)
    else:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return file.getvalue()


def array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(9))
    return file.getvalue()


TEXTS = {
    "nothing": b"",
    "UTF-8": TEXT.encode(),
    "Latin-1": TEXT.encode("latin-1", "ignore"),
    "Windows-1251": "Привет, мир\n".encode("cp1251"),
    "Shift JIS": "東京都の人口\n".encode("shift_jis"),
    "colours of a terminal": b"\x1b[31mred\x1b[0m text\n" * 9,
    "a few NUL bytes": b"the quick\0 brown fox\n",
    "the name of a format": b"GIF87a is a format of images.\n",
    "fields between control characters": b"twenty-five letters here.\x01" * 30,
    "a few control characters": b"page one\x0c page two\x01 and the rest of it\n",
}

OTHERS = {
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image"),
    "PDF": (b"%PDF-1.7\n%text", "a PDF"),
    "zip": (archive("zip"), "an archive"),
    "tar": (archive("tar"), "an archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "an archive"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "an archive"),
    "Word": (archive("zip", "[Content_Types].xml"), "an Office document"),
    "LibreOffice": (archive("zip", "mimetype"), "an Office document"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an Office document"),
    "RTF": (rb"{\rtf1\ansi text}", "an RTF document"),
    "lz4": (b"\x04\x22\x4d\x18\0", "compressed by compress, lz4 or lzip"),
    "NumPy": (array(), "a NumPy array"),
    "ELF": (b"\x7fELF\x02\x01\x01\0", "a program"),
    "safetensors": (b'\x10\0\0\0\0\0\0\0{"__metadata__":{}', SAFETENSORS),
    "UTF-16": (TEXT.encode("utf-16"), UTF_16),
    "UTF-16 without a mark": ("plain English\n".encode("utf-16-le"), "binary"),
    "integers": (np.arange(1000, dtype=np.int32).tobytes(), "binary"),
    "random bytes": (np.random.default_rng(1).bytes(1 << 14), "binary"),
    "compressed": (zlib.compress(np.random.default_rng(2).bytes(1 << 14)), "binary"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_text(name: str) -> None:
    assert kind_of(TEXTS[name]) is None


@pytest.mark.parametrize("name", OTHERS)
def test_other_content_is_recognised(name: str) -> None:
    content, kind = OTHERS[name]
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("zip", "unpack it, and name the files in it"),
        ("tar", "unpack it, and name the files in it"),
        ("7z", "unpack it, and name the files in it"),
        ("PDF", "convert it to text"),
        ("Word", "save it as text, or a spreadsheet as CSV"),
        ("PNG", "leave it out"),
    ],
)
def test_each_kind_has_a_remedy(name: str, remedy: str) -> None:
    assert remedy_for(OTHERS[name][1]) == remedy


def test_short_files_of_random_bytes_are_recognised() -> None:
    random = np.random.default_rng(3)
    assert all(kind_of(random.bytes(512)) == "binary" for _ in range(2000))


def test_information_separators_are_text() -> None:
    assert kind_of(b"new\x1fyork is here\n" * 60) is None
