"""Find the book's notebooks and read them; plain JSON, so that a command or build starts at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml


class NotebookError(ValueError):
    """Report a notebook or table of contents that is missing or cannot be read."""


def chapters(root: str | Path, toc: str | Path | None = None) -> list[Path]:
    """List the notebooks that the table of contents of the book in ``root`` names, in its order.

    ``toc`` is the table's file, by default ``_toc.yml`` in ``root``. Raises :class:`NotebookError` when it
    is missing or is not YAML.
    """
    root = Path(root).resolve()
    path = Path(toc) if toc is not None else root / "_toc.yml"
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise NotebookError(f"no table of contents at {path}; is {root} the root of a book?") from None
    except UnicodeDecodeError as error:
        raise NotebookError(f"{path} is not UTF-8 text: {error}; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise NotebookError(f"{path} is not valid YAML: {error}") from None
    names = (name if name.endswith(".ipynb") else f"{name}.ipynb" for name in _entries(table))
    return list(dict.fromkeys(root / name for name in names if (root / name).is_file()))


def _entries(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("root", "file") and isinstance(value, str):
                yield value
            else:
                yield from _entries(value)
    elif isinstance(node, list):
        for item in node:
            yield from _entries(item)


def book_folder(start: Path) -> Path | None:
    """Find the nearest folder with ``_toc.yml`` at or above an absolute path, None where there is none.

    >>> book_folder(Path("/nowhere")) is None
    True
    """
    return next((folder for folder in (start, *start.parents) if (folder / "_toc.yml").is_file()), None)


def project_root(notebook: str | Path) -> Path:
    """Find the folder with ``_toc.yml`` that holds ``notebook``, else the notebook's own folder."""
    folder = Path(notebook).resolve().parent
    return book_folder(folder) or folder


def read_notebook(path: str | Path) -> dict[str, Any]:
    """Read a notebook of format 4 as its JSON says it, or raise :class:`NotebookError`."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotebookError(f"no notebook at {path}") from None
    except (OSError, ValueError) as error:
        raise NotebookError(f"{path} is not a readable notebook: {error}") from None
    if (
        not isinstance(content, dict)
        or content.get("nbformat") != 4
        or not isinstance(content.get("cells"), list)
    ):
        raise NotebookError(
            f"{path} is not a notebook of format 4; open and save it in Jupyter to convert it"
        )
    return content


def code_cells(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pick the code cells of a notebook that was read.

    >>> code_cells({"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "source": "1"}]})
    [{'cell_type': 'code', 'source': '1'}]
    """
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def cell_source(cell: Mapping[str, Any]) -> str:
    r"""Give the text of a cell, which a file may hold as one string or as lines.

    >>> cell_source({"source": ["a = 1\n", "b = 2"]})
    'a = 1\nb = 2'
    """
    return "".join(cell["source"])


def cell_tags(cell: Mapping[str, Any]) -> Collection[str]:
    """Give the tags of a cell.

    >>> cell_tags({"metadata": {"tags": ["parameters"]}})
    ['parameters']
    """
    return cell.get("metadata", {}).get("tags", [])


def claims_files(folder: Path) -> list[Path]:
    """List the files that state claims beside a book's chapters: all of ``claims/``, or ``claims.yml``.

    Left out: hidden files (``._q1.yml``, ``.#q1.yml``) and Jupyter's copies (``q1-Copy1.yml``).

    >>> claims_files(Path("no such folder"))
    []
    """
    found = sorted(file for file in (folder / "claims").glob("*.yml") if not _is_stray(file))
    return found or [file for file in (folder / "claims.yml",) if file.is_file()]


def _is_stray(file: Path) -> bool:
    """Tell the leftovers of editors and file systems and the copies of Jupyter from files that are meant."""
    return file.name.startswith(".") or re.search(r"-Copy\d+$", file.stem) is not None
