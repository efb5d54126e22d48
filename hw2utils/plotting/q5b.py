"""Figures of chapter q5b: history and overfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, NEUTRAL, Words, mark_percent, sized

Values = NDArray[np.float64]


@sized(7.5, 3.4)
def stump(figure: Figure, words: Words, before: Values, after: Values, train: Values) -> None:
    """Draw accuracies of each epoch, (epochs, seeds): on the test around its last step, and in training.

    One panel holds the test's accuracy before that step, the other after it; the first seed stands out.
    """
    epochs = range(1, len(before) + 1)
    panels = {"before": before, "after": after}
    for axes, (key, values) in zip(figure.subplots(1, 2, sharey=True), panels.items(), strict=True):
        plot_seed_lines(axes, epochs, values.T, COLOR_OF["test"], words["test"])
        axes.plot(epochs, train.mean(axis=1), "--", color=COLOR_OF["train"], label=words["train"])
        plot_first_seed(axes, epochs, values.T, words["seed"])
        axes.set(title=words[key], xlabel=words["epoch"])
        mark_percent(axes.yaxis)
    late = np.stack([before, after, train])[:, len(before) // 5 :]  # the first epochs would flatten the rest
    _frame(figure.axes[0], late, 0)
    figure.axes[0].set_ylabel(words["accuracy"])
    figure.axes[0].legend(loc="lower right")


def curves(figure: Figure, words: Words, history: History, homework_epochs: int) -> None:
    """Draw loss and accuracy of all three sets over epochs, with a line where the homework stopped.

    The first seed's curve on the test set stands out.
    """
    splits = ("train", "val", "test")
    first = len(history.epochs) // 10  # the epochs before it would flatten the rest
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "acc"), strict=True):
        plot_history(history, metric, splits=splits, ax=axes, lang=words.lang)
        plot_first_seed(axes, history.epochs, history[f"test_{metric}"].T, words["seed"])
        axes.axvline(homework_epochs, color="0.3", linestyle=":")
        late = np.array([history[f"{split}_{metric}"][first:] for split in splits])  # (splits, epochs, seeds)
        _frame(axes, late, 0)
        axes.legend()


def confidence(figure: Figure, words: Words, epochs: Sequence[int], wrong: Values, right: Values) -> None:
    """Draw the validation loss over epochs, (epochs, seeds), in two parts: of wrong and of right answers.

    The first seed's curve of wrong answers stands out.
    """
    axes = figure.subplots()
    parts = {"wrong": (wrong, COLOR_OF["val"], "-"), "right": (right, NEUTRAL, "--")}
    for key, (values, color, line) in parts.items():
        plot_seed_lines(axes, epochs, values.T, color, words[key], line=line)
    plot_first_seed(axes, epochs, wrong.T, words["seed"])
    _frame(axes, np.stack([wrong, right])[:, len(epochs) // 5 :], 0)
    axes.set(xlabel=words["epoch"], ylabel=words["loss"])
    axes.legend(loc="center right")


@sized(7.5, 3.4)
def shape(
    figure: Figure, words: Words, epochs: Sequence[int], losses: Mapping[str, Mapping[str, Values]]
) -> None:
    """Draw the validation loss of networks over epochs, (epochs, seeds), a panel a width, a line a depth."""
    for axes, (width, networks) in zip(figure.subplots(1, 2, sharey=True), losses.items(), strict=True):
        for (depth, values), (color, line) in zip(
            networks.items(), ((NEUTRAL, "--"), (COLOR_OF["val"], "-")), strict=True
        ):
            plot_seed_lines(axes, epochs, values.T, color, words[depth], line=line, alpha=0.25)
        plot_first_seed(axes, epochs, networks["four"].T, words["seed"])
        axes.set(title=words[width], xlabel=words["epoch"])
    drawn = [values[len(epochs) // 5 :] for networks in losses.values() for values in networks.values()]
    _frame(figure.axes[0], np.stack(drawn), 0.01)
    figure.axes[0].set_ylabel(words["loss"])
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


def repetition(
    figure: Figure, words: Words, updates: Mapping[str, Sequence[int]], losses: Mapping[str, Values]
) -> None:
    """Draw the validation loss, (places, seeds), against the number of updates, for few and many images."""
    axes = figure.subplots()
    styles = {"few": (COLOR_OF["val"], "-"), "many": (NEUTRAL, "--")}
    for key, (color, line) in styles.items():
        plot_seed_lines(axes, updates[key], losses[key].T, color, words[key], line=line)
    plot_first_seed(axes, updates["few"], losses["few"].T, words["seed"])
    late = [losses[key][len(losses[key]) // 5 :].ravel() for key in styles]
    _frame(axes, np.concatenate(late), 0.01)
    axes.set(xlabel=words["updates"], ylabel=words["loss"])
    axes.legend()


def memorising(figure: Figure, words: Words, history: History) -> None:
    """Draw the share of false labels given, on seen and on unseen images, over epochs."""
    splits = ("seen", "unseen")
    colors = (COLOR_OF["train"], COLOR_OF["test"])
    axes = plot_history(history, splits=splits, colors=colors, ax=figure.subplots(), lang=words.lang)
    plot_first_seed(axes, history.epochs, history["seen_acc"].T, words["seed"])
    axes.set(xlabel=words["epoch"], ylabel=words["share"])
    axes.legend(axes.get_legend_handles_labels()[0], [words[key] for key in (*splits, "seed")])


def _frame(axes: Axes, values: Values, tail: float) -> None:
    """Frame what is finite of the values, without a share of them at the top and the bottom."""
    finite = values[np.isfinite(values)]  # a run that diverged has none
    if finite.size:
        low, high = np.quantile(finite, (tail, 1 - max(tail, 0.001)))
        margin = 0.03 * (high - low)
        axes.set_ylim(low - margin, high + margin)
