"""The explorer in a real browser: every function of the page is used as a person would.

Screenshots are left in build/screenshots; `make gallery` copies those of the documentation.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Page, browsing
from explored import Client, explored

import skipgram
from skipgram import quickstart
from skipgram.explorer.alone import map_page
from skipgram.word_map import make_map

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
PHONE = {"width": 390, "height": 844}

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models of Python's documentation, with logs of their trainings."""
    folder = tmp_path_factory.mktemp("models")
    sentences = list(quickstart.sentences())
    found = []
    for name, more in (("python-docs", {}), ("first-half", {"seed": 2})):
        run = folder / f"{name}-run"
        text = sentences if name == "python-docs" else sentences[: len(sentences) // 2]
        options: dict[str, Any] = {**quickstart.OPTIONS, "epochs": 8, **more}
        skipgram.train(text, run_directory=run, progress=False, **options)
        shutil.move(run / "model", folder / name)
        found.append(folder / name)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def client(models: list[Path]) -> Iterator[Client]:
    with explored(*models) as client:
        yield client


@pytest.fixture
def visit(browser: Any, client: Client) -> Iterator[Open]:
    """Open the page, at a part of its address; in the end, it must have had no problem."""
    pages: list[Page] = []

    def visit(part: str = "", address: str = client.serving.address, **options: Any) -> Page:
        opened = Page(browser, address + part, **options)
        pages.append(opened)
        return opened

    yield visit
    for each in pages:
        each.context.close()
        assert each.problems == []


def ready(page: Any, layout: str = "umap") -> Any:
    """Wait for a layout of the map, and return the page."""
    page.wait_for_selector(f"body[data-layout={layout}]", timeout=120_000)
    return page


def shot(page: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(150)  # for the last frame
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def view(page: Any) -> dict[str, float]:
    """Return the middle of the map and its zoom."""
    found: dict[str, float] = page.evaluate("document.getElementById('map').wordMap.view")
    return found


def place(page: Any, word: str) -> tuple[float, float]:
    """Return where a word of the map is on the screen."""
    x, y = page.evaluate(
        "(word) => { const map = document.getElementById('map').wordMap;"
        "return map.placeOf(map.data.words.indexOf(word)); }",
        word,
    )
    box = page.locator("#map").bounding_box()
    return box["x"] + x, box["y"] + y


def state(page: Any) -> str:
    found: str = page.evaluate("location.hash")
    return found


def bars(page: Any) -> list[str]:
    found: list[str] = page.locator("#panel .bars .word").all_text_contents()
    return found


def test_the_map_appears_and_becomes_that_of_umap(visit: Open) -> None:
    page = visit().page
    page.wait_for_selector("body[data-first-map]")
    assert "UMAP" in page.locator("#map-status").text_content()
    ready(page)
    assert page.locator("#map-status").text_content() == "2,000 words, UMAP."
    assert int(page.locator("#map").get_attribute("data-labels")) > 60
    assert page.locator("#legend li").count() == 12
    shot(page, "map")


def test_zoom_and_pan(visit: Open) -> None:
    page = ready(visit().page)
    whole = view(page)
    page.click("#zoom-in")
    assert view(page)["zoom"] == pytest.approx(1.4 * whole["zoom"])
    page.click("#zoom-out")
    assert view(page)["zoom"] == pytest.approx(whole["zoom"])
    box = page.locator("#map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(100)
    assert view(page)["zoom"] > 1.5
    before = view(page)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1] + 40, steps=4)
    page.mouse.up()
    assert view(page)["x"] < before["x"]
    assert view(page)["y"] > before["y"]
    page.click("#zoom-all")
    page.wait_for_timeout(100)
    assert view(page) == {"x": 0, "y": 0, "zoom": 1}
    page.focus("#map")
    for key, name, sign in (
        ("ArrowRight", "x", 1),
        ("ArrowUp", "y", 1),
        ("ArrowLeft", "x", -1),
        ("ArrowDown", "y", -1),
        ("+", "zoom", 1),
        ("-", "zoom", -1),
    ):
        before = view(page)
        page.keyboard.press(key)
        assert (view(page)[name] - before[name]) * sign > 0, key
    page.keyboard.press("0")
    page.wait_for_timeout(100)
    assert view(page) == {"x": 0, "y": 0, "zoom": 1}


def test_search_with_completion(visit: Open) -> None:
    page = ready(visit().page)
    page.keyboard.press("/")
    page.keyboard.type("str")
    page.wait_for_selector("#completions li")
    words = page.locator("#completions li").all_text_contents()
    assert words[0].startswith("str")
    shot(page, "search")
    page.keyboard.press("ArrowDown")
    assert page.locator("#completions [aria-selected=true]").text_content() == words[0]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    assert page.locator("#completions").is_hidden()
    page.fill("#search", "string")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == "string"
    assert page.locator("#completions").is_hidden()
    assert "strings" in bars(page)
    assert "word=string" in state(page)
    page.wait_for_timeout(100)
    x, y = place(page, "string")
    box = page.locator("#map").bounding_box()
    assert abs(x - box["x"] - box["width"] / 2) < 2  # it is in the middle
    assert abs(y - box["y"] - box["height"] / 2) < 2
    shot(page, "word")


def test_a_completion_is_clicked(visit: Open) -> None:
    page = ready(visit().page)
    page.fill("#search", "director")
    page.locator("#completions li", has_text="directory").first.click()
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == "directory"


def test_a_point_is_clicked(visit: Open) -> None:
    page = ready(visit().page)
    page.evaluate("document.getElementById('map').wordMap.centre(12)")
    word = page.evaluate("document.getElementById('map').wordMap.data.words[12]")
    page.wait_for_timeout(100)
    page.mouse.move(*place(page, word))
    page.wait_for_selector(".tip:not([hidden])")
    assert page.locator(".tip").text_content().startswith(f"{word} · ")
    page.mouse.click(*place(page, word))
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == word
    near = bars(page)[0]
    page.click("#panel .bars .word >> nth=0")
    page.locator("#panel h2", has_text=near).wait_for()
    page.click("#legend .word >> nth=0")
    page.locator("#panel h2", has_text=near).wait_for(state="detached")


def test_questions(visit: Open) -> None:
    page = ready(visit().page)
    page.click("#tab-ask")
    forms = page.locator("form.question")
    assert forms.count() == 4
    for name, word in (("a", "list"), ("b", "lists"), ("c", "string")):
        page.fill(f"#field-{name}", word)
    page.keyboard.press("Enter")
    forms.nth(0).locator(".bars").wait_for()
    assert "strings" in forms.nth(0).locator(".word").all_text_contents()[:5]
    page.fill("#field-sum", "lists - list + string")
    forms.nth(1).locator("button[type=submit]").click()
    forms.nth(1).locator(".bars").wait_for()
    assert "strings" in forms.nth(1).locator(".word").all_text_contents()[:5]
    page.fill("#field-pair", "file directory red")
    forms.nth(2).locator("button[type=submit]").click()
    forms.nth(2).locator(".bars").wait_for()
    assert forms.nth(2).locator(".bars li").count() == 3
    page.fill("#field-odd", "red blue green file")
    forms.nth(3).locator("button[type=submit]").click()
    forms.nth(3).locator(".answer").wait_for()
    assert forms.nth(3).locator(".answer").text_content() == "file fits least."
    shot(page, "questions")
    page.reload()  # the questions are in the address
    forms.nth(3).locator(".answer").wait_for()
    assert page.input_value("#field-sum") == "lists - list + string"


def test_unknown_words(visit: Open) -> None:
    page = ready(visit().page)
    page.fill("#search", "strng")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .problem")
    problem = page.locator("#panel .problem").first  # one for each model
    assert "no vector for the word 'strng'" in problem.text_content()
    shot(page, "unknown-word")
    page.click("#panel .problem .word >> nth=0")
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() in ("string", "strings", "strong")
    page.click("#tab-ask")
    page.fill("#field-odd", "red blue")
    page.locator("form.question").nth(3).locator("button").click()
    page.locator("form.question").nth(3).locator(".problem").wait_for()


def test_controls_of_the_map(visit: Open) -> None:
    page = ready(visit("#layout=pca").page, "pca")
    page.select_option("#top", "500")
    page.locator("#map-status", has_text="500 words, PCA").wait_for()
    page.select_option("#colour", "frequency")
    assert page.locator("#legend").is_hidden()
    shot(page, "frequency")
    page.select_option("#vectors", "output")
    page.wait_for_timeout(300)
    assert all(part in state(page) for part in ("top=500", "colour=frequency", "vectors=output"))
    page.fill("#search", "string")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .bars")
    by_output = bars(page)
    page.select_option("#vectors", "average")
    page.wait_for_timeout(500)
    assert bars(page) != by_output
    page.select_option("#layout", "umap")
    ready(page)


def test_the_address_holds_the_view(visit: Open) -> None:
    page = ready(visit("#word=thread&tab=word&top=1000&colour=frequency&layout=pca").page, "pca")
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == "thread"
    assert page.input_value("#top") == "1000"
    page.reload()
    ready(page, "pca")
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == "thread"
    nonsense = visit("#tab=nothing&model=9&vectors=x&layout=pca").page
    ready(nonsense, "pca")
    assert nonsense.locator("[aria-selected=true][role=tab]").text_content() == "Word"


def test_two_models(visit: Open) -> None:
    page = ready(visit("#layout=pca").page, "pca")
    page.click("#tab-compare")
    page.wait_for_selector("#panel table", timeout=120_000)
    assert page.locator("#panel tbody tr").count() == 200
    shot(page, "compare")
    word = page.locator("#panel tbody .word").first.text_content()
    page.click("#panel tbody .word >> nth=0")
    page.locator("#panel h2", has_text=word).wait_for()
    assert page.locator("#panel .columns > div").count() == 2
    page.fill("#search", "string")
    page.keyboard.press("Enter")
    page.locator("#panel .marked").first.wait_for()
    assert "are in both models" in page.locator("#panel").text_content()
    shot(page, "two-models")
    page.select_option("#model", "1")
    page.wait_for_timeout(300)
    assert "model=1" in state(page)


def test_what_the_model_is(visit: Open) -> None:
    page = ready(visit("#layout=pca").page, "pca")
    page.click("#tab-model")
    page.locator(".chart .plot-container").nth(2).wait_for()
    text = page.locator("#panel").text_content()
    assert "skip-gram with negative sampling" in text
    assert "The vocabulary covers " in text
    assert page.locator(".chart").count() == 3
    page.locator(".chart").nth(1).scroll_into_view_if_needed()
    shot(page, "model")


def test_one_step_at_a_time(visit: Open) -> None:
    page = ready(visit("#layout=pca&tab=step").page, "pca")
    page.fill("#field-sentence", "the cat sat on the mat")
    page.fill("#field-center", "sat")
    page.click("form.question button[type=submit]")
    titles = []
    for _ in range(8):
        page.wait_for_selector("#panel h3")
        titles.append(page.locator("#panel h3").text_content())
        if page.locator("button", has_text="Next").is_enabled():
            page.click("button:has-text('Next')")
    assert [title.split(" ")[0] for title in titles] == [str(n) for n in range(1, 9)]
    page.wait_for_selector(".chart .plot-container")
    assert "loss:" in page.locator("#panel").text_content()
    page.locator(".chart").scroll_into_view_if_needed()
    shot(page, "one-step")
    page.click("button:has-text('Back')")
    assert page.locator("#panel h3").text_content().startswith("7 of 8")
    page.select_option("#field-objective", "softmax")
    page.select_option("#field-window", "2")
    page.click("form.question button[type=submit]")
    page.wait_for_timeout(300)
    assert "objective=softmax" in state(page)
    assert "window=2" in state(page)
    page.fill("#field-center", "dog")
    page.click("form.question button[type=submit]")
    page.wait_for_selector("#panel .problem")


def test_dark_and_light(visit: Open) -> None:
    def back(page: Any) -> str:
        found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return found

    page = ready(visit("#word=string", color_scheme="dark").page)
    page.wait_for_selector("#panel .bars")
    assert back(page) == "rgb(15, 19, 24)"
    shot(page, "dark")
    page.click("#theme")
    assert back(page) == "rgb(255, 255, 255)"
    assert page.locator("#theme").text_content() == "Dark"


@pytest.mark.parametrize("tab", ["word", "ask", "compare", "model", "step"])
def test_a_phone(visit: Open, tab: str) -> None:
    part = f"#layout=pca&word=string&tab={tab}"
    page = ready(visit(part, viewport=PHONE, has_touch=True, is_mobile=True).page, "pca")
    if tab == "compare":
        page.wait_for_selector("#panel table", timeout=120_000)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = page.locator("#map").bounding_box()
    assert box["width"] >= PHONE["width"] - 2
    assert page.locator(".panel").bounding_box()["y"] > box["y"] + box["height"] - 1
    shot(page, f"phone-{tab}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["word", "ask", "compare", "model", "step"])
def test_accessibility(visit: Open, tab: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    part = f"#layout=pca&word=string&tab={tab}&odd=red+blue+file&at=7"
    page = ready(visit(part, color_scheme=scheme).page, "pca")
    if tab == "compare":
        page.wait_for_selector("#panel table", timeout=120_000)
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


def test_keyboard_alone(visit: Open) -> None:
    page = ready(visit("#layout=pca").page, "pca")
    page.focus("#tab-word")
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=tab][aria-selected=true]").text_content() == "Ask"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == "tab-word"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id"))
    assert {
        "search",
        "model",
        "vectors",
        "theme",
        "top",
        "layout",
        "colour",
        "map",
        "panel",
    } <= seen


def test_the_server_stops(browser: Any, models: list[Path]) -> None:
    with explored(models[0]) as client:
        opened = Page(browser, client.serving.address + "#layout=pca")
        ready(opened.page, "pca")
    opened.page.wait_for_selector("#problem:not([hidden])")
    text = opened.page.locator("#problem").text_content()
    assert text == "The explorer has stopped. Run skipgram explore again."
    opened.context.close()


def test_a_training_is_watched(
    visit: Open, tmp_path: Path, planted_sentences: list[list[str]]
) -> None:
    going_on = threading.Event()
    run = tmp_path / "run"

    def slowly(event: Any) -> None:
        if type(event).__name__ == "ChunkTrained" and not going_on.is_set():
            time.sleep(0.02)

    def train() -> None:
        skipgram.train(
            planted_sentences,
            vector_size=16,
            sample=0,
            epochs=60,
            threads=1,
            callbacks=[slowly],
            run_directory=run,
            checkpoint="20000",
            progress=False,
        )

    thread = threading.Thread(target=train)
    thread.start()
    until = time.monotonic() + 60
    while not list(run.glob("checkpoint-*")) and time.monotonic() < until:
        time.sleep(0.05)
    with explored(run) as client:
        page = visit("#layout=pca&tab=model", client.serving.address).page
        page.wait_for_selector("#training-status")
        page.locator(".chart .plot-container").nth(2).wait_for()
        first = page.locator("#training-status").text_content()
        page.wait_for_timeout(3000)
        assert page.locator("#training-status").text_content() != first  # it continues
        shot(page, "training")
        going_on.set()
        thread.join(120)
        page.wait_for_selector("#training-status", state="detached")  # the model is complete
        page.wait_for_timeout(300)
        assert page.locator("#map-status").text_content() == "40 words, PCA."
        page.context.close()  # before the server ends


def test_a_map_as_one_file(visit: Open, models: list[Path], tmp_path: Path) -> None:
    model = skipgram.load(models[0])
    found = make_map(model, top=300, method="pca")
    path = tmp_path / "map.html"
    path.write_text(map_page(found, model, "input", "python-docs"), encoding="utf-8")
    page = visit(address=f"file://{path}").page
    page.fill("#search", "string")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .bars")
    assert page.locator("#panel h2").text_content() == "string"
    shot(page, "one-file")
    page.click("#panel .bars .word >> nth=0")
    assert page.locator("#panel h2").text_content() != "string"
    page.fill("#search", "nothing at all")
    page.keyboard.press("Enter")
    assert "does not show" in page.locator("#panel").text_content()
    page.select_option("#colour", "frequency")
    page.click("#theme")
    page.click("#zoom-in")
