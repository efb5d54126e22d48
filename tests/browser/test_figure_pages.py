"""Figures as a reader meets them: letters that can be read on a phone, and places that scroll for it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page
from test_pages import CONTENT, PERSIAN, dealt
from visits import Visit, sideways

pytestmark = [pytest.mark.browser, pytest.mark.book]

SMALLEST = 9  # px
PHONE = 390

# Of each figure in each language that shows: its name, how wide its image is drawn, without padding, and the
# addresses of all images it may show in that place.
SHOWN = """() => [...document.querySelectorAll("figure.hw2-figure")].flatMap((figure) =>
    [...figure.querySelectorAll("img")].filter((i) => i.checkVisibility()).map((i) => {
        const { paddingLeft, paddingRight } = getComputedStyle(i);
        const others = [...figure.querySelectorAll("img")].filter((o) => o.className === i.className);
        return [figure.id, i.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight),
                [...new Set(others.map((o) => o.src))]];
    }))"""
REGIONS = """() => [...document.querySelectorAll(".hw2-view")].filter((v) => v.clientWidth)
    .map((v) => ({
        wide: v.scrollWidth > v.clientWidth, left: v.scrollLeft, lang: v.lang, role: v.getAttribute("role"),
        stop: v.getAttribute("tabindex"), name: v.getAttribute("aria-label"),
        sign: [...v.closest("figure").querySelectorAll("figcaption > *")].filter((p) => p.checkVisibility())
            .map((p) => getComputedStyle(p, "::after").content).join(),
        from: v.getBoundingClientRect().left - v.querySelector("img").getBoundingClientRect().left,
    }))"""


@cache
def smallest_share(file: Path) -> float:
    """Give the smallest letter of a drawing as a share of its width; nothing is smaller than no letter."""
    tree = ElementTree.parse(file).getroot()
    width = float(tree.attrib["viewBox"].split()[2])
    found = [math.inf]

    def look(element: ElementTree.Element, scale: float) -> None:
        for factor in re.findall(r"scale\(([\d.]+)", element.attrib.get("transform", "")):
            scale *= float(factor)
        if element.tag.endswith("}use") and scale < 1:  # marks in place of letters keep their size
            found.append(100 * scale)
        for child in element:
            if not child.tag.endswith("}defs"):
                look(child, scale)

    look(tree, 1)
    return min(found) / width


def letters(page: Page) -> dict[str, float]:
    """Measure the smallest letter of each figure of a page, in CSS pixels."""
    found: dict[str, float] = {}
    for figure, width, addresses in page.evaluate(SHOWN):
        for address in addresses:
            size = width * smallest_share(Path(url2pathname(urlsplit(address).path)))
            found[figure] = min(size, found.get(figure, math.inf))
    return found


def test_no_letter_of_a_figure_is_too_small_on_a_phone(visit: Callable[..., Visit]) -> None:
    found: dict[str, float] = {}
    for name, lang in dealt(CONTENT, "fa", "en"):
        page = visit(name, lang=lang, width=PHONE).page
        found |= letters(page)
        assert sideways(page) <= 0, name
    assert len(found) > 50
    small = {figure: round(size, 1) for figure, size in found.items() if size < SMALLEST}
    assert small == {}, f"the smallest is {min(small.values())} px"


def test_in_both_languages_side_by_side_figures_stay_legible(visit: Callable[..., Visit]) -> None:
    """Two columns of a wide window are narrower than one of a smaller window."""
    page = visit("book/q2b_regularisation", lang="both", width=1920).page
    assert min(letters(page).values()) >= SMALLEST
    assert all(not region["wide"] for region in page.evaluate(REGIONS)), "it scrolls in a wide window"


@pytest.mark.parametrize("lang", ["fa", "en", "both"])
def test_a_figure_that_scrolls_says_so_and_begins_at_its_axis(visit: Callable[..., Visit], lang: str) -> None:
    page = visit("book/q1c_decomposition", lang=lang, width=PHONE).page
    regions = page.evaluate(REGIONS)
    assert any(region["wide"] for region in regions)
    names = [region["name"] for region in regions if region["wide"]]
    assert len({*names}) == len(names), "two regions have one name"
    for region in regions:
        if not region["wide"]:
            assert [region[key] for key in ("role", "stop", "name")] == [None] * 3
            continue
        assert [region["role"], region["stop"]] == ["region", "0"]
        assert bool(PERSIAN.search(region["name"])) == (region["lang"] == "fa")
        assert lang in (region["lang"], "both")
        assert "↔" in region["sign"]
        assert region["left"] == 0
        assert abs(region["from"]) < 1, "the names at its left are out of sight"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("() => !document.querySelector('.hw2-view[tabindex]')")
    assert not any("↔" in region["sign"] for region in page.evaluate(REGIONS))


def test_a_slider_keeps_its_figure_scrolled(visit: Callable[..., Visit]) -> None:
    page = visit("book/q1c_decomposition", lang="en", width=PHONE).page
    view = page.locator(".hw2-slider .hw2-view[tabindex]")
    view.evaluate("(v) => { v.scrollLeft = 40; }")
    page.locator(".hw2-slider input").focus()
    for key in ("End", "Home"):
        page.keyboard.press(key)
        assert view.count() == 1, "the new frame's place cannot be reached"
        assert view.evaluate("(v) => v.scrollLeft") == 40


def test_figures_fit_on_paper(visit: Callable[..., Visit]) -> None:
    page = visit("book/q1c_decomposition", lang="en", width=PHONE).page
    assert any(region["wide"] for region in page.evaluate(REGIONS))
    page.emulate_media(media="print")
    regions = page.evaluate(REGIONS)
    assert not any(region["wide"] or "↔" in region["sign"] for region in regions)


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_no_link_of_the_gallery_lies_over_another_before_it_is_reached(
    visit: Callable[..., Visit], lang: str
) -> None:
    page = visit("book/gallery", lang=lang, width=PHONE, whole=False).page
    boxes = page.locator(".hw2-gallery > li a").evaluate_all(
        """links => links.map((a) => [a.getBoundingClientRect().top, a.getBoundingClientRect().bottom])"""
    )
    assert len(boxes) > 50
    over = [place for place, (one, next_) in enumerate(pairwise(sorted(boxes))) if one[1] > next_[0]]
    assert over == []
    first, *later = page.locator(".hw2-gallery img").evaluate_all("all => all.map((i) => i.loading)")
    assert first == "eager"  # in sight as the page opens
    assert set(later[1:]) == {"lazy"}  # its dark twin is the same file
