"""Figures of chapter q5d: weight decay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, sized
from hw2utils.statistics import mean_interval


@sized(7, 3.2)
def shrink(
    figure: Figure, words: Words, homework: float, coefficients: Sequence[float], products: Sequence[float]
) -> None:
    """Draw what decay alone leaves of a weight, against rate times coefficient times steps.

    ``homework`` is that product in the homework's run, ``products`` it is for the other coefficients.
    """
    axes = figure.subplots()
    places = np.geomspace(0.01, 2 * max(10.0, *products), 200)  # room for the last name
    axes.plot(places, 100 * np.exp(-places), color=COLOR_OF["L2"], linewidth=2, label=words["curve"])
    marks = [(homework, words["homework"], INK, "D")]
    marks += [(x, f"{value:g}", NEUTRAL, "o") for x, value in zip(products, coefficients, strict=True)]
    for place, name, color, mark in marks:
        axes.plot(place, 100 * np.exp(-place), mark, color=color, markersize=7)
        axes.annotate(
            name, (place, 100 * np.exp(-place)), (5, 5), textcoords="offset points", va="bottom", ha="left"
        )
    axes.set_xscale("log")
    axes.set(xlabel=words["product"], ylabel=words["left"], ylim=(-3, 118))
    axes.legend(loc="lower left")


@sized(7, 3.0)
def homework(
    figure: Figure, words: Words, points: Mapping[str, NDArray[np.float64]], loss: NDArray[np.float64]
) -> None:
    """Draw what weight decay does: accuracies and their gap in points, gap in loss in nats; (seeds,) each."""
    upper, lower = figure.subplots(2, 1, height_ratios=(len(points), 1))
    rows = {words[name]: values for name, values in points.items()}
    colors = [COLOR_OF.get(name, NEUTRAL) for name in points]
    plot_differences(rows, unit=words["points"], thresholds=(2.5,), colors=colors, ax=upper, lang=words.lang)
    plot_differences({words["loss"]: loss}, unit=words["nats"], ax=lower, lang=words.lang)


@sized(7, 2.8)
def two_runs(
    figure: Figure,
    words: Words,
    without: NDArray[np.float64],
    with_decay: NDArray[np.float64],
    clean: NDArray[np.float64],
) -> None:
    """Draw the test accuracy of single runs, (seeds,) in percent, a row for each setting.

    The bar is one standard deviation to both sides of the mean; the first seed is marked in every row.
    """
    axes = figure.subplots()
    tests = {"without": without, "with_decay": with_decay, "clean": clean}
    for place, values in enumerate(tests.values()):
        spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else np.zeros(1)
        middle, deviation = values.mean(), values.std(ddof=1)
        axes.plot(
            [middle - deviation, middle + deviation], [place, place], color=COLOR_OF["test"], linewidth=5
        )
        axes.plot(values, place + spread, "o", color=COLOR_OF["test"], alpha=0.5, markersize=5)
        name = "" if place else words["first"]
        axes.plot(values[:1], place + spread[:1], "D", color=INK, markersize=7, label=name)
    axes.set_yticks(range(len(tests)), [words[name] for name in tests])
    axes.set(ylim=(len(tests) - 0.5, -0.5), xlabel=words["accuracy"])
    figure.legend(loc="outside upper center")


@sized(7, 3.4)
def sweep(
    figure: Figure,
    words: Words,
    order: Sequence[float],
    accuracy: Mapping[str, NDArray[np.float64]],
    loss: Mapping[str, NDArray[np.float64]],
    chosen: float,
) -> None:
    """Draw training and test accuracy, in percent, and loss, (coefficients, seeds) each, by coefficient."""
    places = np.arange(len(order))
    for axes, tables, label in zip(
        figure.subplots(1, 2), (accuracy, loss), ("accuracy", "loss"), strict=True
    ):
        for (name, table), mark in zip(tables.items(), "o^", strict=True):
            color = COLOR_OF["train" if name == "plain" else name]
            for place, values in zip(places, table, strict=True):
                axes.plot(
                    np.full(len(values), place - 0.1), values, ".", color=color, alpha=0.4, markersize=4
                )
                found = mean_interval(values)
                ends = np.clip([found.low, found.high], 0, 100)  # neither is below 0, no accuracy above 100
                axes.plot([place, place], ends, color=color, linewidth=3)
            axes.plot(places, table.mean(axis=1), mark, ls="-", color=color, linewidth=2, label=words[name])
        axes.axvline(order.index(chosen), color="0.4", linestyle="--", label=words["chosen"])
        axes.set_xticks(places, [f"{value:g}" for value in order])
        axes.tick_params(axis="x", labelrotation=45)
        axes.set(xlabel=words["coefficient"], ylabel=words[label])
        lines, names = axes.get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=len(names))


@sized(7, 3.2)
def weights(
    figure: Figure,
    words: Words,
    edges: NDArray[np.float64],
    shares: Sequence[NDArray[np.float64]],
    coefficients: Sequence[float],
) -> None:
    """Draw histograms of weights, the share of each bin in percent, one for each coefficient."""
    axes = figure.subplots()
    colors = (INK, NEUTRAL, COLOR_OF["L2"])
    for place, (values, value) in enumerate(zip(shares, coefficients, strict=True)):
        name = words("at", value=f"{value:g}")
        axes.stairs(
            values,
            edges,
            facecolor="none",
            edgecolor=colors[place],
            linestyle=LINES[place],
            linewidth=1.8,
            label=name,
        )
    axes.set_yscale("log")
    axes.set(xlabel=words["weight"], ylabel=words["share"])
    axes.legend()


@sized(7, 3.4)
def biases(
    figure: Figure,
    words: Words,
    points: Mapping[str, NDArray[np.float64]],
    loss: Mapping[str, NDArray[np.float64]],
) -> None:
    """Draw what sparing the biases changes: test accuracy in points and test loss in nats.

    Each has a row of (seeds,) values for ``last``, the last epoch, and ``late``, the second half's mean.
    """
    panels = {"points": (points, words["points"]), "loss": (loss, words["nats"])}
    for axes, (name, (rows, unit)) in zip(figure.subplots(2, 1), panels.items(), strict=True):
        named = {words[f"{name}_{kind}"]: values for kind, values in rows.items()}
        plot_differences(named, unit=unit, ax=axes, lang=words.lang)
