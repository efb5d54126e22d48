"""Signs and Latin words in Persian sentences stand where they belong, as the browser lays them out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from hw2utils.reporting.html import element, inline_html

PLACES = """(parts) => {
    const text = document.querySelector("p"), walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const found = {};
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (const part of parts) {
            const at = node.data.indexOf(part);
            if (at < 0 || part in found) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + part.length);
            found[part] = range.getBoundingClientRect().left;
        }
    return parts.map((part) => found[part]);
}"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("اختلاف \u2066−۰٫۰۲\u2069 واحد درصد است.", ["−", "۰٫۰۲"]),
        ("بازه \u2066+۰٫۸\u2069 – \u2066+۱٫۵\u2069 است.", ["+", "۰٫۸"]),
        ("روش‌های SGD, Adam و momentum 0.9 بهترند.", ["SGD", "Adam"]),
        ("با batch size 64 و نرخ ۰٫۱", ["batch", "64"]),
    ],
    ids=["minus", "range", "list", "number"],
)
def test_what_reads_from_the_left_stands_from_the_left(page: Page, sentence: str, parts: list[str]) -> None:
    page.set_content(element("p", "fa", inline_html(sentence, "fa")))
    first, second = page.evaluate(PLACES, parts)
    assert first < second, f"{parts[0]} stands to the right of {parts[1]}"


@pytest.mark.browser
@pytest.mark.parametrize(("sentence", "parts"), [("اختلاف −۰٫۰۲ است.", ["−", "۰٫۰۲"])])
def test_without_isolation_the_sign_stands_on_the_other_side(
    page: Page, sentence: str, parts: list[str]
) -> None:
    """Else the test above could not fail."""
    page.set_content(f'<p dir="rtl">{sentence}</p>')
    first, second = page.evaluate(PLACES, parts)
    assert first > second
