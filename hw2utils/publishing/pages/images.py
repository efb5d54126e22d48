"""Move embedded images out of the pages into files, which a browser fetches only when they are to be seen.

A notebook carries its images inside; a page need not load the other language's, or those of a slider's other
values.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from hw2utils.publishing.pages.svg import for_both_themes, slim_svg

FOLDER = "_images"
_EMBEDDED = re.compile(r'(<img\b[^>]*?)\ssrc="data:image/(svg\+xml|png|jpeg|gif|webp);base64,([^"]+)"')
_PAIR = re.compile(
    r'(<img\b[^>]*? only-light"[^>]*?)\ssrc="data:image/svg\+xml;base64,([^"]+)"([^>]*>\s*)'
    r'(<img\b[^>]*? only-dark"[^>]*?)\ssrc="data:image/svg\+xml;base64,([^"]+)"'
)
_SUFFIX = {"svg+xml": "svg", "jpeg": "jpg"}


def extract(html: str, folder: Path, address: str) -> str:
    """Write every embedded image of some HTML to ``folder`` and refer to it as a file under ``address``.

    A file is named after its content; a drawing for light pages and the same for dark pages share one. Images
    so far left to the browser are loaded when they come near.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     extract('<img alt="dot" src="data:image/svg+xml;base64,PHN2Zy8+">', Path(folder), "../_images")
    '<img alt="dot" loading="lazy" src="../_images/d4dc56669143034f.svg">'
    """

    def put(content: bytes, kind: str) -> str:
        file = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.{_SUFFIX.get(kind, kind)}"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return f"{address}/{file.name}"

    def lazily(start: str) -> str:
        return start if " loading=" in start else f'{start} loading="lazy"'

    def write(match: re.Match[str]) -> str:
        start, kind, data = match.groups()
        content = base64.b64decode(data)
        place = put(slim_svg(content) if kind == "svg+xml" else content, kind)
        return f'{lazily(start)} src="{place}"'

    def write_pair(match: re.Match[str]) -> str:
        light, data, between, dark, other = match.groups()
        content = for_both_themes(base64.b64decode(data), base64.b64decode(other))
        if content is None:
            return match[0]
        place = put(content, "svg+xml")
        return f'{lazily(light)} src="{place}"{between}{lazily(dark)} src="{place}#dark"'

    return _EMBEDDED.sub(write, _PAIR.sub(write_pair, html))


def _extract(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    address = relative_uri(app.builder.get_target_uri(docname), FOLDER)
    for node in list(doctree.findall(nodes.raw)):
        if "html" in node.get("format", "").split() and ";base64," in node.astext():
            node.replace_self(nodes.raw("", extract(node.astext(), folder, address), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event with Sphinx."""
    app.connect("doctree-resolved", _extract, priority=900)  # after whatever else makes HTML
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
