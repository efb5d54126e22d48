"""Figures of chapter q1a: what overfitting and underfitting are, and their signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from numpy.typing import NDArray

from hw2utils.datasets import CLASSES
from hw2utils.plotting.curves import curve
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, ZONE, Words, sized

Values = Mapping[str, NDArray[np.float64]]

_LOOKS = ((INK, "s"), (NEUTRAL, "o"), (INK, "^"), (NEUTRAL, "D"))
"""Colour and mark of what is compared, in turn."""


@sized(4.8, 4.0)
def definition(figure: Figure, words: Words) -> None:
    """Draw the plane of both errors: where a relative must lie for a model to be overfit, or underfit."""
    axes = figure.subplots()
    axes.add_patch(Rectangle((50, 0), 50, 50, **ZONE))
    axes.plot([0, 100], [50, 50], color="0.5", linewidth=0.8)
    axes.plot([50, 50], [0, 50], color="0.5", linewidth=0.8)
    for name, place in {"overfit": (75, 25), "underfit": (25, 25), "nothing": (50, 78)}.items():
        axes.text(*place, words[name], ha="center", va="center")
    axes.plot(50, 50, "s", color=INK, markersize=9)
    axes.annotate(words["model"], (50, 50), (0, 10), textcoords="offset points", ha="center")
    axes.set(xlim=(0, 100), ylim=(0, 100), xticks=[], yticks=[], xlabel=words["x"], ylabel=words["y"])


@sized(4.8, 7.2)
def length(
    figure: Figure,
    words: Words,
    places: Sequence[int],
    panels: Mapping[str, Values],
    chosen: Mapping[str, float],
) -> None:
    """Draw training and test curves of several networks, one below the other, (epochs, seeds) each.

    ``panels`` maps a network to curves, ``chosen`` to the mean of the epochs that validation chooses. A
    network named ``loss`` is drawn by its loss.
    """
    grid = figure.subplots(len(panels), 1, sharex=True)
    for axes, (name, lines) in zip(grid, panels.items(), strict=True):
        for (split, values), line in zip(lines.items(), LINES, strict=False):
            curve(axes, places, values, COLOR_OF[split], line, words[split])
            plot_first_seed(axes, places, values.T, words["first"] if split == "test" else "")
        axes.axvline(chosen[name], color="0.4", linestyle=":", label=words["chosen"])
        axes.set(title=words[name], ylabel=words["y_loss" if name == "loss" else "y"])
    grid[-1].set_xlabel(words["x"])
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(4.8, 4.0)
def harm(figure: Figure, words: Words, networks: Mapping[str, Values]) -> None:
    """Draw for each network a line from the chosen epoch to the end, over the gap and the accuracy lost.

    ``networks`` maps a network to its gap at the epoch that validation chooses (``early``), at the end
    (``late``), and the test accuracy lost in between (``lost``), (seeds,) each, in percentage points.
    """
    axes = figure.subplots()
    axes.axhspan(0, 20, **ZONE)
    for (name, values), (color, mark) in zip(networks.items(), _LOOKS, strict=False):
        early, late, lost = values["early"], values["late"], values["lost"]
        axes.plot(late, lost, mark, color=color, alpha=0.4, markersize=4)
        start, end = (early.mean(), 0.0), (late.mean(), lost.mean())
        axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=15, color=color))
        axes.plot(*end, mark, color=color, markersize=8, label=words[name])
    axes.axhline(0, color="0.4", linestyle=":")
    highest = max(float(values["lost"].max()) for values in networks.values())
    lowest = min(float(values["lost"].min()) for values in networks.values())
    axes.set(xlabel=words["x"], ylabel=words["y"], ylim=(min(lowest, 0) - 1, highest + 1))
    axes.set_xlim(left=0)
    figure.legend(loc="outside upper center")


@sized(4.8, 6.4)
def noise(
    figure: Figure, words: Words, places: Sequence[int], panels: Mapping[str, Values], threshold: float
) -> None:
    """Draw what a network answers during training, in percent, (epochs, seeds) each, in panels.

    The zone above ``threshold`` is where false labels are given back fully.
    """
    looks = {
        "rule": (COLOR_OF["train"], "-"),
        "followed": (INK, "-"),
        "mended": (NEUTRAL, "--"),
        "random": (INK, "-."),
        "test": (COLOR_OF["test"], ":"),
    }
    grid = figure.subplots(len(panels), 1, sharex=True)
    for axes, (name, lines) in zip(grid, panels.items(), strict=True):
        axes.axhspan(threshold, 103, **ZONE)
        for key, values in lines.items():
            curve(axes, places, values, *looks[key], words[key])
        axes.set(title=words[name], ylim=(-3, 103))
    figure.supylabel(words["y"])
    grid[-1].set_xlabel(words["x"])
    named = dict(zip(*(found[::-1] for found in _all_labels(grid)), strict=True))  # each word once
    figure.legend(list(named.values())[::-1], list(named)[::-1], loc="outside upper center")


def _all_labels(grid: NDArray[np.object_]) -> tuple[list[str], list[Any]]:
    pairs = [axes.get_legend_handles_labels() for axes in grid]
    return [word for _, words in pairs for word in words], [line for lines, _ in pairs for line in lines]


@sized(4.8, 3.2)
def underfit(figure: Figure, words: Words, errors: Mapping[str, Values], edge: float) -> None:
    """Draw training and test error, (seeds,) in percent, a row for each network; above ``edge`` is high."""
    axes = figure.subplots()
    axes.axvspan(edge, 100, **ZONE)
    for row, values in enumerate(errors.values()):
        for (split, found), shift, mark in zip(values.items(), (-0.13, 0.13), "os", strict=True):
            color = COLOR_OF[split]
            axes.plot(found, np.full(len(found), row + shift), ".", color=color, alpha=0.4, markersize=4)
            label = "" if row else words[split]
            axes.plot(found.mean(), row + shift, mark, color=color, markersize=7, label=label)
    axes.set_yticks(range(len(errors)), [words[name] for name in errors])
    axes.set(xlim=(-3, 100), ylim=(len(errors) - 0.5, -0.5), xlabel=words["x"])
    figure.legend(loc="outside upper center", ncols=2)


@sized(4.8, 4.4)
def classes(figure: Figure, words: Words, right: Values, edge: float) -> None:
    """Draw the share of each class that networks get right, (seeds, 10) in percent; below ``edge`` unseen."""
    axes = figure.subplots()
    axes.axvspan(-3, edge, **ZONE)
    rows = np.arange(10)
    for (name, values), (color, mark), shift in zip(
        right.items(), _LOOKS, np.linspace(-0.27, 0.27, len(right)), strict=False
    ):
        filled = color if name in ("wide", "neuron") else "none"
        axes.plot(
            values.mean(axis=0),
            rows + shift,
            mark,
            color=color,
            markerfacecolor=filled,
            markersize=5,
            label=words[name],
        )
    axes.set_yticks(rows, CLASSES[words.lang])
    axes.set(xlim=(-3, 103), ylim=(9.6, -0.6), xlabel=words["x"])
    figure.legend(loc="outside upper center", ncols=2)


@sized(4.8, 5.6)
def capacity(
    figure: Figure,
    words: Words,
    widths: Sequence[int],
    panels: Mapping[str, Values],
    fits: Mapping[str, int],
) -> None:
    """Draw curves over the width of a network in panels one below the other, (widths, seeds) each.

    ``fits`` maps a panel to the first width that fits all training data; from there on it is shaded.
    """
    looks = {
        "train": (COLOR_OF["train"], "-"),
        "test": (COLOR_OF["test"], "--"),
        "chosen": (INK, ":"),
    }
    grid = figure.subplots(len(panels), 1, sharex=True, sharey=True)
    for axes, (name, lines) in zip(grid, panels.items(), strict=True):
        _shade_fit(axes, fits.get(name), widths[-1])
        for key, values in lines.items():
            curve(axes, widths, values, *looks[key], words[key])
        axes.set_xscale("log", base=2)
        axes.set(title=words[name], ylabel=words["y"])
    shown = [width for width in widths if width & (width - 1) == 0]  # powers of 2: the rest would touch
    grid[-1].set_xticks(shown, [str(width) for width in shown])
    grid[-1].set_xlabel(words["x"])
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


def _shade_fit(axes: Axes, first: int | None, last: int) -> None:
    if first is not None:
        axes.axvspan(first, 1.15 * last, **ZONE)
