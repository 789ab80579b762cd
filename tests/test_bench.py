"""The benchmark itself, on a corpus too small to measure anything: that it trains all and writes what the tables need."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import growth
import loading
import memory_limit
import methods
import peers
import phrases
import pytest
import questions
import roofline
import run
import sources
import tables
import tile_counts
import write_zipf

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.training.events import silent
from skipgram.training.trainer import Trainer

ROOT = Path(__file__).resolve().parent.parent

FAKE = """
import sys, time
corpus, target, size = sys.argv[1:]
print("read the text", flush=True)
time.sleep(0.2)
print("done in 12.5 s", flush=True)
time.sleep(0.3)
words = sorted(set(open(corpus).read().split()))
rows = [word + " " + " ".join(str(len(word) + i) for i in range(int(size))) for word in words]
open(target + ".vec", "w").write(f"{len(words)} {size}\\n" + "\\n".join(rows) + "\\n")
"""


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    folder = tmp_path / "eval"
    folder.mkdir()
    (folder / "men3000.tsv").write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    return folder


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """A TOML file of one program in three entries, of which each tells its training phase in another way."""
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    command = json.dumps([sys.executable, str(script), "{corpus}", "{target}", "{vector_size}"])
    ways = {
        "clock": 'training_starts = "read the"',
        "told": "training_seconds = 'in ([0-9.]+) s'",
        "silent": 'version = "7"',
    }
    path = tmp_path / "fakes.toml"
    path.write_text(
        "".join(
            f'[{name}]\ncommand = {command}\nvectors = "{{target}}.vec"\n{way}\n'
            for name, way in ways.items()
        )
    )
    return path


def bench(
    corpus: Path, sets: Path, output: Path, *flags: str | Path
) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    command = [
        sys.executable,
        ROOT / "bench" / "run.py",
        "--corpus",
        corpus,
        "--eval",
        sets,
        "--output",
        output,
    ]
    done = subprocess.run(
        [*command, "--rounds", "1", "--vector-size", "16", *flags],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(output.read_text()), done.stdout


def test_runner_and_tables(planted_text: Path, sets: Path, tmp_path: Path) -> None:
    names = ["skipgram", "gensim", "gensim-iterable"]
    result, _ = bench(planted_text, sets, tmp_path / "result.json", "--programs", *names)
    runs = tables.read_runs(result)
    assert [program for program, _ in runs] == names
    for figures in (runs[name, 16][0] for name in names):
        assert figures["raw_words"] == 16_000
        assert figures["raw_words_per_second"] == 5 * 16_000 / figures["training_seconds"]
        assert figures["total_seconds"] > figures["training_seconds"] + figures["scan_seconds"]
        assert 30e6 < figures["peak_bytes"] < 2e9
        assert -100 <= figures["scores"]["men3000"] <= 100
    ours = runs["skipgram", 16][0]
    assert len(ours["loss"]) == 5
    cold = next(run for run in result["runs"] if run["cold"])
    assert cold["total_seconds"] > ours["total_seconds"]  # the runner starts from an empty cache
    assert "planted.txt" in json.dumps(result["corpus"])
    assert "skipgram compiles" in tables.programs(result)


def test_programs_by_command_line(
    planted_text: Path, sets: Path, fakes: Path, tmp_path: Path
) -> None:
    flags = ["--peers", fakes, "--programs", "clock", "told", "silent", "--bytes", "1000"]
    result, printed = bench(planted_text, sets, tmp_path / "result.json", *flags)
    clock, told, silent = result["runs"]
    assert 0.15 < clock["training_seconds"] < clock["total_seconds"] - 0.25
    assert told["training_seconds"] == 12.5
    assert silent["training_seconds"] is silent["raw_words_per_second"] is None
    assert result["versions"]["silent"] == "7"
    assert 900 < result["corpus"]["bytes"] <= 1000
    assert clock["raw_words"] == len(planted_text.read_text()[: result["corpus"]["bytes"]].split())
    assert "| silent |  | " in printed  # the table, at the end


def test_a_program_that_fails_costs_only_its_own_figures(
    planted_text: Path, sets: Path, fakes: Path, tmp_path: Path
) -> None:
    output = tmp_path / "result.json"
    with fakes.open("a") as file:
        file.write(
            f"[broken]\ncommand = {json.dumps([sys.executable, '-c', 'raise SystemExit(3)'])}\n"
        )
        file.write(
            f"[missing]\ncommand = ['no/such/program']\n[forgetful]\ncommand = {json.dumps([sys.executable, '-c', ''])}\n"
        )
    with pytest.raises(subprocess.CalledProcessError) as failure:
        bench(
            planted_text,
            sets,
            output,
            "--peers",
            fakes,
            "--programs",
            "broken",
            "missing",
            "forgetful",
            "silent",
        )
    assert "status 3" in failure.value.stderr
    assert "no/such/program" in failure.value.stderr
    assert "3 trainings failed" in failure.value.stderr
    assert [run["program"] for run in json.loads(output.read_text())["runs"]] == ["silent"]


def test_fasttext(planted_text: Path, sets: Path, tmp_path: Path) -> None:
    pytest.importorskip(
        "fasttext", reason="needs fasttext-numpy2, which no requirement names", exc_type=ImportError
    )
    # each thread fills a tenth of fastText's start vectors; the rest is what memory held, in small matrices NaN
    flags = ["--programs", "fasttext", "--threads", "10", "--vector-size", "20"]
    result, _ = bench(planted_text, sets, tmp_path / "result.json", *flags)
    figures = result["runs"][0]
    assert 0 < figures["training_seconds"] < figures["total_seconds"]
    assert figures["scores"]["men3000"] is not None
    assert "fasttext" in result["versions"]


def test_what_is_not_installed_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(peers.PROGRAMS, "other", peers.Program(["other"], module="no_such_module"))
    assert list(run.choose(["other", "skipgram"], None)) == ["skipgram"]
    assert (
        "other is left out: the Python module no_such_module is not installed"
        in capsys.readouterr().err
    )
    with pytest.raises(SystemExit, match="unknown program gensin; known: skipgram, gensim"):
        run.choose(["gensin"], None)


def test_words_are_counted_over_blocks(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"word " * 209_715 + b"split between blocks\n" + b" x" * 524_288)
    assert run.count_words(text) == 209_715 + 3 + 524_288


def test_the_documented_entries_are_read(tmp_path: Path) -> None:
    example = re.search(
        r"^```toml\n(.*?)^```",
        (ROOT / "docs" / "benchmarks.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert example
    path = tmp_path / "peers.toml"
    path.write_text(example[1])
    options = peers.Job("word2vec-c", 100, 5, 2, 1).options()
    for program in peers.read_programs(path).values():
        assert "{" not in "".join(
            peers.fill_in(program.command[:-1], options, Path("text"), Path("vectors"))
        )
    path.write_text('[other]\ncommand = ["other"]\nformat = "text"\n')
    with pytest.raises(SystemExit, match=r"\[other\] in .*format.*known keys: command, vectors"):
        peers.read_programs(path)


def test_methods_measured_again_leave_the_others(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "methods.json"
    command = [
        "methods.py",
        "--corpus",
        str(planted_text),
        "--eval",
        str(sets),
        "--output",
        str(output),
        "--threads",
        "1",
    ]
    small = [
        ("full softmax", False, {"objective": "softmax"}),
        (methods.GENSIM_HIERARCHICAL, False, {"hs": 1, "negative": 0}),
    ]
    monkeypatch.setattr(
        methods, "METHODS", [*small, ("lopsided", False, {"window_left": 2, "window_right": 8})]
    )
    monkeypatch.setattr(sys, "argv", [*command, "--only", "lopsided"])
    methods.main()
    assert list(json.loads(output.read_text())["runs"]) == ["lopsided"]
    monkeypatch.setattr(
        sys, "argv", [*command, "--only", "full softmax", methods.GENSIM_HIERARCHICAL]
    )
    methods.main()
    runs = json.loads(output.read_text())["runs"]
    assert list(runs) == ["full softmax", methods.GENSIM_HIERARCHICAL, "lopsided"]
    assert all(
        run["raw_words"] == 16_000 and run["raw_words_per_second"] > 0 for run in runs.values()
    )
    runs = {name: {**run, "scores": dict.fromkeys(tables.SETS)} for name, run in runs.items()}
    table = tables.methods({"methods": {**json.loads(output.read_text()), "runs": runs}})
    assert re.search(r"Centre words a second, after subsampling: full softmax [\d.,]+ k\.", table)
    monkeypatch.setattr(methods, "versions", lambda: {"skipgram": "another"})
    with pytest.raises(SystemExit, match="another machine or with other versions"):
        methods.main()


def test_the_better_figure_is_bold() -> None:
    assert tables.row("speed", 10, 2, str, "more") == "| speed | **10** | 2 | 5.0x |"
    assert tables.row("memory", 10, 2, str, "less") == "| memory | 10 | **2** | 0.2x |"
    assert tables.row("score", 1.5, 2.0, str, "points") == "| score | 1.5 | **2.0** | -0.5 |"
    assert tables.cells([3, None, 2], str, min) == ["3", "", "**2**"]
    assert tables.score_cells([[1.0, 2.0], [4.0], []]) == ["1.5 ± 0.7", "**4.0**", ""]


def test_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "questions.json"
    sizes = [
        "--words",
        "3000",
        "--vector-size",
        "20",
        "--questions",
        "30",
        "--gensim-questions",
        "10",
        "--rounds",
        "2",
    ]
    monkeypatch.setattr(sys, "argv", ["questions.py", *sizes, "--output", str(output)])
    questions.main()
    result = json.loads(output.read_text())
    assert [run["questions"] for run in result["runs"]] == [10, 30, 30, 30, 30] * 2
    assert result["largest_difference"] < 1e-5
    table = tables.questions(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| gensim \| [\d.]+ s \| 1\.0x \|", table, re.MULTILINE)
    assert re.search(r"^\| product in one piece \| .* \| 1\.00 \|$", table, re.MULTILINE)


def test_loading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "loading.json"
    sizes = ["--words", "3000", "--text-words", "300", "--vector-size", "20", "--rounds", "2"]
    monkeypatch.setattr(sys, "argv", ["loading.py", *sizes, "--output", str(output)])
    loading.main()
    result = json.loads(output.read_text())
    assert [run["program"] for run in result["runs"]] == ["gensim", "skipgram"] * 4
    assert result["bytes"]["binary"] > 3000 * 20 * 4
    table = tables.loading(result)
    assert table in capsys.readouterr().out
    assert re.search(
        r"^\| text \| 300 \| 0 MB \| [\d.]+ s \| \*\*[\d.]+ s\*\* \| [\d.]+x \|$",
        table,
        re.MULTILINE,
    )


def test_answers_that_differ_are_refused() -> None:
    same = [("a", 0.5), ("b", 0.4), ("c", 0.3)]
    assert questions.difference(same, [("a", 0.5), ("b", 0.4), ("d", 0.300001)]) == pytest.approx(
        1e-6
    )
    with pytest.raises(SystemExit, match=r"differ by 0, \['b', 'd'\]"):
        questions.difference(same, [("a", 0.5), ("d", 0.4), ("c", 0.3)])
    with pytest.raises(SystemExit, match=r"differ by 0\.1"):
        questions.difference(same, [("a", 0.5), ("b", 0.3), ("c", 0.3)])


def test_growth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "growth.json"
    sizes = [
        "--vocabularies",
        "50",
        "400",
        "--words",
        "4000",
        "--texts",
        "4000",
        "8000",
        "--vocabulary",
        "50",
    ]
    monkeypatch.setattr(
        sys,
        "argv",
        ["growth.py", *sizes, "--rounds", "1", "--threads", "1", "2", "--output", str(output)],
    )
    growth.main()
    result = json.loads(output.read_text())
    measured = [(one["vocabulary"], one["words"], one["threads"]) for one in result["runs"]]
    assert measured == [
        (v, n, threads) for v, n in ((50, 4000), (400, 4000), (50, 8000)) for threads in (1, 2)
    ]
    for one in result["runs"]:
        assert one["bytes"] == 6 * one["words"]
        assert 0 < one["scan_seconds"] < one["total_seconds"]
        assert 0 < one["effective_words"] < 2 * one["words"]
    table = tables.growth(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| 400 \| 0 MB \| [\d.]+ M \| [\d.]+ M \|", table, re.MULTILINE)
    assert re.search(r"^\| 8,000 \| 0 MB \| [\d.]+ M \|", table, re.MULTILINE)


def test_phrases(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "phrases.json"
    monkeypatch.setattr(phrases, "OPTIONS", {**phrases.OPTIONS, "threshold": 0.15})
    flags = ["--corpus", str(planted_text), "--bytes", "20000", "--rounds", "1", "--threads", "2"]
    monkeypatch.setattr(sys, "argv", ["phrases.py", *flags, "--output", str(output)])
    phrases.main()
    result = json.loads(output.read_text())
    assert [one["program"] for one in result["runs"]] == [
        "gensim",
        "gensim, frozen",
        "skipgram, 2 threads",
    ]
    assert len({one["joined_words"] for one in result["runs"]}) == 1
    assert result["phrases"] > 10
    table = tables.phrases(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| skipgram, 2 threads \| [\d.]+ s \|", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "vocabulary"), [(20, 20), (1000, 7), (1001, 900), (200_000, 10_000)]
)
def test_every_word_stands_in_the_text(
    words: int, vocabulary: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "zipf.txt"
    monkeypatch.setattr(sys, "argv", ["write_zipf.py", str(target), str(words), str(vocabulary)])
    write_zipf.main()
    lines = [line.split() for line in target.read_text().splitlines()]
    assert {len(line) for line in lines[:-1]} <= {20}
    counts = Counter(word for line in lines for word in line)
    assert (counts.total(), len(counts)) == (words, vocabulary)
    assert counts["00001"] == pytest.approx(counts["00000"] / 2, abs=vocabulary)


def test_roofline(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "roofline.json"
    flags = ["--vector-size", "16", "--rounds", "1", "--few-words", "20", "--bytes", "40000"]
    monkeypatch.setattr(
        sys, "argv", ["roofline.py", "--corpus", str(planted_text), *flags, "--output", str(output)]
    )
    roofline.main()
    result = json.loads(output.read_text())
    assert [(case["words"], case["vocabulary"]) for case in result["cases"]] == [
        ("all", 40),
        ("most frequent", 20),
        ("equally frequent", 20),
    ]
    whole = result["cases"][0]
    assert [[one["threads"] for one in case["runs"]] for case in result["cases"]] == [
        [1, 2],
        [1],
        [1],
    ]
    assert 1e9 < result["peaks"][0] < 1e12
    assert whole["counts"]["weighted"] < whole["counts"]["numbers"] <= whole["counts"]["padded"]
    table = tables.roofline(result)
    assert table in capsys.readouterr().out
    assert re.search(
        r"^\| 16 \| 40, all \| [\d.]+ M \| [\d.]+ \| \d+% \| [\d.]+x \|", table, re.MULTILINE
    )


def test_tiles_are_counted() -> None:
    sentences = [["a", "b", "c", "d"]] * 100
    config = TrainConfig(vector_size=16, epochs=1, threads=1, sample=0, shrink_windows=False)
    with encode_corpus(sentences) as corpus:
        trained = Trainer(corpus, config, silent).train()
        counts = tile_counts.count_tiles(corpus, config, trained)
        # A sentence is a group: each of its words is an input and a centre, and each negative is one of these.
        weighted = counts.pop("weighted")
        assert counts.pop("padded") >= counts["numbers"]
        rows = {"groups": 100, "inputs": 400, "outputs": 400, "numbers": 1600}
        assert counts == {**rows, "pairs": 1200, "words": 400}
        assert 1200 < weighted < 1600  # a centre and itself, where it was drawn
        with pytest.raises(SystemExit, match="words, but"):
            tile_counts.count_tiles(
                corpus, config.model_copy(update={"seed": 2, "sample": 0.01}), trained
            )


def test_sources(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "sources.json"
    flags = ["--rounds", "1", "--bytes", "20000", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["sources.py", "--corpus", str(planted_text), *flags])
    sources.main()
    result = json.loads(output.read_text())
    assert result["sizes"]["gzip"] < result["sizes"]["plain"] <= 20_000
    assert tables.sources(result) in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
def test_memory_limit(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "memory-limit.json"
    flags = ["--limit", "900", "--times", "0", "--vector-size", "16", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["memory_limit.py", "--corpus", str(planted_text), *flags])
    memory_limit.main()
    assert tables.memory_limit(json.loads(output.read_text())) in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--limit", "100"])
    with pytest.raises(
        SystemExit, match=r"skipgram|memory"
    ):  # who finds first that there is too little says so
        memory_limit.main()
