"""Figures of chapter q5a: one hidden layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.images import plot_images
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, Words, mark_percent, sized

_COLUMNS = 6


def curves(figure: Figure, words: Words, history: History) -> None:
    """Draw loss and accuracy of training and validation over epochs; one seed's stands out."""
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "acc"), strict=True):
        plot_history(history, metric, splits=("train", "val"), ax=axes, lang=words.lang)
        plot_first_seed(axes, history.epochs, history[f"val_{metric}"].T, words["one"])
        axes.legend()


@sized(7.5, 3.2)
def weights(figure: Figure, words: Words, weights: NDArray[np.float32], classes: NDArray[np.int64]) -> None:
    """Draw neurons' weights, (n, height, width), as images, six a row, below the class each speaks for, (n,).

    Each image has its own scale, with zero in the middle grey.
    """
    largest = np.abs(weights).max(axis=(1, 2), keepdims=True)  # (n, 1, 1)
    images = 0.5 + 0.5 * weights / np.where(largest > 0, largest, 1)
    plot_images(figure, _in_rows(images), titles=[words[f"class-{label}"] for label in classes], cmap="gray")


def _in_rows(images: NDArray[Any]) -> list[NDArray[Any]]:
    return [images[start : start + _COLUMNS] for start in range(0, len(images), _COLUMNS)]


@sized(8.5, 4)
def predictions(
    figure: Figure,
    words: Words,
    images: NDArray[np.float32],
    true: NDArray[np.int64],
    predicted: NDArray[np.int64],
) -> None:
    """Draw images, (n, height, width) from 0 to 1, six a row, below true and predicted class, (n,)."""
    rows = [images[start : start + _COLUMNS] for start in range(0, len(images), _COLUMNS)]
    titles = [
        f"{words[f'class-{one}']}\n{words[f'class-{other}']}"
        for one, other in zip(true, predicted, strict=True)
    ]
    plot_images(figure, rows, titles=titles, cmap="viridis")


@sized(7, 2.4)
def published(
    figure: Figure,
    words: Words,
    ours: Mapping[str, NDArray[np.float64]],
    published: Mapping[str, float],
) -> None:
    """Draw test accuracies by activation function, (seeds,) each, beside the published ones.

    All are fractions; the axis shows percent.
    """
    axes = figure.subplots()
    for row, (name, values) in enumerate(ours.items()):
        axes.plot(values, np.full(len(values), row), "o", color=COLOR_OF["test"], alpha=0.6)
        axes.plot(published[name], row, "|", color=INK, markersize=40, markeredgewidth=3)
    axes.set_yticks(range(len(ours)), list(ours))
    axes.set_ylim(len(ours) - 0.4, -0.6)
    axes.set_xlabel(words["test"])
    mark_percent(axes.xaxis)
