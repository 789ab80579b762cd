"""Lists that are written as text become the same sentences as the lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpora import SENTENCES, WALKS, decoded, write
from hypothesis import given
from hypothesis import strategies as st

from skipgram.corpus.list_literals import are_lists, parsed
from skipgram.errors import CorpusError

TOKENS = [["apple", "pear"], ["it's", 'a "fig"', "and\nplum"], [], ["caf\u00e9", "back\\slash"]] * 9
WORDS = [sentence for sentence in TOKENS if sentence]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.parquet", "a.jsonl"])
def test_lists_as_pandas_writes_them(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"tokens": [None, *map(str, TOKENS)]})
    path = tmp_path / name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".jsonl"):
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, sep="\t" if name == "a.tsv" else ",")
    assert decoded(path, column="tokens") == WORDS


def test_lists_as_text_in_memory() -> None:
    frame = pd.DataFrame({"tokens": [None, *map(str, TOKENS)]})
    assert decoded(frame, column="tokens") == WORDS
    assert decoded(frame["tokens"]) == WORDS
    assert decoded(frame.to_dict("records"), column="tokens") == WORDS


def test_lists_of_integers_and_lists_in_json(tmp_path: Path) -> None:
    pd.DataFrame({"walk": WALKS.tolist()}).to_csv(tmp_path / "a.csv")
    assert decoded(tmp_path / "a.csv", column="walk") == SENTENCES
    path = write(tmp_path / "b.csv", b'text\n"[""apple"", ""caf\\u00e9 \\/""]"\n')
    assert decoded(path, column="text") == [["apple", "caf\u00e9 /"]]


NOT_LISTS: dict[str, list[Any]] = {
    "arrays": [str(np.array(["apple", "pear"]))] * 3,
    "tuples": [str(("apple", "pear"))] * 3,
    "sets": [str({"apple", "pear"})] * 3,
    "nested lists": [str([["apple"], ["pear"]]), str(["a", ["b"]])],
    "strings and integers": [str(["apple", 1])],
    "integers and strings": [str([1, "apple"])],
    "fractions": [str([0.5, 1.5])],
    "arrays of integers": [str(np.arange(5))],
    "a row of text later": [str(["apple", "pear"])] * 200 + ["apple pear"],
    "an escape that is none": [r"['apple', 'p\ear']"],
    "an escape that is cut off": [r"['apple', '\x']"],
    "an array that is shortened": [str(np.array(["a"] * 2000))],
}


@pytest.mark.parametrize("kind", NOT_LISTS)
def test_values_that_are_not_lists_are_refused(kind: str, tmp_path: Path) -> None:
    pd.DataFrame({"tokens": NOT_LISTS[kind]}).to_csv(tmp_path / "a.csv")
    with pytest.raises(CorpusError, match=r"is not a list of strings .* as Parquet or JSON Lines"):
        decoded(tmp_path / "a.csv", column="tokens")


def test_options_for_text_are_refused(tmp_path: Path) -> None:
    pd.DataFrame({"tokens": TOKENS}).to_csv(tmp_path / "a.csv")
    with pytest.raises(CorpusError, match="holds lists of tokens, which are used as is"):
        decoded(tmp_path / "a.csv", column="tokens", lowercase=True)


@pytest.mark.parametrize("option", [{"clean": True}, {"token_pattern": r"\w+"}])
def test_options_that_split_text_split_lists_too(tmp_path: Path, option: dict[str, Any]) -> None:
    pd.DataFrame({"tokens": [["apple", "pear"]]}).to_csv(tmp_path / "a.csv")
    assert decoded(tmp_path / "a.csv", column="tokens", **option) == [["apple", "pear"]]


TEXTS = [
    [],
    ["", " "],
    ["[]", "[1]"],
    ["['apple', 'pear']", "apple pear"],
    ["[Music] one 'two'", "['three']"],
    ['"so he said"', "(he did)"],
    ['("so he said")', '("he did")'],
    ["[he said 'so']", "[12 men]"],
    ["[12]", "[13]"],
]


@pytest.mark.parametrize("values", TEXTS)
def test_text_with_brackets_stays_text(values: list[str]) -> None:
    assert not are_lists(values)


@given(st.lists(st.text(), min_size=1))
def test_every_list_of_strings_is_read_back(items: list[str]) -> None:
    assert are_lists([str(items)])
    assert list(parsed([str(items)], "a.csv")) == [items]
