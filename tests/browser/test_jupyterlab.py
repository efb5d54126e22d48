"""Results stored in a notebook, opened in JupyterLab and Notebook 7, without the book's style sheet."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_programs import PLACES, WAIT, serve
from nbformat.sign import NotebookNotary
from playwright.sync_api import Browser, Page
from tiny_notebooks import write_texts

from hw2utils.plotting.style import Words, sized
from hw2utils.reporting import figure, judge, note, slider
from hw2utils.reporting.quizzes import quiz
from hw2utils.reporting.records import Record

pytestmark = pytest.mark.browser

TEXT = {"fa": "ستون‌هایی با بلندی `h`.", "en": "Bars with a height of `h`."}


@sized(3, 2)
def bars(figure: Any, words: Words, value: float = 1) -> None:
    figure.subplots().bar([0, 1], [1, value])
    figure.axes[0].set_title(words["bars"])


ENTRIES = {
    "heights": {
        "caption": TEXT,
        "alt": TEXT,
        "label": {"fa": "بلندی", "en": "height"},
        "show": {"fa": "{value!s}", "en": "{value!s}"},
    },
    "bars": {"caption": TEXT, "alt": TEXT},
    "gap": {"note": {"fa": "فاصله {gap} است.", "en": "The gap is {gap}."}},
    "terms": {"bars": {"fa": "ستون‌ها", "en": "Bars"}},
}


def shown() -> list[Record]:
    """Give one of each kind of result."""
    return [
        slider("q9-heights", "q9.bars", values=[1, 2, 3], start=2),
        figure("q9-bars"),
        note("q9-gap", gap=0.5),
        judge("C-5c1", gap=[1.0, 2.0] * 5),
        quiz("q4b"),
    ]


def write_notebook(path: Path, notary: NotebookNotary | None) -> None:
    """Write a notebook that stores the results; its scripts are trusted when it is signed, by its content."""
    cells = [nbformat.v4.new_markdown_cell(f"# Results, {path.stem}")]
    for record in shown():
        output = nbformat.v4.new_output("display_data", data=record._repr_mimebundle_())
        cells.append(nbformat.v4.new_code_cell("record", outputs=[output]))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    if notary:
        notary.sign(nbformat.read(path, 4))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Put a drawing among those of the book, and its texts where cells look for them first."""
    with pytest.MonkeyPatch.context() as patch:
        module = types.ModuleType("hw2utils.plotting.q9")
        module.bars = bars  # type: ignore[attr-defined]
        patch.setitem(sys.modules, module.__name__, module)
        folder = tmp_path_factory.mktemp("book")
        write_texts(folder, "q9", **ENTRIES)
        patch.chdir(folder)
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, texts: None) -> Iterator[str]:
    """Serve two notebooks, one of them trusted, on this machine alone, and give the address."""
    root = tmp_path_factory.mktemp("jupyter")
    notebooks = root / "notebooks"
    notebooks.mkdir()
    (root / "data").mkdir()  # of the notary, who signs before the server starts
    write_notebook(notebooks / "trusted.ipynb", NotebookNotary(data_dir=str(root / "data")))
    write_notebook(notebooks / "untrusted.ipynb", None)
    with serve(root, notebooks) as address:
        yield address


@pytest.fixture
def notebook(server: str, browser: Browser) -> Iterator[Callable[[str, str], Page]]:
    """Give a function that opens a notebook in one of the two programs."""
    contexts = []

    def open_notebook(program: str, name: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 2400})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server}/{PLACES[program]}/{name}.ipynb?reset")  # not what was open before
        page.locator(".hw2-verdict").wait_for(timeout=WAIT * 1000)
        page.evaluate("Promise.all([...document.querySelectorAll('.hw2-figure img')].map((i) => i.decode()))")
        return page

    yield open_notebook
    for context in contexts:
        context.close()


SELECTED = "document.querySelector('.jp-Cell.jp-mod-active').dataset.windowedListIndex"
FRAMES = """[...document.querySelectorAll(".hw2-slider img")].filter((i) => i.checkVisibility())
    .map((i) => `${i.lang} ${i.dataset.frame}`)"""


@pytest.mark.parametrize("program", PLACES)
def test_the_slider_obeys_the_keyboard_and_the_notebook_stays(
    notebook: Callable[[str, str], Page], program: str
) -> None:
    page = notebook(program, "trusted")
    version = json.loads(page.locator("#jupyter-config-data").text_content() or "")["appVersion"]
    assert re.match({"JupyterLab": r"[4-9]\.", "Notebook": r"[7-9]\."}[program], version)
    slider = page.locator(".hw2-slider input")
    slider.click()  # in its middle, where its handle is
    selected = page.evaluate(SELECTED)
    arrows = {"ArrowRight": 2, "ArrowLeft": 1, "ArrowDown": 0, "ArrowUp": 1}
    for key, frame in {**arrows, "End": 2, "Home": 0, "PageUp": 1}.items():
        page.keyboard.press(key)
        page.wait_for_timeout(50)  # what the notebook does comes after the key
        state = page.evaluate(f"[{FRAMES}, {SELECTED}, document.activeElement.type]")
        assert state == [[f"fa {frame}", f"en {frame}"], selected, "range"], key
        assert page.locator(".hw2-slider output").inner_text() == str(frame + 1)


LINES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const text = range.getBoundingClientRect(), box = element.getBoundingClientRect();
    return [element.lang, box.top, box.bottom, text.left - box.left, box.right - text.right];
})"""

IMAGES = """(figure) => [...document.querySelector(figure).querySelectorAll("img")]
    .filter((i) => i.checkVisibility()).map((i) => [i.lang, i.getBoundingClientRect().toJSON()])"""


@pytest.mark.parametrize("program", PLACES)
def test_each_language_has_its_own_lines_on_its_own_side(
    notebook: Callable[[str, str], Page], program: str
) -> None:
    page = notebook(program, "trusted")
    for kind in (".hw2-slider figcaption > *", "#figure-q9-bars figcaption > *", ".hw2-note > *"):
        (first, _, persian_end, left, right), (second, english_start, _, *sides) = page.evaluate(LINES, kind)
        assert [first, second] == ["fa", "en"]
        assert persian_end <= english_start, f"{kind}: both languages on one line"
        assert left > 100 > abs(right), f"{kind}: Persian begins at the left"
        assert sides[1] > 100 > abs(sides[0]), f"{kind}: English begins at the right"
    for place in (".hw2-slider", "#figure-q9-bars"):
        boxes = page.evaluate(IMAGES, place)
        assert [lang for lang, _ in boxes] == ["fa", "en"]
        assert boxes[0][1]["bottom"] <= boxes[1][1]["top"], f"{place}: the figures stand side by side"
    aligned = page.locator(".hw2-verdict :is(td, th)").evaluate_all(
        "all => all.map((cell) => getComputedStyle(cell).textAlign)"
    )
    assert set(aligned) == {"start"}


@pytest.mark.parametrize("program", PLACES)
def test_before_the_notebook_is_trusted_the_first_frame_shows_with_its_value(
    notebook: Callable[[str, str], Page], program: str
) -> None:
    page = notebook(program, "untrusted")
    slider = page.locator(".hw2-slider")
    assert slider.locator("input[oninput]").count() == 0, "nothing was taken out: the notebook is trusted"
    assert slider.locator("img:visible").evaluate_all("all => all.map((i) => i.lang)") == ["fa", "en"]
    captions = slider.locator("figcaption > *").all_inner_texts()
    assert captions == [text.replace("`", "") for text in TEXT.values()]
    assert slider.locator("output").inner_text() == "2"


@pytest.mark.parametrize("program", PLACES)
def test_a_quiz_answers_in_a_notebook_that_is_trusted_and_tells_nothing_in_another(
    notebook: Callable[[str, str], Page], program: str
) -> None:
    page = notebook(program, "trusted")
    field = page.locator(".hw2-quiz fieldset").first
    told = page.locator(".hw2-quiz :is(p, fieldset a):visible")
    assert told.count() == 0
    field.locator("input").first.click()
    selected = page.evaluate(SELECTED)
    assert field.locator("p").first.is_visible() and told.count() == 2
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(50)  # what the notebook does comes after the key
    assert field.locator("p").nth(1).is_visible() and page.evaluate(SELECTED) == selected
    first, second = page.evaluate(LINES, ".hw2-quiz fieldset:first-child legend > [lang]")
    assert [first[0], second[0]] == ["fa", "en"] and first[2] <= second[1]
    page.locator(".hw2-quiz button").click()
    assert told.count() == 0
    page = notebook(program, "untrusted")
    assert page.locator(".hw2-quiz input").first.is_disabled(), "nothing was changed: the notebook is trusted"
    assert page.locator(".hw2-quiz :is(p, fieldset a):visible").count() == 0
