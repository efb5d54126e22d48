"""Lines in both languages at once, ``English — فارسی``, as headings and titles are: their halves."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString, Tag

from hw2utils.languages import DIRECTION
from hw2utils.publishing.sources.persian import LETTER

SEPARATOR = " — "
"""What stands between the halves of a line."""

_LETTER = re.compile(f"[{LETTER}]")
_MADE = BeautifulSoup("", "html.parser")  # makes elements


def is_persian(text: str) -> bool:
    """Say whether a text has a Persian letter.

    >>> is_persian("k و n"), is_persian("۱۲")
    (True, False)
    """
    return _LETTER.search(text) is not None


def halves(title: str) -> dict[str, str]:
    """Give each language's half of a heading ``English — فارسی``; a heading in one language is both.

    >>> halves("Deep — and narrow — عمیق — و باریک")
    {'fa': 'عمیق — و باریک', 'en': 'Deep — and narrow'}
    """
    pieces = title.split(SEPARATOR)
    cut = next((i for i, piece in enumerate(pieces) if is_persian(piece)), 0)
    english, persian = SEPARATOR.join(pieces[:cut]), SEPARATOR.join(pieces[cut:])
    return {"fa": persian, "en": english} if english else {"fa": title, "en": title}


def element(tag: str, *content: str | Tag, **attributes: str) -> Tag:
    """Make an element that holds texts and elements; ``class_`` and ``data_x`` name ``class``, ``data-x``.

    >>> str(element("a", "text", href="#x", class_="y"))
    '<a class="y" href="#x">text</a>'
    """
    named = {name.rstrip("_").replace("_", "-"): value for name, value in sorted(attributes.items())}
    made = _MADE.new_tag(tag, attrs=named)
    made.extend(NavigableString(part) if type(part) is str else part for part in content)
    return made


def in_language(lang: str, *content: str | Tag) -> Tag:
    """Make the element that holds one language's half of a line.

    >>> str(in_language("fa", "آ"))
    '<span class="lang-fa" dir="rtl" lang="fa">آ</span>'
    """
    return element("span", *content, class_=f"lang-{lang}", dir=DIRECTION[lang], lang=lang)


def _cut(line: Tag) -> tuple[NavigableString, int] | None:
    """Find the last separator with no Persian letter before it, of a line that has some after it."""
    found, before = None, ""
    for text in line.find_all(string=True):
        if isinstance(text, PreformattedString):  # a comment
            continue
        at = text.find(SEPARATOR)
        while at >= 0 and not is_persian(before + text[:at]):
            found, at = (text, at), text.find(SEPARATOR, at + 1)
        before += text
    return found if is_persian(before) else None


def split(line: Tag) -> None:
    """Put each half of a line in an element of its language, and what is between in one that can be hidden.

    The sign that links to a heading stays outside; a line in one language stays as it is.

    >>> soup = BeautifulSoup('<h2><code>k</code> or n — آ<a class="headerlink">#</a></h2>', "html.parser")
    >>> split(soup.h2)
    >>> [part.get_text() for part in soup.h2.children]
    ['k or n', ' — ', 'آ', '#']
    """
    if line.find(class_="lang-sep") or (cut := _cut(line)) is None:
        return
    text, at = cut
    before, between, after = text[:at], NavigableString(SEPARATOR), text[at + len(SEPARATOR) :]
    text.replace_with(NavigableString(before), between, NavigableString(after))
    parent = between.parent
    assert parent is not None  # it was put there
    parts = [part for part in parent.contents if "headerlink" not in _classes(part)]
    middle = next(i for i, part in enumerate(parts) if part is between)
    separator = element("span", class_="lang-sep")
    between.wrap(separator)
    for lang, own in (("en", parts[:middle]), ("fa", parts[middle + 1 :])):
        half = in_language(lang)
        own[0].insert_before(half)
        half.extend(own)


def _classes(node: object) -> list[str]:
    return list(node.get("class") or ()) if isinstance(node, Tag) else []
