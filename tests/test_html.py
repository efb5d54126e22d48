"""HTML of sentences: escaped, code kept left to right, signs and Latin runs isolated in Persian."""

import pytest

from hw2utils.reporting.html import element, inline_html


def test_html_is_escaped_and_code_kept_left_to_right():
    assert inline_html("`x<y` & z") == '<code dir="ltr">x&lt;y</code> &amp; z'
    assert element("p", "en", "a", title='"') == '<p class="lang-en" dir="ltr" lang="en" title="&quot;">a</p>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("\u2066−۰٫۲\u2069 واحد", '<bdi dir="ltr">−۰٫۲</bdi> واحد'),
        ("با SGD, Adam و", 'با <bdi dir="ltr">SGD, Adam</bdi> و'),
        ("k = 5 و batch size 64", '<bdi dir="ltr">k = 5</bdi> و <bdi dir="ltr">batch size 64</bdi>'),
        ("واژهٔ ReLU تنها", "واژهٔ ReLU تنها"),
        ("نویز ±۰٫۶۷ است", 'نویز <bdi dir="ltr">±۰٫۶۷</bdi> است'),
        ("از +۵٪، یا ۳", 'از <bdi dir="ltr">+۵٪</bdi>، یا ۳'),
        ("کد `a, b` و a &", 'کد <code dir="ltr">a, b</code> و a &amp;'),
        ("`x\u2066−1\u2069`", '<code dir="ltr">x−1</code>'),
    ],
)
def test_signs_and_latin_runs_are_isolated_in_persian(text, html):
    assert inline_html(text, "fa") == html


def test_english_shows_no_isolates():
    assert inline_html("\u2066−0.2\u2069 and SGD, Adam") == "−0.2 and SGD, Adam"
