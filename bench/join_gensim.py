"""Join phrases with gensim and print the number of words after joining, as JSON.

    join_gensim.py CORPUS TARGET OPTIONS [--frozen] [--phrases FILE]

OPTIONS is JSON. `--phrases` writes the phrases with their counts and scores in skipgram's format.
"""

from __future__ import annotations

import argparse
import json

from gensim.models.phrases import Phrases
from gensim.models.word2vec import LineSentence


def main() -> None:
    """Count, join and write; `--frozen` joins with gensim's faster `FrozenPhrases`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("target")
    parser.add_argument("options", type=json.loads)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--phrases")
    given = parser.parse_args()
    sentences = LineSentence(given.corpus)
    model = Phrases(sentences, **given.options)
    joining = model.freeze() if given.frozen else model
    words = 0
    with open(given.target, "w", encoding="utf-8") as file:  # noqa: PTH123
        for sentence in joining[sentences]:
            words += len(sentence)
            file.write(" ".join(sentence) + "\n")
    if given.phrases:
        write_phrases(model, given.phrases)
    print(json.dumps({"joined_words": words}))


def write_phrases(model: Phrases, path: str) -> None:
    """Write the phrases of a model with counts and scores, as skipgram does."""
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("phrase\tcount\tscore\n")
        for text, score in model.export_phrases().items():
            file.write(f"{text}\t{model.vocab[text]}\t{score!r}\n")


if __name__ == "__main__":
    main()
