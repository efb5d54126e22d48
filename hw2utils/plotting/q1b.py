"""Figures of chapter q1b: what training data tell of new data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from numpy.typing import ArrayLike, NDArray

from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, sized
from hw2utils.statistics import proportion_interval

_LOOKS = ((NEUTRAL, "o"), (INK, "s"), (INK, "^"), (NEUTRAL, "D"))
"""Colour and mark of what is compared, in turn."""

_THINGS = {"data": "train", "curve": "train", "weights": None, "new": "test"}
"""What may be at hand, and whose colour it has."""


@sized(4.8, 2.8)
def access(figure: Figure, words: Words, at_hand: Mapping[str, Sequence[str]]) -> None:
    """Draw who has access to what: a row for each reading, a filled dot for what is at hand.

    ``at_hand`` maps a reading to some of ``data``, ``curve``, ``weights`` and ``new``; Persian runs from
    the right.
    """
    axes = figure.subplots()
    axes.set_axis_off()
    centers = dict(zip(_THINGS, (3.1, 4.3, 5.5, 6.9), strict=True))
    for thing, split in _THINGS.items():
        color = COLOR_OF[split] if split else INK
        axes.text(centers[thing], 0, words[thing], ha="center", va="center", color=color)
        for row, (reading, things) in enumerate(at_hand.items(), 1):
            face = color if thing in things else "none"
            axes.plot(centers[thing], -row, "o", markersize=14, color=color, markerfacecolor=face)
            if thing == "data":
                side = "left" if words.lang == "en" else "right"
                axes.text(0.05, -row, words[reading], ha=side, va="center")
    for start, end in pairwise(list(centers.values())[:3]):
        axes.annotate("", (end - 0.4, 0), (start + 0.4, 0), arrowprops={"arrowstyle": "->", "color": "0.4"})
    axes.axvline((centers["weights"] + centers["new"]) / 2, color="0.5", linestyle=":")
    limits = (0, 7.6)
    axes.set(xlim=limits if words.lang == "en" else limits[::-1], ylim=(-len(at_hand) - 0.6, 0.6))


@sized(4.8, 3.0)
def quiz(
    figure: Figure, words: Words, epochs: Sequence[int], curves: Mapping[str, NDArray[np.float64]]
) -> None:
    """Draw the training accuracy of two unnamed runs, (epochs,) in percent."""
    axes = figure.subplots()
    for (name, values), (color, mark), line in zip(curves.items(), _LOOKS[:2], LINES, strict=False):
        axes.plot(epochs, values, f"{mark}{line}", color=color, markersize=4, label=words[name])
    axes.set(xlabel=words["x"], ylabel=words["y"])
    axes.legend()


@sized(4.8, 3.4)
def two_runs(
    figure: Figure,
    words: Words,
    places: Sequence[int],
    panels: Mapping[str, Mapping[str, NDArray[np.float64]]],
) -> None:
    """Draw curves of two runs in panels: every seed dots, the means marked, the first seed a thin line.

    ``panels`` maps a panel's title to curves, and these map a run to values, (places, seeds).
    """
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, lines) in zip(grid, panels.items(), strict=True):
        for place, (name, values) in enumerate(lines.items()):
            color = (NEUTRAL, INK)[place % 2]
            line = LINES[place % len(LINES)]
            axes.plot(places, values, ".", color=color, alpha=0.4, markersize=4, rasterized=True)
            mean = values.mean(axis=1)
            axes.plot(places, mean, line, marker="o", markersize=3, color=color, label=words[name])
            last = place == len(lines) - 1
            first = words["first"] if last else ""
            axes.plot(places, values[:, 0], ".-", color=INK, linewidth=0.8, markersize=2, label=first)
        if len(panels) > 1:
            axes.set_title(words[title])
        axes.set_xlabel(words["x"])
    grid[0].set_ylabel(words["y"])
    lines_drawn, names = grid[0].get_legend_handles_labels()
    figure.legend(lines_drawn, names, loc="outside upper center", ncols=2)


@sized(4.8, 4.6)
def weights(figure: Figure, words: Words, measured: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> None:
    """Draw size against stable rank of the weights, (seeds,) each, of networks trained differently."""
    axes = figure.subplots()
    for (name, values), (color, mark) in zip(measured.items(), _LOOKS, strict=True):
        filled = color if name == "false" else "none"
        axes.plot(
            values["rank"],
            values["norm"],
            mark,
            color=color,
            markerfacecolor=filled,
            alpha=0.8,
            label=words[name],
        )
    axes.set(xlabel=words["rank"], ylabel=words["norm"])
    figure.legend(loc="outside upper center")


@sized(4.8, 4.0)
def named(
    figure: Figure, words: Words, right: Mapping[str, Mapping[str, NDArray[np.float64]]], threshold: float
) -> None:
    """Draw the share of seeds that a measure names rightly, with Wilson's interval.

    ``right`` maps a measure to pairs, and these map the other network to 0 or 100, (seeds,). From
    ``threshold`` percent on, shaded, one can tell; a coin gets 50.
    """
    axes = figure.subplots()
    axes.axvspan(threshold, 103, color=NEUTRAL, alpha=0.18, linewidth=0)
    axes.axvline(50, color="0.4", linestyle=":")
    labels: list[str] = []
    for measure, pairs in right.items():
        for (other, values), (color, mark) in zip(pairs.items(), _LOOKS, strict=False):
            place = len(labels)
            found = proportion_interval(int((values == 100).sum()), len(values))
            axes.plot([100 * found.low, 100 * found.high], [place, place], color=color, linewidth=3)
            axes.plot(100 * found.mean, place, mark, color=color, markersize=7)
            labels.append(words("row", measure=words[measure], other=words[other]))
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlim=(-3, 103), ylim=(len(labels) - 0.5, -0.5), xlabel=words["share"])


@sized(4.6, 4.2)
def held_out(
    figure: Figure, words: Words, held: Mapping[str, ArrayLike], test: Mapping[str, ArrayLike]
) -> None:
    """Draw test accuracy against the held-out estimate, (seeds,) in percent for each problem."""
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "--", color="0.4", linewidth=1, label=words["equal"])
    for name, (color, mark) in zip(held, _LOOKS, strict=False):
        axes.plot(held[name], test[name], mark, color=color, alpha=0.6, label=words[name])
    axes.set(xlabel=words["held"], ylabel=words["test"], aspect="equal")
    figure.legend(loc="outside upper center", ncols=2)


@sized(4.8, 4.0)
def same_test(
    figure: Figure, words: Words, relatives: Mapping[str, Sequence[Mapping[str, NDArray[np.float64]]]]
) -> None:
    """Draw for two networks an arrow to a relative, in the plane of training and test accuracy.

    ``relatives`` maps a network to two ends, each with ``train`` and ``test``, (seeds,) in percent. Thin
    arrows are seeds, thick ones the means.
    """
    axes = figure.subplots()
    for (name, (start, end)), (color, mark) in zip(relatives.items(), _LOOKS[:2], strict=True):
        tails = np.stack([start["train"], start["test"]], axis=1)  # (seeds, 2)
        heads = np.stack([end["train"], end["test"]], axis=1)
        for tail, head in zip(tails, heads, strict=True):
            axes.plot(*np.stack([tail, head], axis=1), color=color, alpha=0.3, linewidth=0.8)
        axes.plot(*tails.T, mark, color=color, markersize=4, alpha=0.6)
        ends = (*tails.mean(axis=0),), (*heads.mean(axis=0),)
        axes.add_patch(
            FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=20, color=color, linewidth=3, zorder=3)
        )
        axes.plot([], [], f"{mark}-", color=color, linewidth=3, label=words[name])
    axes.set(xlabel=words["train"], ylabel=words["test"])
    figure.legend(loc="outside upper center")
