"""Figures of chapter q4f: the homework's program as it was printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.descents import mark_goal
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, sized

Numbers = NDArray[np.float64]


@sized(7, 3.8)
def carried(
    figure: Figure,
    words: Words,
    panels: Mapping[str, Sequence[NDArray[np.int64]]],
    order: Sequence[float],
    rates: Sequence[float],
    stated: Sequence[int],
    limit: int,
) -> None:
    """Draw the steps of each rate in ``order``, (seeds,), with a fresh start and carried on, a panel each.

    ``stated`` are the homework's numbers, for ``rates``; a dashed line marks the ``limit``.
    """
    row = figure.subplots(1, 2, sharey=True)
    for axes, (name, columns) in zip(row, panels.items(), strict=True):
        for place, steps in enumerate(columns):
            across = place + np.linspace(-0.3, 0.3, len(steps))
            axes.plot(across, steps, "o", color=COLOR_OF["sgd"], alpha=0.2, ms=2.5, mew=0, rasterized=True)
            axes.plot([place], [np.median(steps)], "D", color=COLOR_OF["sgd"], ms=8, mec="white")
        for rate, number in zip(rates, stated, strict=True):
            axes.plot([list(order).index(rate)], [number], "x", color=INK, ms=9, mew=2.5)
        axes.axhline(limit, color=INK, linestyle="--", linewidth=1)
        axes.set_yscale("symlog", linthresh=1)
        axes.set_xticks(range(len(order)), [f"{rate:g}" for rate in order])
        axes.set(title=words[name], xlabel=words["rate"], ylim=(-0.2, 2 * limit))
    row[0].set_ylabel(words["steps"])
    row[0].plot([], [], "D", color=COLOR_OF["sgd"], label=words["median"])
    row[0].plot([], [], "x", color=INK, ms=9, mew=2.5, label=words["stated"])
    row[0].plot([], [], "--", color=INK, linewidth=1, label=words["limit"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


@sized(6.6, 3.8)
def nan(
    figure: Figure,
    words: Words,
    courses: Mapping[float, Numbers],
    stops: Mapping[float, float],
    threshold: float,
) -> None:
    """Draw losses, (updates, networks) for each rate; a cross is the median step at which NaN ends it."""
    axes = figure.subplots()
    top = 1e38
    for (rate, losses), line in zip(courses.items(), LINES, strict=False):
        shown = np.where(np.isfinite(losses), losses, np.nan)
        axes.plot(shown[:, 1:], color=NEUTRAL, linewidth=0.5, alpha=0.3)
        axes.plot(shown[:, 0], line, color=INK, linewidth=1.6, label=words("at", rate=f"{rate:g}"))
    for place, (rate, stop) in enumerate(stops.items()):
        name = words["stop"] if place == 0 else None
        axes.plot([stop], [top], "X", color=INK, markersize=9, label=name, clip_on=False)
        text = words("at", rate=f"{rate:g}")
        axes.annotate(text, (stop, top), (0, -9), textcoords="offset points", ha="center", va="top")
    axes.set(yscale="log", xlabel=words["step"], ylabel=words["loss"], ylim=(1e-3, 1e39))
    mark_goal(axes, threshold)
    figure.legend(loc="outside upper center", ncols=3)


@sized(6.6, 3.6)
def orders(figure: Figure, words: Words, whole: Numbers, single: Numbers, threshold: float) -> None:
    """Draw one network's losses: with all examples in a step, (updates,), and with one, (orders, updates)."""
    axes = figure.subplots()
    axes.plot(single[1:].T, color=NEUTRAL, linewidth=0.7, alpha=0.6)
    axes.plot(single[0], "--", color=NEUTRAL, linewidth=2, label=words["single"])
    axes.plot(whole, color=INK, linewidth=2.5, label=words["whole"])
    axes.set(yscale="log", xlabel=words["step"], ylabel=words["loss"])
    mark_goal(axes, threshold, words["threshold"])
    figure.legend(loc="outside upper center", ncols=3)
