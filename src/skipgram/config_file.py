"""Options in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skipgram.config import GROUPS, split_options
from skipgram.encodings import text_of
from skipgram.errors import ConfigError
from skipgram.regular_files import read_whole
from skipgram.wording import ELSEWHERE, describe_unknown

_MOST_DOTS = 1000
"""Dots in a line: reading a key of 40,000 parts, a.b.c..., took 2 GB and minutes."""


def read_config_file(path: Path, also: Sequence[str] = ()) -> dict[str, Any]:
    """Return the options in a TOML file, by name. Names may be written with dashes.

    Args:
        path: the file.
        also: names that the file may set besides the options of `TrainConfig` and `CorpusConfig`.
            Their values are returned unchecked.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or sets an option that is unknown or out
            of its range.
    """
    try:
        text = text_of(read_whole(path))
        if max(line.count(".") for line in text.split("\n")) > _MOST_DOTS:
            raise ValueError(f"a line has more than {_MOST_DOTS:,} dots")
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"configuration file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"configuration file {path} is not UTF-8; convert it to UTF-8") from error
    except RecursionError as error:
        raise ConfigError(
            f"configuration file {path} has a value that is nested too deeply; options take "
            "numbers, strings and lists"
        ) from error
    except ValueError as error:  # not TOML, or a number of over 4,300 digits
        raise ConfigError(f"configuration file {path} is not TOML: {error}") from error
    options = {name.replace("-", "_"): value for name, value in table.items()}
    try:
        if unknown := [name for name in options if name not in {*GROUPS, *also}]:
            raise ConfigError(describe_unknown(unknown, {*GROUPS, *also}, ELSEWHERE))
        split_options({name: value for name, value in options.items() if name not in also})
    except ConfigError as error:
        raise ConfigError(f"configuration file {path}: {error}") from None
    return options
