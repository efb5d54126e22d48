"""Curves: at each place every seed a dot, and a line through their middle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words

_HEAVY = 150  # so many marks weigh less as an image than as shapes


def curves(
    figure: Figure,
    words: Words,
    places: Sequence[float],
    panels: Mapping[str, Mapping[str, NDArray[np.float64]]],
    doubling: bool = False,
) -> None:
    """Draw curves in panels side by side: every seed a dot, the means a line.

    ``panels`` maps a label, the panel's title where there are several, to curves, and these map a label to
    values, (places, seeds). A curve has the book's colour for what it is, else a grey, and the line of its
    place. Labels ``x`` and ``y`` are the axes'. ``doubling`` spaces the places by their logarithm to base 2.
    """
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, lines) in zip(grid, panels.items(), strict=True):
        for place, (name, values) in enumerate(lines.items()):
            color = COLOR_OF.get(name, (NEUTRAL, INK)[place % 2])
            curve(axes, places, values, color, LINES[place % len(LINES)], words[name])
        if doubling:
            axes.set_xscale("log", base=2)
            axes.set_xticks(places, [str(value) for value in places])
        if len(panels) > 1:
            axes.set_title(words[title])
        axes.set_xlabel(words["x"])
    if "y" in words:
        grid[0].set_ylabel(words["y"])
    grid[0].legend()


def curve(
    axes: Axes,
    places: Sequence[float],
    values: NDArray[np.float64],
    color: str,
    line: str = "-",
    label: str = "",
    *,
    width: float = 2,
    middle: Callable[..., Any] = np.mean,
) -> None:
    """Draw one curve, values (places, seeds): every seed a dot, a line of some width through their middle."""
    heavy = values.size > _HEAVY
    axes.plot(places, values, ".", color=color, alpha=0.4, markersize=4, rasterized=heavy)
    axes.plot(places, middle(values, axis=1), line, color=color, linewidth=width, label=label)
