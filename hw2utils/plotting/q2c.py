"""Figures of chapter q2c: weights under an L1 and an L2 penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, LINES, NEUTRAL, Words, sized

Weights = NDArray[np.float64]


def budget(
    figure: Figure,
    words: Words,
    value: float,
    regions: Mapping[str, Mapping[str, Weights]],
    line: Weights,
    loss: Weights,
    levels: Weights,
    free: Weights,
) -> None:
    """Draw the region each penalty allows: its ``border`` (points, 2) and the ``best`` point in it, (2,).

    ``loss`` over ``line`` × ``line`` is drawn as curves at its ``levels``; ``free`` (2,) has no penalty.
    """
    panels = figure.subplots(1, len(regions), sharey=True)
    for axes, (norm, region) in zip(panels, regions.items(), strict=True):
        color = COLOR_OF[norm]
        axes.contour(line, line, loss, levels=levels, colors="0.6", linewidths=1)
        axes.fill(*region["border"].T, color=color, alpha=0.3)
        axes.plot(*region["best"], "o", color=color)
        axes.plot(*free, "kx")
        axes.set(title=norm, xlabel="w1", aspect="equal", xlim=line[[0, -1]], ylim=line[[0, -1]])
    panels[0].set_ylabel("w2")


@sized(8, 5)
def paths(
    figure: Figure, words: Words, strengths: Weights, paths: Mapping[str, Mapping[str, Weights]]
) -> None:
    """Draw weights (strengths, 4) against the penalty, a row for each kind of data, a column for a norm."""
    rows = figure.subplots(len(paths), 2, sharex=True)
    for row, (kind, norms) in zip(rows, paths.items(), strict=True):
        for axes, (norm, path) in zip(row, norms.items(), strict=True):
            for place, (weight, line) in enumerate(zip(path.T, LINES, strict=False), start=1):
                axes.plot(strengths, weight, line, color=COLOR_OF[norm])
                axes.plot([], [], line, color=NEUTRAL, label=f"w{place}")
            axes.axhline(0, color="0.3", linewidth=0.8)
            axes.set(xscale="log", title=words("title", kind=words[kind], norm=norm))
        row[0].set_ylabel(words["weight"])
    for axes in rows[-1]:
        axes.set_xlabel(words["coefficient"])
        axes.legend()


@sized(6.4, 3)
def penalty(
    figure: Figure, words: Words, value: float, weights: Mapping[str, Weights], limits: Sequence[float]
) -> None:
    """Draw the weights (4,) under each norm's penalty as bars, between the same limits for all."""
    panels = figure.subplots(1, len(weights), sharey=True)
    for axes, (norm, heights) in zip(panels, weights.items(), strict=True):
        axes.bar(range(len(heights)), heights, color=COLOR_OF[norm])
        axes.axhline(0, color="0.3", linewidth=0.8)
        axes.set(title=norm, ylim=limits)
        axes.set_xticks(range(len(heights)), [f"w{place + 1}" for place in range(len(heights))])
    panels[0].set_ylabel(words["weight"])


@sized(8, 5.6)
def likelihoods(figure: Figure, words: Words, views: Sequence[Mapping[str, Any]]) -> None:
    """Draw each regulariser's ``probabilities`` (vectors, seeds), in percent, for each size and reading."""
    for axes, view in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, views, strict=True):
        for place, (name, values) in enumerate(view["probabilities"].items()):
            where = np.arange(len(values)) - 0.25 + 0.25 * place
            color = COLOR_OF.get(name, NEUTRAL)
            axes.bar(where, values.mean(axis=1), 0.22, color=color, alpha=0.5, label=words[name])
            axes.plot(where, values, ".", color=color, markersize=3)
        axes.set_title(words("view", size=words[view["size"]], reading=words[view["reading"]]))
        axes.set_xticks(range(4), list("1234"))
    figure.supxlabel(words["vector"])
    figure.supylabel(words["probability"])
    handles = figure.axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=len(handles[0]))
