"""The pages of the built book, opened from the file system in headless Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from visits import ALL_LAID_OUT, Visit, in_language

from hw2utils.publishing.editions.chromium import chromium


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the system's Chromium, and keep it from talking to anyone by itself."""
    try:
        return chromium()
    except FileNotFoundError as error:
        pytest.fail(str(error))


@pytest.fixture
def visit(browser: Browser, book_html: Path) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens a page of the book in a fresh profile.

    ``name`` is the path of the page in both languages without ``.html``, ``query`` what follows, ``lang`` the
    language of the page that is opened; other keywords shape the profile. All of the page is laid out, not
    only what is near the window, unless ``whole`` is false.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        name: str,
        query: str = "",
        *,
        lang: str = "both",
        width: int = 1280,
        whole: bool = True,
        **profile: Any,
    ) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **profile)
        if whole:
            context.add_init_script(ALL_LAID_OUT)
        contexts.append(context)
        found = Visit(context.new_page())
        found.listen()
        found.page.goto((book_html / f"{in_language(name, lang)}.html").as_uri() + query)
        if profile.get("java_script_enabled", True):
            found.settle()
        return found

    yield open_page
    for context in contexts:
        context.close()
