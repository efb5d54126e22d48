"""Addresses that are no page of the book any more, or anchors that a page has lost: they lead on.

:mod:`hw2utils.publishing.sources.moved` says what ``moved.yml`` holds. A page at an old address is written
when the others are finished, for it lists the sections to which it leads. A script goes to the right one;
without it the page stays, and each old anchor is at the link to its successor. A page that gave parts away
gets a script that goes to where a lost anchor stands now.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bs4.element import Tag

from hw2utils._checks import did_you_mean
from hw2utils.languages import DIRECTION, LANGUAGES, Text
from hw2utils.publishing.pages.language_pages import NO_ICON, parse, write
from hw2utils.publishing.pages.lines import SEPARATOR, element
from hw2utils.publishing.pages.sharing import own_place
from hw2utils.publishing.sources.moved import FILE, Moved, MovedError, load_moved

_HEADINGS = ("h1", "h2", "h3", "h4")
_MOVED: Text = {
    "fa": "این صفحه جابه‌جا شده است. محتوای آن اکنون اینجاست:",
    "en": "This page has moved. Its content is here now:",
}
_SCRIPT = """{
const places = %s;
const to = places[decodeURIComponent(location.hash.slice(1))] ?? places[""];
if (to !== undefined) {
  const [page, place] = to.split("#");
  location.replace(page + location.search + (place ? `#${place}` : ""));
}
}"""
_OPENING = '<meta charset="utf-8">'  # the first 1024 bytes of a page have to say it


@dataclass(frozen=True)
class Section:
    """Hold a section: its page's file, its heading, and the anchors in it, its own first."""

    page: str
    heading: str
    anchors: list[str] = field(default_factory=list)


def sections(article: Tag, page: str) -> Iterator[Section]:
    """Give the sections of a page that have headings, each with the anchors in it and in none below it.

    >>> text = '<section id="a"><span id="b"></span><h2>A<a>#</a></h2><section id="c"></section></section>'
    >>> next(sections(parse(text), "x.html"))
    Section(page='x.html', heading='A', anchors=['a', 'b', 'c'])
    """
    of: dict[int, Section] = {}
    for section in article.find_all("section", id=True):
        if heading := section.find(_HEADINGS, recursive=False):
            of[id(section)] = Section(page, heading.get_text().removesuffix("#").strip())
    for part in article.find_all(id=True):
        around = [part, *part.parents]
        if nearest := next((of[id(one)] for one in around if id(one) in of), None):
            nearest.anchors.append(str(part["id"]))
    yield from of.values()


def write_moved(folder: Path, html: Path) -> list[str]:
    """Write into a finished book, in each language and in both, a page at each address that leads on.

    ``folder`` is the one with the chapters and ``moved.yml``, below the book's own. Returns the places of the
    pages with both languages.

    Raises MovedError where an entry names a page or a label that the book lacks.
    """
    written = []
    for entry in load_moved(folder):
        place = next((html / "en").rglob(f"{entry.into[0]}.html"), None)
        inside = "" if place is None else place.relative_to(html / "en").parent.as_posix()
        told = {lang: _sections(entry, html / lang / inside) for lang in LANGUAGES}
        old = posixpath.normpath(posixpath.join(inside, f"{entry.name}.html"))
        if entry.title is None:
            for lang in (*LANGUAGES, "both"):
                _lead_on(html / own_place(old, lang), entry, told[LANGUAGES[0] if lang == "both" else lang])
            continue
        for lang in (*LANGUAGES, "both"):
            file = html / own_place(old, lang)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_page(entry, lang, told), encoding="utf-8", newline="\n")
        written.append(old)
    return written


def _sections(entry: Moved, folder: Path) -> list[Section]:
    """Give the sections that a page was split into, with the old anchors among theirs."""
    found: list[Section] = []
    for name in entry.into:
        file = folder / f"{name}.html"
        article = parse(file.read_text(encoding="utf-8")).find("article") if file.is_file() else None
        if not isinstance(article, Tag):
            raise MovedError(f"{FILE}: {entry.name}: no page {name} in the book; name it in _toc.yml")
        found.extend(sections(article, file.name))
    of = {anchor: section for section in reversed(found) for anchor in section.anchors}
    for anchor, label in entry.anchors.items():
        if label not in of:
            near = did_you_mean(label, of)
            raise MovedError(f"{FILE}: {entry.name}: no label {label!r} in {', '.join(entry.into)}{near}")
        of[label].anchors.append(anchor)
    return found


def _lead_on(file: Path, entry: Moved, told: Sequence[Section]) -> None:
    """Let a page that gave parts away lead on from the anchors it has lost."""
    text = file.read_text(encoding="utf-8")
    kept = {str(part["id"]) for part in parse(text).find_all(id=True)}
    if still := sorted(entry.anchors.keys() & kept):
        raise MovedError(f"{FILE}: {entry.name}: the page has {still[0]!r} still; take the line away")
    lost = {anchor: place for anchor, place in _leads(entry, told).items() if anchor not in kept}
    script = f"<script>{_script(lost)}</script>"
    file.write_text(text.replace(_OPENING, _OPENING + script, 1), encoding="utf-8", newline="\n")


def _leads(entry: Moved, told: Sequence[Section]) -> dict[str, str]:
    """Say where each old anchor leads."""
    leads: dict[str, str] = {}
    for section in told:
        for anchor in section.anchors:
            leads.setdefault(anchor, f"{section.page}#{entry.anchors.get(anchor, anchor)}")
    return leads


def _script(leads: Mapping[str, str]) -> str:
    return _SCRIPT % json.dumps(leads, ensure_ascii=False).replace("</", "<\\/")


def _page(entry: Moved, lang: str, told: Mapping[str, list[Section]]) -> str:
    assert entry.title is not None
    spoken = LANGUAGES if lang == "both" else (lang,)
    first = told[spoken[0]]
    page = parse(
        f'<!DOCTYPE html>\n<html lang="{spoken[0]}" dir="{DIRECTION[spoken[0]]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><link rel="icon" href="{NO_ICON}"></head>'
        "<body><main></main></body></html>\n"
    )
    assert page.head is not None and page.main is not None
    title = SEPARATOR.join(entry.title[one] for one in reversed(spoken))
    script = element("script")
    script.string = _script({"": first[0].page, **_leads(entry, first)})
    page.head.extend([element("title", title), script])
    for one in spoken:
        rows = element("ul")
        marked: set[str] = set()
        for section in told[one]:
            row = element("li", element("a", section.heading, href=f"{section.page}#{section.anchors[0]}"))
            if one == spoken[0]:  # an anchor stands once on a page
                new = [anchor for anchor in dict.fromkeys(section.anchors) if anchor not in marked]
                row.extend(element("span", id=anchor) for anchor in new)
                marked.update(new)
            rows.append(row)
        heading = element("h1" if one == spoken[0] else "h2", entry.title[one])
        page.main.append(
            element("div", heading, element("p", _MOVED[one]), rows, lang=one, dir=DIRECTION[one])
        )
    return write(page)
