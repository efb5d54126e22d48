"""The head of a page: descriptions in both languages, and scripts that wait."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from sphinx.builders.html._assets import _JavaScript

from hw2utils.publishing.pages.metadata import LONGEST, _complete, describe, shorten

FA, EN = "این بخش دربارهٔ زوال وزن (weight decay) است.", "This part is about weight decay (زوال وزن)."


def page(*paragraphs: str) -> nodes.document:
    document = new_document("page")
    document += [nodes.paragraph("", text) for text in paragraphs]
    return document


def complete(doctree: nodes.document | None, name: str = "book/a") -> Any:
    context = {"script_files": [], "metatags": '<meta name="x">'}
    _complete(None, name, "page.html", context, doctree)  # type: ignore[arg-type]
    soup = BeautifulSoup(str(context["metatags"]), "html.parser")
    assert soup.select_one("meta[name=x]")
    return soup.select_one("meta[name=description]")


def test_the_first_paragraph_of_each_language_describes_the_page() -> None:
    found = complete(page("1, 2", FA, EN, "Another one, in English."))
    assert (found["data-fa"], found["data-en"], found["content"]) == (FA, EN, f"{EN} — {FA}")
    assert complete(page('A "quoted" < sign'))["content"] == 'A "quoted" < sign'
    assert complete(page()) is None
    assert complete(None, "genindex") is None
    assert complete(None, "search")["data-fa"].startswith("جست‌وجو")


@pytest.mark.parametrize("text", ["Short. " * 60, "word " * 90, "واژه، " * 90, "x" * 400])
def test_descriptions_end_with_a_sentence_or_a_word(text: str) -> None:
    short = shorten(text)
    assert len(short) <= LONGEST
    assert short.endswith((".", "word…", "واژه…", "x…"))
    assert describe([text]) == {"fa" if text.startswith("و") else "en": short}


def test_scripts_wait_except_those_that_others_need_at_once() -> None:
    names = [
        "_static/hw2.js",
        "_static/documentation_options.js",
        "_static/doctools.js",
        "_static/a/b.js",
        "",
    ]
    shared = [*map(_JavaScript, names), _JavaScript("late.js", **{"async": "async"})]
    of_page, of_search = list(shared), list(shared)
    for scripts, name in ((of_page, "book/a"), (of_search, "search")):
        _complete(None, name, "page.html", {"script_files": scripts}, None)  # type: ignore[arg-type]
    assert [s.filename for s in of_page] == [*names, "late.js"]
    assert ["defer" in s.attributes for s in of_page] == [False, False, True, True, False, False]
    # Sphinx hands the same objects to every page: what one page changes must not reach the next.
    assert not any("defer" in s.attributes for s in of_search)
