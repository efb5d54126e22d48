"""Figures of chapter q2a: nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.boundaries import plot_boundary
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, sized

STYLES = {  # a dashed line is another reading of the line of its colour
    "loss": (COLOR_OF["test"], "-"),
    "bias": (COLOR_OF["bias"], "-"),
    "variance": (COLOR_OF["variance"], "-"),
    "train": (COLOR_OF["train"], "-"),
    "left_out": (COLOR_OF["train"], "--"),
}

Panels = Mapping[str, Mapping[str, NDArray[np.float64]]]


@sized(6.4, 2.9)
def five(
    figure: Figure,
    words: Words,
    places: NDArray[np.floating],
    labels: NDArray[np.integer],
    query: float,
) -> None:
    """Draw examples on a line, (N,) with class 0 or 1, and how far the neighbours of a new point reach."""
    axes = figure.subplots()
    axes.axhline(0, color=NEUTRAL, linewidth=1, zorder=0)
    for place, label in zip(places, labels, strict=True):
        axes.plot(place, 0, "os"[label], color=NEUTRAL if label else "white", markersize=17, mec=INK)
        axes.text(place, 0, "AB"[label], ha="center", va="center", color="white" if label else INK)
        axes.text(place, -0.62, f"{place:g}", ha="center", va="center")
    axes.plot(query, 0, "x", color=INK, markersize=9, markeredgewidth=2)
    axes.text(query, -0.62, f"{query:g}", ha="center", va="center", weight="bold")
    order = np.abs(np.asarray(places) - query).argsort()
    for height, count in enumerate((1, 3, 5)):
        chosen = np.asarray(places)[order[:count]]
        ends = [min(chosen.min(), query), max(chosen.max(), query)]
        level = 0.75 + 0.5 * height
        axes.plot(ends, [level, level], "|-", color=INK, linewidth=1.5, markersize=9)
        axes.text(10.2, level, words("title", value=count), ha="left", va="center")
    axes.set(xlim=(0.2, 12), ylim=(-1, 2.2))
    axes.set_axis_off()


@sized(4.4, 4.2)
def k(
    figure: Figure,
    words: Words,
    value: int,
    classes: NDArray[np.uint8],
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    border: NDArray[np.floating],
) -> None:
    """Draw the map of classes, (x, y), for one number of neighbours, ``value``."""
    axes = figure.subplots()
    plot_boundary(axes, classes, inputs, labels, border)
    axes.set_ylabel("x2")


def _mark_ks(axes: Axes, ks: Sequence[int], words: Words) -> None:
    axes.set(xscale="log", xlabel=words["k"])
    axes.set_xticks(ks, [str(number) for number in ks])
    axes.minorticks_off()


@sized(7, 5.6)
def parts(figure: Figure, words: Words, ks: Sequence[int], panels: Panels) -> None:
    """Draw loss, bias and variance, (seeds, ks) in points, against k: a row a loss, a column a problem.

    Names that begin with ``squared_`` are those of squared error.
    """
    grid = figure.subplots(2, len(panels), sharex=True)
    for place, (problem, quantities) in enumerate(panels.items()):
        column = grid[:, place]
        for key, values in quantities.items():
            row, name = int(key.startswith("squared_")), key.removeprefix("squared_")
            color, line = STYLES[name]
            plot_seed_lines(column[row], ks, values, color, words[name], line=line, alpha=0.25)
        column[0].set_title(words[problem])
        for axes, loss in zip(column, ("zero_one", "squared"), strict=True):
            _mark_ks(axes, ks, words)
            axes.set(xlabel="", ylim=(0, None))
            if place == 0:
                axes.set_ylabel(words[loss])
        column[1].set_xlabel(words["k"])
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)


@sized(7, 3.6)
def margins(
    figure: Figure,
    words: Words,
    ks: Sequence[int],
    variance: Mapping[str, NDArray[np.float64]],
    shares: Mapping[int, NDArray[np.float64]],
) -> None:
    """Draw histograms of the share of votes, in percent, for two k, and variance against k by kind of set.

    ``shares`` maps k to the heights of equally wide bins from 0 to 1; ``variance`` maps kinds to (seeds, ks).
    """
    left, right = figure.subplots(1, 2)
    for place, (count, heights) in enumerate(shares.items()):
        edges = np.linspace(0, 100, len(heights) + 1)
        left.stairs(
            heights,
            edges,
            facecolor="none",
            edgecolor=INK,
            linestyle="-:"[place],
            linewidth=1.8,
            label=words("title", value=count),
        )
    left.axvline(50, color=INK, linewidth=1, linestyle="--")
    left.set(xlabel=words["upper"], ylabel=words["share"])
    for line, (kind, values) in zip("-:", variance.items(), strict=True):
        plot_seed_lines(right, ks, values, COLOR_OF["variance"], words[f"{kind}_sets"], line=line, alpha=0.2)
    _mark_ks(right, ks, words)
    right.set_ylabel(words["variance_axis"])
    figure.legend(loc="outside lower center", ncols=2)


@sized(7, 3.8)
def against_k(
    figure: Figure, words: Words, ks: Sequence[int], panels: Panels, bayes: Mapping[str, float]
) -> None:
    """Draw quantities, (seeds, ks) in percentage points, against k, one panel a problem.

    ``bayes`` is the Bayes error, a fraction, of the problems where it is known.
    """
    row = figure.subplots(1, len(panels))
    for axes, (problem, quantities) in zip(row, panels.items(), strict=True):
        for key, values in quantities.items():
            color, line = STYLES[key]
            plot_seed_lines(axes, ks, values, color, words[key], line=line, alpha=0.3)
        if problem in bayes:
            axes.axhline(100 * bayes[problem], color="0.3", linestyle=":", label=words["bayes"])
        _mark_ks(axes, ks, words)
        axes.set(title=words[problem], ylim=(0, None))
    row[0].set_ylabel(words["points"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


@sized(7, 3.8)
def sets(
    figure: Figure,
    words: Words,
    ms: Sequence[int],
    few: NDArray[np.float64],
    many: NDArray[np.float64],
    sizes: Sequence[int],
    threshold: float = 0.5,
) -> None:
    """Draw three estimates of bias, (seeds, 3, ms) in points, against the number of training sets.

    One panel for each size of a set; what the claim allows, up to ``threshold``, is shaded.
    """
    row = figure.subplots(1, 2, sharey=True)
    for axes, values, size in zip(row, (few, many), sizes, strict=True):
        for place, name in enumerate(("plain", "sure", "squared")):
            color = NEUTRAL if name == "squared" else COLOR_OF["bias"]
            plot_seed_lines(axes, ms, values[:, place], color, words[name], line=("-", "--", "-.")[place])
        axes.axhspan(min(0, float(values.min())), threshold, color="0.85", zorder=0, label=words["allowed"])
        axes.set(xscale="log", title=words("size", n=size), xlabel=words["m"])
        axes.set_xticks(ms, [str(number) for number in ms])
        axes.tick_params(axis="x", labelrotation=45)
        axes.minorticks_off()
    row[0].set_ylabel(words["bias_axis"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


@sized(7, 5.6)
def gap(figure: Figure, words: Words, ks: Sequence[int], gaps: Panels, variances: Panels) -> None:
    """Draw the gap and the variance, (seeds, ks) in points, against k: a row a loss, a column a problem."""
    grid = figure.subplots(2, len(gaps), sharex=True)
    for place, problem in enumerate(gaps):
        column = grid[:, place]
        for axes, prefix, loss in zip(column, ("", "squared_"), ("zero_one", "squared"), strict=True):
            spread = variances[problem][f"{prefix}variance"]
            plot_seed_lines(axes, ks, gaps[problem][f"{prefix}gap"], NEUTRAL, words["gap"], line="--")
            plot_seed_lines(axes, ks, spread, COLOR_OF["variance"], words["variance"])
            _mark_ks(axes, ks, words)
            axes.set_xlabel("")
            if place == 0:
                axes.set_ylabel(words[loss])
        column[0].set_title(words[problem])
        column[1].set_xlabel(words["k"])
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


@sized(6.4, 3.6)
def cover(
    figure: Figure, words: Words, sizes: Sequence[int], errors: NDArray[np.float64], bayes: float
) -> None:
    """Draw the test error of one neighbour, (seeds, sizes) in percent, against the number of examples.

    ``bayes`` is the Bayes error, a fraction; Cover and Hart's limit for two classes follows from it.
    """
    axes = figure.subplots()
    plot_seed_lines(axes, sizes, errors, COLOR_OF["test"], words["loss"])
    plot_first_seed(axes, sizes, errors, words["first"])
    axes.axhline(200 * bayes * (1 - bayes), color=INK, linestyle="--", label=words["limit"])
    axes.axhline(100 * bayes, color="0.3", linestyle=":", label=words["bayes"])
    axes.set(xscale="log", xlabel=words["examples"], ylabel=words["percent"], ylim=(0, None))
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.legend(loc="lower left", ncols=2)


@sized(6.4, 3.8)
def choose(
    figure: Figure,
    words: Words,
    ks: Sequence[int],
    left_out: NDArray[np.float64],
    bar: NDArray[np.float64],
    test: NDArray[np.float64],
    picks: Mapping[str, int],
) -> None:
    """Draw leave-one-out errors with their standard errors, and test errors, (ks,) fractions, against k.

    ``picks`` names the k of least error and the simplest k within one standard error of it, whose zone is
    shaded. The axis shows percent.
    """
    axes = figure.subplots()
    color = COLOR_OF["train"]
    axes.errorbar(
        ks, 100 * left_out, 100 * bar, fmt="o--", color=color, capsize=3, label=words["left_out_bar"]
    )
    axes.plot(ks, 100 * test, "-", color=COLOR_OF["test"], linewidth=2, label=words["loss"])
    least = list(ks).index(picks["least"])
    edges = 100 * np.array([left_out[least], left_out[least] + bar[least]])
    axes.axhspan(*edges, color="0.85", zorder=0, label=words["band"])
    for name, mark in (("least", "v"), ("simple", "D")):
        place = list(ks).index(picks[name])
        axes.plot(ks[place], 100 * left_out[place], mark, color=INK, markersize=9, label=words[name])
    _mark_ks(axes, ks, words)
    axes.set_ylabel(words["percent"])
    figure.legend(loc="outside lower center", ncols=2)
