"""What the audit got wrong: the entries, what is refused, and what the page shows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT

from hw2utils.publishing.sources.lint import lint_file
from hw2utils.reporting.claims import load
from hw2utils.reporting.corrections import FILE, STATES, CorrectionError, correction_html, load_corrections

TEXT = {"fa": "متن", "en": "text"}
ENTRY: dict[str, Any] = {
    "found": datetime.date(2026, 11, 26),
    "claims": ["C-1"],
    "state": "open",
    **dict.fromkeys(("title", "said", "wrong"), TEXT),
}


def write(folder: Path, content: Any) -> Path:
    (folder / FILE).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_the_books_own_entries_are_read() -> None:
    entries = load_corrections(ROOT / "book", load())
    assert {entry.state for entry in entries} == set(STATES)
    assert len({entry.name for entry in entries}) == len(entries) > 5


def test_an_entry_is_shown_in_both_languages_with_links_to_the_cards(tmp_path: Path) -> None:
    (entry,) = load_corrections(write(tmp_path, {"first": ENTRY}), ["C-1"])
    shown = correction_html(entry, {"C-1": "q1.html#verdict-C-1"})
    assert shown.count('href="q1.html#verdict-C-1"') == 2
    for part in ('lang="fa"', 'lang="en"', "not yet mended", "هنوز درست نشده", "2026-11-26", "متن", "text"):
        assert part in shown
    assert "href" not in correction_html(entry, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "closed"}, r"first.state: expected one of \['open', 'mended'\], got 'closed'"),
        ({"claims": ["C-9"]}, "first.claims: C-9 is no claim of the book"),
        ({"found": "yesterday"}, "first.found: expected a date such as 2026-11-26, got 'yesterday'"),
        ({"said": {"en": "only"}}, "first.said: expected text in both languages"),
        ({"more": 1}, r"unknown \['more'\]"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write(tmp_path, {"first": {**ENTRY, **change}})
    with pytest.raises(CorrectionError, match=message):
        load_corrections(tmp_path, ["C-1"])


def test_a_file_that_holds_no_entries_is_named(tmp_path: Path) -> None:
    assert load_corrections(tmp_path, []) == []
    with pytest.raises(CorrectionError, match="expected entries by name"):
        load_corrections(write(tmp_path, ["first"]), [])


def test_the_lint_sees_numbers_that_differ_between_the_languages(tmp_path: Path) -> None:
    different = {"fa": "عدد ۳ است.", "en": "It is 4."}
    write(tmp_path, {"first": {**ENTRY, "said": different}})
    assert any("3" in str(found) or "4" in str(found) for found in lint_file(tmp_path / FILE))
    write(tmp_path, {"first": ENTRY})
    assert lint_file(tmp_path / FILE) == []


@pytest.mark.book
def test_the_page_has_a_section_for_each_entry(book_html: Path) -> None:
    page = (book_html / "book" / "corrections.html").read_text(encoding="utf-8")
    for entry in load_corrections(ROOT / "book", load()):
        assert f'id="correction-{entry.name}"' in page
        assert all(f'#verdict-{claim}"' in page for claim in entry.claims)
