"""The pages of a book joined into one page to print."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from hw2utils.publishing.editions.pdf import join, print_book
from hw2utils.publishing.pages.language_pages import write_language_pages

PAGE = """<html><head><link rel="stylesheet" href="../_static/a.css?v=1">
<script src="../_static/hw2.js?v=2"></script><script src="../_static/other.js"></script></head><body>
<nav class="bd-links"><p class="caption"><span class="caption-text">Part — بخش</span></p><ul>
<li><a class="reference" href="one.html">One</a></li>
<li><a class="reference" href="two.html">Two</a></li></ul></nav>
<article class="bd-article"><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
<section id="same"><h2>Same — همان<a class="headerlink" href="#same">#</a></h2>
<label for="same-x">x</label><input id="same-x"><p>{text}</p><img src="../_images/f.svg" loading="lazy">
<script>alert(1)</script></section></section></article></body></html>"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a book of three pages that use the same names."""
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=book/index.html" />')
    pages = {
        "index": (
            "Home — خانه",
            '<a href="two.html#same">there</a> <a href="https://example.org/x#y">out</a>',
        ),
        "one": ("One", '<a href="#same">here</a>'),
        "two": ('Two "quoted" — دو', '<a href="one.html">page</a> <a href="../_static/a.zip">file</a>'),
    }
    for name, (title, text) in pages.items():
        page = PAGE.format(title=title, text=text)
        (folder / "book" / f"{name}.html").write_text(page, encoding="utf-8")
    write_language_pages(folder)
    return folder


def test_every_name_is_unique_and_every_inner_link_leads_to_one(book: Path) -> None:
    joined, places = join(book, "both")
    soup = BeautifulSoup(joined, "html.parser")
    names = [str(element["id"]) for element in soup.find_all(id=True)]
    assert len(names) == len(set(names))
    assert places == ["index", "index--same", "one", "one--same", "two", "two--same"]
    assert set(places) < set(names)
    links = [str(a["href"]) for a in soup.select("article a")]
    outer = (book / "_static" / "a.zip").resolve().as_uri()
    assert links == ["#two--same", "https://example.org/x#y", "#one--same", "#one", outer]
    assert [str(label["for"]) for label in soup.select("label")] == [
        str(field["id"]) for field in soup.select("input")
    ]


def test_only_what_a_printed_page_needs_is_kept(book: Path) -> None:
    soup = BeautifulSoup(join(book, "fa")[0], "html.parser")
    assert soup.find_all("script") == []
    assert [Path(str(link["href"])).name for link in soup.find_all("link")] == ["a.css"]
    assert soup.select(".headerlink") == []
    assert {str(image["loading"]) for image in soup.find_all("img")} == {"eager"}
    assert all(str(image["src"]).startswith("file:") for image in soup.find_all("img"))


@pytest.mark.parametrize(("lang", "shown"), [("fa", "۱۲"), ("en", "12"), ("both", "12")])
def test_the_contents_list_chapters_and_sections_with_their_pages(book: Path, lang: str, shown: str) -> None:
    numbers = dict.fromkeys(join(book, lang)[1], 12)
    soup = BeautifulSoup(join(book, lang, numbers)[0], "html.parser")
    lines = soup.select(".hw2-contents a")
    assert soup.html is not None
    assert [soup.html[name] for name in ("lang", "dir", "data-lang")] == [
        {"both": "en"}.get(lang, lang),
        {"fa": "rtl"}.get(lang, "ltr"),
        lang,
    ]
    assert [str(a["href"]) for a in lines] == [f"#{name}" for name in numbers]
    assert {a.select_one(".number").get_text() for a in lines} == {shown}
    same = {"fa": "همان", "en": "Same", "both": "Same — همان"}[lang]
    assert lines[1].select_one(".title").get_text() == same
    part = {"fa": "بخش", "en": "Part", "both": "Part — بخش"}[lang]
    assert [found.get_text() for found in soup.select(".part")] == [part]
    title = {"fa": "خانه", "en": "Home", "both": "Home — خانه"}[lang]
    assert soup.title is not None
    assert soup.title.get_text() == title


def test_quotes_in_a_title_do_not_end_a_rule(book: Path) -> None:
    assert r'content: "Two \"quoted\""' in join(book, "en")[0]


def test_faults_are_told_before_anything_is_printed(book: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lang: expected one of fa, en, both, got 'de'"):
        print_book(book, "de", tmp_path / "x.pdf")
    with pytest.raises(FileNotFoundError, match="run make book first"):
        print_book(tmp_path, "fa", tmp_path / "x.pdf")
    (book / "fa" / "book" / "two.html").write_text("<p>nothing</p>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"expected an article in .*two\.html"):
        print_book(book, "fa", tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()
