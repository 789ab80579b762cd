"""Requests that the explorer refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from explored import Client, explored

from skipgram.explorer.guard import HEADERS, MOST_QUERY


@pytest.fixture(scope="module")
def client(planted_model: Path) -> Iterator[Client]:
    with explored(planted_model) as client:
        yield client


def test_a_page_of_its_own_is_answered(client: Client) -> None:
    reply = client.get("")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    for name, value in HEADERS.items():
        assert reply.headers[name.lower()] == value
    assert "server" not in reply.headers
    assert client.get("api/models", Origin=f"http://{client.host}").status == 200
    assert client.get("", "HEAD").status == 200


@pytest.mark.parametrize("path", ["/", "/api/models", "/wrong/api/models", "//", "/../", "/%00"])
def test_without_the_token(client: Client, path: str) -> None:
    reply = client.raw(path)
    assert reply.status == 403
    assert "skipgram explore" in reply.text
    token = client.base.strip("/")
    assert client.raw(f"/{token[:-1]}/").status == 403
    assert client.raw(f"/{token}x/api/models").status == 403
    assert client.raw(f"/x/../{token}/").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "null"},
    ],
)
def test_a_foreign_host_or_origin(client: Client, headers: dict[str, str]) -> None:
    assert client.get("api/models", **headers).status == 403


def test_other_methods(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.get("api/models", method, Origin=f"http://{client.host}").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "../index.html",
        "..%2fguard.py",
        "%2e%2e/guard.py",
        "page/index.html",
        "style.css/",
        "style.css%00",
        "guard.py",
        "etc/passwd",
        "//etc/passwd",
    ],
)
def test_tricks_with_paths(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status in (307, 404)
    assert "skipgram" not in reply.text
    assert "root:" not in reply.text


def test_very_long_words(client: Client) -> None:
    long = client.ask("neighbours", 400, word="x" * 2_001)
    assert long["error"] == "word has 2,001 characters; it must have at most 2,000"
    reply = client.get(f"api/neighbours?word={'x' * MOST_QUERY}")
    assert reply.status == 414
    try:
        reply = client.get(f"api/neighbours?word={'x' * 1_000_000}")
    except ConnectionError:
        pass  # it has closed the connection before all was sent
    else:
        assert 400 <= reply.status < 500
    assert client.ask("neighbours", word="a1")["word"] == "a1"  # it goes on
