"""Images side by side: rows of pictures, with a label before each row or a title above each picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from numpy.typing import NDArray


def plot_images(
    figure: Figure,
    rows: Sequence[Sequence[NDArray[Any]] | NDArray[Any]] | NDArray[Any],
    *,
    labels: Sequence[str] = (),
    titles: Sequence[str] = (),
    cmap: str = "gray_r",
) -> None:
    """Draw rows of images, each (height, width) from 0 to 1; a shorter row leaves its last places empty.

    ``labels`` stand before the rows, ``titles`` above the images, row by row.

    >>> import numpy as np
    >>> figure = Figure()
    >>> plot_images(figure, np.zeros((2, 3, 28, 28)), labels=["plain", "changed"])
    >>> len(figure.axes), figure.axes[3].get_ylabel()
    (6, 'changed')
    """
    grid = figure.subplots(len(rows), max(len(row) for row in rows), squeeze=False)
    above = iter(titles)
    for places, row in zip(grid, rows, strict=True):
        for axes, image in zip(places, row, strict=False):
            axes.imshow(image, cmap=cmap, vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[], title=next(above, ""))
            axes.grid(visible=False)
        for axes in places[len(row) :]:
            axes.axis("off")
    for places, label in zip(grid, labels, strict=False):
        places[0].set_ylabel(label, rotation=0, ha="right", va="center")
