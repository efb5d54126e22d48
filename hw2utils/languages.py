"""The book's two languages: their names and directions, texts in both, numbers as prose writes them."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("fa", "en")
DIRECTION = {"fa": "rtl", "en": "ltr"}

Text = Mapping[str, str]
"""A text in both languages: ``{"fa": …, "en": …}``."""

_LANGUAGES = {
    "fa": {"fa", "fas", "per", "farsi", "persian", "فارسی"},
    "en": {"en", "eng", "english", "انگلیسی"},
}
_PERSIAN = str.maketrans("0123456789.-%", "۰۱۲۳۴۵۶۷۸۹٫−٪")


def check_language(lang: object) -> str:
    """Return a language's code, or name the one that was probably meant.

    Raises ValueError for anything but ``fa`` and ``en``.

    >>> check_language("persian")
    Traceback (most recent call last):
    ValueError: lang: expected 'fa' or 'en', got 'persian'; did you mean 'fa'?
    """
    if isinstance(lang, str) and lang in _LANGUAGES:
        return lang
    asked = lang.lower().split("-")[0].split("_")[0] if isinstance(lang, str) else ""
    meant = next((code for code, names in _LANGUAGES.items() if asked in names), None)
    hint = f"did you mean {meant!r}?" if meant else "'fa' is Persian, 'en' is English"
    raise ValueError(f"lang: expected 'fa' or 'en', got {lang!r}; {hint}")


def check_text(name: str, text: object) -> dict[str, str]:
    """Return a text as ``{"fa": …, "en": …}``, or say which language is missing.

    Raises ValueError unless both languages hold something.

    >>> check_text("alt", {"fa": "نمودار", "en": "Chart"})["en"]
    'Chart'
    """
    if isinstance(text, Mapping):
        found = {lang: str(text.get(lang) or "").strip() for lang in LANGUAGES}
        if all(found.values()) and set(text) == set(LANGUAGES):
            return found
    raise ValueError(
        f"{name}: expected text in both languages, {{'fa': …, 'en': …}}, got {text!r}; write both"
    )


def number(value: float, digits: int, lang: str, *, sign: bool = False) -> str:
    """Write a number as prose does: Persian digits and ٫ in Persian, a true minus sign in both.

    Raises ValueError for another language than ``fa`` and ``en``.

    >>> number(-0.25, 2, "fa"), number(-0.25, 2, "en"), number(3, 0, "en", sign=True)
    ('−۰٫۲۵', '−0.25', '+3')
    """
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return localise(text, lang) if check_language(lang) == "fa" else text.replace("-", "−")


def percent(fraction: float, digits: int, lang: str) -> str:
    """Write a fraction as a percentage, as prose in one language does.

    >>> percent(0.8712, 1, "fa"), percent(0.8712, 1, "en")
    ('۸۷٫۱٪', '87.1%')
    """
    return number(100 * fraction, digits, lang) + ("٪" if lang == "fa" else "%")


def localise(text: str, lang: str) -> str:
    """Turn the digits, decimal points, minus and percent signs of a plain number into the language's own.

    Raises ValueError for another language than ``fa`` and ``en``.

    >>> localise("95%", "fa")
    '۹۵٪'
    """
    return text.translate(_PERSIAN) if check_language(lang) == "fa" else text
