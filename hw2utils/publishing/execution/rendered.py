"""Executed copies as they read: each record's output with what it shows, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw2utils.reporting.html import start_aligned
from hw2utils.reporting.quizzes import quiz
from hw2utils.reporting.records import unpack
from hw2utils.reporting.rendering import Book, render
from hw2utils.reporting.schema import ARRAYS, RECORD_MIME


def shown(
    output: Mapping[str, Any], directory: Path, book: Book | None = None, *, in_notebook: bool = False
) -> dict[str, Any]:
    """Give an output of a run in ``directory`` with its record's HTML and text in place of the record.

    The HTML is for a page, or ``in_notebook``, where the book's style sheet is not.

    Raises TextError, ClaimError and DrawingError, all ValueErrors, as
    :func:`~hw2utils.reporting.rendering.render` does.
    """
    data = output.get("data", {})
    record = data.get(RECORD_MIME)
    if record is None:
        if in_notebook and "text/html" in data:
            data = {**data, "text/html": start_aligned("".join(data["text/html"]))}
            return {**output, "data": data}
        return dict(output)
    said = render(record, book, arrays_of(record, directory))
    return {
        **output,
        "data": {"text/plain": said.text, "text/html": said.in_notebook if in_notebook else said.html},
    }


def arrays_of(record: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """Read the arrays of a record of a run in ``directory``."""
    return unpack((directory / record[ARRAYS]).read_bytes()) if ARRAYS in record else {}


def quiz_run(chapter: str) -> dict[str, Any]:
    """Give what a run of the cell of a chapter's quiz leaves, without running it.

    >>> quiz_run("q4b")["outputs"][0]["output_type"]
    'display_data'
    """
    output = {"output_type": "display_data", "metadata": {}, "data": {RECORD_MIME: quiz(chapter).content}}
    return {"execution_count": None, "outputs": [output]}


def readable_copy(notebook: Mapping[str, Any], directory: Path, book: Book | None = None) -> dict[str, Any]:
    """Give an executed copy as a notebook for reading: without records, with what they show.

    Raises as :func:`shown` does.
    """
    made = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            outputs = [shown(output, directory, book, in_notebook=True) for output in cell.get("outputs", ())]
            cell = {**cell, "outputs": outputs}
        made.append(cell)
    return {**notebook, "cells": made}
