"""Labels of headings: a notebook keeps them in its cells' metadata, and Sphinx reads them in the text."""

from __future__ import annotations

import json
from typing import Any

from sphinx.application import Sphinx

from hw2utils.publishing.sources.notebooks import cell_label, cell_source


def write_labels(notebook: dict[str, Any]) -> None:
    """Write the label that a cell's metadata hold above its text, as MyST reads it: ``(label)=``.

    >>> cell = {"cell_type": "markdown", "metadata": {"label": "q9-curves"}, "source": "## Curves"}
    >>> write_labels({"cells": [cell]})
    >>> cell["source"]
    '(q9-curves)=\\n## Curves'
    """
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (label := cell_label(cell)) is not None:
            cell["source"] = f"({label})=\n{cell_source(cell)}"


def _read(app: Sphinx, docname: str, source: list[str]) -> None:
    if app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(source[0])
        write_labels(notebook)
        source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx what is done to each notebook that it reads."""
    app.connect("source-read", _read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
