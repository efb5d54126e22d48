"""Figures of chapter q4d: update rules, their first steps, and tests of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, mark_percent, sized

Numbers = NDArray[np.float64]

EQUAL = 1e-12
"""Differences below this count as none."""


@sized(6.6, 3.2)
def flow(figure: Figure, words: Words) -> None:
    """Draw one step of a rule: what goes in, what comes out, and where the step is applied.

    It runs from left to right in both languages, as code does.
    """
    axes = figure.subplots()
    axes.set_axis_off()
    box = {"boxstyle": "round,pad=0.5", "facecolor": "none", "edgecolor": NEUTRAL, "linewidth": 1.5}
    places = {
        "gradient": (0.9, 2.7), "memory": (0.9, 1.9), "parameter": (0.9, 1.1), "number": (0.9, 0.3),
        "rule": (3.0, 1.5), "step": (4.5, 2.3), "next": (4.9, 0.7), "applied": (6.5, 2.3),
    }  # fmt: skip
    for name, (x, y) in places.items():
        own = box | {"facecolor": "0.88", "linewidth": 2} if name == "rule" else box
        axes.text(x, y, words[name], ha="center", va="center", bbox=own)
    arrow = {"arrowstyle": "-|>", "color": NEUTRAL, "shrinkA": 6, "shrinkB": 4, "linewidth": 1.2}
    for x, y in (places[name] for name in ("gradient", "memory", "parameter", "number")):
        axes.annotate("", (2.6, 1.5), (x + 0.65, y), arrowprops=arrow)
    for name in ("step", "next"):
        x, y = places[name]
        axes.annotate("", (x - (0.35 if name == "step" else 0.8), y), (3.4, 1.5), arrowprops=arrow)
    axes.annotate("", (5.55, 2.3), (4.8, 2.3), arrowprops=arrow)
    axes.set(xlim=(-0.1, 7.6), ylim=(-0.1, 3.1))


@sized(6.6, 2.6)
def coupling(figure: Figure, words: Words, fewer: Mapping[str, Numbers]) -> None:
    """Draw how many times fewer steps the larger rate takes, (seeds,) for each rule, and the medians."""
    axes = figure.subplots()
    for place, (name, values) in enumerate(fewer.items()):
        color = COLOR_OF.get(name, NEUTRAL)
        spread = place + np.linspace(-0.25, 0.25, len(values))
        axes.plot(values, spread, "o", color=color, alpha=0.35, ms=3, mew=0, rasterized=True)
        axes.plot([np.median(values)], [place], "D", color=color, markersize=9, markeredgecolor="white")
    axes.set_xscale("log")
    axes.axvline(1, color=INK, linewidth=1)
    ticks = [tick for tick in (1, 3, 10, 30, 100) if tick <= 2 * max(map(np.max, fewer.values()))]
    axes.set_xticks(ticks, [f"{tick}×" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(fewer)), [words[name] for name in fewer])
    axes.set(ylim=(len(fewer) - 0.5, -0.5), xlabel=words["fewer"])
    axes.grid(axis="y", visible=False)


@sized(6.6, 3.4)
def first_steps(figure: Figure, words: Words, lengths: Mapping[str, Numbers]) -> None:
    """Draw the lengths of steps in a constant gradient, (steps,) for each rule, in units of the rate."""
    axes = figure.subplots()
    for (name, values), line in zip(lengths.items(), (":", "-", "--"), strict=True):
        at = np.arange(1, len(values) + 1)
        axes.plot(at, values, line, color=NEUTRAL, linewidth=2.5, label=words[name])
        axes.plot(1, values[0], "D", color=INK, markersize=6, zorder=3)
    axes.set(xscale="log", xlabel=words["number"], ylabel=words["length"], ylim=(0, None))
    axes.legend(loc="upper right")


@sized(6.6, 3.0)
def decay(figure: Figure, words: Words, weights: Mapping[str, Sequence[float]]) -> None:
    """Draw a weight on which the loss does not depend, at the start and after each step, under two decays."""
    axes = figure.subplots()
    colors = {"penalty": COLOR_OF["L2"]}
    for (name, values), line in zip(weights.items(), LINES, strict=False):
        axes.plot(values, line, color=colors.get(name, NEUTRAL), linewidth=2.5, label=words[name])
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set(xlabel=words["steps"], ylabel=words["weight"])
    axes.legend(loc="center right")


@sized(7, 5.6)
def tests(
    figure: Figure, words: Words, rows: Mapping[str, Numbers], tests: Sequence[str], right: int
) -> None:
    """Draw the largest difference from torch, (tests,) for each row; what passes is shaded.

    The first ``right`` rows are right rules, the others mistakes, below a line.
    """
    axes = figure.subplots()
    for place, values in enumerate(rows.values()):
        for column, value in enumerate(values):
            if value < EQUAL:
                cell = Rectangle((column - 0.5, place - 0.5), 1, 1, facecolor=NEUTRAL, alpha=0.22)
                axes.add_patch(cell)
            text = "0" if value == 0 else f"{value:.0e}"
            axes.text(column, place, text, ha="center", va="center", family="DejaVu Sans")
    axes.axhline(right - 0.5, color=INK, linewidth=1.2)
    axes.set_xticks(range(len(tests)), [words[name] for name in tests])
    axes.set_yticks(range(len(rows)), [words[name] for name in rows])
    axes.xaxis.tick_top()
    axes.set(xlim=(-0.5, len(tests) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.tick_params(length=0)
    axes.grid(visible=False)


@sized(7, 3.6)
def network(figure: Figure, words: Words, best: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw three shares of networks for each rule at its own rate, with their intervals."""
    axes = figure.subplots()
    for place, (name, found) in enumerate(best.items()):
        color = COLOR_OF.get("momentum" if name == "coupled" else name, NEUTRAL)
        for shift, key, mark in ((-0.22, "arrived", "o"), (0.0, "there", "s"), (0.22, "learned", "D")):
            one = found[key]
            axes.plot([one.low, one.high], [place + shift] * 2, color=color, linewidth=2.5)
            axes.plot([one.mean], [place + shift], mark, color=color, markersize=7)
    for key, mark in (("arrived", "o"), ("there", "s"), ("learned", "D")):
        axes.plot([], [], mark, color=INK, label=words[key])
    axes.set_yticks(range(len(best)), [f"{words[name]}, {found['rate']:g}" for name, found in best.items()])
    mark_percent(axes.xaxis)
    axes.set(xlim=(-0.03, 1.03), ylim=(len(best) - 0.5, -0.5), xlabel=words["share"])
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper center", ncols=3)
