"""What can go wrong, as one tree of exceptions.

    SkipgramError
    ├── ConfigError          an option out of its range (also a ValueError)
    │   ├── WrongTypeError        an argument of a type that it does not take (also a TypeError)
    │   ├── NotReadyError         what a model cannot do as it stands (also a RuntimeError)
    │   ├── UnknownKeyError       a row or an attribute that is not there (also a KeyError)
    │   └── NoWordsError          a mean of no words (also a ZeroDivisionError)
    ├── CorpusError          the corpus cannot be read or holds nothing to train on (also a RuntimeError)
    ├── MemoryPlanError      the training would not fit in memory (also a MemoryError)
    ├── TrainingError        the training broke off: numbers not finite, or a loss far above chance
    │   └── NothingToTrainError   no two words stand together
    ├── FormatError          a model or data file that is damaged, truncated or of another kind
    │   └── MissingFileError      there is no such file (also a FileNotFoundError)
    ├── OutputError          the result cannot be written where it was asked for
    ├── MissingExtraError    a feature whose packages are not installed (also an ImportError)
    ├── UnknownWordError     a question about a word that has no vector (also a KeyError)
    └── NotOfferedError      what gensim has and `skipgram.gensim` has not (also an AttributeError)

Each message names the value, what is allowed, and what to do. The second parents are the exceptions that gensim raises in the
same place, for programs that catch those.
"""

from __future__ import annotations


class SkipgramError(Exception):
    """The base of all errors that skipgram raises on purpose."""


class ConfigError(SkipgramError, ValueError):
    """An option out of its range, unknown, or at odds with another."""


class WrongTypeError(ConfigError, TypeError):
    """An argument of a type that it does not take."""


class NotReadyError(ConfigError, RuntimeError):
    """What a model cannot do as it stands: another call comes first, or it was trained by another method."""


class UnknownKeyError(ConfigError, KeyError):
    """A row or an attribute that is not there."""

    __str__ = Exception.__str__  # a KeyError would put quotes around the message


class NoWordsError(ConfigError, ZeroDivisionError):
    """A mean of no words."""


class CorpusError(SkipgramError, RuntimeError):
    """A corpus that cannot be read, or holds nothing to train on."""


class MemoryPlanError(SkipgramError, MemoryError):
    """A training that would not fit in the memory there is; raised before anything is allocated."""


class TrainingError(SkipgramError):
    """A training that broke off."""


class NothingToTrainError(TrainingError):
    """A corpus, or what subsampling leaves of it, in which no two words stand together."""


class FormatError(SkipgramError):
    """A model or data file that is damaged, truncated or not what it is said to be."""


class MissingFileError(FormatError, FileNotFoundError):
    """A file to be read that is not there."""


class OutputError(SkipgramError):
    """A place where the result cannot be written; whatever was there before is untouched."""


class MissingExtraError(SkipgramError, ImportError):
    """A feature whose packages are not installed."""


def missing_extra(what: str, extra: str) -> MissingExtraError:
    """Return the error for a feature that an extra brings."""
    return MissingExtraError(
        f"{what} needs more packages; install them: pip install 'skipgram[{extra}]'"
    )


class NotOfferedError(SkipgramError, AttributeError):
    """An argument, a method or an attribute that gensim has and `skipgram.gensim` has not."""


class UnknownWordError(SkipgramError, KeyError):
    """A question about a word that has no vector."""

    def __init__(self, word: str, near: list[str]) -> None:
        self.word = word
        self.near = near
        super().__init__(word, near)

    def __str__(self) -> str:
        hint = f"; near spellings: {', '.join(self.near)}" if self.near else ""
        return f"no vector for the word {self.word!r}{hint}"
