"""Assignments as ``otter assign`` reads them: a notebook with raw cells that say what is what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hw2utils.publishing.editions.course import STUB, Assignment, Question, new_cell
from hw2utils.publishing.sources.notebooks import new_notebook, write_notebook

_ASSIGNMENT = """\
# ASSIGNMENT CONFIG
name: {name}
generate: true
export_cell:
  pdf: false"""
_QUESTION = """\
# BEGIN QUESTION
name: {name}
points: {points}
"""


def write_otter(assignments: Iterable[Assignment], folder: Path) -> list[Path]:
    """Write ``CHAPTER/CHAPTER.ipynb`` for each assignment; return the notebooks."""
    written = []
    for one in assignments:
        file = folder / one.name / f"{one.name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_notebook(file, notebook(one))
        written.append(file)
    return written


def notebook(assignment: Assignment) -> dict[str, Any]:
    """Give an assignment as the notebook from which Otter makes the students' one."""
    cells = [new_cell("raw", _ASSIGNMENT.format(name=assignment.name)), *assignment.given]
    for question in assignment.questions:
        cells.extend(_cells(question))
    named = ({**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells))
    return new_notebook(named, assignment.kernel)


def _cells(question: Question) -> Iterator[dict[str, Any]]:
    """Give a question's cells; only what has no code gets a prompt of ours, as code's is three dots."""
    how = "all_or_nothing: true" if question.test else "manual: true"
    yield new_cell("raw", _QUESTION.format(name=question.name, points=question.points) + how)
    yield from map(dict, question.texts)
    if all(kind == "markdown" for kind, _ in question.answers):
        yield from _block("PROMPT", [new_cell("markdown", "\n\n".join(STUB.values()))])
    yield from _block("SOLUTION", [new_cell(kind, _marked(kind, text)) for kind, text in question.answers])
    if question.test:
        tests = [new_cell("code", question.test), new_cell("code", f"# HIDDEN\n{question.hidden}")]
        yield from _block("TESTS", tests)
    yield new_cell("raw", "# END QUESTION")


def _block(kind: str, cells: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield new_cell("raw", f"# BEGIN {kind}")
    yield from cells
    yield new_cell("raw", f"# END {kind}")


def _marked(kind: str, answer: str) -> str:
    return f"# BEGIN SOLUTION\n{answer}\n# END SOLUTION" if kind == "code" else answer
