"""The built book as one PDF file: its pages joined into one, printed by Chromium, with numbered contents."""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from hw2utils.languages import DIRECTION, LANGUAGES, localise
from hw2utils.publishing.editions.chromium import chromium
from hw2utils.publishing.pages.lines import SEPARATOR, halves, in_language, is_persian

CHOICES = (*LANGUAGES, "both")

_NAMING = ("id", "for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")
_CONTENTS = {"fa": "فهرست", "en": "Contents"}

_STYLE = """
@page { size: A4; margin: 20mm 16mm 18mm; }
html { font-size: 12.5px; }
body { margin: 0; background: #fff; }
.hw2-chapter { break-before: page; }
.hw2-chapter h1:first-of-type { margin-block-start: 0; }
.hw2-cover { page: cover; height: 90vh; display: grid; place-content: center; text-align: center; }
.hw2-cover p { font-size: 2.6rem; font-weight: 600; line-height: 1.6; margin: .4rem; }
.hw2-contents { page: contents; break-before: page; }
.hw2-contents > ul { columns: 2; column-gap: 2.5rem; font-size: .92em; }
.hw2-contents ul { list-style: none; padding: 0 !important; margin: 0; }
.hw2-contents li { margin: 0; break-inside: avoid; }
.hw2-contents .part { font-weight: 600; margin-block: 1.1rem .2rem; break-after: avoid; }
.hw2-contents ul ul { padding-inline-start: 1.6rem !important; font-size: .92em; }
.hw2-contents a { display: flex; gap: .6rem; align-items: baseline; color: inherit; text-decoration: none; }
.hw2-contents .title { flex: 1; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 2rem; }
.hw2-contents .number { min-width: 3em; text-align: end; font-variant-numeric: tabular-nums; }
html[data-lang="both"] .hw2-contents .title > .lang-fa { margin-left: auto; }
.hw2-contents .lang-sep { display: none; }
"""
_MARGIN = "font: 8.5pt Vazirmatn, Arial, sans-serif; color: #555;"


@dataclass(frozen=True)
class _Chapter:
    name: str
    title: str
    article: Tag
    sections: tuple[tuple[str, str], ...]
    """Names and titles of the sections."""


def _only(found: Tag | None, what: str, where: Path) -> Tag:
    if found is None:
        raise ValueError(f"html: expected {what} in {where}, found none; build the book anew with make book")
    return found


def _bare(heading: Tag) -> str:
    """Give a heading's words without its link to itself."""
    return "".join(text for text in heading.strings if not text.find_parent("a", class_="headerlink")).strip()


def _outline(home: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the parts of the sidebar: caption and the pages' file names; the home page comes first."""
    soup = BeautifulSoup(home.read_text(encoding="utf-8"), "html.parser")
    navigation = _only(soup.select_one("nav.bd-links"), "the book's contents", home)
    yield "", [home.name]
    for caption in navigation.select("p.caption"):
        following = _only(caption.find_next_sibling("ul"), "a list of chapters", home)
        yield caption.get_text().strip(), [str(link["href"]) for link in following.select("a.reference")]


def _address(value: str, page: Path, names: Mapping[Path, str]) -> str:
    """Give where an address of one page leads in the joined page."""
    parts = urlsplit(value)
    if parts.scheme or parts.netloc:
        return value
    target = (page.parent / parts.path).resolve() if parts.path else page
    if target in names:
        return f"#{names[target]}" + (f"--{parts.fragment}" if parts.fragment else "")
    return target.as_uri()


def _chapter(page: Path, names: Mapping[Path, str]) -> _Chapter:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    article = _only(soup.select_one("article.bd-article"), "an article", page)
    name = names[page]
    for unwanted in article.select("script, .headerlink, .toctree-wrapper"):
        unwanted.decompose()
    for element in article.find_all(True):
        for attribute in _NAMING:
            if element.has_attr(attribute):
                given = element[attribute]
                words = given.split() if isinstance(given, str) else list(given)
                element[attribute] = " ".join(f"{name}--{word}" for word in words)
        for attribute in ("href", "src"):
            if element.has_attr(attribute):
                element[attribute] = _address(str(element[attribute]), page, names)
        if element.name == "img":
            element["loading"] = "eager"
    headings = [(h.find_parent("section"), h) for h in article.select("section > h2")]
    sections = tuple((str(section["id"]), _bare(h)) for section, h in headings if section is not None)
    return _Chapter(name, _bare(_only(article.find("h1"), "a title", page)), article, sections)


def _halved(title: str, lang: str) -> str:
    """Write a line of the contents: the halves of a title in both languages, or the title in one."""
    words = halves(title)
    if lang != "both" or words["fa"] == words["en"]:
        own = lang if lang != "both" else "fa" if is_persian(title) else "en"
        return f'<span lang="{own}" dir="{DIRECTION[own]}">{html.escape(title)}</span>'
    spans = [str(in_language(one, words[one])) for one in ("en", "fa")]
    return f'<span class="lang-sep">{SEPARATOR}</span>'.join(spans)


def _css_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _running_heads(chapters: list[_Chapter], lang: str) -> str:
    """Give the rules that print the chapter's title above and the number below each page."""
    size = "@page { size: A4 landscape; margin: 18mm 15mm 16mm; }\n" if lang == "both" else ""
    counter = {"fa": "counter(page, persian)", "en": "counter(page)"}
    counter["both"] = f'{counter["en"]} " · " {counter["fa"]}'
    rules = [
        size + f"@page {{ @bottom-center {{ {_MARGIN} content: {counter[lang]}; }} }}",
        "@page cover { @bottom-center { content: none; } }",
    ]
    for chapter in chapters:
        words = halves(chapter.title)
        boxes = {"fa": ("right", "rtl", words["fa"]), "en": ("left", "ltr", words["en"])}
        for choice, (side, direction, title) in boxes.items():
            if lang in (choice, "both"):
                rules.append(
                    f"@page {chapter.name} {{ @top-{side} {{ {_MARGIN} direction: {direction}; "
                    f"white-space: nowrap; content: {_css_string(title)}; }} }}"
                )
        rules.append(f'.hw2-chapter[id="{chapter.name}"] {{ page: {chapter.name}; }}')
    return "\n".join(rules)


def _contents(parts: list[tuple[str, list[_Chapter]]], numbers: Mapping[str, int], lang: str) -> str:
    def line(name: str, title: str) -> str:
        page = localise(str(numbers[name]), "fa" if lang == "fa" else "en") if name in numbers else "000"
        words = f'<span class="title">{_halved(title, lang)}</span><span class="number">{page}</span>'
        return f'<a href="#{name}">{words}</a>'

    rows = []
    for caption, chapters in parts:
        if caption:
            rows.append(f'<li class="part"><span class="title">{_halved(caption, lang)}</span></li>')
        for chapter in chapters:
            below = "".join(f"<li>{line(name, title)}</li>" for name, title in chapter.sections)
            rows.append(f"<li>{line(chapter.name, chapter.title)}<ul>{below}</ul></li>")
    heading = _halved(_CONTENTS.get(lang) or SEPARATOR.join([_CONTENTS["en"], _CONTENTS["fa"]]), lang)
    return f'<nav class="hw2-contents"><h1>{heading}</h1><ul>{"".join(rows)}</ul></nav>'


def _head(pages: list[Path]) -> str:
    """Give the style sheets of the book, which is all that printing needs."""
    found: dict[str, None] = {}
    for page in pages:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        for element in soup.select("head link[rel=stylesheet]"):
            element["href"] = _address(str(element["href"]).partition("?")[0], page, {})
            found[str(element)] = None
    return "\n".join(found)


def join(book: Path, lang: str, numbers: Mapping[str, int] | None = None) -> tuple[str, list[str]]:
    """Join the pages of a built book into one page to print: cover, contents, chapters.

    ``numbers`` are the pages on which the contents say that a chapter or section begins. Returns the page and
    the names of these places. Raises FileNotFoundError when there is no built book, ValueError when a page is
    not one of this book's.
    """
    folder = book if lang == "both" else book / lang
    start = folder / "index.html"
    if not start.is_file():
        raise FileNotFoundError(f"html: expected a built book in {folder}, found none; run make book first")
    redirect = re.search(r'url=([^"]+)"', start.read_text(encoding="utf-8"))
    home = (folder / (redirect[1] if redirect else "index.html")).resolve()
    outline = [(caption, [home.parent / file for file in files]) for caption, files in _outline(home)]
    pages = [page.resolve() for _, files in outline for page in files]
    names = {page: page.stem for page in pages}
    parts = [(caption, [_chapter(page.resolve(), names) for page in files]) for caption, files in outline]
    chapters = [chapter for _, chapters in parts for chapter in chapters]
    title = chapters[0].title
    words = halves(title)
    cover = "".join(
        f'<p lang="{one}" dir="{DIRECTION[one]}">{html.escape(words[one])}</p>'
        for one in LANGUAGES
        if lang in (one, "both")
    )
    bodies = "\n".join(
        f'<div class="hw2-chapter" id="{chapter.name}">{chapter.article}</div>' for chapter in chapters
    )
    own = "fa" if lang == "fa" else "en"
    joined = f"""<!DOCTYPE html>
<html lang="{own}" dir="{DIRECTION[own]}" data-lang="{lang}" data-theme="light">
<head><meta charset="utf-8"><title>{html.escape(title)}</title>
{_head(pages)}
<style>{_STYLE}{_running_heads(chapters, lang)}</style></head>
<body><div class="hw2-cover">{cover}</div>
{_contents(parts, numbers or {}, lang)}
{bodies}</body></html>"""
    places = [name for chapter in chapters for name in (chapter.name, *(n for n, _ in chapter.sections))]
    return joined, places


def _print(page: Page, joined: str, lang: str, folder: Path) -> Path:
    """Print a joined page; return the file."""
    source, target = folder / f"{lang}.html", folder / f"{lang}.pdf"
    source.write_text(joined, encoding="utf-8")
    page.goto(source.as_uri())
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            await Promise.all([...document.images].filter((i) => i.checkVisibility()).map((i) => i.decode()));
        }"""
    )
    page.pdf(path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return target


def page_numbers(file: Path, places: list[str]) -> dict[str, int]:
    """Read from a printed book the pages, counted from 1, on which named places begin.

    Raises ValueError when a place is not there.
    """
    reader = PdfReader(file)
    found = reader.named_destinations
    numbers = {}
    for name in places:
        destination = found.get(f"/{name}")
        number = reader.get_destination_page_number(destination) if destination is not None else None
        if number is None:
            raise ValueError(f"html: expected to find {name!r} in the printed book, found it nowhere")
        numbers[name] = number + 1
    return numbers


def print_book(book: Path, lang: str, target: Path) -> int:
    """Print a built book in one language, or ``"both"``, into one PDF file; return the number of its pages.

    It is printed until the numbers in the contents are those of the pages: twice, as their width is fixed.

    Raises ValueError for another language, FileNotFoundError when there is no built book or no Chromium.
    """
    if lang not in CHOICES:
        raise ValueError(f"lang: expected one of {', '.join(CHOICES)}, got {lang!r}")
    numbers: dict[str, int] = {}
    joined, places = join(book, lang)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(**chromium())
        try:
            page = browser.new_page(color_scheme="light")
            page.set_default_timeout(600_000)  # ms: hundreds of figures, on whatever machine
            for _ in range(4):
                file = _print(page, joined, lang, folder)
                found = page_numbers(file, places)
                if found == numbers:
                    break
                numbers = found
                joined, _ = join(book, lang, numbers)
        finally:
            browser.close()
        count = len(PdfReader(file).pages)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}")
        shutil.copyfile(file, temporary)
    temporary.replace(target)
    return count
