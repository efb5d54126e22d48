"""Notebooks: which ones a book has, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_notebooks import write

from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import NotebookError, chapters, project_root


def test_chapters_come_from_the_table_of_contents(tmp_path: Path) -> None:
    first, second = write(tmp_path / "book/b.ipynb"), write(tmp_path / "book/a.ipynb")
    write(tmp_path / "book/not_in_toc.ipynb")
    (tmp_path / "book/page.md").write_text("# Page", encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/page\nparts:\n- caption: x\n  chapters:\n"
        "  - file: book/b\n    sections:\n    - file: book/a.ipynb\n",
        encoding="utf-8",
    )
    assert chapters(tmp_path) == [first, second]
    with pytest.raises(NotebookError, match=r"no table of contents"):
        chapters(tmp_path / "book")
    assert project_root(first) == tmp_path
    (tmp_path / "_toc.yml").write_text("root: [", encoding="utf-8")
    with pytest.raises(NotebookError, match="not valid YAML"):
        chapters(tmp_path)
    (tmp_path / "_toc.yml").unlink()
    assert project_root(first) == tmp_path / "book"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"no notebook at .*a\.ipynb"),
        ("not json", "not a readable notebook"),
        ('{"nbformat": 3, "worksheets": []}', "not a notebook of format 4"),
        ("[]", "not a notebook of format 4"),
        ('{"nbformat": 5, "cells": []}', "not a notebook of format 4"),
    ],
)
def test_unreadable_notebooks_are_named(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "a.ipynb"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(NotebookError, match=message):
        read_notebook(path)
