"""Assignments: points that agree, code that stands alone, and a form that nbgrader and Otter read."""

import builtins
import copy
import json
import re
import symtable

import pytest
from click.testing import CliRunner
from repository import CHAPTERS, ROOT

from hw2utils.checks.catalogue import EXERCISES
from hw2utils.publishing.cli import main
from hw2utils.publishing.editions import nbgrader, otter
from hw2utils.publishing.editions.course import CourseError, assignment
from hw2utils.publishing.sources.blanks import BLANK, with_blanks
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook, write_notebook
from hw2utils.publishing.sources.slicing import backward_slice, names_used
from hw2utils.publishing.sources.solutions import BEGIN, END, TAG

FIELDS = {"schema_version", "grade_id", "grade", "locked", "solution", "task"}


@pytest.fixture(scope="module")
def made():
    return {notebook.stem: assignment(notebook) for notebook in CHAPTERS}


def student_points(notebook):
    """The points of a chapter in the student's edition; blanks in a row are one exercise."""
    cells = with_blanks(read_notebook(notebook))["cells"]
    blank = [BLANK in cell_tags(cell) for cell in cells]
    return sum(
        cell["metadata"]["hw2"]["points"]
        for cell, is_blank, before in zip(cells, blank, [False, *blank], strict=False)
        if is_blank and not before
    )


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_an_assignment_counts_what_the_students_edition_counts(made, notebook):
    assert made[notebook.stem].points == student_points(notebook)


def test_each_check_is_in_one_assignment_and_counts_there_what_it_counts_in_the_summary(made):
    checks = [(q.name, q.points) for one in made.values() for q in one.questions if q.test]
    assert sorted(checks) == sorted((name, exercise.points) for name, exercise in EXERCISES.items())


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_the_code_given_defines_all_that_answers_use(made, notebook):
    one = made[notebook.stem]
    code = [cell["source"] for cell in one.given if cell["cell_type"] == "code"]
    for question in one.questions:
        code += [text for kind, text in question.answers if kind == "code"]
        code += [question.test, question.hidden]
    symbols = symtable.symtable("\n".join(code), "assignment", "exec").get_symbols()
    given = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
    assert names_used("\n".join(code)) <= given | set(dir(builtins))


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_nothing_that_is_asked_or_given_holds_an_answer(made, notebook):
    """What is shown is all but the answers; a line of one may stand in the chapter's other code, too."""
    one = made[notebook.stem]
    shown = [*one.given, *(cell for question in one.questions for cell in question.texts)]
    outside = {
        line.strip()
        for cell in read_notebook(notebook)["cells"]
        if TAG not in cell_tags(cell)
        for line in cell_source(cell).splitlines()
    }
    lines = {line.strip() for cell in shown for line in cell["source"].splitlines()}
    answers = {
        line.strip()
        for question in one.questions
        for _, text in question.answers
        for line in text.splitlines()
    }
    assert not {line for line in answers & lines - outside if len(line) > 14 and "class=" not in line}


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_cells_for_nbgrader_follow_its_schema(made, notebook):
    one = made[notebook.stem]
    cells = nbgrader.notebook(one)["cells"]
    marks = [cell["metadata"]["nbgrader"] for cell in cells]
    assert len({mark["grade_id"] for mark in marks}) == len(marks)
    assert all(re.fullmatch(r"[\w-]{1,64}", mark["grade_id"], re.ASCII) for mark in marks)
    assert sum(mark.get("points", 0) for mark in marks) == one.points
    for cell, mark in zip(cells, marks, strict=True):
        assert set(mark) == FIELDS | ({"points"} if mark["grade"] else set())
        assert (mark["schema_version"], mark["task"]) == (3, False)
        assert mark["locked"] is not mark["solution"]
        source = cell["source"].splitlines()
        assert ((BEGIN in source) and (END in source)) is mark["solution"]
        assert (nbgrader.BEGIN_HIDDEN in source) is (mark["grade"] and mark["locked"])


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_raw_cells_for_otter_open_and_close_in_order(made, notebook):
    one = made[notebook.stem]
    cells = otter.notebook(one)["cells"]
    raw = [cell["source"] for cell in cells if cell["cell_type"] == "raw"]
    assert raw[0].startswith("# ASSIGNMENT CONFIG")
    opened = []
    for first in (text.splitlines()[0] for text in raw[1:]):
        _, what, kind = first.split()
        if what == "BEGIN":
            opened.append(kind)
        else:
            assert opened.pop() == kind
    assert not opened
    assert sum(int(points) for points in re.findall(r"^points: (\d+)$", "\n".join(raw), re.M)) == one.points
    manual = sum("manual: true" in text for text in raw)
    assert manual == sum(not question.test for question in one.questions)
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert not any(BEGIN in source for source in code)


def test_an_exercise_that_counts_less_than_its_checks_is_refused(tmp_path):
    content = copy.deepcopy(read_notebook(ROOT / "book" / "q4d_rules.ipynb"))
    for cell in content["cells"]:
        cell["metadata"].pop("hw2", None)
    file = tmp_path / "q4d_rules.ipynb"
    write_notebook(file, content)
    with pytest.raises(CourseError, match=r"exercise 5: .* at least 7, got 1; write \"hw2\""):
        assignment(file)


@pytest.mark.parametrize("label", ["q9-other", "q9-exercises"])
def test_a_chapter_without_exercises_is_refused(tmp_path, label):
    cells = [{"cell_type": "markdown", "metadata": {"label": label}, "source": "## Heading"}]
    file = tmp_path / "q9_x.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "cells": cells, "metadata": {}}), encoding="utf-8")
    with pytest.raises(CourseError, match="q9_x: expected"):
        assignment(file)


@pytest.mark.parametrize(
    ("tool", "file"),
    [("nbgrader", "source/q4/q4f_printed.ipynb"), ("otter", "q4f_printed/q4f_printed.ipynb")],
)
def test_the_command_writes_assignments_and_nothing_over_others(tmp_path, tool, file):
    command = ["course", tool, "q4f", "-o", str(tmp_path)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "4 points, 1 of them by checks" in done.output
    assert (tmp_path / file).is_file()
    assert CliRunner().invoke(main, command).exit_code == 1
    assert CliRunner().invoke(main, [*command, "--overwrite"]).exit_code == 0


# --- slices ---------------------------------------------------------------------------------------

SLICES = {
    "what is not needed": (["a = 1", "b = 2", "c = a"], {"c"}, ["a = 1", "", "c = a"]),
    "an older value": (["a = 1", "a = 2"], {"a"}, ["", "a = 2"]),
    "an older value that the new one uses": (["a = 1", "a = a + 2"], {"a"}, ["a = 1", "a = a + 2"]),
    "an older value that is added to": (["a = 1", "a += 2"], {"a"}, ["a = 1", "a += 2"]),
    "a branch": (["a = 1", "if b:\n    a = 2"], {"a"}, ["a = 1", "if b:\n    a = 2"]),
    "what a function uses": (["k = 1", "def f():\n    return k"], {"f"}, ["k = 1", "def f():\n    return k"]),
    "what a function uses, set after it": (
        ["def f():\n    return k", "k = 1", "a = f()"],
        {"a"},
        ["def f():\n    return k", "k = 1", "a = f()"],
    ),
    "a function's own names": (["k = 1", "def f(k):\n    return k"], {"f"}, ["", "def f(k):\n    return k"]),
    "a comprehension's own names": (["x = 1", "a = [x for x in b]"], {"a"}, ["", "a = [x for x in b]"]),
    "a loop's own names": (["n = 1", "for n in b:\n    a = n"], {"a"}, ["", "for n in b:\n    a = n"]),
    "a block that always runs": (["a = 1", "with b:\n    a = 2"], {"a"}, ["", "with b:\n    a = 2"]),
    "an error's name": (
        ["e = 1", "try:\n    a = 1\nexcept E as e:\n    a = e"],
        {"a"},
        ["", "try:\n    a = 1\nexcept E as e:\n    a = e"],
    ),
    "a change of an element": (["a = {}", "a[0] = 1"], {"a"}, ["a = {}", "a[0] = 1"]),
    "a change by a function": (["a = []", "fill(a)"], {"a"}, ["a = []", "fill(a)"]),
    "what only shows": (["a = 1", "print(a)"], {"a"}, ["a = 1", ""]),
    "an import": (["import os.path as p, re"], {"re"}, ["import os.path as p, re"]),
    "comments and decorators": (
        ["# one\na = 1\n\n\n@d\ndef f():\n    pass\n# two\nb = 2"],
        {"b"},
        ["# one\n\n\n# two\nb = 2"],
    ),
}


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_leaves_what_may_matter(name):
    sources, needed, left = SLICES[name]
    assert backward_slice(sources, needed) == left


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a += b", {"a", "b"}),
        ("a = 1\na += b", {"b"}),
        ("with p() as q:\n    a = q\nr(a)", {"p", "r"}),
        ("f = lambda x, *y: x + y + z", {"z"}),
    ],
)
def test_names_used_are_those_that_came_from_elsewhere(source, names):
    assert names_used(source) == names
