"""Text in the book's two languages, and the records that carry results out of a chapter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hw2utils._checks import check_language

LANGUAGES = ("fa", "en")
DIRECTION = {"fa": "rtl", "en": "ltr"}
RECORD_MIME = "application/vnd.hw2utils.record+json"
"""The MIME type under which a displayed result travels inside a notebook's outputs."""

Text = Mapping[str, str]

_ALIGNED = re.compile(r"<(?:p|th|td)\b(?![^>]*\sstyle=)")
_PERSIAN = str.maketrans("0123456789.-%", "۰۱۲۳۴۵۶۷۸۹٫−٪")


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


def inline_html(text: str) -> str:
    """Escape a sentence for HTML, keeping `code` in backticks as isolated, left-to-right code.

    >>> inline_html("a < `b`")
    'a &lt; <code dir="ltr">b</code>'
    """
    return re.sub(r"`([^`]+)`", r'<code dir="ltr">\1</code>', html.escape(text, quote=False))


def element(tag: str, lang: str, body: str, **attributes: str) -> str:
    """Wrap HTML in an element of one language, with class, language and direction set.

    >>> element("p", "fa", "سلام")
    '<p class="lang-fa" dir="rtl" lang="fa">سلام</p>'
    """
    extra = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return f'<{tag} class="lang-{lang}" dir="{DIRECTION[lang]}" lang="{lang}"{extra}>{body}</{tag}>'


def start_aligned(body: str) -> str:
    """Align paragraphs and table cells of some HTML as their direction asks.

    JupyterLab aligns every paragraph to the left and every cell to the right.

    >>> start_aligned('<p dir="rtl">سلام</p>')
    '<p style="text-align: start" dir="rtl">سلام</p>'
    """
    return _ALIGNED.sub(r'\g<0> style="text-align: start"', body)


def table(name: str, label: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of HTML cells that scrolls by itself where it is too wide; ``name`` is its class.

    >>> "<td>1</td>" in table("hw2-cases", "C-1", ["n"], [["1"]])
    True
    """
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="hw2-scroll" tabindex="0" role="group" aria-label="{html.escape(label)}">'
        f'<table class="{name}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


class Record:
    """Show a result in both languages and carry its data inside the notebook.

    Subclasses give the record, and its HTML and plain-text forms.
    """

    def record(self) -> dict[str, Any]:
        """Give the data, plain enough for JSON, with ``kind`` and ``name``."""
        raise NotImplementedError

    def html(self) -> str:
        """Give the HTML with both languages."""
        raise NotImplementedError

    def text(self) -> str:
        """Give a plain-text form with both languages."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/plain": self.text(),
            "text/html": start_aligned(self.html()),
            RECORD_MIME: self.record(),
        }


class Note(Record):
    """Say a sentence whose numbers were measured, in both languages, and keep the numbers as a record.

    ``name`` is the stable name under which ``value`` (anything JSON can hold) appears in the results.

    Raises ValueError when a language is missing.

    >>> print(Note("runs", 10, fa="ده بار اجرا شد.", en="Ten runs.").text())
    ده بار اجرا شد.
    Ten runs.
    """

    def __init__(self, name: str, value: Any, *, fa: str, en: str) -> None:
        self.name, self.value = name, value
        self._text = check_text("fa, en", {"fa": fa, "en": en})

    def record(self) -> dict[str, Any]:
        """Give the named value."""
        return {"kind": "value", "name": self.name, "value": self.value}

    def html(self) -> str:
        """Give one paragraph per language."""
        body = "".join(element("p", lang, inline_html(self._text[lang])) for lang in LANGUAGES)
        return f'<div class="hw2-note">{body}</div>'

    def text(self) -> str:
        """Give one line per language."""
        return "\n".join(self._text[lang] for lang in LANGUAGES)
