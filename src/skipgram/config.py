"""Every option of training, once: its unit, range, default and source. Names are gensim's where gensim has one."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from skipgram.errors import ConfigError

ELSEWHERE = {
    "workers": "threads",
    "max_final_vocab": "max_vocab",
    "size": "vector_size",
    "iter": "epochs",
    "lr": "alpha",
}
"""What options are called by gensim, by its older versions or by fastText, where we say something else."""


ALPHA = {"sgd": 0.025, "adagrad": 0.1, "adam": 0.01}
CBOW_SGD_ALPHA = 0.1
ADAPTIVE_GROUP = 2.0
"""Learning rates unless one is given: 0.025 is word2vec.c's, the others scored best on 17 M words of English Wikipedia. AdaGrad
and Adam make a step of about the same length for a group of windows as for one, and so too few of them: at twice the rate MEN
is 63.2 instead of 59.9 with AdaGrad, 63.9 instead of 62.4 with Adam (window by window: 61.7 and 64.2)."""


WITHOUT_EFFECT = {
    "negative": ("batch",),
    "hierarchical": ("negative", "negative_sharing", "ns_exponent", "batch"),
    "softmax": ("negative", "negative_sharing", "ns_exponent", "cbow_context"),
}
"""Options that an objective does not read: one that is set to another value than its default is an error."""


GROUP = 4
"""The most windows in a group. On 17 M words of Wikipedia, d=100, window 5, k=5, 5 epochs, four windows with 8 negatives score
as well as window by window (mean of two seeds: MEN 61.8 against 61.4, WordSim-353 67.9 against 66.8, analogies 39.9 % against
40.3 %) in 0.7 of the time; with 6 negatives the analogies fall to 38.2 %, with 10 it is slower. Where there is little text,
analogies learn a little more slowly: in 2 epochs of 3 M words 6.1 % against 6.8 %, in 5 epochs of it 12.1 % against 12.7 %."""

SUMMED = 40
"""The sums of gradients at old values that a group may make: of an output row with the words of its windows, and of an input
row with twice its negatives (words and negatives may repeat). Window by window, 14 words on a side or 20 negatives train well;
four such windows at once overshoot on small vocabularies, to numbers that are not finite, and learn worse on large ones."""


def plan_group(widest: int, negative: int) -> tuple[int, int]:
    """Return how many windows of at most `widest` words share their negatives, and how many these are; `negative` is k."""
    group = max(1, min(GROUP, SUMMED // max(widest, 1), SUMMED // (2 * negative)))
    return group, math.ceil(negative * (4 + group) / 5)


def window_sides(options: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many words to the left and to the right of a centre count, with these options by name."""
    left, right = (options[f"window_{side}"] for side in ("left", "right"))
    return options["window"] if left is None else left, options[
        "window"
    ] if right is None else right


def share_negatives(options: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many windows share their negatives, and how many these are (0 where none are drawn), with these options."""
    if options["objective"] != "negative":
        return 1, 0
    if options["negative_sharing"] == "group" and options["architecture"] == "skipgram":
        return plan_group(sum(window_sides(options)), options["negative"])
    return 1, options["negative"]


def _default_alpha(given: dict[str, Any]) -> float:
    optimizer = given.get("optimizer", "sgd")
    cbow = given.get("architecture") == "cbow" and given.get("cbow_context") == "mean"
    if optimizer == "sgd":
        # The gradient of a mean is shared out among its words, so its steps are as many times smaller.
        return CBOW_SGD_ALPHA if cbow else ALPHA[optimizer]
    return ALPHA[optimizer] * (ADAPTIVE_GROUP if share_negatives(given)[0] > 1 else 1.0)


def _share_or_path(value: Any) -> Any:
    if value is None:
        return None
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    try:
        share = float(path or value)  # on the command line a share is a string, too
    except (TypeError, ValueError):
        if path:
            return path
        share = math.nan
    if not 0 < share <= 0.5:
        raise ValueError("it takes a share, more than 0 and at most 0.5, or a file")
    return share


def available_cores() -> int:
    """Return the number of CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Options(BaseModel):
    """A group of options; frozen, checked when it is made.

    Raises:
        ConfigError: an option is unknown or out of its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    @property
    def given(self) -> dict[str, Any]:
        """The options that were set explicitly, by name."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}

    def refuse(self, names: tuple[str, ...], where: str) -> None:
        """Refuse options that are not read and are set all the same, to another value than the default.

        Raises:
            ConfigError: naming the first of them, and `where` it has no effect.
        """
        for name in names:
            default = (
                type(self)
                .model_fields[name]
                .get_default(call_default_factory=True, validated_data={})
            )
            if getattr(self, name) != default:
                raise ConfigError(
                    f"{name}={getattr(self, name)} has no effect {where}; leave it out"
                )

    if not TYPE_CHECKING:  # type checkers see the options one by one

        def __init__(self, **options: Any) -> None:
            try:
                super().__init__(**options)
            except ValidationError as error:
                # The default of alpha depends on other options; where one of those is wrong, that it has none is no news.
                problems = [
                    problem
                    for problem in error.errors()
                    if problem["type"] != "default_factory_not_called"
                ]
                raise ConfigError(
                    "; ".join(_explain(type(self), problem) for problem in problems)
                ) from None


class CorpusConfig(Options):
    """What is read of a corpus, and how its text becomes words."""

    column: str | None = None
    """The column of a table (Parquet, CSV, JSON Lines, data frame) that holds the text, or lists of tokens."""
    sentence_per: Literal["line", "file"] = "line"
    """A line end ends a sentence; or only the end of a file does, or of a row of a table."""
    lowercase: bool = False
    """Turn text into lower case."""
    nfkc: bool = False
    """Bring characters that look alike into one form: Unicode NFKC."""
    tokenizer: Any = None
    """A function that takes a sentence and returns its tokens, as module:function; white space separates words by default. It
    runs in Python, at its own speed."""
    token_pattern: str | None = None
    r"""A regular expression of Python's; each match is a token, as in \w+."""

    @model_validator(mode="after")
    def _check_together(self) -> CorpusConfig:
        if self.tokenizer is not None and self.token_pattern is not None:
            raise ValueError(
                "tokenizer and token_pattern both say what a token is; give one of them"
            )
        if not (
            self.tokenizer is None or isinstance(self.tokenizer, str) or callable(self.tokenizer)
        ):
            raise ValueError(
                f"tokenizer={self.tokenizer} is no function; give one, or name it as module:function"
            )
        if isinstance(self.tokenizer, str) and not re.fullmatch(r"[^:]+:[^:]+", self.tokenizer):
            raise ValueError(
                f"tokenizer={self.tokenizer} is no function; name it as module:function"
            )
        try:
            groups = re.compile(self.token_pattern or "").groups
        except re.error as error:
            raise ValueError(
                f"token_pattern={self.token_pattern} is no regular expression: {error}"
            ) from None
        if groups > 1:
            raise ValueError(
                f"token_pattern={self.token_pattern} has {groups} groups; make them (?:...), a token is one match"
            )
        return self

    def describe(self) -> dict[str, Any]:
        """Return the options for a file in JSON; a function is told by its name."""
        options = self.model_dump(exclude_defaults=True)
        if callable(self.tokenizer):
            options["tokenizer"] = (
                f"{self.tokenizer.__module__}:{getattr(self.tokenizer, '__qualname__', self.tokenizer)}"
            )
        return options


class TrainConfig(Options):
    """The options of training."""

    objective: Literal["negative", "softmax", "hierarchical"] = "negative"
    """What is maximised: negative sampling (the usual), full softmax (exact and slow: a step costs the whole vocabulary), or
    hierarchical softmax over a Huffman tree (Mikolov et al. 2013a, 2013b)."""
    architecture: Literal["skipgram", "cbow"] = "skipgram"
    """skipgram: each word predicts each word around it; cbow: the mean of the words around predicts the word (Mikolov et al.
    2013a)."""
    cbow_context: Literal["mean", "word2vec", "sum"] = "mean"
    """What CBOW trains. mean: the mean of the words around, each of which gets its share of the mean's gradient. word2vec: the
    same mean, whose gradient goes to each word whole (word2vec.c; gensim's cbow_mean=1). sum: their sum, each of which gets its
    share of the gradient (gensim's cbow_mean=0)."""
    optimizer: Literal["sgd", "adagrad", "adam"] = "sgd"
    """How a gradient becomes a step. AdaGrad (Duchi et al. 2011) keeps one more number for each of the vectors' numbers, Adam
    (Kingma and Ba 2015) two."""
    vector_size: Annotated[int, Field(ge=1, le=4096)] = 100
    """Numbers in a word vector (d). 100 to 300 is usual (Mikolov et al. 2013a)."""
    window: Annotated[int, Field(ge=1, le=256)] = 5
    """Words on each side of the centre that count as its context. Small finds syntax, large finds topic; 5 to 10 is usual."""
    window_left: Annotated[int | None, Field(ge=0, le=256)] = None
    """Words before the centre that count as its context; as `window` by default."""
    window_right: Annotated[int | None, Field(ge=0, le=256)] = None
    """Words after the centre that count as its context; as `window` by default."""
    shrink_windows: bool = True
    """Draw the reach of each window (of each side, if they differ) uniformly from 1 to that, so that near words count more
    (Mikolov et al. 2013a)."""
    negative: Annotated[int, Field(ge=1, le=64)] = 5
    """Negatives for each pair (k): 5 to 20 for small corpora, 2 to 5 for large ones (Mikolov
    et al. 2013b)."""
    negative_sharing: Literal["group", "window", "pair"] = "group"
    """Draw negatives once for a group of up to 4 neighbouring windows (1.6 k of them for 4, which count as k; fastest), once
    for all pairs of a window, or afresh for each pair, as word2vec.c does. Groups are smaller where window or negative is
    large, and of one window from 11 words on a side or 11 negatives on; CBOW has none."""
    ns_exponent: Annotated[float, Field(ge=-2, le=2)] = 0.75
    """Negatives are drawn in proportion to count^ns_exponent: 0 uniform, 1 as in the text (Mikolov et al. 2013b: 0.75)."""
    sample: Annotated[float, Field(ge=0, le=1)] = 1e-3
    """Frequent words are randomly dropped: one with the share f of the corpus stays with probability sqrt(sample/f) + sample/f,
    if that is under 1 (word2vec.c; Mikolov et al. 2013b). 0 drops none."""
    min_count: Annotated[int, Field(ge=1)] = 5
    """Ignore words that occur less often."""
    max_vocab: Annotated[int | None, Field(ge=2, le=2**31 - 2)] = None
    """Keep only so many of the most frequent words; none by default."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 5
    """Passes over the corpus."""
    batch: Annotated[int, Field(ge=1, le=1024)] = 128
    """Centres whose gradients are summed to one step of full softmax, drawn at random from a stretch of the text; a larger
    batch wants a smaller alpha. The other objectives make a step for each window."""
    alpha: Annotated[float, Field(gt=0, le=10)] = Field(default_factory=_default_alpha)
    """Learning rate at the start; falls linearly with the words done to min_alpha. Unless given, 0.025 for SGD (word2vec.c),
    0.1 for CBOW with SGD (0.025 unless cbow_context is mean) and for AdaGrad, 0.01 for Adam, twice that for both where windows
    train in groups."""
    min_alpha: Annotated[float | None, Field(ge=0, le=10)] = None
    """Learning rate at the end; alpha/10000 by default (word2vec.c)."""
    threads: Annotated[int, Field(ge=1, le=1024)] = Field(default_factory=available_cores)
    """Threads that scan and train; all cores this process may use by default. With 1 a seed gives the same bits again."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Start of all randomness."""
    validation: Annotated[float | str | None, BeforeValidator(_share_or_path)] = None
    """Text that is not trained and whose loss is measured after each epoch: a share of the sentences of the corpus, such as
    0.01, at most 0.5; or a file, read as the corpus is, without the words that the corpus does not hold. None by default."""
    patience: Annotated[int | None, Field(ge=1)] = None
    """Stop when the held-out loss has not improved for so many epochs, and give back the vectors of the best one. The learning
    rate falls over all `epochs` all the same (early stopping: Prechelt 1998). None, to train all epochs, by default."""

    @model_validator(mode="after")
    def _check_together(self) -> TrainConfig:
        if self.window_left is not None and self.window_right is not None:
            self.refuse(("window",), "where window_left and window_right are both given")
        if self.window_left == self.window_right == 0:
            raise ValueError(
                "window_left=0 and window_right=0 leave no context; let one of them be at least 1"
            )
        self.refuse(WITHOUT_EFFECT[self.objective], f"with objective={self.objective}")
        if self.patience is not None and self.validation is None:
            raise ValueError(
                f"patience={self.patience} needs held-out text to go by; give validation, as in validation=0.01, or leave "
                "patience out: train alone stops early, tune and pmi do not"
            )
        if self.architecture == "cbow":
            self.refuse(
                ("negative_sharing",), "with architecture=cbow, whose windows are one pair each"
            )
        else:
            self.refuse(("cbow_context",), "with architecture=skipgram")
        if self.min_alpha is not None and self.min_alpha > self.alpha:
            raise ValueError(
                f"min_alpha={self.min_alpha} is above alpha={self.alpha}, from which the rate falls; lower it"
            )
        return self


def split_options(options: Mapping[str, Any]) -> tuple[TrainConfig, CorpusConfig]:
    """Return options by name as those of training and those of reading the corpus.

    Raises:
        ConfigError: an option is unknown or out of its range.
    """
    reading = {name: value for name, value in options.items() if name in CorpusConfig.model_fields}
    return TrainConfig(
        **{name: value for name, value in options.items() if name not in reading}
    ), CorpusConfig(**reading)


def read_config_file(path: Path) -> dict[str, Any]:
    """Return the options in a TOML file, as for `split_options`; dashes in names are as good as underscores.

    Raises:
        ConfigError: the file cannot be read or is not TOML, or an option in it is unknown or out of range.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"configuration file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration file {path} is not TOML: {error}") from error
    options = {name.replace("-", "_"): value for name, value in table.items()}
    try:
        split_options(options)
    except ConfigError as error:
        raise ConfigError(f"configuration file {path}: {error}") from None
    return options


def _explain(group: type[Options], problem: Any) -> str:
    """Say in one line which option is wrong, what it was given and what it takes."""
    name = ".".join(map(str, problem["loc"]))
    said = problem.get("ctx", {}).get("error")
    if not name:  # options that do not go together
        return str(said)
    if problem["type"] == "extra_forbidden":
        hint = f" (here it is {ELSEWHERE[name]})" if name in ELSEWHERE else ""
        return f"unknown option {name!r}{hint}; the options are {', '.join(_names())}"
    return f"{name}={problem['input']} is not allowed: {said or _allowed(group, name) or problem['msg']}"


def _names() -> list[str]:
    return sorted([*TrainConfig.model_fields, *CorpusConfig.model_fields])


def _allowed(group: type[Options], name: str) -> str:
    """Return the range of an option in words."""
    field = group.model_fields.get(name)
    if field is None:
        return ""
    if get_origin(field.annotation) is Literal:
        return f"it takes {', '.join(get_args(field.annotation))}"
    words = {"Ge": "at least", "Gt": "more than", "Le": "at most", "Lt": "less than"}
    bounds = [
        f"{words[type(bound).__name__]} {getattr(bound, type(bound).__name__.lower())}"
        for bound in field.metadata
        if type(bound).__name__ in words
    ]
    kind = (
        "a whole number"
        if "int" in str(field.annotation)
        else "true or false"
        if field.annotation is bool
        else "a number"
    )
    return " ".join([f"it takes {kind}", " and ".join(bounds)]).strip()
