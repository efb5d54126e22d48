"""Figures drawn once per language, with alternative text in both."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from hw2utils.plotting import style
from hw2utils.publishing.bilingual import LANGUAGES, Record, Text, check_text, element, inline_html

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


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
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"name: expected lower-case words joined by hyphens, got {name!r}; e.g. 'loss-curve'"
            )
        self.name = name
        self.alt = check_text("alt", alt)
        self.caption = check_text("caption", caption)
        self.size = size
        self.images = {lang: self._svg(draw, lang) for lang in LANGUAGES}

    def _svg(self, draw: Callable[[Figure, str], object], lang: str) -> bytes:
        buffer = io.BytesIO()
        # A fixed salt and no date make the file a function of its data, so that a manifest can compare it.
        settings: Any = {**style(lang), "svg.hashsalt": f"{self.name}.{lang}"}
        with mpl.rc_context(settings):
            figure = Figure(figsize=self.size, layout="constrained")
            other = draw(figure, lang)
            if isinstance(other, Figure):
                other.set_size_inches(self.size)
                figure = other
            figure.savefig(buffer, format="svg", metadata={"Date": None})
            plt.close(figure)  # else a notebook shows a library's figure a second time
        return buffer.getvalue()

    def record(self) -> dict[str, Any]:
        """Give the name and the alternative text; the images stand in the HTML."""
        return {"kind": "figure", "name": self.name, "alt": self.alt}

    def html(self) -> str:
        """Give a figure element with one image per language and the captions."""
        width, height = (round(96 * side) for side in self.size)
        images = "".join(
            f'<img class="lang-{lang}" lang="{lang}" width="{width}" height="{height}" '
            f'alt="{html.escape(self.alt[lang])}" '
            f'src="data:image/svg+xml;base64,{base64.b64encode(self.images[lang]).decode()}">'
            for lang in LANGUAGES
        )
        captions = "".join(element("span", lang, inline_html(self.caption[lang])) for lang in LANGUAGES)
        return (
            f'<figure class="hw2-figure" id="figure-{self.name}">{images}'
            f"<figcaption>{captions}</figcaption></figure>"
        )

    def text(self) -> str:
        """Give the alternative text."""
        return "\n".join(self.alt[lang] for lang in LANGUAGES)
