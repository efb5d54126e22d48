"""Figures of chapter q4e: the loss that is broadcast to 5×5."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from hw2utils.plotting.descents import mark_goal
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, mark_percent, sized
from hw2utils.statistics import Interval

Numbers = NDArray[np.float64]

LINE = {"right": "-", "wrong": "--"}
"""How the two losses are told apart: neither has a colour of its own."""


@sized(5.6, 4.2)
def pairs(figure: Figure, words: Words, labels: Numbers, errors: Numbers) -> None:
    """Draw the squared differences of a perfect network, (N, N), a cell a pair; the diagonal is framed."""
    axes = figure.subplots()
    for (row, column), value in np.ndenumerate(errors):
        shade = 0.6 * value / errors.max()  # of a colour that reads on dark pages too
        cell = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=NEUTRAL, alpha=shade, linewidth=0)
        axes.add_patch(cell)
        axes.text(column, row, f"{value:.3f}", ha="center", va="center", family="DejaVu Sans", color=INK)
    for place in range(len(labels)):
        frame = Rectangle(
            (place - 0.46, place - 0.46), 0.92, 0.92, facecolor="none", edgecolor=INK, linewidth=2
        )
        axes.add_patch(frame)
    names = [f"{label:.2f}" for label in labels]
    axes.set_xticks(range(len(labels)), names)
    axes.set_yticks(range(len(labels)), names)
    axes.set(xlabel=words["label"], ylabel=words["prediction"], aspect="equal")
    axes.set(xlim=(-0.5, len(labels) - 0.5), ylim=(len(labels) - 0.5, -0.5))
    axes.grid(visible=False)


@sized(6.6, 3.6)
def valleys(
    figure: Figure, words: Words, way: Numbers, valleys: Mapping[str, Numbers], variance: float
) -> None:
    """Draw each loss on the way from the constant mean (0) to the labels (1), (places,) each."""
    axes = figure.subplots()
    for name, values in valleys.items():
        axes.plot(way, values, LINE[name], color=NEUTRAL, linewidth=2.5, label=words[name])
        lowest = int(np.argmin(values))
        axes.plot(way[lowest], values[lowest], "D", color=INK, markersize=7, zorder=3)
    axes.axhline(variance, color=INK, linestyle=":", linewidth=1, label=words["variance"])
    for place, key in ((0, "mean"), (1, "labels")):
        axes.axvline(place, color="0.5", linewidth=0.8)
        axes.text(place, 0.97, words[key], transform=axes.get_xaxis_transform(), ha="center", va="top")
    mark_percent(axes.xaxis)
    axes.set(
        xlabel=words["way"], ylabel=words["loss"], ylim=(-0.003, 1.15 * max(map(np.max, valleys.values())))
    )
    figure.legend(loc="outside upper center", ncols=3)


@sized(7, 3.8)
def predictions(
    figure: Figure,
    words: Words,
    labels: Numbers,
    predictions: Mapping[str, NDArray[np.float32]],
    first: Mapping[str, Numbers],
) -> None:
    """Draw predictions, (seeds, labels) under each loss, by label; ``first`` is one network's, (labels,)."""
    row = figure.subplots(1, 2, sharey=True)
    order = np.argsort(labels)
    for axes, (key, values) in zip(row, predictions.items(), strict=True):
        for label, column in zip(labels, values.T, strict=True):
            across = label + np.linspace(-0.012, 0.012, len(column))
            axes.plot(across, column, "o", color=NEUTRAL, alpha=0.15, ms=2, mew=0, rasterized=True)
        axes.plot(labels[order], first[key][order], "D-", color=INK, ms=5, linewidth=1, label=words["one"])
        axes.plot([4.1, 4.7], [4.1, 4.7], color="0.4", linewidth=1, label=words["truth"])
        axes.axhline(labels.mean(), color="0.4", linestyle="--", linewidth=1, label=words["mean"])
        axes.set(title=words[key], xlabel=words["label"], xlim=(4.1, 4.7), ylim=(4, 4.8))
    row[0].set_ylabel(words["prediction"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


@sized(6.6, 3.8)
def floor(
    figure: Figure,
    words: Words,
    at: NDArray[np.int64],
    bands: Mapping[str, Numbers],
    one: Mapping[str, Numbers],
    threshold: float,
    learned: float,
    variance: float,
) -> None:
    """Draw what each loss prints, quartiles (3, steps) of living networks and one network, (steps,).

    The zone below ``learned`` is shaded; ``threshold`` and the labels' ``variance`` are lines.
    """
    axes = figure.subplots()
    for name, (low, middle, high) in bands.items():
        axes.fill_between(at + 1, low, high, color=NEUTRAL, alpha=0.25, linewidth=0)
        axes.plot(at + 1, middle, LINE[name], color=NEUTRAL, linewidth=2.5, label=words[name])
        axes.plot(at + 1, one[name], LINE[name], color=INK, linewidth=1)
    axes.axhline(threshold, color=INK, linestyle="-.", linewidth=0.8, label=words["threshold"])
    axes.axhline(variance, color=INK, linestyle=":", linewidth=1.2, label=words["variance"])
    axes.set(xscale="log", yscale="log", xlabel=words["step"], ylabel=words["loss"])
    axes.set_ylim(bottom=max(1e-6, min(band.min() for band in bands.values())))
    mark_goal(axes, learned, words["learned"])
    figure.legend(loc="outside upper center", ncols=3)


@sized(6.6, 3.4)
def later(
    figure: Figure, words: Words, drawn: Mapping[str, Numbers], intervals: Mapping[str, Interval]
) -> None:
    """Draw by how many steps the wrong loss is later, (seeds,) for each rule and rate, and the mean."""
    axes = figure.subplots()
    for place, (name, values) in enumerate(drawn.items()):
        rule, rate = name.split()
        color, found = COLOR_OF[rule], intervals[name]
        spread = place + np.linspace(-0.25, 0.25, len(values))
        axes.plot(values, spread, "o", color=color, alpha=0.3, ms=3, mew=0, rasterized=True)
        axes.plot([found.low, found.high], [place, place], color=INK, linewidth=4, solid_capstyle="butt")
        axes.plot([found.mean], [place], "D", color=INK, markersize=5)
        axes.plot([], [], "o", color=color, label=words[rule] if rate == "0.1" else "")
    axes.set_yticks(range(len(drawn)), [name.split()[1] for name in drawn])
    axes.set(ylim=(len(drawn) - 0.5, -0.5), xlabel=words["later"], ylabel=words["rate"])
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xlim(-1.5, None)
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
