"""Figures of chapter q4a: gradient descent and the constant answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.descents import mark_goal
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, mark_percent, sized
from hw2utils.statistics import Interval

Numbers = NDArray[np.float64]
_GROUPS = {"arrives": "o-", "stays": "s--", "better": "^-.", "low": "v-", "dead": "X:"}


@sized(7.5, 3.2)
def parabola(
    figure: Figure,
    words: Words,
    paths: Mapping[float, Numbers],
    mean: float,
    variance: float,
    threshold: float,
) -> None:
    """Draw the loss of a dead network by its output bias, and the biases it visits, a panel for each rate."""
    places = np.linspace(-0.4, 2 * mean + 0.4, 200)
    row = figure.subplots(1, len(paths), sharex=True, sharey=True)
    for axes, (rate, visited) in zip(row, paths.items(), strict=True):
        axes.plot(places, (places - mean) ** 2 + variance, color=NEUTRAL, linewidth=1.5)
        heights = (visited - mean) ** 2 + variance
        axes.plot(visited, heights, "o-", color=COLOR_OF["sgd"], linewidth=1, markersize=4)
        axes.plot(visited[:1], heights[:1], "*", color=INK, markersize=10)
        axes.set(title=f"{words['rate']} {rate}", yscale="log", xlabel=words["bias"])
        axes.axhline(variance, color=INK, linestyle=":", linewidth=1, label=words["constant"])
    for axes in row:
        mark_goal(axes, threshold, words["threshold"])
    row[0].set_ylabel(words["loss"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(7, 4.2)
def shares(
    figure: Figure, words: Words, rates: Sequence[float], shares: Sequence[Mapping[str, Interval]]
) -> None:
    """Draw the share of seeds in each of five groups against the rate, with intervals; fractions."""
    axes = figure.subplots()
    for name, line in _GROUPS.items():
        found = [of[name] for of in shares]
        color = {"dead": INK, "arrives": NEUTRAL, "stays": NEUTRAL}.get(name, COLOR_OF["sgd"])
        means = np.array([one.mean for one in found])
        ends = np.array([[one.low for one in found], [one.high for one in found]])
        axes.errorbar(
            rates,
            means,
            np.abs(ends - means),
            fmt=line,
            color=color,
            linewidth=1.8 if name in ("low", "dead") else 1.2,
            markersize=6,
            elinewidth=1,
            markerfacecolor="none" if name == "stays" else color,
            label=words[name],
        )
    mark_percent(axes.yaxis)
    axes.set(xscale="log", xlabel=words["rate"], ylabel=words["share"], ylim=(-0.04, 1.04))
    figure.legend(loc="outside upper center", ncols=2)


@sized(7, 3.2)
def arrival(
    figure: Figure, words: Words, losses: Mapping[float, Numbers], variance: float, threshold: float
) -> None:
    """Draw the loss at the step where the loop stops, (seeds that arrive,) for each rate."""
    axes = figure.subplots()
    for place, found in enumerate(losses.values()):
        across = place + np.linspace(-0.3, 0.3, len(found))
        axes.plot(across, found, "o", color=COLOR_OF["sgd"], alpha=0.35, ms=3, mew=0, rasterized=True)
    axes.axhline(variance, color=INK, linestyle=":", linewidth=1.5, label=words["constant"])
    axes.axhline(threshold, color=INK, linestyle="--", linewidth=1, label=words["threshold"])
    axes.axhspan(0, variance, color=NEUTRAL, alpha=0.12, linewidth=0)
    axes.set_xticks(range(len(losses)), [str(rate) for rate in losses])
    axes.set(ylim=(0, threshold * 1.08), xlabel=words["rate"], ylabel=words["stopped"])
    figure.legend(loc="outside upper center", ncols=2)


@sized(7, 3.2)
def jumps(figure: Figure, words: Words, gaps: Numbers) -> None:
    """Draw how far the mean prediction is from the labels' mean, (seeds, updates + 1)."""
    axes = figure.subplots()
    places = np.arange(gaps.shape[1])
    axes.plot(places, gaps.T, color=COLOR_OF["sgd"], linewidth=0.7, alpha=0.45)
    plot_first_seed(axes, list(places), gaps, words["one"])
    axes.axhline(0, color=INK, linestyle="--", linewidth=1)
    axes.set_yscale("symlog", linthresh=1)
    axes.set(xlabel=words["step"], ylabel=words["gap"])
    axes.legend(loc="upper right")


@sized(7, 3.6)
def steps(
    figure: Figure,
    words: Words,
    stated: Mapping[float, float],
    steps: Mapping[float, Numbers],
    dead: Mapping[float, NDArray[np.bool_]],
    limit: int,
) -> None:
    """Draw the steps to the threshold, (seeds,) for each rate, dead networks beside those alive.

    A band marks half to twice the number ``stated``; a run that does not arrive stands at ``limit``.
    """
    axes = figure.subplots()
    for place, (rate, found) in enumerate(steps.items()):
        low, high = stated[rate] / 2, 2 * stated[rate]
        axes.fill_between([place - 0.46, place + 0.46], low, high, color=NEUTRAL, alpha=0.18, linewidth=0)
        axes.plot([place - 0.46, place + 0.46], [stated[rate]] * 2, color=INK, linewidth=1)
        for side, chosen, color in ((-0.22, ~dead[rate], COLOR_OF["sgd"]), (0.22, dead[rate], NEUTRAL)):
            shown = np.maximum(found[chosen], 1)  # a logarithmic axis has no zero
            across = place + side + np.linspace(-0.18, 0.18, len(shown))
            axes.plot(across, shown, "o", color=color, alpha=0.3, ms=2.5, mew=0, rasterized=True)
            if len(shown):
                axes.plot([place + side], [np.median(shown)], "D", color=color, ms=8, mec="white")
    for name, color in (("alive", COLOR_OF["sgd"]), ("dead", NEUTRAL)):
        axes.plot([], [], "D", color=color, label=words[name])
    axes.axhline(limit, color=INK, linestyle="--", linewidth=1, label=words["limit"])
    axes.set_xticks(range(len(steps)), [str(rate) for rate in steps])
    axes.set(yscale="log", xlabel=words["rate"], ylabel=words["steps"])
    figure.legend(loc="outside upper center", ncols=3)


@sized(7, 2.9)
def swings(figure: Figure, words: Words, rates: Sequence[float], rising: Sequence[Interval]) -> None:
    """Draw the share of seeds whose loss rises in the first ten updates, against the rate; fractions."""
    axes = figure.subplots()
    means = np.array([one.mean for one in rising])
    ends = np.array([[one.low for one in rising], [one.high for one in rising]])
    axes.errorbar(rates, means, np.abs(ends - means), fmt="o" + LINES[0], color=COLOR_OF["sgd"], linewidth=2)
    for rate in (0.1, 0.05):
        axes.axvline(rate, color=INK, linestyle=":", linewidth=1)
    axes.axhspan(0.5, 1.04, color=NEUTRAL, alpha=0.12, linewidth=0)
    mark_percent(axes.yaxis)
    axes.set(xscale="log", xlabel=words["rate"], ylabel=words["rising"], ylim=(-0.04, 1.04))
