"""Cells that show a quiz: they compute nothing, so that no run needs them, and stand at one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources.cells import Cell
from hw2utils.publishing.sources.findings import Finding
from hw2utils.publishing.sources.solutions import HEADING as EXERCISES

FOLDER = "quizzes"
"""The folder beside the chapters with their quick questions."""

SECTION = "-quiz"
"""How the label of the section ends in which a chapter's quiz stands, just before its exercises."""

METADATA: dict[str, Any] = {"jupyter": {"source_hidden": True}, "tags": ["remove-input"]}
"""What shows of the cell only what it asks."""

_CALL = "from hw2utils.reporting.quizzes import quiz\n\nquiz({chapter!r})"


def quiz_of(source: str) -> str | None:
    """Give the chapter whose quiz a cell shows, None where it does anything else.

    A quiz computes nothing: such a cell is no part of what a chapter's results depend on.

    >>> quiz_of("from hw2utils.reporting.quizzes import quiz\\n\\nquiz('q4b')"), quiz_of("quiz('q4b')")
    ('q4b', None)
    """
    if "quiz" not in source:
        return None
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and last.value.args:
        name = last.value.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            wanted = ast.parse(_CALL.format(chapter=name.value))
            return name.value if ast.dump(wanted) == ast.dump(tree) else None
    return None


def check_quiz_cell(cells: Sequence[Cell], chapter: str, file: Path) -> Iterator[Finding]:
    """Find a quiz that a chapter lacks or has no questions for, of another chapter, or in another place.

    ``file`` is where its questions would stand.
    """
    labels = [cell.label for cell in cells if cell.label]
    after = dict(pairwise(labels))
    section, found = "", 0
    for cell in cells:
        section = cell.label or section
        if cell.kind != "code" or (shown := quiz_of(cell.source)) is None:
            continue
        found += 1
        if shown != chapter:
            yield cell.finding("quiz", f"the quiz of {shown!r} in {chapter}", f"write quiz({chapter!r})")
        if section != chapter + SECTION or not after.get(section, EXERCISES).endswith(EXERCISES):
            yield cell.finding(
                "quiz",
                f"expected in a section labelled {chapter}{SECTION}, just before the exercises",
                "move it there",
            )
        if dict(cell.metadata) != METADATA:
            yield cell.finding("quiz", "shows its code", f"give it the metadata {METADATA}")
    if found != file.is_file():
        problem = f"{found} cells show a quiz" if file.is_file() else f"no questions in {FOLDER}/{file.name}"
        yield Finding("quiz", problem, f"one cell in a section labelled {chapter}{SECTION} shows them")
