"""HTML of what a chapter shows: sentences, elements of one language, tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from hw2utils.languages import DIRECTION

_CODE = re.compile(r"`([^`]+)`")
_UNSIGNED = re.compile("[\u2066\u2069]")
_LATIN = re.compile(  # what is isolated already, a number with its sign, Latin words and numbers in a row
    r"\u2066([^\u2069]*)\u2069|([±−+][۰-۹0-9][۰-۹0-9٫٬.,]*(?<![.,])٪?)"
    r"|((?<![&\w])[A-Za-z][\w.'-]*(?:(?:, | = |=| |-|/)[A-Za-z0-9][\w.'-]*)+)",
    re.ASCII,
)
_ALIGNED = re.compile(r"<(?:p|th|td)\b(?![^>]*\sstyle=)")


def inline_html(text: str, lang: str = "en") -> str:
    """Escape a sentence for HTML, keeping `code` in backticks as isolated, left-to-right code.

    In Persian, numbers with a sign and runs of Latin words and numbers are isolated too: else the sign stands
    on the other side, and a list such as "SGD, Adam" is read from the wrong end.

    >>> inline_html("a < `b`")
    'a &lt; <code dir="ltr">b</code>'
    >>> inline_html("با SGD, Adam", "fa")
    'با <bdi dir="ltr">SGD, Adam</bdi>'
    """
    escaped = html.escape(text, quote=False)
    if lang != "fa":
        return _CODE.sub(r'<code dir="ltr">\1</code>', _UNSIGNED.sub("", escaped))
    pieces = _CODE.split(escaped)  # every second one is code
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = f'<code dir="ltr">{_UNSIGNED.sub("", piece)}</code>'
        else:
            pieces[place] = _LATIN.sub(_isolated, piece)
    return "".join(pieces)


def _isolated(match: re.Match[str]) -> str:
    return left_to_right(match[1] or match[2] or match[3], "fa")


def left_to_right(text: str, lang: str) -> str:
    """Keep numbers or a date, whose parts have an order, from being turned around in Persian.

    >>> left_to_right("−1 [−2, 0]", "fa"), left_to_right("−1 [−2, 0]", "en")
    ('<bdi dir="ltr">−1 [−2, 0]</bdi>', '−1 [−2, 0]')
    """
    return f'<bdi dir="ltr">{text}</bdi>' if DIRECTION[lang] == "rtl" else text


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


def table(
    name: str,
    label: str,
    heads: Iterable[str],
    rows: Iterable[Iterable[str]],
    attributes: Iterable[str] | None = None,
) -> str:
    """Write a table of HTML cells that scrolls by itself where it is too wide; ``name`` is its class.

    ``attributes`` are those of each row, as HTML.

    >>> "<td>1</td>" in table("hw2-cases", "C-1", ["n"], [["1"]])
    True
    """
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    said = [""] * len(cells) if attributes is None else [f" {one}" for one in attributes]
    body = "".join(f"<tr{own}>{row}</tr>" for own, row in zip(said, cells, strict=True))
    return (
        f'<div class="hw2-scroll" tabindex="0" role="group" aria-label="{html.escape(label)}">'
        f'<table class="{name}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
