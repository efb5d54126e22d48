"""Sliders: a figure for each value of a parameter, drawn beforehand, so that they work without a network."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from hw2utils.languages import LANGUAGES, Text
from hw2utils.reporting.figures import figure_html
from hw2utils.reporting.html import element, inline_html

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


def slider_html(
    name: str,
    frame: Callable[[int], str],
    shown: Sequence[str],
    start: int,
    label: Text,
    caption: Text,
    *,
    least: int,
) -> str:
    """Write a figure element with a slider: ``frame(place)`` gives images, ``shown[place]`` the value.

    ``least`` is that of :func:`~hw2utils.reporting.figures.figure_html`, for all frames.

    >>> words = {"fa": "ک", "en": "k"}
    >>> html = slider_html("k", str, ["k = 1", "k = 2"], 1, words, words, least=300)
    >>> html.count("<script"), 'max="1"' in html
    (2, True)
    """
    control = f"slider-{name}"
    separator = '<span class="lang-sep"> · </span>'
    named = separator.join(element("span", lang, inline_html(label[lang], lang)) for lang in LANGUAGES)
    value = html.escape(shown[start])
    # What cleans foreign HTML (GitHub, JupyterLab before it trusts a notebook) drops handlers, `hidden`
    # and scripts with all they hold: what remains is the first frame with its value.
    frames = "".join(
        f'<script type="text/html" data-value="{html.escape(text)}">{frame(place)}</script>'
        for place, text in enumerate(shown)
    )
    return figure_html(
        name,
        f'<div class="hw2-control"><label for="{control}">{named}</label> '
        f'<input type="range" id="{control}" min="0" max="{len(shown) - 1}" step="1" '
        f'value="{start}" autocomplete="off" {_OWN_KEYS} aria-valuetext="{value}" '
        f'oninput="{html.escape(_SHOW)}"> <output for="{control}" dir="ltr">{value}</output></div>'
        f'<div class="hw2-frames">{frame(start)}</div>{frames}',
        caption,
        "hw2-slider",
        least=least,
    )
