"""Figures of chapter q2a: nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.boundaries import plot_boundary
from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, Words, mark_percent, sized
from hw2utils.statistics import Interval

STYLES = {  # a dashed line is a part or another reading of the line of its colour
    "loss": (COLOR_OF["test"], "-"),
    "bias": (COLOR_OF["bias"], "-"),
    "variance": (COLOR_OF["variance"], "-"),
    "net_variance": (COLOR_OF["variance"], "--"),
    "train": (COLOR_OF["train"], "-"),
    "left_out": (COLOR_OF["train"], "--"),
}

Panels = Mapping[str, Mapping[str, NDArray[np.float64]]]


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


@sized(9, 4.2)
def against_k(
    figure: Figure,
    words: Words,
    ks: Sequence[int],
    panels: Panels,
    bayes: Mapping[str, float],
    share_y: bool = False,
) -> None:
    """Draw quantities, (seeds, ks) in percentage points, against k, one panel a problem.

    ``bayes`` is the Bayes error, a fraction, of the problems where it is known.
    """
    row = figure.subplots(1, len(panels), sharey=share_y)
    for axes, (problem, quantities) in zip(row, panels.items(), strict=True):
        for key, values in quantities.items():
            color, line = STYLES[key]
            plot_seed_lines(axes, ks, values, color, words[key], line=line, alpha=0.3)
        if problem in bayes:
            axes.axhline(100 * bayes[problem], color="0.3", linestyle=":", label=words["bayes"])
        axes.set(xscale="log", title=words[problem], xlabel=words["k"])
        axes.set_xticks(ks, [str(number) for number in ks])
        axes.minorticks_off()
    row[0].set_ylabel(words["points"])
    figure.legend(*row[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)


@sized(9, 3.8)
def variants(
    figure: Figure, words: Words, ks: Sequence[int], panels: Panels, bayes: Mapping[str, float]
) -> None:
    """Draw quantities, (seeds, ks) in percentage points, against k, on one scale for all problems."""
    against_k(figure, words, ks, panels, bayes, share_y=True)


@sized(8, 3.8)
def steps(
    figure: Figure,
    words: Words,
    rows: Sequence[Mapping[str, Any]],
    start: int,
    thresholds: Sequence[float],
) -> None:
    """Draw changes of a ``part`` of a ``problem`` from one k to ``end``: ``values`` (seeds,), in points."""
    named = {
        words(
            "row", part=words[row["part"]], problem=words[row["problem"]], start=start, end=row["end"]
        ): row["values"]
        for row in rows
    }
    plot_differences(
        named,
        unit=words["points"],
        thresholds=thresholds,
        colors=[COLOR_OF[row["part"]] for row in rows],
        ax=figure.subplots(),
        lang=words.lang,
    )


def published(
    figure: Figure, words: Words, measured: Mapping[str, Sequence[Interval]], paper: Mapping[int, float]
) -> None:
    """Draw test accuracies, fractions with intervals, beside those of a paper, a place for each k.

    Axes show percent.
    """
    axes = figure.subplots()
    for shift, (name, intervals) in enumerate(measured.items()):
        errors = np.array([[found.mean - found.low, found.high - found.mean] for found in intervals]).T
        axes.errorbar(
            np.arange(len(paper)) - 0.15 + 0.3 * shift,
            [found.mean for found in intervals],
            errors,
            fmt="os"[shift],
            markerfacecolor=(COLOR_OF["test"], "white")[shift],
            capsize=4,
            color=COLOR_OF["test"],
            label=words[name],
        )
    axes.plot(range(len(paper)), list(paper.values()), "kx", markersize=9, label=words["paper"])
    axes.set_xticks(range(len(paper)), [words("title", value=number) for number in paper])
    axes.set(xlabel=words["neighbors"], ylabel=words["accuracy"])
    mark_percent(axes.yaxis)
    axes.legend()
