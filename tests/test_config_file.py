"""Options in a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from skipgram.config_file import read_config_file
from skipgram.errors import ConfigError


def test_config_file(tmp_path: Path) -> None:
    path = tmp_path / "options.toml"
    path.write_text("vector-size = 50\nsample = 0.0\nshrink_windows = false\n")
    assert read_config_file(path) == {"vector_size": 50, "sample": 0.0, "shrink_windows": False}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"vector_size = 0", "vector_size is 0; it must be"),
        (b"size = 3", "unknown option 'size' .the name here is vector_size"),
        (
            b"vectr-size = 3",
            r"unknown option 'vectr_size' \(did you mean vector_size\?\)$",
        ),
        (b"output = 'model'", "unknown option 'output'"),
        (b"vector_size 3", "is not TOML"),
        (b"a." * 40_000 + b"b = 1", "a line has more than 1,000 dots"),
        (b"# caf\xe9", "is not UTF-8; convert it to UTF-8$"),
        ("\ufeffwindow = 0".encode(), "window is 0"),
    ],
)
def test_bad_config_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "options.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        read_config_file(path)
    assert str(path) in str(caught.value)


def test_config_file_with_other_names(tmp_path: Path) -> None:
    path = tmp_path / "options.toml"
    path.write_text("epochs = 1\noutput = 'model'\n")
    assert read_config_file(path, also=["output"]) == {"epochs": 1, "output": "model"}
    path.write_text("outptu = 'model'\n")
    with pytest.raises(ConfigError, match=r"'outptu' \(did you mean output\?\)"):
        read_config_file(path, also=["output"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_names_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "options.toml"
    path.write_bytes("\ufeffcolumn = 'größe'\r\nepochs = 2\r\n".encode(encoding))
    assert read_config_file(path) == {"column": "größe", "epochs": 2}


def test_missing_config_file() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read: No such file"):
        read_config_file(Path("nowhere.toml"))


@pytest.mark.parametrize(
    "value",
    ["[" * 5000, "[" * 5000 + "]" * 5000, "{a=" * 5000, "1" * 5000, "a" + ".a" * 5000 + "=1"],
)
def test_deep_or_long_values_are_an_error(value: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(f"window = {value}\n")
    with pytest.raises(ConfigError, match=r"configuration file .*c\.toml (has|is)"):
        read_config_file(tmp_path / "c.toml")
