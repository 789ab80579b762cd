"""Word-similarity and analogy evaluation."""
