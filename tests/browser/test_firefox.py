"""The book in Firefox, opened from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import Firefox
from test_pages import CHAPTER, CONTENT, HOME
from test_saved_pages import NOTHING

pytestmark = [pytest.mark.browser, pytest.mark.book]

SHOWN = "(({ dataset, dir }) => [dataset.lang, dir, dataset.mode])(document.documentElement)"
ENTER = "\ue007"


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    """Give a fresh Firefox."""
    try:
        found = Firefox(tmp_path)
    except FileNotFoundError as error:
        pytest.fail(str(error))
    yield found
    found.close()


def at(name: str) -> str:
    """Write the condition that a page of the book is shown, wholly loaded."""
    return f"location.pathname.endsWith('/{name}.html') && document.readyState === 'complete'"


def test_the_language_chosen_survives_clicks(firefox: Firefox, book_html: Path) -> None:
    firefox.before_each_page(NOTHING)  # Firefox 153 remembers for all files; others did for each
    firefox.open((book_html / "index.html").as_uri())
    firefox.wait_for(at(HOME))
    assert firefox.evaluate(SHOWN) == ["both", "ltr", "auto"]
    firefox.click(".hw2-switch a[data-language=fa]")
    firefox.wait_for(at(f"fa/{HOME}"))
    firefox.click(".theme-switch-button")  # from "as the device" to dark
    persian = ["fa", "rtl", "dark"]
    assert firefox.evaluate(SHOWN) == persian

    firefox.click(f".bd-sidenav a[href$='{CHAPTER.rpartition('/')[2]}.html']")
    firefox.wait_for(at(f"fa/{CHAPTER}"))
    assert firefox.evaluate(SHOWN) == persian
    firefox.click("a.right-next")
    firefox.wait_for(at(f"fa/{CONTENT[CONTENT.index(CHAPTER) + 1]}"))
    assert firefox.evaluate(SHOWN) == persian

    firefox.evaluate("document.querySelector('.search-button').click()")
    firefox.wait_for("document.activeElement.matches('input[name=q]')")
    firefox.press("بیشبرازش" + ENTER)
    firefox.wait_for(at("fa/search") + " && document.querySelectorAll('ul.search > li').length > 0")
    assert firefox.evaluate(SHOWN) == persian
    firefox.click("ul.search > li > a")
    firefox.wait_for(
        "location.protocol === 'file:' && !location.pathname.endsWith('/search.html')"
        " && document.readyState === 'complete'"
    )
    assert firefox.evaluate("document.documentElement.dir") == "rtl"

    firefox.click(".hw2-switch a[data-language=both]")  # carried in the address, as nothing is remembered
    firefox.wait_for("document.documentElement.dataset.lang === 'both' && document.readyState === 'complete'")
    firefox.click("a.navbar-brand")
    firefox.wait_for(at(HOME))
    assert firefox.evaluate(SHOWN) == ["both", "ltr", "dark"]
    assert firefox.errors == []


def test_errors_are_noticed(firefox: Firefox, book_html: Path) -> None:
    firefox.open((book_html / f"{HOME}.html").as_uri())
    firefox.evaluate("setTimeout(() => { throw new Error('mine'); })")
    firefox.wait_for("new Promise((done) => setTimeout(() => done(true), 200))")
    assert any("mine" in error for error in firefox.errors)
