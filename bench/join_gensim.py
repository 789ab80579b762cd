"""Join phrases with gensim: `join_gensim.py CORPUS TARGET OPTIONS [--frozen] [--phrases FILE]`, OPTIONS in JSON.

`--phrases` writes the phrases with their counts and scores, as skipgram does. Prints the number of words after joining,
in JSON.
"""

from __future__ import annotations

import argparse
import json

from gensim.models.phrases import Phrases
from gensim.models.word2vec import LineSentence


def main() -> None:
    """Count, join, write; `--frozen` joins with the `FrozenPhrases` that gensim offers for speed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("target")
    parser.add_argument("options", type=json.loads)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--phrases")
    given = parser.parse_args()
    sentences = LineSentence(given.corpus)
    model = Phrases(sentences, **given.options)
    words, joining = 0, model.freeze() if given.frozen else model
    with open(given.target, "w", encoding="utf-8") as file:  # noqa: PTH123
        for sentence in joining[sentences]:
            words += len(sentence)
            file.write(" ".join(sentence) + "\n")
    if given.phrases:
        with open(given.phrases, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write("phrase\tcount\tscore\n")
            file.writelines(
                f"{text}\t{model.vocab[text]}\t{score!r}\n"
                for text, score in model.export_phrases().items()
            )
    print(json.dumps({"joined_words": words}))


if __name__ == "__main__":
    main()
