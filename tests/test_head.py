"""The head of a page: descriptions in both languages, and scripts that wait."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

from hw2utils.publishing.head import LONGEST, _complete, describe, shorten

FA, EN = "این بخش دربارهٔ زوال وزن (weight decay) است.", "This part is about weight decay (زوال وزن)."


def page(*paragraphs: str) -> nodes.document:
    document = new_document("page")
    document += [nodes.paragraph("", text) for text in paragraphs]
    return document


def script(name: str, **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=name, attributes=dict(attributes))


def complete(doctree: nodes.document | None, name: str = "book/a", *scripts: SimpleNamespace) -> Any:
    context = {"script_files": list(scripts), "metatags": '<meta name="x">'}
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
    scripts = [script(n) for n in ("hw2.js", "_static/documentation_options.js", "doctools.js", "a/b.js")]
    loaded, inline = script("mathjax.js", **{"async": "async"}), script("")
    complete(page(EN), "book/a", *scripts, loaded, inline)
    assert ["defer" in s.attributes for s in (*scripts, loaded, inline)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    tools = script("searchtools.js")
    complete(None, "search", tools)
    assert tools.attributes == {}
