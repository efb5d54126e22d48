"""What the built book's pages do not use is left out."""

from __future__ import annotations

from pathlib import Path

import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont

from hw2utils.publishing.assets import ICON_FONT, STYLE, slim, slim_icons, subset_font, unused

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("style", "names", "kept", "characters"),
    [
        (r'.fa-a:before{content:"\f001"}', ["fa-a"], r'.fa-a:before{content:"\f001"}', {0xF001}),
        (r'.fa-a:before{content:"\f001"}.b{c:d}', ["fa-ab"], ".b{c:d}", set()),
        (r'.fa-a:before,.fa-b:before{content:"\e002"}', ["fa-b"], None, {0xE002}),
        (r'.x:after{content:"\f107"}', [], None, {0xF107}),
        (':root{--icon:"\uf058"}', [], None, {0xF058}),
        (r'.fa-q:before{content:"\""}', [], "", set()),
    ],
)
def test_only_icons_named_keep_their_rules(style, names, kept, characters):
    assert slim_icons(style, names) == (style if kept is None else kept, characters)


def test_the_font_has_the_icons_asked_for_and_the_same_bytes_each_time(tmp_path):
    font = (THEME / ICON_FONT.removeprefix("_static/")).with_suffix(".ttf")
    for name in ("a.woff", "b.woff"):
        subset_font(font, [0xF105, 0xF002], tmp_path / name)
    assert set(TTFont(tmp_path / "a.woff").getBestCmap()) == {0xF105, 0xF002}
    assert TTFont(tmp_path / "a.woff")["head"].modified == TTFont(font)["head"].modified
    assert (tmp_path / "a.woff").read_bytes() == (tmp_path / "b.woff").read_bytes()
    assert (tmp_path / "a.woff").stat().st_size < 3000


BOOK = {
    "book/page.html": '<link href="../_static/a.css"><img src="../_images/1.svg">',
    "_static/a.css": 'p{background:url("dots.png")}/*# sourceMappingURL=a.css.map */',
    "_static/a.css.map": "{}",
    "_static/dots.png": "",
    "_static/other.png": "",
    "_static/macros.html": "other.png",
    "_static/fonts/OFL.txt": "licence",
    "_static/mathjax/main.js": "",
    "_static/mathjax/part.js": "",
    "_images/1.svg": "<svg/>",
    "_images/2.svg": "<svg/>",
    "_sources/page.md": "source",
}


def test_files_that_no_page_leads_to_are_found(tmp_path):
    put(tmp_path, BOOK)
    names = [file.relative_to(tmp_path).as_posix() for file in unused(tmp_path)]
    assert names == [
        "_images/2.svg",
        "_static/a.css.map",
        "_static/macros.html",
        "_static/mathjax/main.js",
        "_static/mathjax/part.js",
        "_static/other.png",
    ]
    put(tmp_path, {"book/math.html": '<script src="../_static/mathjax/main.js"></script>'})
    assert not any("mathjax" in file.as_posix() for file in unused(tmp_path))


def test_a_slim_book_has_the_theme_with_fewer_icons_and_slimming_again_changes_nothing(tmp_path):
    head = f'<link href="../{STYLE}"><i class="fa-solid fa-bars"></i>'
    put(tmp_path, {**BOOK, STYLE: "", "book/other.html": head, "_static/empty/x.mo": ""})
    slim(tmp_path, THEME)
    first = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    style = first[tmp_path / STYLE].decode()
    assert ".fa-bars:before" in style and ".fa-bars," not in style and ".fa-igloo" not in style
    assert style.count("@font-face") == 1 and "fa-solid-900.woff)" in style and ".woff2" not in style
    assert len(style) < (THEME / STYLE.removeprefix("_static/")).stat().st_size * 0.85
    assert tmp_path / f"{ICON_FONT}.woff" in first
    assert not (tmp_path / "_static" / "empty").exists() and not (tmp_path / "_images" / "2.svg").exists()
    slim(tmp_path, THEME)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == first
