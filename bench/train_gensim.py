"""Train with gensim: `train_gensim.py CORPUS TARGET OPTIONS [--iterable]`, OPTIONS in JSON; prints its phases in JSON.

gensim's own log counts words after subsampling; it is not used.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence


def main() -> None:
    """Scan, train, save; `corpus_file` is gensim's fast way, an iterable the one that most programs use."""
    corpus, target = sys.argv[1:3]
    options: dict[str, Any] = json.loads(sys.argv[3])
    epochs = options.pop("epochs")
    text = (
        {"corpus_iterable": LineSentence(corpus)}
        if sys.argv[4:] == ["--iterable"]
        else {"corpus_file": corpus}
    )
    model = Word2Vec(
        sg=1, min_alpha=1e-4 * options["alpha"], workers=options.pop("threads"), **options
    )
    started = time.perf_counter()
    model.build_vocab(**text)
    scanned = time.perf_counter()
    model.train(
        **text,
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=epochs,
    )
    trained = time.perf_counter()
    model.wv.save_word2vec_format(target, binary=True)
    print(json.dumps({"scan_seconds": scanned - started, "training_seconds": trained - scanned}))


if __name__ == "__main__":
    main()
