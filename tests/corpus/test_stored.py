"""Training on an encoded corpus gives the same vectors as training on its text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.errors import ConfigError, CorpusError, FormatError, OutputError

OPTIONS: dict[str, Any] = {"vector_size": 8, "epochs": 1, "threads": 1}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    rows = np.random.default_rng(3).zipf(1.5, (3000, 12)) % 500
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(f"w{n}" for n in row) for row in rows))
    return path


def test_the_same_vectors(text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded")
    direct, stored = (skipgram.train(corpus, **OPTIONS) for corpus in (text, tmp_path / "encoded"))
    assert direct.words == stored.words
    np.testing.assert_array_equal(direct.input, stored.input)
    for name in ("corpus_fingerprint", "raw_words", "rare_words", "retained_words"):
        assert direct.training[name] == stored.training[name]


@pytest.mark.parametrize(
    "choice", [{"min_count": 20}, {"max_vocab": 30}, {"min_count": 9, "max_vocab": 100}]
)
def test_training_can_keep_fewer_words(
    text: Path, tmp_path: Path, choice: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skipgram.corpus.scans.TOKENS_IN_A_BATCH", 1000)
    skipgram.encode(text, tmp_path / "encoded", min_count=2)
    direct = skipgram.train(text, **{"min_count": 2, **choice}, **OPTIONS)
    stored = skipgram.train(tmp_path / "encoded", **choice, **OPTIONS)
    assert direct.words == stored.words
    np.testing.assert_array_equal(direct.input, stored.input)
    for name in ("corpus_fingerprint", "raw_words", "rare_words", "config"):
        assert direct.training[name] == stored.training[name]
    assert not [
        path
        for path in (tmp_path / "encoded").iterdir()
        if path.name not in {"ids.int32", "offsets.int64", "vocabulary.tsv", "corpus.json"}
    ]


def test_it_is_used_as_it_was_encoded(text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded", min_count=30)
    trained = skipgram.train(tmp_path / "encoded", **OPTIONS)
    assert trained.counts is not None
    assert trained.counts.min() >= 30
    assert trained.training["config"]["min_count"] == 30
    with pytest.raises(
        ConfigError, match="min_count is 5, but the corpus was encoded with min_count=30"
    ):
        skipgram.train(tmp_path / "encoded", min_count=5, **OPTIONS)
    with pytest.raises(ConfigError, match="lowercase has no effect on an encoded corpus"):
        skipgram.train(tmp_path / "encoded", lowercase=True, **OPTIONS)


def test_odd_words_stay(tmp_path: Path) -> None:
    sentences = [["a b", "tab\there", "line\nend", "", '"quoted"', "\r", "😀"]] * 3
    skipgram.encode(sentences, tmp_path / "encoded", min_count=1)
    trained = skipgram.train(tmp_path / "encoded", sample=0, **OPTIONS)
    assert set(trained.words) == set(sentences[0])


def test_it_is_encoded_again_only_if_something_changed(text: Path, tmp_path: Path) -> None:
    output = tmp_path / "encoded"
    assert skipgram.encode(text, output)
    assert not skipgram.encode(text, output)
    assert not skipgram.encode([text], output)
    assert skipgram.encode(text, output, min_count=7)
    assert skipgram.encode(text, output, lowercase=True)
    assert skipgram.encode([text, text], output, lowercase=True)
    text.write_text("other words\n" * 50)
    assert skipgram.encode(text, output, lowercase=True)
    assert skipgram.train(output, sample=0, **OPTIONS).words == ["other", "words"]
    assert skipgram.encode([["a", "b"]] * 9, output)
    assert skipgram.encode([["a", "b"]] * 9, output)


def test_nothing_is_left_of_an_encoding_that_fails(text: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CorpusError, match="min_count=99999"):
        skipgram.encode(text, tmp_path / "encoded", min_count=99_999)
    assert sorted(tmp_path.iterdir()) == before
    skipgram.encode(text, tmp_path / "encoded")
    kept = (tmp_path / "encoded" / "corpus.json").read_bytes()
    with pytest.raises(CorpusError):
        skipgram.encode([["a"], "b"], tmp_path / "encoded")
    assert (tmp_path / "encoded" / "corpus.json").read_bytes() == kept


def test_a_directory_of_something_else_is_not_replaced(text: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("years of work")
    with pytest.raises(
        OutputError, match=r"'thesis.tex', which is not part of a skipgram encoded corpus"
    ):
        skipgram.encode(text, other)


def test_words_that_were_dropped_cannot_be_asked_for(text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded", max_vocab=10)
    with pytest.raises(
        ConfigError, match="max_vocab is 20, but the corpus was encoded with max_vocab=10"
    ):
        skipgram.train(tmp_path / "encoded", max_vocab=20, **OPTIONS)


def test_a_damaged_corpus_is_encoded_again(text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded")
    ids = tmp_path / "encoded" / "ids.int32"
    ids.write_bytes(ids.read_bytes()[:-4])
    assert skipgram.encode(text, tmp_path / "encoded")


@pytest.mark.parametrize(("name", "kind"), [("ids.int32", np.int32), ("offsets.int64", np.int64)])
@pytest.mark.parametrize("value", [-1, 2_000_000_000])
def test_ids_and_offsets_are_checked_before_kernels_trust_them(
    name: str, kind: type, value: int, text: Path, tmp_path: Path
) -> None:
    skipgram.encode(text, tmp_path / "encoded")
    content: npt.NDArray[Any] = np.fromfile(tmp_path / "encoded" / name, kind)
    content[len(content) // 2] = value
    content.tofile(tmp_path / "encoded" / name)
    with pytest.raises(FormatError, match=name):
        skipgram.train(tmp_path / "encoded", **OPTIONS)


def test_a_tokenizer_may_have_changed(text: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert skipgram.encode(text, tmp_path / "encoded", tokenizer="shlex:split")


@pytest.mark.parametrize("name", ["ids.int32", "offsets.int64", "vocabulary.tsv", "corpus.json"])
def test_damaged_directories_are_refused(text: Path, tmp_path: Path, name: str) -> None:
    skipgram.encode(text, tmp_path / "encoded")
    path = tmp_path / "encoded" / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match=name):
        skipgram.train(tmp_path / "encoded", **OPTIONS)


def test_another_version_is_refused(text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded")
    path = tmp_path / "encoded" / "corpus.json"
    content = json.loads(path.read_text())
    for broken in (
        {**content, "version": 99},
        {**content, "report": {}},
        {"version": 1, "byte_order": sys.byteorder},
    ):
        path.write_text(json.dumps(broken))
        with pytest.raises(FormatError, match=r"corpus\.json"):
            encode_corpus(tmp_path / "encoded")


@pytest.mark.parametrize("count", [-1, 10**400], ids=["negative", "huge"])
def test_a_count_of_the_scan_is_a_count(count: int, text: Path, tmp_path: Path) -> None:
    skipgram.encode(text, tmp_path / "encoded", min_count=2)
    path = tmp_path / "encoded" / "corpus.json"
    content = json.loads(path.read_text())
    content["report"]["raw_words"] = count
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match="raw_words"):
        skipgram.train(tmp_path / "encoded", **OPTIONS)
