"""Text without spaces between words: is it such text, and which tokenizer splits it?"""

from __future__ import annotations

import re
from typing import NamedTuple

from skipgram.config import CorpusConfig
from skipgram.vocabulary import Vocabulary

MOST_LOOKED_AT = 20_000
"""How many different words decide."""

_LEAST_SHARE = 0.1
"""The least share of a text that words of such a script make up, to be spoken of."""

_CHARACTERS_SHOWN = 20

_LEAST_ONCE = 0.8
"""Of sentences, more are different; of the words of a text, about half occur once."""


class Script(NamedTuple):
    """A script that is written without spaces between words.

    Attributes:
        language: what the remedy calls it.
        letters: matches one of its letters.
        longest: the mean word has fewer letters. Texts that were split into words have fewer
            than 2 in Chinese and Japanese, and about 4 in Thai.
        tokenizer: a function that splits it, and the package that has it.
    """

    language: str
    letters: re.Pattern[str]
    longest: int
    tokenizer: tuple[str, str]


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3040-\u30ff\uff66-\uff9f"

_CHINESE = Script("Chinese", re.compile(f"[{_HAN}]"), 5, ("jieba:lcut", "jieba"))
_JAPANESE = Script(
    "Japanese", re.compile(f"[{_KANA}{_HAN}]"), 5, ("tinysegmenter:tokenize", "tinysegmenter3")
)
SCRIPTS = (
    _CHINESE,
    _JAPANESE,
    Script("Thai", re.compile("[\u0e00-\u0e7f]"), 12, ("pythainlp:word_tokenize", "pythainlp")),
    Script("Lao", re.compile("[\u0e80-\u0eff]"), 12, ("laonlp:word_tokenize", "laonlp")),
    Script("Khmer", re.compile("[\u1780-\u17ff]"), 12, ("khmernltk:word_tokenize", "khmer-nltk")),
    Script("Burmese", re.compile("[\u1000-\u109f]"), 12, ("pyidaungsu:tokenize", "pyidaungsu")),
)
_KANA_ONLY = re.compile(f"[{_KANA}]")
_LEAST_KANA = 0.1
"""A Japanese text has at least this share of Kana, a Chinese one hardly any."""


def remedy_for_unspaced(
    vocabulary: Vocabulary, reading: CorpusConfig, *, most_once: bool = False
) -> str:
    """Return what to do if many words of a text are whole sentences; "" if they are not.

    Args:
        vocabulary: words of the text.
        reading: how it was split.
        most_once: whether most of these words must occur only once, as sentences do.
    """
    if reading.tokenizer or reading.token_pattern or reading.group_by:
        return ""
    counts = vocabulary.counts[:MOST_LOOKED_AT].tolist()
    words = vocabulary.words[:MOST_LOOKED_AT]
    script = _script_of("".join(word for word in words if not word.isascii()))
    letters = [0 if word.isascii() else len(script.letters.findall(word)) for word in words]
    found = [(n, size) for n, size in zip(counts, letters, strict=True) if size]
    occurrences = sum(n for n, _ in found)
    if not found or occurrences < _LEAST_SHARE * sum(counts):
        return ""
    if sum(n * size for n, size in found) < script.longest * occurrences:
        return ""
    if most_once and sum(n == 1 for n, _ in found) < _LEAST_ONCE * len(found):
        return ""
    function, package = script.tokenizer
    return (
        f"set tokenizer={function}, or another function that splits {script.language} into words "
        f"(pip install {package})"
    )


def advise_on_unspaced(vocabulary: Vocabulary, reading: CorpusConfig) -> str:
    """Return one line if many words of a text are sentences without spaces; else ""."""
    remedy = remedy_for_unspaced(vocabulary, reading, most_once=True)
    if not remedy:
        return ""
    longest = max(vocabulary.words[:MOST_LOOKED_AT], key=len)[:_CHARACTERS_SHOWN]
    return f"note: many words are sentences without spaces, such as {longest!r}; {remedy}"


def _script_of(text: str) -> Script:
    """Return the script of most letters of a text."""
    most = max(SCRIPTS, key=lambda script: len(script.letters.findall(text)))
    if most is _JAPANESE and len(_KANA_ONLY.findall(text)) < _LEAST_KANA * len(text):
        return _CHINESE
    return most
