"""What search engines, and whoever shares a page, ask of it: its address, those of its siblings, a picture.

All of it needs the book's address, ``html: {baseurl: …}`` in ``_config.yml``. Where that names none, nothing
of it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bs4 import BeautifulSoup

from hw2utils.languages import LANGUAGES, Text
from hw2utils.publishing.pages.lines import element

CARD = "_static/share.png"
"""The picture that a shared page shows, below the book's folder."""
SIZE = (1200, 630)
"""Its width and height in pixels, those that services show without cutting."""
SITE_MAP = "sitemap.xml"

_KINDS = (*LANGUAGES, "both")
_LOCALES = {"fa": "fa_IR", "en": "en_GB"}
_SITE_MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def own_place(place: str, lang: str) -> str:
    """Give the place of a page in a language, below the book's folder.

    >>> own_place("book/x.html", "fa"), own_place("book/x.html", "both")
    ('fa/book/x.html', 'book/x.html')
    """
    return place if lang == "both" else f"{lang}/{place}"


def alternates(place: str, address: str) -> dict[str, str]:
    """Give the addresses of a page's siblings by language; ``x-default`` is the one with both.

    >>> alternates("book/x.html", "https://example.org/b/")["fa"]
    'https://example.org/b/fa/book/x.html'
    """
    named = {**{lang: lang for lang in LANGUAGES}, "x-default": "both"}
    return {name: _full(address, own_place(place, lang)) for name, lang in named.items()}


def _full(address: str, place: str) -> str:
    return f"{address.rstrip('/')}/{place}"


def add_identity(page: BeautifulSoup, place: str, lang: str, address: str) -> None:
    """Write into a page's head its address, those of its siblings, and what a shared link shows.

    >>> page = BeautifulSoup("<html><head><title>One</title></head></html>", "html.parser")
    >>> add_identity(page, "x.html", "en", "https://example.org")
    >>> page.find("link", rel="canonical")["href"]
    'https://example.org/en/x.html'
    """
    if page.head is None:
        return
    own = _full(address, own_place(place, lang))
    description = page.head.find("meta", attrs={"name": "description"})
    said = {
        "og:type": "article",
        "og:url": own,
        "og:title": page.title.get_text() if page.title else "",
        "og:description": str(description["content"]) if description else "",
        "og:image": _full(address, CARD),
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
    }
    links = [element("link", rel="canonical", href=own)]
    links += [
        element("link", rel="alternate", hreflang=name, href=target)
        for name, target in alternates(place, address).items()
    ]
    spoken = LANGUAGES if lang == "both" else (lang, *(one for one in LANGUAGES if one != lang))
    locales = [
        element("meta", property="og:locale:alternate" if number else "og:locale", content=_LOCALES[one])
        for number, one in enumerate(spoken)
    ]
    properties = [element("meta", property=name, content=text) for name, text in said.items() if text]
    page.head.extend([*links, *properties, *locales])
    page.head.append(element("meta", name="twitter:card", content="summary_large_image"))


def site_map(places: Iterable[str], address: str) -> str:
    """Write the map of a book's pages: every page in each language, with its siblings.

    >>> "<loc>https://example.org/fa/x.html</loc>" in site_map(["x.html"], "https://example.org")
    True
    """
    ElementTree.register_namespace("", _SITE_MAPS)
    ElementTree.register_namespace("xhtml", _XHTML)
    root = ElementTree.Element(f"{{{_SITE_MAPS}}}urlset")
    for place in places:
        for lang in _KINDS:
            entry = ElementTree.SubElement(root, f"{{{_SITE_MAPS}}}url")
            ElementTree.SubElement(entry, f"{{{_SITE_MAPS}}}loc").text = _full(
                address, own_place(place, lang)
            )
            for name, target in alternates(place, address).items():
                ElementTree.SubElement(
                    entry, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": name, "href": target}
                )
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def draw_card(title: Text, file: Path) -> None:
    """Draw the picture that a shared page shows, the book's title in both languages, as PNG of ``SIZE``."""
    from matplotlib import rc_context  # only a book with an address draws one
    from matplotlib.figure import Figure

    from hw2utils.plotting.style import COLORS, style

    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor="white")
    for lang, height in (("fa", 0.62), ("en", 0.38)):
        look: Any = style(lang)
        with rc_context(look):
            size = min(52, 1000 / max(len(title[lang]), 1))  # points; a long title is set smaller
            figure.text(0.5, height, title[lang], ha="center", va="center", fontsize=size, weight="bold")
    stripe = figure.add_axes((0, 0, 1, 0.04))
    stripe.bar(range(len(COLORS)), [1] * len(COLORS), width=1, color=COLORS)
    stripe.set(xlim=(-0.5, len(COLORS) - 0.5), ylim=(0, 1))
    stripe.set_axis_off()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Software": None})
