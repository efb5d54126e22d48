"""Paths of optimizers on a plane, over the loss there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, Words

MARKS = {"sgd": "s-", "momentum": ".-"}
"""Marks of the rules: paths of few steps are seen by them."""


def plot_paths(
    axes: Axes,
    surface: NDArray[np.float64],
    reach: NDArray[np.float64],
    paths: Mapping[str, NDArray[np.float64]],
    words: Words,
) -> AxesImage:
    """Draw paths over the logarithm of the loss on a plane and return the picture of the loss.

    ``surface`` is the loss, (rows, columns), from minus to plus ``reach``, (2,); ``paths`` maps an
    optimizer's key to its places, (steps, 2), all from one start, which gets a star. Labels ``first`` and
    ``second`` are the plane's directions.
    """
    extent = (-reach[0], reach[0], -reach[1], reach[1])
    ground = axes.imshow(
        np.log10(surface), origin="lower", extent=extent, cmap="Greys", alpha=0.35, aspect="auto"
    )
    for name, places in paths.items():
        mark = MARKS[name]
        axes.plot(*places.T, mark, color=COLOR_OF[name], linewidth=1.2, markersize=3, label=words[name])
    axes.plot(*next(iter(paths.values()))[0], "k*", markersize=10, zorder=1.9)  # behind the paths
    axes.set(xlabel=words["first"], ylabel=words["second"])
    return ground
