from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors
from scipy.stats import spearmanr

import skipgram.evaluation.scores
import skipgram.nearest
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError
from skipgram.evaluation.scores import AnalogyResult, SimilarityResult, evaluate, read_set


@pytest.fixture
def fan() -> Embeddings:
    """Words at 0, 10, 30, 60 and 90 degrees."""
    angles = np.radians([0, 10, 30, 60, 90])
    return Embeddings(["a", "b", "c", "d", "e"], np.column_stack([np.cos(angles), np.sin(angles)]))


def evaluate_text(
    embeddings: Embeddings, text: str | bytes, folder: Path, **options: Any
) -> SimilarityResult | AnalogyResult:
    path = folder / "set.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return evaluate(embeddings, path, **options)


def set_words(folder: Path) -> list[str]:
    """Every word of the evaluation sets that stand in for a vocabulary."""
    words = (folder / "questions-words.txt").read_text().lower().split()
    for name in ("wordsim353", "men3000"):
        words += [
            word
            for line in (folder / f"{name}.tsv").read_text().splitlines()[1:]
            for word in line.split("\t")[:2]
        ]
    return sorted(set(words))


def test_similarity_counts_covered_pairs_and_correlates_ranks(
    fan: Embeddings, tmp_path: Path
) -> None:
    result = evaluate_text(
        fan, "# word1\tword2\tscore\na\tb\t9\na\tc\t7\n\na\te\t1\na\tzebra\t3\nA\tD\t2\n", tmp_path
    )
    assert isinstance(result, SimilarityResult)
    assert result.spearman == pytest.approx(1.0)
    assert (result.pairs, result.covered, result.missing) == (5, 4, (("a", "zebra"),))
    assert result.unknown_words == 1
    assert result.interval is None  # some draws of four pairs are of one alone
    assert str(result) == (
        "Spearman 1.000, too few pairs for a 95% interval (4 of 5 pairs covered, 1 word unknown)"
    )
    assert result.brief() == "1.000  4/5"
    swapped = evaluate_text(fan, "a b 1\na c 7\na e 9\n", tmp_path)
    assert isinstance(swapped, SimilarityResult)
    assert swapped.spearman == pytest.approx(-1.0)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", ["\t", ",", " ", "  ", ", "])
def test_separators(fan: Embeddings, separator: str, line_end: str, tmp_path: Path) -> None:
    text = "".join(
        separator.join(fields) + line_end
        for fields in (("a", "b", "9.5"), ("a", "e", "1"), ("c", "d", "4"))
    )
    result = evaluate_text(fan, "\ufeff" + text, tmp_path)
    assert isinstance(result, SimilarityResult)
    assert (result.spearman, result.covered) == (pytest.approx(1.0), 3)


@pytest.mark.parametrize(
    "header",
    ["word1 word2 score", "Word 1,Word 2,Human (mean)", "# a b c", "# from x\n\nword1 word2 score"],
)
def test_a_first_line_may_name_the_columns(fan: Embeddings, header: str, tmp_path: Path) -> None:
    mark = "," if "," in header else " "
    lines = [
        header,
        *(mark.join(fields) for fields in (("a", "b", "9"), ("a", "e", "1"), ("c", "d", "4"))),
    ]
    result = evaluate_text(fan, "\n".join(lines), tmp_path)
    assert isinstance(result, SimilarityResult)
    assert (result.pairs, result.covered, result.unknown_words) == (3, 3, 0)


def test_the_interval_holds_the_correlation_of_the_population() -> None:
    # Scores are cosines with noise. Nearly all intervals of 60 pairs hold the correlation of a
    # million.
    rng = np.random.default_rng(3)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        cosines = rng.normal(size=n)
        return cosines + rng.normal(size=n), cosines.astype(np.float32)

    def correlation(n: int) -> tuple[float, tuple[float, float]]:
        found, interval = skipgram.evaluation.scores._spearman(*draw(n))
        assert found is not None
        assert interval is not None
        return found, interval

    scores, cosines = draw(1_000_000)
    population = spearmanr(scores, cosines).statistic
    intervals = [correlation(60)[1] for _ in range(40)]
    assert np.mean([low < population < high for low, high in intervals]) >= 0.85
    found, (low, high) = correlation(3000)
    assert low < found < high < low + 0.06


def test_the_interval_is_the_same_each_time(fan: Embeddings, tmp_path: Path) -> None:
    pairs = list(itertools.combinations("abcde", 2))
    text = "".join(f"{a} {b} {n}\n" for n, (a, b) in enumerate(pairs))
    first, again = (evaluate_text(fan, text, tmp_path) for _ in range(2))
    assert isinstance(first, SimilarityResult)
    assert first == again
    assert first.interval is not None
    assert "95% " in str(first)
    assert json.loads(json.dumps(first.as_dict()))["interval"] == list(first.interval)


@pytest.mark.parametrize("text", ["x y 1\n", "a b 1\n", "a b 3\na c 3\n", "a b 3\na b 4\n"])
def test_without_two_ranks_there_is_no_score(fan: Embeddings, text: str, tmp_path: Path) -> None:
    result = evaluate_text(fan, text, tmp_path)
    assert isinstance(result, SimilarityResult)
    assert result.spearman is None
    assert str(result).startswith("no score")
    assert json.loads(json.dumps(result.as_dict()))["spearman"] is None


def test_words_beyond_the_limit_are_unknown(fan: Embeddings, tmp_path: Path) -> None:
    result = evaluate_text(fan, "a b 3\na c 2\na d 1\n", tmp_path, restrict=3)
    assert isinstance(result, SimilarityResult)
    assert (result.covered, result.restrict) == (2, 3)


def test_a_word_is_looked_up_as_written_and_then_in_lower_case(tmp_path: Path) -> None:
    """A capitalised word beyond the limit does not hide the lower-case one.

    A word that is unknown in two forms is counted once.
    """
    embeddings = Embeddings(
        ["boy", "girl", "man", "Boy", "Girl"], np.random.default_rng(4).normal(size=(5, 3))
    )
    pairs = "Boy Girl 3\nboy man 2\nMan girl 1\n"
    limited, plain = (
        evaluate_text(embeddings, text, tmp_path, restrict=3) for text in (pairs, pairs.lower())
    )
    assert isinstance(limited, SimilarityResult)
    assert (limited.spearman, limited.covered, limited.unknown_words) == (plain.score, 3, 0)
    few = evaluate_text(embeddings, "Girl man 2\ngirl Man 1\n", tmp_path, restrict=1)
    assert few.unknown_words == 2
    questions = evaluate_text(
        embeddings, ": s\nBoy Girl Man Boy\nZoo zoo man boy\n", tmp_path, restrict=3
    )
    assert isinstance(questions, AnalogyResult)
    assert (questions.total.covered, questions.unknown_words) == (1, 1)


def test_the_known_words_are_the_first_ones_as_in_gensim(tmp_path: Path) -> None:
    """Counts do not matter: vectors from elsewhere are taken in the order in which they come."""
    embeddings = Embeddings(["rare", "often", "more"], np.eye(3), counts=[1, 5, 9])
    result = evaluate_text(embeddings, "rare often 1\noften more 2\n", tmp_path, restrict=2)
    assert isinstance(result, SimilarityResult)
    assert result.missing == (("often", "more"),)
    theirs = KeyedVectors(3)
    theirs.add_vectors(embeddings.words, embeddings.input)
    for search in (
        lambda n: embeddings.most_similar("often", restrict=n),
        lambda n: theirs.most_similar("often", restrict_vocab=n),
    ):
        assert [word for word, _ in search(2)] == ["rare"]


def test_a_set_is_read_once_for_several_models(fan: Embeddings, tmp_path: Path) -> None:
    (tmp_path / "set.txt").write_text("a b 3\na c 2\na d 1\n")
    read = read_set(tmp_path / "set.txt")
    (tmp_path / "set.txt").unlink()
    assert evaluate(fan, read).score == pytest.approx(1.0)


def test_a_model_may_be_given_by_its_path(
    fan: Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fan.save(tmp_path / "model")
    monkeypatch.setenv("SKIPGRAM_DATA", str(tmp_path))
    (tmp_path / "wordsim353.tsv").write_text("a\tb\t3\na\tc\t2\na\td\t1\n")
    result = skipgram.evaluate(tmp_path / "model", "wordsim353")
    assert result == skipgram.evaluate(fan, tmp_path / "wordsim353.tsv")
    with pytest.raises(FormatError, match="none: No such file or directory; check the path"):
        skipgram.evaluate(tmp_path / "none", "wordsim353")


CORNERS = Embeddings(
    ["man", "woman", "king", "queen", "Paris"],
    [[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [-1, -1, 0]],
)
QUESTIONS = (
    ": family\nMan Woman King Queen\nking queen man woman\nman woman boy girl\n"
    ": wrong\nman king woman Paris\n: none\nx y z w\n"
)


def test_analogies_by_section_and_in_total(tmp_path: Path) -> None:
    result = evaluate_text(CORNERS, QUESTIONS, tmp_path)
    assert isinstance(result, AnalogyResult)
    found = [
        (section.name, section.questions, section.covered, section.correct, section.accuracy)
        for section in result.sections
    ]
    assert found == [("family", 3, 2, 2, 1.0), ("wrong", 1, 1, 0, 0.0), ("none", 1, 0, 0, None)]
    assert (result.total.questions, result.total.covered, result.total.correct) == (5, 3, 2)
    assert result.total.accuracy == pytest.approx(2 / 3)
    assert json.loads(json.dumps(result.as_dict()))["sections"][0]["accuracy"] == 1.0
    assert result.restrict == 30_000
    assert str(result) == "accuracy 66.7% (2 right, 3 of 5 questions covered, 6 words unknown)"
    assert result.brief() == "0.667  3/5"


def test_analogies_know_only_the_most_frequent_words(tmp_path: Path) -> None:
    result = evaluate_text(CORNERS, QUESTIONS, tmp_path, restrict=3)
    assert isinstance(result, AnalogyResult)
    assert result.total.covered == 0
    assert result.total.accuracy is None
    assert str(result).startswith("no score")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a b 1\na b\n", "line 2: expected 'word1 word2 score' .*, found 'a b'"),
        ("# header\n\na b much\n", "line 3"),
        ("a b 7,5\nb c 1\n", "line 1"),
        ("a b -7,5\nb c 1\n", "line 1"),
        ("a b nan\n", "a finite score"),
        ("a b c d\n", "begin with a ': section' line"),
        (": s\na b c d\na b c\n", "line 3: expected four words, found 'a b c'"),
        (": s\n: t\n", "has sections but no questions"),
        ("", "has no lines"),
        ("# only a header\n", "has no lines"),
        (b"a b 1\n\xff b 2\n", "line 2: not UTF-8"),
    ],
)
def test_a_bad_line_is_named(
    fan: Embeddings, text: str | bytes, named: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=named) as caught:
        evaluate_text(fan, text, tmp_path)
    assert "set.txt" in str(caught.value)


def test_bad_arguments(fan: Embeddings, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="No such file"):
        evaluate(fan, tmp_path / "none")
    with pytest.raises(ConfigError, match="restrict is 0"):
        evaluate_text(fan, "a b 1\n", tmp_path, restrict=0)
    with pytest.raises(ConfigError, match="output"):
        evaluate_text(fan, "a b 1\n", tmp_path, which="output")


def test_both_measures_agree_with_gensim(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skipgram.nearest, "_BLOCK_SCORES", 1 << 18)
    folder = shared_data / "eval"
    lines = (folder / "questions-words.txt").read_text().lower().splitlines(keepends=True)
    lines = [line for line in lines if line.startswith(":") or sum(line.encode()) % 4 == 0]
    (tmp_path / "questions.txt").write_text("".join(lines))
    words = set_words(folder)[::2]  # half of them, so that some questions are not covered
    rng = np.random.default_rng(5)
    vectors = {word: rng.normal(size=4) for word in words}
    for a, b, c, d in (line.split() for line in lines if not line.startswith(":")):
        if vectors.keys() >= {a, b, c, d}:
            vectors[d] = (
                vectors[c] + vectors[b] - vectors[a]
            )  # right, until a later question moves one of the four
    embeddings = Embeddings(words, np.array(list(vectors.values())))
    theirs = KeyedVectors(4)
    theirs.add_vectors(words, embeddings.input)
    for name in ("wordsim353", "men3000"):
        ours = evaluate(embeddings, folder / f"{name}.tsv")
        assert isinstance(ours, SimilarityResult)
        _, spearman, missing = theirs.evaluate_word_pairs(folder / f"{name}.tsv")
        assert ours.spearman == pytest.approx(spearman.statistic, abs=1e-6)
        assert len(ours.missing) / ours.pairs == pytest.approx(missing / 100)
    ours = evaluate(embeddings, tmp_path / "questions.txt", restrict=1800)
    assert isinstance(ours, AnalogyResult)
    accuracy, sections = theirs.evaluate_word_analogies(
        tmp_path / "questions.txt", restrict_vocab=1800
    )
    assert ours.total.accuracy == pytest.approx(accuracy, abs=1e-6)
    expected = {
        section["section"]: (len(section["correct"]), len(section["incorrect"]))
        for section in sections
    }
    assert expected.pop("Total accuracy") == (
        ours.total.correct,
        ours.total.covered - ours.total.correct,
    )
    assert 0 < ours.total.correct < ours.total.covered < ours.total.questions
    for section in ours.sections:
        assert expected.get(section.name, (0, 0)) == (
            section.correct,
            section.covered - section.correct,
        )


def test_analogy_questions_are_answered_in_blocks(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = set_words(shared_data / "eval")
    words += [f"filler{row}" for row in range(30_000 - len(words))]
    embeddings = Embeddings(words, np.random.default_rng(6).normal(size=(30_000, 100)))
    blocks: list[int] = []

    def block_size(words: int) -> int:
        blocks.append(skipgram.nearest.queries_per_block(words))
        return blocks[-1]

    monkeypatch.setattr("skipgram.evaluation.scores.queries_per_block", block_size)
    result = evaluate(embeddings, shared_data / "eval" / "questions-words.txt")
    assert isinstance(result, AnalogyResult)
    # A product of matrices for each block; one for each question takes minutes.
    assert len(blocks) == len(result.sections)
    assert min(blocks) > 100
    assert result.total.covered == result.total.questions == 19_544


def test_results_and_sets_are_shown_in_a_line(tmp_path: Path) -> None:
    embeddings = Embeddings(["a", "b", "c"], np.eye(3, dtype=np.float32))
    pairs, questions = tmp_path / "pairs.tsv", tmp_path / "questions.txt"
    pairs.write_text("".join(f"a\tunknown{number}\t1\n" for number in range(1000)))
    questions.write_text("".join(f": section {n}\na b c d{n}\n" for n in range(1000)))
    for path, kind, size in ((pairs, "Similarity", "pairs"), (questions, "Analogy", "questions")):
        read = read_set(path)
        assert repr(read) == f"<{kind}Set: 1,000 {size} of {path}>"
        result = evaluate(embeddings, read)
        assert repr(result) == f"<{kind}Result: {result}>"
        assert len(repr(result)) < 120
