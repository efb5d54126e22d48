"""The style of all figures: colours, lines, fonts, words of the axes, and checks that drawings share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullFormatter

from hw2utils._checks import kind
from hw2utils.languages import check_language

Drawing = TypeVar("Drawing", bound=Callable[..., object])


class Words(Protocol):
    """Give a drawing its words in one language: ``words["train"]`` is a label."""

    lang: str

    def __getitem__(self, key: str) -> str: ...

    def __contains__(self, key: object) -> bool: ...

    def __call__(self, key: str, /, **values: Any) -> str:
        """Give a label with its slots filled."""

    def number(self, value: float, spec: str = "") -> str:
        """Write a number as prose does."""


COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, told apart by colour-blind readers too (Okabe and Ito 2008)."""

NEUTRAL = "#5f6b76"
"""The colour of what has no colour of its own: rows with a name beside them, single seeds, frames."""

INK = "#000000"
"""The colour of what other things are compared with: a truth, a reference, a threshold."""

COLOR_OF = {
    "train": COLORS[0],
    "test": COLORS[1],
    "val": COLORS[2],
    "bias": COLORS[4],
    "variance": COLORS[5],
    "sgd": "#6a5acd",
    "momentum": COLORS[3],
    "L1": "#882255",
    "L2": "#999933",
    "distilled": "#8b5a2b",
    "alone": NEUTRAL,
    "teacher": INK,
}
"""What a colour means wherever it is drawn: splits, parts of an error, rules of descent, penalties, models.

No two meanings share a colour; what is compared beside them is grey, told apart by lines and marks. The
colours beyond Okabe and Ito's are two of Paul Tol's muted ones, a violet and a brown. Dots that are kept as
an image stay as they are on dark pages, so what draws many has a colour for both.
"""

ZONE: dict[str, Any] = {"color": NEUTRAL, "alpha": 0.15, "linewidth": 0}
"""How the zone is shaded in which a criterion is met."""

LINES = ("-", "--", ":", "-.")
"""Styles of lines: the next one is taken when the colours are used up."""

SIZE = (7.0, 3.6)
"""Width and height of a figure in inches, unless its drawing says otherwise."""

LABELS: dict[str, dict[str, str]] = {
    "fa": {
        "epoch": "دوره",
        "loss": "زیان",
        "acc": "دقت",
        "train": "آموزش",
        "val": "اعتبارسنجی",
        "test": "آزمون",
        "difference": "اختلاف جفت‌شده",
    },
    "en": {
        "epoch": "epoch",
        "loss": "loss",
        "acc": "accuracy",
        "train": "training",
        "val": "validation",
        "test": "test",
        "difference": "paired difference",
    },
}


def style(lang: str = "en") -> dict[str, Any]:
    """Give the matplotlib settings of one language, for ``matplotlib.rc_context``.

    Persian text uses the packaged Vazirmatn (static weights: the variable file registers as one weight only)
    and is shaped and ordered by matplotlib itself, from version 3.11 on.

    Raises ValueError for a language other than ``fa`` and ``en``.

    >>> style("en")["axes.spines.top"]
    False
    """
    check_language(lang)
    _register_fonts()
    return {
        "font.family": ["Vazirmatn", "DejaVu Sans"] if lang == "fa" else ["DejaVu Sans"],
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "axes.axisbelow": True,
        "legend.frameon": False,
        "svg.fonttype": "path",
        "image.interpolation": "none",  # an SVG then holds pixels as they are, and pages scale them
    }


def mark_percent(axis: Axis) -> None:
    """Mark an axis of fractions in percent.

    >>> axes = plt.figure().subplots()
    >>> mark_percent(axes.xaxis)
    >>> axes.xaxis.get_major_formatter()(0.855)
    '85.5%'
    """
    axis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%")


def mark_plain(axis: Axis, subs: Sequence[int]) -> None:
    """Mark a logarithmic axis with plain numbers: those of ``subs`` times each power of ten.

    >>> axes = plt.figure().subplots()
    >>> _ = axes.set(yscale="log", ylim=(1, 30))
    >>> mark_plain(axes.yaxis, (1, 3))
    >>> axes.yaxis.get_major_formatter()(30.0)
    '30'
    """
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def sized(width: float, height: float) -> Callable[[Drawing], Drawing]:
    """Say how large a drawing is, in inches.

    >>> sized(7, 2.6)(lambda figure, words: None).size
    (7, 2.6)
    """

    def mark(draw: Drawing) -> Drawing:
        draw.size = (width, height)  # type: ignore[attr-defined]
        return draw

    return mark


@cache
def _register_fonts() -> None:
    for path in sorted((Path(__file__).parents[1] / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def own_axes(ax: Axes | None) -> Axes:
    """Return the Axes that were given, or those of a new figure."""
    if ax is None:
        return plt.subplots(layout="constrained")[1]
    if not isinstance(ax, Axes):
        remedy = "write figure.subplots() for a Figure" if hasattr(ax, "subplots") else "choose one, axes[0]"
        raise ValueError(f"ax: expected one matplotlib Axes, got {kind(ax)}; {remedy}")
    return ax


def check_colors(colors: Any) -> None:
    """Raise ValueError for anything but a list of at least one colour."""
    if isinstance(colors, str) or not len(colors):
        raise ValueError(
            f"colors: expected a list of colours, got {colors!r}; write for one colors=['black']"
        )
