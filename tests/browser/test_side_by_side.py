"""Both languages on one page: in one order throughout, side by side where there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from test_pages import EXAMPLES
from visits import Visit, sideways

pytestmark = [pytest.mark.browser, pytest.mark.book]

SHARED = "article :is(.cell_input, .hw2-figure, div.math)"

# Where the halves of headings, paragraphs, notes and cards stand: the edges of each, in the page's language.
PAIRS = """() => [...document.querySelectorAll(
        "article :is(h1, h2, h3, .hw2-pair, .hw2-note, figcaption):has(> .lang-fa):has(> .lang-en)")]
    .filter((pair) => pair.checkVisibility() && pair.getBoundingClientRect().height)
    .map((pair) => {
        const [fa, en] = ["fa", "en"].map((lang) => {
            const half = pair.querySelector(`:scope > .lang-${lang}`);
            const { left, right, top, bottom } = half.getBoundingClientRect();
            const parts = [...half.children].filter((e) => e.matches("p, ul, ol"));
            return { left, right, top, bottom, tops: parts.map((e) => e.getBoundingClientRect().top) };
        });
        return { words: pair.innerText.slice(0, 60), heading: pair.matches("h1, h2, h3"),
                 whole: !!pair.querySelector(".hw2-ledger"), fa, en };
    })"""
LOOSE = """() => [...document.querySelectorAll("article *")].filter((box) =>
        getComputedStyle(box).display.includes("grid")
        && [...box.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .map((box) => box.innerText.slice(0, 60))"""
COLUMN = """() => document.querySelector("article > section").getBoundingClientRect().width"""
WIDTHS = """(selector) => [...document.querySelectorAll(selector)]
    .filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().width)"""


def pairs(page: Page) -> list[dict[str, Any]]:
    """Give the pairs of halves that show on a page."""
    found: list[dict[str, Any]] = page.evaluate(PAIRS)
    assert len(found) > 2
    return found


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [1280, 1600, 1920])
def test_in_a_wide_window_the_persian_stands_on_the_right(
    visit: Callable[..., Visit], width: int, javascript: bool
) -> None:
    for name in EXAMPLES if javascript and width == 1280 else ("book/index", "book/q5b_history"):
        page = visit(name, width=width, java_script_enabled=javascript).page
        for pair in pairs(page):
            if pair["whole"]:
                continue
            fa, en = pair["fa"], pair["en"]
            assert fa["left"] >= en["right"], f"{name}: {pair['words']}"
            assert fa["top"] < en["bottom"] and en["top"] < fa["bottom"], f"{name}: {pair['words']}"
            if len(fa["tops"]) == len(en["tops"]):  # paragraphs that say the same begin at one height
                far = [abs(a - b) for a, b in zip(fa["tops"], en["tops"], strict=True)]
                assert max(far, default=0) < 8, f"{name}: {pair['words']}"
        column = page.evaluate(COLUMN)
        assert all(shared > 0.98 * column for shared in page.evaluate(WIDTHS, SHARED)), name
        assert sideways(page) <= 0, name
        assert page.evaluate(LOOSE) == [], f"{name}: words in a grid, each piece a row of its own"


@pytest.mark.parametrize("width", [390, 800])
def test_in_a_narrow_window_the_persian_comes_first(visit: Callable[..., Visit], width: int) -> None:
    for name in ("book/index", "book/q5b_history", "book/glossary"):
        page = visit(name, width=width).page
        for pair in pairs(page):
            fa, en = pair["fa"], pair["en"]
            beside = pair["heading"] and fa["left"] >= en["right"]  # short headings share a line
            assert beside or fa["bottom"] <= en["top"] + 1, f"{name}: {pair['words']}"
        assert sideways(page) <= 0, name


def test_lists_of_pages_and_sections_name_the_persian_first(visit: Callable[..., Visit]) -> None:
    page = visit("book/q5b_history", width=1600).page
    halves = page.locator(
        ":is(.bd-sidenav a, .section-nav a, .prev-next-title, .caption-text):has(> .lang-sep)"
    )
    tops = halves.evaluate_all(
        """all => all.filter((e) => e.checkVisibility()).map((e) => ["fa", "en"].map((lang) =>
            e.querySelector(`:scope > .lang-${lang}`).getBoundingClientRect().top))"""
    )
    assert len(tops) > 20
    assert all(fa < en for fa, en in tops)


def test_the_contents_open_beside_two_columns(visit: Callable[..., Visit]) -> None:
    """At 1280 px their room is the second column's; their button shows them as in a narrow window."""
    shown = visit("book/q5b_history", width=1280)
    page = shown.page
    contents = page.locator("#pst-page-toc-nav")
    assert not contents.is_visible()
    page.locator(".secondary-toggle").click()
    assert contents.is_visible()
    box = page.locator("dialog[open]").bounding_box()
    assert box is not None and box["x"] + box["width"] == pytest.approx(1280, abs=1)
    contents.locator("a").nth(2).click()
    page.locator("dialog[open]").wait_for(state="detached")
    shown.resize(1600)
    assert contents.is_visible()


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_line_of_prose_holds_60_to_80_characters(visit: Callable[..., Visit], lang: str) -> None:
    for name in ("book/index", "book/q5b_history"):
        page = visit(name, lang=lang, width=1280).page
        full = page.locator("article p").evaluate_all(
            """all => all.filter((p) => p.checkVisibility() && !p.closest("figure, .hw2-verdict, .hw2-note"))
                .map((p) => [p.innerText.length,
                             Math.round(p.clientHeight / parseFloat(getComputedStyle(p).lineHeight))])
                .filter(([, lines]) => lines >= 3).map(([characters, lines]) => characters / (lines - .5))"""
        )  # the last line is half full, on average
        assert full
        assert 58 < sum(full) / len(full) < 82, name
