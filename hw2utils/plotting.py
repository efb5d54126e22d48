"""Plots of histories and paired differences: data and Axes in, Axes out, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hw2utils.history import History
from hw2utils.statistics import mean_interval

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, told apart by colour-blind readers too (Okabe and Ito 2008)."""

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
    if lang not in LABELS:
        raise ValueError(f"lang: expected 'fa' or 'en', got {lang!r}; figures are drawn in these two")
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

    Columns read are ``{split}_{metric}``; a missing one is a KeyError that names it.

    >>> h = History([1, 2], [0, 1], {"train_acc": [[0.5, 0.6], [0.7, 0.8]]})
    >>> plot_history(h, splits=["train"]).get_ylabel()
    'accuracy'
    """
    axes = _axes(ax)
    words = LABELS[lang]
    for split, color in zip(splits, colors, strict=False):
        values = history[f"{split}_{metric}"]  # (epochs, seeds)
        axes.plot(history.epochs, values, color=color, linewidth=0.6, alpha=0.3)
        label = words.get(split, split)
        axes.plot(history.epochs, values.mean(axis=1), color=color, linewidth=2, label=label)
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

    >>> plot_differences({"a − b": [0.1, 0.2, 0.3]}, unit="points").get_xlabel()
    'paired difference (points)'
    """
    axes = _axes(ax)
    names = list(differences)
    for place, name in enumerate(names):
        values = np.asarray(differences[name], dtype=np.float64)
        interval = mean_interval(values)
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
    axes.set_xlabel(f"{LABELS[lang]['difference']} ({unit})")
    return axes


def _axes(ax: Axes | None) -> Axes:
    return Figure(layout="constrained").subplots() if ax is None else ax
