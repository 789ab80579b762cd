"""Reading the corpora of a model, whose tokens may be any hashable objects."""

from __future__ import annotations

import os

from skipgram.corpus.build import choose_given, encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Files, InMemory, resolve_corpus
from skipgram.gensim.arguments import Sentences, choose_corpus
from skipgram.gensim.tokens import Tokens
from skipgram.gensim.training import logging_compiling
from skipgram.keys import Key
from skipgram.progress import warn_of_dropped
from skipgram.vocabulary import Vocabulary


class CorpusReader:
    """Reads one corpus.

    Args:
        threads: how many threads read text.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._tokens = Tokens()

    def read(
        self,
        sentences: Sentences | None,
        file: str | os.PathLike[str] | None,
        words: Vocabulary | None = None,
    ) -> EncodedCorpus:
        """Read a corpus with all its tokens, or with the given ones and their counts.

        A `SkipgramWarning` is issued for each kind of thing that was dropped.
        """
        source = resolve_corpus(choose_corpus(sentences, file))
        if isinstance(source, Files):
            source.encoding = None  # corpus_file has no option for it
        elif isinstance(source, InMemory):
            source.spell = self._tokens.spell
        given = None if words is None else self._tokens.spelled(words)
        with logging_compiling():
            encoded = encode_corpus(source, threads=self._threads, vocabulary=given)
        warn_of_dropped(encoded.report)
        return encoded

    def counts(self, corpus: EncodedCorpus) -> dict[Key, int]:
        """Return how often each token occurs in the corpus that was read."""
        words = corpus.vocabulary
        tokens = self._tokens.read(words.words)
        return dict(zip(tokens, words.counts.tolist(), strict=True))

    def choose(self, corpus: EncodedCorpus, words: Vocabulary) -> EncodedCorpus:
        """Close the corpus that was read; return it with exactly these tokens and counts."""
        return choose_given(corpus, self._tokens.spelled(words))
