from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import neighbours_in_cluster

import skipgram
from skipgram import SkipGram, TrainConfig
from skipgram.corpus.sources import resolve_corpus
from skipgram.errors import ConfigError, CorpusError, FormatError, WrongTypeError
from skipgram.model import resolve_options
from skipgram.warm_start import open_warm_start

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}


def test_text_and_token_lists_give_the_same_vectors(
    planted_text: Path, planted_sentences: list[list[str]]
) -> None:
    from_text = skipgram.train(planted_text, **SMALL)
    from_string = skipgram.train(str(planted_text), **SMALL)
    from_lists = skipgram.train(planted_sentences, **SMALL)
    from_generator = SkipGram(TrainConfig(**SMALL)).fit(sentence for sentence in planted_sentences)
    for other in (from_string, from_lists, from_generator):
        assert other.words == from_text.words
        np.testing.assert_array_equal(other.input, from_text.input)
        assert other.training["corpus_fingerprint"] == from_text.training["corpus_fingerprint"]


def test_a_model_takes_its_options_by_name(planted_sentences: list[list[str]]) -> None:
    model = SkipGram(vector_size=16, epochs=1)
    assert model.config == TrainConfig(vector_size=16, epochs=1)
    assert model.config.given == {"vector_size": 16, "epochs": 1}
    assert model.fit(planted_sentences).vector_size == 16
    assert SkipGram().config == TrainConfig()
    with pytest.raises(
        ConfigError, match="a config and window, epochs are given; give the options "
    ):
        SkipGram(TrainConfig(), window=3, epochs=1)
    with pytest.raises(ConfigError, match=r"unknown option 'windw' \(did you mean window\?\)"):
        SkipGram(windw=3)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match=r"unknown option 'clean' \(an option of CorpusConfig\)$"):
        SkipGram(clean=True)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="window is 0; it must be"):
        SkipGram(window=0)
    with pytest.raises(WrongTypeError, match=r"config is 50; .* SkipGram\(vector_size=50\)"):
        SkipGram(50)  # type: ignore[arg-type]


def test_scanning_on_many_threads_changes_nothing(planted_text: Path) -> None:
    one = skipgram.train(planted_text, **SMALL)
    with_four = skipgram.train(planted_text, **{**SMALL, "threads": 4})
    assert with_four.training["corpus_fingerprint"] == one.training["corpus_fingerprint"]
    assert neighbours_in_cluster(with_four) > 0.5


def test_training_json_holds_the_run(planted_text: Path, tmp_path: Path) -> None:
    skipgram.train(planted_text, **SMALL).save(tmp_path / "model")
    training = json.loads((tmp_path / "model" / "training.json").read_text())
    assert TrainConfig(**training["config"]) == TrainConfig(**SMALL)
    assert set(training["versions"]) >= {"skipgram", "numba", "numpy", "python"}
    assert training["raw_words"] == training["retained_words"] == 16_000
    assert training["effective_words"] == 3 * 16_000
    assert len(training["loss"]) == 3
    assert training["scan_seconds"] > 0
    assert training["training_seconds"] > 0
    assert len(training["corpus_fingerprint"]) == 64


def test_the_mean_of_the_vectors_is_subtracted(planted_text: Path) -> None:
    trained = skipgram.train(planted_text, **SMALL)
    centred = skipgram.train(planted_text, postprocess="mean", **SMALL)
    mean = trained.input.mean(axis=0, dtype=np.float64)
    assert np.linalg.norm(mean) > 0.1  # there is something to subtract
    np.testing.assert_allclose(centred.input, trained.input - mean, atol=1e-6)
    np.testing.assert_array_equal(centred.vectors("output"), trained.vectors("output"))
    assert centred.training["loss"] == trained.training["loss"]


def test_a_saved_model_can_be_loaded(planted_model: Path) -> None:
    embeddings = skipgram.load(planted_model)
    assert neighbours_in_cluster(embeddings) > 0.99
    assert embeddings.most_similar("a1", topn=1)[0][0].startswith("a")
    assert embeddings.counts is not None
    assert embeddings.counts.sum() == 16_000


def test_options_are_checked_before_the_corpus_is_read() -> None:
    with pytest.raises(ConfigError, match="vector_size is 0"):
        skipgram.train("no-such-file.txt", vector_size=0)
    with pytest.raises(ConfigError, match="unknown option 'size'"):
        skipgram.train("no-such-file.txt", size=100)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        (
            ["the cat sat", "on the mat"],
            "sentence 0 is the string 'the cat sat', not a list of tokens",
        ),
        ("the cat sat on the mat", "does not exist; check the path"),
        ([[1, "2"], [3, 4]], "the token 1 is of type int"),
        ([[1.0, 2.0]], "the token 1.0 is of type float"),
        ([["a", None, "b"]], "the token None is of type NoneType"),
        ([Path("text.txt"), ["a", "b"]], "a corpus of paths contains"),
        ([], "the corpus has no sentences"),
        (iter([]), "it can be read only once"),
        (7, "is of type int; it must be a path or URL"),
    ],
)
def test_anything_but_a_corpus_is_an_error_that_explains_why(corpus: object, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        skipgram.train(corpus)


def test_option_names_of_other_programs_are_explained() -> None:
    with pytest.raises(ConfigError, match=r"unknown option 'workers' \(the name here is threads\)"):
        skipgram.train("no-such-file.txt", workers=4)  # type: ignore[call-arg]


def test_the_option_that_a_misspelt_name_means_is_named() -> None:
    with pytest.raises(ConfigError, match=r"unknown option 'windw' \(did you mean window\?\)"):
        skipgram.train("no-such-file.txt", windw=3)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match=r"unknown option 'colum' \(did you mean column\?\)"):
        skipgram.encode("no-such-file.txt", "encoded", colum="a")  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match=r"unknown option 'zzz'; the options are alpha, "):
        TrainConfig(zzz=3)  # type: ignore[call-arg]


def test_unknown_options_are_listed_once_and_only_without_a_suggestion(tmp_path: Path) -> None:
    options: dict[str, Any] = {"epoch": 3, "windw": 5}
    others: dict[str, Any] = {"zzz": 1, "qqq": 2}
    meant = "unknown option 'epoch' (the name here is epochs). unknown option 'windw' (did you mean"
    with pytest.raises(ConfigError) as caught:
        skipgram.train("no-such-file.txt", **options)
    assert str(caught.value) == f"{meant} window?)"
    with pytest.raises(ConfigError) as caught:
        TrainConfig(**options)
    assert str(caught.value) == f"{meant} window?)"
    with pytest.raises(ConfigError) as caught:
        skipgram.train("no-such-file.txt", **options, **others)
    text = str(caught.value)
    assert text.count("the options are") == 1
    listed = text.partition("the options are ")[2].split(", ")
    for name in ("initial", "resume_from", "freeze", "callbacks", "progress", "window", "column"):
        assert name in listed
    assert "corpus" not in listed
    # Options of training have no effect here.
    wrong: dict[str, Any] = {"window": 3}
    with pytest.raises(ConfigError, match=r"unknown option 'window' \(an option of TrainConfig\)$"):
        skipgram.encode("no-such-file.txt", tmp_path / "encoded", **wrong)


def test_public_names_can_be_discovered() -> None:
    assert set(dir(skipgram)) == {*skipgram.__all__, "__version__"}
    assert skipgram.__version__ == "0.1.0"


def test_embeddings_are_iterated_by_word(planted_model: Path) -> None:
    embeddings = skipgram.load(planted_model)
    assert list(embeddings) == embeddings.words
    assert embeddings.most_similar(negative="a1")[0][0][0] != "a"


def test_options_are_given_or_facts_of_the_corpus_and_the_vectors_or_defaults(
    planted_text: Path, tmp_path: Path
) -> None:
    encoded = tmp_path / "encoded"
    skipgram.encode(planted_text, encoded, min_count=7)
    text, directory = resolve_corpus(planted_text), resolve_corpus(encoded)
    assert resolve_options(TrainConfig(epochs=2), text) == TrainConfig(epochs=2)
    assert resolve_options(TrainConfig(epochs=2), directory) == TrainConfig(epochs=2, min_count=7)
    assert resolve_options(TrainConfig(min_count=5), directory).min_count == 5  # as given, 5 or not
    model = skipgram.train(planted_text, architecture="cbow", **{**SMALL, "epochs": 1})
    initial = open_warm_start(model, None, freeze=False)
    assert resolve_options(TrainConfig(), text, initial) == TrainConfig(vector_size=16)
    resumed = open_warm_start(None, model, freeze=False)
    assert resolve_options(TrainConfig(window=3), directory, resumed) == TrainConfig(
        architecture="cbow", sample=0, vector_size=16, window=3, min_count=7
    )


def test_an_encoded_corpus_without_its_min_count_is_damaged(
    planted_text: Path, tmp_path: Path
) -> None:
    skipgram.encode(planted_text, tmp_path / "encoded")
    description = tmp_path / "encoded" / "corpus.json"
    content = json.loads(description.read_text())
    description.write_text(json.dumps({**content, "min_count": "few"}))
    with pytest.raises(FormatError, match=r"corpus\.json.*its min_count is few"):
        skipgram.train(tmp_path / "encoded", **SMALL)
