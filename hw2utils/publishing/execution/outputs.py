"""Outputs of executed cells: what tags mean, faults that IPython only prints, paths no page must show."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources.notebooks import cell_source, cell_tags

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
SKIP, RAISES = "skip-execution", "raises-exception"
"""Tags: the cell is not run; the cell must raise, and the notebook goes on."""


def is_skipped(cell: Mapping[str, Any]) -> bool:
    """Tell whether a code cell is not to be run.

    >>> is_skipped({"source": "", "metadata": {}}), is_skipped({"source": "1", "metadata": {}})
    (True, False)
    """
    return SKIP in cell_tags(cell) or not cell_source(cell).strip()


def cell_fault(tags: Collection[str], *, raised: bool, failed: bool = False, said: str = "") -> str:
    """Say what is wrong with how a cell ended, or nothing: one rule for the build and for nbval.

    ``raised``: it shows an exception; ``failed``: the kernel replied so; ``said``: what it wrote to
    stdout and stderr.

    >>> cell_fault(["raises-exception"], raised=False)
    'the cell is tagged raises-exception, but did not raise'
    >>> cell_fault([], raised=False, said="UsageError: no such magic")
    'the cell stopped at an error that IPython only printed: UsageError: no such magic'
    """
    printed = next((line for line in said.splitlines() if line.startswith("UsageError:")), "")
    if not raised and (failed or printed):
        return "the cell stopped at an error that IPython only printed" + (f": {printed}" if printed else "")
    if RAISES in tags and not raised:
        return f"the cell is tagged {RAISES}, but did not raise"
    return ""


def written(cell: Mapping[str, Any], stream: str | None = None) -> str:
    """Join what a cell wrote to ``stdout`` or ``stderr``, by default to both, without colours.

    >>> written({"outputs": [{"output_type": "stream", "name": "stderr", "text": ["a", "b"]}]})
    'ab'
    """
    outputs = (out for out in cell.get("outputs", ()) if "name" in out and stream in (None, out["name"]))
    return ANSI.sub("", "".join("".join(out.get("text", "")) for out in outputs))


def has_raised(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell shows an exception.

    >>> has_raised({"outputs": [{"output_type": "error"}]})
    True
    """
    return any(output["output_type"] == "error" for output in cell.get("outputs", ()))


class MachinePaths:
    """Replace paths of this machine in texts: of the project, the environment, the home and temporary folder.

    >>> paths = MachinePaths(Path("/home/me/book"))
    >>> paths.hide("/home/me/book/notes.txt")
    'notes.txt'
    """

    def __init__(self, root: Path) -> None:
        temporary = {tempfile.gettempdir(), os.path.realpath(tempfile.gettempdir())}
        places = [(str(root) + os.sep, "")]
        places += [
            (str(Path(prefix)) + os.sep, "") for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}
        ]
        places += [(str(Path.home()) + os.sep, "~" + os.sep)] if len(Path.home().parts) > 1 else []
        self._cell = re.compile(
            "(?:" + "|".join(map(re.escape, temporary)) + r")[/\\]ipykernel_\d+[/\\]\d+\.py"
        )
        places += [(folder + os.sep, "") for folder in temporary]
        # The longest first: one may lie in another. A path begins where no path goes on, or after a colour.
        self._places = [
            (place, re.compile(r"(?:(?<![\w./~-])|(?<=\dm))" + re.escape(place)), shown)
            for place, shown in sorted(places, key=lambda pair: -len(pair[0]))
            if len(place) > 2  # a prefix that is the root of the file system stands in front of everything
        ]

    def hide(self, text: str) -> str:
        """Give a text without them; a cell's own file is called ``<cell>``."""
        if "ipykernel_" in text:
            text = self._cell.sub("<cell>", text)
        for place, pattern, shown in self._places:
            if place in text:  # far quicker than the pattern, in megabytes of an embedded image
                text = pattern.sub(shown, text)
        return text

    def hide_in(self, outputs: Any) -> Any:
        """Give outputs as JSON has them without these paths, images and records apart."""
        if isinstance(outputs, str):
            return self.hide(outputs)
        if isinstance(outputs, list):
            return [self.hide_in(item) for item in outputs]
        if isinstance(outputs, dict):
            return {
                key: value if str(key).startswith(("image/", "application/")) else self.hide_in(value)
                for key, value in outputs.items()
            }
        return outputs
