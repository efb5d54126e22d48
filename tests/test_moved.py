"""Addresses of pages that were split: what ``moved.yml`` may hold, and the pages that lead on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from files import put

from hw2utils.publishing.pages.moved import write_moved
from hw2utils.publishing.sources.moved import MovedError, check_moved, load_moved

ENTRY = """
q9_old:
  title: {fa: "قدیمی", en: "Old"}
  into: [q9a_one, q9b_two]
  anchors: {q9-steady: q9b-reason, gone: q9a}
"""


def page(name: str, *labels: str) -> str:
    """Write a page of the built book: a section with two anchors for each label."""
    inner = "".join(
        f'<section id="slug-{label}"><span id="{label}"></span><h2>On {label}</h2>'
        f'<div><section id="card-{label}"><h5>Card</h5></section></div></section>'
        for label in labels
    )
    return f'<html><article><section id="{name}-top"><h1>{name}</h1>{inner}</section></article></html>'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a book whose page was split into two: sources, and the built pages in three places."""
    pages = {"q9a_one": page("one", "q9a", "f-9-1"), "q9b_two": page("two", "q9b-reason")}
    put(tmp_path, {"book/moved.yml": ENTRY, **{f"book/{name}.md": "" for name in pages}})
    for folder in ("", "fa/", "en/"):
        put(tmp_path / "html", {f"{folder}book/{name}.html": text for name, text in pages.items()})
    return tmp_path


def leads(file: Path) -> dict[str, str]:
    """Read where a page leads for each anchor."""
    text = file.read_text(encoding="utf-8")
    return dict(json.loads(re.search(r"const places = (.*);", text)[1]))


@pytest.mark.parametrize("folder", ["", "fa/", "en/"])
def test_an_old_address_leads_to_where_each_anchor_stands_now(book: Path, folder: str) -> None:
    assert write_moved(book / "book", book / "html") == ["book/q9_old.html"]
    found = leads(book / "html" / f"{folder}book/q9_old.html")
    assert found[""] == "q9a_one.html"
    assert found["q9-steady"] == "q9b_two.html#q9b-reason"  # said by the entry
    assert found["gone"] == "q9a_one.html#q9a"
    assert found["f-9-1"] == "q9a_one.html#f-9-1"  # a label that moved with its section
    assert found["card-f-9-1"] == "q9a_one.html#card-f-9-1"  # and what stands in it, such as a verdict


def test_without_a_script_each_anchor_is_at_its_link(book: Path) -> None:
    write_moved(book / "book", book / "html")
    both = BeautifulSoup((book / "html/book/q9_old.html").read_text("utf-8"), "html.parser")
    row = both.find(id="q9-steady").find_parent("li")
    assert row.a["href"] == "q9b_two.html#slug-q9b-reason"
    ids = [part["id"] for part in both.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert [block["lang"] for block in both.main.find_all("div")] == ["fa", "en"]
    persian = BeautifulSoup((book / "html/fa/book/q9_old.html").read_text("utf-8"), "html.parser")
    assert persian.h1.get_text() == "قدیمی" and "Old" not in persian.get_text()


@pytest.mark.parametrize("folder", ["", "fa/", "en/"])
def test_a_page_that_gave_parts_away_leads_on_from_what_it_lost(book: Path, folder: str) -> None:
    entry = "q9a_one:\n  into: [q9a_one, q9b_two]\n  anchors: {gone: q9b-reason, renamed: q9a}\n"
    (book / "book/moved.yml").write_text(entry, encoding="utf-8")
    file = book / "html" / f"{folder}book/q9a_one.html"
    before = file.read_text(encoding="utf-8").replace("<html>", '<html><head><meta charset="utf-8"></head>')
    file.write_text(before, encoding="utf-8")
    for other in {"", "fa/", "en/"} - {folder}:
        (book / "html" / f"{other}book/q9a_one.html").write_text(before, encoding="utf-8")
    assert write_moved(book / "book", book / "html") == []
    after = file.read_text(encoding="utf-8")
    script = re.search(r'<head><meta charset="utf-8"><script>(.*?)</script>', after, re.DOTALL)[1]
    assert after.replace(f"<script>{script}</script>", "") == before
    found = leads(file)
    assert (found["gone"], found["renamed"]) == ("q9b_two.html#q9b-reason", "q9a_one.html#q9a")
    others = {place for anchor, place in found.items() if anchor not in ("gone", "renamed")}
    assert {place.partition("#")[0] for place in others} == {"q9b_two.html"}
    assert {"q9b-reason", "card-q9b-reason"} <= found.keys() and not {"", "q9a"} & found.keys()


def test_a_page_does_not_lead_on_from_an_anchor_it_has(book: Path) -> None:
    entry = "q9a_one:\n  into: [q9b_two]\n  anchors: {q9a: q9b-reason}\n"
    (book / "book/moved.yml").write_text(entry, encoding="utf-8")
    with pytest.raises(MovedError, match="the page has 'q9a' still"):
        write_moved(book / "book", book / "html")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("q9_old:", "q9a_one:"), "q9a_one: the book has this page"),
        (("[q9a_one, q9b_two]", "[q9z]"), "expected pages of the book, got 'q9z'"),
        (("[q9a_one, q9b_two]", "[]"), "expected a list of pages"),
        (("  into", "  onto"), "expected title, into and perhaps anchors"),
        (("  into", "  from: q9\n  into"), "expected title, into and perhaps anchors"),
        (("gone: q9a", "gone: 3"), "expected an anchor and a label a line"),
        ((', en: "Old"', ""), "title"),
    ],
)
def test_a_bad_entry_is_refused(book: Path, change: tuple[str, str], message: str) -> None:
    (book / "book/moved.yml").write_text(ENTRY.replace(*change), encoding="utf-8")
    with pytest.raises(MovedError, match=message):
        load_moved(book / "book")
    assert [message in finding.problem for finding in check_moved(book / "book/moved.yml", ["q9a"])] == [True]


def test_a_label_that_the_book_lacks_is_refused(book: Path) -> None:
    (book / "book/moved.yml").write_text(ENTRY.replace("gone: q9a", "gone: q9x"), encoding="utf-8")
    with pytest.raises(MovedError, match="no label 'q9x' in q9a_one, q9b_two"):
        write_moved(book / "book", book / "html")


def test_the_lint_finds_labels_that_lack_and_lines_without_need(book: Path) -> None:
    found = check_moved(book / "book/moved.yml", ["q9a", "gone"])
    assert [finding.problem for finding in found] == [
        "q9_old: no label 'q9b-reason' in the book",
        "q9_old: 'gone' is a label of the book",
    ]


def test_a_book_without_moved_pages_writes_none(tmp_path: Path) -> None:
    assert write_moved(tmp_path, tmp_path) == []
