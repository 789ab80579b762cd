"""Train with fastText's Python module, without subwords: `train_fasttext.py CORPUS TARGET OPTIONS`, OPTIONS in JSON.

One call scans and trains. Its log says on standard error when the scan is done and then, once, when training is done; the
runner takes the time of both (`training_starts` in `peers.py`), so this script must print nothing itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import fasttext
import fasttext.FastText
import numpy as np


def main() -> None:
    """Train, and save in word2vec's binary format; fastText's own would hold all that further training needs."""
    corpus, target = sys.argv[1:3]
    options: dict[str, Any] = json.loads(sys.argv[3])
    fasttext.FastText.unsupervised_default["seed"] = options[
        "seed"
    ]  # `train_unsupervised` takes no seed
    model = fasttext.train_unsupervised(
        corpus,
        model="skipgram",
        loss="ns",
        dim=options["vector_size"],
        ws=options["window"],
        neg=options["negative"],
        epoch=options["epochs"],
        lr=options["alpha"],
        t=options["sample"],
        minCount=options["min_count"],
        thread=options["threads"],
        minn=0,
        maxn=0,
        verbose=1,
    )
    words, vectors = model.get_words(on_unicode_error="replace"), model.get_input_matrix()
    with Path(target).open("wb") as file:
        file.write(f"{len(words)} {options['vector_size']}\n".encode())
        for word, vector in zip(words, vectors.astype(np.float32), strict=True):
            file.write(word.encode() + b" " + vector.tobytes() + b"\n")


if __name__ == "__main__":
    main()
