"""Text to ids in one native pass over the bytes.

Threads take blocks, cut them at white space, look each word up in a hash table of their own and write provisional ids. At the
end the tables are merged, the vocabulary is chosen, and the provisional ids are replaced by the final ones in place; what is
not in the vocabulary disappears. Memory grows with the number of different words, not with the text.

Words are UTF-8 bytes of any length, separated by ASCII white space; a line end ends a sentence.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.cache import compiled, inlined

_TAG_SHIFT, _ID_MASK, _TAG_MASK = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)
_HASH_SEED, _HASH_FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)

# What `WordTable.used` counts.
WORDS, BYTES = 0, 1
# What a scan keeps in `progress`: where it stopped in the block, ids written, sentence ends written.
POSITION, IDS, ENDS = 0, 1, 2


class WordTable(NamedTuple):
    """An open-addressing hash table from words to ids 0, 1, ... in order of first sight.

    slots (power of two,) uint64: 0 where free, else 32 bits of the hash and below them id + 1.
    letters: the bytes of all words; word w is letters[starts[w]:starts[w + 1]].
    counts (words,) int64 and valid (words,) bool: occurrences, and whether the bytes are UTF-8.
    used: number of words, number of letters.
    """

    slots: NDArray[np.uint64]
    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    valid: NDArray[np.bool_]
    used: NDArray[np.int64]

    @property
    def words(self) -> int:
        """Number of different words."""
        return int(self.used[WORDS])

    def spelling(self, word: int) -> bytes:
        """Return the bytes of a word."""
        return self.letters[self.starts[word] : self.starts[word + 1]].tobytes()


def make_table(words: int = 1 << 14, letters: int = 1 << 18) -> WordTable:
    """Return an empty table with room for so many words (a power of two) and letters."""
    return WordTable(
        slots=np.zeros(2 * words, np.uint64),
        letters=np.empty(letters, np.uint8),
        starts=np.zeros(words + 1, np.int64),
        counts=np.zeros(words, np.int64),
        valid=np.ones(words, np.bool_),
        used=np.zeros(2, np.int64),
    )


def grow(table: WordTable, words: int, letters: int) -> WordTable:
    """Return the table with room for at least so many more words and letters (twice the present room if that is more)."""
    room = len(table.counts)
    while room < table.words + words:
        room *= 2
    size = max(len(table.letters), int(table.used[BYTES]) + letters)
    if size > len(table.letters):
        size = max(size, 2 * len(table.letters))
    bigger = make_table(room, size)
    n, m = table.words, int(table.used[BYTES])
    bigger.letters[:m] = table.letters[:m]
    bigger.starts[: n + 1] = table.starts[: n + 1]
    bigger.counts[:n] = table.counts[:n]
    bigger.valid[:n] = table.valid[:n]
    bigger.used[:] = table.used
    _place_slots(table.slots, bigger.slots)
    return bigger


def next_word_length(block: bytes, progress: NDArray[np.int64]) -> int:
    """Return the number of bytes of the word at which a scan stopped."""
    at = int(progress[POSITION])
    return len(block[at:].split(maxsplit=1)[0])


@compiled()
def _place_slots(old: Any, new: Any) -> None:
    mask = np.uint64(len(new) - 1)
    for entry in old:
        if entry:
            at = (entry >> _TAG_SHIFT) & mask
            while new[at]:
                at = (at + _ONE) & mask
            new[at] = entry


@inlined
def _find(table: Any, text: Any, begin: Any, end: Any, hashed: Any) -> Any:
    """Return (id or -1, slot) of the word text[begin:end] with the given hash; the slot is where it is or belongs."""
    mask = np.uint64(len(table.slots) - 1)
    at = (hashed >> _TAG_SHIFT) & mask
    while True:
        entry = table.slots[at]
        if entry == 0:
            return -1, at
        if (entry ^ hashed) & _TAG_MASK == 0:
            word = np.int64(entry & _ID_MASK) - 1
            start = table.starts[word]
            if table.starts[word + 1] - start == end - begin:
                same = 0
                while same < end - begin and table.letters[start + same] == text[begin + same]:
                    same += 1
                if same == end - begin:
                    return word, at
        at = (at + _ONE) & mask


@inlined
def _has_room(table: Any, letters: Any) -> Any:
    full = table.used[WORDS] >= len(table.counts)
    return not full and table.used[BYTES] + letters <= len(table.letters)


@inlined
def _insert(table: Any, text: Any, begin: Any, end: Any, hashed: Any, slot: Any) -> Any:
    """Add a word that `_find` did not find, at the slot it gave; return its id."""
    word, start = table.used[WORDS], table.used[BYTES]
    for k in range(end - begin):
        table.letters[start + k] = text[begin + k]
    table.starts[word + 1] = start + end - begin
    table.slots[slot] = (hashed & _TAG_MASK) | np.uint64(word + 1)
    table.used[WORDS] = word + 1
    table.used[BYTES] = start + end - begin
    return word


@inlined
def _is_space(byte: Any) -> Any:
    return byte == 32 or (9 <= byte <= 13)


@inlined
def _hash(text: Any, begin: Any, end: Any) -> Any:
    hashed = _HASH_SEED
    for k in range(begin, end):
        hashed = (hashed ^ np.uint64(text[k])) * _HASH_FACTOR
    return hashed * _SPREAD


@inlined
def _is_utf8(text: Any, begin: Any, end: Any) -> Any:
    """Whether text[begin:end] is well-formed UTF-8 (Unicode standard, table 3-7)."""
    at = begin
    while at < end:
        lead = text[at]
        at += 1
        if lead < 0x80:
            continue
        more = 1 if 0xC2 <= lead <= 0xDF else 2 if 0xE0 <= lead <= 0xEF else 3 if 0xF0 <= lead <= 0xF4 else 0
        if more == 0 or at + more > end:
            return False
        low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
        high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
        if text[at] < low or text[at] > high:
            return False
        for k in range(at + 1, at + more):
            if text[k] < 0x80 or text[k] > 0xBF:
                return False
        at += more
    return True


@compiled()
def scan(text: Any, table: Any, ids: Any, ends: Any, progress: Any) -> None:
    """Encode the block `text` from progress[POSITION] on, as far as the table has room.

    text (n,) uint8 ends with white space; ids (n / 2 + 1,) int32 and ends (line ends in text,) int64 take the provisional ids
    and, for each line end, the number of ids written before it. Stops at the end of the block, or before a word for which
    the table has no room.
    """
    at, written, lines = progress[POSITION], progress[IDS], progress[ENDS]
    size = len(text)
    while at < size:
        byte = text[at]
        if _is_space(byte):
            at += 1
            if byte == 10:
                ends[lines] = written
                lines += 1
            continue
        begin = at
        while not _is_space(text[at]):
            at += 1
        hashed = _hash(text, begin, at)
        word, slot = _find(table, text, begin, at, hashed)
        if word < 0:
            if not _has_room(table, at - begin):
                at = begin
                break
            word = _insert(table, text, begin, at, hashed, slot)
            table.valid[word] = _is_utf8(text, begin, at)
        table.counts[word] += 1
        ids[written] = word
        written += 1
    progress[POSITION], progress[IDS], progress[ENDS] = at, written, lines


@compiled()
def merge(source: Any, target: Any, new_ids: Any) -> None:
    """Add the words of one table to another that has room for all of them; new_ids[w] becomes the id of w in `target`."""
    for word in range(source.used[WORDS]):
        begin, end = source.starts[word], source.starts[word + 1]
        hashed = _hash(source.letters, begin, end)
        found, slot = _find(target, source.letters, begin, end, hashed)
        if found < 0:
            found = _insert(target, source.letters, begin, end, hashed, slot)
            target.valid[found] = source.valid[word]
        target.counts[found] += source.counts[word]
        new_ids[word] = found


@compiled()
def renumber(ids: Any, final_ids: Any, ends: Any) -> Any:
    """Replace provisional ids by final ones in place, dropping those whose final id is negative; return how many are left.

    `ends`, counts of ids before each line end, become counts of the ids that are left.
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
