"""Train with skipgram without saving, and print the seconds of its phases as JSON.

    train_skipgram.py CORPUS TARGET OPTIONS

OPTIONS is JSON. A training on a few words comes first, so that compiling or loading the kernels is
not part of any phase.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from skipgram import train

FIGURES = (
    "scan_seconds",
    "training_seconds",
    "raw_words",
    "vocabulary_size",
    "effective_words",
    "pairs",
)


def main() -> None:
    """Train twice: on a few words, then on the corpus."""
    corpus, _, options = sys.argv[1:]
    settings: dict[str, Any] = json.loads(options)
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.txt"
        few.write_text("a b c d e f\n" * 1000)
        train(few, **settings)
    figures = train(corpus, **settings).training
    print(json.dumps({name: figures[name] for name in FIGURES}))


if __name__ == "__main__":
    main()
