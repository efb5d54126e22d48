"""Figures of question 4: gradient descent, momentum and other rules on the toy regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.paths import plot_paths
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, sized
from hw2utils.statistics import Interval

Numbers = NDArray[np.float64]

_ON_BLUE = "#00000c"  # no grey, so that it stays dark on dark pages, where the blue is as light


@sized(7, 5)
def courses(
    figure: Figure, words: Words, panels: Mapping[float, Mapping[str, Numbers]], threshold: float
) -> None:
    """Draw the loss against the step, a panel for each rate.

    A panel holds ``step``, (steps,); ``quantiles`` of the seeds at 5, 25, 50, 75 and 95 %, (5, steps); and
    the loss of ``one`` seed, (steps,).
    """
    for axes, (rate, course) in zip(
        figure.subplots(2, 2, sharex=True, sharey=True).flat, panels.items(), strict=True
    ):
        after = course["step"] + 1  # a logarithmic axis has no zero
        low, q1, middle, q3, high = course["quantiles"]
        axes.fill_between(after, low, high, color=NEUTRAL, alpha=0.15, linewidth=0)
        axes.fill_between(after, q1, q3, color=NEUTRAL, alpha=0.3, linewidth=0)
        axes.plot(after, middle, color=NEUTRAL, linewidth=2.5)
        axes.plot(after, course["one"], color=INK, linewidth=0.8)
        axes.axhline(threshold, color="0.2", linestyle="--", linewidth=1)
        axes.set(xscale="log", yscale="log", title=f"{words['rate']} {rate}")
    figure.supxlabel(words["step"])
    figure.supylabel(words["loss"])


def steps(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    steps: Mapping[str, Sequence[NDArray[np.int64]]],
    limit: int,
) -> None:
    """Draw the steps to the threshold, for each rule and rate (seeds,), side by side, with their medians."""
    axes = figure.subplots()
    for side, (name, columns) in zip((-0.2, 0.2), steps.items(), strict=True):
        color = COLOR_OF[name]
        for place, column in enumerate(columns):
            drawn = np.maximum(column, 1)  # a logarithmic axis has no zero
            where = place + side + np.linspace(-0.16, 0.16, len(column))
            axes.plot(where, drawn, "o", color=color, alpha=0.15, ms=2, mew=0, rasterized=True)
            axes.plot([place + side], [np.median(drawn)], "D", color=color, ms=7, mec="white")
        axes.plot([], [], "D", color=color, label=words[name])
    axes.axhline(limit, color="0.3", linestyle="--", linewidth=1)
    axes.set(yscale="log", xlabel=words["rate"], ylabel=words["steps"])
    axes.set_xticks(range(len(rates)), [str(rate) for rate in rates])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def acceleration(figure: Figure, words: Words, measured: Mapping[float, Numbers]) -> None:
    """Draw the length of momentum's steps in a constant gradient, (steps,) for each rate, in gradients."""
    axes = figure.subplots()
    for rate, lengths in measured.items():
        step = np.unique(np.geomspace(1, len(lengths), 120).astype(int))
        axes.plot(step, lengths[step - 1], color=COLOR_OF["momentum"], linewidth=3)
        axes.plot(step, 1 - (1 - rate) ** step, ":", color=INK, linewidth=1)
        axes.axhline(rate, color=COLOR_OF["sgd"], linestyle="--", linewidth=0.8)
        half = int(np.argmax(lengths >= 0.5))  # where a curve is far from the others
        axes.annotate(
            f"{words['rate']} {rate}",
            (half + 1, min(lengths[half], 0.9)),
            xytext=(8, -12),
            textcoords="offset points",
        )
    for key, color, line in (("momentum", "momentum", "-"), ("sgd", "sgd", "--")):
        axes.plot([], [], line, color=COLOR_OF[color], label=words[key])
    axes.set(xscale="log", xlabel=words["step"], ylabel=words["length"])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


@sized(7.5, 3.6)
def paths(
    figure: Figure,
    words: Words,
    surface: Numbers,
    reach: Numbers,
    panels: Mapping[float, Mapping[str, Numbers]],
) -> None:
    """Draw the paths of two rules on a plane, (steps, 2) each, a panel for each rate."""
    row = figure.subplots(1, len(panels), sharex=True, sharey=True)
    for axes, (rate, drawn) in zip(row, panels.items(), strict=True):
        ground = plot_paths(axes, surface, reach, drawn, words)
        axes.set(title=f"{words['rate']} {rate}")
    row[1].set_ylabel("")
    figure.colorbar(ground, ax=row).set_label(words["ground"])
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


@sized(7.5, 3.2)
def rules(
    figure: Figure,
    words: Words,
    rates: Sequence[float],
    success: Mapping[str, Sequence[float]],
    median: Mapping[str, Sequence[float]],
    limit: int,
) -> None:
    """Draw two tables of rules by rates: the fraction of seeds that get there, and their median steps."""
    left, right = figure.subplots(1, 2, sharey=True)
    shares, middles = np.array(list(success.values())), np.array(list(median.values()))  # (rules, rates)
    quick = 1 - np.log(np.maximum(middles, 1)) / np.log(limit)
    for axes, title, values, shade, scale, unit in (
        (left, words["success"], shares, shares, 100, "%"),
        (right, words["median"], middles, quick, 1, ""),
    ):
        axes.imshow(shade, cmap="Blues", vmin=0, vmax=1.6, aspect="auto")
        for (row, column), value in np.ndenumerate(values):
            text = f"{scale * value:.0f}{unit}"
            axes.text(column, row, text, ha="center", va="center", family="DejaVu Sans", color=_ON_BLUE)
        axes.set_xticks(range(len(rates)), [str(rate) for rate in rates])
        axes.set_yticks(range(len(success)), [words[name] for name in success])
        axes.set(title=title, xlabel=words["rate"])
        axes.grid(visible=False)


@sized(8.5, 3.2)
def broadcast(
    figure: Figure,
    words: Words,
    labels: Numbers,
    predictions: Mapping[str, NDArray[np.float32]],
    later: Mapping[tuple[str, float], Interval],
) -> None:
    """Draw predictions, (seeds, labels) under each loss, against labels, and by how many steps one is later.

    ``later`` has the steps of the 5×5 loss minus those of the right one, for each rule and rate.
    """
    *panels, delays = figure.subplots(1, 3, width_ratios=[1, 1, 1.3])
    for axes, (key, values) in zip(panels, predictions.items(), strict=True):
        for label, column in zip(labels, values.T, strict=True):
            across = label + np.linspace(-0.012, 0.012, len(column))
            axes.plot(across, column, "o", color=NEUTRAL, alpha=0.15, ms=2, mew=0, rasterized=True)
        axes.plot([4.1, 4.7], [4.1, 4.7], color=INK, linewidth=1)
        axes.axhline(labels.mean(), color=INK, linestyle="--", linewidth=1)
        axes.set(title=words[key], xlabel=words["label"], xlim=(4.1, 4.7), ylim=(4, 4.8))
    panels[0].set_ylabel(words["prediction"])
    for row, ((name, _), found) in enumerate(later.items()):
        delays.plot([found.low, found.high], [row, row], color=COLOR_OF[name], linewidth=3)
        delays.plot([found.mean], [row], "D", color=COLOR_OF[name], mec="white")
    delays.set_yticks(range(len(later)), [f"{words[name]}, {rate}" for name, rate in later])
    delays.set(title=words["later"], xlabel=words["steps"])
    delays.axvline(0, color="0.25", linewidth=1)


@sized(7, 2.4)
def coupling(figure: Figure, words: Words, rows: Mapping[str, Numbers]) -> None:
    """Draw how far the steps drop with a larger rate, (seeds,) for each rule, as a binary logarithm."""
    named = {words[name]: values for name, values in rows.items()}
    colors = [COLOR_OF.get(name, NEUTRAL) for name in rows]
    axes = plot_differences(named, unit="", colors=colors, ax=figure.subplots(), lang=words.lang)
    axes.set_xlabel(words["drop"])
