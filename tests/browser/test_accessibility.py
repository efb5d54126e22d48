"""Every page judged by axe-core, in each language, on a phone or a desktop, in light or dark in turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from test_pages import PAGES, dealt
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

SETTLED = "() => document.getAnimations().every((a) => a.playState !== 'running')"


LANGUAGES = ("fa", "en", "both")
COLOURS = ("color-contrast", "link-in-text-block")


UNFOLD = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"


def violations(page: Page, part: str | None = None, **options: object) -> list[str]:
    """Give each rule that is broken, on the page or a part of it, with its elements."""
    options = {"resultTypes": ["violations"], **options}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [f"{v['id']}: {node['target']}" for v in found for node in v["nodes"]]


WAYS = [
    ("fa", 390, "light"),
    ("en", 1280, "dark"),
    ("both", 1280, "light"),
    ("fa", 1280, "dark"),
    ("en", 390, "light"),
    ("both", 390, "dark"),
]


@pytest.mark.parametrize(("name", "lang", "width", "scheme"), dealt(PAGES, *WAYS))
def test_no_rule_is_broken(
    visit: Callable[..., Visit], name: str, lang: str, width: int, scheme: str
) -> None:
    page = visit(name, lang=lang, width=width, color_scheme=scheme).page
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    page.evaluate(UNFOLD)  # what is folded is not judged
    page.mouse.move(1, 1)  # no tooltip of what came under the pointer
    page.wait_for_function(SETTLED)
    assert violations(page) == []


CHAPTER = "book/q1c_decomposition"  # short, with cards and sliders


def open_menu(page: Page, name: str) -> str:
    page.locator(f".{name}-toggle").click()
    return f"#pst-{name}-sidebar-modal[open]"


def open_downloads(page: Page) -> str:
    page.locator(".dropdown-download-buttons > button").click()
    return ".dropdown-menu.show"


def open_search(page: Page) -> str:
    page.locator(".search-button__button:visible, .search-button-field:visible").first.click()
    return "#pst-search-dialog[open]"


def search(page: Page) -> str:
    page.locator("main input[name=q]").fill("بیش‌برازش dropout")
    page.locator("main input[name=q]").press("Enter")
    page.wait_for_selector("#search-results li")
    return "main"


def search_in_vain(page: Page) -> str:
    page.locator("main input[name=q]").fill("qwertyuiop")
    page.locator("main input[name=q]").press("Enter")
    page.wait_for_function("document.querySelector('#search-results')?.innerText.trim()")
    return "main"


def move_slider(page: Page) -> str:
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("End")
    return "figure:has(input:focus)"


def point_at_copy(page: Page) -> str:
    page.locator(".cell_input").first.hover()
    page.locator(".copybtn").first.focus()
    return ".cell_input:has(.copybtn:focus)"


STATES: dict[str, tuple[str, tuple[int, ...], Callable[[Page], str]]] = {
    "book menu": (CHAPTER, (390,), lambda page: open_menu(page, "primary")),
    "page menu": (CHAPTER, (390,), lambda page: open_menu(page, "secondary")),
    "downloads": (CHAPTER, (390, 1280), open_downloads),
    "search dialog": (CHAPTER, (390, 1280), open_search),
    "results": ("search", (390, 1280), search),
    "no results": ("search", (390, 1280), search_in_vain),
    "slider": (CHAPTER, (390, 1280), move_slider),
    "copy button": (CHAPTER, (390, 1280), point_at_copy),
}
"""What a reader may open or operate: the page, the widths of a window in which it is there, and how."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_rule_is_broken_in_any_state(visit: Callable[..., Visit], state: str, lang: str) -> None:
    name, widths, operate = STATES[state]
    broken: list[str] = []
    for width in widths:
        page = visit(name, lang=lang, width=width).page
        part = operate(page)
        assert page.locator(part).first.is_visible()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            page.wait_for_function(SETTLED)
            broken.extend(f"{width}, {scheme}: {found}" for found in violations(page, part))
    assert broken == []


def test_broken_rules_are_found(visit: Callable[..., Visit]) -> None:
    page = visit(PAGES[0]).page
    broken = "<img src=x.svg><p style='color: #ccc; background: #fff'>pale</p>"
    page.evaluate(f'document.querySelector("article").insertAdjacentHTML("beforeend", "{broken}")')
    assert [found for found in violations(page) if found.startswith("image-alt")]
    assert {found.partition(":")[0] for found in violations(page, runOnly=COLOURS)} == {"color-contrast"}
