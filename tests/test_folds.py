"""Folded cells as MyST-NB builds them, written by the book."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from files import put
from sphinx.application import Sphinx

CONF = """
extensions = ["myst_nb", "hw2utils.publishing.pages.folds"]
nb_execution_mode = "off"
nb_code_prompt_show = "Show <{type}>"
"""


@pytest.fixture
def page(tmp_path: Path) -> BeautifulSoup:
    """Build a page whose cells fold their code, their output or both."""
    cells = [
        nbformat.v4.new_code_cell(
            "1", metadata={"tags": [tag]}, outputs=[nbformat.v4.new_output("stream", text="2")]
        )
        for tag in ("hide-input", "hide-output", "hide-cell")
    ]
    spoken = {"language_info": {"name": "python", "pygments_lexer": "python"}}
    book = nbformat.v4.new_notebook(metadata=spoken, cells=[nbformat.v4.new_markdown_cell("# One"), *cells])
    put(tmp_path, {"conf.py": CONF, "index.ipynb": nbformat.writes(book)})
    places = [str(tmp_path / part) for part in ("", "", "html", "trees")]
    app = Sphinx(*places, "html", status=None, warningiserror=True)
    app.build()
    return BeautifulSoup((tmp_path / "html" / "index.html").read_text("utf-8"), "html.parser")


def test_a_fold_holds_words_for_open_and_closed_and_no_paragraph(page: BeautifulSoup) -> None:
    folds = page.select("details.admonition.hide")
    assert [fold["class"][-1] for fold in folds] == ["above-input", "below-input", "above-input"]
    for fold, what in zip(folds, ("source", "output", "content"), strict=True):
        assert [word.name for word in fold.summary.find_all(True)] == ["span", "span"]
        closed, opened = fold.summary.find_all("span")
        assert (closed.get_text(), closed["class"][0]) == (f"Show <{what}>", "collapsed")
        assert (opened.get_text(), opened["class"][0]) == (f"Hide code cell {what}", "expanded")
        assert not fold.summary.get("aria-label"), "its words are its name"
