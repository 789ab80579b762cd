"""Text becomes tokens as the options say, and sentences of tokens become batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpora import (
    OPTIONS,
    SENTENCES,
    TEXT,
    WALKS,
    Vectors,
    decoded,
    from_text,
    sentences_of,
    vectors,
    write,
)

import skipgram
from skipgram.corpus import tokens
from skipgram.corpus.build import encode_corpus
from skipgram.errors import ConfigError, CorpusError

TOKENS: dict[str, Callable[[], Any]] = {
    "a generator": lambda: (sentence for sentence in SENTENCES),
    "tuples": lambda: tuple(map(tuple, SENTENCES)),
    "a matrix of integers": lambda: WALKS,
    "a transposed matrix": lambda: np.asfortranarray(WALKS.astype(np.uint16)),
    "arrays of integers": lambda: [WALKS[0], *WALKS[1:]],
    "lists of integers": lambda: WALKS.tolist(),
    "integers of two types": lambda: [[np.int64(node) for node in WALKS[0]], *WALKS[1:].tolist()],
}


@pytest.mark.parametrize("kind", TOKENS)
def test_sentences_of_tokens(kind: str, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(TOKENS[kind]())
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


def test_token_lists_are_read_once(tmp_path: Path) -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["new york", "is", ""]
        yield []
        yield ["is", "big", "is"]

    with encode_corpus(sentences()) as corpus:
        assert corpus.vocabulary.words == ["is", "", "big", "new york"]
        assert sentences_of(corpus) == [["new york", "is", ""], ["is", "big", "is"]]
        assert corpus.report.raw_words == 6


def test_token_lists_and_text_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skipgram.corpus.tokens.TOKENS_IN_A_BATCH", 100)
    rng = np.random.default_rng(0)
    sentences = [[f"w{i}" for i in rng.integers(0, 40, rng.integers(0, 30))] for _ in range(300)]
    text = "\n".join(" ".join(sentence) for sentence in sentences)
    with (
        encode_corpus(sentences, min_count=3) as lists,
        from_text(text.encode(), tmp_path, min_count=3) as plain,
    ):
        assert lists.fingerprint == plain.fingerprint


def spell(line: str) -> list[str]:
    return line.split("-")


def test_how_text_becomes_words(tmp_path: Path) -> None:
    path = write(tmp_path / "text", "The ﬁrst-LINE, ÉTÉ\nthe Second-line Ⅳ".encode())
    assert decoded(path, lowercase=True)[1] == ["the", "second-line", "ⅳ"]
    assert decoded(path, nfkc=True)[0] == ["The", "first-LINE,", "ÉTÉ"]
    assert decoded(path, nfkc=True, lowercase=True)[1] == ["the", "second-line", "iv"]
    assert decoded(path, token_pattern=r"\w+")[0] == ["The", "ﬁrst", "LINE", "ÉTÉ"]
    assert decoded(path, token_pattern=r"[a-z]+", lowercase=True)[1] == ["the", "second", "line"]
    assert decoded(path, tokenizer=spell)[1] == ["the Second", "line Ⅳ"]
    assert decoded(path, tokenizer=f"{__name__}:spell", lowercase=True)[1] == [
        "the second",
        "line ⅳ",
    ]
    assert decoded(path, sentence_per="file") == [path.read_text(encoding="utf-8").split()]
    assert len(decoded([path, path], sentence_per="file")) == 2
    assert decoded(pd.Series(["a b\nc", "d"]), sentence_per="file") == [["a", "b", "c"], ["d"]]
    assert decoded([{"text": "a b\nc"}, {"text": "d e"}], column="text", sentence_per="file") == [
        ["a", "b", "c"],
        ["d", "e"],
    ]
    assert decoded(["a-b c\n", "d"], tokenizer=spell) == [["a", "b c"], ["d"]]


def test_normalization_does_not_depend_on_the_block_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Ａｂｃ ﬀ e\u0301 \u00a0x ΣΑΣ\n" * 50
    expected = [unicodedata.normalize("NFKC", line).lower().split() for line in text.splitlines()]
    path = write(tmp_path / "text", text.encode())
    for size in (7, 64, 1 << 20):
        monkeypatch.setattr("skipgram.io.blocks.BLOCK_BYTES", size)
        assert decoded(path, lowercase=True, nfkc=True) == expected
        assert decoded(path, lowercase=True, nfkc=True, token_pattern=r"\S+") == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "a:b", "token_pattern": "x"}, "tokenizer and token_pattern both"),
        ({"token_pattern": "("}, "regular expression"),
        ({"token_pattern": "(a)(b)"}, "2 groups"),
        ({"tokenizer": "split"}, "module:function"),
        ({"tokenizer": "no.such.module:split"}, "no.such.module"),
        ({"tokenizer": "json:nothing"}, "nothing"),
        ({"tokenizer": "sys:maxsize"}, "is not a function"),
        ({"tokenizer": "this is no module:x"}, "cannot be imported"),
        ({"sentence_per": "word"}, "line, file"),
        ({"colum": "text"}, "unknown option 'colum'.*column"),
    ],
)
def test_invalid_options(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "text", TEXT)
    with pytest.raises(ConfigError, match=message):
        skipgram.train(path, **options)


def marked(line: str) -> list[str]:
    return ["<s>", *line.split(" "), "</s>"]


def test_tokenizers_see_each_line_once_without_its_end(tmp_path: Path) -> None:
    for text in (b"a b\nc\n", b"a b\r\nc", b"a b\r\nc\r\n"):
        path = write(tmp_path / "text", text)
        assert decoded(path, tokenizer=marked) == [["<s>", "a", "b", "</s>"], ["<s>", "c", "</s>"]]
        assert decoded(path, token_pattern=r"\w*") == [["a", "b"], ["c"]]


def test_what_cannot_be_tokenized() -> None:
    with pytest.raises(CorpusError, match="holds both strings and NoneType"):
        decoded(["a b", None], token_pattern=r"\w+")
    with pytest.raises(
        CorpusError, match="column has no effect on sentences that are lists of tokens"
    ):
        decoded(SENTENCES, column="text")
    with pytest.raises(
        CorpusError, match=r"tokenizer=json:loads failed on the line 'a b': JSONDecodeError"
    ):
        decoded(["a b"], tokenizer="json:loads")


def test_a_tokenizer_in_the_working_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "my_own_tokens.py", b"def cut(line):\n    return line.split('|')\n")
    write(tmp_path / "my_broken_tokens.py", b"def cut(line)\n")
    monkeypatch.chdir(tmp_path)
    assert decoded(["a|b c"], tokenizer="my_own_tokens:cut") == [["a", "b c"]]
    with pytest.raises(
        ConfigError, match="tokenizer=my_broken_tokens:cut cannot be imported: SyntaxError"
    ):
        decoded(["a|b c"], tokenizer="my_broken_tokens:cut")


BAD_TOKENS: list[tuple[Any, dict[str, Any], str]] = [
    (SENTENCES, {"lowercase": True}, "used as is"),
    ([["a", 3]], {}, "of type int"),
    ([[True, False]], {}, "of type bool"),
    ({"a": 1}, {}, "is of type dict; it must be"),
]


@pytest.mark.parametrize(("corpus", "options", "message"), BAD_TOKENS)
def test_tokens_that_cannot_be_used(corpus: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        skipgram.train(corpus, **OPTIONS, **options)


def test_batches_of_a_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "TOKENS_IN_A_BATCH", 6)
    rows = np.array([[7, 5], [5, 5], [9, 7], [1, 9], [2, 2]])
    batches = list(tokens.matrix_batches(rows))
    assert [batch.ends.tolist() for batch in batches] == [[2, 4, 6], [2, 4]]
    read = []
    for batch in batches:
        assert batch.indices is not None
        read.append([batch.tokens[i] for i in batch.indices.tolist()])
    assert read == [[7, 5, 5, 5, 9, 7], [1, 9, 2, 2]]


def test_batches_of_sentences_end_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "TOKENS_IN_A_BATCH", 3)
    batches = list(tokens.sentence_batches([["a"], ["b", "c"], [], ["d"]]))
    assert [list(batch.tokens) for batch in batches] == [["a", "b", "c"], ["d"]]
    assert [batch.ends.tolist() for batch in batches] == [[1, 3], [0, 1]]
