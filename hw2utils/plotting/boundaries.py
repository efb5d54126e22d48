"""Decision boundaries: a map of predicted classes over the plane, the examples and the true border."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLORS, Words, sized


@sized(9, 2.6)
def boundaries(
    figure: Figure,
    words: Words,
    maps: Mapping[float, NDArray[np.uint8]],
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    border: NDArray[np.floating],
) -> None:
    """Draw maps of classes, each (x, y), side by side; the label ``title`` names one by its ``value``.

    ``inputs`` (N, 2) with ``labels`` (N,) are the examples, ``border`` (2, points) the true border.
    """
    for axes, (value, classes) in zip(figure.subplots(1, len(maps), sharey=True), maps.items(), strict=True):
        plot_boundary(axes, classes, inputs, labels, border, markersize=3)
        axes.set_title(words("title", value=value))


def plot_boundary(
    axes: Axes,
    classes: NDArray[np.uint8],
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    border: NDArray[np.floating],
    *,
    markersize: float = 4,
) -> None:
    """Draw one map of two classes, (x, y) over the square from −1 to 1, with examples and true border."""
    axes.imshow(classes.T, origin="lower", extent=(-1, 1, -1, 1), cmap="coolwarm", alpha=0.4)
    for label, color in enumerate(COLORS[:2]):
        axes.plot(*inputs[labels == label].T, ".", color=color, markersize=markersize)
    axes.plot(*border, "k--", linewidth=1)
    axes.grid(visible=False)
