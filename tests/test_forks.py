"""Forks wait for other threads that import or compile; a child must never wait for them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from skipgram import forks
from skipgram.forks import delaying_forks

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks"),
    # From Python 3.12 on, a fork beside other threads warns.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

FORK_AT_FIRST_USE = """\
import os, threading, time
import skipgram

sentences = [["a", "b", "c"], ["c", "d", "e"]] * 500

def train():
    TRAIN

thread = threading.Thread(target=train)
thread.start()
time.sleep(0.1)  # it imports, and then compiles or trains
child = os.fork()
if child == 0:
    train()
    os._exit(0)
thread.join()
assert os.waitpid(child, 0)[1] == 0
"""


TRAIN = "skipgram.train(sentences, vector_size=8, epochs=1, sample=0, min_count=1, threads=1)"
TRAIN_IN_GENSIM = (
    "import skipgram.gensim; "
    "skipgram.gensim.Word2Vec(sentences, vector_size=8, epochs=1, sample=0, workers=1)"
)
"""It imports gensim too, which takes a second."""


def seconds_of_a_fork() -> float:
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return time.perf_counter() - started


def test_a_fork_waits_for_the_work_of_another_thread() -> None:
    begun = threading.Event()

    def work() -> None:
        with delaying_forks(), delaying_forks():
            begun.set()
            time.sleep(0.3)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    assert seconds_of_a_fork() > 0.2
    thread.join()


def test_a_fork_waits_neither_for_its_own_thread_nor_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with delaying_forks():
        assert seconds_of_a_fork() < 1.0  # a fork of a large process takes 0.3 s
    finish = threading.Event()

    def work() -> None:
        with delaying_forks():
            finish.wait()

    monkeypatch.setattr(forks, "LONGEST_WAIT", 0.1)
    thread = threading.Thread(target=work)
    thread.start()
    while not forks._busy:
        time.sleep(0.01)
    assert 0.1 <= seconds_of_a_fork() < 5
    finish.set()
    thread.join()


@pytest.mark.parametrize("train", [TRAIN, TRAIN_IN_GENSIM])
def test_a_child_trains_that_was_forked_while_another_thread_trained_first(
    tmp_path: Path, train: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(FORK_AT_FIRST_USE.replace("TRAIN", train))
    subprocess.run([sys.executable, str(script)], check=True, timeout=300)
