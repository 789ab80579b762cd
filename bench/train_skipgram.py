"""Train with skipgram and save nothing: `train_skipgram.py CORPUS TARGET OPTIONS`, OPTIONS in JSON; prints its phases in JSON.

A training of a few words comes first, so that the time to compile, or to load what was compiled, is in no phase.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from skipgram import train


def main() -> None:
    """Train twice: a text of a few words, and the corpus."""
    corpus, _, options = sys.argv[1:]
    settings: dict[str, Any] = json.loads(options)
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.txt"
        few.write_text("a b c d e f\n" * 1000)
        train(few, **settings)
    figures = train(corpus, **settings).training
    names = (
        "scan_seconds",
        "training_seconds",
        "raw_words",
        "vocabulary_size",
        "effective_words",
        "pairs",
    )
    print(json.dumps({name: figures[name] for name in names}))


if __name__ == "__main__":
    main()
