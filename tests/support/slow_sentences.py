"""How a text is split into sentences, written with a regular expression: slow, and the oracle."""

from __future__ import annotations

import re
import unicodedata

STOPS, WIDE_STOPS = ".!?\u061f\u06d4\u0964\u0965", "\u3002\uff01\uff1f\uff61"
CLOSERS = "\"')]}\u00bb\u201c\u201d\u2019\u203a\u300d\u300f\u3009\u300b\u3011\uff09"
ASCII_SPACE = " \t\r\v\f\n"
SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
RUN = re.compile(f"[{STOPS}{WIDE_STOPS}][{re.escape(STOPS + WIDE_STOPS + CLOSERS)}]*", re.DOTALL)
ABBREVIATION = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|vs|cf|al)\Z")


def in_word(character: str) -> bool:
    return character != "" and unicodedata.category(character)[0] in "LNM"


def is_shortened(before: str) -> bool:
    """Whether the text before a full stop ends with an initial or an abbreviation."""
    if found := ABBREVIATION.search(before):
        return not in_word(before[: found.start()][-1:])
    letter, previous = before[-1:], before[-2:-1]
    if letter == "" or unicodedata.category(letter)[0] != "L" or in_word(previous):
        return False
    return letter.lower()[0] != letter or previous == "."


def paragraphs(text: str, space: str) -> list[str]:
    """Return the text between blank lines."""
    found = [""]
    for line in text.split("\n"):
        if line.strip(space):
            found[-1] += f"{line}\n"
        else:
            found.append("")
    return found


def slow_sentences(text: str, space: str = SPACE) -> list[list[str]]:
    """Return the words of each sentence that has any."""
    sentences = []
    for paragraph in paragraphs(text, space):
        begin = 0
        for run in RUN.finditer(paragraph):
            wide = any(mark in run[0] for mark in WIDE_STOPS)
            ends = wide or paragraph[run.end()] in space
            if ends and not (run[0] == "." and is_shortened(paragraph[: run.start()])):
                sentences.append(paragraph[begin : run.end()])
                begin = run.end()
        sentences.append(paragraph[begin:])
    words = [re.findall(f"[^{space}]+", sentence) for sentence in sentences]
    return [found for found in words if found]
