"""The two languages: numbers and texts as prose writes them."""

import pytest

from hw2utils.languages import check_text, number, percent


@pytest.mark.parametrize(
    ("value", "digits", "sign", "persian", "english"),
    [
        (86.25, 1, False, "۸۶٫۲", "86.2"),
        (-0.5, 2, False, "−۰٫۵۰", "−0.50"),
        (0.5, 0, True, "۰", "0"),
        (-0.0001, 2, True, "۰٫۰۰", "0.00"),
        (3, 0, True, "+۳", "+3"),
        (1234567890, 0, False, "۱۲۳۴۵۶۷۸۹۰", "1234567890"),
    ],
)
def test_numbers_as_prose_writes_them(value, digits, sign, persian, english):
    assert number(value, digits, "fa", sign=sign) == persian
    assert number(value, digits, "en", sign=sign) == english


def test_percentages():
    assert percent(0.9995, 1, "fa") == "۱۰۰٫۰٪"
    assert percent(0.5, 0, "en") == "50%"


@pytest.mark.parametrize(
    "text", [{"fa": "متن"}, {"fa": "متن", "en": " "}, "text", {"fa": "a", "en": "b", "de": "c"}]
)
def test_a_text_needs_both_languages_and_no_other(text):
    with pytest.raises(ValueError, match="alt: expected text in both languages"):
        check_text("alt", text)
