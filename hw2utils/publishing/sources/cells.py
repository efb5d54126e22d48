"""Cells as the rules see them: of a chapter, and of a page in Markdown, which is split as a chapter is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.notebooks import cell_label, cell_source, cell_tags

HIDDEN_TAGS = frozenset({"hide-input", "remove-cell", "remove-input"})
"""Tags of code cells whose code a page does not show at first."""

OPENING = {
    "fa": '<div dir="rtl" lang="fa" class="lang-fa">',
    "en": '<div dir="ltr" lang="en" class="lang-en">',
}
"""The line that opens a text in each language."""


@dataclass(frozen=True)
class Cell:
    """Hold one cell: its kind (``markdown`` or ``code``), its text, and what a notebook says of it."""

    kind: str
    source: str
    place: Place = field(default_factory=Place)
    tags: Sequence[str] = ()
    label: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[Mapping[str, Any]] = ()
    execution_count: int | None = None

    @property
    def language(self) -> str | None:
        """Give ``fa`` or ``en`` for a cell tagged as one language, else None."""
        return next((lang for lang in OPENING if f"lang-{lang}" in self.tags), None)

    @property
    def hidden(self) -> bool:
        """Tell whether a page does not show the code at first."""
        return not HIDDEN_TAGS.isdisjoint(self.tags)

    @property
    def body(self) -> str | None:
        """Give the text inside the wrapper of a language cell, None where the wrapper is not exact."""
        opening = OPENING.get(self.language or "")
        if opening is None:
            return None
        start, end = f"{opening}\n\n", "\n\n</div>"
        inner = self.source[len(start) : -len(end)]
        exact = self.source.startswith(start) and self.source.endswith(end)
        exact = exact and inner != "" and inner == inner.strip("\n")
        return inner if exact and "<div" not in inner and "</div" not in inner else None

    def parse(self) -> ast.Module:
        """Parse the Python of a code cell, with empty lines in place of magic and shell commands.

        Raises SyntaxError.
        """
        if self.source.startswith("%%"):
            return ast.parse("")
        return ast.parse(re.sub(r"^[ \t]*[%!].*", "", self.source, flags=re.MULTILINE))

    @property
    def tree(self) -> ast.Module | None:
        """Give the Python of a code cell, None where it is none."""
        try:
            return self.parse()
        except SyntaxError:
            return None

    def finding(self, rule: str, problem: str, remedy: str, at: int = 0) -> Finding:
        """Make a finding of this cell, ``at`` so many characters from its start."""
        return Finding(rule, problem, remedy, self.place.below(self.source[:at]))


def notebook_cells(notebook: Mapping[str, Any]) -> list[Cell]:
    """Give the cells of a notebook that was read.

    >>> notebook_cells({"cells": [{"cell_type": "code", "source": ["x = 1"]}]})[0].place
    Place(cell=1, line=1)
    """
    return [
        Cell(
            cell["cell_type"],
            cell_source(cell),
            Place(number, 1),
            tuple(cell_tags(cell)),
            cell_label(cell),
            cell.get("metadata", {}),
            cell.get("outputs", ()),
            cell.get("execution_count"),
        )
        for number, cell in enumerate(notebook["cells"], 1)
    ]


def page_cells(path: Path) -> list[Cell]:
    """Split a page in Markdown into cells as a chapter has them: wrapped text, headings, shared parts.

    The label above a heading becomes the cell's, as it is in a chapter.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] and "---" in lines[1:] else 0
    cells: list[Cell] = []
    block: list[str] = []
    closing = None

    def finish(number: int) -> None:
        """Make a cell of the block that ended before line ``number``."""
        first = number - len(block)
        text = "\n".join(block)
        block.clear()
        if not text.strip():
            return
        first += len(text) - len(text.lstrip("\n"))
        text = text.strip("\n")
        tag = re.match(r"<div [^>]*lang-(fa|en)", text)
        label = re.match(r"\(([^)\s]+)\)=\n(?=#)", text)
        if label:
            text, first = text[label.end() :], first + 1
        tags = (f"lang-{tag[1]}",) if tag else ()
        cells.append(Cell("markdown", text, Place(None, first), tags, label[1] if label else None))

    for number, line in enumerate(lines[start:], start + 1):
        fence = re.match(r"(`{3,}|~{3,}|:{3,})", line)
        if closing is not None:
            block.append(line)
            if line.strip() == closing:
                closing = None
                finish(number + 1)
        elif line.startswith("<div") or fence:
            finish(number)
            block.append(line)
            closing = fence[1] if fence else "</div>"
        elif line.strip():
            block.append(line)
        else:
            finish(number)
    finish(len(lines) + 1)
    return cells


def markdown(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Pick the cells of text.

    >>> [cell.source for cell in markdown([Cell("code", "1"), Cell("markdown", "one")])]
    ['one']
    """
    return (cell for cell in cells if cell.kind == "markdown")


def code(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Pick the cells of code.

    >>> [cell.source for cell in code([Cell("code", "1"), Cell("markdown", "one")])]
    ['1']
    """
    return (cell for cell in cells if cell.kind == "code")
