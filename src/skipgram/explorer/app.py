"""The requests that the explorer answers: the page and its scripts, maps, questions, events.

    /                  the page; NAME.js and style.css belong to it, plotly.js to the plot library
    /api/models        what the models are, and their curves
    /api/map           words with their places, groups and counts
    /api/layout        the places by UMAP, or the progress
    /api/complete, neighbours, analogy, arithmetic, odd, similarities, differences, explain
    /api/events        a stream of server-sent events: one for each change of a model; it also
                       tells the server that the page is open

All are GET, and all answers but files and the stream are JSON. An error of a question has the
status 400 and {"error": text, "near": similar spellings}.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import mimetypes
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from skipgram.errors import ConfigError, SkipgramError, UnknownWordError
from skipgram.explorer import answers
from skipgram.explorer.asked import Asked
from skipgram.explorer.pages import page_file, scaled_places
from skipgram.word_map import MOST_WORDS, principal_components, rows_of, with_groups

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from starlette.requests import Request

    from skipgram.embeddings import Embeddings, Which
    from skipgram.explorer.layouts import Layouts
    from skipgram.explorer.shown import Shown

PAGE = (
    "index.html",
    "style.css",
    "app.js",
    "api.js",
    "parts.js",
    "map.js",
    "panels.js",
    "charts.js",
)
"""The files of the page."""

DEFAULT_WORDS = 2_000
"""Words of the first map: labels can still be read, and UMAP takes seconds."""

_MOST_FOUND = 100
_MOST_MAPS = 16
_SECONDS_BETWEEN_LOOKS = 1.0


class Pages:
    """Counts the pages that are open.

    Attributes:
        open: how many are open now.
        seen: whether one ever was.
    """

    def __init__(self) -> None:
        self.open = 0
        self.seen = False

    def __enter__(self) -> None:
        self.open += 1
        self.seen = True

    def __exit__(self, *reason: object) -> None:
        self.open -= 1


class _View(NamedTuple):
    """What a map shows: the number and version of the model, how many words, which vectors."""

    model: int
    version: int
    top: int
    which: Which


class Explorer:
    """Answers the questions of the page.

    Args:
        shown: one model, or two.
        layouts: computes layouts.
        pages: counts the open pages.
    """

    def __init__(self, shown: Sequence[Shown], layouts: Layouts, pages: Pages) -> None:
        self._shown = shown
        self._layouts = layouts
        self._pages = pages
        self._map = functools.lru_cache(_MOST_MAPS)(self._make_map)
        self._differences = functools.lru_cache(4)(self._compare)

    def app(self) -> Starlette:
        """Return the application."""
        asked: dict[str, Callable[[Asked], Any]] = {
            "models": self.models,
            "map": self.map,
            "layout": self.layout,
            "complete": lambda asked: answers.complete(self._model(asked), asked.text("text")),
            "neighbours": lambda asked: answers.neighbours(
                self._model(asked), asked.text("word"), _found(asked), asked.which()
            ),
            "analogy": lambda asked: answers.analogy(
                self._model(asked),
                (asked.text("a"), asked.text("b"), asked.text("c")),
                _found(asked),
                asked.which(),
            ),
            "arithmetic": lambda asked: answers.arithmetic(
                self._model(asked),
                asked.words("added"),
                asked.words("subtracted"),
                _found(asked),
                asked.which(),
            ),
            "odd": lambda asked: answers.odd_one_out(
                self._model(asked), asked.words("words"), asked.which()
            ),
            "similarities": lambda asked: answers.similarities(
                self._model(asked), asked.words("words"), asked.which()
            ),
            "differences": self.differences,
            "explain": lambda asked: answers.explained(
                asked.text("sentence"),
                asked.text("center"),
                asked.text("objective"),
                asked.number("window", 1, 1, 10),
            ),
        }
        routes = [Route(f"/api/{name}", _answering(answer)) for name, answer in asked.items()]
        routes.append(Route("/api/events", self.events))
        routes += [Route(f"/{'' if name == PAGE[0] else name}", _file(name)) for name in PAGE]
        routes.append(Route("/plotly.js", _plotly))
        return Starlette(routes=routes)

    def models(self, _asked: Asked) -> dict[str, Any]:
        """Return what the models are."""
        return {
            "models": [shown.describe() for shown in self._shown],
            "most_words": MOST_WORDS,
            "default_words": DEFAULT_WORDS,
        }

    def map(self, asked: Asked) -> dict[str, Any]:
        """Return the words of a map, with places by PCA."""
        return self._map(self._view(asked))

    def layout(self, asked: Asked) -> dict[str, Any]:
        """Return places by UMAP, or the progress."""
        view, embeddings = self._view(asked), self._model(asked)

        def units() -> NDArray[np.float32]:
            return embeddings.unit_vectors(view.which)[rows_of(embeddings, None, view.top)]

        layout = self._layouts.get(view, units)
        if layout.failure:
            return {"state": "failed", "error": layout.failure}
        if layout.places is None:
            return {"state": "computing", "share": layout.share}
        return {"state": "done", **scaled_places(layout.places)}

    def differences(self, asked: Asked) -> dict[str, Any]:
        """Return the words that differ most between both models."""
        if len(self._shown) < 2:
            raise ConfigError("only one model is open; run skipgram explore MODEL MODEL2")
        versions = tuple(shown.version for shown in self._shown)
        return self._differences(asked.which(), versions)

    async def events(self, request: Request) -> Response:
        """Tell the page of every change, for as long as it is open."""

        async def stream() -> AsyncIterator[str]:
            with self._pages:
                sent: list[list[int]] = []
                while not await request.is_disconnected():
                    await run_in_threadpool(self._refresh)
                    versions = [[each.version, each.log_version] for each in self._shown]
                    # A comment finds out whether the page is still there.
                    yield f"data: {json.dumps(versions)}\n\n" if versions != sent else ":\n\n"
                    sent = versions
                    await anyio.sleep(_SECONDS_BETWEEN_LOOKS)

        return StreamingResponse(stream(), media_type="text/event-stream")

    def _refresh(self) -> None:
        for shown in self._shown:
            shown.refresh()

    def _view(self, asked: Asked) -> _View:
        number = self._number(asked)
        top = asked.number("top", DEFAULT_WORDS, 1, MOST_WORDS)
        return _View(number, self._shown[number].version, top, asked.which())

    def _number(self, asked: Asked) -> int:
        return asked.number("model", 0, 0, len(self._shown) - 1)

    def _model(self, asked: Asked) -> Embeddings:
        return self._vectors(self._number(asked))

    def _vectors(self, number: int) -> Embeddings:
        shown = self._shown[number]
        if shown.embeddings is None:
            raise ConfigError(
                f"{shown.name} has no vectors yet; they appear with the first checkpoint of its "
                "training"
            )
        return shown.embeddings

    def _make_map(self, view: _View) -> dict[str, Any]:
        embeddings = self._vectors(view.model)
        rows = rows_of(embeddings, None, view.top)
        units = embeddings.unit_vectors(view.which)[rows]
        found = with_groups(embeddings, rows, units, principal_components(units))
        return {
            "words": found.words,
            **scaled_places(found.places),
            "counts": None if found.counts is None else found.counts.tolist(),
            "groups": found.groups.tolist(),
            "names": found.names,
        }

    def _compare(self, which: Which, _versions: tuple[int, ...]) -> dict[str, Any]:
        return answers.compared(self._vectors(0), self._vectors(1), which)


def _found(asked: Asked) -> int:
    """Return how many words an answer has."""
    return asked.number("n", 15, 1, _MOST_FOUND)


def _answering(answer: Callable[[Asked], Any]) -> Callable[[Request], Response]:
    """Return an endpoint, which runs on a thread of its own."""

    def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(answer(Asked(request.query_params)))
        except UnknownWordError as error:
            return JSONResponse({"error": str(error), "near": error.near}, 400)
        except SkipgramError as error:
            return JSONResponse({"error": str(error), "near": []}, 400)

    return endpoint


def _file(name: str) -> Callable[[Request], Response]:
    """Return the endpoint of a file of the page."""
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]

    def endpoint(_request: Request) -> Response:
        return Response(page_file(name), media_type=kind)

    return endpoint


def _plotly(_request: Request) -> Response:
    return Response(plotly_script(), media_type="text/javascript")


@functools.cache
def plotly_script() -> str:
    """Return the script of the plot library, from its installed package."""
    return (importlib.resources.files("plotly") / "package_data" / "plotly.min.js").read_text(
        "utf-8"
    )
