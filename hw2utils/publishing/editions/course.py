"""Assignments: the exercises of a chapter with what they need of its code, for the tools of a course.

A function that can be checked gets cells of its own, and its points by the check. What a chapter asks beside
that, a number, a short program, a reason, is read by a person: its expected value stands in the text, so a
program that compared it would give points to whoever copies it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw2utils.checks import words
from hw2utils.checks.catalogue import EXERCISES
from hw2utils.languages import LANGUAGES, localise
from hw2utils.publishing.sources.blanks import POINTS
from hw2utils.publishing.sources.cells import OPENING
from hw2utils.publishing.sources.notebooks import cell_label, cell_source, cell_tags, read_notebook
from hw2utils.publishing.sources.slicing import backward_slice, names_used
from hw2utils.publishing.sources.solutions import BEGIN, END, HEADING, TAG

_INTRODUCTION = {
    "fa": "این دفترچه تمرین‌های یک فصل کتاب است، به‌همراه آن بخشی از کدِ فصل که تمرین‌ها لازم دارند. اول خودِ "
    "فصل را بخوانید. پاسخ را به فارسی یا انگلیسی و فقط در خانه‌های پاسخ بنویسید؛ خانه‌های دیگر هنگام "
    "تصحیح به حالت اول برمی‌گردند. اجرا را از بالا شروع کنید.",
    "en": "This notebook holds the exercises of one chapter, with the part of its code that they need. Read "
    "the chapter first. Answer in Persian or English, and only in the cells for answers: the others are put "
    "back before grading. Run the cells from the top.",
}
_READ = {
    "fa": "امتیاز: {points}. این پاسخ را مدرس می‌خواند.",
    "en": "Points: {points}. Your teacher reads this answer.",
}
_CHECKED = {
    "fa": "`{function}` را بنویسید. {task} امتیاز: {points}. خانهٔ بعد از پاسخ آن را می‌سنجد.",
    "en": "Write `{function}`. {task} Points: {points}. The cell after your answer checks it.",
}
_TEST = """\
from hw2utils.checks import check

checked = check("{name}", {function})
assert checked.passed, checked"""
_OWN = """\
# An imported function passes the check, but is nobody's answer.
assert not str(getattr({function}, "__module__", "")).startswith(("hw2utils", "torch"))"""
_ANSWER = """\
# The book's own answer: {place}
from hw2utils.checks.catalogue import find


def {function}(*given):
    return find("{name}").right(*given)"""


STUB = {"fa": "پاسخ خود را همین‌جا بنویسید", "en": "Write your answer here"}
"""What stands where a student writes."""


class CourseError(ValueError):
    """Say why no assignment could be made of a chapter."""


@dataclass(frozen=True)
class Question:
    """Hold what is asked, the book's answer, and how its points are given.

    ``texts`` are cells, ``answers`` pairs of a kind of cell and a source. ``test`` is the code that gives
    the points, with ``hidden`` after it; both are empty where a person gives them.
    """

    name: str
    texts: Sequence[Mapping[str, Any]]
    answers: Sequence[tuple[str, str]]
    points: int
    test: str = ""
    hidden: str = ""


@dataclass(frozen=True)
class Assignment:
    """Hold an assignment: the chapter's name, cells that are given, questions, and the kernel."""

    name: str
    given: Sequence[Mapping[str, Any]]
    questions: Sequence[Question]
    kernel: Mapping[str, Any]

    @property
    def part(self) -> str:
        """Give the part of the homework, such as ``q4d``."""
        return self.name.partition("_")[0]

    @property
    def question(self) -> str:
        """Give the question of the homework, such as ``q4``."""
        return self.name[:2]

    @property
    def points(self) -> int:
        """Give the points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def checked(self) -> int:
        """Give the points that checks give."""
        return sum(question.points for question in self.questions if question.test)


def assignment(notebook: Path) -> Assignment:
    """Make an assignment of a chapter.

    Raises CourseError where it has no exercises, or one counts fewer points than its checks do.
    """
    content = read_notebook(notebook)
    cells = content["cells"]
    start = next((i for i, cell in enumerate(cells) if (cell_label(cell) or "").endswith(HEADING)), None)
    if start is None:
        raise CourseError(f"{notebook.stem}: expected a heading whose label ends with {HEADING}, found none")
    tasks = list(_tasks(cells[start + 1 :]))
    if not tasks:
        raise CourseError(f"{notebook.stem}: expected exercises with solutions, found none")
    part = notebook.stem.partition("_")[0]
    return Assignment(
        notebook.stem,
        [*_given(cells[:start], tasks), *_texts(cells[start : start + 1])],
        [one for number, task in enumerate(tasks, 1) for one in task.questions(part, number)],
        content["metadata"]["kernelspec"],
    )


@dataclass
class _Task:
    """Hold an exercise as a chapter has it: cells that ask, cells that answer."""

    asked: list[Mapping[str, Any]] = field(default_factory=list)
    answers: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Give the book's code for it, without the marks."""
        sources = (cell_source(cell) for cell in self.answers if cell["cell_type"] == "code")
        return "\n\n\n".join(source.removeprefix(BEGIN).removesuffix(END).strip("\n") for source in sources)

    @property
    def prose(self) -> str:
        """Give the book's words for it, in both languages."""
        return "\n\n".join(_plain(cell_source(c)) for c in self.answers if c["cell_type"] == "markdown")

    def checks(self) -> dict[str, str]:
        """Give the checks that the text names, and the function that each of them is for."""
        text = "\n".join(map(cell_source, self.asked))
        named = dict(re.findall(r'check\("([\w-]+)", (\w+)\)', text))
        named |= {name: "my_" + name.partition("-")[2] for name in re.findall(r"`(q\d-\w+)`", text)}
        return {name: named[name] for name in EXERCISES if name in named}

    @property
    def points(self) -> int:
        """Give what it counts."""
        points: int = self.answers[0]["metadata"].get("hw2", {}).get("points", POINTS)
        return points

    @property
    def rest(self) -> int:
        """Give what it counts beside its checks."""
        return self.points - sum(EXERCISES[name].points for name in self.checks())

    def questions(self, part: str, number: int) -> Iterator[Question]:
        """Give what a person reads, if that has points of its own, then a question for each check."""
        checks, rest = self.checks(), self.rest
        if rest < 0:
            least = self.points - rest
            raise CourseError(
                f"{part}, exercise {number}: expected points for {', '.join(checks)}, at least {least}, "
                f'got {self.points}; write "hw2": {{"points": {least}}} into the metadata of its solution'
            )
        texts = _texts(self.asked)
        if rest:
            answers = [(kind, text) for kind, text in (("code", self.code), ("markdown", self.prose)) if text]
            yield Question(f"{part}-{number}", [*texts, *_told(_READ, points=rest)], answers, rest)
            texts = []
        for name, function in checks.items():
            exercise, slots = EXERCISES[name], {"name": name, "function": function}
            told = _told(_CHECKED, function=function, task=words.task(name), points=exercise.points)
            place = f"{exercise.right.__module__}.{exercise.right.__qualname__}"
            yield Question(
                name,
                [*texts, *told],
                [("code", _ANSWER.format(place=place, **slots))],
                exercise.points,
                _TEST.format(**slots),
                _OWN.format(**slots),
            )
            texts = []


def _tasks(cells: Sequence[Mapping[str, Any]]) -> Iterator[_Task]:
    """Give the exercises of a section, up to the next heading."""
    task = _Task()
    for cell in cells:
        if cell_label(cell):
            break
        if TAG in cell_tags(cell):
            task.answers.append(cell)
            continue
        if task.answers:
            yield task
            task = _Task()
        task.asked.append(cell)
    if task.answers:
        yield task


def _given(cells: Sequence[Mapping[str, Any]], tasks: Sequence[_Task]) -> Iterator[dict[str, Any]]:
    """Give the title, what this is, the cell that installs, and what the exercises use and name."""
    yield from _texts(cells[:1])
    yield from _told(_INTRODUCTION)
    code = [cell_source(cell) for cell in cells if cell["cell_type"] == "code"]
    asked = "\n".join(cell_source(cell) for task in tasks for cell in task.asked)
    needed = set(re.findall(r"`([A-Za-z_]\w*)(?:[.(\[][^`\n]*)?`", asked))  # `walk`, `relu.history`
    needed |= names_used("\n".join(task.code for task in tasks if task.rest))
    for source in (code[0], *backward_slice(code[1:], needed)):
        if source:
            yield new_cell("code", source)


def new_cell(kind: str, source: str) -> dict[str, Any]:
    """Make a cell: ``code``, ``markdown`` or ``raw``."""
    extra: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **extra}


def _texts(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        new_cell(
            cell["cell_type"],
            _plain(cell_source(cell)) if cell["cell_type"] == "markdown" else cell_source(cell),
        )
        for cell in cells
    ]


def _plain(text: str) -> str:
    """Leave of links into the book their words, since only the book has where they lead."""
    return re.sub(r"(?<!!)\[([^]]+)\]\((?!https?:)[^)\s]+\)", r"\1", text)


def _told(texts: Mapping[str, str], **slots: Any) -> list[dict[str, Any]]:
    """Write a sentence in both languages."""
    found = []
    for lang in LANGUAGES:
        given = {key: value[lang] if isinstance(value, Mapping) else value for key, value in slots.items()}
        given |= {key: localise(str(value), lang) for key, value in given.items() if isinstance(value, int)}
        found.append(new_cell("markdown", f"{OPENING[lang]}\n\n{texts[lang].format(**given)}\n\n</div>"))
    return found
