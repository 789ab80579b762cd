"""All exceptions of skipgram, as one tree, and its category of warnings.

    SkipgramError
    ├── ConfigError          an option is out of range (also a ValueError)
    │   ├── WrongTypeError        an argument has the wrong type (also a TypeError)
    │   ├── NotReadyError         the model is not in a state for this call (also a RuntimeError)
    │   ├── UnknownKeyError       there is no such row or attribute (also a KeyError)
    │   └── NoWordsError          a mean of no words (also a ZeroDivisionError)
    ├── ReadError            a file or URL cannot be read; readers wrap it in one of the next two
    │   └── NotTextError          it is not text, or not in UTF-8
    ├── CorpusError          the corpus cannot be read or is empty (also a RuntimeError)
    ├── FormatError          a model or data file is damaged, truncated or of another kind
    │   ├── MissingFileError      the file does not exist (also a FileNotFoundError)
    │   └── OtherModelError       the file holds no Word2Vec (also an AttributeError)
    ├── MemoryPlanError      training would not fit in memory (also a MemoryError)
    ├── TrainingError        training stopped: numbers not finite, or a loss far above chance
    │   └── NothingToTrainError   the corpus has no two neighbouring words
    ├── OutputError          the result cannot be written to the given path
    ├── MissingExtraError    an optional package is not installed (also an ImportError)
    ├── UnknownWordError     a word has no vector (also a KeyError)
    └── NotOfferedError      gensim has it, this package does not (also an AttributeError)

Each message says what is wrong, with the value; what is allowed; and what to do. The second parents
are the exceptions that gensim raises in the same place, so code that catches those keeps working.

`SkipgramWarning` is the category of warnings about data that was dropped, checkpoints that were not
written, or methods without effect. It is not an error.
"""

from __future__ import annotations


class SkipgramError(Exception):
    """The base class of all skipgram errors."""


class SkipgramWarning(UserWarning):
    """Part of a corpus was dropped: words, rows, files or bytes that cannot be used.

    It is issued by functions that read a corpus, unless they show their progress, which then
    includes the same text. The numbers are also in `Embeddings.training`. Trainings issue it for
    the first checkpoint that cannot be written, and for a model that cannot be kept. `load` issues
    it too, for rows of a file of vectors that repeat a word, and `skipgram.gensim.Word2Vec` for
    methods of a subclass that have no effect.
    """


class ConfigError(SkipgramError, ValueError):
    """An option is out of range, unknown, or contradicts another one."""


class WrongTypeError(ConfigError, TypeError):
    """An argument has the wrong type."""


class NotReadyError(ConfigError, RuntimeError):
    """The model needs another call first, or its training method does not support the call."""


class UnknownKeyError(ConfigError, KeyError):
    """There is no such row or attribute."""

    __str__ = Exception.__str__  # a KeyError would put quotes around the message


class NoWordsError(ConfigError, ZeroDivisionError):
    """The mean of no words is undefined."""


class ReadError(SkipgramError):
    """A file, standard input or a URL cannot be read.

    `skipgram.io` raises it without knowing what the bytes are for. Callers raise it again as an
    error about the corpus, the vectors or the evaluation set.

    Attributes:
        place: the file, pattern or URL.
        reason: what is wrong with it and what to do, as the predicate of a sentence about `place`.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(place, reason)

    def __str__(self) -> str:
        return f"{self.place} {self.reason}"


class NotTextError(ReadError):
    """A file is not text, or not in UTF-8."""


class CorpusError(SkipgramError, RuntimeError):
    """The corpus cannot be read, or holds nothing to train on."""


class FormatError(SkipgramError):
    """A model or data file is damaged, truncated or of another kind."""


class OtherModelError(FormatError, AttributeError):
    """A file holds vectors or another kind of model where a Word2Vec is expected."""


class MissingFileError(FormatError, FileNotFoundError):
    """The file to read does not exist."""


class MemoryPlanError(SkipgramError, MemoryError):
    """Training would not fit in the available memory; raised before anything is allocated."""


class TrainingError(SkipgramError):
    """Training stopped because the numbers diverged."""


class NothingToTrainError(TrainingError):
    """The corpus, after subsampling, has no two neighbouring words."""


class OutputError(SkipgramError):
    """The result cannot be written; whatever was at the path before is unchanged."""


class MissingExtraError(SkipgramError, ImportError):
    """A feature needs an optional package that is not installed."""


class NotOfferedError(SkipgramError, AttributeError):
    """An argument, method or attribute that gensim has and this package does not."""


class UnknownWordError(SkipgramError, KeyError):
    """A word has no vector.

    Attributes:
        word: the word.
        near: words of the vocabulary with a similar spelling.
        is_stop_word: whether it was left out as a stop word.
    """

    def __init__(self, word: str, near: list[str], is_stop_word: bool = False) -> None:
        self.word = word
        self.near = near
        self.is_stop_word = is_stop_word
        super().__init__(word, near, is_stop_word)

    def __str__(self) -> str:
        if self.is_stop_word:
            return f"no vector for the word {self.word!r}; it is a stop word of this model"
        hint = (
            f"similar spellings: {', '.join(self.near)}"
            if self.near
            else "check its spelling; words below the min_count of the training have no vector"
        )
        return f"no vector for the word {self.word!r}; {hint}"
