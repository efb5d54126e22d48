"""What the built book's pages do not use is left out."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pydata_sphinx_theme
import pytest
from files import put
from fontTools.ttLib import TTFont

from hw2utils.publishing.pages import mathematics
from hw2utils.publishing.pages.assets import (
    ICON_FONT,
    THEME_SCRIPT,
    slim,
    subset_font,
    unused,
    without_widths,
)
from hw2utils.publishing.pages.styles import JOINED

SHEET = "styles/pydata-sphinx-theme.css"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def test_the_font_has_the_icons_asked_for_and_the_same_bytes_each_time():
    font = THEME / f"{ICON_FONT}.ttf"
    made, again = (subset_font(font, [0xF105, 0xF002]) for _ in range(2))
    assert set(TTFont(io.BytesIO(made)).getBestCmap()) == {0xF105, 0xF002}
    assert TTFont(io.BytesIO(made))["head"].modified == TTFont(font)["head"].modified
    assert made == again
    assert len(made) < 3000


def test_a_font_of_mathematics_keeps_its_constants_and_larger_variants():
    made = subset_font(mathematics.STATIC / mathematics.FONT, map(ord, "x⏟"))
    face = TTFont(io.BytesIO(made))
    assert set(face.getBestCmap()) == {ord("x"), ord("⏟")}
    constructions = face["MATH"].table.MathVariants.HorizGlyphConstruction
    assert constructions[0].GlyphAssembly.PartRecords and face["MATH"].table.MathConstants.AxisHeight.Value
    assert "ssty" in {record.FeatureTag for record in face["GSUB"].table.FeatureList.FeatureRecord}
    assert len(made) < 20_000


BOOK = {
    "book/page.html": '<link href="../_static/a.css"><img src="../_images/1.svg">',
    "_static/a.css": 'p{background:url("dots.png")}/*# sourceMappingURL=a.css.map */',
    "_static/a.css.map": "{}",
    "_static/dots.png": "",
    "_static/other.png": "",
    "_static/macros.html": "other.png",
    "_static/fonts/OFL.txt": "licence",
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
        "_static/other.png",
    ]


def test_a_slim_book_has_the_icons_its_pages_use_and_slimming_again_changes_nothing(tmp_path):
    theme = (THEME / "styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    head = f"""<link href="../_static/{SHEET}" rel="stylesheet" /><i class="fa-solid fa-bars"></i>"""
    put(tmp_path, {**BOOK, f"_static/{SHEET}": theme, "book/other.html": head, "_static/empty/x.mo": ""})
    slim(tmp_path, THEME)
    first = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    style = first[tmp_path / "_static" / JOINED].decode()
    assert ".fa-bars:before" in style and ".fa-bars," not in style and ".fa-igloo" not in style
    assert style.count("@font-face") == 1 and ".woff" not in style
    assert "sourceMappingURL" not in style and len(style) < len(theme) * 0.4
    icons = base64.b64decode(style.partition("base64,")[2].partition('"')[0])
    assert {0xF0C9, 0xF105} <= set(TTFont(io.BytesIO(icons)).getBestCmap())
    assert not any(
        (tmp_path / name).exists() for name in ("_static/empty", "_images/2.svg", f"_static/{SHEET}")
    )
    slim(tmp_path, THEME)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == first


def test_a_slim_book_has_the_characters_of_its_formulas(tmp_path):
    font = tmp_path / "_static" / mathematics.FONT
    put(
        tmp_path,
        {"a.html": "STIXTwoMath.woff <math><mi>x</mi></math>", "b.html": "<math><mo>≤</mo></math> y"},
    )
    font.parent.mkdir(parents=True)
    font.write_bytes(b"")
    slim(tmp_path, THEME)
    found = set(TTFont(font).getBestCmap())
    assert {ord("x"), 0x1D465, ord("≤")} <= found and ord("y") not in found


@pytest.mark.parametrize("times", [0, 2])
def test_a_theme_that_asks_for_widths_in_another_way_is_noticed(times):
    part = '"complete"===document.readyState?I():window.addEventListener("load",I);'
    with pytest.raises(ValueError, match=f"one place where .* got {times}"):
        without_widths("a();" + part * times)


def test_the_themes_own_script_no_longer_asks_for_all_widths():
    script = (THEME / THEME_SCRIPT).read_text(encoding="utf-8")
    assert "scrollWidth" in script
    assert not re.search(r'addEventListener\("load"', without_widths(script))
