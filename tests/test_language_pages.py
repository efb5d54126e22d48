"""The page of one language made of the bilingual one: what stays, what goes, where addresses lead."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from files import put

from hw2utils.publishing.pages.language_pages import in_both, in_one, parse, write, write_language_pages
from hw2utils.publishing.pages.lines import halves, split
from hw2utils.publishing.pages.sharing import CARD, SIZE
from hw2utils.publishing.pages.theme_words import WORDS

CODE = "<pre>a  &lt;  b — آ\n\n  c</pre>"
MATH = '<math><mi>x</mi><mo>&lt;</mo><mspace width="1em"></mspace></math>'
PAGE = f"""<!DOCTYPE html>
<html lang="en" data-content_root="../" data-theme="auto"><head><title>One — یک — Book — کتاب</title>
<meta name="viewport" content="a"><meta name="viewport" content="b">
<meta name="description" content="E — ف" data-fa="ف" data-en="E">
<link rel="stylesheet" href="../_static/book.css?v=1"><link rel="next" title="Two — دو" href="two.html">
<style>p > a {{ top: 0 }}</style><script>if (1 < 2 && "</p>") {{}}</script></head><body>
<div class="skip-link"><a href="#main-content">Skip to main content</a></div>
<form action="../search.html"><input placeholder="Search this book..."></form>
<div id="pst-primary-sidebar"><p class="caption-text">Part — بخش</p></div>
<dialog id="pst-primary-sidebar-modal"></dialog>
<div class="article-header-buttons">
<a class="btn-download-source-button" href="../_sources/one.md" target="_blank">
<span class="btn__text-container">Download source file</span></a></div>
<div id="jb-print-docs-body"><h1>One — یک</h1></div>
<article><section id="one"><h1>One, <code>k</code> — یک<a
class="headerlink" title="Link to this heading" href="#one">#</a></h1>
<div dir="rtl" lang="fa" class="lang-fa"><p>سلام <a href="two.html#x">دو</a></p>
<div class="admonition"><p class="admonition-title">Note</p></div></div>
<div dir="ltr" lang="en" class="lang-en"><p>Hello <a href="https://example.org/a">out</a></p>
<div class="lang-en">nested</div></div>
{CODE}<p>{MATH}</p><p>Next</p>
<figure class="hw2-figure"><img class="lang-fa" alt="k — ش" src="../_images/f.svg">
<img class="lang-en" alt="F" src="../_images/e.svg">
<figcaption><p class="lang-fa">ش</p><p class="lang-en">F</p></figcaption>
<script type="text/html" data-value="1"><img class="lang-fa" src="../_images/g.svg"><img
class="lang-en" src="../_images/h.svg"></script></figure>
<label><span class="lang-fa">ن</span><span class="lang-sep"> · </span><span class="lang-en">n</span></label>
<table class="hw2-cases lang-en"><thead><tr><th>case</th><th>mean</th></tr></thead>
<tbody><tr><td>a</td><td>1</td></tr></tbody></table>
<details class="hide"><summary><span class="collapsed">Show code cell source</span></summary></details>
<aside class="footnote"><p>یادداشت</p></aside><aside class="footnote"><p>A note</p></aside>
</section></article></body></html>"""
OTHER = '<html><body><div class="article-header-buttons"></div><a href="one.html">1</a></body></html>'
MOVED = '<meta http-equiv="Refresh" content="0; url=book/one.html" />'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a book of two pages, a page of results and the address that leads to the first."""
    put(
        tmp_path,
        {
            "book/one.html": PAGE,
            "book/two.html": OTHER,
            "search.html": OTHER.replace("one.html", "book/one.html"),
            "index.html": MOVED,
            "_static/template.html": OTHER,
        },
    )
    return tmp_path


def read(book: Path, place: str) -> BeautifulSoup:
    return BeautifulSoup((book / place).read_text("utf-8"), "html.parser")


def test_each_page_stands_in_each_language_and_templates_do_not(book: Path) -> None:
    write_language_pages(book, "Book — کتاب")
    found = {file.relative_to(book).as_posix() for file in book.rglob("*.html")}
    pages = {"book/one.html", "book/two.html", "search.html", "index.html"}
    assert found == {
        *pages,
        *(f"{lang}/{p}" for lang in ("fa", "en") for p in pages),
        "_static/template.html",
    }
    for lang, direction, title in (
        ("fa", "rtl", "کتاب"),
        ("en", "ltr", "Book"),
        ("both", "ltr", "Book — کتاب"),
    ):
        page = read(book, "index.html" if lang == "both" else f"{lang}/index.html")
        assert page.html is not None
        assert (page.html["dir"], page.title.get_text()) == (direction, title)
        assert page.meta.find_next("meta")["content"] == "0; url=book/one.html"
        assert page.a["href"] == "book/one.html"


@pytest.mark.parametrize(("lang", "direction", "other"), [("fa", "rtl", "en"), ("en", "ltr", "fa")])
def test_only_one_language_stays(book: Path, lang: str, direction: str, other: str) -> None:
    write_language_pages(book)
    page = read(book, f"{lang}/book/one.html")
    assert page.html is not None
    assert page.html.attrs == {
        "lang": lang,
        "dir": direction,
        "data-lang": lang,
        "data-page": "book/one",
        "data-content_root": "../",
        "data-theme": "light",  # until the theme's script says otherwise
    }
    assert page.select(f".lang-{other}, .lang-sep, .hw2-pair") == []
    foreign = page.select(f"[lang={other}]")
    assert [link["data-language"] for link in foreign] == [other], "only the link to the other page"
    heading = {"fa": "یک#", "en": "One, k#"}[lang]
    assert page.h1.get_text() == heading
    assert page.title.get_text() == {"fa": "یک — کتاب", "en": "One — Book"}[lang]
    assert page.select_one("meta[name=description]").attrs == {
        "name": "description",
        "content": {"fa": "ف", "en": "E"}[lang],
    }
    assert page.select_one("link[rel=next]")["title"] == {"fa": "دو", "en": "Two"}[lang]
    assert page.select_one(".caption-text").get_text() == {"fa": "بخش", "en": "Part"}[lang]
    assert page.label.get_text() == {"fa": "ن", "en": "n"}[lang]
    assert len(page.select("aside.footnote")) == 1
    script = page.find("script", type="text/html").get_text()
    picture = {"fa": "g", "en": "h"}[lang]
    assert script == f'<img class="lang-{lang}" src="../../_images/{picture}.svg">'


def test_formulas_code_scripts_and_styles_stay_as_they_were(book: Path) -> None:
    write_language_pages(book)
    for place in ("book/one.html", "fa/book/one.html", "en/book/one.html"):
        text = (book / place).read_text("utf-8")
        for part in (
            CODE,
            MATH,
            "<style>p > a { top: 0 }</style>",
            '<script>if (1 < 2 && "</p>") {}</script>',
        ):
            assert part in text, part
        assert text.startswith("<!DOCTYPE html>")


def test_addresses_lead_where_they_led_and_links_stay_in_the_language(book: Path) -> None:
    write_language_pages(book)
    page = read(book, "fa/book/one.html")
    assert page.select_one("link[rel=stylesheet]")["href"] == "../../_static/book.css?v=1"
    assert page.select_one("article .lang-fa a")["href"] == "two.html#x"
    assert page.form["action"] == "../search.html"
    assert page.select_one("figure img").attrs == {
        "class": ["lang-fa"],
        "alt": "k — ش",  # no line in both languages
        "src": "../../_images/f.svg",
    }
    assert page.select_one(".headerlink")["href"] == "#one"
    download = page.select_one(".btn-download-source-button")
    assert (download["href"], download["download"], download.get("target")) == (
        "../../_sources/one.md",
        "one.md",
        None,
    )
    assert read(book, "en/book/one.html").select_one("article .lang-en a")["href"] == "https://example.org/a"
    assert read(book, "fa/search.html").select_one("body > a")["href"] == "book/one.html"


def test_the_switch_leads_to_the_siblings(book: Path) -> None:
    write_language_pages(book)
    for lang, own in (("fa", "fa/book/one.html"), ("en", "en/book/one.html"), ("both", "book/one.html")):
        switch = read(book, own).select_one(".hw2-switch")
        assert switch is not None
        links = switch.find_all("a")
        assert [link["data-language"] for link in links] == ["fa", "en", "both"]
        targets = [(book / own).parent / str(link["href"]) for link in links]
        assert [target.resolve().relative_to(book.resolve()).as_posix() for target in targets] == [
            "fa/book/one.html",
            "en/book/one.html",
            "book/one.html",
        ]
        assert [link.get("aria-current") for link in links].index("page") == ["fa", "en", "both"].index(lang)


def test_words_of_the_theme_are_persian_on_the_persian_page_only(book: Path) -> None:
    write_language_pages(book)
    for lang in ("fa", "en", "both"):
        page = read(book, "book/one.html" if lang == "both" else f"{lang}/book/one.html")
        shown = [
            page.select_one(".skip-link a").get_text(),
            page.input["placeholder"],
            page.select_one(".btn__text-container").get_text(),
            page.select_one("#pst-primary-sidebar")["aria-label"],
            page.select_one("#pst-primary-sidebar-modal")["aria-label"],
            page.select_one(".headerlink")["title"],
            page.select_one("summary > span").get_text(),
        ]
        english = [
            "Skip to main content",
            "Search this book...",
            "Download source file",
            "Book menu",
            "Book menu",
            "Link to this heading",
            "Show code cell source",
        ]
        assert shown == ([WORDS[word] for word in english] if lang == "fa" else english)
        assert page.find("p", string="Next"), "what the book says is no word of the theme"
        if lang != "en":
            assert page.select_one(".lang-fa .admonition-title").get_text() == "نکته"


def test_the_bilingual_page_is_finished_too(book: Path) -> None:
    write_language_pages(book)
    page = read(book, "book/one.html")
    assert page.html is not None
    assert [page.html[name] for name in ("lang", "dir", "data-lang")] == ["en", "ltr", "both"]
    assert [half.get_text() for half in page.h1.find_all("span")] == ["One, k", " — ", "یک"]
    assert [block["lang"] for block in page.select(".hw2-pair > div")] == ["fa", "en"]
    assert [note["lang"] for note in page.select("aside.footnote")] == ["fa", "en"]
    assert page.select("#jb-print-docs-body") == []
    assert len(page.select("meta[name=viewport]")) == 1
    assert page.title.get_text() == "One — یک — Book — کتاب"
    cells = page.select("table.hw2-cases td")
    assert [cell["data-head"] for cell in cells] == ["case", "mean"]


def test_places_have_the_same_names_on_all_three(book: Path) -> None:
    write_language_pages(book)
    names = [
        {e["id"] for e in read(book, place).find_all(id=True)}
        for place in ("book/one.html", "fa/book/one.html", "en/book/one.html")
    ]
    assert names[0] == names[1] == names[2] >= {"one", "pst-primary-sidebar"}


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Deep — and narrow — عمیق — و باریک", ["Deep — and narrow", " — ", "عمیق — و باریک"]),
        ("English — only", None),
        ("فقط — فارسی", None),
        ("<span class='std-ref'>A — آ</span>", ["A", " — ", "آ"]),
        ("<!-- a — ب -->A — <code>c</code> آ", ["A", " — ", "c آ"]),
    ],
)
def test_lines_are_cut_before_the_first_persian_letter(line: str, parts: list[str] | None) -> None:
    page = parse(f"<p>{line}</p>")
    assert page.p is not None
    before = str(page)
    split(page.p)
    if parts is None:
        assert str(page) == before
        assert halves(line) == {"fa": line, "en": line}
        return
    found = page.select(".lang-en, .lang-sep, .lang-fa")
    assert [part.get_text() for part in found] == parts
    once = str(page)
    split(page.p)
    assert str(page) == once, "split twice"


def test_a_page_keeps_what_is_no_language() -> None:
    page = parse('<html><body><p lang="de">Guten Tag</p><p class="lang-faq">faq</p></body></html>')
    in_one(page, "fa", "a.html", ["a.html"])
    assert "Guten Tag" in write(page)
    assert "faq" in write(page)


ADDRESS = "https://example.org/homework/"


def test_without_an_address_none_is_guessed(book: Path) -> None:
    write_language_pages(book, "Book — کتاب")
    assert not (book / "sitemap.xml").exists()
    assert not (book / CARD).exists()
    for file in book.rglob("*.html"):
        page = BeautifulSoup(file.read_text("utf-8"), "html.parser")
        assert (
            page.select("link[rel=canonical], link[rel=alternate], meta[property], meta[name^=twitter]") == []
        )


def test_with_an_address_pages_name_themselves_and_their_siblings(book: Path) -> None:
    known = '<link rel="canonical" href="https://example.org/homework/book/one.html"><title>'
    put(book, {"book/one.html": PAGE.replace("<title>", known)})
    write_language_pages(book, "Book — کتاب", ADDRESS)
    siblings = {
        "fa": f"{ADDRESS}fa/book/one.html",
        "en": f"{ADDRESS}en/book/one.html",
        "x-default": f"{ADDRESS}book/one.html",
    }
    for place, title, own in (
        ("fa/book/one.html", "یک — کتاب", siblings["fa"]),
        ("en/book/one.html", "One — Book", siblings["en"]),
        ("book/one.html", "One — یک — Book — کتاب", siblings["x-default"]),
    ):
        page = read(book, place)
        assert [link["href"] for link in page.select("link[rel=canonical]")] == [own]
        assert {link["hreflang"]: link["href"] for link in page.select("link[rel=alternate]")} == siblings
        shared = {meta["property"]: meta["content"] for meta in page.select("meta[property]")}
        assert (shared["og:url"], shared["og:title"], shared["og:image"]) == (own, title, f"{ADDRESS}{CARD}")
        assert page.select_one("meta[name='twitter:card']")["content"] == "summary_large_image"
    assert shared["og:description"] == "E — ف"

    from PIL import Image

    with Image.open(book / CARD) as card:
        assert card.size == SIZE
        assert len(card.convert("L").getcolors()) > 50, "nothing is written on it"


def test_the_site_map_lists_every_page_with_its_siblings(book: Path) -> None:
    write_language_pages(book, "Book — کتاب", ADDRESS)
    root = ElementTree.fromstring((book / "sitemap.xml").read_text("utf-8"))
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    listed = [str(place.text) for place in root.findall("s:url/s:loc", space)]
    assert sorted(listed) == sorted(
        f"{ADDRESS}{folder}{page}"
        for page in ("book/one.html", "book/two.html", "search.html")
        for folder in ("", "fa/", "en/")
    )
    assert all((book / place.removeprefix(ADDRESS)).is_file() for place in listed)
    links = root.findall("s:url", space)[0].findall("x:link", space)
    assert {link.get("hreflang") for link in links} == {"fa", "en", "x-default"}


def test_the_place_of_a_figure_goes_with_its_language_and_is_no_block_of_a_pair() -> None:
    views = "".join(
        f'<div class="hw2-view lang-{lang}"><img class="lang-{lang}" src="{lang}.svg"></div>'
        for lang in ("fa", "en")
    )
    source = PAGE.replace("<figcaption>", f"{views}<figcaption>", 1)
    both, one = parse(source), parse(source)
    in_both(both, "book/one.html")
    assert len(both.select(".hw2-view")) == 2 and not both.select(".hw2-pair .hw2-view")
    assert both.select(".hw2-pair"), "the paragraphs are paired"
    in_one(one, "en", "book/one.html", frozenset())
    assert [view.img["src"] for view in one.select(".hw2-view")] == ["../en.svg"]
