"""How lists of words, evaluation sets and files of options are made, changed and read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from corpus_targets import written
from fuzz_target import Target, only_file
from vector_targets import trained

import skipgram
import skipgram.gensim
from skipgram.config_file import read_config_file
from skipgram.io.directories import MODEL_DIRECTORY
from skipgram.io.word_list import load_words


def _vocabulary(folder: Path) -> None:
    trained().save(folder / "model")
    for path in (folder / "model").iterdir():
        if path.name != "vocabulary.tsv":
            path.unlink()


def _load_words(folder: Path) -> None:
    load_words(folder / "vocabulary.tsv", MODEL_DIRECTORY)


_SETS = {
    "pairs.tsv": "# scores\nword1\tword2\tscore\nthe\tcat\t7.5\n東京\tnaïve\t1\ncat\tdog\t8.25\n",
    "pairs.csv": "the,cat,7.5\ndog,cat,8\nmat,dog,2.5\n",
    "analogies.txt": ": animals\nthe cat a dog\n: places\n東京 in naïve saw\n",
}
_TOML = {
    "options.toml": 'vector-size = 100\nepochs = 10\nalpha = 0.025\ninclude = ["*.txt", "*.md"]\n'
    'objective = "negative"\noptimizer = "sgd"\nlowercase = true\nstopwords = ["a", "the"]\n'
    'output = "model"\nencoding = "utf-8"\nseed = 1\nmax_vocab = 1000\nsample = 1e-3\n',
}
_WORDS = {"stop.txt": "the\n\na\nof\n東京\nnaïve\n"}


def _evaluate(folder: Path) -> None:
    vectors = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 2.0]]
    embeddings = skipgram.Embeddings(["the", "cat", "a", "dog"], vectors)
    repr(skipgram.evaluate(embeddings, only_file(folder)))


def _evaluate_as_gensim(folder: Path) -> None:
    vectors = skipgram.gensim.KeyedVectors(2)
    vectors.add_vectors(["the", "cat", "a", "dog"], np.eye(4, 2, dtype=np.float32))
    path = only_file(folder)
    if path.name == "analogies.txt":
        vectors.evaluate_word_analogies(path)
    else:
        vectors.evaluate_word_pairs(path, delimiter="," if path.suffix == ".csv" else "\t")


def _configure(folder: Path) -> None:
    read_config_file(only_file(folder), also=["output"])


def _leave_out(folder: Path) -> None:
    skipgram.CorpusConfig(stopwords=only_file(folder))


OTHERS = [
    Target("vocabulary", _vocabulary, _load_words),
    Target("evaluation-sets", written(_SETS), _evaluate),
    Target("gensim-sets", written(_SETS), _evaluate_as_gensim),
    Target("config-toml", written(_TOML), _configure),
    Target("stop-words", written(_WORDS), _leave_out),
]
