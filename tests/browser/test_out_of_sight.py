"""What is far from the window: no work before a reader comes near, and nothing a reader would miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

LONG = "book/q1a_overfitting"
SECTIONS = ".bd-article > section > section"
LAID_OUT = f"""() => [...document.querySelectorAll("{SECTIONS}")]
    .map((s) => s.firstElementChild.checkVisibility({{ contentVisibilityAuto: true }}))"""
NUMBERS = (
    """() => [...document.querySelectorAll(".hw2-figure")].map((f) => getComputedStyle(f).counterReset)"""
)
UNREACHED = """() => [...document.querySelectorAll(".bd-article pre")]
    .filter((p) => p.checkVisibility({ contentVisibilityAuto: true }))
    .filter((p) => (p.scrollWidth > p.clientWidth) !== (p.tabIndex === 0)).length"""


def far(visit: Callable[..., Visit], name: str, query: str = "", *, lang: str, width: int = 390) -> Page:
    return visit(name, query, lang=lang, width=width, whole=False).page


@pytest.mark.parametrize("lang", ["fa", "en", "both"])
def test_most_of_a_long_chapter_waits(visit: Callable[..., Visit], lang: str) -> None:
    page = far(visit, LONG, lang=lang)
    page.wait_for_load_state()
    shown = page.evaluate(LAID_OUT)
    assert shown[0]
    assert sum(shown) < len(shown) / 3


def test_claims_of_the_ledger_wait_on_a_phone(visit: Callable[..., Visit]) -> None:
    page = far(visit, "book/ledger", lang="en")
    page.wait_for_load_state()
    shown = page.evaluate(
        "() => [...document.querySelectorAll('.hw2-ledger tbody tr')]"
        ".map((row) => row.cells[0].checkVisibility({ contentVisibilityAuto: true }))"
    )
    assert shown[0]
    assert sum(shown) < len(shown) / 3


@pytest.mark.parametrize("lang", ["fa", "en", "both"])
@pytest.mark.parametrize("place", ["a-very-large-gap", "summary", "exercises"])
def test_an_address_leads_to_its_place_and_stays_there(
    visit: Callable[..., Visit], place: str, lang: str
) -> None:
    """Sections above it, which nobody saw yet, get their heights only then."""
    page = far(visit, LONG, f"#{place}", lang=lang)
    page.wait_for_timeout(700)
    top = page.locator(f"#{place}").bounding_box()
    assert top is not None
    assert -1 <= top["y"] < 200
    page.mouse.wheel(0, -300)  # and whoever scrolls away is not brought back
    page.wait_for_timeout(500)
    moved = page.locator(f"#{place}").bounding_box()
    assert moved is not None
    assert moved["y"] > top["y"] + 200


@pytest.mark.parametrize("lang", ["fa", "en", "both"])
@pytest.mark.parametrize("late", [0, 60])
def test_who_drags_the_scroll_bar_is_not_brought_back(
    visit: Callable[..., Visit], late: int, lang: str
) -> None:
    """No event but the scroll tells of it, as of a search in the page; slow machines are late."""
    page = far(visit, LONG, lang=lang, width=1280)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    address = page.url
    page.goto("about:blank")
    page.goto(f"{address}#exercises")
    page.wait_for_timeout(late)
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_timeout(900)
    assert page.evaluate("scrollY") == 0


def test_figures_have_their_numbers_wherever_a_reader_is(visit: Callable[..., Visit]) -> None:
    numbers = far(visit, LONG, lang="fa").evaluate(NUMBERS)
    assert numbers == [f"figure {number + 1}" for number in range(len(numbers))]
    assert len(numbers) > 5


def test_the_keyboard_reaches_wide_code_that_was_out_of_sight(visit: Callable[..., Visit]) -> None:
    page = far(visit, LONG, lang="en")
    for place in ("a-very-large-gap", "summary", "the-signs-of-underfitting"):
        page.evaluate("(id) => document.getElementById(id).scrollIntoView()", place)
        page.wait_for_timeout(300)
        assert page.evaluate(UNREACHED) == 0, place
    assert page.locator("pre[tabindex='0']").count() > 3
