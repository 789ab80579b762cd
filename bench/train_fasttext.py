"""Train with fastText's Python module, without subwords.

    train_fasttext.py CORPUS TARGET OPTIONS

OPTIONS is JSON. One call scans and trains. fastText's log on standard error says when the scan is
done and, once, when training is done. The runner takes the time of both (`training_starts` in
`peers.py`), so this script must not print anything.
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
    """Train, and save as binary word2vec; fastText's own format would include the whole model."""
    corpus, target = sys.argv[1:3]
    options: dict[str, Any] = json.loads(sys.argv[3])
    # `train_unsupervised` has no argument for the seed.
    fasttext.FastText.unsupervised_default["seed"] = options["seed"]
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
    words = model.get_words(on_unicode_error="replace")
    vectors = model.get_input_matrix().astype(np.float32)
    with Path(target).open("wb") as file:
        file.write(f"{len(words)} {options['vector_size']}\n".encode())
        for word, vector in zip(words, vectors, strict=True):
            file.write(word.encode() + b" " + vector.tobytes() + b"\n")


if __name__ == "__main__":
    main()
