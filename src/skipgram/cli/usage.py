"""How an error is worded on the command line: with its options, help and exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args, get_origin

from cyclopts import App, Argument, CoercionError, CycloptsError, MissingArgumentError
from cyclopts.exceptions import (
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)
from pydantic import ValidationError

from skipgram.cli.options import UsageError
from skipgram.errors import ConfigError, SkipgramError
from skipgram.wording import ELSEWHERE, describe_choice, nearest

FAILED = 1
WRONG_USAGE = 2

_WITHOUT_PATIENCE = {"tune", "pmi"}
"""Commands that take the options of training but never stop early."""

_BEFORE = r"(?<![\w/.\\'\"=-])"
_AFTER = r"(?![\w/=-]|\.\w)"
_VERBS = r"(?:is|are|and|or|has|needs|adds|cannot|both)"
_REMEDIES = r"(?:lower|raise|set|leave|leave out|give|use)"
_JOINED = r"(?: \([^()]* now\))?(?:, or| or| and|,)(?: set)? "

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "cbow": {"1": "cbow", "0": "skipgram"},
    "cbow_mean": {"1": "mean", "0": "sum"},
    "hs": {"1": "hierarchical", "0": "negative"},
    "loss": {"ns": "negative", "hs": "hierarchical", "softmax": "softmax"},
    "sg": {"1": "skipgram", "0": "cbow"},
    "skipgram": {"1": "skipgram", "0": "cbow"},
}
"""Our value for each value of an option in `ELSEWHERE`; "1" if it is given without a value."""

_POSITIONAL = {
    "target": ("the file", {"o", "out", "output"}),
    "corpus": ("the text", {"corpus", "file", "input", "text", "train"}),
}
"""Arguments without an option: what they are, and options that are tried for them."""


class Failure(NamedTuple):
    """An error as the command line reports it."""

    kind: str
    message: str
    code: int

    def as_dict(self) -> dict[str, dict[str, str | int]]:
        """Return the error for JSON."""
        return {
            "error": {"type": self.kind, "message": self.message, "exit_code": self.code},
        }


def failure_of(
    error: CycloptsError | UsageError | SkipgramError, app: App, arguments: Sequence[str]
) -> Failure:
    """Return how the command line reports an error of its arguments or of skipgram."""
    if isinstance(error, CycloptsError):
        if isinstance(error.__cause__, ValidationError):
            message = "; ".join(_problems(error.__cause__))
            if message.startswith("patience=") and arguments[0] in _WITHOUT_PATIENCE:
                message = f"patience has no effect with {arguments[0]}; leave it out"
            return Failure("ConfigError", in_options(message, app, arguments), WRONG_USAGE)
        error = UsageError(describe(error, app, arguments))
    message = " ".join(str(error).split())
    if isinstance(error, UsageError):
        return Failure("UsageError", f"{message} {_see_help(app, arguments)}", WRONG_USAGE)
    code = WRONG_USAGE if isinstance(error, ConfigError) else FAILED
    return Failure(type(error).__name__, in_options(message, app, arguments), code)


def _problems(error: ValidationError) -> list[str]:
    return [str(problem.get("ctx", {}).get("error", problem["msg"])) for problem in error.errors()]


def refuse_single_dashes(app: App, arguments: Sequence[str]) -> None:
    """Reject options of one dash, as in word2vec.c. `-output x` would be read as `-o utput x`."""
    known = set(_option_names(app, arguments).values())
    for argument in arguments:
        if argument.startswith("-o") and f"-{argument}" in known:
            raise UsageError(f"{argument} is not an option; write -{argument}")


def describe(error: CycloptsError, app: App, arguments: Sequence[str]) -> str:
    """Say what is wrong with the arguments of a command."""
    name = _command(app, arguments)
    if isinstance(error, MissingArgumentError) and error.argument:
        return _missing(error.argument, error.unused_tokens or (), arguments)
    if isinstance(error, UnknownCommandError) and arguments[0].startswith("-"):
        return f"{arguments[0]} is not an option of skipgram{_hint(arguments[0], app, arguments)}"
    if isinstance(error, UnknownOptionError):
        option = (error.token.keyword or error.token.value).partition("=")[0]
        hint = _hint(option, app, arguments)
        return f"{option} is not an option of {name or 'skipgram'}{hint}"
    if isinstance(error, RepeatArgumentError):
        return f"{error.token.keyword} is given more than once; give it once"
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f"unexpected argument {error.unused_tokens[0]!r}; leave it out"
    if (
        isinstance(error, CoercionError)
        and error.token
        and get_origin(error.target_type) is Literal
    ):
        option = error.token.keyword or (_label(error.argument) if error.argument else "the value")
        return describe_choice(option, error.token.value, get_args(error.target_type))
    return str(error)


def _missing(argument: Argument, unused: Sequence[str], arguments: Sequence[str]) -> str:
    if given := [name for name in argument.names if name in arguments]:
        return f"{given[0]} needs a value"
    options = [each for each in unused if each.startswith("--")]
    if near := _nearest(argument.name, options):
        return f"{near} is not an option of {arguments[0]}; did you mean {argument.name}?"
    what = (argument.parameter.help or "a value").partition(". ")[0].rstrip(".")
    article = "" if re.match("(a|an|the|files|words)\\b", what, re.IGNORECASE) else "the "
    return f"{_label(argument)} is missing; give {article}{what[0].lower()}{what[1:]}"


def _label(argument: Argument) -> str:
    positional = argument.field_info.is_positional
    return argument.name.lstrip("-").upper() if positional else argument.name


def _hint(option: str, app: App, arguments: Sequence[str]) -> str:
    """Name what was probably meant: an option of other tools, an argument, or a similar option."""
    names = _option_names(app, arguments)
    name = option.lstrip("-").replace("-", "_")
    if found := _our_name(name, _value_of(option, arguments), names):
        return found
    if found := _as_argument(name, app, arguments):
        return found
    flags = [flag for argument in _arguments(app, arguments) for flag in argument.names]
    near = _nearest(option, [flag for flag in flags if flag.startswith("--")] if names else app)
    return f"; did you mean {near}?" if near else ""


def _our_name(name: str, value: str, names: Mapping[str, str]) -> str:
    """Return a hint at our option for one of another tool, and at its value if that differs."""
    if name not in ELSEWHERE or ELSEWHERE[name] not in names:
        return ""
    ours = names[ELSEWHERE[name]]
    choice = _CHOICES.get(name, {}).get(value)
    return f"; write {ours} {choice}" if choice else f"; its name here is {ours}"


def _value_of(option: str, arguments: Sequence[str]) -> str:
    """Return the value that an option is given, or "1" if it is given none."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    following = words[words.index(option) + 1 :][:1] if option in words else []
    return "1" if not following or following[0].startswith("-") else following[0]


def _as_argument(name: str, app: App, arguments: Sequence[str]) -> str:
    """Return a hint at the argument for which an option was tried."""
    places = [each for each in _arguments(app, arguments) if each.field_info.is_positional]
    for number, each in enumerate(places):
        what, options = _POSITIONAL.get(each.field_info.name, ("", set()))
        if name in options:
            usage = " ".join(["skipgram", arguments[0], *map(_label, places)])
            return f"; give {what} as the {('first', 'second')[number]} argument: {usage}"
    return ""


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the most similar of the known names, or ""; dashes do not count."""
    bare = {each.lstrip("-"): each for each in known}
    return bare.get(nearest(name.lstrip("-"), bare), "")


def in_options(message: str, app: App, arguments: Sequence[str]) -> str:
    """Return a message with the Python arguments in it replaced by options of the command."""
    if message.startswith("configuration file "):  # its options are written as in Python
        return message
    message = re.sub(r" \(in Python, [^()]*\)", "", message)
    names = _option_names(app, arguments)
    if not names:
        return message
    own = [each for each in arguments if not each.isidentifier() and any(n in each for n in names)]
    for number, argument in enumerate(own):  # such as a path with "window=5" in its name
        message = message.replace(argument, f"\0{number}\0")
    message = _translate(message, names)
    return re.sub("\0(\\d+)\0", lambda found: own[int(found[1])], message)


def _translate(message: str, names: Mapping[str, str]) -> str:
    either = f"({'|'.join(sorted(names, key=len, reverse=True))})"
    joined = f"({'|'.join(sorted((n for n in names if '_' in n), key=len, reverse=True)) or '_'})"

    def option(found: re.Match[str]) -> str:
        return found[0].replace(found[1], names[found[1]])

    def switch(found: re.Match[str]) -> str:
        return names[found[1]] if found[2] == "True" else f"no {names[found[1]]}"

    message = re.sub(rf"{_BEFORE}{either}=(True|False|None)\b", switch, message)
    message = re.sub(
        rf"{_BEFORE}{either}=\"?(\w*)\"?", lambda found: f"{names[found[1]]} {found[2]}", message
    )
    message = re.sub(rf"`{either}`", lambda found: names[found[1]], message)
    message = re.sub(rf"{_BEFORE}{joined}{_AFTER}", option, message)
    message = re.sub(rf"(?:^|(?<=[;:.] )){either}(?=,| {_VERBS}\b)", option, message)
    message = re.sub(rf"(?<!-){_REMEDIES} {either}{_AFTER}", _last(names), message)
    before = ""
    while before != message:
        before = message
        message = re.sub(rf"--[\w-]+{_JOINED}{either}{_AFTER}", _last(names), message)
    return re.sub(r"(--[\w-]+(?: \w+)?) \(\1\)", r"\1", message)


def _last(names: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    """Return a replacement of the name that ends a match."""
    return lambda found: f"{found[0].removesuffix(found[1])}{names[found[1]]}"


def _option_names(app: App, arguments: Sequence[str]) -> dict[str, str]:
    """Return the options of the command by their names in Python."""
    names = {}
    for argument in _arguments(app, arguments):
        if argument.field_info.is_positional and not argument.keys:
            continue
        name = argument.keys[-1] if argument.keys else argument.field_info.name
        name = "which" if name == "vectors" else name
        names[name] = argument.name
    return names


def _arguments(app: App, arguments: Sequence[str]) -> Sequence[Argument]:
    name = _command(app, arguments)
    return app[name].assemble_argument_collection() if name else ()


def _command(app: App, arguments: Sequence[str]) -> str:
    """Return the command that the arguments name, or "" if there is no such command."""
    name = arguments[0] if arguments else ""
    return name if name and not name.startswith("-") and name in app else ""


def _see_help(app: App, arguments: Sequence[str]) -> str:
    name = _command(app, arguments)
    return f"(see: skipgram {name} --help)" if name else "(see: skipgram --help)"
