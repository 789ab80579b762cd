from __future__ import annotations

import pytest
from corpora import TEXT, Vectors, vectors


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The words and vectors of the walks in a plain text file."""
    path = tmp_path_factory.mktemp("plain") / "corpus.txt"
    path.write_bytes(TEXT)
    return vectors(path)
