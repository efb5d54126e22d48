"""Leave in the built book only the files, icons and rules that its pages use."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ICON_FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900"
STYLE = "_static/styles/pydata-sphinx-theme.css"
KEPT = ("LICENSE", "OFL", "AUTHORS")
"""How the names of licence files begin; they stay beside what they license."""

_TEXT = {".html", ".css", ".js"}
_ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"(?:[^"\\]|\\.)*"\}')
_FONT_FACE = re.compile(r"@font-face\{[^{}]*?(?:Awesome|FontAwesome)[^{}]*\}")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]|\\([ef][0-9a-f]{3})")


def slim_icons(style: str, names: Iterable[str]) -> tuple[str, set[int]]:
    """Take the rules of icons not named out of a style sheet, and give the characters of the others.

    >>> slim_icons('.fa-q:before{content:"Q"}.fa-x:before,.fa-y:before{content:"\\\\f00d"}', ["fa-x"])
    ('.fa-x:before,.fa-y:before{content:"\\\\f00d"}', {61453})
    """
    used = set(names)

    def keep(match: re.Match[str]) -> str:
        return match[0] if used & set(re.findall(r"fa-[\w-]+", match[1])) else ""

    style = _ICON_RULE.sub(keep, style)
    return style, {int(m[1], 16) if m[1] else ord(m[0]) for m in _PRIVATE.finditer(style)}


def subset_font(font: Path, characters: Iterable[int], target: Path) -> None:
    """Write the glyphs of some characters of a font as WOFF, the same bytes each time.

    WOFF, not the smaller WOFF2, because that needs a compressor of its own; of twenty icons it is 3 KB.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(layout_features=[], hinting=False, notdef_outline=True)
    with TTFont(font, recalcTimestamp=False) as face:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(face)
        face.flavor = "woff"
        buffer = io.BytesIO()
        face.save(buffer)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(buffer.getvalue())


def _texts(files: Iterable[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _slim_theme(html: Path, theme: Path) -> None:
    """Write the theme's style sheet and font of icons anew, with the icons that pages and scripts name."""
    source = (theme / STYLE.removeprefix("_static/")).read_text(encoding="utf-8")
    scripts = [file for file in html.glob("_static/**/*.js") if "fontawesome" not in file.name]
    names = re.findall(r"\bfa-[\w-]+", _texts([*html.rglob("*.html"), *scripts]))
    style, characters = slim_icons(source, names)
    others = (html / "_static").rglob("*.css")
    characters |= slim_icons(_texts(file for file in others if file != html / STYLE), ())[1]
    font = theme / ICON_FONT.removeprefix("_static/")
    subset_font(font.with_suffix(".ttf"), characters, html / f"{ICON_FONT}.woff")
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
        f'src:url(../{ICON_FONT.removeprefix("_static/")}.woff) format("woff")}}'
    )
    faces = iter([face])
    style = _FONT_FACE.sub(lambda match: next(faces, ""), style)
    (html / STYLE).write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", style), encoding="utf-8")


def unused(html: Path) -> list[Path]:
    """List the files under ``_static`` and ``_images`` that no page names, nor anything that a page names.

    MathJax, which asks for its parts by itself, counts as a whole.
    """
    files = {
        file for folder in ("_static", "_images") for file in (html / folder).rglob("*") if file.is_file()
    }
    seen: set[Path] = set()
    new = set(html.rglob("*.html")) - files  # the theme leaves templates of its own under _static
    while new:
        text = _texts(file for file in new if file.suffix in _TEXT)
        seen |= new
        new = {file for file in files - seen if file.name in text and file.suffix != ".map"}
        if "mathjax/" in text:
            new |= {file for file in files - seen if file.is_relative_to(html / "_static" / "mathjax")}
    return sorted(file for file in files - seen if not file.name.startswith(KEPT))


def slim(html: Path, theme: Path) -> None:
    """Slim a built book; ``theme`` is the folder of the theme's static files."""
    if (html / STYLE).is_file():
        _slim_theme(html, theme)
    for file in unused(html):
        file.unlink()
    for folder in sorted((html / "_static").rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        import pydata_sphinx_theme

        package = Path(pydata_sphinx_theme.__file__).parent
        slim(Path(app.outdir), package / "theme" / "pydata_sphinx_theme" / "static")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event with Sphinx."""
    app.connect("build-finished", _finish, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
