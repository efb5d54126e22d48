"""Verdicts are in sight without scrolling sideways, and their tables stay tables for a screen reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from test_pages import CONTENT, dealt
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

LEDGER = "book/ledger"

UNFOLD = "document.querySelectorAll('article details').forEach((e) => { e.open = true; })"

# Of each verdict that shows, whether it is outside the window or of a box that scrolls.
OUT_OF_SIGHT = """() => {
    const verdicts = [...document.querySelectorAll(
        ".hw2-verdict-head .hw2-badge, .hw2-verdict .hw2-cases td:last-child, .hw2-ledger .hw2-badge, "
        + "details li .hw2-badge")].filter((e) => e.checkVisibility());
    const outside = verdicts.filter((e) => {
        const words = document.createRange();
        words.selectNodeContents(e);
        const { left, right, width } = words.getBoundingClientRect();
        const box = e.closest(".hw2-scroll")?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
        return !width || left < Math.max(0, box.left) - 1 || right > Math.min(innerWidth, box.right) + 1;
    });
    const named = (e) => `${e.closest("section, tr").id} ${e.closest("tr")?.innerText}`;
    return [verdicts.length, outside.map(named)];
}"""


def test_verdicts_are_in_sight(visit: Callable[..., Visit], book_html: Path) -> None:
    with_verdicts = [
        name for name in CONTENT if "data-verdict" in (book_html / f"{name}.html").read_text("utf-8")
    ]
    assert len(with_verdicts) > 10
    hidden: list[str] = []
    for name, lang in dealt(with_verdicts, "fa", "en", "both"):
        shown = visit(name, lang=lang)
        shown.page.evaluate(UNFOLD)
        for width in (390, 800, 1280):
            shown.resize(width)
            count, outside = shown.page.evaluate(OUT_OF_SIGHT)
            assert count or name == CONTENT[0]  # the home page only counts verdicts
            hidden += [f"{name}, {width}, {lang}: {words}" for words in outside]
    assert not hidden, "\n".join(hidden)


def spoken(page: Page) -> Counter[str]:
    """Count the roles of the parts of tables that the browser tells a screen reader."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = Counter(node["role"]["value"] for node in nodes if not node["ignored"])
    return Counter({role: roles[role] for role in ("table", "row", "columnheader", "cell")})


@pytest.mark.parametrize("name", [LEDGER, "book/q5b_history"])
def test_cards_are_still_tables(visit: Callable[..., Visit], name: str) -> None:
    wide, narrow = (visit(name, width=width).page for width in (1280, 390))
    for page in (wide, narrow):
        page.evaluate(UNFOLD)
    assert narrow.locator(":is(.hw2-cases, .hw2-ledger) tbody tr").first.evaluate(
        "(row) => getComputedStyle(row).display === 'grid'"
    )
    assert all(spoken(wide).values())
    assert spoken(narrow) == spoken(wide)


def test_each_number_of_a_card_has_its_heading(visit: Callable[..., Visit]) -> None:
    page = visit("book/q5b_history", lang="fa", width=390).page
    page.evaluate(UNFOLD)
    headings = page.locator(".hw2-cases thead tr").first.locator("th").all_inner_texts()
    cells = page.locator(".hw2-cases tbody tr").first.locator("td")
    shown = cells.evaluate_all("all => all.map((e) => getComputedStyle(e, '::before').content)")
    assert [words.partition('"')[2].partition(":")[0] for words in shown[1:-1]] == headings[1:-1]
    assert shown[0] == shown[-1] == "none"
