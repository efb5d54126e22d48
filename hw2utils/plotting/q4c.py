"""Figures of chapter q4c: gradient descent and momentum compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.descents import mark_goal, plot_slopes
from hw2utils.plotting.paths import plot_paths
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, mark_percent, mark_plain, sized
from hw2utils.statistics import Interval

Numbers = NDArray[np.float64]
_MARKS = {"sgd": "s", "momentum": "o"}


@sized(7.5, 3.8)
def steps(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    steps: Mapping[str, Mapping[str, Sequence[Numbers]]],
    limit: int,
) -> None:
    """Draw steps by two counts, a panel each: for each rule and rate (seeds,), with their medians."""
    row = figure.subplots(1, len(steps), sharey=True)
    for axes, (count, of) in zip(row, steps.items(), strict=True):
        for side, (name, columns) in zip((-0.2, 0.2), of.items(), strict=True):
            for place, column in enumerate(columns):
                where = place + side + np.linspace(-0.16, 0.16, len(column))
                axes.plot(
                    where, column, "o", color=COLOR_OF[name], alpha=0.25, ms=2.5, mew=0, rasterized=True
                )
                middle = np.median(column)
                axes.plot([place + side], [middle], "D", color=COLOR_OF[name], ms=8, mec="white")
            axes.plot([], [], "D", color=COLOR_OF[name], label=words[name])
        axes.axhline(limit, color=INK, linestyle="--", linewidth=1, label=words["limit"])
        axes.set(yscale="log", xlabel=words["rate"], title=words[count])
        axes.set_xticks(range(len(rates)), [str(rate) for rate in rates])
    row[0].set_ylabel(words["steps"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


@sized(7.5, 3.6)
def ends(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    shares: Mapping[str, Sequence[Mapping[str, Interval]]],
) -> None:
    """Draw the share of seeds in four groups by rate, a panel for each rule; fractions, with intervals."""
    row = figure.subplots(1, len(shares), sharey=True)
    looks = {"arrives": ("o-", False), "stays": ("s--", False), "low": ("v-", True), "dead": ("X:", True)}
    for axes, (rule, of) in zip(row, shares.items(), strict=True):
        for name, (line, strong) in looks.items():
            found = [one[name] for one in of]
            color = INK if name == "dead" else COLOR_OF[rule] if strong else NEUTRAL
            means = np.array([one.mean for one in found])
            bounds = np.array([[one.low for one in found], [one.high for one in found]])
            errors = np.abs(bounds - means)
            width = 2 if strong else 1.2
            axes.errorbar(rates, means, errors, fmt=line, color=color, linewidth=width, label=words[name])
        mark_percent(axes.yaxis)
        axes.set(xscale="log", xlabel=words["rate"], title=words[rule], ylim=(-0.04, 1.04))
    row[0].set_ylabel(words["share"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(7, 3.4)
def choice(
    figure: Figure, words: Words, rates: Sequence[float], means: Mapping[str, Mapping[str, Numbers]]
) -> None:
    """Draw the mean number of steps by rate, for each rule by two counts, (rates,); stars are the least."""
    axes = figure.subplots()
    for name, of in means.items():
        for (count, values), line in zip(of.items(), LINES, strict=False):
            label = words("series", rule=words[name], count=words[count])
            axes.plot(rates, values, _MARKS[name] + line, color=COLOR_OF[name], markersize=4, label=label)
            least = int(np.argmin(values))
            axes.plot(rates[least], values[least], "*", color=INK, markersize=11, zorder=3)
    axes.set(yscale="log", xlabel=words["rate"], ylabel=words["mean"])
    mark_plain(axes.yaxis, (1, 2, 5))
    axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2)


@sized(7.5, 3.2)
def way(
    figure: Figure,
    words: Words,
    steps: NDArray[np.int64],
    ways: Mapping[float, Mapping[str, Numbers]],
    distance: float,
) -> None:
    """Draw how far two rules come in a constant gradient of 1, (steps,), a panel for each rate."""
    row = figure.subplots(1, len(ways), sharex=True, sharey=True)
    for axes, (rate, of) in zip(row, ways.items(), strict=True):
        for name, values in of.items():
            axes.plot(steps, values, color=COLOR_OF[name], linewidth=2, label=words[name])
        axes.plot(steps, steps, ":", color=INK, linewidth=1, label=words["top"])
        axes.plot(steps, rate * steps**2 / 2, "--", color=INK, linewidth=1, label=words["rest"])
        axes.axhline(distance, color=NEUTRAL, linewidth=1)
        title = f"{words['rate']} {rate}"
        axes.set(xscale="log", yscale="log", xlabel=words["step"], title=title, ylim=(1e-3, 3e3))
    row[0].set_ylabel(words["way"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(7, 3.8)
def slopes(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    medians: Mapping[str, Numbers],
    slopes: Mapping[str, float],
) -> None:
    """Draw median steps by rate, (rates,) for each rule, beside lines of two slopes."""
    axes = figure.subplots()
    plot_slopes(axes, rates, medians, slopes, words)
    for name, key in (("sgd", "one"), ("momentum", "half")):
        axes.plot([], [], "--", color=COLOR_OF[name], linewidth=1, label=words[key])
    axes.set_ylim(5, 3e3)
    figure.legend(loc="outside upper center", ncols=2)


@sized(7.5, 3.3)
def swings(
    figure: Figure, words: Words, wide: Mapping[float, Numbers], often: Mapping[float, NDArray[np.int64]]
) -> None:
    """Draw how wide momentum swings, per distance at the start, and how often; (seeds,) for each rate."""
    left, right = figure.subplots(1, 2)
    for axes, of, label in ((left, wide, "wide"), (right, often, "often")):
        for place, values in enumerate(of.values()):
            across = place + np.linspace(-0.3, 0.3, len(values))
            shown = np.maximum(values, 0.5 if label == "often" else 0.01)
            color = COLOR_OF["momentum"]
            axes.plot(across, shown, "o", color=color, alpha=0.3, ms=2.5, mew=0, rasterized=True)
            axes.plot(across[:1], shown[:1], "*", color=INK, ms=9, label="" if place else words["one"])
            middle = [float(np.median(shown))]
            axes.plot([place], middle, "D", color=color, ms=8, mec="white")
        axes.set_xticks(range(len(of)), [str(rate) for rate in of])
        axes.set(yscale="log", xlabel=words["rate"], title=words[label])
    left.yaxis.set_major_formatter(lambda value, _: f"{100 * value:,.0f}%")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center")


@sized(7.5, 3.4)
def after(
    figure: Figure,
    words: Words,
    steps: NDArray[np.int64],
    losses: Mapping[str, Numbers],
    threshold: float,
) -> None:
    """Draw the loss by step, (steps, seeds) for each rule, past the threshold; one seed stands out."""
    row = figure.subplots(1, len(losses), sharey=True)
    for axes, (rule, values) in zip(row, losses.items(), strict=True):
        axes.plot(steps + 1, values, color=COLOR_OF[rule], linewidth=0.7, alpha=0.45)
        plot_first_seed(axes, list(steps + 1), values.T, words["one"])
        axes.set(xscale="log", yscale="log", xlabel=words["step"], title=words[rule])
    row[0].set_ylabel(words["loss"])
    for axes in row:
        mark_goal(axes, threshold, words["threshold"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(7.5, 3.6)
def paths(
    figure: Figure,
    words: Words,
    surface: Numbers,
    reach: Numbers,
    panels: Mapping[float, Mapping[str, Numbers]],
) -> None:
    """Draw the paths of two rules on a plane, (steps, 2) each, a panel for each rate."""
    row: Sequence[Axes] = figure.subplots(1, len(panels), sharex=True, sharey=True)
    for axes, (rate, drawn) in zip(row, panels.items(), strict=True):
        ground = plot_paths(axes, surface, reach, drawn, words)
        axes.set(title=f"{words['rate']} {rate}")
    row[1].set_ylabel("")
    figure.colorbar(ground, ax=list(row)).set_label(words["ground"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(5.6, 3.8)
def rate(
    figure: Figure,
    words: Words,
    value: float,
    surface: Numbers,
    reach: Numbers,
    paths: Mapping[str, Numbers],
) -> None:
    """Draw the paths of two rules with one rate on a plane, (steps, 2) each, NaN outside it."""
    axes = figure.subplots()
    plot_paths(axes, surface, reach, paths, words)
    axes.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
