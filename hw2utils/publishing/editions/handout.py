"""What a student works in: first steps and chapters with blanks, as notebooks, with a wheel beside them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.blanks import with_blanks
from hw2utils.publishing.sources.cells import Cell, page_cells
from hw2utils.publishing.sources.notebooks import (
    cell_label,
    cell_source,
    named_code_cell,
    new_notebook,
    read_notebook,
    write_notebook,
)
from hw2utils.reporting.catalogue import NotebookError, chapters

PAGE = "book/students.md"
"""The page with the first steps, below the book's root."""

START = "start.ipynb"
"""The notebook that is made of it."""

WORKPLACE = "homework"
"""Where ``hw2 lab`` puts notebooks, below the book's root; git leaves it out, and nothing removes it."""

_BUILDS = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "LICENSE-CONTENT")
_FENCE = re.compile(r"```python\n(.*)\n```", re.DOTALL)


def write_notebooks(root: Path, folder: Path) -> list[Path]:
    """Write the first steps and each chapter with blanks into a folder; return those that were not there.

    What is there already stays as it is: it may hold answers.
    Raises NotebookError where the page or a chapter cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    contents = {notebook.name: read_notebook(notebook) for notebook in chapters(root)}
    places = {
        label: name
        for name, content in contents.items()
        for cell in content["cells"]
        if (label := cell_label(cell))
    }
    for name, content in contents.items():
        if not (target := folder / name).exists():
            write_notebook(target, _linked(with_blanks(content), name, places))
            written.append(target)
    if not (start := folder / START).exists():
        write_notebook(start, start_notebook(root, places))
        written.insert(0, start)
    return written


def _linked(content: Mapping[str, Any], name: str, places: Mapping[str, str]) -> dict[str, Any]:
    """Give a chapter whose links lead to the notebooks in the same folder; within it, words are left.

    Labels and the glossary are the book's: in Jupyter nothing happens on a click.
    """
    cells = []
    for cell in content["cells"]:
        words = cell["cell_type"] == "markdown"
        cells.append({**cell, "source": _links(cell_source(cell), places, name)} if words else cell)
    return {**content, "cells": cells}


def _links(text: str, places: Mapping[str, str], here: str = "") -> str:
    """Let links to labels lead to the notebooks in which they stand; leave the words of all others.

    >>> _links("[part c](#q4c), [loss](#term-loss)", {"q4c": "q4c_comparison.ipynb"})
    '[part c](q4c_comparison.ipynb), loss'
    """

    def link(match: re.Match[str]) -> str:
        place = places.get(match[2].removeprefix("#"), here)
        return match[1] if place == here else f"[{match[1]}]({place})"

    return re.sub(r"\[([^\]]+)\]\((#[\w-]+|[\w-]+\.md)\)", link, text)


def start_notebook(root: Path, places: Mapping[str, str]) -> dict[str, Any]:
    """Make a notebook of the page with the first steps: its Python stands in cells, after the first cell.

    ``places`` maps labels to the notebooks in which they stand; other links become plain text.
    Raises NotebookError where there is no such page.
    """
    try:
        cells = page_cells(root / PAGE)
    except FileNotFoundError:
        raise NotebookError(
            f"no page at {root / PAGE}, of which {START} is made; take it from the repository"
        ) from None
    made = [_cell(cell, number, places) for number, cell in enumerate(cells)]
    if installs := first_cell.source(root):
        made.insert(1, named_code_cell(first_cell.NAME, installs, first_cell.METADATA))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(made, kernel)


def _cell(cell: Cell, number: int, places: Mapping[str, str]) -> dict[str, Any]:
    if code := _FENCE.fullmatch(cell.source):
        return named_code_cell(f"step-{number}", code[1])

    tags = {"tags": list(cell.tags)} if cell.tags else {}
    return {
        "cell_type": "markdown",
        "id": f"step-{number}",
        "metadata": tags,
        "source": _links(cell.source, places).splitlines(keepends=True),
    }


def build_wheel(root: Path, sources: Path, folder: Path) -> Path:
    """Build a wheel of the package whose chapters are those of ``sources``, with blanks, into a folder.

    A wheel made in the repository itself would hold the solutions. Raises NotebookError where pip fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hw2-") as passing:
        place = Path(passing)
        for name in _BUILDS:
            shutil.copyfile(root / name, place / name)
        shutil.copyfile(sources / "_toc.yml", place / "_toc.yml")
        shutil.copytree(sources / "book", place / "book")
        shutil.copytree(root / "hw2utils", place / "hw2utils", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check", "-q", "--no-deps"]
        command += ["--no-build-isolation", "-w", str(place / "wheels"), str(place)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
        if done.returncode:
            raise NotebookError(f"the package could not be built:\n{done.stderr[-2000:]}")
        (wheel,) = (place / "wheels").glob("*.whl")
        return Path(shutil.copyfile(wheel, folder / wheel.name))
