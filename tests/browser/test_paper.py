"""A page on paper is legible and looks the same, whichever theme is on the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_pages import EXAMPLES
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

# Each text that shows, with its colour, the colour behind it, and their contrast.
INK = """() => {
    const rgba = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return [r, g, b, a];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const grounds = new Map([[null, [255, 255, 255]]]);
    const ground = (e) => {
        if (!grounds.has(e)) {
            grounds.set(e, over(rgba(getComputedStyle(e).backgroundColor), ground(e.parentElement)));
        }
        return grounds.get(e);
    };
    const channel = (c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
    const found = [];
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const element = text.parentElement;
        const shows = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!shows || !text.data.trim()) continue;
        const behind = ground(element);
        const ink = over(rgba(getComputedStyle(element).color), behind);
        const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x);
        found.push([text.data.trim().slice(0, 40), ink.join(), behind.join(), (a + .05) / (b + .05)]);
    }
    return found;
}"""
FILTERS = "() => [...document.images].filter((i) => getComputedStyle(i).filter !== 'none').map((i) => i.src)"


@pytest.mark.parametrize("name", [*EXAMPLES, "search"])
def test_a_page_printed_from_the_dark_is_legible(visit: Callable[..., Visit], name: str) -> None:
    page = visit(name).page
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    printed = {}
    for scheme in ("light", "dark"):
        page.emulate_media(media="screen", color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        on_screen = page.evaluate(INK)
        page.emulate_media(media="print")
        printed[scheme] = page.evaluate(INK)
        assert len(printed[scheme]) > 5 or name == "search"
        assert page.locator("article h1").is_visible() or name == "search", "no title on paper"
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") in ("light", "normal")
        assert page.evaluate(FILTERS) == []
        if scheme == "dark" and name != "search":
            assert on_screen[0][1:] != printed[scheme][0][1:], "the screen was not dark"
    assert printed["dark"] == printed["light"]
    assert [entry for entry in printed["dark"] if entry[3] < 4.5] == []


def test_paper_has_nothing_to_press(visit: Callable[..., Visit]) -> None:
    page = visit("book/q4c_comparison").page
    page.evaluate(
        "document.getElementById('pst-back-to-top').style.display = 'block'"
    )  # as for those who go back
    answers = page.locator("article details:not(.hw2-folded, .hide) > summary")
    assert answers.count() > 1 and answers.first.is_visible()
    answers.first.click()
    page.emulate_media(media="print")
    assert not page.locator("#pst-back-to-top").is_visible()
    assert [answer.is_visible() for answer in answers.all()] == [True] + [False] * (answers.count() - 1)


def test_the_axis_of_the_ledger_has_room_on_paper(visit: Callable[..., Visit]) -> None:
    page = visit("book/ledger", lang="fa", width=720).page
    page.emulate_media(media="print")
    column = page.locator(".hw2-ledger th:nth-child(4)").bounding_box()
    assert column is not None and column["width"] > 80
