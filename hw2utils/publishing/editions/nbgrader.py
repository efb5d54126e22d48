"""Assignments as nbgrader's instructors write them: a folder ``source`` and the settings of a course."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hw2utils.languages import LANGUAGES
from hw2utils.publishing.editions.course import STUB, Assignment, new_cell
from hw2utils.publishing.sources.notebooks import new_notebook, write_notebook
from hw2utils.publishing.sources.solutions import BEGIN, END

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
"""The marks of what students do not get of a test."""

SETTINGS = "nbgrader_config.py"
"""The file with the settings, which nbgrader reads where it is started."""

_SETTINGS = """\
c = get_config()

c.CourseDirectory.course_id = "hw2"
c.ClearSolutions.code_stub = {{"python": {code!r}}}
c.ClearSolutions.text_stub = {text!r}

# Seconds of a cell, of which some train; what comes after one that never ends is graded.
c.ExecutePreprocessor.timeout = 900
c.ExecutePreprocessor.interrupt_on_timeout = True
"""


def write_nbgrader(assignments: Iterable[Assignment], folder: Path) -> list[Path]:
    """Write a course: ``source/QUESTION/CHAPTER.ipynb`` for each assignment, and the settings.

    Returns the notebooks.
    """
    written = []
    for one in assignments:
        file = folder / "source" / one.question / f"{one.name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_notebook(file, notebook(one))
        written.append(file)
    code = "".join(f"# {STUB[lang]}\n" for lang in LANGUAGES) + "raise NotImplementedError()"
    text = "\n\n".join(STUB[lang] for lang in LANGUAGES)
    (folder / SETTINGS).write_text(_SETTINGS.format(code=code, text=text), encoding="utf-8")
    return written


def notebook(assignment: Assignment) -> dict[str, Any]:
    """Give an assignment as the notebook from which nbgrader makes the students' one."""
    return new_notebook(_cells(assignment), assignment.kernel)


def _cells(assignment: Assignment) -> Iterator[dict[str, Any]]:
    for number, cell in enumerate(assignment.given, 1):
        yield _marked(cell, f"{assignment.part}-given-{number}", locked=True)
    for question in assignment.questions:
        for number, cell in enumerate(question.texts, 1):
            yield _marked(cell, f"{question.name}-text-{number}", locked=True)
        for number, (kind, answer) in enumerate(question.answers, 1):
            last = number == len(question.answers)
            points = question.points if last and not question.test else None
            cell = new_cell(kind, f"{BEGIN}\n{answer}\n{END}")
            yield _marked(cell, f"{question.name}-answer-{number}", solution=True, points=points)
        if question.test:
            source = f"{question.test}\n{BEGIN_HIDDEN}\n{question.hidden}\n{END_HIDDEN}"
            cell = new_cell("code", source)
            yield _marked(cell, f"{question.name}-test", locked=True, points=question.points)


def _marked(
    cell: Mapping[str, Any],
    name: str,
    *,
    locked: bool = False,
    solution: bool = False,
    points: int | None = None,
) -> dict[str, Any]:
    """Mark a cell as nbgrader's schema 3 wants it; it is graded where it has points."""
    mark = {
        "schema_version": 3,
        "grade_id": name,
        "grade": points is not None,
        "locked": locked,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        mark["points"] = points
    return {**cell, "id": name, "metadata": {"nbgrader": mark}}
