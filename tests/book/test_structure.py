"""The sources of the book keep the rules of structure.py, and each rule catches a sample that breaks it."""

from __future__ import annotations

import copy
import inspect
import json

import nbformat
import pytest
import structure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from repository import CHAPTERS, ROOT

from hw2utils.publishing.sources.notebooks import cell_label

PAGES = sorted((ROOT / "book").glob("*.md"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_keeps_the_rules(chapter):
    assert structure.check_notebook(chapter) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_keeps_the_rules(page):
    assert structure.check_page(page) == []


def test_labels_are_unique_in_the_book():
    labels = []
    for path in [*CHAPTERS, *PAGES]:
        cells = (
            nbformat.read(path, as_version=4).cells if path.suffix == ".ipynb" else structure.read_page(path)
        )
        labels += [label for cell in cells if (label := cell_label(cell)) is not None]
    assert len(labels) > 200
    assert sorted(labels) == sorted(set(labels))


# --- each rule against a sample that breaks it ----------------------------------------------------

FA = """در این فصل ۶۰٬۰۰۰ تصویر را با `fit` می‌آموزیم ([تاریخچه](#q9-history)، [جردن](#q9-sample)).

- دقت $a_1$ به ۸۹٫۵٪ می‌رسد؛
- زیان را [اینجا](https://example.org/loss) ببینید.

اجرای این فصل روی دو هسته حدود ۳ دقیقه طول می‌کشد."""
EN = """We train on 60,000 images with `fit` ([the history](#q9-history), [Jordan](#q9-sample)).

- The accuracy $a_1$ reaches 89.5%;
- the loss is explained [here](https://example.org/loss).

On two cores this chapter runs in about 3 minutes."""
PARAMETERS = "epochs: int = 10  # [1, 500] passes over the data\nrate: float = 0.1  # (0, 1] learning rate"
TITLE, TEXT_FA, TEXT_EN, EQUATION, HEADING, CODE, MODEL, CHECKED = range(8)


def wrapped(lang: str, text: str):
    source = f"{structure.OPENING[lang]}\n\n{text}\n\n</div>"
    return new_markdown_cell(source, metadata={"tags": [f"lang-{lang}"]})


def sample():
    """Make a small chapter that keeps every rule."""
    cells = [
        new_markdown_cell("# A sample — یک نمونه", metadata={"label": "q9-sample"}),
        wrapped("fa", FA),
        wrapped("en", EN),
        new_markdown_cell("$$\nL = \\frac{1}{n}\\sum_i \\ell_i\n$$"),
        new_markdown_cell("## History — تاریخچه", metadata={"label": "q9-history"}),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell("from torch import nn\n\nmodel = nn.Linear(2, 1)"),
        new_code_cell(
            "print(6 * 7)",
            metadata={"tags": ["nbval-check-output"]},
            execution_count=1,
            outputs=[new_output("stream", name="stdout", text="42\n")],
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


def swap(notebook):
    notebook.cells[TEXT_FA], notebook.cells[TEXT_EN] = notebook.cells[TEXT_EN], notebook.cells[TEXT_FA]


def set_output(cell: int, *outputs, count: int | None = 1):
    return lambda notebook: notebook.cells[cell].update(outputs=list(outputs), execution_count=count)


IMAGE = new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
END = "\n\n</div>"
BROKEN = {
    "unknown tag": (tag(MODEL, "nbval-chek-output"), "check_tags", "unknown tag"),
    "skipping tag": (tag(MODEL, "nbval-skip"), "check_tags", "unknown tag"),
    "code tag on text": (tag(EQUATION, "parameters"), "check_tags", "unknown tag"),
    "two languages": (tag(TEXT_FA, "lang-fa", "lang-en"), "check_tags", "both languages"),
    "wrapper without tag": (tag(TEXT_FA), "check_wrappers", "without a language tag"),
    "wrong attributes": (replace(TEXT_FA, ' lang="fa"', ""), "check_wrappers", "expected <div"),
    "other quotes": (replace(TEXT_EN, '"ltr"', "'ltr'"), "check_wrappers", "expected <div"),
    "no blank line after": (replace(TEXT_FA, '">\n\n', '">\n'), "check_wrappers", "expected <div"),
    "no blank line before": (replace(TEXT_FA, END, "\n</div>"), "check_wrappers", "expected <div"),
    "two blank lines": (replace(TEXT_FA, END, "\n\n\n</div>"), "check_wrappers", "expected <div"),
    "not closed": (replace(TEXT_EN, END, ""), "check_wrappers", "expected <div"),
    "text after": (replace(TEXT_EN, END, f"{END}\n\nMore."), "check_wrappers", "expected <div"),
    "div in div": (replace(TEXT_EN, END, f"\n\n<div>x</div>{END}"), "check_wrappers", "expected <div"),
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
    "label of no heading": (label(EQUATION, "q9-loss"), "check_headings", "expected only"),
    "label in a heading's text": (
        replace(HEADING, "## ", "(q9-history)=\n## "),
        "check_links",
        "stands in the text",
    ),
    "label in the text": (replace(TEXT_EN, "We train", "(q9-x)=\nWe train"), "check_links", "stands in the"),
    "role": (
        replace(TEXT_EN, "[the history](#q9-history)", "{ref}`the history <q9-history>`"),
        "check_links",
        "write a link",
    ),
    "text under heading": (replace(HEADING, "تاریخچه", "تاریخچه\n\nMore"), "check_headings", "expected only"),
    "one language": (replace(HEADING, " — تاریخچه", ""), "check_headings", "expected only"),
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
    "long cell": (replace(MODEL, "\n\n", "\n" * 30), "check_code_length", "lines of code"),
    "stored output": (
        set_output(MODEL, *sample().cells[CHECKED].outputs, count=None),
        "check_outputs",
        "has outputs",
    ),
    "stored count": (set_output(MODEL), "check_outputs", "has an execution count"),
    "nothing to compare": (set_output(CHECKED), "check_outputs", "no output is stored"),
    "checked image": (set_output(CHECKED, IMAGE), "check_outputs", "text only"),
    "pyplot": (replace(MODEL, "model =", "plt.show()\nmodel ="), "check_figures", "BilingualFigure"),
    "inline magic": (replace(MODEL, "from", "%matplotlib inline\nfrom"), "check_figures", "BilingualFigure"),
    "shell command": (replace(MODEL, "model =", "!pip install x\nmodel ="), "check_python", "shell command"),
    "syntax error": (replace(MODEL, "model =", "model = ="), "check_python", "invalid syntax"),
    "no parameters": (tag(CODE), "check_parameters", "expected the tag 'parameters'"),
    "parameters later": (
        lambda n: n.cells.insert(CODE, n.cells.pop(MODEL)),
        "check_parameters",
        "expected the tag",
    ),
    "two parameters cells": (tag(MODEL, "parameters"), "check_parameters", "expected the tag 'parameters'"),
    "derived parameter": (replace(CODE, "= 0.1", "= epochs / 2"), "check_parameters", "rate"),
    "default out of range": (replace(CODE, "= 10", "= 1000"), "check_parameters", "epochs"),
    "no help": (replace(CODE, " learning rate", ""), "check_parameters", "has no help text"),
    "nothing declared": (
        lambda n: n.cells[CODE].update(source="# nothing"),
        "check_parameters",
        "no parameter",
    ),
    "wrong kernel": (lambda n: n.metadata.kernelspec.update(name="py311"), "check_notebook", "python3"),
    "no duration": (lambda n: n.metadata.pop("hw2"), "check_notebook", "how long the chapter runs"),
    "duration in words": (
        lambda n: n.metadata.hw2.update(seconds="long"),
        "check_notebook",
        "how long the chapter runs",
    ),
    "another duration": (lambda n: n.metadata.hw2.update(seconds=300), "check_notebook", "about 5 minutes"),
    "duration in one language": (
        replace(TEXT_FA, "اجرای این فصل", "این فصل"),
        "check_notebook",
        "cell 2: expected the text to end with",
    ),
    "duration further down": (
        replace(TEXT_EN, END, f"\n\nMore.{END}"),
        "check_notebook",
        "cell 3: expected the text to end with",
    ),
    "same id": (lambda n: n.cells[MODEL].update(id=n.cells[CODE].id), "check_notebook", "has the id"),
    "old format": (lambda n: n.update(nbformat_minor=4), "check_notebook", "expected format 4.5"),
    "not a notebook": (
        lambda n: n.cells[MODEL].update(cell_type="kode"),
        "check_notebook",
        "not a valid notebook",
    ),
}


def problems(notebook, tmp_path) -> list[str]:
    path = tmp_path / "q9_sample.ipynb"
    # Not nbformat.write: it would refuse or mend what is broken here.
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return structure.check_notebook(path)


def test_the_good_sample_keeps_every_rule(tmp_path):
    assert problems(sample(), tmp_path) == []


@pytest.mark.parametrize("name", BROKEN)
def test_rule_catches(name, tmp_path):
    change, check, message = BROKEN[name]
    notebook = copy.deepcopy(sample())
    change(notebook)
    if check in ("check_notebook", "check_parameters"):
        found = problems(notebook, tmp_path)
    else:
        found = getattr(structure, check)(notebook.cells)
        assert set(found) <= set(problems(notebook, tmp_path)), "check_notebook leaves this rule out"
    assert any(message in problem for problem in found), found


def test_every_rule_is_tested():
    rules = {
        name for name, _ in inspect.getmembers(structure, inspect.isfunction) if name.startswith("check_")
    }
    assert rules - {check for _, check, _ in BROKEN.values()} == {"check_page"}


PAGE = f"""(q9-page)=
# A page — یک صفحه

{structure.OPENING["fa"]}

{FA}

</div>

{structure.OPENING["en"]}

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
        ("# A page — یک صفحه", "# A page", "expected only"),
        ("(q9-page)=\n", "", "expected a label"),
        ("[the history](#q9-history)", "{ref}`the history <q9-history>`", "write a link"),
        ("We train", "(q9-x)=\nWe train", "stands in the text"),
        ("</div>\n\n<div", "</div>\n\n$$x$$\n\n<div", "not directly"),
        ("</div>\n\n```", "</div>\n\nAnd more.\n\n```", "outside the language wrappers"),
        ("\n\n</div>\n\n<div", "\n</div>\n\n<div", "expected <div"),
        (' lang="en"', "", "expected <div"),
        ("۸۹٫۵", "۸۸٫۵", "numbers differ"),
        ("We train", "# We train", "a heading inside"),
    ],
)
def test_rules_hold_for_pages(old, new, message, tmp_path):
    assert old in PAGE
    path = tmp_path / "page.md"
    path.write_text(PAGE.replace(old, new) if old else PAGE, encoding="utf-8")
    found = structure.check_page(path)
    assert (found == []) if message is None else any(message in problem for problem in found), found
