"""Figures of chapter q5c: augmentation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.differences import differences
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.images import plot_images
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, ZONE, Words, sized
from hw2utils.statistics import mean_interval


@sized(6.4, 4.4)
def images(figure: Figure, words: Words, plain: NDArray[np.float32], changed: NDArray[np.float32]) -> None:
    """Draw images, (columns, height, width) from 0 to 1, above changed versions, (rows, columns, …)."""
    labels = [words["plain"], *[words["changed"]] * len(changed)]
    plot_images(figure, [plain, *changed], labels=labels)


def curves(figure: Figure, words: Words, plain: History, changed: History, homework_epochs: int) -> None:
    """Draw accuracies over epochs, without and with augmentation, with a line where the homework stopped.

    One seed's test accuracy is drawn in ink, to be followed among the others. The axis begins where the
    curves of the third epoch do, so that the later differences can be seen.
    """
    splits = ("train", "test", "plain")
    panels = zip(figure.subplots(1, 2, sharey=True), (plain, changed), ("without", "with"), strict=True)
    for axes, history, title in panels:
        plot_history(history, splits=splits[:2], ax=axes, lang=words.lang)
        # another reading of the training images, so their colour
        train = [COLOR_OF["train"]]
        plot_history(history, splits=["plain"], colors=train, line="--", ax=axes, lang=words.lang)
        plot_first_seed(axes, history.epochs, history["test_acc"].T, words["one"])
        axes.legend().remove()
        axes.set_title(words[title])
        axes.axvline(homework_epochs, color="0.3", linestyle="-.", linewidth=1)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        lines = axes.get_legend_handles_labels()[0]
    early = [run[f"{name}_acc"][:3][-1].min() for run in (plain, changed) for name in splits]
    figure.axes[0].set_ylim(bottom=min(early))
    figure.axes[1].set_ylabel("")
    names = [words[name] for name in (*splits, "one")]
    figure.legend(lines, names, loc="outside lower center", ncols=2)


@sized(7, 3.0)
def ways(
    figure: Figure,
    words: Words,
    ways: Mapping[str, NDArray[np.float64]],
    previous: NDArray[np.float64],
) -> None:
    """Draw test accuracy under augmentation, (seeds,) in percent, a row for each way of training.

    The dashed line is the mean of the previous run; the zone begins where more than half of the difference
    between it and the row ``own`` is made up for. The first seed is marked in every row.
    """
    axes = figure.subplots()
    color, goal = COLOR_OF["test"], previous.mean()
    half = (ways["own"].mean() + goal) / 2
    axes.axvspan(half, goal, **ZONE, label=words["half"])
    axes.axvline(goal, color=INK, linestyle="--", label=words["previous"])
    for place, values in enumerate(ways.values()):
        spread = np.linspace(-0.2, 0.2, len(values))
        found = mean_interval(values)
        axes.plot([found.low, found.high], [place, place], color=color, linewidth=3)
        axes.plot(values, place + spread, "o", color=color, alpha=0.5, markersize=4)
        name = "" if place else words["one"]
        axes.plot(values[:1], place + spread[:1], "D", color=INK, markersize=5, label=name)
    axes.set_yticks(range(len(ways)), [words[name] for name in ways])
    axes.grid(axis="y", visible=False)
    axes.set(ylim=(len(ways) - 0.5, -0.5), xlabel=words["accuracy"])
    figure.legend(loc="outside upper center", ncols=3)


@sized(7, 2.8)
def tilted(figure: Figure, words: Words, table: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> None:
    """Draw the accuracy of two networks on upright and on tilted test images, (seeds,) in percent each."""
    axes = figure.subplots()
    for place, row in enumerate(table.values()):
        for shift, (kind, mark) in zip((-0.15, 0.15), (("test", "o"), ("tilted", "^")), strict=True):
            values = row[kind]
            name = "" if place else words[kind]
            axes.plot(
                values,
                np.full(len(values), place + shift),
                mark,
                color=COLOR_OF["test"],
                markerfacecolor=COLOR_OF["test"] if kind == "test" else "none",
                alpha=0.6,
                label=name,
            )
        means = [row[kind].mean() for kind in ("test", "tilted")]
        axes.plot(means, [place - 0.15, place + 0.15], color=NEUTRAL, linewidth=1.5)
    axes.set_yticks(range(len(table)), [words[name] for name in table])
    axes.set(ylim=(len(table) - 0.5, -0.5), xlabel=words["accuracy"])
    figure.legend(loc="outside upper center", ncols=2)


@sized(7, 2.6)
def gap(
    figure: Figure,
    words: Words,
    images: NDArray[np.float64],
    difficulty: NDArray[np.float64],
    moving: NDArray[np.float64],
) -> None:
    """Draw the three parts of the gap between test and training accuracy, (seeds,) each, in points."""
    differences(figure, words, {"images": images, "difficulty": difficulty, "moving": moving})


@sized(7, 2.2)
def against(figure: Figure, words: Words, same: NDArray[np.float64], more: NDArray[np.float64]) -> None:
    """Draw the gain in test accuracy after as many and after more epochs, (seeds,) each, in points."""
    differences(figure, words, {"same": same, "more": more})


@sized(7, 3.0)
def noise(
    figure: Figure,
    words: Words,
    plain: NDArray[np.float32],
    jitter: NDArray[np.float32],
    noise: NDArray[np.float32],
) -> None:
    """Draw images, (columns, height, width) from 0 to 1, above jittered and noisy versions."""
    labels = [words["plain"], words["jitter"], words["noise"]]
    plot_images(figure, [plain, jitter, noise], labels=labels)


@sized(7, 3.0)
def side_effects(figure: Figure, words: Words, effects: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw what each fault changes in test accuracy, and text against code; (seeds,) each, in points."""
    differences(figure, words, effects)


@sized(7, 2.1)
def draws(figure: Figure, words: Words, batch: NDArray[np.float32], single: NDArray[np.float32]) -> None:
    """Draw images, (columns, height, width) from 0 to 1, changed as a whole batch and one by one."""
    plot_images(figure, [batch, single], labels=[words["batch"], words["single"]])
