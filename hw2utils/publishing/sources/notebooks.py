"""Read notebooks: plain JSON, so that a command or build starts at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from hw2utils._files import written_whole
from hw2utils.reporting.catalogue import NotebookError


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


def write_notebook(path: Path, content: Mapping[str, Any]) -> None:
    """Write a notebook as Jupyter does, so that a difference shows what changed and nothing else."""
    with written_whole(path) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def new_notebook(cells: Iterable[Mapping[str, Any]], kernel: Mapping[str, Any]) -> dict[str, Any]:
    """Make a notebook of cells that each have an id; ``kernel`` is its ``kernelspec``.

    >>> new_notebook([], {"name": "python3"})["nbformat"]
    4
    """
    metadata = {"kernelspec": dict(kernel)}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def named_code_cell(name: str, source: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make a code cell that did not run; ``name`` is its id.

    >>> named_code_cell("first", "a = 1")["source"]
    ['a = 1']
    """
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": dict(metadata or {}),
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


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


def cell_label(cell: Mapping[str, Any]) -> str | None:
    """Give the label of a cell, to which links lead, None where its metadata hold none.

    The key is the one of MyST's blocks: ``{"label": "q5d-penalty"}``.

    >>> cell_label({"metadata": {"label": "q5d-penalty"}})
    'q5d-penalty'
    """
    label = cell.get("metadata", {}).get("label")
    return label if isinstance(label, str) else None


def is_injected(cell: Mapping[str, Any]) -> bool:
    """Tell whether papermill put a cell in, to set parameters.

    >>> is_injected({"metadata": {"tags": ["injected-parameters"]}})
    True
    """
    return "injected-parameters" in cell_tags(cell)
