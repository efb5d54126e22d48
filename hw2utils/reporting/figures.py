"""Figures drawn once per language, with alternative text in both."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hw2utils.languages import LANGUAGES, Text, check_text
from hw2utils.plotting import style
from hw2utils.reporting.html import element, inline_html
from hw2utils.reporting.records import Record

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_name(name: str) -> str:
    """Return a figure's name, or say why it is none.

    Raises ValueError unless it is made of lower-case words joined by hyphens.

    >>> check_name("loss-curve")
    'loss-curve'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name: expected lower-case words joined by hyphens, got {name!r}; e.g. 'loss-curve'"
        )
    return name


def svg(name: str, draw: Callable[[Figure, str], object], lang: str, size: tuple[float, float]) -> bytes:
    """Draw a figure of a size (width, height) in inches with the labels of one language, as SVG.

    The same name, drawing and language give the same bytes.

    >>> svg("empty", lambda figure, lang: None, "en", (1, 1)).startswith(b"<?xml")
    True
    """
    buffer = io.BytesIO()
    # A fixed salt and no date make the file a function of its data, so that a manifest can compare it.
    settings: Any = {**style(lang), "svg.hashsalt": f"{name}.{lang}"}
    with mpl.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained")
        other = draw(figure, lang)
        if isinstance(other, Figure):
            other.set_size_inches(size)
            figure = other
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)  # else a notebook shows a library's figure a second time
    return buffer.getvalue()


def image(svg: bytes, alt: str, lang: str, size: tuple[float, float], attributes: str = "") -> str:
    """Write the HTML of an embedded figure in one language; ``size`` is in inches.

    >>> image(b"<svg/>", "Chart", "en", (1, 2), "hidden")[:76]
    '<img class="lang-en" lang="en" width="96" height="192" alt="Chart" hidden sr'
    """
    width, height = (round(96 * side) for side in size)
    data = base64.b64encode(svg).decode()
    return (
        f'<img class="lang-{lang}" lang="{lang}" width="{width}" height="{height}" alt="{html.escape(alt)}" '
        f'{attributes + " " if attributes else ""}src="data:image/svg+xml;base64,{data}">'
    )


def images_html(
    images: Mapping[str, bytes], alt: Text, size: tuple[float, float], attributes: str = ""
) -> str:
    """Write the image of each language in a block of its own; ``size`` is in inches.

    >>> images_html({"fa": b"<svg/>", "en": b"<svg/>"}, {"fa": "شکل", "en": "Chart"}, (1, 2)).count("<div>")
    2
    """
    return "".join(
        f"<div>{image(images[lang], alt[lang], lang, size, attributes)}</div>" for lang in LANGUAGES
    )


def figure_html(name: str, body: str, caption: Text, kind: str = "") -> str:
    """Write a figure element around its images, with both captions; ``kind`` is a further class.

    Images and captions are blocks, so that both languages read well in a notebook, without our style sheet.

    >>> figure_html("dot", "…", {"fa": "نقطه", "en": "A dot"})[-31:]
    'A dot</p></figcaption></figure>'
    """
    captions = "".join(
        # On a page in the middle, as the caption is; JupyterLab's own rule for paragraphs would be: left.
        element("p", lang, inline_html(caption[lang]), style="text-align: inherit")
        for lang in LANGUAGES
    )
    names = f"hw2-figure {kind}".strip()
    return f'<figure class="{names}" id="figure-{name}">{body}<figcaption>{captions}</figcaption></figure>'


class BilingualFigure(Record):
    """Draw a figure in Persian and in English and show both.

    ``draw(figure, lang)`` fills an empty matplotlib figure with labels in one language, or returns another
    figure, made by a library, to take its place. ``name`` is stable
    and unique in its chapter (lower-case words joined by hyphens). ``alt`` says what the figure shows to
    someone who cannot see it; ``caption`` stands below it. Both are texts in both languages. ``size`` is
    (width, height) in inches.

    Raises ValueError for a bad name or a missing language, before anything is drawn.

    >>> def draw(figure, lang):
    ...     figure.subplots().set_title({"fa": "زیان", "en": "Loss"}[lang])
    >>> shown = BilingualFigure("loss-curve", draw, alt={"fa": "نمودار", "en": "Chart"},
    ...                         caption={"fa": "زیان", "en": "Loss"})
    >>> sorted(shown.images)
    ['en', 'fa']
    """

    def __init__(
        self,
        name: str,
        draw: Callable[[Figure, str], object],
        *,
        alt: Text,
        caption: Text,
        size: tuple[float, float] = (7.0, 3.6),
    ) -> None:
        self.name = check_name(name)
        self.alt = check_text("alt", alt)
        self.caption = check_text("caption", caption)
        self.size = size
        self.images = {lang: svg(name, draw, lang, size) for lang in LANGUAGES}

    def record(self) -> dict[str, Any]:
        """Give the name and the alternative text; the images stand in the HTML."""
        return {"kind": "figure", "name": self.name, "alt": self.alt}

    def html(self) -> str:
        """Give a figure element with one image per language and the captions."""
        return figure_html(self.name, images_html(self.images, self.alt, self.size), self.caption)

    def text(self) -> str:
        """Give the alternative text."""
        return "\n".join(self.alt[lang] for lang in LANGUAGES)
