"""Train with gensim, and print the seconds of its phases as JSON.

    train_gensim.py CORPUS TARGET OPTIONS [--iterable]

OPTIONS is JSON. gensim's own log counts words after subsampling and is not used.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence


def main() -> None:
    """Scan, train and save; most programs use an iterable, but `corpus_file` is faster."""
    corpus, target = sys.argv[1:3]
    options: dict[str, Any] = json.loads(sys.argv[3])
    epochs, threads = options.pop("epochs"), options.pop("threads")
    iterable = sys.argv[4:] == ["--iterable"]
    text = {"corpus_iterable": LineSentence(corpus)} if iterable else {"corpus_file": corpus}
    model = Word2Vec(sg=1, min_alpha=1e-4 * options["alpha"], workers=threads, **options)
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
