"""Sections and words as the search page gets them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from sphinx.util.docutils import new_document

from hw2utils.publishing.pages.search import CompactIndex, SectionIndex, halves, sections


@pytest.mark.parametrize(
    ("title", "fa", "en"),
    [
        ("History — تاریخچه", "تاریخچه", "History"),
        ("Deep — and narrow — عمیق — و باریک", "عمیق — و باریک", "Deep — and narrow"),
        ("Home", "Home", "Home"),
        ("خانه", "خانه", "خانه"),
        ("خانه — Home", "خانه — Home", "خانه — Home"),
    ],
)
def test_a_heading_has_two_halves(title: str, fa: str, en: str) -> None:
    assert halves(title) == {"fa": fa, "en": en}


def raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def page(*extra: nodes.Node) -> nodes.document:
    """Make a page as the book's are: a title, a paragraph in each language, a section inside."""
    document = new_document("")
    inner = nodes.section("", nodes.title("", "Loss — زیان"), *extra, ids=["loss", "q5-loss"])
    document += nodes.section(
        "",
        nodes.title("", "Page — صفحه"),
        raw('<div dir="rtl" lang="fa" class="lang-fa">'),
        nodes.paragraph("", "متن فارسی"),
        raw("</div>"),
        raw('<div dir="ltr" lang="en" class="lang-en">'),
        nodes.paragraph("", "English text"),
        raw("</div>"),
        nodes.literal_block("", "shared = 1"),
        inner,
        ids=["page"],
    )
    return document


def texts(document: nodes.document) -> dict[tuple[str, str], str]:
    return {(anchor, key): text for anchor, _, own in sections(document) for key, text in own.items()}


def test_sections_hold_the_text_of_each_language_with_what_is_in_none_but_no_code() -> None:
    assert texts(page(nodes.paragraph("", "inside"))) == {
        ("", "fa"): "متن فارسی",
        ("", "en"): "English text",
        ("loss", "fa"): "inside",
        ("loss", "en"): "inside",
    }
    assert [heading for _, heading, _ in sections(page())] == [
        {"fa": "صفحه", "en": "Page"},
        {"fa": "زیان", "en": "Loss"},
    ]


def test_html_gives_its_text_and_what_stands_for_its_images_by_language() -> None:
    card = (
        '<figure><img lang="fa" alt="نمودار"><img lang="en" alt="Chart"><img lang="en" alt="Chart"><br>'
        '<p lang="en">a &lt; b<p lang="fa">ب</p></figure><style>p { color: red }</style>'
        "<svg><text>drawn</text></svg> R&D"
    )
    found = texts(page(raw(card), nodes.math("", "x^2"), nodes.comment("", "hidden")))
    assert found["loss", "en"] == "Chart a < b R&D …"
    assert found["loss", "fa"] == "نمودار ب R&D …"


def test_words_stay_whole_where_a_part_is_emphasised_and_paragraphs_stay_apart() -> None:
    joined = nodes.paragraph("", "", nodes.emphasis("", "داده"), nodes.Text("\u200cها"))
    assert texts(page(joined, raw("<p><b>on</b>e</p><p>two</p>")))["loss", "fa"] == "داده\u200cها one two"


@pytest.fixture
def index(tmp_path: Path) -> SectionIndex:
    (tmp_path / "search.yml").write_text("loss: [لاس]", encoding="utf-8")
    (tmp_path / "terms.yml").write_text("زیان: [تابع هزینه]", encoding="utf-8")
    names = "titles filenames mapping title_mapping all_titles index_entries objtypes objnames"
    empty: dict[str, Any] = {f"_search_index_{name}": {} for name in names.split()}
    where = {"found_docs": {"one"}, "doc2path": lambda name: tmp_path / f"{name}.md"}
    return SectionIndex(SimpleNamespace(**empty, **where))  # type: ignore[arg-type]


def test_the_search_page_gets_the_pages_of_the_book_and_the_words_that_mean_the_same(
    index: SectionIndex, tmp_path: Path
) -> None:
    explained = page()
    explained[0][-1]["ids"].append("term-loss")  # type: ignore[index]
    index.feed("book/two", "two.md", "Page — صفحه", explained)
    index.feed("book/one", "one.md", "Page — صفحه", page())
    index.feed("gone", "gone.md", "Page — صفحه", page())
    index.prune(["book/two", "book/one"])
    file = io.StringIO()
    index.dump(file, CompactIndex())
    assert "\\u" not in file.getvalue()
    found = json.loads(file.getvalue().removeprefix("Search.setIndex(").removesuffix(")"))
    assert [one["page"] for one in found["pages"]] == ["book/one", "book/two"]
    assert found["pages"][0]["title"] == {"en": "Page", "fa": "صفحه"}
    explains = [[(one["anchor"], one["explains"]) for one in own["sections"]] for own in found["pages"]]
    assert explains == [[("", False), ("loss", False)], [("", False), ("loss", True)]]
    assert index.texts("en") == ["English text", "", "English text", ""]
    index.write_texts(tmp_path)
    script = (tmp_path / "searchindex-fa.js").read_text(encoding="utf-8")
    assert script == 'Search.setTexts("fa",["متن فارسی","","متن فارسی",""])'
    index.feed("book/one", "one.md", "Page — صفحه", page(nodes.paragraph("", "more")))
    assert index.freeze()["version"] != found["version"]
    assert sorted(map(sorted, found["synonyms"])) == [
        ["Loss", "زیان"],
        ["loss", "لاس"],
        ["تابع هزینه", "زیان"],
    ]
