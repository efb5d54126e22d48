"""Every page judged by axe-core, in each language, on a phone and on a desktop, in each colour scheme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from test_pages import PAGES
from visits import Visit, choose

pytestmark = [pytest.mark.browser, pytest.mark.book]

SETTLED = "() => document.getAnimations().every((a) => a.playState !== 'running')"


LANGUAGES = ("fa", "en", "both")
COLOURS = ("color-contrast", "link-in-text-block")  # by far the slowest rules; no width changes a colour


def violations(page: Page, **options: object) -> list[str]:
    """Give each rule that is broken with its elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{v['id']}: {node['target']}" for v in found for node in v["nodes"]]


def languages(name: str, width: int) -> list[str]:
    """Give the languages judged at a width: all three for each page, all six pairs over the pages."""
    first = PAGES.index(name) % 3
    turned = [*LANGUAGES[first:], *LANGUAGES[:first]]
    return turned[:1] if width == 390 else turned[1:]


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_is_broken(visit: Callable[..., Visit], name: str) -> None:
    broken: list[str] = []

    def judge(state: str, **options: object) -> None:
        page.wait_for_function(SETTLED)
        broken.extend(f"{state}: {found}" for found in violations(page, **options))

    page = visit(name, width=390).page
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for lang in languages(name, width):
            choose(page, lang)
            page.mouse.move(1, 1)  # no tooltip of what came under the pointer
            judge(f"{lang}, {width}", rules={rule: {"enabled": False} for rule in COLOURS})
    choose(page, "both")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        judge(scheme, runOnly=COLOURS)
    assert broken == []


def test_broken_rules_are_found(visit: Callable[..., Visit]) -> None:
    page = visit(PAGES[0]).page
    broken = "<img src=x.svg><p style='color: #ccc; background: #fff'>pale</p>"
    page.evaluate(f'document.querySelector("article").insertAdjacentHTML("beforeend", "{broken}")')
    assert [found for found in violations(page) if found.startswith("image-alt")]
    assert {found.partition(":")[0] for found in violations(page, runOnly=COLOURS)} == {"color-contrast"}
