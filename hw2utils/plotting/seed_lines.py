"""Seed lines: every seed a thin line with dots, their mean a thick one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hw2utils.plotting.style import INK


def plot_seed_lines(
    axes: Axes,
    places: Sequence[float],
    values: NDArray[np.float64],
    color: str,
    label: str | None = None,
    *,
    line: str = "-",
    alpha: float = 0.4,
) -> None:
    """Draw one quantity, values (seeds, places): a thin line for each seed, a thick one for their mean.

    ``line`` is the style of the mean, ``alpha`` how opaque the seeds are, ``label`` the legend's word.
    """
    axes.plot(places, values.T, ".-", color=color, linewidth=0.5, markersize=3, alpha=alpha)
    axes.plot(places, values.mean(axis=0), line, color=color, linewidth=2, label=label)


def plot_first_seed(axes: Axes, places: Sequence[float], values: NDArray[np.float64], label: str) -> None:
    """Let the first seed's curve stand out of its bundle, values (seeds, places), under the legend's word."""
    axes.plot(places, values[0], ".-", color=INK, linewidth=1, markersize=4, label=label)
