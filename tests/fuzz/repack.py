"""Changes inside a structure that is then written again, so that they pass its outer checks.

A flipped bit in gzip fails the check sum, and one in the length of a header fails at once. Here a
file is unpacked, changed inside and packed again: compressed data with a right check sum, JSON that
is still JSON, headers with a right length, pickles of whole opcodes, digests of the new content.
"""

from __future__ import annotations

import ast
import bz2
import gzip
import hashlib
import io
import json
import lzma
import pickletools
import re
import sys
import zipfile
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from mutate import MUTATIONS, NUMBERS, TOKENS, mutate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Files = dict[str, bytes]
"""The files of an input, by name."""

Repack = Callable[[Random, Files], Files | None]
"""Returns changed files; None if they hold nothing of the kind."""


def inside(pattern: str, change: Callable[[Random, bytes], bytes]) -> Repack:
    """Return a change of one file whose name matches a pattern; a ValueError means it cannot be."""

    def repack(rng: Random, files: Files) -> Files | None:
        names = [name for name in files if re.search(pattern, name)]
        if not names:
            return None
        name = rng.choice(names)
        try:
            return {**files, name: change(rng, files[name])}
        except (ValueError, EOFError, OSError, zipfile.BadZipFile, lzma.LZMAError, zstd.ZstdError):
            return None

    return repack


def _compressed(
    unpack: Callable[[bytes], bytes], pack: Callable[[bytes], bytes]
) -> Callable[[Random, bytes], bytes]:
    return lambda rng, content: pack(mutate(rng, unpack(content)))


def gzip_header(rng: Random, content: bytes) -> bytes:
    """Give a gzip file a name, a comment or extra bytes of any length."""
    flag, field = rng.choice(((8, b"n"), (16, b"c"), (4, b"e"), (2, b"h"), (31, b"x")))
    size = rng.choice((0, 1, 70_000, 600_000))
    extra = (size % 65_536).to_bytes(2, "little") if flag == 4 else b""
    return content[:3] + bytes([flag]) + content[4:10] + extra + field * size + b"\0" + content[10:]


COMPRESSED = [
    inside(r"\.gz$", _compressed(gzip.decompress, lambda part: gzip.compress(part, 1))),
    inside(r"\.gz$", gzip_header),
    inside(r"\.bz2$", _compressed(bz2.decompress, lambda part: bz2.compress(part, 1))),
    inside(r"\.xz$", _compressed(lzma.decompress, lambda part: lzma.compress(part, preset=0))),
    inside(r"\.zst$", _compressed(zstd.decompress, zstd.compress)),
]

_VALUES: list[Any] = [
    *NUMBERS,
    *(None, True, False, "", [], {}, [[]], [None], 0.5, -0.5, 1e308, float("nan"), float("inf")),
    *("os:system", "x" * 10_000, "\x1b[2J\x1b]0;t\x07", "\0", "\ud800", "utf-7", "/dev/zero"),
    *([1] * 5000, {"a": {"b": [{}]}}, 10**400, "9" * 5000, ["a", 1], {"": ""}, "-1", "1e999"),
]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return all (container, key) pairs below a JSON value."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [place for key in keys for place in ((value, key), *_places(value[key]))]


def change_json(rng: Random, content: bytes) -> bytes:
    """Replace, delete, rename or repeat values of JSON."""
    value = json.loads(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        places = _places(value)
        if not places or rng.random() < 0.02:
            value = deepcopy(rng.choice(_VALUES))
            continue
        container, key = rng.choice(places)
        inner = container[key]
        if isinstance(inner, str) and inner[:1] in ("{", "[") and rng.random() < 0.8:
            container[key] = change_json(rng, inner.encode()).decode("utf-8", "surrogateescape")
            continue
        action = rng.randrange(6)
        if action == 0:
            del container[key]
        elif action == 1 and isinstance(container, dict):
            container[rng.choice(("", "x", key + "\0", "__class__", "version"))] = container[key]
        elif action == 2 and isinstance(container, list):
            container.extend(container[:1000])
        elif action == 3:
            container[key] = [container[key]]
        else:
            container[key] = deepcopy(rng.choice(_VALUES))
    return json.dumps(value, ensure_ascii=rng.random() < 0.7).encode("utf-8", "surrogatepass")


JSON = inside(r"\.json$", change_json)


def safetensors_data(rng: Random, content: bytes) -> bytes:
    """Change the numbers of safetensors, and the JSON that is among them, but not their length."""
    begin = 8 + int.from_bytes(content[:8], "little")
    data = bytearray(content[begin:])
    for _ in range(rng.randrange(1, 4) if data else 0):
        odd = (
            b"\0\0\xc0\x7f",
            b"\0\0\x80\xff",
            b"\xff\xff\x7f\x7f",
            b"\1\0\0\0",
            b"\xff" * 8,
            b'""',
        )
        new = rng.choice((*odd, rng.randbytes(1), b'"', b"["))
        place = rng.randrange(len(data)) // len(new) * len(new)
        data[place : place + len(new)] = new
    return content[:begin] + bytes(data)[: len(content) - begin]


def safetensors_header(rng: Random, content: bytes) -> bytes:
    """Change the JSON header of safetensors, with its length and its alignment."""
    size = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + size]
    changed = change_json(rng, header) if rng.random() < 0.8 else mutate(rng, header)
    if rng.random() < 0.4:  # types that NumPy lacks, and others
        types = (b"BF16", b"F8_E4M3", b"F8_E5M2", b"F64", b"F16", b"I64", b"U8", b"BOOL", b"F4")
        changed = re.sub(rb'"dtype": ?"\w+"', b'"dtype":"%s"' % rng.choice(types), changed, count=1)
    changed += b" " * (-len(changed) % 8)
    return len(changed).to_bytes(8, "little") + changed + content[8 + size :]


def npy_header(rng: Random, content: bytes) -> bytes:
    """Change the dictionary at the beginning of a .npy file, with its length."""
    if content[:6] != b"\x93NUMPY":
        raise ValueError("not .npy")
    size = int.from_bytes(content[8:10], "little")
    fields = ast.literal_eval(content[10 : 10 + size].decode())
    kind = ("<f4", ">f4", "<f2", "<f8", "|O", "<c8", "|S9", "<U3", "<i8", "<M8[s]", "|V0", "|b1")
    action = rng.randrange(5)
    if action == 0:
        fields["shape"] = tuple(rng.choice(NUMBERS) for _ in range(rng.randrange(5)))
    elif action == 1:
        fields["descr"] = rng.choice((*kind, [("a", "<f4"), ("b", "|O")], [("a", "<f4", 1 << 40)]))
    elif action == 2:
        fields["fortran_order"] = rng.choice((True, None, 2))
    elif action == 3:
        fields["shape"] = (*fields["shape"], rng.choice(NUMBERS))
    else:
        fields.pop(rng.choice(list(fields)))
    text = repr(fields).encode()
    text = mutate(rng, text)[:65_000] if rng.random() < 0.2 else text
    return content[:8] + len(text).to_bytes(2, "little") + text + content[10 + size :]


def zip_members(rng: Random, content: bytes) -> bytes:
    """Change one member of a zip file, or its name, with right check sums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    chosen = rng.randrange(len(members))
    name, inner = members[chosen]
    change = npy_header if rng.random() < 0.5 and inner[:6] == b"\x93NUMPY" else mutate
    members[chosen] = (rng.choice((name, name, "x", "../x.npy")), change(rng, inner))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", rng.choice((0, 8))) as archive:
        for name, inner in members:
            archive.writestr(name, inner)
    return target.getvalue()


_NUMPY = [b"cnumpy\ndtype\n", b"cnumpy\nndarray\n", b"cnumpy.core.multiarray\nscalar\n"]
_HUGE = [b"\x8d", b"\x8e", b"\x96", b"\x95"]
_COLLIDING = b"".join(b"p%d\n" % (number * (2**61 - 1)) for number in range(40_000))
"""Numbers whose hashes are equal, for the memo."""
_OPCODES = [
    _COLLIDING,
    *_NUMPY,
    *(b"cos\nsystem\n", b"cnumpy._core.multiarray\n_reconstruct\n", b"c_codecs\nencode\n"),
    *(b"cgensim.models.keyedvectors\nKeyedVectors\n", b"cbuiltins\neval\n", b"\x93", b"\x92"),
    *(b"R", b"b", b"\x81", b"o", b"(", b"t", b"l", b"d", b"e", b"u", b"s", b"a", b"0", b"1", b"2"),
    *(b"N", b"]", b"}", b")", b"\x8f", b"\x90", b"\x91", b"Q", b"Pid\n", b"\x82\x01", b"\x98"),
    *(b"\x85", b"\x86", b"\x87", b"\x94", b"K\x00", b"M\xff\xff", b"J\xff\xff\xff\x7f", b"h\x00"),
    *(b"J\x00\x00\x00\x80", b"\x8a\x09" + b"\xff" * 8 + b"\x00", b"\x8b\xff\xff\xff\x7f"),
    *(b"r\xff\xff\xff\xff", b"j\xff\xff\xff\xff", b"p4294967295\n", b"p-1\n", b"g9\n"),
    *(op + size.to_bytes(8, "little") for op in _HUGE for size in (1 << 31, 1 << 40, 1 << 63)),
    *(b"I999999999999\n", b"L" + b"9" * 5000 + b"L\n", b"F1e999\n", b"G" + b"\x7f\xf8" + b"\0" * 6),
    *(b"\x8c\x03<f4", b"\x8c\x02|O", b"X\x05\x00\x00\x00word\n", b"C\x04\0\0\0\0", b"S'a'\n", b"."),
]
"""Opcodes of pickle that call, build, reserve memory or take from an empty stack."""


def pickle_opcodes(rng: Random, content: bytes) -> bytes:
    """Delete, repeat, move, insert or replace whole opcodes of a pickle."""
    begins = [place for _, _, place in pickletools.genops(content) if place is not None]
    ops = [
        content[first:last] for first, last in zip(begins, [*begins[1:], len(content)], strict=True)
    ]
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(ops))
        action = rng.randrange(6)
        if action == 0:
            del ops[place : place + rng.choice((1, 1, 2, 5))]
        elif action == 1:
            ops.insert(place, rng.choice(ops))
        elif action == 2:
            ops.insert(place, rng.choice(_OPCODES))
        elif action == 3:
            ops[place] = rng.choice(_OPCODES)
        elif action == 4:
            other = rng.randrange(len(ops))
            ops[place], ops[other] = ops[other], ops[place]
        else:
            ops[place] = ops[place][:1] + rng.choice(MUTATIONS)(rng, ops[place][1:])
        ops = ops or [b"."]
    return b"".join(ops)


def parquet_footer(rng: Random, content: bytes) -> bytes:
    """Change the description at the end of a Parquet file, with its length."""
    size = int.from_bytes(content[-8:-4], "little")
    if content[-4:] != b"PAR1" or size > len(content):
        raise ValueError("not Parquet")
    footer = mutate(rng, content[-8 - size : -8])
    return content[: -8 - size] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def renew_digest(index: str, digests: str) -> Repack:
    """Return a change of an index whose digest, in another file, is that of the new content."""

    def repack(rng: Random, files: Files) -> Files | None:
        if index not in files or digests not in files:
            return None
        changed = mutate(rng, files[index])
        line = f"{hashlib.sha256(changed).hexdigest()}  {index}\n".encode()
        others = files[digests].partition(b"\n")[2]
        return {**files, index: changed, digests: line + others}

    return repack


def swap_files(rng: Random, files: Files) -> Files | None:
    """Delete, empty or exchange files of a directory."""
    if len(files) < 2:
        return None
    first, second = rng.sample(sorted(files), 2)
    action = rng.randrange(4)
    if action == 0:
        return {name: content for name, content in files.items() if name != first}
    if action == 1:
        return {**files, first: rng.choice((b"", *TOKENS))}
    return {**files, first: files[second], second: files[first]}
