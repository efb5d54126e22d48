"""Solutions of exercises: how a chapter marks them, and the rules that hold them to it.

A solution in code stands between the two marks, which course tools know too, in a cell tagged ``solution``;
a solution in words is a language cell with that tag, whose whole text is folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hw2utils.languages import Text
from hw2utils.publishing.sources.cells import Cell
from hw2utils.publishing.sources.findings import Finding

TAG = "solution"
"""The tag of cells that hold a solution."""

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
"""The first and the last line of a solution in code."""

HEADING = "-exercises"
"""How the label of the section ends in which exercises and their solutions stand."""

ANSWER: Text = {"fa": "پاسخ", "en": "Answer"}
"""What a folded solution in words is called."""


def check_solutions(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find solutions without their marks or tag, unfolded, outside the exercises, or before any exercise."""
    section = None
    asked = False
    for cell in cells:
        if cell.label:
            section, asked = cell.label, False
        marked = [line for line in cell.source.splitlines() if line.strip() in (BEGIN, END)]
        if TAG not in cell.tags:
            if cell.kind == "code" and marked:
                yield cell.finding(
                    "solution", f"a mark, {marked[0]!r}, in a cell without the tag", f"tag it {TAG!r}"
                )
            asked = asked or cell.language is not None
            continue
        if not (section or "").endswith(HEADING):
            remedy = f"move it below the heading whose label ends with {HEADING}"
            yield cell.finding("solution", f"a solution in the section {section!r}", remedy)
        elif not asked:
            yield cell.finding(
                "solution", "a solution before any exercise", "say first what is asked, in both languages"
            )
        if cell.kind == "code":
            yield from _check_code(cell, marked)
        elif cell.language and not _is_folded(cell):
            yield cell.finding(
                "solution",
                "a solution in words that is not folded",
                f"write <details>, <summary>{ANSWER[cell.language]}</summary>, blank line, text, blank line, "
                "</details>, and nothing else into its wrapper",
            )


def _check_code(cell: Cell, marked: Sequence[str]) -> Iterator[Finding]:
    lines = cell.source.splitlines()
    if marked != [BEGIN, END] or lines[0] != BEGIN or lines[-1] != END:
        yield cell.finding(
            "solution",
            f"expected {BEGIN} as its first line and {END} as its last, and no other, got {marked}",
            "put the whole cell between the two marks; what the exercise gives belongs into a cell before it",
        )
    if cell.metadata.get("jupyter", {}).get("source_hidden") is not True:
        yield cell.finding(
            "solution",
            "unfolded in Jupyter",
            'write "jupyter": {"source_hidden": true} into the cell\'s metadata',
        )


def _is_folded(cell: Cell) -> bool:
    start = f"<details>\n<summary>{ANSWER[cell.language or '']}</summary>\n\n"
    body = cell.body or ""
    return body.startswith(start) and body.endswith("\n\n</details>") and body.count("<details") == 1
