"""Decision boundaries: a map of predicted classes over the plane, the examples and the true border."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

_MAP = "PRGn"  # two colours that mean nothing else in the book


def plot_boundary(
    axes: Axes,
    classes: NDArray[np.uint8],
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    border: NDArray[np.floating],
    *,
    markersize: float = 4,
) -> None:
    """Draw one map of two classes, (x, y) over the square from −1 to 1, with examples and true border.

    The axes are called as the inputs are, x1 and, left to who draws several, x2.
    """
    plot_map(axes, classes, inputs, labels, markersize=markersize)
    axes.plot(*border, "k--", linewidth=1)


def plot_map(
    axes: Axes,
    classes: NDArray[np.integer],
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    side: float = 1,
    markersize: float = 4,
) -> None:
    """Draw one map of two classes, (x, y) over the square from −side to side, with examples."""
    square = (-side, side, -side, side)
    axes.imshow(classes.T, origin="lower", extent=square, cmap=_MAP, alpha=0.45, vmin=-0.2, vmax=1.2)
    for label, (color, mark) in enumerate(zip(("#762a83", "#1b7837"), "os", strict=True)):
        axes.plot(*inputs[labels == label].T, mark, color=color, markersize=markersize, mec="white", mew=0.3)
    axes.grid(visible=False)
    axes.set_xlabel("x1")
