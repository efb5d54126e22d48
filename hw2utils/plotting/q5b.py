"""Figures of chapter q5b: history and overfitting."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.style import COLOR_OF, Words, sized


def curves(figure: Figure, words: Words, history: History, homework_epochs: int) -> None:
    """Draw loss and accuracy of all three sets over epochs, with a line where the homework stopped."""
    splits = ("train", "val", "test")
    first = len(history.epochs) // 10  # the epochs before it would flatten the rest
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "acc"), strict=True):
        plot_history(history, metric, splits=splits, ax=axes, lang=words.lang)
        axes.axvline(homework_epochs, color="0.3", linestyle=":")
        late = np.array([history[f"{split}_{metric}"][first:] for split in splits])  # (splits, epochs, seeds)
        finite = late[np.isfinite(late)]  # a run that diverged has none
        if finite.size:
            axes.set_ylim(finite.min(), np.quantile(finite, 0.999))


@sized(7, 1.9)
def shape(figure: Figure, words: Words, onset: NDArray[np.float64], gap: NDArray[np.float64]) -> None:
    """Draw paired differences, (seeds,) each: onset of overfitting in epochs, final gap in points."""
    panels = (("onset", onset, "epochs"), ("gap", gap, "points"))
    for axes, (title, values, unit) in zip(figure.subplots(1, 2), panels, strict=True):
        plot_differences({"": values}, unit=words[unit], ax=axes, lang=words.lang)
        axes.set_title(words[title])
        axes.set_yticks([])


def memorising(figure: Figure, words: Words, history: History) -> None:
    """Draw the share of false labels given, on seen and on unseen images, over epochs."""
    splits = ("seen", "unseen")
    colors = (COLOR_OF["train"], COLOR_OF["test"])
    axes = plot_history(history, splits=splits, colors=colors, ax=figure.subplots(), lang=words.lang)
    axes.set(xlabel=words["epoch"], ylabel=words["share"])
    axes.legend(axes.get_legend_handles_labels()[0], [words[split] for split in splits])
