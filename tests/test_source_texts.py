"""The lint of texts: each fault is found without running the chapter, and named with its entry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT
from tiny_notebooks import write, write_texts

from hw2utils.publishing.sources.lint import lint_file
from hw2utils.reporting.texts import read_file


def faults(file: Path) -> list[str]:
    """Lint a file by itself."""
    return [str(finding) for finding in lint_file(file)]


TREND = {  # what a run with other parameters may refute; "goes from {first} to {last}" it cannot
    "en": r"\b(rises?|falls?|grows?|drops?|shrinks?|jumps?|coincides?|clings?|lower than|higher than)\b",
    "fa": "بالا می‌رود|پایین می‌آید|کم می‌شود|زیاد می‌شود|کوچک می‌شو|بزرگ می‌شو|می‌جهد|می‌چسب|نزدیک می‌شو|روی هم",
}


@pytest.mark.parametrize("file", sorted((ROOT / "book/texts").glob("*.yml")), ids=lambda file: file.stem)
def test_an_alternative_text_says_what_was_measured_and_claims_no_trend(file: Path) -> None:
    for key, content in read_file(file).items():
        texts = content.get("alt", {})
        for variant in [texts] if set(texts) == set(TREND) else texts.values():
            said = {lang: re.sub(r"\{.*?\}", "", variant[lang]) for lang in TREND}
            found = [match[0] for lang in TREND for match in re.finditer(TREND[lang], said[lang])]
            assert found == [], f"{file.stem}-{key}"


CELLS = (
    'figure("q9-rows", "differences", rows=rows, slots={"n": 3})',
    'note("q9-said", "points", gain=gain, k=3)',
)
LABELS = {"unit": {"fa": "واحد", "en": "points"}}
ROWS = {
    "caption": {"fa": "ردیف‌ها {n} و ۲", "en": "rows {n} and 2"},
    "alt": {"fa": "الف", "en": "a"},
    "labels": LABELS,
}
SAID = {"note": {"fa": "{gain.mean:.1f} با `k` {k}", "en": "{k} `k` with {gain.mean:.1f}"}}


def problems(folder: Path, *cells: str, terms: Any = None, **entries: Any) -> list[str]:
    write(folder / "q9_rows.ipynb", "%matplotlib inline", *(cells or CELLS))
    write_texts(
        folder, "q9", **{"rows": ROWS, "said": SAID, **entries, **({"terms": terms} if terms else {})}
    )
    return faults(folder / "texts/q9.yml")


def test_good_texts_have_no_problems(tmp_path: Path) -> None:
    variants = {"note": {"up": {"fa": "بالا", "en": "up"}, "down": {"fa": "پایین", "en": "down"}}}
    cells = (*CELLS, 'note("q9-way", variant="up" if k else "down")')
    assert problems(tmp_path, *cells, way=variants, terms={"sgd": {"fa": "کاهشی", "en": "SGD"}}) == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            {"said": {"note": {"fa": "{k}", "en": "{gain.mean:.1f}"}}},
            "slots differ",
        ),
        ({"said": {"note": {"fa": "۳ {k}", "en": "4 {k}"}}}, "numbers differ, Persian only: 3; English: 4"),
        ({"said": {"note": {"fa": "`a` {k}", "en": "a {k}"}}}, "code spans differ, Persian only: a"),
        ({"said": {"note": {"fa": "{x}", "en": "{x}"}}}, "said: note: the cell gives no x; it gives gain, k"),
        ({"said": {"note": {"fa": "{k}"}}}, "said: note: nothing in 'en'"),
        ({"said": {"nots": {"fa": "الف", "en": "a"}}}, "said: expected note; or caption, alt and labels"),
        ({"said": {**ROWS}}, "said: expected the texts of a note, got"),
        ({"rows": {**ROWS, "caption": {"fa": "{m}", "en": "{m}"}}}, "rows: caption: the cell gives no m"),
        (
            {"rows": {**ROWS, "labels": {"unit": {"fa": "۵", "en": "6"}}}},
            "numbers differ",
        ),
        ({"more": SAID}, "more: no chapter shows it"),
        ({"terms": {"sgd": {"fa": "کاهشی"}}}, "terms: sgd: nothing in 'en'"),
    ],
)
def test_a_fault_in_the_texts_is_named(tmp_path: Path, entries: dict[str, Any], message: str) -> None:
    found = problems(tmp_path, **entries)
    assert found
    assert any(message in problem for problem in found)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('note("q9-sad", "points")', "sad: no entry; did you mean 'said'"),
        ('note("q8-said", "points")', "note('q8-said'): expected a name that begins with q9-"),
        ('figure("q8-rowz", rows=1)', "did you mean 'q9-rows'?"),
        (
            'figure("q9-rows", "differences", row=1, slots={"n": 3})',
            "rows: data row: the drawing differences takes rows, thresholds; did you mean 'rows'?",
        ),
        (
            'figure("q9-rows", "differences", slots={"n": 3})',
            "data rows is missing: the drawing differences takes rows, thresholds",
        ),
        ('figure("q9-rows", "differences", rows=1, unit=2, slots={"n": 3})', "data unit: the drawing"),
        (
            'figure("q9-rows", "diferences", rows=1, slots={"n": 3})',
            "hw2utils/plotting/diferences.py with the function diferences; did you mean 'differences'?",
        ),
        ('figure("q9-rows", rows=1, slots={"n": 3})', "expected a module hw2utils/plotting/q9.py"),
    ],
)
def test_a_cell_that_does_not_fit_the_texts_is_named(tmp_path: Path, cell: str, message: str) -> None:
    found = problems(tmp_path, cell, CELLS[1]) if "q9-rows" in cell else problems(tmp_path, *CELLS, cell)
    assert any(message in problem for problem in found), found


def test_slots_that_are_not_written_out_are_left_to_the_build(tmp_path: Path) -> None:
    assert problems(tmp_path, CELLS[0], 'note("q9-said", **found)') == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    problems(tmp_path)
    (tmp_path / "texts/q9.yml").write_text("a: [", encoding="utf-8")
    (found,) = faults(tmp_path / "texts/q9.yml")
    assert "cannot be read: while parsing a flow node" in found
