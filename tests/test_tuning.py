from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import TrainConfig, tuning
from skipgram.cli.program import command_line
from skipgram.corpus.build import encode_corpus, select
from skipgram.errors import ConfigError, FormatError, MissingExtraError, TrainingError
from skipgram.event_texts import describe
from skipgram.training.events import Event, SearchStarted, StageProgressed, TrialFinished
from skipgram.training.trainer import Trainer
from skipgram.tuning import Trial

SMALL: dict[str, Any] = {"vector_size": 8, "sample": 0, "threads": 1, "window": 3}
CONFIG = TrainConfig(**SMALL)


def test_a_search_finds_better_options_than_the_first(planted_sentences: list[list[str]]) -> None:
    events: list[Event] = []
    found = tuning.tune(
        planted_sentences,
        **SMALL,
        alpha=0.002,
        minutes=5,
        trials=8,
        report=events.append,
    )
    assert found.measure == "held-out loss"
    assert found.score < found.default_score == found.trials[0].score
    assert found.trials[0].options == {"negative": 5, "ns_exponent": 0.75, "epochs": 5}
    assert (len(found.trials), found.text) == (8, 1.0)
    assert found.score == min(trial.score for trial in found.trials if trial.score is not None)
    assert repr(found).startswith(f"<Tuned: held-out loss {found.score:.4f} with ")
    assert repr(found).endswith("; 8 trials>")
    assert max(map(len, map(repr, [found, *found.trials]))) < 200
    finished = [event for event in events if isinstance(event, TrialFinished)]
    assert [event.number for event in finished] == list(range(1, 9))
    assert finished[-1].options == found.trials[-1].options
    last = [event for event in events if isinstance(event, StageProgressed)][-1]
    assert last.done == last.total


def test_the_same_seed_gives_the_same_search(planted_sentences: list[list[str]]) -> None:
    def search(seed: int) -> list[tuple[Any, ...]]:
        found = tuning.tune(
            planted_sentences[:500],
            **SMALL,
            seed=seed,
            negative=5,
            minutes=5,
            trials=4,
        )
        return [trial[:2] for trial in found.trials]

    assert search(3) == search(3) != search(4)


@pytest.mark.parametrize(("minutes", "searched"), [(1.0, False), (5.0, True)])
def test_negative_is_searched_only_if_there_is_time_to_compile(
    minutes: float, searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces: list[set[str]] = []

    def stop(_encoded: object, _given: object, space: dict[str, Any], *_rest: object) -> None:
        spaces.append(set(space))
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "_Search", stop)
    with pytest.raises(KeyboardInterrupt):
        tuning.tune([["a", "b"]] * 10, **SMALL, minutes=minutes)
    assert spaces == [{"ns_exponent", "alpha", "epochs"} | ({"negative"} if searched else set())]


def test_window_and_sample_are_searched_only_with_sets() -> None:
    assert set(tuning._space(CONFIG, by_sets=False)) == {
        "negative",
        "ns_exponent",
        "alpha",
        "epochs",
    }
    assert set(tuning._space(CONFIG, by_sets=True)) == {
        "negative",
        "ns_exponent",
        "alpha",
        "epochs",
        "window",
        "sample",
    }


def test_a_search_by_a_set(planted_sentences: list[list[str]], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    words = [f"{cluster}{n}" for cluster in "abcd" for n in range(10)]
    pairs = [rng.choice(words, 2, replace=False).tolist() for _ in range(200)]
    (tmp_path / "set.tsv").write_text("".join(f"{a}\t{b}\t{int(a[0] == b[0])}\n" for a, b in pairs))
    config = TrainConfig(vector_size=8, threads=1, alpha=0.001, negative=5)
    found = tuning.tune(
        planted_sentences, **config.given, minutes=5, trials=5, sets=[str(tmp_path / "set.tsv")]
    )
    assert found.measure == "score"
    assert found.score >= found.default_score
    assert set(found.options) == {"ns_exponent", "epochs", "window", "sample"}
    assert found.coverage == {str(tmp_path / "set.tsv"): 1}


def test_an_interrupt_returns_the_best_options_so_far(planted_sentences: list[list[str]]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == stop_after:
            raise KeyboardInterrupt
        if isinstance(event, StageProgressed) and not stop_after:
            raise KeyboardInterrupt

    config = TrainConfig(vector_size=8, threads=1, negative=5)
    stop_after = 2
    found = tuning.tune(planted_sentences, **config.given, minutes=5, report=interrupt)
    assert len(found.trials) == 2
    assert found.interrupted
    assert found.score == min(trial.score for trial in found.trials if trial.score is not None)
    stop_after = 0
    with pytest.raises(KeyboardInterrupt):
        tuning.tune(planted_sentences, **config.given, minutes=5, report=interrupt)


def test_sets_are_read_before_the_corpus_and_checked_before_training(
    planted_sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.tsv").write_text("a b much\n")
    for name, said in (("none.tsv", "No such file"), ("bad.tsv", "line 1: .*, found 'a b much'")):
        with pytest.raises(FormatError, match=said):
            tuning.tune("no-corpus.txt", **SMALL, sets=[str(tmp_path / name)])
    (tmp_path / "set.tsv").write_text("no such 1\nno word 2\n")
    monkeypatch.setattr(tuning, "Trainer", None)
    (tmp_path / "four.txt").write_text(": all\nno such a1 a2\n")
    for name, said in (
        ("set.tsv", "0 of 2 pairs covered, and at least 2 with different scores are needed; give "),
        ("four.txt", "0 of 1 question covered, and at least 1 is needed; give another set, or no"),
    ):
        said = rf"covers too little of the set \S+{name} for a score: {said}"
        with pytest.raises(ConfigError, match=said):
            tuning.tune(planted_sentences, **SMALL, trials=1, sets=[str(tmp_path / name)])


def test_the_seconds_of_trials_leave_out_the_time_to_compile(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_code = Trainer._compile

    def compile_slowly(trainer: Trainer) -> float:
        time.sleep(5)
        return compile_code(trainer) + 5

    def search() -> Trial:
        return tuning.tune(planted_sentences[:50], **SMALL, negative=5, trials=1).trials[0]

    search()  # compiles
    monkeypatch.setattr(Trainer, "_compile", compile_slowly)
    assert search().seconds < 4


def test_a_search_reports_its_limits(planted_sentences: list[list[str]]) -> None:
    events: list[Event] = []
    tuning.tune(
        planted_sentences[:50], **SMALL, negative=5, minutes=2, trials=1, report=events.append
    )
    started = [event for event in events if isinstance(event, SearchStarted)]
    assert started == [SearchStarted(2, 1)]
    assert describe(started[0]).startswith("searching for 2 minutes or 1 trial (set minutes to ")


def test_a_short_search_uses_a_part_of_the_text(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "LOOK_AFTER", 0.0)
    config = TrainConfig(**{**SMALL, "vector_size": 100}, negative=5, epochs=20)
    skipgram.train(
        planted_sentences[:100], **{**SMALL, "vector_size": 100}, validation=0.1, epochs=1
    )  # compiles
    found = tuning.tune(planted_sentences * 20, **config.given, minutes=0.05)
    assert found.text < 0.5
    assert len(found.trials) > 1  # how many depends on the speed of the machine


def test_text_without_line_ends(
    planted_sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be held out, but a set can score a search on it, or on a part of it."""
    text = [[word for sentence in planted_sentences for word in sentence] * 10]
    with pytest.raises(
        ConfigError,
        match=r"the corpus is a single sentence.*with tune, use an evaluation set",
    ):
        tuning.tune(text, **SMALL)
    (tmp_path / "set.tsv").write_text("a1 a2 3\na1 b2 2\na3 d4 1\n")
    monkeypatch.setattr(tuning, "LOOK_AFTER", 0.0)
    found = tuning.tune(
        text,
        **SMALL,
        negative=5,
        epochs=20,
        minutes=0.02,
        sets=[str(tmp_path / "set.tsv")],
    )
    assert 0 < found.text < 0.6


def test_parts_of_a_corpus_keep_its_vocabulary() -> None:
    sentences = [["a", "b"], ["c", "a", "a"], ["b", "c"], ["a", "b"]]
    with encode_corpus(sentences) as corpus, select(corpus, [(2, 5), (7, 9)]) as part:
        words = [corpus.vocabulary.words[number] for number in part.ids[:].tolist()]
        assert words == ["c", "a", "a", "a", "b"]
        assert part.offsets[:].tolist() == [0, 3, 5]
        assert part.vocabulary.counts.tolist() == corpus.vocabulary.counts.tolist()


@pytest.mark.parametrize(
    ("options", "arguments", "said"),
    [
        ({}, {"minutes": 0}, "minutes is 0; it must be a finite number, more than 0"),
        ({}, {"trials": 0}, "trials is 0; it must be"),
        (
            {"objective": "softmax"},
            {},
            "objective=softmax cannot be tuned: only negative sampling has options to search",
        ),
        (
            {"architecture": "cbow"},
            {},
            "architecture=cbow cannot be tuned by held-out loss.*give an evaluation set",
        ),
        ({"validation": 0.1, "patience": 2}, {}, "patience=2 has no effect with tune"),
        (
            {"validation": 0.1},
            {"sets": ["men"]},
            "validation=0.1 has no effect with tune and evaluation sets",
        ),
        ({"validation": "text.txt"}, {}, "validation is 'text.txt'; with tune it must"),
        (
            {"negative": 5, "ns_exponent": 0.5, "alpha": 0.1, "epochs": 2},
            {},
            "nothing is left to search: negative, ns_exponent, alpha, epochs are all given",
        ),
    ],
)
def test_a_search_that_makes_no_sense_is_rejected(
    options: dict[str, Any], arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        tuning.tune("none.txt", **options, **arguments)


def test_patience_without_validation_is_rejected_in_a_search(run: Any) -> None:
    for command in ("tune", "pmi"):
        answer = run(command, "none.txt", "--patience", 2)
        assert answer.code == 2
        assert answer.err == f"skipgram: --patience has no effect with {command}; leave it out\n"
    with pytest.raises(ConfigError, match="patience=2 has no effect with tune"):
        tuning.tune("none.txt", patience=2)


def test_patience_without_validation_is_explained_for_train_alone(run: Any) -> None:
    answer = run("train", "none.txt", "--output", "none", "--patience", 2)
    assert answer.code == 2
    assert answer.err.endswith("for example --validation 0.01, or leave --patience out\n")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[tune\]'"):
        tuning.tune("none.txt")


def test_tune_on_the_command_line(run: Any, planted_text: Path, tmp_path: Path) -> None:
    flags = [
        "--vector-size",
        8,
        "--sample",
        0,
        "--threads",
        1,
        "--negative",
        5,
        "--lowercase",
        "--no-shrink-windows",
    ]
    answer = run("tune", planted_text, "--trials", 2, *flags)
    assert answer.code == 0
    assert "trial 2: " in answer.err
    limits = "searching for 10 minutes or 2 trials (set --minutes to change this); Ctrl-C ends the "
    assert limits in answer.err
    said, command = answer.out.splitlines()
    assert "; 2 trials" in said
    assert command.startswith(command_line("train", planted_text, "--output", "model"))
    words = ["skipgram", *shlex.split(command.partition("skipgram ")[2])]
    assert run(*words[1:4], tmp_path / "model", *words[5:], "--quiet").code == 0
    config = skipgram.load(tmp_path / "model").training["config"]
    assert (config["negative"], config["sample"], config["shrink_windows"]) == (5, 0, False)
    found = json.loads(run("tune", planted_text, "--trials", 2, *flags, "--json", "--quiet").out)
    assert found["command"] == command
    for name, value in found["options"].items():
        assert config[name] == value
    (tmp_path / "set.tsv").write_text("a0 a1 1\nb0 a1 0\nc0 c1 1\nnever seen 0\n")
    answer = run("tune", planted_text, "--trials", 1, *flags, "--set", tmp_path / "set.tsv")
    assert answer.out.splitlines()[0] == f"{tmp_path / 'set.tsv'}: 75% covered by the corpus"
    assert run("tune").code == 2


def test_the_command_that_tune_prints_sets_each_pattern(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a text").mkdir()
    for name in ("a.txt", "b.md", "-c.md"):
        (tmp_path / "a text" / name).write_text("one two three four\n" * 100)
    patterns = ["--include", "*.txt", "--include", "*.md", "--exclude=-*"]
    flags = [*patterns, "--vector-size", 8, "--trials", 1, "--threads", 1, "--quiet"]
    answer = run("tune", tmp_path / "a text", *flags, "--sample", 0)
    assert answer.code == 0
    words = shlex.split(answer.out.splitlines()[-1].partition("skipgram ")[2])
    assert words[:2] == ["train", str(tmp_path / "a text")]
    assert run(*words[:3], tmp_path / "model", *words[4:], "--quiet").code == 0
    reading = skipgram.load(tmp_path / "model").training["reading"]
    assert reading == {"include": ["*.txt", "*.md"], "exclude": ["-*"]}


def test_an_error_of_the_first_training_is_raised_unchanged(
    planted_sentences: list[list[str]],
) -> None:
    with pytest.raises(TrainingError, match=r"no sentence has two words left|held-out text"):
        tuning.tune(
            planted_sentences,
            min_count=1,
            sample=1e-12,
            vector_size=4,
            negative=2,
            epochs=1,
            trials=2,
        )


def test_drawn_options_respect_the_given_ones() -> None:
    config = TrainConfig(min_alpha=0.024, window_left=2, window_right=3)
    space = tuning._space(config, by_sets=True)
    assert "window" not in space
    drawn: list[tuple[float, float]] = []

    class Trial:
        def suggest_float(self, name: str, low: float, high: float, **_: Any) -> float:
            drawn.append((low, high))
            return low

    space["alpha"](Trial())
    assert drawn[0][0] == 0.024
