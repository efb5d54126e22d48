"""Embedded images become files."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from hw2utils.publishing.pages.images import extract
from hw2utils.publishing.pages.svg import for_both_themes
from hw2utils.reporting.figures import darkened

MADE = "<metadata>\n<a>Matplotlib v3.11</a></metadata>"
SVG = base64.b64encode(b"<svg/>").decode()
PNG = base64.b64encode(b"\x89PNG").decode()


def test_every_embedded_image_becomes_a_file_named_after_its_content(tmp_path: Path) -> None:
    shown = extract(
        f'<p><img alt="a" src="data:image/svg+xml;base64,{SVG}">'
        f'<img src="data:image/png;base64,{PNG}" hidden>'
        f'<img src="data:image/svg+xml;base64,{SVG}"></p>',
        tmp_path / "_images",
        "../_images",
    )
    files = {file.suffix: file for file in (tmp_path / "_images").iterdir()}
    assert sorted(files) == [".png", ".svg"]
    assert files[".png"].stem != files[".svg"].stem
    assert files[".svg"].read_bytes() == b"<svg/>" and files[".png"].read_bytes() == b"\x89PNG"
    assert shown.count(f'loading="lazy" src="../_images/{files[".svg"].name}"') == 2
    assert f'<img loading="lazy" src="../_images/{files[".png"].name}" hidden>' in shown


def test_a_figure_is_slimmed_on_its_way_into_a_file(tmp_path: Path) -> None:
    data = base64.b64encode(f"<svg>{MADE}</svg>".encode()).decode()
    extract(f'<img src="data:image/svg+xml;base64,{data}">', tmp_path, ".")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"<svg></svg>"]


def pair(light: bytes, dark: bytes) -> str:
    made = zip((light, dark), ("light", "dark"), strict=True)
    return "".join(
        f'<img class="lang-fa only-{theme}" src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'
        for svg, theme in made
    )


def test_a_drawing_for_both_themes_is_one_file(tmp_path: Path) -> None:
    style = '<style type="text/css">*{a: b}</style>'
    light = f'<svg width="1">{MADE}{style}<path style="stroke: #0072b2; fill: #000000"/></svg>'
    html = extract(pair(light.encode(), darkened(light.encode())), tmp_path, "x")
    (file,) = tmp_path.iterdir()
    assert re.findall(r'src="([^"]*)"', html) == [f"x/{file.name}", f"x/{file.name}#dark"]
    assert html.count('loading="lazy"') == 2
    text = file.read_text()
    assert re.findall(r"--(\w+):(#\w+)", text) == [
        ("a", "#0072b2"),
        ("b", "#000000"),
        ("a", "#4fa8e0"),
        ("b", "#e6e6e6"),
    ]
    assert 'style="stroke: var(--a); fill: var(--b)"' in text
    assert "#dark:target{" in text and "fill:#e6e6e6}" in text


@pytest.mark.parametrize(
    "dark",
    [b'<svg><path style="fill: #e6e6e6"/><g/></svg>', b'<svg><path style="fill: #e6e6e6" d="M 1 1"/></svg>'],
)
def test_drawings_that_differ_in_more_than_colours_stay_two(tmp_path: Path, dark: bytes) -> None:
    html = extract(pair(b'<svg><path style="fill: #000000"/></svg>', dark), tmp_path, "x")
    assert len(list(tmp_path.iterdir())) == 2 and "#dark" not in html


def test_two_colours_may_become_one_but_not_one_two() -> None:
    paths = b'<svg><path style="fill: #000000"/><path style="fill: #000000"/></svg>'
    assert for_both_themes(paths, paths.replace(b"#000000", b"#eeeeee", 1)) is None
    two = b'<svg><path style="fill: #000000"/><path style="fill: #111111"/></svg>'
    assert for_both_themes(two, two.replace(b"#000000", b"#111111")) is not None


def test_other_html_is_left_alone(tmp_path: Path) -> None:
    html = '<img src="a.png"><a href="data:image/png;base64,AAAA">x</a>'
    assert extract(html, tmp_path / "_images", "..") == html
    assert not (tmp_path / "_images").exists()
    eager = extract(f'<img loading="eager" src="data:image/png;base64,{PNG}">', tmp_path, ".")
    assert "lazy" not in eager
