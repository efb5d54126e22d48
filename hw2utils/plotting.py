"""Plots of histories and paired differences: data and Axes in, Axes out, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hw2utils._checks import check_language, kind
from hw2utils.history import History
from hw2utils.statistics import Interval, mean_interval

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, told apart by colour-blind readers too (Okabe and Ito 2008)."""

LINES = ("-", "--", ":", "-.")
"""Styles of lines: the next one is taken when the colours are used up."""

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
    }


@cache
def _register_fonts() -> None:
    for path in sorted((Path(__file__).parent / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def plot_history(
    history: History,
    metric: str = "acc",
    *,
    splits: Sequence[str] = ("train", "val"),
    colors: Sequence[str] = COLORS,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw a metric over epochs for some splits: every seed a thin line, their mean a thick one.

    Columns read are ``{split}_{metric}``. Without ``ax`` a new pyplot figure is made, which a notebook shows
    and ``plt.show()`` opens. More splits than colours go on with dashed lines.

    Raises KeyError that names a missing column, ValueError for anything but a history, a list of names,
    at least one colour, one Axes or a language.

    >>> h = History([1, 2], [0, 1], {"train_acc": [[0.5, 0.6], [0.7, 0.8]]})
    >>> plot_history(h, splits=["train"]).get_ylabel()
    'accuracy'
    """
    _check_history(history)
    if isinstance(splits, str) or not splits:
        raise ValueError(
            f"splits: expected a list of names, got {splits!r}; for example splits=['train', 'val']"
        )
    _check_colors(colors)
    words = LABELS[check_language(lang)]
    drawn = [history[f"{split}_{metric}"] for split in splits]  # (epochs, seeds) each
    axes = _axes(ax)
    for place, (split, values) in enumerate(zip(splits, drawn, strict=True)):
        color, line = colors[place % len(colors)], LINES[place // len(colors) % len(LINES)]
        axes.plot(history.epochs, values, line, color=color, linewidth=0.6, alpha=0.3)
        label = words.get(split, split)
        axes.plot(history.epochs, values.mean(axis=1), line, color=color, linewidth=2, label=label)
    axes.set_xlabel(words["epoch"])
    axes.set_ylabel(words.get(metric, metric))
    axes.legend()
    return axes


def plot_differences(
    differences: Mapping[str, ArrayLike],
    *,
    unit: str,
    thresholds: Sequence[float] = (),
    colors: Sequence[str] = COLORS,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw paired differences against the zero line.

    One row per name, every seed a dot, the mean with its 95 % t-interval.

    ``differences`` maps a row's label to its values, (seeds,), in ``unit``; ``thresholds`` are dashed lines.
    Without ``ax`` a new pyplot figure is made.

    Raises ValueError for anything but a dictionary with at least one row, values of which one is not finite,
    no colour, anything but one Axes, or another language.

    >>> plot_differences({"a − b": [0.1, 0.2, 0.3]}, unit="points").get_xlabel()
    'paired difference (points)'
    """
    if not isinstance(differences, Mapping) or not differences:
        raise ValueError(
            "differences: expected a dictionary from a row's label to its values, got "
            f"{'an empty one' if isinstance(differences, Mapping) else kind(differences)}; "
            "for example {'wide - deep': [0.1, 0.2]}"
        )
    _check_colors(colors)
    words = LABELS[check_language(lang)]
    names = list(differences)
    intervals = {name: _interval(name, differences[name]) for name in names}
    axes = _axes(ax)
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


def _axes(ax: Axes | None) -> Axes:
    if ax is None:
        return plt.subplots(layout="constrained")[1]
    if not isinstance(ax, Axes):
        remedy = "write figure.subplots() for a Figure" if hasattr(ax, "subplots") else "choose one, axes[0]"
        raise ValueError(f"ax: expected one matplotlib Axes, got {kind(ax)}; {remedy}")
    return ax


def _check_history(history: Any) -> None:
    if isinstance(history, History):
        return
    own = isinstance(getattr(history, "history", None), History)
    remedy = "pass result.history" if own else "pass the .history of what fit returned"
    raise ValueError(f"history: expected a History, got {kind(history)}; {remedy}")


def _check_colors(colors: Any) -> None:
    if isinstance(colors, str) or not len(colors):
        raise ValueError(
            f"colors: expected a list of colours, got {colors!r}; write for one colors=['black']"
        )


def _interval(name: str, values: ArrayLike) -> Interval:
    try:
        return mean_interval(values)
    except ValueError as error:
        raise ValueError(f"differences[{name!r}]: {error}") from error
