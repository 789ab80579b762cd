"""The benchmark scripts run on a small corpus and write what the tables need."""

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
import program_tables
import psutil
import pytest
import questions
import reliability_tables
import roofline
import run
import safety
import sources
import speed_tables
import table_format
import tile_counts
import write_zipf
from bench_scripts import run_script, write_set

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
    return write_set(tmp_path / "eval", "men3000.tsv")


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """A TOML file with one program as three entries, each with another way to find its phases."""
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    command = json.dumps([sys.executable, str(script), "{corpus}", "{target}", "{vector_size}"])
    ways = {
        "clock": 'training_starts = "read the"',
        "printed": "training_seconds = 'in ([0-9.]+) s'",
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


def bench(corpus: Path, sets: Path, output: Path, *flags: str) -> tuple[dict[str, Any], str]:
    """Run bench/run.py; return its result and what it prints."""
    script = [sys.executable, str(ROOT / "bench" / "run.py"), "--rounds", "1"]
    files = ["--corpus", str(corpus), "--eval", str(sets), "--output", str(output)]
    done = subprocess.run(
        [*script, *files, "--vector-size", "16", *flags],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(output.read_text()), done.stdout


def test_runner_and_tables(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    names = ["skipgram", "gensim", "gensim-iterable"]
    result, _ = bench(planted_text, sets, tmp_path / "result.json", "--programs", *names)
    runs = table_format.read_runs(result)
    assert [program for program, _ in runs] == names
    for figures in (runs[name, 16][0] for name in names):
        assert figures["raw_words"] == 16_000
        assert figures["raw_words_per_second"] == 5 * 16_000 / figures["training_seconds"]
        assert figures["total_seconds"] > figures["training_seconds"] + figures["scan_seconds"]
        assert 30e6 < figures["peak_bytes"] < 2e9
        assert -100 <= figures["scores"]["men3000"] <= 100
    ours = runs["skipgram", 16][0]
    assert len(ours["loss"]) == 5
    assert [run["program"] for run in result["runs"] if run["cold"]] == ["skipgram"]
    assert result["runs"][0]["cold"]
    assert not (tmp_path / "cache").exists()  # the runner starts from an empty cache of its own
    assert "planted.txt" in json.dumps(result["corpus"])
    assert "skipgram's first run on a machine takes" in program_tables.programs(result)


def test_training_lasts_from_its_announcement_to_the_last_output() -> None:
    clock = peers.Program([], training_starts="read the")
    assert run.training_seconds(clock, "read the text\ndone", 1.5, 4.0) == 2.5
    printed = peers.Program([], training_seconds="in ([0-9.]+) s")
    assert run.training_seconds(printed, "in 3 s\nin 12.5 s\n", None, 4.0) == 12.5
    assert run.training_seconds(peers.Program([]), "done", None, 4.0) is None
    with pytest.raises(SystemExit, match="printed nothing that matches 'read the'"):
        run.training_seconds(
            peers.Program(["clock"], training_starts="read the"), "done", None, 4.0
        )


def test_programs_by_command_line(
    planted_text: Path, sets: Path, fakes: Path, tmp_path: Path
) -> None:
    names = ["clock", "printed", "silent"]
    flags = ["--peers", str(fakes), "--programs", *names, "--bytes", "1000"]
    result, text = bench(planted_text, sets, tmp_path / "result.json", *flags)
    clock, printed, silent = result["runs"]
    assert 0 < clock["training_seconds"] < clock["total_seconds"]
    assert printed["training_seconds"] == 12.5
    assert silent["training_seconds"] is silent["raw_words_per_second"] is None
    assert result["versions"]["silent"] == "7"
    assert 900 < result["corpus"]["bytes"] <= 1000
    assert clock["raw_words"] == len(planted_text.read_text()[: result["corpus"]["bytes"]].split())
    assert "| silent |  | " in text  # the table, at the end


def test_a_failing_program_loses_only_its_own_figures(
    planted_text: Path, sets: Path, fakes: Path, tmp_path: Path
) -> None:
    output = tmp_path / "result.json"
    commands = {
        "broken": [sys.executable, "-c", "raise SystemExit(3)"],
        "missing": ["no/such/program"],
        "forgetful": [sys.executable, "-c", ""],
    }
    with fakes.open("a") as file:
        for name, command in commands.items():
            file.write(f"[{name}]\ncommand = {json.dumps(command)}\n")
    flags = ["--peers", str(fakes), "--programs", *commands, "silent"]
    with pytest.raises(subprocess.CalledProcessError) as failure:
        bench(planted_text, sets, output, *flags)
    assert "status 3" in failure.value.stderr
    assert "no/such/program" in failure.value.stderr
    assert "3 trainings failed" in failure.value.stderr
    assert [run["program"] for run in json.loads(output.read_text())["runs"]] == ["silent"]


def test_fasttext(planted_text: Path, sets: Path, tmp_path: Path) -> None:
    pytest.importorskip(
        "fasttext", reason="needs fasttext-numpy2; see docs/benchmarks.md", exc_type=ImportError
    )
    # Each thread initialises a tenth of fastText's vectors; the rest of the memory can hold NaN.
    flags = ["--programs", "fasttext", "--threads", "10", "--vector-size", "20"]
    result, _ = bench(planted_text, sets, tmp_path / "result.json", *flags)
    figures = result["runs"][0]
    assert 0 < figures["training_seconds"] < figures["total_seconds"]
    assert figures["scores"]["men3000"] is not None
    assert "fasttext" in result["versions"]


def test_programs_that_are_not_installed_are_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(peers.PROGRAMS, "other", peers.Program(["other"], module="no_such_module"))
    assert list(run.choose(["other", "skipgram"], None)) == ["skipgram"]
    message = "other is skipped: the Python module no_such_module is not installed"
    assert message in capsys.readouterr().err
    with pytest.raises(SystemExit, match="unknown program gensin; known: skipgram, gensim"):
        run.choose(["gensin"], None)


def test_neighbours_work_until_the_end() -> None:
    before = set(psutil.Process().children())
    with run.neighbours(2):
        working = set(psutil.Process().children()) - before
        assert [process.is_running() for process in working] == [True, True]
    assert not any(process.is_running() for process in working)


def test_words_are_counted_across_blocks(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"word " * 209_715 + b"split between blocks\n" + b" x" * 524_288)
    assert run.count_words(text) == 209_715 + 3 + 524_288


def test_the_documented_toml_file_is_read(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "benchmarks.md").read_text()
    example = re.search(r"^```toml\n(.*?)^```", document, re.DOTALL | re.MULTILINE)
    assert example
    path = tmp_path / "peers.toml"
    path.write_text(example[1])
    options = peers.Job("word2vec-c", 100, 5, 2, 1).options()
    for program in peers.read_programs(path).values():
        command = peers.fill_in(program.command[:-1], options, Path("text"), Path("vectors"))
        assert "{" not in "".join(command)
    path.write_text('[other]\ncommand = ["other"]\nformat = "text"\n')
    with pytest.raises(SystemExit, match=r"\[other\] in .*format.*known keys: command, vectors"):
        peers.read_programs(path)


def test_measuring_some_methods_again_keeps_the_others(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "methods.json"
    flags = ["--corpus", str(planted_text), "--eval", str(sets), "--threads", "1", "--only"]
    some = ["full softmax", methods.GENSIM_HIERARCHICAL]
    small = [
        ("full softmax", False, {"objective": "softmax"}),
        (methods.GENSIM_HIERARCHICAL, False, {"hs": 1, "negative": 0}),
        ("lopsided", False, {"window_left": 2, "window_right": 8}),
    ]
    monkeypatch.setattr(methods, "METHODS", small)
    result = run_script(methods, monkeypatch, output, *flags, "lopsided")
    assert list(result["runs"]) == ["lopsided"]
    result = run_script(methods, monkeypatch, output, *flags, *some)
    runs = result["runs"]
    assert list(runs) == [*some, "lopsided"]
    for figures in runs.values():
        assert figures["raw_words"] == 16_000
        assert figures["raw_words_per_second"] > 0
    runs = {name: {**own, "scores": dict.fromkeys(table_format.SETS)} for name, own in runs.items()}
    table = program_tables.methods({"methods": {**result, "runs": runs}})
    assert re.search(r"Centre words per second, after subsampling: full softmax [\d.,]+ k\.", table)
    monkeypatch.setattr(methods, "versions", lambda: {"skipgram": "another"})
    with pytest.raises(SystemExit, match="another machine or with other versions"):
        run_script(methods, monkeypatch, output, *flags, *some)


def test_the_cost_of_safety(
    planted_text: Path, sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = {"no checkpoints": {"checkpoint": "off"}, "many": {"checkpoint": 1}}
    monkeypatch.setattr(safety, "ways", lambda _: often)
    flags = ["--corpus", str(planted_text), "--eval", str(sets), "--rounds", "2"]
    result = run_script(safety, monkeypatch, tmp_path / "safety.json", *flags, "--vector-size=8")
    assert [(run["way"], run["round"]) for run in result["runs"]] == [
        (way, number) for number in (1, 2) for way in often
    ]
    written = [run["checkpoints"] for run in result["runs"]]
    assert written[0] == written[2] == 0
    assert min(written[1], written[3]) > 0
    table = reliability_tables.safety(result)
    assert re.search(r"no checkpoints \| [\d.]+ s \| 1\.00 \|  \|  \| [-\d.]+ \|\n", table)
    assert re.search(r"many \| [\d.]+ s \| [\d.]+ \| \d+ \| [\d.]+ s \| [-\d.]+ \|\n", table)


def test_the_better_figure_is_bold() -> None:
    assert program_tables.row("speed", 10, 2, str, "more") == ["speed", "**10**", "2", "5.0x"]
    assert program_tables.row("memory", 10, 2, str, "less") == ["memory", "10", "**2**", "0.2x"]
    assert program_tables.row("score", 1.5, 2.0, str, "points") == [
        "score",
        "1.5",
        "**2.0**",
        "-0.5",
    ]
    assert program_tables.cells([3, None, 2], str, min) == ["3", "", "**2**"]
    scores = program_tables.score_cells([[1.0, 2.0], [4.0], []])
    assert scores == ["1.5 ± 0.7", "**4.0**", ""]


def test_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = ["--questions", "30", "--gensim-questions", "10", "--rounds", "2"]
    flags = ["--words", "3000", "--vector-size", "20", *counts]
    result = run_script(questions, monkeypatch, tmp_path / "questions.json", *flags)
    assert [run["questions"] for run in result["runs"]] == [10, 30, 30, 30, 30] * 2
    assert result["largest_difference"] < 1e-5
    table = speed_tables.questions(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| gensim \| [\d.]+ s \| 1\.0x \|", table, re.MULTILINE)
    assert re.search(r"^\| product in one piece \| .* \| 1\.00 \|$", table, re.MULTILINE)


def test_loading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--words", "3000", "--text-words", "300", "--vector-size", "20", "--rounds", "2"]
    result = run_script(loading, monkeypatch, tmp_path / "loading.json", *flags)
    assert [run["program"] for run in result["runs"]] == ["gensim", "skipgram"] * 4
    assert result["bytes"]["binary"] > 3000 * 20 * 4
    table = speed_tables.loading(result)
    assert table in capsys.readouterr().out
    text = r"^\| text \| 300 \| 0 MB \| [\d.]+ s \| \*\*[\d.]+ s\*\* \| [\d.]+x \|$"
    assert re.search(text, table, re.MULTILINE)


def test_different_answers_are_an_error() -> None:
    same = [("a", 0.5), ("b", 0.4), ("c", 0.3)]
    near = [("a", 0.5), ("b", 0.4), ("d", 0.300001)]
    assert questions.difference(same, near) == pytest.approx(1e-6)
    with pytest.raises(SystemExit, match=r"differ by 0, \['b', 'd'\]"):
        questions.difference(same, [("a", 0.5), ("d", 0.4), ("c", 0.3)])
    with pytest.raises(SystemExit, match=r"differ by 0\.1"):
        questions.difference(same, [("a", 0.5), ("b", 0.3), ("c", 0.3)])


def test_growth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vocabularies = ["--vocabularies", "50", "400", "--words", "4000"]
    texts = ["--texts", "4000", "8000", "--vocabulary", "50"]
    flags = [*vocabularies, *texts, "--rounds", "1", "--threads", "1", "2"]
    result = run_script(growth, monkeypatch, tmp_path / "growth.json", *flags)
    measured = [(one["vocabulary"], one["words"], one["threads"]) for one in result["runs"]]
    sizes = [(50, 4000), (400, 4000), (50, 8000)]
    assert measured == [(*size, threads) for size in sizes for threads in (1, 2)]
    for one in result["runs"]:
        assert one["bytes"] == 6 * one["words"]
        assert 0 < one["scan_seconds"] < one["total_seconds"]
        assert 0 < one["effective_words"] < 2 * one["words"]
    table = speed_tables.growth(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| 400 \| 0 MB \| [\d.]+ M \| [\d.]+ M \|", table, re.MULTILINE)
    assert re.search(r"^\| 8,000 \| 0 MB \| [\d.]+ M \|", table, re.MULTILINE)


def test_phrases(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(phrases, "OPTIONS", {**phrases.OPTIONS, "threshold": 0.15})
    flags = ["--corpus", str(planted_text), "--bytes", "20000", "--rounds", "1", "--threads", "2"]
    result = run_script(phrases, monkeypatch, tmp_path / "phrases.json", *flags)
    names = ["gensim", "gensim, frozen", "skipgram, 2 threads"]
    assert [one["program"] for one in result["runs"]] == names
    assert len({one["joined_words"] for one in result["runs"]}) == 1
    assert result["phrases"] > 10
    table = speed_tables.phrases(result)
    assert table in capsys.readouterr().out
    assert re.search(r"^\| skipgram, 2 threads \| [\d.]+ s \|", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "vocabulary"), [(20, 20), (1000, 7), (1001, 900), (200_000, 10_000)]
)
def test_every_word_occurs_in_the_zipf_text(
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


def test_the_equally_frequent_corpus_removes_its_files(planted_text: Path) -> None:
    with encode_corpus(planted_text) as corpus:
        even = roofline.equally_frequent(corpus, 20)
        assert even.min_count == 1
        assert even.offsets[:].tolist() == corpus.offsets[:].tolist()
        assert even._temporary is not None
        folder = Path(even._temporary.name)
        assert folder.is_dir()
        even.close()
        assert not folder.exists()


def test_roofline(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = ["--corpus", str(planted_text), "--vector-size", "16", "--rounds", "1"]
    flags += ["--few-words", "20", "--bytes", "40000"]
    result = run_script(roofline, monkeypatch, tmp_path / "roofline.json", *flags)
    assert [(case["words"], case["vocabulary"]) for case in result["cases"]] == [
        ("all", 40),
        ("most frequent", 20),
        ("equally frequent", 20),
    ]
    whole = result["cases"][0]
    threads = [[one["threads"] for one in case["runs"]] for case in result["cases"]]
    assert threads == [[1, 2], [1], [1]]
    assert 1e9 < result["peaks"][0] < 1e12
    assert whole["counts"]["weighted"] < whole["counts"]["numbers"] <= whole["counts"]["padded"]
    table = speed_tables.roofline(result)
    assert table in capsys.readouterr().out
    row = r"^\| 16 \| 40 words \(all\) \| [\d.]+ M \| [\d.]+ \| \d+% \| [\d.]+x \|"
    assert re.search(row, table, re.MULTILINE)


def test_tiles_are_counted() -> None:
    sentences = [["a", "b", "c", "d"]] * 100
    config = TrainConfig(vector_size=16, epochs=1, threads=1, sample=0, shrink_windows=False)
    with encode_corpus(sentences) as corpus:
        trained = Trainer(corpus, config, silent).train()
        counts = tile_counts.count_tiles(corpus, config, trained)
        # A sentence is a group: each word is an input and a target. Negatives are the same words.
        weighted = counts.pop("weighted")
        assert counts.pop("padded") >= counts["numbers"]
        rows = {"groups": 100, "inputs": 400, "outputs": 400, "numbers": 1600}
        assert counts == {**rows, "pairs": 1200, "words": 400}
        assert 1200 < weighted < 1600  # a target and itself, if it was drawn
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
    flags = ["--corpus", str(planted_text), "--rounds", "1", "--bytes", "20000"]
    result = run_script(sources, monkeypatch, tmp_path / "sources.json", *flags)
    assert result["sizes"]["gzip"] < result["sizes"]["plain"] <= 20_000
    assert speed_tables.sources(result) in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the memory limit of Linux")
def test_memory_limit(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "memory-limit.json"
    flags = ["--corpus", str(planted_text), "--times", "0", "--vector-size", "16", "--limit"]
    result = run_script(memory_limit, monkeypatch, output, *flags, "900")
    assert speed_tables.memory_limit(result) in capsys.readouterr().out
    with pytest.raises(SystemExit, match="MemoryPlanError"):
        run_script(memory_limit, monkeypatch, output, *flags, "100")
