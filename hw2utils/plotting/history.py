"""Curves of a history: every seed a thin line, their mean a thick one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hw2utils._checks import kind
from hw2utils.history import History
from hw2utils.languages import check_language
from hw2utils.plotting.style import (
    COLOR_OF,
    COLORS,
    LABELS,
    LINES,
    Words,
    check_colors,
    mark_percent,
    own_axes,
)


def history(figure: Figure, words: Words, history: History, splits: Sequence[str] = ("train", "val")) -> None:
    """Draw the loss and the accuracy of some splits over epochs, side by side."""
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "acc"), strict=True):
        plot_history(history, metric, splits=splits, ax=axes, lang=words.lang)


def plot_history(
    history: History,
    metric: str = "acc",
    *,
    splits: Sequence[str] = ("train", "val"),
    colors: Sequence[str] | None = None,
    line: str | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw a metric over epochs for some splits: every seed a thin line, their mean a thick one.

    Columns read are ``{split}_{metric}``. Without ``ax`` a new pyplot figure is made, which a notebook shows
    and ``plt.show()`` opens. Without ``colors`` a split has the book's colour for it, else one that no other
    split has; more splits than colours go on with dashed lines, unless ``line`` is the style of all.
    Accuracies, which are fractions, are marked in percent.

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
    if colors is not None:
        check_colors(colors)
    fixed = {split: COLOR_OF[split] for split in splits if split in COLOR_OF and colors is None}
    palette = colors or [color for color in COLORS if color not in fixed.values()] or COLORS
    words = LABELS[check_language(lang)]
    drawn = [history[f"{split}_{metric}"] for split in splits]  # (epochs, seeds) each
    axes = own_axes(ax)
    free = [split for split in splits if split not in fixed]
    for split, values in zip(splits, drawn, strict=True):
        place = free.index(split) if split in free else 0
        drawn_as = line or LINES[place // len(palette) % len(LINES)]
        color = fixed.get(split, palette[place % len(palette)])
        axes.plot(history.epochs, values, drawn_as, color=color, linewidth=0.6, alpha=0.3)
        label = words.get(split, split)
        axes.plot(history.epochs, values.mean(axis=1), drawn_as, color=color, linewidth=2, label=label)
    axes.set_xlabel(words["epoch"])
    axes.set_ylabel(words.get(metric, metric))
    if metric == "acc":
        mark_percent(axes.yaxis)
    axes.legend()
    return axes


def _check_history(history: Any) -> None:
    if isinstance(history, History):
        return
    own = isinstance(getattr(history, "history", None), History)
    remedy = "pass result.history" if own else "pass the .history of what fit returned"
    raise ValueError(f"history: expected a History, got {kind(history)}; {remedy}")
