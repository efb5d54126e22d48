"""A first chapter: `hw2 new` writes one that keeps every rule, runs, and is shown whole in CONTRIBUTING."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from files import put
from repository import BUILD, ROOT, run_tool

from hw2utils.publishing.cli import main
from hw2utils.publishing.sources.lint import lint_book, lint_file
from hw2utils.publishing.sources.new_chapter import TEMPLATE
from hw2utils.reporting.catalogue import chapters

OTHER = {"cells": [{"cell_type": "markdown", "source": "# O", "metadata": {"label": "q5-x"}}]}
TOC = """# The table of contents.
format: jb-book
root: book/index
parts:
  - caption: Questions — سؤال‌ها
    chapters:
      - file: book/q5_other  # the last one
  - caption: Others — دیگر
    chapters:
      - file: book/glossary
"""
CONFIG = {
    "title": "Small book",
    "only_build_toc_files": True,
    "execute": {"execute_notebooks": "off"},
}
BUILT = """format: jb-book
root: book/index
chapters:
  - file: book/q6_dropout
"""


@pytest.fixture(name="book")
def fixture_book(tmp_path, monkeypatch) -> Path:
    """Make a small book with what chapters need from this one, and stand in it."""
    put(
        tmp_path,
        {
            "_toc.yml": TOC,
            "tests/overrides.yaml": "# Small values.\nq5_other: {seeds: 2}",
            "book/index.md": "(home)=\n# Home — خانه\n",
            "book/glossary.md": "(words)=\n# Words — واژه‌ها\n",
            "book/q5_other.ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **OTHER}),
        },
    )
    for name in ("first_cell.py", "terms.yml", "ruff.toml"):
        shutil.copy(ROOT / "book" / name, tmp_path / "book" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.book
def test_a_new_chapter_keeps_the_rules_and_builds(book):
    done = hw2("new", "q6_dropout", "--fa", "حذف تصادفی", "--en", 'Dropout, "off"')
    assert done.exit_code == 0, done.output
    notebook, texts = book / "book/q6_dropout.ipynb", book / "book/texts/q6.yml"
    assert [path.name for path in chapters(book)] == ["q5_other.ipynb", "q6_dropout.ipynb"]
    small = yaml.safe_load((book / "tests/overrides.yaml").read_text("utf-8"))
    assert small["q5_other"] == {"seeds": 2} and small["q6_dropout"]["seeds"] == 2
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    assert cells[0]["source"] == ['# Dropout, "off" — حذف تصادفی'] and cells[0]["metadata"]["label"] == "q6"
    assert "q0" not in notebook.read_text("utf-8") + texts.read_text("utf-8")
    assert [str(finding) for path in (notebook, texts) for finding in lint_file(path)] == []

    config = CONFIG | {"sphinx": {"config": {"hw2_parameters": {"q6_dropout": small["q6_dropout"]}}}}
    config["sphinx"]["extra_extensions"] = ["hw2utils.publishing.pages.extension"]
    put(book, {"_config.yml": yaml.safe_dump(config), "_toc.yml": BUILT})
    status, said = run_tool(BUILD, book)
    assert status == 0, said
    page = (book / "_build/html/book/q6_dropout.html").read_text("utf-8")
    assert "After 1 epochs, validation accuracy is" in page and "پس از ۱ دوره، دقت اعتبارسنجی" in page
    assert 'href="#q6-experiment"' in page and 'id="q6-experiment"' in page
    assert "With the large step, validation accuracy differs by" in page


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("q5_other", (), "q5_other.ipynb exists already"),
        ("q7_taken", (), "q7.yml exists already"),
        ("q5_more", (), "q5_other.ipynb has the label 'q5-x'"),
        ("q8_small", (), "has values for 'q8_small' already"),
        ("Dropout", (), "name: expected lower-case words joined by underscores"),
        ("q6", (), "name: expected"),
        ("../q6_x", (), "name: expected"),
        ("q6_x", ("--fa", " "), "title in 'fa': expected words"),
        ("q6_x", ("--en", "a — b"), "title in 'en': expected words"),
    ],
)
def test_what_is_there_is_not_written_over(name, options, message, book):
    put(book, {"book/texts/q7.yml": "a: {}"})
    with (book / "tests/overrides.yaml").open("a", encoding="utf-8") as file:
        file.write("\nq8_small: {seeds: 3}\n")
    before = contents(book)
    done = hw2("new", name, *options)
    assert done.exit_code == 1 and message in done.stderr, done.output
    assert contents(book) == before


@pytest.mark.parametrize(
    ("name", "line", "follows"),
    [
        ("q5b_more", "      - file: book/q5b_more", "      - file: book/q5_other  # the last one"),
        ("q6_more", "      - file: book/q6_more", "      - file: book/q5_other  # the last one"),
    ],
)
def test_the_table_of_contents_gets_a_line_and_no_other_change(name, line, follows, book):
    assert hw2("new", name).exit_code == 0
    assert (book / "_toc.yml").read_text("utf-8") == TOC.replace(follows, f"{follows}\n{line}")


def test_without_a_chapter_to_follow_nothing_is_written(book):
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", encoding="utf-8")
    before = contents(book)
    done = hw2("new", "q6_x")
    assert done.exit_code == 1 and "write `- file: book/q6_x` under `chapters:`" in done.stderr
    assert contents(book) == before


def test_the_contributors_guide_shows_the_whole_chapter():
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    shown = re.search(r"(?ms)^````\n(.*?)^````$.*?^```yaml\n(.*?)^```$", guide)
    assert shown is not None
    cells = json.loads((TEMPLATE / "chapter.ipynb").read_text("utf-8"))["cells"]
    assert shown[1] == "\n\n".join(map(as_text, cells)) + "\n"
    assert shown[2] == (TEMPLATE / "texts.yml").read_text("utf-8")


def as_text(cell) -> str:
    """Write a cell as the guide shows it: its kind and metadata in a line, then its text."""
    kind = "text" if cell["cell_type"] == "markdown" else "code"
    metadata = f" {json.dumps(cell['metadata'])}" if cell["metadata"] else ""
    return f"--- {kind}{metadata}\n" + "".join(cell["source"])


def test_the_template_keeps_the_rules_of_texts():
    found = {path: findings for path, findings in lint_book(ROOT) if path.is_relative_to(TEMPLATE)}
    assert [path.name for path in found] == ["texts.yml"] and not any(found.values())
