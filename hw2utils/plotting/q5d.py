"""Figures of chapter q5d: weight decay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import differences
from hw2utils.plotting.style import COLOR_OF, Words, sized
from hw2utils.statistics import mean_interval


@sized(7, 2.6)
def homework(
    figure: Figure,
    words: Words,
    train: NDArray[np.float64],
    test: NDArray[np.float64],
    gap: NDArray[np.float64],
) -> None:
    """Draw what weight decay does to accuracies and to their gap, (seeds,) each, in points."""
    differences(figure, words, {"train": train, "test": test, "gap": gap})


def sweep(
    figure: Figure,
    words: Words,
    order: Sequence[float],
    train: NDArray[np.float64],
    test: NDArray[np.float64],
    chosen: float,
) -> None:
    """Draw training and test accuracy, (coefficients, seeds) in percent, against the coefficient."""
    axes = figure.subplots()
    places = np.arange(len(order))
    for name, table, mark in (("train", train, "o"), ("test", test, "^")):
        color = COLOR_OF[name]
        for place, values in zip(places, table, strict=True):
            axes.plot(np.full(len(values), place - 0.08), values, mark, color=color, alpha=0.4, markersize=4)
            found = mean_interval(values)
            axes.plot([place, place], [found.low, found.high], color=color, linewidth=3)
        axes.plot(places, table.mean(axis=1), mark, ls="-", color=color, linewidth=2, label=words[name])
    axes.axvline(order.index(chosen), color="0.4", linestyle="--")
    axes.set_xticks(places, [f"{value:g}" for value in order])
    axes.set(xlabel=words["coefficient"], ylabel=words["accuracy"])
    axes.legend()
