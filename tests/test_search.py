"""Words and sections as the search's index has them."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from search_cases import WORDS
from sphinx.util.docutils import new_document

from hw2utils.publishing.pages.search import (
    AFFIXES,
    STOPWORDS,
    BilingualSearch,
    CompactIndex,
    SectionIndex,
    fold,
    halves,
    sections,
)

LANGUAGE = BilingualSearch({})


@pytest.mark.parametrize("text", WORDS)
def test_words_are_found_as_they_may_be_typed(text: str) -> None:
    assert [LANGUAGE.stem(word) for word in LANGUAGE.split(text)] == WORDS[text]


def test_the_tables_are_folded_themselves() -> None:
    assert [word for word in AFFIXES | STOPWORDS if fold(word) != word] == []


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
    return {(anchor, lang): " ".join(text.split()) for anchor, lang, _, text in sections(document)}


def test_sections_hold_the_text_of_their_language_and_what_is_shared() -> None:
    found = texts(page(nodes.paragraph("", "inside")))
    assert found == {
        ("", "fa"): "متن فارسی shared = 1",
        ("", "en"): "English text shared = 1",
        ("loss", "fa"): "inside",
        ("loss", "en"): "inside",
    }
    assert [heading for _, _, heading, _ in sections(page())] == ["صفحه", "Page", "زیان", "Loss"]


def test_html_gives_its_text_and_what_stands_for_its_images_by_language() -> None:
    card = (
        '<figure><img lang="fa" alt="نمودار"><img lang="en" alt="Chart"><br>'
        '<p lang="en">a &lt; b<p lang="fa">ب</p></figure><style>p { color: red }</style>'
        "<svg><text>drawn</text></svg> R&D"
    )
    found = texts(page(raw(card), nodes.math("", "x^2"), nodes.comment("", "hidden")))
    assert found["loss", "en"] == "Chart a < b R&D"
    assert found["loss", "fa"] == "نمودار ب R&D"


@pytest.fixture
def index() -> SectionIndex:
    names = "titles filenames mapping title_mapping all_titles index_entries objtypes objnames"
    empty: dict[str, Any] = {f"_search_index_{name}": {} for name in names.split()}
    return SectionIndex(SimpleNamespace(**empty, version=1, domains={}), "en", {}, "")  # type: ignore[arg-type]


def test_the_index_has_an_entry_for_each_section_and_language_and_survives_a_rebuild(
    index: SectionIndex,
) -> None:
    index.lang = LANGUAGE
    index.feed("book/one", "one.md", "Page — صفحه", page())
    index.feed("book/two", "two.md", "Page — صفحه", page())
    file = io.StringIO()
    index.dump(file, CompactIndex())
    assert "\\u" not in file.getvalue()
    index.load(io.StringIO(file.getvalue()), CompactIndex())
    index.prune(["book/two"])
    frozen = index.freeze()
    assert frozen["docnames"] == ("book/two#@en", "book/two#@fa", "book/two#loss@en", "book/two#loss@fa")
    assert frozen["titles"] == ("Page", "صفحه", "Loss", "زیان")
    assert frozen["filenames"] == ["Page", "صفحه", "Page", "صفحه"]
    assert frozen["terms"]["فارسی"] == [1] or frozen["terms"]["فارسی"] == 1
    assert frozen["titleterms"]["loss"] == 2
