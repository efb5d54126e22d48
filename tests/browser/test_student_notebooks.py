"""First steps and a chapter with blanks, in JupyterLab and Notebook 7, as a student works through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import yaml
from jupyter_programs import PLACES, WAIT, serve
from playwright.sync_api import Browser, Page
from repository import ROOT

from hw2utils.publishing.editions.handout import START, write_notebooks
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook, write_notebook
from hw2utils.publishing.sources.solutions import BEGIN, END, TAG
from hw2utils.reporting.catalogue import OVERRIDES

pytestmark = pytest.mark.browser

CHAPTER = "q4e_broadcast"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a student's folder, the chapter with small parameters; no cell is left out of the page."""
    root = tmp_path_factory.mktemp("students")
    write_notebooks(ROOT, root / "notebooks")
    small = yaml.safe_load((ROOT / OVERRIDES).read_text(encoding="utf-8"))[CHAPTER]
    file = root / "notebooks" / f"{CHAPTER}.ipynb"
    chapter = read_notebook(file)
    for cell in chapter["cells"]:
        if "parameters" in cell_tags(cell):
            cell["source"] += "".join(f"\n{name} = {value}" for name, value in small.items())
    write_notebook(file, chapter)
    with serve(
        root, root / "notebooks", {"notebook-extension/tracker": {"windowingMode": "none"}}
    ) as address:
        yield address


@pytest.fixture(params=PLACES)
def opened(request: pytest.FixtureRequest, server: str, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Give a function that opens a notebook in one of the two programs, each with its own kernel."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(2 * WAIT * 1000)  # a kernel starts, and imports torch, meanwhile

    def open_notebook(name: str) -> Page:
        page = context.new_page()
        page.goto(f"{server}/{PLACES[request.param]}/{name}?reset")
        page.locator(".jp-RenderedMarkdown .lang-fa").first.wait_for()
        return page

    yield open_notebook
    context.close()


def run_all(page: Page) -> None:
    page.locator(".lm-MenuBar-item", has_text="Run").click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()


def rewrite(page: Page, has: str, source: str) -> None:
    """Write a code cell anew and run it with Shift and Enter."""
    page.locator(".jp-CodeCell .cm-content", has_text=has).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")


SIDES = """all => all.map((element) => {
    const range = document.createRange();
    range.selectNodeContents(element.querySelector("p"));
    const text = range.getBoundingClientRect(), box = element.getBoundingClientRect();
    return [getComputedStyle(element).direction, Math.round(box.right - text.right)];
})"""
"""Of each Persian text: its direction, and how far the lines of its first paragraph end from the right."""


def test_the_first_steps_lead_to_a_checked_answer(opened: Callable[[str], Page]) -> None:
    page = opened(START)
    run_all(page)
    checks = page.locator(".hw2-check")
    checks.filter(has_text="agrees with the published one").wait_for()
    assert checks.filter(has_text="known mistake").count() == 1
    persian = checks.first.locator("[lang=fa]").first
    assert persian.evaluate("element => getComputedStyle(element).direction") == "rtl"
    sides = page.locator(".jp-RenderedMarkdown .lang-fa").evaluate_all(SIDES)
    assert len(sides) > 5 and {direction for direction, _ in sides} == {"rtl"}
    assert max(abs(distance) for _, distance in sides) < 5, "Persian does not begin at the right"
    code = page.locator(".jp-RenderedMarkdown .lang-fa code").first
    assert code.evaluate("element => getComputedStyle(element).direction") == "ltr"
    assert page.locator("table.hw2-summary").count() == 2

    mended = "def softened(logits, temperature):\n    return (logits / temperature).softmax(-1)"
    rewrite(page, "def softened", f'{mended}\n\ncheck("q3-softmax", softened)')
    checks.filter(has_text="Right: your answer").wait_for()
    assert checks.filter(has_text="known mistake").count() == 0


def test_a_chapter_runs_to_its_first_blank_which_can_be_filled_and_checked(
    opened: Callable[[str], Page],
) -> None:
    solved = [
        cell_source(cell).removeprefix(BEGIN).removesuffix(END).strip("\n")
        for cell in read_notebook(ROOT / "book" / f"{CHAPTER}.ipynb")["cells"]
        if TAG in cell_tags(cell) and cell["cell_type"] == "code"
    ]
    page = opened(f"{CHAPTER}.ipynb")
    run_all(page)
    stopped = page.locator(".jp-OutputArea-output", has_text="NotImplementedError")
    stopped.first.wait_for()
    assert stopped.count() == 1 and "exercise 1" in stopped.inner_text()
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert [text.strip() for text in prompts[-2:]] == ["[ ]:", "[ ]:"], "cells after the blank ran, too"

    rewrite(page, "(exercise 1)", solved[0])
    page.locator(".jp-OutputArea-output", has_text="[15.0, 6.0, 12.0]").wait_for()
    assert stopped.count() == 0
    answer = solved[2].partition("\n\n\n")[0]
    rewrite(
        page,
        "(exercise 3)",
        f"from hw2utils.checks import check\n\n{answer}\n\ncheck('q4-error', careful_error)",
    )
    page.locator(".hw2-check", has_text="Right: your answer").wait_for()
