"""What the pages offer as downloads, also as scripts: the one thing a page opened from a folder may read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

FOLDER = "_sources"


def script(name: str, text: str) -> str:
    """Write the script that hands a file's text to the page, which saves it under its name.

    >>> script("notes.md", "# Notes")
    'hw2Save("notes.md", "# Notes");\\n'
    """
    return f"hw2Save({json.dumps(name)}, {json.dumps(text, ensure_ascii=False)});\n"


def write_scripts(folder: Path) -> list[Path]:
    """Write a script beside each file under a folder, ``notes.md.js`` for ``notes.md``; return the scripts.

    Scripts whose file has gone are removed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "notes.md").write_text("# Notes")
    ...     [file.name for file in write_scripts(Path(folder))]
    ['notes.md.js']
    """
    written = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".js"):
        target = file.with_name(f"{file.name}.js")
        target.write_text(script(file.name, file.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
        written.append(target)
    for left in set(folder.rglob("*.js")) - set(written):
        left.unlink()
    return written


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        write_scripts(Path(app.outdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event with Sphinx."""
    app.connect("build-finished", _finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
