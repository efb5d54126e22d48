"""Strips: every seed a dot in a row, a thick line the interval of their mean."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hw2utils.statistics import mean_interval


def plot_strip(
    axes: Axes, place: float, values: NDArray[np.float64], color: str, *, ratio: bool = False
) -> None:
    """Draw values, (seeds,), in the row at ``place``; of a ``ratio`` the geometric mean has the interval.

    A single seed has no interval.
    """
    found = mean_interval(np.log(values) if ratio else values)
    low, high = np.exp([found.low, found.high]) if ratio else (found.low, found.high)
    spread = place + np.linspace(-0.2, 0.2, len(values))
    axes.plot(values, spread, "o", color=color, alpha=0.5, markersize=4, markeredgewidth=0)
    if np.isfinite(low):
        axes.plot([low, high], [place, place], color=color, linewidth=3)
