"""The progress bar of long calculations: a widget in a notebook, text in a terminal, nothing in a file."""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from typing import Any


def progress_bar(total: int, unit: str, show: bool | None = None) -> Any:
    """Make a tqdm bar on stderr, or in the notebook.

    With ``show`` None it is seen in a notebook and in a terminal, unless the environment sets
    ``TQDM_DISABLE``, as the book's own execution does. A notebook without ipywidgets gets the bar as text.

    >>> progress_bar(2, "epoch", show=False).disable
    True
    """
    notebook = _in_notebook()
    if show is None:
        refused = os.environ.get("TQDM_DISABLE", "") not in ("", "0")
        show = not refused and (notebook or sys.stderr.isatty())
    # tqdm.auto by itself would take any process that has imported ipykernel for a notebook.
    module = "tqdm.auto" if notebook else "tqdm"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where ipywidgets is missing, tqdm asks for it; text will do
        tqdm = import_module(module).tqdm
    return tqdm(total=total, unit=unit, disable=not show)


def _in_notebook() -> bool:
    """Tell whether this runs in a Jupyter kernel, rather than in a terminal or a script."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
