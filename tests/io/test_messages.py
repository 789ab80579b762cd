from __future__ import annotations

import io

import pytest

from skipgram.io.messages import UnfailingStream


class _Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_cannot_be_written_is_dropped(is_closed: bool) -> None:
    broken = _Full()
    if is_closed:
        broken.close()
    stream = UnfailingStream(broken)
    print("a", file=stream, flush=True)
    assert not stream.isatty()


def test_all_else_is_that_of_the_stream() -> None:
    text = io.StringIO()
    stream = UnfailingStream(text)
    assert stream.write("a\n") == 2
    stream.flush()
    assert text.getvalue() == "a\n"
    assert not stream.isatty()
