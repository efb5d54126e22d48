"""The first cell of the chapters, the same in all: ``book/first_cell.py`` with the repository's address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources.notebooks import (
    cell_source,
    cell_tags,
    code_cells,
    named_code_cell,
    read_notebook,
    write_notebook,
)
from hw2utils.publishing.sources.repository import repository
from hw2utils.reporting.catalogue import NotebookError

FILE = "book/first_cell.py"
"""Where the cell is written, below the book's root."""

NAME = "first-cell"
"""The id of the cell."""

METADATA: dict[str, Any] = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
"""What hides it on the page and folds it in Jupyter."""

_LOOKS_FOR = 'find_spec("hw2utils")'

_ADDRESS = re.compile(r'(?m)^(needed, address = "[^"\n]*", )""')


def source(root: Path) -> str | None:
    """Give the text of the first cell, None in a book that has none.

    Raises NotebookError where the file has no place for the address, or ``_config.yml`` cannot be read.
    """
    try:
        text = (root / FILE).read_text(encoding="utf-8").rstrip("\n")
    except FileNotFoundError:
        return None
    address = repository(root)
    filled, count = _ADDRESS.subn(lambda match: f'{match[1]}"{address}"', text)
    if count != 1:
        raise NotebookError(f'{root / FILE}: expected one line `needed, address = "…", ""`, got {count}')
    return filled


def installs(cell: Mapping[str, Any]) -> bool:
    """Tell whether a code cell is the first cell, which installs and compares, and computes nothing.

    >>> installs({"metadata": METADATA, "source": 'if util.find_spec("hw2utils") is None: ...'})
    True
    """
    return is_hidden(cell["metadata"]) and _LOOKS_FOR in cell_source(cell)


def is_hidden(metadata: Mapping[str, Any]) -> bool:
    """Tell whether a cell's metadata hide it as the first cell's do; a run, Colab and VS Code add their own.

    >>> is_hidden({**METADATA, "id": "x"})
    True
    """
    return {name: metadata.get(name) for name in METADATA} == METADATA


def copy_into(notebook: Path, root: Path) -> bool:
    """Make the first code cell of a chapter the book's first cell; tell whether it was another.

    A chapter whose first code cell is no such cell, shown on the page, gets one before it.
    """
    content = read_notebook(notebook)
    wanted, cells = source(root), code_cells(content)
    if wanted is None or (cells and cell_source(cells[0]) == wanted and is_hidden(cells[0]["metadata"])):
        return False
    new = named_code_cell(NAME, wanted, METADATA)
    if cells and "remove-cell" in cell_tags(cells[0]):
        cells[0].update(new | {"id": cells[0].get("id", new["id"])})
    else:
        place = content["cells"].index(cells[0]) if cells else len(content["cells"])
        content["cells"].insert(place, new)
    write_notebook(notebook, content)
    return True
