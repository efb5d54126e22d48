"""HTML of what a chapter shows: sentences, elements of one language, tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from hw2utils.languages import DIRECTION

_ALIGNED = re.compile(r"<(?:p|th|td)\b(?![^>]*\sstyle=)")


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
