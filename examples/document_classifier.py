"""Classify documents by their vectors, with a linear classifier of scikit-learn.

The documents are docstrings of Python's standard library: is one from a module about networks,
about data, or about tools for programs? The word vectors are trained on the documentation of
Python, the classifier on the vectors of 80 % of the docstrings.

Run it with scikit-learn installed: python document_classifier.py
"""

from __future__ import annotations

import ast
import random
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sklearn.linear_model import LogisticRegression

import skipgram
from skipgram import quickstart

PACKAGES = {
    "network": ["asyncio", "email", "http", "urllib", "xmlrpc", "ftplib.py", "smtplib.py"],
    "data": ["json", "sqlite3", "collections", "statistics.py", "datetime.py", "_pydecimal.py"],
    "tools": ["unittest", "importlib", "logging", "argparse.py", "inspect.py", "pdb.py"],
}
MIN_WORDS = 8


def labelled_docstrings() -> list[tuple[str, str]]:
    """Return the different docstrings of the packages, each with its label, in random order."""
    library = Path(sysconfig.get_path("stdlib"))
    found: dict[str, str] = {}
    for label, names in PACKAGES.items():
        for name in names:
            place = library / name
            for path in sorted(place.rglob("*.py")) or [place]:
                found.update(dict.fromkeys(docstrings(path), label))
    documents = sorted(found.items())
    random.Random(1).shuffle(documents)
    return documents


def docstrings(path: Path) -> Iterator[str]:
    """Yield the longer docstrings of a module."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or ""
            if len(text.split()) >= MIN_WORDS:
                yield text


def main() -> None:
    """Train word vectors, encode the docstrings, and train and test a classifier."""
    documents = labelled_docstrings()
    texts = [text for text, _ in documents]
    labels = [label for _, label in documents]
    share = len(texts) * 4 // 5

    lines = [" ".join(sentence) for sentence in quickstart.sentences()]
    # token_pattern and lowercase are stored with the model: encode splits docstrings in this way.
    embeddings = skipgram.train(
        lines, vector_size=100, epochs=5, token_pattern=r"[a-z]+(?:'[a-z]+)?", lowercase=True
    )

    training = embeddings.encode_documents(texts[:share], "sif")
    test = embeddings.encode_documents(texts[share:], "sif", component=training.component)
    words = int(test.known.sum() + test.unknown.sum())
    print(
        f"{len(texts):,} docstrings; {int(test.unknown.sum()) / words:.1%} of the words are unknown"
    )

    # SIF vectors are short: scale them, so that the default regularisation suits them.
    scale = float(training.vectors.std())
    classifier = LogisticRegression(max_iter=1000)
    classifier.fit(training.vectors / scale, labels[:share])
    accuracy = classifier.score(test.vectors / scale, labels[share:])
    majority, _ = Counter(labels[:share]).most_common(1)[0]
    baseline = labels[share:].count(majority) / len(labels[share:])
    print(f"accuracy {accuracy:.1%}; always answering {majority!r} gives {baseline:.1%}")

    question = "send a request to the server"
    vector = embeddings.encode([question], "sif", component=training.component)
    print(f"{question!r}: {classifier.predict(vector / scale)[0]}")


if __name__ == "__main__":
    main()
