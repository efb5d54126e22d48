"""Embedded images become files."""

from __future__ import annotations

import base64
from pathlib import Path

from hw2utils.publishing.pages.images import extract

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
    assert files[".svg"].read_bytes() == b"<svg/>" and files[".png"].read_bytes() == b"\x89PNG"
    assert shown.count(f'loading="lazy" src="../_images/{files[".svg"].name}"') == 2
    assert f'<img loading="lazy" src="../_images/{files[".png"].name}" hidden>' in shown


def test_a_figure_is_slimmed_on_its_way_into_a_file(tmp_path: Path) -> None:
    data = base64.b64encode(f"<svg>{MADE}</svg>".encode()).decode()
    extract(f'<img src="data:image/svg+xml;base64,{data}">', tmp_path, ".")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"<svg></svg>"]


def test_other_html_is_left_alone(tmp_path: Path) -> None:
    html = '<img src="a.png"><a href="data:image/png;base64,AAAA">x</a>'
    assert extract(html, tmp_path / "_images", "..") == html
    assert not (tmp_path / "_images").exists()
    eager = extract(f'<img loading="eager" src="data:image/png;base64,{PNG}">', tmp_path, ".")
    assert "lazy" not in eager
