"""Every page judged by axe-core, in each language and each colour scheme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from test_pages import PAGES
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

SETTLED = "() => document.getAnimations().every((a) => a.playState !== 'running')"


def violations(page: Page) -> list[str]:
    """Give each rule that is broken with its elements."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['target']}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_is_broken(visit: Callable[..., Visit], name: str) -> None:
    page = visit(name).page
    broken: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        for lang in ("fa", "en", "both"):
            page.locator(f".hw2-switch button[value={lang}]").click()
            page.wait_for_function(SETTLED)
            broken += [f"{lang}, {scheme}: {found}" for found in violations(page)]
    assert broken == []


def test_a_broken_rule_is_found(visit: Callable[..., Visit]) -> None:
    page = visit(PAGES[0]).page
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<img src=x.svg>')")
    assert [found for found in violations(page) if found.startswith("image-alt")]
