"""Quizzes as a reader meets them: by mouse and keyboard, in each language, without a script, on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page
from test_accessibility import violations
from test_pages import CONTENT
from visits import Visit, sideways

pytestmark = [pytest.mark.browser, pytest.mark.book]

CHAPTER = "book/q4b_momentum"
WORDS = {"fa": ("درست است.", "درست نیست."), "en": ("Right.", "Not right.")}


def told(field: Locator) -> list[str]:
    """Give the explanations that show, by the words they begin with."""
    return field.locator("p:visible strong:visible").all_inner_texts()


def right_of(field: Locator) -> int:
    """Give the place of the right option."""
    said = field.locator("p").evaluate_all("all => all.map((p) => p.querySelector('strong').textContent)")
    return next(place for place, word in enumerate(said) if word in ("درست است.", "Right."))


def opened(visit: Callable[..., Visit], lang: str = "en", **profile: object) -> Page:
    page = visit(CHAPTER, lang=lang, **profile).page
    assert page.locator(".hw2-quiz fieldset").count() >= 5
    return page


@pytest.mark.parametrize(("lang", "scripts"), [("fa", True), ("en", True), ("both", True), ("en", False)])
def test_choosing_an_option_shows_its_explanation_and_no_other(
    visit: Callable[..., Visit], lang: str, scripts: bool
) -> None:
    page = opened(visit, lang, java_script_enabled=scripts)
    field = page.locator(".hw2-quiz fieldset").first
    right, count = right_of(field), field.locator("input").count()
    own = [one for one in ("fa", "en") if lang in (one, "both")]
    assert page.locator(".hw2-quiz :is(p, fieldset a):visible").count() == 0
    for place in range(count):
        field.locator("label").nth(place).click()
        assert told(field) == [WORDS[one][place != right] for one in own]
        assert field.locator("p").nth(place).is_visible()
    assert page.locator(".hw2-quiz p:visible").count() == 1, "another question answered too"
    link = field.locator("a")
    assert link.is_visible()
    link.click()
    assert page.evaluate("document.querySelector(':target') !== null"), "the link leads nowhere"
    page.locator(".hw2-quiz button").click()
    assert page.locator(".hw2-quiz :is(p, fieldset a):visible, .hw2-quiz :checked").count() == 0


def test_the_keyboard_alone_answers(visit: Callable[..., Visit]) -> None:
    page = opened(visit, "fa")
    first, second = page.locator(".hw2-quiz fieldset").all()[:2]
    address = page.url
    first.locator("input").first.focus()
    page.keyboard.press("Space")
    assert first.locator("p").first.is_visible()
    page.keyboard.press("ArrowDown")
    assert [p.is_visible() for p in first.locator("p").all()][:2] == [False, True]
    page.keyboard.press("Enter")  # a form would else load the page anew
    assert first.locator("p").nth(1).is_visible() and page.url == address
    page.keyboard.press("Tab")
    assert first.locator("a").evaluate("(a) => a === document.activeElement")
    page.keyboard.press("Tab")
    assert second.locator("input").first.evaluate("(input) => input === document.activeElement")
    assert second.locator("p:visible").count() == 0


def test_explanations_are_told_when_they_come_and_not_before(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    field = page.locator(".hw2-quiz fieldset").first
    status = field.get_by_role("status")
    assert status.inner_text() == ""
    before = field.aria_snapshot()
    assert "Right" not in before and "Not right" not in before and before.count("- radio") >= 3
    field.locator("input").first.check()
    assert status.inner_text()
    assert "status" in field.aria_snapshot()


@pytest.mark.parametrize(("lang", "width"), [("fa", 390), ("en", 1280), ("both", 1280)])
def test_no_rule_of_axe_is_broken_with_questions_answered(
    visit: Callable[..., Visit], lang: str, width: int
) -> None:
    page = opened(visit, lang, width=width)
    for field in page.locator(".hw2-quiz fieldset").all()[:2]:
        field.locator("label").last.click()
    assert sideways(page) <= 0, "wider than the window"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        assert violations(page, ".hw2-quiz") == []


def test_paper_has_the_questions_and_no_answers(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    field = page.locator(".hw2-quiz fieldset").first
    field.locator("label").first.click()
    page.emulate_media(media="print")
    assert field.locator("legend").is_visible() and field.locator("label").first.is_visible()
    assert page.locator(".hw2-quiz :is(p, a, button):visible").count() == 0


def test_every_chapter_ends_with_a_quiz(book_html: object) -> None:
    for name in CONTENT:
        if name.startswith("book/q"):
            text = (book_html / f"en/{name}.html").read_text(encoding="utf-8")  # type: ignore[operator]
            assert text.count('class="hw2-quiz"') == 1, name
