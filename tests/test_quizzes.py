"""Quizzes: what they show and keep back, what is wrong with questions, and that they compute nothing."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from files import put
from repository import CHAPTERS, ROOT
from sphinx.util.docutils import new_document
from tiny_notebooks import PARAMETERS, claim, write

from hw2utils.publishing.execution.fingerprint import cache_key, same_code
from hw2utils.publishing.execution.parameters import validate_parameters
from hw2utils.publishing.execution.records import collect_records
from hw2utils.publishing.execution.rendered import quiz_run, readable_copy
from hw2utils.publishing.pages.language_pages import in_one, parse
from hw2utils.publishing.pages.search import sections
from hw2utils.publishing.sources.cells import Cell
from hw2utils.publishing.sources.lint import lint_file
from hw2utils.publishing.sources.notebooks import read_notebook, write_notebook
from hw2utils.publishing.sources.quiz_cells import METADATA, check_quiz_cell, quiz_of
from hw2utils.publishing.sources.quizzes import LEAST, check_questions
from hw2utils.reporting.quizzes import SHOWN, STYLE, questions, quiz
from hw2utils.reporting.rendering import Book, render
from hw2utils.reporting.texts import TextError

CELL = 'from hw2utils.reporting.quizzes import quiz\n\nquiz("q9")'


def both(word: str) -> dict[str, str]:
    return {"fa": f"فا {word}", "en": word}


def question(right: int = 1, **changes: Any) -> dict[str, Any]:
    options: list[dict[str, Any]] = [
        {"text": both(f"option-{n} `x`"), "why": both(f"because-{n}")} for n in range(3)
    ]
    options[right]["right"] = True
    return {"section": "q9-loss", "question": both("asked"), "options": options, **changes}


def asked() -> dict[str, Any]:
    return {f"q9-number-{n}": question(n % 3) for n in range(LEAST)}


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path) -> Path:
    """Make the folder of a book with a chapter, its questions and a claim."""
    notebook = write(tmp_path / "book/q9_x.ipynb", "1", parameters=PARAMETERS, prose="## The loss — زیان")
    content = read_notebook(notebook)
    content["cells"][0]["metadata"] = {"label": "q9-loss"}
    write_notebook(notebook, content)
    put(tmp_path / "book", {"claims.yml": yaml.safe_dump({"C-9": claim("q9_x")}, allow_unicode=True)})
    save(tmp_path / "book", asked())
    return tmp_path / "book"


def save(book: Path, content: Any) -> Path:
    put(book, {"quizzes/q9.yml": yaml.safe_dump(content, allow_unicode=True, sort_keys=False)})
    return book / "quizzes/q9.yml"


def shown(book: Path) -> BeautifulSoup:
    return BeautifulSoup(render(quiz("q9").content, Book(book)).html, "html.parser")


# --- what is shown --------------------------------------------------------------------------------


def test_every_question_has_one_set_of_options_in_both_languages(book: Path) -> None:
    page = shown(book)
    assert page.form is not None and page.form["method"] == "dialog"  # a form that sends nothing
    fields = page.find_all("fieldset")
    assert len(fields) == LEAST
    names = [{radio["name"] for radio in field.find_all("input", type="radio")} for field in fields]
    assert names == [{name} for name in asked()]
    first = fields[0]
    assert [half.get_text() for half in first.legend.find_all(lang=True)] == ["۱. فا asked", "1. asked"]
    assert [label.find(lang="en").get_text() for label in first.find_all("label")] == [
        f"option-{n} x" for n in range(3)
    ]
    assert page.find(id=True) is None  # two views of one notebook may show it


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_page_in_one_language_has_few_elements_for_a_question(language: str) -> None:
    html = render(quiz("q4b").content, Book(ROOT / "book")).html
    page = parse(f"<html><article>{html}</article></html>")
    in_one(page, language, "book/q4b.html", [])
    for field in page.find_all("fieldset"):
        marked = field.find_all(["bdi", "code"])
        assert len(field.find_all(True)) - len(marked) <= 24
        assert not field.find(class_="lang-sep")


def test_nothing_of_the_answer_shows_before_an_option_is_chosen(book: Path) -> None:
    said = render(quiz("q9").content, Book(book))
    page = BeautifulSoup(said.html, "html.parser")
    hidden = page.select("[style='display: none']")
    assert [part.name for part in hidden] == ["p", "p", "p", "a"] * LEAST
    assert all(part.parent["role"] == "status" for part in hidden)
    for part in hidden:
        part.decompose()
    assert not page.select("[checked], [aria-describedby], [title], [data-right]")
    for text in (page.get_text(), said.text):
        assert "asked" in text and "option-2" in text
        assert not re.search("because|Right|درست|Read again", text)


def test_an_explanation_says_in_words_whether_the_option_is_right(book: Path) -> None:
    for place, field in enumerate(shown(book).find_all("fieldset")):
        told = [text.find(lang="en").get_text() for text in field.find_all("p")]
        assert told == [f"{'Right' if n == place % 3 else 'Not right'}. because-{n}" for n in range(3)]
        assert field.a["href"] == "#q9-loss"
        assert [half.get_text() for half in field.a.find_all(lang=True)] == [
            "دوباره بخوانید: زیان",
            "Read again: The loss",
        ]


def test_a_notebook_gets_the_style_and_pages_have_the_same_rules(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book)
    html = quiz("q9")._repr_mimebundle_()["text/html"]
    assert html == STYLE + render(quiz("q9").content, Book(book)).html
    style = " ".join((ROOT / "book/_static/hw2.css").read_text(encoding="utf-8").split())
    assert " ".join(SHOWN.split()) in style


def test_questions_that_are_edited_show_at_once_in_a_readable_copy_of_a_run(book: Path) -> None:
    run = {"cells": [{"cell_type": "code", "source": CELL, **quiz_run("q9")}]}
    save(book, asked() | {"q9-number-0": question(question=both("edited"))})
    (cell,) = readable_copy(run, book, Book(book))["cells"]
    data = cell["outputs"][0]["data"]
    assert data["text/html"].startswith(STYLE) and "1. edited" in data["text/plain"]


def test_the_search_finds_questions_and_no_options_or_answers(book: Path) -> None:
    document = new_document("")
    html = render(quiz("q9").content, Book(book)).html
    document += nodes.section("", nodes.title("", "Quiz — پرسش"), nodes.raw("", html, format="html"))
    document += nodes.section("", nodes.title("", "After — پس"), nodes.paragraph("", "words"))
    (_, _, texts), (_, _, after) = sections(document)
    assert texts["en"] == "1. asked 2. asked 3. asked 4. asked 5. asked"
    assert texts["fa"].startswith("۱. فا asked ۲. فا asked") and len(texts["fa"].split()) == 3 * LEAST
    assert after["en"] == "words"


# --- what is wrong --------------------------------------------------------------------------------


def option(place: int, **changes: Any) -> Any:
    def change(content: dict[str, Any]) -> None:
        content["q9-number-0"]["options"][place].update(changes)

    return change


def entry(**changes: Any) -> Any:
    return lambda content: content["q9-number-0"].update(changes)


def rename(name: str) -> Any:
    return lambda content: content.update({name: content.pop("q9-number-0")})


FAULTS = {
    "another chapter's name": (rename("q8-x"), r"q9.yml: q8-x: expected q9- and one or two"),
    "a name with capitals": (rename("q9-Loss"), r"q9-Loss: expected q9-"),
    "no entry": (lambda content: content.update({"q9-number-0": "text"}), "expected section, question"),
    "unknown part": (entry(hint=both("x")), "expected section, question, options .*, got .*hint"),
    "no section": (lambda content: content["q9-number-0"].pop("section"), "expected section"),
    "one language": (entry(question={"en": "x"}), "q9-number-0: question: nothing in 'fa'"),
    "two options": (lambda content: content["q9-number-0"]["options"].pop(), "a list of 3 to 4, got 2"),
    "options are no list": (entry(options={"a": 1}), "options: expected a list of 3 to 4, got {'a'"),
    "nothing right": (lambda content: content["q9-number-0"]["options"][0].pop("right"), "got 0; mark"),
    "two right": (option(1, right=True), "expected one with `right: true`, got 2"),
    "right is false": (option(1, right=False), "option 2: right: expected true or nothing, got False"),
    "no why": (
        lambda content: content["q9-number-0"]["options"][2].pop("why"),
        "option 3: expected text, why",
    ),
    "why in one language": (option(2, why={"fa": "x"}), "option 3: why: nothing in 'en'"),
    "unknown verdict": (entry(verdicts={"C-9": "true"}), "verdicts: expected claims, each with one of holds"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_form_is_named_with_file_and_entry(name: str, book: Path) -> None:
    change, message = FAULTS[name]
    content = asked()
    change(content)
    file = save(book, content)
    with pytest.raises(TextError, match=message):
        questions("q9", book)
    found = [str(finding) for finding in check_questions(file, {"q9-loss": [(book / "q9_x.ipynb", None)]})]
    assert any(re.search(message, finding) for finding in found), found


def test_questions_that_are_not_there_are_named(book: Path) -> None:
    with pytest.raises(TextError, match=r"expected questions in book/quizzes/q8\.yml, which does not exist"):
        render(quiz("q8").content, Book(book))
    with pytest.raises(ValueError, match=r"chapter: expected what .* got 'q9_x'; write quiz\('q4b'\)"):
        quiz("q9_x")
    save(book, asked() | {"q9-number-0": question(section="q9-los")})
    with pytest.raises(TextError, match=r"q9-number-0: section: no label 'q9-los'.*did you mean 'q9-loss'"):
        shown(book)


LONG = both("a right option that is by far the longest of all")
RULES = {
    "section of another chapter": (entry(section="q8-loss"), "no label 'q8-loss' in the chapter"),
    "verdict of no claim": (entry(verdicts={"C-8": "holds"}), "C-8 is expected to be None, not 'holds'"),
    "another verdict": (entry(verdicts={"C-9": "refuted"}), "C-9 is expected to be 'holds', not 'refuted'"),
    "few": (lambda content: content.pop("q9-number-0"), "4 questions, at least 5"),
    "always first": (
        lambda content: content.update({name: question(0) for name in content}),
        "the right option is number 1 in 5 of 5",
    ),
    "always the longest": (
        lambda content: [
            one["options"][place % 3].update(text=LONG) for place, one in enumerate(content.values())
        ],
        r"the longest in 5 of 5 questions \(fa\)",
    ),
}


def test_good_questions_have_no_fault(book: Path) -> None:
    file = save(book, asked() | {"q9-number-0": question(verdicts={"C-9": "holds"})})
    assert list(check_questions(file, {"q9-loss": [(book / "q9_x.ipynb", None)]})) == []


@pytest.mark.parametrize("name", RULES)
def test_what_does_not_fit_the_book_or_gives_the_answer_away_is_named(name: str, book: Path) -> None:
    change, message = RULES[name]
    content = copy.deepcopy(asked())
    change(content)
    labels = {"q9-loss": [(book / "q9_x.ipynb", None)], "q8-loss": [(book / "q8_x.ipynb", None)]}
    found = [str(finding) for finding in check_questions(save(book, content), labels)]
    assert any(re.search(message, finding) for finding in found), found


def test_the_lint_reads_questions_with_their_texts_and_the_chapter_that_shows_them(book: Path) -> None:
    toc = "format: jb-book\nroot: book/index\nchapters:\n- file: book/q9_x\n"
    put(book.parent, {"_toc.yml": toc, "book/index.md": "(home)=\n# Home — خانه\n"})
    assert lint_file(book / "quizzes/q9.yml") == []
    faulty = question(section="home", question={"fa": "داده ها ۵", "en": "data 6"})
    found = [str(one) for one in lint_file(save(book, asked() | {"q9-number-0": faulty}))]
    for message in ("space for a half-space", "numbers differ", "no label 'home' in the chapter"):
        assert any(message in one for one in found), message
    content = read_notebook(book / "q9_x.ipynb") | {"nbformat_minor": 5}
    for place, cell in enumerate(content["cells"]):
        cell["id"] = f"cell-{place}"
    write_notebook(book / "q9_x.ipynb", content)
    assert any("0 cells show a quiz" in one.problem for one in lint_file(book / "q9_x.ipynb"))


def test_a_name_that_stands_twice_is_found(book: Path) -> None:
    file = save(book, asked())
    file.write_text(file.read_text(encoding="utf-8") * 2, encoding="utf-8")
    found = list(check_questions(file, {"q9-loss": [(book / "q9_x.ipynb", None)]}))
    assert [finding.problem for finding in found] == [f"{name}: stands twice" for name in asked()]


# --- the cell -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "chapter"),
    [
        (CELL, "q9"),
        (f"# quick questions\n{CELL}", "q9"),
        ('quiz("q9")', None),
        (f"{CELL}\nx = 1", None),
        (CELL.replace('"q9"', "name"), None),
        (CELL.replace('"q9"', '"q9", 1'), None),
        (CELL.replace("import quiz", "import quiz, questions"), None),
        ("quiz(", None),
    ],
)
def test_only_a_cell_that_does_nothing_else_is_a_quiz(source: str, chapter: str | None) -> None:
    assert quiz_of(source) == chapter


def test_a_quiz_is_no_part_of_what_a_chapter_computes(tmp_path: Path) -> None:
    with_quiz, without = (
        write(tmp_path / name / "q9_x.ipynb", "import json", *cells, parameters=PARAMETERS)
        for name, cells in {"with": (CELL,), "without": ()}.items()
    )
    keys = {cache_key(one, validate_parameters(one, None)) for one in (with_quiz, without)}
    assert len(keys) == 1
    assert same_code(read_notebook(with_quiz), read_notebook(without))
    ran = {"cells": [{"cell_type": "code", "source": CELL, **quiz_run("q9")}]}
    assert not any(collect_records(ran, tmp_path / "figures").values())


def test_the_place_of_a_quiz_is_checked(tmp_path: Path) -> None:
    put(tmp_path, {"q9.yml": ""})
    file = tmp_path / "q9.yml"
    heading = Cell("markdown", "## Q — پ", label="q9-quiz")
    cell = Cell("code", CELL, metadata=METADATA)
    exercises = Cell("markdown", "## E — ت", label="q9-exercises")

    def found(*cells: Cell, at: Path = file) -> list[str]:
        return [finding.problem for finding in check_quiz_cell(cells, "q9", at)]

    assert found(heading, cell, exercises) == found(at=tmp_path / "no.yml") == []
    (place,) = found(heading, Cell("markdown", "## X — ی", label="q9-x"), cell, exercises)
    assert place.startswith("expected in a section labelled q9-quiz, just before")
    assert found(exercises, heading, cell, Cell("markdown", "", label="q9-end")) == [place]
    assert found(heading, exercises) == ["0 cells show a quiz"]
    assert found(heading, cell, cell, exercises) == ["2 cells show a quiz"]
    assert found(heading, Cell("code", CELL), exercises) == ["shows its code"]
    assert found(heading, cell, exercises, at=tmp_path / "no.yml") == ["no questions in quizzes/no.yml"]
    other = Cell("code", CELL.replace("q9", "q8"), metadata=METADATA)
    assert found(heading, other, exercises) == ["the quiz of 'q8' in q9"]


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_each_chapter_asks_in_both_languages(notebook: Path) -> None:
    chapter = notebook.stem.partition("_")[0]
    said = render(quiz(chapter).content, Book(ROOT / "book"))
    assert said.html.count("<fieldset>") >= LEAST
