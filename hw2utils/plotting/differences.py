"""Paired differences against zero: every seed a dot, the mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hw2utils._checks import kind
from hw2utils.languages import check_language
from hw2utils.plotting.style import COLOR_OF, LABELS, NEUTRAL, Words, check_colors, own_axes
from hw2utils.statistics import Interval, mean_interval


def differences(
    figure: Figure, words: Words, rows: Mapping[str, ArrayLike], thresholds: Sequence[float] = ()
) -> None:
    """Draw paired differences: ``rows`` maps a label's key to values, the label ``unit`` is theirs."""
    named = {words[key]: values for key, values in rows.items()}
    colors = [COLOR_OF.get(key, NEUTRAL) for key in rows]
    plot_differences(
        named,
        unit=words["unit"],
        thresholds=thresholds,
        colors=colors,
        ax=figure.subplots(),
        lang=words.lang,
    )


def plot_differences(
    differences: Mapping[str, ArrayLike],
    *,
    unit: str,
    thresholds: Sequence[float] = (),
    colors: Sequence[str] = (NEUTRAL,),
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw paired differences against the zero line.

    One row per name, every seed a dot, the mean with its 95 % t-interval.

    ``differences`` maps a row's label to its values, (seeds,), in ``unit``; ``thresholds`` are dashed lines.
    ``colors`` are the rows' in turn, and begin anew where they end: one for all unless they say something.
    Without ``ax`` a new pyplot figure is made.

    A row with a value that is NaN or infinite, as after a diverged seed, has no mean and no interval.

    Raises ValueError for anything but a dictionary with at least one row, no values, no colour, anything but
    one Axes, or another language.

    >>> plot_differences({"a − b": [0.1, 0.2, 0.3]}, unit="points").get_xlabel()
    'paired difference (points)'
    """
    if not isinstance(differences, Mapping) or not differences:
        raise ValueError(
            "differences: expected a dictionary from a row's label to its values, got "
            f"{'an empty one' if isinstance(differences, Mapping) else kind(differences)}; "
            "for example {'wide - deep': [0.1, 0.2]}"
        )
    check_colors(colors)
    words = LABELS[check_language(lang)]
    names = list(differences)
    intervals = {name: _interval(name, differences[name]) for name in names}
    axes = own_axes(ax)
    for place, name in enumerate(names):
        values, interval = np.asarray(differences[name], dtype=np.float64), intervals[name]
        color = colors[place % len(colors)]
        spread = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(values, place + spread, "o", color=color, alpha=0.55, markersize=4, markeredgewidth=0)
        if np.isfinite(interval.low):
            axes.plot([interval.low, interval.high], [place, place], color=color, linewidth=3)
        axes.plot([interval.mean], [place], "D", color=color, markersize=7, markeredgecolor="white")
    axes.axvline(0, color="0.25", linewidth=1)
    for threshold in thresholds:
        axes.axvline(threshold, color="0.4", linewidth=1, linestyle="--")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{words['difference']} ({unit})")
    return axes


def _interval(name: str, values: ArrayLike) -> Interval:
    try:
        return mean_interval(values)
    except ValueError as error:
        raise ValueError(f"differences[{name!r}]: {error}") from error
