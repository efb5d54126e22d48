"""Sliders as a reader meets them: with the keyboard, in each language, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_pages import CONTENT
from visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.book]

SHOWN = """(figure) => [...figure.querySelectorAll("img")].filter((i) => i.checkVisibility())
    .map((i) => [`lang-${i.lang}`, i.dataset.frame])"""


@pytest.fixture
def with_slider(book_html: Path) -> list[str]:
    """Give the pages that have a slider; the specification asks for five sliders."""
    texts = {name: (book_html / f"{name}.html").read_text(encoding="utf-8") for name in CONTENT}
    assert sum(text.count('type="range"') for text in texts.values()) >= 5
    return [name for name, text in texts.items() if 'type="range"' in text]


def test_arrows_move_the_figure_and_say_the_value(
    visit: Callable[..., Visit], with_slider: list[str]
) -> None:
    for place, name in enumerate(with_slider):
        lang = ("fa", "both", "en")[place % 3]
        own = [f"lang-{one}" for one in ("fa", "en") if lang in (one, "both")]
        page = visit(name, lang=lang).page
        for control in page.locator("input[type=range]").all():
            figure = page.locator("figure", has=page.locator(f"#{control.get_attribute('id')}"))
            last = control.get_attribute("max")
            control.focus()
            page.keyboard.press("Home")
            assert figure.evaluate(SHOWN) == [[one, "0"] for one in own]
            first_value = control.get_attribute("aria-valuetext")
            page.keyboard.press("End")
            assert figure.evaluate(SHOWN) == [[one, last] for one in own]
            assert control.get_attribute("aria-valuetext") != first_value
            assert figure.locator("output").inner_text().strip() == control.get_attribute("aria-valuetext")


def test_without_javascript_one_frame_shows_and_no_control(
    visit: Callable[..., Visit], with_slider: list[str]
) -> None:
    page = visit(with_slider[0], java_script_enabled=False).page
    figure = page.locator("figure.hw2-slider").first
    assert figure.locator("img:visible").count() == 2  # one in each language
    assert figure.locator("input").is_hidden()
