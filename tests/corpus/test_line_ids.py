from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skipgram.config import CorpusConfig, Whitespace
from skipgram.corpus.line_ids import LineIds
from skipgram.corpus.tokens import splitter

WORDS = ["a", "the", "\N{LATIN SMALL LETTER E WITH ACUTE}t\N{LATIN SMALL LETTER E WITH ACUTE}"]
WORDS += ["x" * 40, "internationalisation"]
LETTERS = "aAhtexi \t\n\r\x0b\x1c\x85\xa0\xe9\u2003\u3000\u2028\u1680\ufeff\ud800\x00\uff41"


@settings(max_examples=200, deadline=None)
@given(
    batches=st.lists(
        st.lists(
            st.lists(st.one_of(st.sampled_from([*WORDS, "The", " ", "\n"]), st.text(LETTERS))).map(
                "".join
            ),
            min_size=1,
        ),
        max_size=3,
    ),
    lowercase=st.booleans(),
    nfkc=st.booleans(),
    whitespace=st.sampled_from(["unicode", "ascii"]),
    stopwords=st.lists(st.sampled_from(["A", "The", "of", WORDS[2]])),
)
def test_the_scan_finds_the_rows_that_a_dictionary_finds(
    batches: list[list[str]],
    lowercase: bool,
    nfkc: bool,
    whitespace: Whitespace,
    stopwords: list[str],
) -> None:
    split = splitter(
        CorpusConfig(lowercase=lowercase, nfkc=nfkc, stopwords=stopwords, whitespace=whitespace)
    )
    rows = {word: row for row, word in enumerate(WORDS)}
    line_ids = LineIds(rows, split.normalize, whitespace, split.stops)
    for texts in batches:
        found, lengths = line_ids.look_up(texts)
        tokens = [split.split(text) for text in texts]
        assert lengths.tolist() == [len(each) for each in tokens]
        assert found.tolist() == [rows.get(token, -1) for each in tokens for token in each]


def test_the_table_of_words_grows() -> None:
    words = [f"word{number}" for number in range(40_000)]
    line_ids = LineIds({word: row for row, word in enumerate(words)}, None)
    found, lengths = line_ids.look_up([" ".join(words), "new", words[7]])
    assert found.tolist() == [*range(40_000), -1, 7]
    assert np.array_equal(lengths, [40_000, 1, 1])
