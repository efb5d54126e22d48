"""The tools of a course themselves: what they make of an assignment, and how they grade submissions."""

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hw2utils.publishing.editions import nbgrader, otter
from hw2utils.publishing.editions.course import assignment
from hw2utils.publishing.sources.notebooks import cell_tags, read_notebook, write_notebook
from hw2utils.publishing.sources.solutions import BEGIN, END

pytestmark = pytest.mark.course

ROOT = Path(__file__).parents[2]
GRADED = assignment(ROOT / "book" / "q4d_rules.ipynb")
NAME = GRADED.name

STEP = "def my_{name}(lr):\n    return Rule('mine', (), lambda g, memory, p, t: ({step}, {{}}))"
RIGHT = {
    "q4-sgd": STEP.format(name="sgd", step="-lr * g"),
    **{question.name: question.answers[0][1] for question in GRADED.questions[5:]},
}
FAULTY = {
    "q4-sgd": STEP.format(name="sgd", step="lr * g"),
    "q4-coupled": "def my_coupled(lr):\n    while True:\n        pass",
    "q4-momentum": "def my_momentum(lr):\n    exit()",
    "q4-nesterov": "def my_nesterov(lr)\n    return nesterov(lr)",
    "q4-rmsprop": "from hw2utils.optimizers import rmsprop as my_rmsprop",
}
"""A step uphill, an endless loop, the end of the program, no Python, and what somebody else wrote."""

SUBMISSIONS = {
    "right": (RIGHT, 7),
    "faulty": ({**RIGHT, **FAULTY}, 2),  # Adam alone
    "nothing": ({}, 0),
    "endless": ({**RIGHT, "q4d-1": "while True:\n    pass"}, 7),
    "no_python": ({**RIGHT, "q4d-1": "print('unfinished"}, 7),
}
"""What is written for each question, and the points that checks should give."""


def run(tool: str, *arguments: object, cwd: Path) -> str:
    """Run a tool, which finds its helpers; fail with what it said."""
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed: make course-test")
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    done = subprocess.run(
        [sys.executable, "-m", tool, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PATH": os.pathsep.join(places), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def fill(notebook: Path, answers: dict[str, str], is_blank: Callable[[dict], bool]) -> None:
    """Write answers into a student's notebook, which has a blank for each question, in their order."""
    content = read_notebook(notebook)
    found = [cell for cell in content["cells"] if is_blank(cell)]
    assert len(found) == len(GRADED.questions)
    for question, cell in zip(GRADED.questions, found, strict=True):
        if question.name in answers:
            cell["source"] = answers[question.name]
    write_notebook(notebook, content)


def leaks(notebook: Path) -> bool:
    """Tell whether a line of an answer is in a notebook."""
    text = re.sub(r"\W", "", json.dumps([cell["source"] for cell in read_notebook(notebook)["cells"]]))
    lines = (
        line for question in GRADED.questions for _, answer in question.answers for line in answer.split("\n")
    )
    pieces = (re.sub(r"\W", "", line) for line in lines)
    given = re.sub(r"\W", "", json.dumps([cell["source"] for cell in GRADED.given]))
    return any(len(piece) > 14 and piece in text and piece not in given for piece in pieces)


# --- nbgrader -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nbgrader")
    nbgrader.write_nbgrader([GRADED], folder)
    run("nbgrader", "generate_assignment", "q4", "--create", cwd=folder)
    return folder


def test_nbgrader_finds_the_book_s_own_answers_right_and_blanks_wrong(course):
    place = Path("q4") / f"{NAME}.ipynb"
    assert "Success" in run("nbgrader", "validate", Path("source") / place, cwd=course)
    told = run("nbgrader", "validate", Path("release") / place, cwd=course)
    assert "FAILED" in told.upper()


def test_nbgrader_releases_no_answer_and_no_hidden_test(course):
    file = course / "release" / "q4" / f"{NAME}.ipynb"
    text = file.read_text(encoding="utf-8")
    assert not any(mark in text for mark in (BEGIN, END, nbgrader.BEGIN_HIDDEN, "__module__"))
    assert not leaks(file)


def test_nbgrader_gives_each_submission_its_points(course):
    for student, (answers, _) in SUBMISSIONS.items():
        file = course / "submitted" / student / "q4" / f"{NAME}.ipynb"
        file.parent.mkdir(parents=True)
        shutil.copyfile(course / "release" / "q4" / file.name, file)
        fill(file, answers, lambda cell: cell["metadata"]["nbgrader"]["solution"])
    run("nbgrader", "autograde", "q4", "--create", "--ExecutePreprocessor.timeout=60", cwd=course)
    run("nbgrader", "export", cwd=course)
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        student: points for student, (_, points) in SUBMISSIONS.items()
    }
    assert {float(row["max_score"]) for row in rows.values()} == {GRADED.points}


# --- Otter ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assigned(tmp_path_factory):
    """Otter runs the book's own answers against the tests as it makes the assignment."""
    (file,) = otter.write_otter([GRADED], tmp_path_factory.mktemp("otter"))
    run("otter", "assign", file.name, "dist", cwd=file.parent)
    return file.parent / "dist"


def test_otter_gives_students_no_answer_and_no_hidden_test(assigned):
    file = assigned / "student" / f"{NAME}.ipynb"
    assert "__module__" not in file.read_text(encoding="utf-8")
    assert not leaks(file)


@pytest.mark.parametrize("student", [name for name in SUBMISSIONS if name != "endless"])
def test_otter_gives_a_submission_its_points(assigned, tmp_path, student):
    answers, points = SUBMISSIONS[student]
    file = tmp_path / f"{NAME}.ipynb"
    shutil.copyfile(assigned / "student" / file.name, file)
    fill(file, answers, lambda cell: "otter_answer_cell" in cell_tags(cell))
    (grader,) = (assigned / "autograder").glob("*.zip")
    run("otter", "run", file.name, "-a", grader, "-o", tmp_path, cwd=tmp_path)
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert sum(test.get("score", 0) for test in told["tests"]) == points
