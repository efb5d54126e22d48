"""Drawings that are kept between builds: those that pages use stay, the rest is removed.

The book, its draft and its published runs share one folder of drawings. Each build leaves there a list of
what its pages use, and removes what is on no list.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from hw2utils._files import written_whole
from hw2utils.reporting.figures import Drawn, drawing_code

FOLDER = "_build/drawn"
"""Where drawings are kept, below the book's root."""

_USED = "hw2_drawings"  # the key in a page's metadata


def kept(app: Sphinx) -> Drawn:
    """Give the book's kept drawings."""
    return Drawn(_folder(app))


def _folder(app: Sphinx) -> Path:
    """Name the folder of kept drawings; the student's edition uses those of the book that it is made of."""
    return Path(app.config.hw2_student or app.srcdir) / FOLDER


def note_used(app: Sphinx, docname: str, drawn: Drawn) -> None:
    """Remember with a page which drawings it uses: a build reads only pages that changed."""
    app.env.metadata[docname][_USED] = sorted(drawn.used)


def remove_unused(folder: Path, pages: Path, used: Iterable[str], since: float) -> list[Path]:
    """Write down what the pages in a folder use, and remove the drawings that no pages use; return these.

    A drawing made or used after ``since``, in seconds since the epoch, stays in any case: another build may
    be at work. The list of a build whose pages are gone, or that was made by other code, counts for nothing:
    that build would draw anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / f"{hashlib.sha256(str(pages).encode()).hexdigest()[:16]}.json"
    with written_whole(own) as draft:
        draft.write_text(
            json.dumps({"pages": str(pages), "code": drawing_code(), "used": sorted(used)}), encoding="utf-8"
        )
    wanted: set[str] = set()
    for file in folder.glob("*.json"):
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            alive = found["code"] == drawing_code() and Path(found["pages"]).is_dir()
            wanted.update(found["used"] if alive else ())
        except FileNotFoundError:  # another build took it away
            continue
        except (ValueError, KeyError, TypeError):
            alive = False
        if not alive:
            file.unlink(missing_ok=True)
    removed = []
    for file in folder.glob("*.svg"):
        try:
            if file.stem not in wanted and file.stat().st_mtime < since:
                file.unlink()
                removed.append(file)
        except FileNotFoundError:
            continue
    return removed


def _start(app: Sphinx) -> None:
    app.hw2_started = time.time()  # type: ignore[attr-defined]


def _clean(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        used = (name for page in app.env.metadata.values() for name in page.get(_USED, ()))
        remove_unused(_folder(app), Path(app.outdir), used, app.hw2_started)  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Clean when a build ends, after the builder has put the pages in their place."""
    app.connect("builder-inited", _start, priority=1)
    app.connect("build-finished", _clean, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
