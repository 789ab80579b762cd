"""Every option: its unit, range, default and source. Names are gensim's where gensim has one."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    model_validator,
)

from skipgram.encodings import UTF_8, as_encoding
from skipgram.errors import ConfigError
from skipgram.labels import as_label
from skipgram.learning_rates import alpha_for, default_alpha
from skipgram.presets import PRESETS, options_of
from skipgram.ranges import explain
from skipgram.stopwords import as_stop_words
from skipgram.tokenizers import name_of
from skipgram.wording import ELSEWHERE, describe_unknown

Whitespace: TypeAlias = Literal["unicode", "ascii"]
"""What separates words, see `CorpusConfig`."""

_UNKNOWN = "extra_forbidden"
"""Pydantic's type of the error for an unknown option."""

WITHOUT_EFFECT = {
    "negative": ("batch",),
    "hierarchical": ("negative", "negative_sharing", "ns_exponent", "batch", "exact_loss"),
    "hierarchical+negative": ("batch",),
    "softmax": (
        "negative", "negative_sharing", "step_per", "ns_exponent", "cbow_context", "exact_loss",
    ),
}  # fmt: skip
"""Options that an objective does not read. They must keep their defaults."""


def _as_patterns(value: object) -> object:
    """Return a single pattern as a list of one."""
    return [value] if isinstance(value, str) else value


def _as_delimiter(value: object) -> object:
    """Return a delimiter; a tab also for its name, and for its two characters in a shell."""
    value = "\t" if value in ("tab", r"\t") else value
    if isinstance(value, str) and not (
        len(value) == 1 and value.isascii() and value not in '"\r\n'
    ):
        raise ValueError(
            "it must be one ASCII character, but no quote or line end, for example : or |; or tab"
        )
    return value


def _share_or_path(value: object) -> float | str | None:
    if value is None:
        return None
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    try:
        share = float(path or value)  # type: ignore[arg-type]  # on the command line, a string
    except (TypeError, ValueError, OverflowError):
        if path:
            return path
        share = math.nan
    if not 0 < share <= 0.5:
        raise ValueError("it must be a share, more than 0 and at most 0.5, or a file")
    return share


def available_cores() -> int:
    """Return the number of CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Options(BaseModel):
    """A group of options, frozen and validated when it is made.

    Raises:
        ConfigError: an option is unknown or out of its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    @property
    def given(self) -> dict[str, Any]:
        """The options that were set explicitly, by name."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}

    def refuse(self, names: tuple[str, ...], where: str) -> None:
        """Reject options that would have no effect, unless they have their default values.

        Raises:
            ConfigError: names the first such option, and `where` it has no effect.
        """
        for name in names:
            field = type(self).model_fields[name]
            default = field.get_default(call_default_factory=True, validated_data={})
            value = getattr(self, name)
            if value != default:
                raise ConfigError(f"{name}={value} has no effect {where}; leave it out")

    if not TYPE_CHECKING:  # type checkers see the options one by one

        def __init__(self, **options: object) -> None:
            try:
                super().__init__(**options)
            except ValidationError as error:
                # Without the options that alpha depends on, alpha has no default. That is a
                # consequence of another error, not a second one.
                found = error.errors()
                unknown = [str(each["loc"][0]) for each in found if each["type"] == _UNKNOWN]
                problems = [
                    explain(type(self).model_fields, problem)
                    for problem in found
                    if problem["type"] not in ("default_factory_not_called", _UNKNOWN)
                ]
                if unknown:
                    names = type(self).model_fields
                    problems.append(describe_unknown(unknown, names, ELSEWHERE, GROUPS))
                raise ConfigError(". ".join(problems)) from None


class CorpusConfig(Options):
    """How a corpus is read, and how its text is split into words."""

    column: Annotated[str | None, BeforeValidator(as_label)] = None
    """Read the text, or the lists of tokens, from this column of a table (Parquet, CSV, JSON,
    data frame). A number names the column of a data frame with that label."""
    group_by: Annotated[str | None, BeforeValidator(as_label)] = None
    """Make one sentence of all rows of a table that have the same value in this column, such as a
    user or a session. `column` then holds one item per row."""
    order_by: Annotated[str | None, BeforeValidator(as_label)] = None
    """Order the items of each group by this column of numbers, dates or times. Defaults to the
    order of the rows."""
    delimiter: Annotated[str | None, BeforeValidator(_as_delimiter)] = None
    """Character that separates the columns of CSV. By default, it is found: a comma, a semicolon,
    a tab or a vertical bar."""
    quoting: Literal["auto", "doubled", "backslash", "none"] = "auto"
    r"""How cells of CSV are quoted. doubled: a quote inside a quoted cell is written twice (RFC
    4180). backslash: it is written as \" (MySQL, Spark). none: quotes are ordinary characters.
    auto: doubled; but between tabs, quotes that do not enclose a whole cell are ordinary."""
    include: Annotated[tuple[str, ...], BeforeValidator(_as_patterns)] = ()
    """Read only files that match one of these glob patterns, for example *.txt. A pattern with a
    slash matches the end of a path, for example drafts/*.txt; drafts/ matches all files below
    folders of that name."""
    exclude: Annotated[tuple[str, ...], BeforeValidator(_as_patterns)] = ()
    """Skip files that match one of these glob patterns."""
    encoding: Annotated[str, BeforeValidator(as_encoding)] = UTF_8
    """Encoding of text files, CSV and JSON: any that Python knows, for example latin-1, cp1252,
    cp1251, gb18030 or shift_jis. A byte order mark of UTF-8, UTF-16 or UTF-32 overrides it."""
    max_word: Annotated[int, Field(ge=1 << 20, le=2**31 - 1)] = 1 << 20
    """Leave out words of text files with more than this many bytes. They are data in the form of
    text, such as base64."""
    max_line: Annotated[int, Field(ge=1 << 20, le=2**31 - 1)] = 1 << 24
    """The most bytes of a line that has to be in memory as a whole: of JSON Lines, of an object in
    a JSON array, and with `tokenizer` or `token_pattern`. A longer one is an error."""
    sentence_per: Literal["line", "file", "sentence"] = "line"
    """What ends a sentence. line: the end of a line. file: the end of a file or table row.
    sentence: a full stop, question or exclamation mark before white space, a blank line, and the
    end of a file or table row."""
    whitespace: Whitespace = "unicode"
    """What separates words. unicode: the white space of Unicode, as in Python's str.split and in
    gensim. ascii: only that of ASCII, as in word2vec.c, fastText and GloVe, so that a no-break
    space or an ideographic space is part of a word."""
    lowercase: bool = False
    """Convert the text to lower case."""
    clean: bool = False
    """Remove HTML, URLs and punctuation, and convert the text to lower case. Words keep their
    inner apostrophes and hyphens."""
    numbers: Literal["keep", "drop", "zero"] = "keep"
    """What `clean` does with numbers. keep: keeps them. drop: removes words that are numbers.
    zero: replaces every digit with 0."""
    nfkc: bool = False
    """Normalise the text to Unicode NFKC, which replaces variants of a character, such as
    full-width letters, with one form."""
    tokenizer: Any = None
    """Split sentences with this Python function, named as module:function. It takes a sentence
    and returns its tokens, and is much slower than the default, which splits at white space."""
    token_pattern: str | None = None
    r"""Make each match of this Python regular expression a token, for example [^\s.,!?]+."""
    stopwords: Annotated[
        str | os.PathLike[str] | Iterable[str] | None,
        PlainValidator(as_stop_words),
        PlainSerializer(lambda words: words and list(words)),
    ] = None
    """Leave out the words in this file, which has one word per line. They are read with the same
    options as the text, so `lowercase` and `clean` apply to them too."""

    @model_validator(mode="after")
    def _check_together(self) -> CorpusConfig:
        if self.tokenizer is not None and self.token_pattern is not None:
            raise ValueError(
                "tokenizer and token_pattern both split text into tokens; set only one"
            )
        self._check_clean()
        self._check_tokenizer()
        self._check_pattern()
        self._check_groups()
        self._check_table()
        return self

    def _check_table(self) -> None:
        if self.column is None and (self.delimiter is not None or self.quoting != "auto"):
            name = "quoting" if self.delimiter is None else "delimiter"
            raise ValueError(
                f"{name}={getattr(self, name)} is for tables; set column to the column of the "
                f"text, or leave {name} out"
            )

        if (self.delimiter, self.quoting) == ("\\", "backslash"):
            raise ValueError(
                "delimiter=\\ and quoting=backslash give the backslash two meanings; set quoting "
                "to doubled, or set delimiter to another character"
            )

    def _check_groups(self) -> None:
        if self.group_by is None:
            if self.order_by is not None:
                raise ValueError(
                    f"order_by={self.order_by} orders the items of a group; set group_by to the "
                    "column of the user or session"
                )
            return
        if self.column is None:
            raise ValueError(
                f"group_by={self.group_by} needs a table with one item per row; set column to the "
                "column of the items"
            )
        names = [self.column, self.group_by, self.order_by]
        if len(set(names)) < len(names):
            raise ValueError(
                f"column={self.column}, group_by={self.group_by} and order_by={self.order_by} "
                "must name different columns"
            )
        text = (
            "sentence_per",
            "whitespace",
            "lowercase",
            "nfkc",
            "clean",
            "numbers",
            "tokenizer",
            "token_pattern",
        )
        self.refuse(text, "with group_by, where each item is a word as it is")

    def _check_clean(self) -> None:
        splits = "tokenizer" if self.tokenizer is not None else "token_pattern"
        if self.clean and getattr(self, splits) is not None:
            raise ValueError(f"clean and {splits} both split text into tokens; set only one")
        for name in ("clean", "tokenizer", "token_pattern"):
            if getattr(self, name):
                self.refuse(("whitespace",), f"with {name}, which splits text into tokens")
        if self.numbers != "keep" and not self.clean:
            raise ValueError(
                f"numbers={self.numbers} has no effect without clean; set clean too, or leave "
                "numbers out"
            )

    def _check_tokenizer(self) -> None:
        tokenizer = self.tokenizer
        if tokenizer is None or callable(tokenizer):
            return
        if not isinstance(tokenizer, str):
            raise ValueError(
                f"tokenizer={tokenizer} is not a function; pass a function, or its name as "
                "module:function"
            )
        if not re.fullmatch(r"[^:]+:[^:]+", tokenizer):
            raise ValueError(
                f"tokenizer={tokenizer} does not name a function; write it as module:function"
            )

    def _check_pattern(self) -> None:
        pattern = self.token_pattern
        try:
            groups = re.compile(pattern or "").groups
        except re.error as error:
            raise ValueError(
                f"token_pattern={pattern} is not a valid regular expression: {error}"
            ) from None
        if groups > 1:
            raise ValueError(
                f"token_pattern={pattern} has {groups} groups, but a token is one match; "
                "write the groups as (?:...)"
            )

    def describe(self) -> dict[str, Any]:
        """Return the options that differ from their defaults, for JSON; a function as its name."""
        options = self.model_dump(exclude_defaults=True)
        options |= {name: list(options[name]) for name in ("include", "exclude") if name in options}
        if callable(self.tokenizer):
            options["tokenizer"] = name_of(self.tokenizer)
        return options


class TrainConfig(Options):
    """Options of training."""

    preset: Literal["fast", "default", "best"] = "default"
    """Set of options, each of which can also be given by itself. fast: the options of gensim (5
    epochs, alpha 0.025, sample 0.001, 5 negative samples). best: better vectors in about four times
    as long (15 epochs, alpha 0.025, sample 0.0001, 10 negative samples, postprocess mean)."""
    objective: Literal["negative", "softmax", "hierarchical", "hierarchical+negative"] = "negative"
    """Training objective (Mikolov et al. 2013a, 2013b). negative: negative sampling, the usual
    choice. softmax: full softmax, exact but slow, because a step scores every word. hierarchical:
    hierarchical softmax over a Huffman tree. hierarchical+negative: both (hs=1 in gensim)."""
    architecture: Literal["skipgram", "cbow"] = "skipgram"
    """What predicts what (Mikolov et al. 2013a). skipgram: the centre word predicts each context
    word. cbow: the mean of the context words predicts the centre word."""
    cbow_context: Literal["mean", "word2vec", "sum"] = "mean"
    """How CBOW combines the context words. mean: their mean; each word receives its share of the
    gradient. word2vec: their mean; each word receives the full gradient (word2vec.c; gensim's
    cbow_mean=1). sum: their sum; each word receives its share of the gradient (gensim's
    cbow_mean=0)."""
    optimizer: Literal["sgd", "adagrad", "adam"] = "sgd"
    """Stochastic gradient descent (sgd), AdaGrad (Duchi et al. 2011) or Adam (Kingma and Ba
    2015). AdaGrad doubles the memory that vectors take in training, Adam triples it."""
    vector_size: Annotated[int, Field(ge=1, le=4096)] = 100
    """Dimensions of the word vectors. 100 to 300 is usual (Mikolov et al. 2013a)."""
    window: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    """Words on each side of the centre word that are its context. Small windows capture syntax,
    large windows capture topic; 5 to 10 is usual."""
    window_left: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    """Words before the centre word that are its context. Defaults to `window`."""
    window_right: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    """Words after the centre word that are its context. Defaults to `window`."""
    shrink_windows: bool = True
    """Draw the size of each window uniformly from 1 to its maximum, so that near words count more
    (Mikolov et al. 2013a). If the sides differ, each is drawn separately."""
    negative: Annotated[int, Field(ge=1, le=64)] = 5
    """Negative samples for each pair (k). 5 to 20 is usual for small corpora, 2 to 5 for large
    ones (Mikolov et al. 2013b)."""
    negative_sharing: Literal["group", "window", "pair"] = "group"
    """Which pairs share negative samples. group: the pairs of up to 4 neighbouring windows
    (fastest). window: the pairs of one window. pair: each pair draws its own, as in word2vec.c. A
    group of 4 windows draws 8 samples if `negative` is 5, and each counts 5/8. Groups are smaller
    for a large `window` or `negative`; with 11 or more words on each side, or 11 or more
    negative samples, each window is a group of its own. CBOW does not use this option."""
    step_per: Literal["window", "word"] = "window"
    """What a step of skip-gram trains: all context words of a window or group of windows (window),
    or one context word, as in word2vec.c (word). word takes about twice as long. It gives better
    vectors for random walks over a small graph, but not for text."""
    ns_exponent: Annotated[float, Field(ge=-2, le=2)] = 0.75
    """Draw negative samples in proportion to count^ns_exponent. 0 draws all words equally often,
    1 in proportion to their counts; 0.75 is the value of Mikolov et al. 2013b."""
    sample: Annotated[float, Field(ge=0, le=1)] = 1e-3
    """Threshold for subsampling frequent words. A word that makes up a fraction f of the corpus
    is kept with probability sqrt(sample/f) + sample/f (word2vec.c; Mikolov et al. 2013b). 0 keeps
    all words."""
    min_count: Annotated[int, Field(ge=1)] = 5
    """Ignore words that occur fewer times than this."""
    max_vocab: Annotated[int | None, Field(ge=2, le=2**31 - 2)] = None
    """Keep only this many words, the most frequent ones. Defaults to all words."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 5
    """Passes over the corpus."""
    batch: Annotated[int, Field(ge=1, le=1024)] = 128
    """Centre words in a step of full softmax, drawn at random from a stretch of the text; their
    gradients are summed. A larger batch needs a smaller `alpha`. The other objectives take one
    step for each window or group of windows."""
    alpha: Annotated[float, Field(gt=0, le=10)] = Field(default_factory=default_alpha)
    """Initial learning rate; it falls linearly to `min_alpha`. Defaults to 0.025 for SGD
    (word2vec.c), 0.1 for AdaGrad and 0.01 for Adam; AdaGrad and Adam use twice that where windows
    train in groups. CBOW with SGD uses 0.1 if `cbow_context` is mean. Skip-gram with SGD and
    negative sampling uses up to 0.04 if fewer than 200 M words are trained over all epochs, and at
    least 1,000 different ones."""
    min_alpha: Annotated[float | None, Field(ge=0, le=10)] = None
    """Final learning rate. Defaults to alpha/10000 (word2vec.c)."""
    threads: Annotated[int, Field(ge=1, le=1024)] = Field(default_factory=available_cores)
    """Threads that scan and train. Defaults to all cores available to the process. With 1 thread,
    or with `deterministic`, the same seed gives the same vectors, bit for bit."""
    deterministic: bool = False
    """Give the same vectors for the same seed and corpus, bit for bit, with any number of threads.
    Training uses at most 2 threads then, and more memory: each has its own copy of the vectors."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of all random numbers."""
    postprocess: Literal["none", "mean"] = "none"
    """What to do with the vectors after training. mean: subtract the mean of all of them, which
    makes better vectors after long training, above all with more dimensions (Mu and Viswanath
    2018, arXiv 1702.01417). Output vectors stay as they are."""
    exact_loss: bool = False
    """Compute the loss of all pairs. By default, training on more than a million words with
    negative samples estimates it from a part of them, up to one in 8: without bias, and with an
    error of about 0.1 % in an epoch. The vectors are the same, and the held-out loss is exact."""
    validation: Annotated[float | str | None, BeforeValidator(_share_or_path)] = None
    """Measure the loss on held-out text after each epoch. Give a share of the sentences (more than
    0, up to 0.5), for example 0.01, or a file, which is read like the corpus. Words of the file
    that are not in the vocabulary are skipped. Defaults to none."""
    patience: Annotated[int | None, Field(ge=1)] = None
    """Stop when the held-out loss has not improved for this many epochs, and keep the vectors of
    the best epoch (early stopping: Prechelt 1998). Needs `validation`. The learning rate still
    falls over all `epochs`. Defaults to training all epochs."""

    @model_validator(mode="wrap")
    @classmethod
    def _with_preset(
        cls, options: dict[str, Any], make: ModelWrapValidatorHandler[TrainConfig]
    ) -> TrainConfig:
        """Add the options of the preset, without taking them for given ones."""
        preset = options.get("preset")  # not checked yet: it may be unhashable
        added = options_of(preset, options) if preset in list(PRESETS) else {}
        config = make({**added, **options})
        config.model_fields_set.difference_update(added)
        return config

    def for_corpus(self, words: int, vocabulary: int) -> TrainConfig:
        """Return the options with the default learning rate for a corpus.

        Args:
            words: the words of the corpus.
            vocabulary: the different ones.
        """
        method = (self.architecture, self.objective, self.optimizer)
        decided = {**options_of(self.preset, self.given), **self.given}
        if "alpha" in decided or method != ("skipgram", "negative", "sgd"):
            return self
        return self.model_copy(update={"alpha": alpha_for(self.epochs * words, vocabulary)})

    @model_validator(mode="after")
    def _check_together(self) -> TrainConfig:
        if self.window_left is not None and self.window_right is not None:
            self.refuse(("window",), "where window_left and window_right are both set")
        if self.window_left == self.window_right == 0:
            raise ValueError(
                "window_left=0 and window_right=0 leave no context words; one of them must be at "
                "least 1"
            )
        self.refuse(WITHOUT_EFFECT[self.objective], f"with objective={self.objective}")
        if self.patience is not None and self.validation is None:
            raise ValueError(
                f"patience={self.patience} needs held-out text; set validation, for example "
                "validation=0.01, or leave patience out"
            )
        if self.architecture == "cbow":
            self.refuse(
                ("negative_sharing", "step_per"),
                "with architecture=cbow, where each window is a single pair",
            )
        else:
            self.refuse(("cbow_context",), "with architecture=skipgram")
        if self.min_alpha is not None and self.min_alpha > self.alpha:
            raise ValueError(
                f"min_alpha={self.min_alpha} is above alpha={self.alpha}, but the learning rate "
                "falls during training; lower min_alpha or raise alpha"
            )
        return self


GROUPS = {
    name: group.__name__ for group in (TrainConfig, CorpusConfig) for name in group.model_fields
}
"""The configuration that each option belongs to."""


def split_options(options: Mapping[str, Any]) -> tuple[TrainConfig, CorpusConfig]:
    """Split options by name into those of training and those of reading the corpus.

    Raises:
        ConfigError: an option is unknown or out of its range.
    """
    reading = {name: value for name, value in options.items() if name in CorpusConfig.model_fields}
    training = {name: value for name, value in options.items() if name not in reading}
    return TrainConfig(**training), CorpusConfig(**reading)
