"""Leave in the built book only the files, rules, icons and characters that its pages use."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from hw2utils.publishing.pages import mathematics
from hw2utils.publishing.pages.styles import join_styles

ICON_FONT = "vendor/fontawesome/webfonts/fa-solid-900"
KEPT = ("LICENSE", "OFL", "AUTHORS")
"""How the names of licence files begin; they stay beside what they license."""

THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
_WIDTHS = re.compile(r'"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)')

_TEXT = {".html", ".css", ".js"}
_FONT_FACE = re.compile(r"@font-face\{[^{}]*?(?:Awesome|FontAwesome)[^{}]*\}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # the characters of icons


def subset_font(font: Path, characters: Iterable[int]) -> bytes:
    """Make a WOFF of the glyphs of some characters of a font, the same bytes each time.

    Their variants, for mathematics of other sizes for example, come with them. WOFF, not the smaller WOFF2,
    because that needs a compressor of its own; of twenty icons it is 3 KB.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools.subset").setLevel(logging.WARNING)
    options = Options(layout_features=["*"], hinting=False, notdef_outline=True)
    with TTFont(font, recalcTimestamp=False) as face:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(face)
        face.flavor = "woff"
        buffer = io.BytesIO()
        face.save(buffer)
    return buffer.getvalue()


def _texts(files: Iterable[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def unused(html: Path) -> list[Path]:
    """List the files under ``_static`` and ``_images`` that no page names, nor anything that a page names."""
    files = {
        file for folder in ("_static", "_images") for file in (html / folder).rglob("*") if file.is_file()
    }
    seen: set[Path] = set()
    new = set(html.rglob("*.html")) - files  # the theme leaves templates of its own under _static
    while new:
        text = _texts(file for file in new if file.suffix in _TEXT)
        seen |= new
        new = {file for file in files - seen if file.name in text and file.suffix != ".map"}
    return sorted(file for file in files - seen if not file.name.startswith(KEPT))


def _drop(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink()


def _with_own_icons(style: str, theme: Path) -> str:
    """Put one font, of the icons that the style shows, in the place of the theme's.

    It is part of the style: 3 KB, for which a page would otherwise ask when its style has come.
    """
    font = subset_font(theme / f"{ICON_FONT}.ttf", map(ord, _PRIVATE.findall(style)))
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
        f'src:url("data:font/woff;base64,{base64.b64encode(font).decode()}") format("woff")}}'
    )
    return face + _FONT_FACE.sub("", style)


def without_widths(script: str) -> str:
    """Keep the theme's script from asking how wide all code and all results of a page are.

    The whole page would be laid out for it at once, what is out of sight too; the book's own script waits.

    Raises ValueError when the script does not do so, or not in the way in which it did.

    >>> without_widths('a(),"complete"===document.readyState?I():window.addEventListener("load",I)')
    'a(),0'
    """
    without, found = _WIDTHS.subn("0", script)  # an expression, as what it was
    if found != 1:
        raise ValueError(
            f"script: expected one place where {THEME_SCRIPT} asks for widths when the page is loaded, got "
            f"{found}; the theme changed, so look for the place in the new version and mend _WIDTHS"
        )
    return without


def slim(html: Path, theme: Path) -> None:
    """Slim a built book; ``theme`` is the folder of the theme's static files."""
    _drop(unused(html))  # first what other words would be kept for
    static = html / "_static"
    if join_styles(html, partial(_with_own_icons, theme=theme)) is not None:
        _drop(unused(html))
    script = static / THEME_SCRIPT
    if script.is_file():
        script.write_text(without_widths(script.read_text(encoding="utf-8")), encoding="utf-8")
    if (static / mathematics.FONT).is_file():
        used = mathematics.characters(_texts(html.rglob("*.html")))
        font = subset_font(mathematics.STATIC / mathematics.FONT, used)
        (static / mathematics.FONT).write_bytes(font)
    for folder in sorted(static.rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
