"""Figures of chapter q2c: weights under an L1 and an L2 penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, ZONE, Words, sized

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


@sized(7.4, 3.4)
def priors(figure: Figure, words: Words, strength: float, places: Sequence[float]) -> None:
    """Draw what each penalty makes of a free weight, and beside it the prior that each penalty stands for.

    ``strength`` is the coefficient λ of both; ``places`` are the free weights of the example by hand.
    """
    left, right = figure.subplots(1, 2)
    free = np.linspace(-4, 4, 401)
    rules = {
        "L1": np.sign(free) * np.maximum(np.abs(free) - strength, 0),
        "L2": free / (1 + strength),
    }
    densities = {
        "L1": strength / 2 * np.exp(-strength * np.abs(free)),
        "L2": np.sqrt(strength / (2 * np.pi)) * np.exp(-strength * free**2 / 2),
    }
    left.plot(free, free, ":", color=NEUTRAL, label=words["none"])
    for (norm, kept), line in zip(rules.items(), LINES, strict=False):
        left.plot(free, kept, line, color=COLOR_OF[norm], linewidth=2, label=norm)
        left.plot(places, np.interp(places, free, kept), "o", color=COLOR_OF[norm])
        right.plot(
            free, densities[norm], line, color=COLOR_OF[norm], linewidth=2, label=words[f"prior{norm}"]
        )
    left.set(xlabel=words["free"], ylabel=words["kept"], aspect="equal")
    right.set(xlabel=words["weight"], ylabel=words["density"], ylim=(0, 0.72))
    left.legend()
    right.legend()


@sized(7.4, 2.8)
def even(figure: Figure, words: Words, ratios: Mapping[str, Weights], shares: Mapping[str, Weights]) -> None:
    """Draw, for each kind of features, how L2 changes the unevenness, and how often one factor shrinks all.

    ``ratios`` are unevenness with L2 over that without, (seeds,); ``shares`` percent of data sets, (seeds,).
    """
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, values, edge in ((left, ratios, 0.8), (right, shares, 50)):
        for place, (kind, own) in enumerate(values.items()):
            spread = np.linspace(-0.25, 0.25, len(own))
            axes.plot(own, place + spread, "o", color=COLOR_OF["L2"], alpha=0.4, markersize=3)
            middle = np.exp(np.log(own).mean()) if axes is left else own.mean()
            axes.plot([middle], [place], "D", color=INK, markersize=7)
            at = middle if axes is left else max(middle, 12)
            axes.text(at, place - 0.36, words[kind], ha="center", va="center")
        axes.axvline(edge, color="0.4", linewidth=1, linestyle="--")
    left.axvline(1, color="0.25", linewidth=1)
    left.set(xscale="log", xlabel=words["ratio"], ylim=(len(ratios) - 0.5, -0.6))
    right.set(xlabel=words["share"], xlim=(-3, 103))
    left.set_yticks([])
    left.axvspan(left.get_xlim()[0], 0.8, **ZONE)
    right.axvspan(50, 103, **ZONE)
    left.set_xticks([0.1, 0.2, 0.5, 1], ["0.1", "0.2", "0.5", "1"])
    left.set_xticks([], minor=True)


@sized(7.4, 3.0)
def band(
    figure: Figure,
    words: Words,
    panels: Mapping[str, Mapping[str, Weights]],
    worlds: Mapping[str, Mapping[str, Weights]],
    zone: Sequence[float],
) -> None:
    """Draw each regulariser's probability under many priors over worlds, (seeds,) in percent, by condition.

    The bar holds nine tenths of the priors, the diamond is their median; crosses are the worlds by
    themselves, (worlds,), without those in which the pattern never occurs. ``zone`` (low, high) is that of
    the criterion.
    """
    columns = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (condition, rows) in zip(columns, panels.items(), strict=True):
        for place, (name, values) in enumerate(rows.items()):
            color = COLOR_OF.get(name, NEUTRAL)
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            axes.plot([low, high], [place, place], color=color, linewidth=6, alpha=0.5, solid_capstyle="butt")
            spread = np.linspace(-0.22, 0.22, len(values))
            axes.plot(values, place + spread, ".", color=color, alpha=0.4, markersize=3)
            axes.plot([middle], [place], "D", color=color, markersize=7, markeredgecolor="white")
            alone = worlds[condition][name]
            axes.plot(alone, np.full(len(alone), place + 0.33), "x", color=INK, markersize=5)
        axes.axvspan(*zone, **ZONE)
        axes.set_yticks(range(len(rows)), [words[name] for name in rows])
        axes.set(ylim=(len(rows) - 0.4, -0.5), xlim=(-3, 103), xlabel=words["probability"])
        axes.set_title(words[condition])
