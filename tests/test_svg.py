"""Drawings of matplotlib are written shorter, and show the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from matplotlib.figure import Figure

from hw2utils.publishing.pages.svg import slim_svg

MADE = "<metadata>\n<a>Matplotlib v3.11</a></metadata>"
LINK = "{http://www.w3.org/1999/xlink}href"


def slimmed(text: str) -> str:
    return slim_svg(f"<svg>{MADE}{text}</svg>".encode()).decode()


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ('<path d="M 0.126 9 \nQ 1.5 2 -3.004 4 \nz\n"/>', '<path d="m.13 9q1.37-7-3.13-5z"/>'),
        ('<path d="M 10 20 L 9.5 20 L 9.75 21 z M 1 1 L 1 2"/>', '<path d="m10 20l-.5 0 .25 1zm-9-19l0 1"/>'),
        ('<path d="M 1 2 L 3 4.005 5 6"/>', '<path d="M 1 2 L 3 4 5 6"/>'),
        ('<path d="M 1e-3 2 A 1 1 0 0 0 3 4.005"/>', '<path d="M 1e-3 2 A 1 1 0 0 0 3 4"/>'),
        ('<use x="12345.678901" y="-0.0001"/> ', '<use x="12345.68" y="0"/>'),
        ('<path d="M 794 531 \nQ 800 0.5 -72 8 \nz\n" transform="scale(0.015625)"/>',
         '<path d="m50 33q0-33-54-33z" transform="scale(0.25)"/>'),
        ("<!-- a\nb --><path/>", "<path/>"),
        ('<g transform="scale(0.015625)" style="a: 0.123456"></g>',) * 2,
        (
            '<g transform="translate(1.23456 2) scale(0.015625)"></g>',
            '<g transform="translate(1.23 2) scale(0.015625)"></g>',
        ),
        ('<use xlink:href="#q" transform="translate(46.62512 0)"/>', '<use href="#a" x="46.63"/>'),
        ('<use xlink:href="#q" transform="translate(4 -5)"/>', '<use href="#a" x="4" y="-5"/>'),
        ('<use xlink:href="#q" transform="translate(4 0) scale(0.7)"/>',
         '<use href="#a" transform="translate(4 0) scale(0.7)"/>'),
        ('<g id="axes_1"><g id="q"><path id="line"/></g></g><g clip-path="url(#q)"></g>',
         '<g id="a"><path/></g><g clip-path="url(#a)"></g>'),
        ("<g><g style='a'><g><path/></g></g></g>", "<g style='a'><path/></g>"),
    ],
)  # fmt: skip
def test_what_is_not_seen_is_left_out(long: str, short: str) -> None:
    assert slimmed(long) == f"<svg>{short}</svg>"


def test_a_style_that_returns_becomes_a_class_and_another_stays() -> None:
    often = ' style="fill: none; stroke: #123456"'
    found = slimmed(f'<style>*{{x: y}}</style>{f"<path{often}/>" * 3}<path style="fill: red"/>')
    assert found == (
        "<svg><style>*{x: y}.a{fill:none;stroke:#123456}</style>"
        '<path class="a"/><path class="a"/><path class="a"/><path style="fill: red"/></svg>'
    )


@pytest.mark.parametrize(
    "svg", [f"<svg>{MADE}<text>a <tspan>b</tspan> c</text></svg>", '<svg> <path d="M 0.12345"/></svg>']
)
def test_another_image_stays_as_it_is(svg: str) -> None:
    assert slim_svg(svg.encode()).decode() == svg


def _shown(svg: bytes) -> Iterator[tuple[list[str], str, float]]:
    """Give what each element of a drawing shows: tag and style, outline, and how it is scaled.

    Of an element that uses another these are the other's.
    """
    root = ElementTree.fromstring(svg)
    rules = dict(re.findall(r"\.(\w+)\{([^}]*)\}", "".join(root.itertext())))
    named = {element.get("id"): element for element in root.iter()}

    def style(element: ElementTree.Element) -> str:
        return (element.get("style") or rules.get(element.get("class", ""), "")).replace(" ", "")

    def scale(element: ElementTree.Element) -> float:
        return float(element.get("transform", "scale(1)")[6:-1])

    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "path":
            yield [tag, style(element)], element.get("d", ""), scale(element)
        elif tag == "use":
            target = named[(element.get("href") or element.get(LINK, ""))[1:]]
            yield [tag, style(element), style(target)], target.get("d", ""), scale(target)


def _outline(path: str) -> tuple[list[str], np.ndarray]:
    pen = RecordingPen()
    parse_path(path, pen)
    return [name for name, _ in pen.value], np.array([point for _, points in pen.value for point in points])


def test_a_real_drawing_shows_the_same_in_half_the_bytes() -> None:
    figure = Figure()
    axes = figure.subplots()
    for shift in range(4):
        axes.plot([shift, 2, 5], [1, shift, 3], "o-", label=f"line {shift}", clip_on=shift > 1)
    axes.legend(title="$x^2$")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    before, after = buffer.getvalue(), slim_svg(buffer.getvalue())
    letters = 0
    for (look, short, scale), (looked, long, scaled) in zip(_shown(after), _shown(before), strict=True):
        assert look == looked
        (commands, points), (expected, places) = _outline(short), _outline(long)
        assert commands == expected
        is_letter = scaled != 1  # 100 high
        np.testing.assert_allclose(scale * points, scaled * places, atol=0.126 if is_letter else 0.0051)
        letters += is_letter
    assert letters > 20 and len(after) < 0.55 * len(before)
    used = re.findall(rb'(?:href="#|url\(#)(\w+)', after)
    assert set(used) == set(re.findall(rb' id="(\w+)"', after))
