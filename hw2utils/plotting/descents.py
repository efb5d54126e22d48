"""Drawings of descents that several chapters of question 4 share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, sized

Numbers = NDArray[np.float64]


@sized(7, 5)
def courses(
    figure: Figure,
    words: Words,
    panels: Mapping[float, Mapping[str, Numbers]],
    threshold: float,
    constant: float,
    rule: str,
) -> None:
    """Draw the loss against the step, a panel for each rate, in the colour of a rule (``sgd``, ``momentum``).

    A panel holds ``step``, (steps,); ``quantiles`` of the seeds at 5, 25, 50, 75 and 95 %, (5, steps); and
    the loss of ``one`` seed, (steps,). The zone below the threshold is shaded, and a dotted line marks the
    loss of the best ``constant`` answer.
    """
    grid = figure.subplots(2, -(-len(panels) // 2), sharex=True, sharey=True)
    for axes, (rate, course) in zip(grid.flat, panels.items(), strict=True):
        after = course["step"] + 1  # a logarithmic axis has no zero
        low, q1, middle, q3, high = course["quantiles"]
        axes.fill_between(after, low, high, color=NEUTRAL, alpha=0.15, linewidth=0)
        axes.fill_between(after, q1, q3, color=NEUTRAL, alpha=0.3, linewidth=0)
        axes.plot(after, middle, color=COLOR_OF[rule], linewidth=2.5, label=words["median"])
        axes.plot(after, course["one"], color=INK, linewidth=0.9, label=words["one"])
        axes.set(xscale="log", yscale="log", title=f"{words['rate']} {rate}")
        axes.axhline(constant, color=INK, linestyle=":", linewidth=1, label=words["constant"])
    for axes in grid.flat:  # when all are drawn, since they share their axes
        mark_goal(axes, threshold, words["threshold"])
    figure.supxlabel(words["step"])
    figure.supylabel(words["loss"])
    figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)


def mark_goal(axes: Axes, threshold: float, label: str | None = None) -> None:
    """Shade what counts as arrived, losses below a threshold, and mark its edge; the last thing to draw."""
    low, high = axes.get_ylim()
    axes.axhspan(low, threshold, color=NEUTRAL, alpha=0.12, linewidth=0)
    axes.set_ylim(low, high)  # the zone does not stretch the axis
    axes.axhline(threshold, color=INK, linestyle="--", linewidth=1, label=label)


def plot_slopes(
    axes: Axes,
    rates: Sequence[float],
    medians: Mapping[str, Numbers],
    slopes: Mapping[str, float],
    words: Words,
) -> None:
    """Draw steps against rates on logarithmic axes, (rates,) for each rule, beside lines of given slopes.

    A line goes through a rule's point at the smallest rate; infinite medians are left out.
    """
    for name, values in medians.items():
        shown = np.isfinite(values)
        axes.plot(np.array(rates)[shown], values[shown], "D", color=COLOR_OF[name], label=words[name])
        at = int(np.argmin(np.where(shown, rates, np.inf)))
        line = values[at] * (np.array(rates) / rates[at]) ** slopes[name]
        axes.plot(rates, line, "--", color=COLOR_OF[name], linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel=words["rate"], ylabel=words["steps"])
