"""Figures with a slider: one parameter, its values drawn beforehand, so that they work without a network."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from hw2utils.languages import LANGUAGES, Text, check_text
from hw2utils.reporting.figures import check_name, figure_html, images_html, svg
from hw2utils.reporting.html import element, inline_html
from hw2utils.reporting.records import Record

# Stands in the element itself, so that it works in a notebook as on a page. The attribute `value` keeps the
# slider and the frame together in a page that a reader saves.
_SHOW = (
    "const figure = this.closest('figure'); "
    "const frame = figure.querySelectorAll('[data-value]')[this.value]; "
    "figure.querySelector('.hw2-frames').innerHTML = frame.text ?? frame.innerHTML; "
    "figure.querySelector('output').textContent = frame.dataset.value; "
    "this.setAttribute('value', this.value); "
    "this.setAttribute('aria-valuetext', frame.dataset.value)"
)
# JupyterLab and Notebook 7 otherwise take the arrow keys for moving from cell to cell.
_OWN_KEYS = 'data-lm-suppress-shortcuts="true"'


def _at(draw: Callable[[Figure, str, Any], object], value: Any) -> Callable[[Figure, str], object]:
    return lambda figure, lang: draw(figure, lang, value)


class Slider(Record):
    """Draw a figure for each value of a parameter, in Persian and in English, and show one at a time.

    ``draw(figure, lang, value)`` fills an empty matplotlib figure with labels in one language. ``values``
    are the parameter's, in rising order, and ``start`` is the one shown first, and on paper and without
    JavaScript the only one. ``label`` names the parameter; ``show(value)`` writes a value, in digits that
    serve both languages. ``alt(value)`` says what the figure shows at a value; ``caption`` stands below.
    ``size`` is (width, height) in inches.

    Raises ValueError for a bad name, fewer than two values, a start that is none of them, or a missing
    language.

    >>> def draw(figure, lang, k):
    ...     figure.subplots().plot([0, k])
    >>> slider = Slider("line", draw, values=[1, 2, 3], start=2, label={"fa": "شیب", "en": "slope"},
    ...                 alt=lambda k: {"fa": f"خطی با شیب {k}", "en": f"A line of slope {k}"},
    ...                 caption={"fa": "یک خط", "en": "A line"})
    >>> slider.text().splitlines()[1]
    'A line of slope 2'
    """

    def __init__(
        self,
        name: str,
        draw: Callable[[Figure, str, Any], object],
        *,
        values: Sequence[Any],
        start: Any,
        label: Text,
        alt: Callable[[Any], Text],
        caption: Text,
        show: Callable[[Any], str] = str,
        size: tuple[float, float] = (7.0, 3.6),
    ) -> None:
        self.name = check_name(name)
        values = list(values)
        if len(values) < 2:
            raise ValueError(f"values: expected at least two, got {values}; use BilingualFigure for one")
        if start not in values:
            raise ValueError(f"start: expected one of the values {values}, got {start!r}")
        self.values = [show(value) for value in values]
        self.start = values.index(start)
        self.label = check_text("label", label)
        self.caption = check_text("caption", caption)
        self.alts = [check_text(f"alt({value!r})", alt(value)) for value in values]
        self.alt = self.alts[self.start]
        self.size = size
        self.images = {
            lang: [svg(f"{name}-{place}", _at(draw, value), lang, size) for place, value in enumerate(values)]
            for lang in LANGUAGES
        }

    def record(self) -> dict[str, Any]:
        """Give the name and the alternative text of the first figure shown."""
        return {"kind": "figure", "name": self.name, "alt": self.alt}

    def html(self) -> str:
        """Give a figure element with the slider, every frame in both languages, and the captions."""
        control = f"slider-{self.name}"
        separator = '<span class="lang-sep"> · </span>'
        label = separator.join(element("span", lang, inline_html(self.label[lang])) for lang in LANGUAGES)
        value = html.escape(self.values[self.start])
        # What cleans foreign HTML (GitHub, JupyterLab before it trusts a notebook) drops handlers, `hidden`
        # and scripts with all they hold: what remains is the first frame with its value.
        frames = "".join(
            f'<script type="text/html" data-value="{html.escape(shown)}">{self._frame(place)}</script>'
            for place, shown in enumerate(self.values)
        )
        return figure_html(
            self.name,
            f'<div class="hw2-control"><label for="{control}">{label}</label> '
            f'<input type="range" id="{control}" min="0" max="{len(self.values) - 1}" step="1" '
            f'value="{self.start}" autocomplete="off" {_OWN_KEYS} aria-valuetext="{value}" '
            f'oninput="{html.escape(_SHOW)}"> <output for="{control}" dir="ltr">{value}</output></div>'
            f'<div class="hw2-frames">{self._frame(self.start)}</div>{frames}',
            self.caption,
            "hw2-slider",
        )

    def _frame(self, place: int) -> str:
        return images_html(
            {lang: self.images[lang][place] for lang in LANGUAGES},
            self.alts[place],
            self.size,
            f'data-frame="{place}"',
        )

    def text(self) -> str:
        """Give the alternative text of the first figure shown."""
        return "\n".join(self.alt[lang] for lang in LANGUAGES)
