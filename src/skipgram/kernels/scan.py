"""Text to ids in one native pass over the bytes.

Each thread takes blocks, splits them at white space, looks each word up in a hash table of its own
and writes provisional ids. At the end the tables are merged, the vocabulary is chosen, and the
final ids replace the provisional ones in place; words outside the vocabulary are dropped. Memory
grows with the number of different words, not with the text.

Words are UTF-8 bytes of any length, separated by white space; a line end ends a sentence. A word
is first read up to the next tab, space or line end. Only if the table does not hold it is it
searched for other white space, so that finding a known word costs nothing more in any alphabet.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from numpy import uint64, uintp
from numpy.typing import NDArray

from skipgram.kernels.bits import eight_bytes, folded_product, trailing_zeros
from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import called, inlined
from skipgram.kernels.utf8 import continuation_bytes, second_byte_range

_TAG_SHIFT = uint64(32)
_ID_MASK, _TAG_MASK = uint64(0xFFFFFFFF), uint64(0xFFFFFFFF00000000)
_FACTOR = uint64(0xBF58476D1CE4E5B9)
_ONE, _3 = uint64(1), uint64(3)
_32 = uint64(32)

# The same byte eight times.
_LOW, _HIGH = uint64(0x7F7F7F7F7F7F7F7F), uint64(0x8080808080808080)
_FROM_9, _FROM_14 = uint64(0x7777777777777777), uint64(0x7272727272727272)
_SPACES = uint64(0x2020202020202020)

# What `WordTable.used` counts.
WORDS, BYTES = 0, 1
# What a scan keeps in `progress`: where it stopped in the block, ids written, sentence ends
# written.
POSITION = 0
IDS = 1
ENDS = 2
# The columns of `WordTable.records`.
FIRST = 0
SECOND = 1
LENGTH = 2
COUNT = 3

SHORT = 16
"""The most bytes of a word that its record alone identifies."""


class WordTable(NamedTuple):
    """An open-addressing hash table from words to ids 0, 1, ... in order of first sight.

    Ids do not depend on the hashes, whose secret is different in each table.

    Attributes:
        slots: (power of two,) 0 where free, else 32 bits of the hash and below them id + 1.
        records: (words, 4) of each word the first 8 bytes, the next 8, its length and how often it
            occurred. Almost every word is found by one slot and one record, which is one read of
            memory each.
        letters: the bytes of all words; word w is letters[starts[w]:starts[w + 1]].
        starts: (words + 1,) see `letters`.
        valid: (words,) whether the bytes are UTF-8.
        used: number of words, number of letters.
        secret: of the hashes, two random numbers: see `_mix`.
    """

    slots: NDArray[np.uint64]
    records: NDArray[np.uint64]
    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    valid: NDArray[np.bool_]
    used: NDArray[np.int64]
    secret: tuple[np.uint64, np.uint64]

    @property
    def words(self) -> int:
        """Number of different words."""
        return int(self.used[WORDS])

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each word occurred, (words,)."""
        return self.records[: self.words, COUNT].astype(np.int64)

    def texts(self, words: NDArray[np.int64]) -> list[str]:
        """See `vocabulary.Spellings`."""
        if not len(words):
            return []
        lengths = self.records[words, LENGTH].astype(np.int64)
        text = np.empty(int(lengths.sum()) + len(words), np.uint8)
        write_words(words, self.letters, self.starts, text)
        return text[:-1].tobytes().decode().split("\n")  # no word of a text contains a line end

    def keys(self, words: NDArray[np.int64]) -> NDArray[np.uint64]:
        """See `vocabulary.Spellings`."""
        return self.records[words, :LENGTH].byteswap()


def make_table(words: int = 1 << 14, letters: int = 1 << 18) -> WordTable:
    """Return an empty table with room for `words` words (a power of two) and `letters` letters."""
    first, second = np.frombuffer(os.urandom(16), np.uint64)
    return WordTable(
        slots=np.zeros(2 * words, np.uint64),
        records=np.empty((words, 4), np.uint64),
        letters=np.empty(letters, np.uint8),
        starts=np.zeros(words + 1, np.int64),
        valid=np.ones(words, np.bool_),
        used=np.zeros(2, np.int64),
        secret=(first, second),
    )


def grow(table: WordTable, words: int, letters: int) -> WordTable:
    """Return the table with room for `words` more words and `letters` more letters.

    What is too small becomes at least twice as large.
    """
    room = len(table.records)
    while room < table.words + words:
        room *= 2
    size = max(len(table.letters), int(table.used[BYTES]) + letters)
    if size > len(table.letters):
        size = max(size, 2 * len(table.letters))
    bigger = make_table(room, size)._replace(secret=table.secret)
    n, m = table.words, int(table.used[BYTES])
    bigger.letters[:m] = table.letters[:m]
    bigger.starts[: n + 1] = table.starts[: n + 1]
    bigger.records[:n] = table.records[:n]
    bigger.valid[:n] = table.valid[:n]
    bigger.used[:] = table.used
    _place_slots(table.slots, bigger.slots)
    return bigger


def next_word_length(block: bytes, progress: NDArray[np.int64]) -> int:
    """Return the most bytes that the word at which a scan stopped may have."""
    at = int(progress[POSITION])
    return len(block[at:].split(maxsplit=1)[0])


@compiled()
def _place_slots(old: Any, new: Any) -> None:
    mask = uint64(len(new) - 1)
    for entry in old:
        if entry:
            at = (entry >> _TAG_SHIFT) & mask
            while new[at]:
                at = (at + _ONE) & mask
            new[at] = entry


class Key(NamedTuple):
    """What identifies a word: its first 8 bytes, the next 8, its length and its hash."""

    first: Any
    second: Any
    length: Any
    hashed: Any


@inlined
def _is_space(byte: Any) -> Any:
    return byte == 32 or (9 <= byte <= 13)


@inlined
def _white_space(eight: Any) -> Any:
    """Return eight bytes as flags: the highest bit of each byte that is white space, else 0."""
    low = eight & _LOW
    controls = (low + _FROM_9) & ~(low + _FROM_14)
    return (controls | ~((low ^ _SPACES) + _LOW)) & ~eight & _HIGH


@inlined
def other_space(text: Any, at: Any) -> Any:
    """Return the bytes of the white space at text[at] that is not `_is_space`; 0 if there is none.

    The last byte of the text is ASCII.
    """
    lead = text[uintp(at)]
    if lead < 0x80:
        return 1 if 0x1C <= lead <= 0x1F else 0
    if lead != 0xC2 and (lead < 0xE1 or lead > 0xE3):
        return 0
    second = text[uintp(at + 1)]
    if lead == 0xC2:  # U+0085, U+00A0
        return 2 if second == 0x85 or second == 0xA0 else 0
    if second < 0x80:
        return 0
    third = text[uintp(at + 2)]
    if lead == 0xE1:  # U+1680
        return 3 if second == 0x9A and third == 0x80 else 0
    if lead == 0xE3:  # U+3000
        return 3 if second == 0x80 and third == 0x80 else 0
    if second == 0x81:  # U+205F
        return 3 if third == 0x9F else 0
    # U+2000 to U+200A, U+2028, U+2029, U+202F
    is_space = 0x80 <= third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF
    return 3 if second == 0x80 and is_space else 0


@inlined
def _next_other_space(text: Any, at: Any, end: Any) -> Any:
    """Return where the first other white space in text[at:end] is; `end` if nowhere."""
    while at < end and other_space(text, at) == 0:
        at += 1
    return at


@inlined
def _first_bytes(eight: Any, bits: Any) -> Any:
    """Return the lowest `bits` bits, under 64."""
    return eight & ((_ONE << bits) - _ONE)


@inlined
def _spelled(text: Any, begin: Any, end: Any) -> Any:
    """Return up to eight bytes text[begin:end] as `eight_bytes` would."""
    number = uint64(0)
    for at in range(end - 1, begin - 1, -1):
        number = (number << uint64(8)) | uint64(text[uintp(at)])
    return number


@inlined
def _mix(secret: Any, text: Any, begin: Any, first: Any, second: Any, length: Any) -> Any:
    """Return the hash of a word.

    Its 16 first bytes are multiplied by each other (as in wyhash: Wang 2019), each half XOR a
    secret number. So no text can be made whose words collide: with a known hash, 4 MB of them took
    38 s. A secret that is only added to the bytes would not do, because words that differ in the
    highest bits then collide for every secret.
    """
    hashed = folded_product(first ^ secret[0], second ^ secret[1])
    for at in range(begin + SHORT, begin + length):
        hashed = (hashed ^ (hashed >> _32) ^ uint64(text[uintp(at)])) * _FACTOR
    return hashed ^ (hashed << _32)


@inlined
def _read_key(secret: Any, text: Any, begin: Any) -> Any:
    """Return the key of the bytes up to the next ASCII white space, which there is."""
    second, end = uint64(0), begin
    if begin + SHORT <= len(text):
        first = eight_bytes(text, begin)
        found = _white_space(first)
        if found:
            bits = trailing_zeros(found)  # the highest bit of a byte: 8 times its place, plus 7
            first = _first_bytes(first, bits - uint64(7))
            length = np.int64(bits >> _3)
            hashed = _mix(secret, text, begin, first, second, length)
            return Key(first, second, length, hashed)
        second = eight_bytes(text, begin + 8)
        found = _white_space(second)
        if found:
            bits = trailing_zeros(found)
            second = _first_bytes(second, bits - uint64(7))
            length = 8 + np.int64(bits >> _3)
            hashed = _mix(secret, text, begin, first, second, length)
            return Key(first, second, length, hashed)
        end = begin + SHORT
    while not _is_space(text[uintp(end)]):
        end += 1
    return _key_of(secret, text, begin, end)


@inlined
def _key_of(secret: Any, text: Any, begin: Any, end: Any) -> Any:
    """Return the key of the word text[begin:end]."""
    first = _spelled(text, begin, min(end, begin + 8))
    second = _spelled(text, begin + 8, min(end, begin + SHORT))
    hashed = _mix(secret, text, begin, first, second, end - begin)
    return Key(first, second, end - begin, hashed)


@inlined
def _find(table: Any, text: Any, begin: Any, key: Any) -> Any:
    """Return (id or -1, slot) of the word at text[begin] with this key: where it is or belongs."""
    mask = uint64(len(table.slots) - 1)
    at = (key.hashed >> _TAG_SHIFT) & mask
    while True:
        entry = table.slots[at]
        if entry == 0:
            return -1, at
        if (entry ^ key.hashed) & _TAG_MASK == 0:
            word = np.int64(entry & _ID_MASK) - 1
            if _is_word(table, word, text, begin, key):
                return word, at
        at = (at + _ONE) & mask


@inlined
def _is_word(table: Any, word: Any, text: Any, begin: Any, key: Any) -> Any:
    """Whether the word at text[begin] with this key is `word` of the table."""
    record = table.records[uintp(word)]
    if record[FIRST] != key.first or record[SECOND] != key.second:
        return False
    if record[LENGTH] != uint64(key.length):
        return False
    start, same = table.starts[uintp(word)], min(SHORT, key.length)
    while same < key.length and table.letters[uintp(start + same)] == text[uintp(begin + same)]:
        same += 1
    return same == key.length


@inlined
def _has_room(table: Any, letters: Any) -> Any:
    full = table.used[WORDS] >= len(table.records)
    return not full and table.used[BYTES] + letters <= len(table.letters)


@inlined
def _insert(table: Any, text: Any, begin: Any, key: Any, slot: Any) -> Any:
    """Add a word that `_find` did not find, at the slot that it returned; return the word's id."""
    word, start = table.used[WORDS], table.used[BYTES]
    for k in range(key.length):
        table.letters[start + k] = text[begin + k]
    table.starts[word + 1] = start + key.length
    record = table.records[word]
    record[FIRST], record[SECOND] = key.first, key.second
    record[LENGTH], record[COUNT] = uint64(key.length), uint64(0)
    table.slots[slot] = (key.hashed & _TAG_MASK) | uint64(word + 1)
    table.used[WORDS] = word + 1
    table.used[BYTES] = start + key.length
    return word


@inlined
def _is_utf8(text: Any, begin: Any, end: Any) -> Any:
    """Whether text[begin:end] is well-formed UTF-8 (Unicode standard, table 3-7)."""
    at = begin
    while at < end:
        lead = text[at]
        at += 1
        if lead < 0x80:
            continue
        more = continuation_bytes(lead)
        if more == 0 or at + more > end:
            return False
        low, high = second_byte_range(lead)
        if text[at] < low or text[at] > high:
            return False
        for k in range(at + 1, at + more):
            if text[k] < 0x80 or text[k] > 0xBF:
                return False
        at += more
    return True


@called
def _scan_between_others(text: Any, at: Any, end: Any, table: Any, ids: Any, written: Any) -> Any:
    """Encode text[at:end], which has only white space beyond ASCII, as far as the table has room.

    Returns:
        Where it stopped, and how many ids have been written.
    """
    while at < end:
        space = other_space(text, at)
        if space > 0:
            at += space
            continue
        key = _key_of(table.secret, text, at, _next_other_space(text, at, end))
        word, slot = _find(table, text, at, key)
        if word < 0:
            if not _has_room(table, key.length):
                break
            word = _insert(table, text, at, key, slot)
            table.valid[word] = _is_utf8(text, at, at + key.length)
        table.records[uintp(word), COUNT] += _ONE
        ids[uintp(written)] = word
        written += 1
        at += key.length
    return at, written


@compiled()
def scan(text: Any, table: Any, ids: Any, ends: Any, progress: Any, by_unicode: Any) -> None:
    """Encode the block `text` from progress[POSITION] on, as far as the table has room.

    It stops at the end of the block, or before a word for which the table has no room.

    Args:
        text: (n,) uint8, ends with ASCII white space.
        table: a `WordTable`.
        ids: (n / 2 + 1,) int32, takes the provisional ids.
        ends: (line ends in text,) int64, takes the number of ids written before each line end.
        progress: see `POSITION`, `IDS` and `ENDS`.
        by_unicode: whether all white space separates words, as in Python's `str.split`, or only
            tabs, spaces and line ends, as in C.
    """
    at, size = progress[POSITION], len(text)
    written, lines = progress[IDS], progress[ENDS]
    while True:
        end = at  # larger where there is a word with other white space in it
        while at < size:
            byte = text[uintp(at)]
            if _is_space(byte):
                at += 1
                if byte == 10:
                    ends[uintp(lines)] = written
                    lines += 1
                continue
            key = _read_key(table.secret, text, at)
            word, slot = _find(table, text, at, key)
            if word < 0:
                if by_unicode:
                    end = at + key.length
                    if _next_other_space(text, at, end) < end:
                        break
                    end = at
                if not _has_room(table, key.length):
                    break
                word = _insert(table, text, at, key, slot)
                table.valid[word] = _is_utf8(text, at, at + key.length)
            table.records[uintp(word), COUNT] += _ONE
            ids[uintp(written)] = word
            written += 1
            at += key.length
        if at >= end:
            break
        at, written = _scan_between_others(text, at, end, table, ids, written)
        if at < end:
            break
    progress[POSITION] = at
    progress[IDS], progress[ENDS] = written, lines


@compiled()
def write_words(words: Any, letters: Any, starts: Any, text: Any) -> None:
    """Write words into `text`, each followed by a line end."""
    written = 0
    for n in range(len(words)):
        word = words[uintp(n)]
        for at in range(starts[uintp(word)], starts[uintp(word + 1)]):
            text[uintp(written)] = letters[uintp(at)]
            written += 1
        text[uintp(written)] = np.uint8(10)
        written += 1


@compiled()
def merge(source: Any, target: Any, new_ids: Any) -> None:
    """Add the words of one table to another that has room for them all.

    new_ids[w] becomes the id of word w in `target`.
    """
    for word in range(source.used[WORDS]):
        begin = source.starts[word]
        key = _key_of(target.secret, source.letters, begin, source.starts[word + 1])
        found, slot = _find(target, source.letters, begin, key)
        if found < 0:
            found = _insert(target, source.letters, begin, key, slot)
            target.valid[found] = source.valid[word]
        target.records[found, COUNT] += source.records[word, COUNT]
        new_ids[word] = found


@compiled()
def renumber(ids: Any, final_ids: Any, ends: Any) -> Any:
    """Replace provisional ids by final ones, in place; return how many are left.

    Ids whose final id is negative are dropped. `ends`, the number of ids before each line end,
    becomes the number of ids that are left.
    """
    written, line = 0, 0
    for at in range(len(ids)):
        while line < len(ends) and ends[line] <= at:
            ends[line] = written
            line += 1
        final = final_ids[ids[at]]
        if final >= 0:
            ids[written] = final
            written += 1
    while line < len(ends):
        ends[line] = written
        line += 1
    return written
