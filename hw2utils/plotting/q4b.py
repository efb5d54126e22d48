"""Figures of chapter q4b: momentum, on a parabola and in the homework's network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, ZONE, Words, mark_percent, sized
from hw2utils.statistics import Interval

Numbers = NDArray[np.float64]

_BALL = COLOR_OF["momentum"]


@sized(7, 2.6)
def memory(figure: Figure, words: Words) -> None:
    """Draw how a step is made of what is kept of the memory and of the new gradient, in three cases."""
    kept = np.array([1.4, 0.0])
    cases = {"agree": (0.8, 0.0), "across": (0.0, 0.9), "against": (-0.8, 0.0)}
    for axes, (name, new) in zip(figure.subplots(1, 3), cases.items(), strict=True):
        fresh = np.array(new)
        flat = not fresh[1]
        lift = np.array([0.0, 0.22 if flat else 0.0])  # arrows of one direction lie above each other
        _arrow(axes, lift, kept + lift, NEUTRAL)
        _arrow(axes, kept + 2 * lift, kept + fresh + 2 * lift, COLOR_OF["sgd"])
        _arrow(axes, -lift, kept + fresh - lift, _BALL)
        axes.set(xlim=(-0.15, 2.4), ylim=(-0.7, 1.2), title=words[name])
        axes.set_axis_off()
    for key, color in (("kept", NEUTRAL), ("fresh", COLOR_OF["sgd"]), ("sum", _BALL)):
        figure.axes[0].plot([], [], color=color, linewidth=3, label=words[key])
    figure.legend(loc="outside lower center", ncols=3)


def _arrow(axes: Axes, start: Numbers, end: Numbers, color: str) -> None:
    axes.add_patch(
        FancyArrowPatch(
            tuple(start), tuple(end), arrowstyle="-|>", mutation_scale=18, color=color, linewidth=3, shrinkA=0
        )
    )


@sized(7, 3)
def given(figure: Figure, words: Words, given: Mapping[str, Numbers], rate: float) -> None:
    """Draw the lengths of momentum's steps, (steps,), where gradients of size 1 are given; and descent's."""
    panels = figure.subplots(1, len(given))
    for axes, (name, lengths) in zip(panels, given.items(), strict=True):
        limit = 1.0 if name == "constant" else rate / (2 - rate)
        step = np.arange(1, len(lengths) + 1)
        axes.plot(step, lengths, ".-", color=_BALL, label=words["momentum"])
        axes.axhline(rate, color=COLOR_OF["sgd"], linestyle="--", label=words["sgd"])
        axes.axhline(limit, color=INK, linestyle=":", label=words["limit"])
        axes.set(title=words[name], xlabel=words["step"], ylim=(0, None))
    panels[0].set_ylabel(words["length"])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


@sized(7.4, 3.2)
def parabola(figure: Figure, words: Words, paths: Mapping[float, Numbers], curvature: float) -> None:
    """Draw distances from a parabola's minimum, (steps + 1,), a panel for each rate, and descent's beside."""
    panels = figure.subplots(1, len(paths), sharey=True)
    for axes, (rate, path) in zip(panels, paths.items(), strict=True):
        step = np.arange(len(path))
        bound = (1 - rate) ** (step / 2)
        axes.fill_between(step, -bound, bound, color=NEUTRAL, alpha=0.15, linewidth=0, label=words["bound"])
        axes.plot(step, (1 - rate * curvature) ** step, "--", color=COLOR_OF["sgd"], label=words["sgd"])
        axes.plot(step, path, color=_BALL, linewidth=2, label=words["momentum"])
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set(title=f"{words['rate']} {rate}", xlabel=words["step"])
    panels[0].set_ylabel(words["distance"])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


@sized(7, 3.4)
def roots(figure: Figure, words: Words, stretch: Numbers, sizes: Mapping[str, Numbers]) -> None:
    """Draw what a step multiplies a distance by, against rate times curvature: descent's and momentum's."""
    axes = figure.subplots()
    axes.axhspan(1, 1.5, **ZONE, label=words["grows"])
    for place, (name, values) in enumerate(sizes.items()):
        descent = name == "sgd"
        label = words["sgd"] if descent else f"{words['momentum']}, {words['rate']} {name}"
        axes.plot(
            stretch,
            values,
            LINES[place],
            color=COLOR_OF["sgd"] if descent else _BALL,
            linewidth=2,
            label=label,
        )
    axes.set(xlabel=words["stretch"], ylabel=words["factor"], ylim=(0, 1.5))
    figure.legend(loc="outside upper center", ncols=2)


@sized(7, 3.2)
def alive(figure: Figure, words: Words, step: Numbers, shares: Mapping[str, Numbers]) -> None:
    """Draw the percentage of networks whose answer depends on the input, (steps,), for each rule."""
    axes = figure.subplots()
    for place, (name, values) in enumerate(shares.items()):
        color = COLOR_OF.get(name, INK)
        axes.plot(step + 1, values, LINES[place], color=color, linewidth=2, label=words[name])
    axes.set(xscale="log", xlabel=words["after"], ylabel=words["share"], ylim=(0, 102))
    figure.legend(loc="outside upper center", ncols=3)


@sized(7.4, 3.2)
def sharper(
    figure: Figure,
    words: Words,
    curves: Mapping[float, Numbers],
    first: Mapping[float, Numbers],
    arrival: Mapping[float, float],
) -> None:
    """Draw the loss in shares of its start, (steps,) for each rate: by step, and by steps over the arrival.

    ``curves`` are medians of the seeds, ``first`` the first seed's, ``arrival`` the median steps to the
    threshold.
    """
    for axes, stretched in zip(figure.subplots(1, 2, sharey=True), (False, True), strict=True):
        for (rate, curve), line in zip(curves.items(), LINES, strict=False):
            last = arrival[rate] if stretched else max(arrival.values())
            shown = min(len(curve), round(last) + 1)
            step = np.arange(shown) / (arrival[rate] if stretched else 1)
            if rate == sorted(curves)[len(curves) // 2]:  # one highlighted seed is enough
                axes.plot(step, first[rate][:shown], line, color=INK, linewidth=0.9)
            label = f"{words['rate']} {rate}"
            axes.plot(step, curve[:shown], line, color=_BALL, linewidth=2, label=label)
        axes.set(xlabel=words["stretched" if stretched else "step"])
        mark_percent(axes.yaxis)
    axes.plot([], [], LINES[1], color=INK, linewidth=0.9, label=words["one"])
    figure.axes[0].set_ylabel(words["loss"])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4)


@sized(7, 3.4)
def rises(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    shares: Mapping[str, Sequence[Interval]],
    sgd_rates: Mapping[str, Sequence[float]],
) -> None:
    """Draw the shares of runs whose loss rises on the way, with their intervals: momentum, and descent's.

    ``shares`` holds for ``momentum``, ``same`` and ``speed`` a fraction for each of momentum's rates; the
    rates of descent stand beside its marks.
    """
    axes = figure.subplots()
    marks = {"momentum": ("o", 0.0), "same": ("s", 0.22), "speed": ("D", 0.44)}
    for name, found in shares.items():
        mark, aside = marks[name]
        color = COLOR_OF["momentum" if name == "momentum" else "sgd"]
        for place, one in enumerate(found):
            x = place + aside
            axes.plot([x, x], [one.low, one.high], color=color, linewidth=3)
            if name != "momentum":
                own = (x, one.high)
                axes.annotate(
                    f"{sgd_rates[name][place]:g}", own, (0, 3), textcoords="offset points", ha="center"
                )
        means = [one.mean for one in found]
        places = np.arange(len(found)) + aside
        axes.plot(places, means, mark, color=color, markersize=8, mec="white", label=words[name])
    axes.set_xticks(np.arange(len(rates)) + 0.22, [f"{rate:g}" for rate in rates])
    axes.set(xlabel=words["rate"], ylabel=words["share"], ylim=(0, 1))
    mark_percent(axes.yaxis)
    figure.legend(loc="outside upper center", ncols=2)


@sized(7.4, 3.4)
def rest(
    figure: Figure,
    words: Words,
    ringing: Numbers,
    goal: float,
    middle: Mapping[float, Numbers],
    one: Mapping[float, Numbers],
) -> None:
    """Draw a network's mean answer by step, and the swing of all networks against steps times rate.

    ``ringing`` is (steps,), ``goal`` the labels' mean; ``middle`` and ``one`` are the largest swing in each
    window of one over the rate, (windows,): the median over the networks, and the first network's.
    """
    left, right = figure.subplots(1, 2)
    left.plot(ringing, color=INK, linewidth=1.2, label=words["one"])
    left.axhline(goal, color="0.4", linestyle=":", linewidth=1, label=words["goal"])
    left.set(xlabel=words["step"], ylabel=words["answer"])
    for (rate, values), line in zip(middle.items(), LINES, strict=False):
        window = np.arange(len(values)) + 0.5
        right.plot(window, one[rate], ".", color=INK, markersize=4)
        right.plot(window, values, line, color=_BALL, linewidth=2, label=f"{words['rate']} {rate}")
    along = np.array([0, len(values) - 1.0])  # without the last window, whose end is what is compared with
    top = max(values[min(1, len(values) - 1)] for values in middle.values())
    right.plot(
        along, top * np.exp(-(along - 1) / 2), color=NEUTRAL, linewidth=5, alpha=0.35, label=words["law"]
    )
    right.set(yscale="log", xlabel=words["time"], ylabel=words["swing"])
    lines = [ax.get_legend_handles_labels() for ax in (left, right)]
    figure.legend(lines[0][0] + lines[1][0], lines[0][1] + lines[1][1], loc="outside upper center", ncols=3)


@sized(7, 3)
def swings(figure: Figure, words: Words, returns: Mapping[float, Numbers], law: Sequence[float]) -> None:
    """Draw how high the loss returns, in percent of its start: (seeds,) for each rate, and the parabola's."""
    axes = figure.subplots()
    for place, values in enumerate(returns.values()):
        across = place + np.linspace(-0.25, 0.25, len(values))
        axes.plot(across, values, "o", color=NEUTRAL, alpha=0.35, ms=2.5, mew=0, rasterized=True)
    places = range(len(returns))
    medians = [np.median(values) for values in returns.values()]
    axes.plot(places, medians, "D", color=_BALL, ms=9, mec="white", label=words["median"])
    axes.plot(places, law, "_", color=INK, ms=34, mew=2)
    axes.plot([], [], color=INK, linewidth=2, label=words["law"])
    axes.set_xticks(places, [f"{rate:g}" for rate in returns])
    axes.set(yscale="log", xlabel=words["rate"], ylabel=words["height"], ylim=(1, None))
    axes.set_yticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"], minor=False)
    axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2)
