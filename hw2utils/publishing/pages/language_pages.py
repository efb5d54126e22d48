"""A page for each language beside the bilingual one, made of it when the book is written.

``book/x.html`` keeps both languages; ``fa/book/x.html`` and ``en/book/x.html`` hold one of them and share
pictures, styles, scripts and downloads with it. Links between pages are relative, so they stay in their
language; what is no page lies one folder further up. All three have the same anchors.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.dammit import EntitySubstitution
from bs4.element import Tag
from bs4.formatter import HTMLFormatter

from hw2utils.languages import DIRECTION, LANGUAGES
from hw2utils.publishing.pages.lines import SEPARATOR, element, halves, in_language, is_persian, split
from hw2utils.publishing.pages.sharing import CARD, SITE_MAP, add_identity, draw_card, own_place, site_map
from hw2utils.publishing.pages.theme_words import ADMONITIONS, ATTRIBUTES, WORDS, to_persian

NO_ICON = "data:,"
"""The icon of a page that only leads on: none, so that browsers do not ask the server for one."""

_LINES = (
    "h1, h2, h3, h4, h5, h6, .logo__title, .caption-text, .bd-sidenav a, .section-nav a, .toctree-wrapper a, "
    ".prev-next-title, .std-ref, .std-numref, .std-doc, .doc"
)
"""Where headings and titles stand, in both languages at once."""

_NAMED = {
    "pst-primary-sidebar": "Book menu",
    "pst-secondary-sidebar": "Contents of this page",
    "pst-search-dialog": "Search",
}
_TABLES = ("hw2-cases", "hw2-ledger")
_DOWNLOADS = ("btn-download-source-button", "btn-download-notebook-button")
_ADDRESSES = ("href", "src", "action")
_HEADER = "article-header-buttons"
_NAMES = {"fa": "فارسی", "en": "English"}
_BOTH = {"fa": "هر دو", "en": "Both"}
_SWITCH = {"fa": "زبان", "en": "Language", "both": "زبان / Language"}


class _AsRead(HTMLFormatter):
    """Write attributes in the order in which they were read, and only the escapes that HTML needs."""

    def __init__(self) -> None:
        super().__init__(EntitySubstitution.substitute_xml, void_element_close_prefix="")

    def attributes(self, tag: Tag) -> Iterable[tuple[str, Any]]:
        return tag.attrs.items()


def parse(html: str) -> BeautifulSoup:
    """Read a page, or a part of one."""
    return BeautifulSoup(html, "html.parser")


def write(page: BeautifulSoup) -> str:
    """Write a page; formulas, code, scripts and styles stay what they were.

    >>> write(parse('<p title="&lt;">1 &lt; 2<br/><math><mi>a</mi></math><script>1 < 2</script></p>'))
    '<p title="&lt;">1 &lt; 2<br><math><mi>a</mi></math><script>1 < 2</script></p>'
    """
    return page.decode(formatter=_AsRead())


# --- what all three need ----------------------------------------------------------------------------


def finish(page: BeautifulSoup) -> None:
    """Finish a page in both languages: halves of lines, languages of notes, names, what tables need.

    >>> page = parse("<h1>One — یک</h1>")
    >>> finish(page)
    >>> page.h1.span.get_text()
    'One'
    """
    for line in page.select(_LINES):
        split(line)
    for title in page.find_all(class_="admonition-title"):
        if title.find_parent(class_="lang-fa"):
            title.string = ADMONITIONS.get(title.get_text(strip=True), title.get_text())
    for note in page.find_all("aside", class_="footnote"):  # gathered at the end, outside their blocks
        lang = "fa" if is_persian(note.get_text()) else "en"
        note["lang"], note["dir"] = lang, DIRECTION[lang]
        note["class"] = " ".join([*note.get_attribute_list("class"), f"lang-{lang}"])
    for name, words in _NAMED.items():
        for part in page.find_all(id=[name, f"{name}-modal"]):
            part["aria-label"] = words
            if part.name != "dialog":
                part["role"] = "region"
    for table in page.find_all("table", class_=_TABLES):
        _name_cells(table)
    for link in page.find_all("a", class_=_DOWNLOADS):
        del link["target"]
        link["download"] = unquote(posixpath.basename(str(link["href"])))
    for number, figure in enumerate(page.find_all("figure", class_="hw2-figure"), start=1):
        # Not counted by the style sheet: sections that are not laid out keep their counters to themselves.
        figure["style"] = f"{figure.get('style', '')};counter-reset:figure {number}".lstrip(";")
    for copy in page.find_all(id="jb-print-docs-body"):  # the contents again, which is not printed
        copy.decompose()
    for again in page.find_all("meta", attrs={"name": "viewport"})[1:]:
        again.decompose()


def _name_cells(table: Tag) -> None:
    """Give each cell its heading, which the style sheet shows where it sets a row as a card."""
    heads = [
        "".join(text for text in cell.find_all(string=True) if text.find_parent("svg") is None)
        for cell in table.find_all("th")
    ]
    for row in table.find_all("tr"):
        for cell, head in zip(row.find_all("td"), heads, strict=False):
            cell["data-head"] = head


def page_title(title: str, lang: str) -> str:
    """Give the parts of a page's title that are in a language, or those in ``both``, each once.

    >>> page_title("One — یک — Book — کتاب", "fa"), page_title("Search - Book — کتاب", "fa")
    ('یک — کتاب', 'جست‌وجو — کتاب')
    """
    # The theme's page of results has a dash of its own.
    parts = list(dict.fromkeys(title.replace("Search - ", f"Search{SEPARATOR}").split(SEPARATOR)))
    if lang == "fa":
        parts = [WORDS.get(part, part) for part in parts]
    own = [part for part in parts if is_persian(part) == (lang == "fa")]
    return SEPARATOR.join(parts if lang == "both" or not own else own)


def _complete(page: BeautifulSoup, place: str, lang: str) -> None:
    """Say in a page's head, on its root and in its header which of the three it is."""
    root = page.html
    assert root is not None  # pages without one are not read
    root["lang"] = "fa" if lang == "fa" else "en"
    root["dir"] = "rtl" if lang == "fa" else "ltr"
    root["data-lang"], root["data-page"] = lang, place.removesuffix(".html")
    if (
        root.get("data-theme") == "auto"
    ):  # what the theme's script makes light or dark; without it no rule holds
        root["data-theme"] = "light"
    if page.title is not None:
        page.title.string = page_title(page.title.get_text(strip=True), lang)
    for description in root.find_all("meta", attrs={"name": "description"}):
        words = {one: description.attrs.pop(f"data-{one}", None) for one in LANGUAGES}
        description["content"] = words.get(lang) or description["content"]
    for known in root.find_all("link", rel="canonical"):  # Sphinx's, for the page with both languages
        known.decompose()
    for header in root.find_all(class_=_HEADER):
        header.insert(0, _switch(place, lang))


def _switch(place: str, lang: str) -> Tag:
    """Make the links to the same page in the other languages."""
    folder = posixpath.dirname(own_place(place, lang))
    switch = element("nav", class_="hw2-switch", aria_label=_SWITCH[lang])
    for one in (*LANGUAGES, "both"):
        words: list[str | Tag] = [_NAMES[one]] if one in _NAMES else [_BOTH.get(lang, "")]
        if one == lang == "both":
            words = [
                in_language("fa", _BOTH["fa"]),
                element("span", " / ", class_="lang-sep"),
                in_language("en", _BOTH["en"]),
            ]
        link = element("a", *words, href=posixpath.relpath(own_place(place, one), folder), data_language=one)
        link["lang"] = one if one in LANGUAGES else lang if lang in LANGUAGES else "fa"
        if one in LANGUAGES:
            link["hreflang"] = one
        if one == lang:
            link["aria-current"] = "page"
        switch.append(link)
    return switch


# --- both ---------------------------------------------------------------------------------------------


def in_both(page: BeautifulSoup, place: str) -> None:
    """Make a finished page the one with both languages: blocks in pairs, which may stand side by side."""
    for persian in page.select("article div.lang-fa:not(.hw2-view)"):  # figures have their own places
        english = persian.find_next_sibling()
        if english is not None and english.name == "div" and "lang-en" in english.get_attribute_list("class"):
            persian.wrap(element("div", class_="hw2-pair")).append(english)
    _complete(page, place, "both")


# --- one ----------------------------------------------------------------------------------------------


def in_one(page: BeautifulSoup, lang: str, place: str, pages: Iterable[str]) -> None:
    """Make a finished page the one in a language; ``pages`` are the places of all that have such a page.

    >>> page = parse('<html><p class="lang-fa">آ</p><a href="b.html">b</a><img src="../c.svg"></html>')
    >>> in_one(page, "en", "book/a.html", ["book/a.html", "book/b.html"])
    >>> print(page.find("a"), page.img)
    <a href="b.html">b</a> <img src="../../c.svg"/>
    """
    known = frozenset(pages)
    _keep(page, lang, place, known)
    for frame in page.find_all("script", type="text/html"):
        part = parse(frame.get_text())
        _keep(part, lang, place, known)
        frame.string = write(part)
    if lang == "fa":
        to_persian(page)
    _complete(page, place, lang)


def _keep(part: Tag, lang: str, place: str, pages: frozenset[str], *, shared: bool = True) -> None:
    """Leave only one language in a part of a page, and let its addresses lead where they led.

    ``shared`` says that it stands in no language, so that its names may be lines in both.
    """
    lines = False
    for found in list(part.children):
        if not isinstance(found, Tag):
            continue
        classes = found.get("class") or ()
        lines = lines or "lang-sep" in classes
        if "lang-sep" in classes or any(f"lang-{one}" in classes for one in LANGUAGES if one != lang):
            found.extract()
            continue
        common = shared and f"lang-{lang}" not in classes
        for name, value in found.attrs.items():
            if name in _ADDRESSES:
                found[name] = _address(str(value), place, pages)
            elif common and name in ATTRIBUTES:
                found[name] = halves(str(value))[lang]
        _keep(found, lang, place, pages, shared=common)
    for half in part.find_all("span", class_=f"lang-{lang}", recursive=False) if lines else ():
        half.unwrap()  # its language is the page's now


def _address(address: str, place: str, pages: frozenset[str]) -> str:
    """Give where an address on a page leads from the same page one folder deeper.

    >>> _address("b.html#c", "book/a.html", frozenset(["book/b.html"])), _address("#c", "a.html", frozenset())
    ('b.html#c', '#c')
    """
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all: left to whoever looks for broken links
        return address
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return address
    target = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(parts.path)))
    return address if target in pages else f"../{address}"


# --- the book -----------------------------------------------------------------------------------------


def write_language_pages(html: Path, title: str = "", address: str = "") -> None:
    """Write the pages of each language of a newly built book and finish the bilingual ones.

    ``title`` is the book's, in both languages. Where ``address`` says where the book will stand, pages name
    it and their siblings, and the book gets a site map and a picture for whoever shares a page.
    """
    texts = {
        file.relative_to(html).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(html.rglob("*.html"))
        if not file.relative_to(html).parts[0].startswith("_")  # the theme leaves templates under _static
    }
    real = []
    for place, text in texts.items():
        page = parse(text)
        if page.html is None:  # the address of the book, which only leads on
            for lang in (*LANGUAGES, "both"):
                _put(html / own_place(place, lang), _leading_on(text, title, lang))
            continue
        real.append(place)
        finish(page)
        common = write(page)
        for lang in LANGUAGES:
            own = parse(common)
            in_one(own, lang, place, texts)
            if address:
                add_identity(own, place, lang, address)
            _put(html / own_place(place, lang), write(own))
        in_both(page, place)
        if address:
            add_identity(page, place, "both", address)
        _put(html / place, write(page))
    if address:
        _put(html / SITE_MAP, site_map(real, address))
        draw_card(halves(title), html / CARD)


def _leading_on(text: str, title: str, lang: str) -> str:
    """Write a whole page in the place of one that only leads on, in a language or both.

    >>> _leading_on('<meta http-equiv="Refresh" content="0; url=book/a.html" />', "Book — کتاب", "fa")[-51:]
    '<body><a href="book/a.html">کتاب</a></body></html>\\n'
    """
    found = re.search(r'url=([^"]+)"', text)
    if found is None:
        return text
    own = lang if lang in LANGUAGES else "en"
    name = escape(title if lang == "both" else halves(title)[lang])
    return (
        f'<!DOCTYPE html>\n<html lang="{own}" dir="{DIRECTION[own]}"><head><meta charset="utf-8">'
        f'<title>{name}</title><link rel="icon" href="{NO_ICON}">'
        f'<meta http-equiv="refresh" content="0; url={found[1]}"></head>'
        f'<body><a href="{found[1]}">{name}</a></body></html>\n'
    )


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
