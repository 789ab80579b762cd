"""The option sentence_per="sentence", from files, tables and strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpora import sentences_of
from slow_sentences import slow_sentences

import skipgram
from skipgram.config import CorpusConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sentences import with_spaces
from skipgram.corpus.sources import Reading
from skipgram.embeddings import Embeddings
from skipgram.errors import CorpusError
from skipgram.io import blocks

TEXT = "Dr. No came\nback. He left!\n\nA <b>title</b>\n\nIt's 3.5 &amp; fine. Bye"
PLAIN = [
    ["Dr.", "No", "came", "back."],
    ["He", "left!"],
    ["A", "<b>title</b>"],
    ["It's", "3.5", "&amp;", "fine."],
    ["Bye"],
]
CLEAN = [["dr", "no", "came", "back"], ["he", "left"], ["a", "title"], ["it's", "3.5", "fine"]]
CLEAN += [["bye"]]


def read(corpus: Any, **options: Any) -> list[list[str]]:
    options = {"sentence_per": "sentence", **options}
    with encode_corpus(Reading(corpus, CorpusConfig(**options)), threads=2) as encoded:
        return sentences_of(encoded)


@pytest.mark.parametrize(("clean", "expected"), [(False, PLAIN), (True, CLEAN)])
def test_files_tables_and_strings_are_split_alike(
    tmp_path: Path, clean: bool, expected: list[list[str]]
) -> None:
    text = tmp_path / "a.txt"
    text.write_text(TEXT)
    assert read(text, clean=clean) == expected
    frame = pd.DataFrame({"text": [TEXT, TEXT]})
    frame.to_csv(tmp_path / "a.csv")
    column: dict[str, Any] = {"column": "text"}
    cases: list[tuple[Any, dict[str, Any]]] = [
        ([text, text], {}),
        (tmp_path / "a.csv", column),
        (frame, column),
        (frame["text"], {}),
        (frame.to_dict("records"), column),
        ([TEXT, TEXT], {}),
        (iter([TEXT, TEXT]), {}),
    ]
    for corpus, options in cases:
        assert read(corpus, clean=clean, **options) == expected * 2


def test_with_other_options_of_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("J. S. here. Full\uff01Width", encoding="utf-8")
    # Sentences are found before the text is changed.
    assert read(tmp_path / "a.txt", lowercase=True, nfkc=True) == [
        ["j.", "s.", "here."],
        ["full!"],
        ["width"],
    ]
    assert read(tmp_path / "a.txt", token_pattern=r"\w+") == [
        ["J", "S", "here"],
        ["Full"],
        ["Width"],
    ]
    assert read(["A b.\nC d"], tokenizer=str.split) == [["A", "b."], ["C", "d"]]
    assert read(["A b.\nC d", "e"], sentence_per="file", clean=True) == [
        ["a", "b", "c", "d"],
        ["e"],
    ]


@pytest.mark.parametrize("clean", [False, True])
def test_sentences_go_on_in_the_next_block(
    tmp_path: Path, clean: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    rng = np.random.default_rng(1)
    pieces = ["word", "other", ".", "!", " ", "\n", "\n\n", "Dr.", "long-winded"]
    text = " ".join(rng.choice(pieces, 2000).tolist())
    (tmp_path / "a.txt").write_text(text)
    expected = slow_sentences(text)
    if clean:
        expected = [[word.strip(".! ").lower() for word in line] for line in expected]
        expected = [[word for word in line if word] for line in expected]
    assert read(tmp_path / "a.txt", clean=clean) == [line for line in expected if line]


def test_lists_of_tokens_are_sentences_already() -> None:
    frame = pd.DataFrame({"text": [["a.", "b"]]})
    for corpus, options in ((frame, {"column": "text"}), ([["a.", "b"]], {})):
        with pytest.raises(CorpusError, match="sentence_per"):
            read(corpus, **options)


def test_documents_are_split_as_the_text_was() -> None:
    words = ["好。", "世界", "好"]
    for clean, known in ((False, 2), (True, 2)):
        reading = CorpusConfig(sentence_per="sentence", clean=clean).describe()
        model = Embeddings(words, np.eye(3, dtype=np.float32), training={"reading": reading})
        assert model.encode_documents(["好。世界\n"]).known.tolist() == [known]
    assert with_spaces("a.\n\nb。c", "unicode") == "a.  b。 c "


def test_the_option_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b. a b\n" * 50)
    options: dict[str, Any] = {"vector_size": 4, "epochs": 1, "sample": 0, "min_count": 1}
    model = skipgram.train(tmp_path / "a.txt", sentence_per="sentence", **options)
    assert model.training["sentences"] == 51
    assert model.training["reading"] == {"sentence_per": "sentence"}
