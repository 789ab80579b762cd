"""Files that are not text, recognised by their first bytes."""

from __future__ import annotations

SAMPLE_BYTES = 1 << 16
"""How much of a file decides whether it is text."""

MOST_NULS = 0.25
"""Text with a larger share of NUL bytes is binary or UTF-16: English in UTF-16 has one half."""

UTF_16 = "text in UTF-16"
SAFETENSORS = "a safetensors file"
BINARY = "binary"
"""What `kind_of` returns for a file of no known kind."""

_MOST_CONTROLS = 0.05
"""Of random bytes other than NUL, 9.8 % are these control characters; of text, hardly any: in none
of 22,000 files of source code and documentation were they more than 0.5 %. With this share, 1 in
20,000 files of 512 random bytes passes as text; with 8 %, 1 in 13 does."""

_FEW_BYTES = 512
"""Too few for a share of control characters to say much."""

_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\v\f\r\b\x1b"))
_SEPARATORS = b"\x1c\x1d\x1e\x1f"
"""Controls that separate words. A text may hold many of them, but then it holds no others."""

_ARCHIVE = "an archive"
_COMPRESSED = "compressed by compress, lz4 or lzip"
_OFFICE = "an Office document"
_PDF = "a PDF"
_RTF = "an RTF document"

_MAGIC = {
    "an Arrow file": (b"ARROW1",),
    _ARCHIVE: (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"),
    "an audio file": (b"OggS", b"ID3\x02", b"ID3\x03", b"ID3\x04", b"fLaC"),
    _COMPRESSED: (b"\x1f\x9d", b"\x04\x22\x4d\x18", b"LZIP\x01"),
    "a database": (b"SQLite format 3\0",),
    "a font": (b"wOFF", b"wOF2"),
    "an HDF5 file": (b"\x89HDF\r\n\x1a\n",),
    "an image": (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"),
    "a NumPy array": (b"\x93NUMPY",),
    _OFFICE: (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "an ORC file": (b"ORC",),
    _PDF: (b"%PDF-",),
    "a program": (b"\x7fELF", b"\xca\xfe\xba\xbe"),
    _RTF: (b"{\\rtf",),
    UTF_16: (b"\xff\xfe", b"\xfe\xff"),
}

_WITHOUT_NULS = {_PDF, _RTF, UTF_16}

_OFFICE_MEMBERS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"mimetype")
"""The first member of a document of Word, Excel, LibreOffice or EPUB, which is a zip archive."""

_FIRST_MEMBER = 30
"""Where the name of the first member of a zip archive begins."""

_REMEDIES = {
    _ARCHIVE: "unpack it, and name the files in it",
    _COMPRESSED: "decompress it",
    _OFFICE: "save it as text, or a spreadsheet as CSV",
    _PDF: "convert it to text",
    _RTF: "save it as text",
}


def kind_of(first: bytes) -> str | None:
    """Return what a file is if it is not text, from its first bytes; None if it may be text."""
    for kind, beginnings in _MAGIC.items():
        # Text may begin with "GIF87a", but then it has no NUL byte.
        if first.startswith(beginnings) and (b"\0" in first or kind in _WITHOUT_NULS):
            is_office = first.startswith(_OFFICE_MEMBERS, _FIRST_MEMBER)
            return _OFFICE if kind == _ARCHIVE and is_office else kind
    if first[4:9] == b"\0\0\0\0{":  # the length of the header is a number of 8 bytes
        return SAFETENSORS
    if first[257:262] == b"ustar":
        return _ARCHIVE
    nuls = first.count(b"\0")
    controls = len(first) - len(first.translate(None, _CONTROLS))
    if controls == sum(map(first.count, _SEPARATORS)):
        controls = 0
    many_controls = controls > _MOST_CONTROLS * (len(first) - nuls)
    if nuls > MOST_NULS * len(first) or (many_controls and len(first) >= _FEW_BYTES):
        return BINARY
    return None


def remedy_for(kind: str) -> str:
    """Return what to do about a file of a kind that is not text."""
    return _REMEDIES.get(kind, "leave it out")
