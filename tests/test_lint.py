"""The one lint: the book keeps its rules, and each rule catches a sample that breaks it."""

from __future__ import annotations

import copy
import json
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from files import put
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from repository import ROOT

from hw2utils.languages import LANGUAGES
from hw2utils.publishing.cli import main
from hw2utils.publishing.sources import first_cell, solutions
from hw2utils.publishing.sources.cells import OPENING, notebook_cells
from hw2utils.publishing.sources.lint import Book, lint_book, lint_file
from hw2utils.publishing.sources.listings import CODE_CHECKS, COLUMNS, LESSON_CHECKS, MEASURING
from hw2utils.publishing.sources.structure import TEXT_CHECKS

CHECKS = {check.__name__: check for check in (*TEXT_CHECKS, *CODE_CHECKS, *LESSON_CHECKS)}


def test_the_book_keeps_the_rules():
    faults = [f"{path.name}: {finding}" for path, found in lint_book(ROOT) for finding in found]
    assert not faults


def test_every_label_of_the_book_is_known():
    labels = Book(ROOT).labels
    assert len(labels) > 200 and all(len(places) == 1 for places in labels.values())
    assert {"q5d-penalty", "term-weight-decay", "home"} <= labels.keys()


# --- each rule against a sample that breaks it ----------------------------------------------------

FA = """در این فصل ۶۰٬۰۰۰ تصویر را با `fit` می‌آموزیم ([تاریخچه](#q9-history)، [جردن](#q9-sample)).

- دقت $a_1$ به ۸۹٫۵٪ می‌رسد؛
- زیان را [اینجا](https://example.org/loss) ببینید.

اجرای این فصل روی دو هسته حدود ۳ دقیقه طول می‌کشد."""
EN = """We train on 60,000 images with `fit` ([the history](#q9-history), [Jordan](#q9-sample)).

- The accuracy $a_1$ reaches 89.5%;
- the loss is explained [here](https://example.org/loss).

On two cores this chapter runs in about 3 minutes."""
FIRST = '# The first cell.\nimport sys\n\nneeded, address = "0.1", ""\nassert sys.version_info > (3,)'
PARAMETERS = "epochs: int = 10  # [1, 500] passes over the data\nrate: float = 0.1  # (0, 1] learning rate"
MODELS = """from functools import partial

from torch import nn

from hw2utils.training import fit

model = nn.Linear(2, 1)
run = partial(fit, nn.Linear)"""
TITLE, TEXT_FA, TEXT_EN, EQUATION, HEADING, FIRST_CELL, CODE, MODEL, CHECKED, HIDDEN = range(10)


def wrapped(lang: str, text: str):
    source = f"{OPENING[lang]}\n\n{text}\n\n</div>"
    return new_markdown_cell(source, metadata={"tags": [f"lang-{lang}"]})


def sample():
    """Make a small chapter that keeps every rule."""
    cells = [
        new_markdown_cell("# A sample — یک نمونه", metadata={"label": "q9-sample"}),
        wrapped("fa", FA),
        wrapped("en", EN),
        new_markdown_cell("$$\nL = \\frac{1}{n}\\sum_i \\ell_i\n$$"),
        new_markdown_cell("## History — تاریخچه", metadata={"label": "q9-history"}),
        new_code_cell(FIRST, metadata=copy.deepcopy(first_cell.METADATA)),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell(MODELS),
        new_code_cell(
            "print(6 * 7)",
            metadata={"tags": ["nbval-check-output"]},
            execution_count=1,
            outputs=[new_output("stream", name="stdout", text="42\n")],
        ),
        new_code_cell(
            "shown = model(1)", metadata={"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
        ),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "hw2": {"seconds": 170}}
    return new_notebook(cells=cells, metadata=metadata)


def replace(cell: int, old: str, new: str):
    def change(notebook):
        assert old in notebook.cells[cell].source
        notebook.cells[cell].source = notebook.cells[cell].source.replace(old, new)

    return change


def tag(cell: int, *tags: str):
    return lambda notebook: notebook.cells[cell].metadata.update(tags=list(tags))


def label(cell: int, name: str | None):
    return lambda notebook: notebook.cells[cell].metadata.update(label=name)


def lengthen(notebook):
    for cell in notebook.cells[CODE:]:
        cell.source = "\n" * 9 + cell.source


def swap(notebook):
    notebook.cells[TEXT_FA], notebook.cells[TEXT_EN] = notebook.cells[TEXT_EN], notebook.cells[TEXT_FA]


def set_output(cell: int, *outputs, count: int | None = 1):
    return lambda notebook: notebook.cells[cell].update(outputs=list(outputs), execution_count=count)


def solution(source, *, label="q9-exercises", exercise=("fa", "en"), **metadata):
    """Add a section of exercises with a solution in code."""
    folded = {"tags": ["solution"], "jupyter": {"source_hidden": True}} | metadata
    asked = {"fa": "عدد یک را در متغیری بگذارید.", "en": "Put the number one into a variable."}

    def change(notebook):
        notebook.cells += [
            new_markdown_cell("## Exercises — تمرین‌ها", metadata={"label": label}),
            *(wrapped(lang, asked[lang]) for lang in exercise),
            new_code_cell(source, metadata=folded),
        ]

    return change


IMAGE = new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
END = "\n\n</div>"
BROKEN = {
    "unknown tag": (tag(MODEL, "nbval-chek-output"), "check_tags", "unknown tag"),
    "skipping tag": (tag(MODEL, "nbval-skip"), "check_tags", "unknown tag"),
    "code tag on text": (tag(EQUATION, "parameters"), "check_tags", "unknown tag"),
    "two languages": (tag(TEXT_FA, "lang-fa", "lang-en"), "check_tags", "both languages"),
    "wrapper without tag": (tag(TEXT_FA), "check_wrappers", "without a language tag"),
    "wrong attributes": (replace(TEXT_FA, ' lang="fa"', ""), "check_wrappers", "not wrapped as it must be"),
    "other quotes": (replace(TEXT_EN, '"ltr"', "'ltr'"), "check_wrappers", "not wrapped as it must be"),
    "no blank line after": (
        replace(TEXT_FA, '">\n\n', '">\n'),
        "check_wrappers",
        "not wrapped as it must be",
    ),
    "no blank line before": (
        replace(TEXT_FA, END, "\n</div>"),
        "check_wrappers",
        "not wrapped as it must be",
    ),
    "two blank lines": (replace(TEXT_FA, END, "\n\n\n</div>"), "check_wrappers", "not wrapped as it must be"),
    "not closed": (replace(TEXT_EN, END, ""), "check_wrappers", "not wrapped as it must be"),
    "text after": (replace(TEXT_EN, END, f"{END}\n\nMore."), "check_wrappers", "not wrapped as it must be"),
    "div in div": (
        replace(TEXT_EN, END, f"\n\n<div>x</div>{END}"),
        "check_wrappers",
        "not wrapped as it must be",
    ),
    "heading inside": (
        replace(TEXT_EN, "We train", "### We train"),
        "check_inside_wrappers",
        "a heading inside",
    ),
    "fence inside": (
        replace(TEXT_EN, "We train", "```\ncode\n```\n\nWe train"),
        "check_inside_wrappers",
        "a fence",
    ),
    "class fa": (
        replace(TEXT_FA, "زیان را", '<span class="x fa">زیان</span> را'),
        "check_class_fa",
        'class="fa"',
    ),
    "no label": (label(HEADING, None), "check_headings", "expected a label"),
    "label with a space": (label(HEADING, "q9 history"), "check_headings", "expected a label"),
    "label of no heading": (label(EQUATION, "q9-loss"), "check_headings", "expected one heading"),
    "label in a heading's text": (
        replace(HEADING, "## ", "(q9-history)=\n## "),
        "check_links",
        "stands in the text",
    ),
    "label in the text": (replace(TEXT_EN, "We train", "(q9-x)=\nWe train"), "check_links", "stands in the"),
    "role": (
        replace(TEXT_EN, "[the history](#q9-history)", "{ref}`the history <q9-history>`"),
        "check_links",
        "write [text](#label)",
    ),
    "text under heading": (
        replace(HEADING, "تاریخچه", "تاریخچه\n\nMore"),
        "check_headings",
        "expected one heading",
    ),
    "one language": (replace(HEADING, " — تاریخچه", ""), "check_headings", "expected one heading"),
    "Persian first": (
        replace(HEADING, "History — تاریخچه", "تاریخچه — History"),
        "check_headings",
        "English — Persian",
    ),
    "span in heading": (replace(HEADING, "History", "<b>History</b>"), "check_headings", "without HTML"),
    "same label": (label(HEADING, "q9-sample"), "check_headings", "used twice"),
    "level left out": (replace(HEADING, "##", "###"), "check_headings", "heading level 3 after level 1"),
    "two titles": (replace(HEADING, "##", "#"), "check_headings", "heading level 1 after level 1"),
    "no title": (lambda notebook: notebook.cells.pop(TITLE), "check_headings", "expected the title"),
    "prose outside": (
        replace(EQUATION, "$$\nL", "As we know,\n$$\nL"),
        "check_shared",
        "outside the language",
    ),
    "list outside": (
        replace(EQUATION, "$$\nL", "- As we know\n\n$$\nL"),
        "check_shared",
        "outside the language",
    ),
    "English in Persian": (replace(TEXT_FA, FA, EN), "check_language", "other script"),
    "Persian in English": (replace(TEXT_EN, EN, FA), "check_language", "other script"),
    "order": (swap, "check_pairs", "not directly"),
    "pair parted": (lambda n: n.cells.insert(TEXT_EN, n.cells.pop(EQUATION)), "check_pairs", "not directly"),
    "English missing": (lambda notebook: notebook.cells.pop(TEXT_EN), "check_pairs", "not directly"),
    "Persian missing": (lambda notebook: notebook.cells.pop(TEXT_FA), "check_pairs", "not directly"),
    "other number": (replace(TEXT_FA, "۸۹٫۵", "۸۸٫۵"), "check_pairs", "numbers differ"),
    "other thousands": (replace(TEXT_FA, "۶۰٬۰۰۰", "۶٬۰۰۰"), "check_pairs", "numbers differ"),
    "other math": (replace(TEXT_FA, "a_1", "a_2"), "check_pairs", "math differ"),
    "other code": (replace(TEXT_FA, "`fit`", "`train`"), "check_pairs", "code spans differ"),
    "other reference": (replace(TEXT_FA, "q9-history", "q9-sample"), "check_pairs", "links differ"),
    "other link": (replace(TEXT_FA, "/loss", "/gain"), "check_pairs", "links differ"),
    "list item missing": (replace(TEXT_FA, "\n- زیان", " زیان"), "check_pairs", "list items differ"),
    "empty cell": (lambda notebook: notebook.cells.append(new_code_cell("")), "check_empty", "empty"),
    "stored output": (
        set_output(MODEL, *sample().cells[CHECKED].outputs, count=None),
        "check_outputs",
        "has outputs",
    ),
    "stored count": (set_output(MODEL), "check_outputs", "has an execution count"),
    "nothing to compare": (set_output(CHECKED), "check_outputs", "no output is stored"),
    "checked image": (set_output(CHECKED, IMAGE), "check_outputs", "text only"),
    "not shown": (
        replace(MODEL, "model =", 'note("q9-n", n=1)\nmodel ='),
        "check_records",
        "not the last of its cell",
    ),
    "pyplot": (
        replace(MODEL, "model =", "plt.show()\nmodel ="),
        "check_figures",
        "hw2utils.reporting.figure",
    ),
    "inline magic": (
        replace(MODEL, "from", "%matplotlib inline\nfrom"),
        "check_figures",
        "hw2utils.reporting.figure",
    ),
    "shell command": (replace(MODEL, "model =", "!pip install x\nmodel ="), "check_python", "shell command"),
    "syntax error": (replace(MODEL, "model =", "model = ="), "check_python", "invalid syntax"),
    "no parameters": (tag(CODE), "check_parameters", "found it on no cell"),
    "parameters later": (
        lambda n: n.cells.insert(CODE, n.cells.pop(MODEL)),
        "check_parameters",
        "expected the tag 'parameters' here, found it on 8",
    ),
    "two parameters cells": (tag(MODEL, "parameters"), "check_parameters", "found it on 7, 8"),
    "derived parameter": (replace(CODE, "= 0.1", "= epochs / 2"), "check_parameters", "rate"),
    "default out of range": (replace(CODE, "= 10", "= 1000"), "check_parameters", "epochs"),
    "no help": (replace(CODE, " learning rate", ""), "check_parameters", "line 2: parameters: rate has no"),
    "nothing declared": (replace(CODE, PARAMETERS, "# nothing"), "check_parameters", "no parameter"),
    "no code shown": (tag(CODE, "remove-cell"), "check_parameters", "expected the tag"),
    "long cells": (lengthen, "check_median", "the median of the code"),
    "long cell": (replace(MODEL, "model", "\n" * 14 + "model"), "check_length", "lines of code, at most 20"),
    "wide line": (replace(MODEL, "nn.Linear(", "nn.Linear(" + " " * 80), "check_columns", "line 7: width: "),
    "much is hidden": (tag(MODEL, "hide-input"), "check_hidden_share", "9 of 12 lines of code (75%)"),
    "hidden on the page alone": (
        lambda n: n.cells[HIDDEN].metadata.pop("jupyter"),
        "check_folded",
        "cell 10, line 1: hidden: tagged hide-input, but unfolded in Jupyter",
    ),
    "trains unseen": (
        replace(HIDDEN, "model(1)", "\\\n    fit()"),
        "check_hidden_measuring",
        "line 2: hidden",
    ),
    "trains unseen by a function": (
        replace(HIDDEN, "model(1)", "run(2)"),
        "check_hidden_measuring",
        "hidden code uses run, which measures",
    ),
    "trains unseen by a method": (
        replace(HIDDEN, "model(1)", "Ridge().fit(x, y)"),
        "check_hidden_measuring",
        "uses .fit()",
    ),
    "measures unseen, a module's function": (
        replace(HIDDEN, "shown", "import hw2utils.neighbors as close\n\nfound = close.vote(1)\nshown"),
        "check_hidden_measuring",
        "line 3: hidden: hidden code uses vote",
    ),
    "function's name again": (
        replace(HIDDEN, "shown", "def told():\n    pass\n\n\ntold = 3\nshown"),
        "check_names",
        "line 5: name: 'told' is a function in cell 10, and here a number",
    ),
    "import's name again": (
        replace(HIDDEN, "shown", "for nn in [1]:\n    pass\nshown"),
        "check_names",
        "'nn'",
    ),
    "another kind of value": (
        replace(HIDDEN, "shown", "epochs = [1, 2]\nshown"),
        "check_names",
        "'epochs' is a number in cell 7, and here a list",
    ),
    "solution without marks": (solution("a = 1"), None, "cell 14, line 1: solution: expected ### BEGIN"),
    "solution without a tag": (
        solution("### BEGIN SOLUTION\na = 1\n### END SOLUTION", tags=[]),
        None,
        "'### BEGIN SOLUTION', in a cell without the tag",
    ),
    "solution shown in Jupyter": (
        solution("### BEGIN SOLUTION\na = 1\n### END SOLUTION", jupyter={}),
        None,
        "solution: unfolded in Jupyter",
    ),
    "solution elsewhere": (
        solution("### BEGIN SOLUTION\na = 1\n### END SOLUTION", label="q9-history-two"),
        None,
        "a solution in the section 'q9-history-two'",
    ),
    "solution of nothing": (
        solution("### BEGIN SOLUTION\na = 1\n### END SOLUTION", exercise=()),
        None,
        "a solution before any exercise",
    ),
    "solution in words unfolded": (
        tag(TEXT_EN, "lang-en", "solution"),
        None,
        "a solution in words that is not folded",
    ),
    "wrong kernel": (lambda n: n.metadata.kernelspec.update(name="py311"), None, "python3"),
    "no duration": (lambda n: n.metadata.pop("hw2"), None, "how long the chapter runs"),
    "duration in words": (lambda n: n.metadata.hw2.update(seconds="long"), None, "how long the chapter runs"),
    "another duration": (lambda n: n.metadata.hw2.update(seconds=300), None, "about 5 minutes"),
    "duration in one language": (
        replace(TEXT_FA, "اجرای این فصل", "این فصل"),
        None,
        "cell 2, line 10: duration: the metadata say 170 seconds",
    ),
    "duration further down": (replace(TEXT_EN, END, f"\n\nMore.{END}"), None, "cell 3, line 12: duration"),
    "same id": (lambda n: n.cells[MODEL].update(id=n.cells[CODE].id), None, "has the id"),
    "old format": (lambda n: n.update(nbformat_minor=4), None, "expected format 4.5"),
    "not a notebook": (lambda n: n.cells[MODEL].update(cell_type="kode"), None, "not a valid notebook"),
    "old first cell": (replace(FIRST_CELL, "(3,)", "(2,)"), None, "cell 6, line 1: first cell: differs"),
    "first cell shown": (
        lambda n: n.cells[FIRST_CELL].metadata.pop("jupyter"),
        None,
        "first cell: shown",
    ),
    "label of another chapter": (label(HEADING, "q8-history"), None, "a label in q8_other.ipynb, too"),
    "link to no label": (
        replace(TEXT_EN, "#q9-history", "#q9-histry"),
        None,
        "cell 3, line 3: link: no label 'q9-histry' in the book; did you mean 'q9-history'?",
    ),
    "link to a page's heading": (replace(TEXT_EN, "#q9-sample", "#words"), None, "write [text](words.md)"),
    "Persian": (replace(TEXT_FA, "تصویر را", "تصویر ها را"), None, "cell 2, line 3: space for a half-space"),
    "Persian in code": (
        replace(MODEL, "model =", "name = 'داده ها'\nmodel ="),
        None,
        "cell 8, line 7: space",
    ),
    "term": (replace(TEXT_FA, "زیان", "تابع هزینه"), None, "line 6: term: …"),
}
"""What is changed, the rule of CHECKS that finds it (None: one about the whole file), and what it says."""


@pytest.fixture(name="book")
def fixture_book(tmp_path) -> Path:
    """Make a book with the sample, another chapter and a page; give the sample's file."""
    other = {"cells": [{"cell_type": "markdown", "source": "# O", "metadata": {"label": "q8-history"}}]}
    put(
        tmp_path,
        {
            "_toc.yml": "format: jb-book\nroot: book/words\nchapters:\n"
            "- file: book/q8_other\n- file: book/q9_sample\n",
            "book/words.md": "(words)=\n# Words — واژه‌ها\n",
            "book/terms.yml": "زیان: [تابع هزینه]",
            "book/first_cell.py": FIRST + "\n",
            "book/q8_other.ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **other}),
            "book/q9_sample.ipynb": "",
        },
    )
    return tmp_path / "book" / "q9_sample.ipynb"


def problems(notebook, path: Path) -> list[str]:
    # Not nbformat.write: it would refuse or mend what is broken here.
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return [str(finding) for finding in lint_file(path)]


def test_the_good_sample_keeps_every_rule(book):
    assert problems(sample(), book) == []


def test_solutions_in_code_and_in_words_keep_the_rules(book):
    notebook = sample()
    solution(f"{solutions.BEGIN}\nanswer = 1\n{solutions.END}")(notebook)
    told = {"fa": "عدد یک است.", "en": "It is the number one."}
    for lang in LANGUAGES:
        folded = f"<details>\n<summary>{solutions.ANSWER[lang]}</summary>\n\n{told[lang]}\n\n</details>"
        notebook.cells.append(wrapped(lang, folded))
        notebook.cells[-1].metadata.tags.append("solution")
    assert problems(notebook, book) == []


@pytest.mark.parametrize("name", BROKEN)
def test_rule_catches(name, book):
    change, check, message = BROKEN[name]
    notebook = copy.deepcopy(sample())
    change(notebook)
    found = problems(notebook, book)
    if check is not None:
        own = [str(finding) for finding in CHECKS[check](notebook_cells(notebook))]
        assert set(own) <= set(found), "the lint leaves this rule out"
        found = own
    assert any(message in problem for problem in found), found


def test_every_rule_is_tested():
    assert CHECKS.keys() == {check for _, check, _ in BROKEN.values() if check is not None}


def test_every_finding_has_a_remedy(book):
    for change, _, _ in BROKEN.values():
        notebook = copy.deepcopy(sample())
        change(notebook)
        book.write_text(json.dumps(notebook), encoding="utf-8")
        assert all(finding.rule and finding.problem and finding.remedy for finding in lint_file(book))


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nimport numpy as np",
        "rate = 1\nrate = 0.5\nrate += 1",
        "for a in (1, 2):\n    b = a\nfor a in 'xy':\n    pass",
        "found = None\nfound = [1]",
        "def f(a):\n    g = [a]\n    return g\n\n\ng = 3",
        "a, *b = f(1)\na = 2",
        "%time x = 1\nx = 2",
    ],
)
def test_names_used_again_for_the_same_are_left_in_peace(source):
    cells = notebook_cells({"cells": [new_code_cell(source)]})
    assert list(CHECKS["check_names"](cells)) == []


def test_a_variable_called_as_what_measures_is_left_in_peace():
    shown = new_code_cell("from hw2utils.training import fit\n\n\ndef path():\n    return fit()")
    hidden = new_code_cell("[path for path in 'ab']", metadata={"tags": ["hide-input"]})
    cells = notebook_cells({"cells": [shown, hidden]})
    assert list(CHECKS["check_hidden_measuring"](cells)) == []


def test_the_names_that_measure_are_there():
    for module, names in MEASURING.items():
        assert all(callable(getattr(import_module(f"hw2utils.{module}"), name)) for name in names)


def test_a_chapter_still_to_be_rewritten_is_not_yet_held_to_the_rules_for_lessons(book):
    notebook = copy.deepcopy(sample())
    notebook.cells[MODEL].source += f"\nname = '{'x' * COLUMNS}'"
    assert len(problems(notebook, book)) == 1
    settings = book.with_name("ruff.toml")
    settings.write_text('[format]\nexclude = ["q8_other.ipynb"]', encoding="utf-8")
    assert len(problems(notebook, book)) == 1
    settings.write_text('[format]\nexclude = ["q9_sample.ipynb"]', encoding="utf-8")
    assert problems(notebook, book) == []
    settings.write_text("[format", encoding="utf-8")
    assert "ruff.toml" in problems(notebook, book)[0]


def test_the_first_cell_names_the_books_repository(book):
    root = book.parents[1]
    assert problems(sample(), book) == []
    config = root / "_config.yml"
    config.write_text('title: "x"\nrepository: {url: "https://github.com/a/book/"}', encoding="utf-8")
    (finding,) = lint_file(book)
    assert finding.rule == "first cell" and "--fix" in finding.remedy

    assert first_cell.copy_into(book, root) and not first_cell.copy_into(book, root)
    code = [cell for cell in json.loads(book.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert 'needed, address = "0.1", "https://github.com/a/book"\n' in code[0]["source"]
    assert lint_file(book) == [] and nbformat.read(book, as_version=4).cells[CODE].source == PARAMETERS

    config.write_text("repository: {url: 3}", encoding="utf-8")
    (finding,) = lint_file(book)
    assert "expected an address such as https://github.com/OWNER/NAME, got 3" in str(finding)
    config.write_text("", encoding="utf-8")
    (root / "book/first_cell.py").write_text("print(1)", encoding="utf-8")
    assert "expected one line `needed, address" in str(lint_file(book)[0])


def test_the_books_first_cell_has_a_place_for_the_address():
    assert (ROOT / first_cell.FILE).read_text("utf-8").rstrip("\n") == first_cell.source(ROOT)


def test_the_command_copies_the_first_cell(book, monkeypatch):
    notebook = sample()
    notebook.cells.pop(FIRST_CELL)
    book.write_text(json.dumps(notebook), encoding="utf-8")
    monkeypatch.chdir(book.parent)
    shown = CliRunner().invoke(main, ["lint", "q9_sample.ipynb"])
    assert shown.exit_code == 1 and "first cell: differs" in shown.output
    shown = CliRunner().invoke(main, ["lint", "--fix", "q9_sample.ipynb"])
    assert shown.exit_code == 0, shown.output
    assert "q9_sample.ipynb: has the first cell now" in shown.output and problems(sample(), book) == []


TEXTS = """curve:
  note:
    fa: >-
      زیان از {{first:.2f}} به {{last:.2f}} می‌رسد؛ ۸۹٫۵٪ است.
    en: >-
      The loss goes from {{first:.2f}} to {{last{spec}}}; it is {number}%.
  labels:
    train: {{fa: "آموزش", en: "training"}}
"""


@pytest.mark.parametrize(
    ("spec", "number", "messages"),
    [
        (":.2f", "89.5", []),
        (":.1f", "89.5", ["line 3: pair: slots differ, Persian only: last:.2f; English: last:.1f"]),
        (":.2f", "88.5", ["line 3: pair: numbers differ, Persian only: 89.5; English: 88.5"]),
    ],
)
def test_texts_say_the_same_in_both_languages(spec, number, messages, book):
    file = book.parent / "texts" / "q9.yml"
    put(file.parent, {"q9.yml": TEXTS.format(spec=spec, number=number)})
    found = [str(finding) for finding in lint_file(file) if finding.rule == "pair"]
    assert len(found) == len(messages)
    assert all(text.startswith(start) for text, start in zip(found, messages, strict=True)), found


PAGE = f"""(q9-page)=
# A page — یک صفحه

{OPENING["fa"]}

{FA}

</div>

{OPENING["en"]}

{EN}

</div>

```{{verdict-table}}
:summary:
```
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "", None),
        ("# A page — یک صفحه", "# A page", "line 2: heading: expected one heading"),
        ("(q9-page)=\n", "", "expected a label"),
        ("[the history](#q9-history)", "{ref}`the history <q9-history>`", "write [text](#label)"),
        ("We train", "(q9-x)=\nWe train", "stands in the text"),
        ("</div>\n\n<div", "</div>\n\n$$x$$\n\n<div", "not directly"),
        ("</div>\n\n```", "</div>\n\nAnd more.\n\n```", "outside the language wrappers"),
        ("\n\n</div>\n\n<div", "\n</div>\n\n<div", "not wrapped as it must"),
        (' lang="en"', "", "line 15: wrapper: a text in one"),
        ("۸۹٫۵", "۸۸٫۵", "numbers differ"),
        ("We train", "# We train", "a heading inside"),
    ],
)
def test_rules_hold_for_pages(old, new, message, book):
    assert old in PAGE
    book.write_text(json.dumps(sample()), encoding="utf-8")
    path = book.with_name("page.md")
    path.write_text(PAGE.replace(old, new) if old else PAGE, encoding="utf-8")
    found = [str(finding) for finding in lint_file(path)]
    assert (found == []) if message is None else any(message in problem for problem in found), found


def test_words_of_the_search_stand_once(tmp_path):
    put(
        tmp_path,
        {
            "search.yml": "loss: [لاس, cost]\nprice: [Cost]\nterm: [تابع هزینه]\n",
            "terms.yml": "زیان: [تابع هزینه]\n",
        },
    )
    found = lint_file(tmp_path / "search.yml")
    assert [(finding.rule, finding.place.line) for finding in found] == [
        ("synonym twice", 2),
        ("synonym twice", 3),
    ]
    put(tmp_path, {"search.yml": "loss: لاس\n"})
    (broken,) = lint_file(tmp_path / "search.yml")
    assert "line 1: expected a term with a list of other words" in broken.problem
