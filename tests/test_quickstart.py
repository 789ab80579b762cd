from __future__ import annotations

import itertools

from skipgram import quickstart


def test_sentences_are_lower_case_words_of_the_documentation() -> None:
    sentences = list(itertools.islice(quickstart.sentences(), 20_000))
    assert all(len(sentence) > 1 for sentence in sentences)
    words = set(itertools.chain.from_iterable(sentences))
    assert all(word == word.lower() and not word.isspace() for word in words)
    assert {"string", "list", "function", "exception"} <= words


def test_prose_is_docstrings_and_comments() -> None:
    code = (
        "x = 1  # not prose\n# A comment\n# goes on.\n"
        'def f():\n    """Say it."""\n    return "no prose"\n'
    )
    text = quickstart._prose(code)
    assert "A comment" in text
    assert "Say it." in text
    assert "return" not in text
