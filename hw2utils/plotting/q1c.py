"""Figures of chapter q1c: the parts of an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from hw2utils.plotting.curves import curve
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, mark_plain, sized

_NOISE = "0.5"  # a floor that no model changes: grey, as no split and no part that a model has

_STYLES = ("-", "--", "-.", ":")


def _parts(
    axes: Axes,
    words: Words,
    degrees: Sequence[int],
    parts: NDArray[np.float64],
    names: Sequence[str],
    colors: Sequence[str],
) -> None:
    """Draw parts of an error, (degrees, repetitions, parts), and their sum against the degree."""
    for place, (name, color) in enumerate(zip(names, colors, strict=True)):
        curve(axes, degrees, parts[:, :, place], color, _STYLES[place], words[name], width=1.5)
    axes.plot(degrees, parts.sum(axis=2).mean(axis=1), color=INK, linewidth=2, label=words["sum"])


@sized(6.5, 3.8)
def decomposition(
    figure: Figure,
    words: Words,
    degrees: Sequence[int],
    parts: NDArray[np.float64],
    direct: NDArray[np.float64],
    closed: NDArray[np.float64],
) -> None:
    """Draw squared error and its parts against the degree.

    ``parts``, (degrees, repetitions, 3), are noise, squared bias and variance, ``direct``, (degrees,
    repetitions), the error counted directly, ``closed``, (degrees,), the closed form of the variance.
    """
    axes = figure.subplots()
    colors = (_NOISE, COLOR_OF["bias"], COLOR_OF["variance"])
    _parts(axes, words, degrees, parts, ("noise", "bias", "variance"), colors)
    axes.plot(degrees, direct, "x", color=INK, alpha=0.6)
    axes.plot([], [], "x", color=INK, label=words["direct"])
    axes.plot(degrees, closed, ":", color=INK, label=r"$\sigma^2 p / n$")
    axes.set(xlabel=words["degree"], ylabel=words["error"])
    axes.legend(ncols=2, loc="upper right")


@sized(6, 3.6)
def degree(
    figure: Figure,
    words: Words,
    value: int,
    x: NDArray[np.float64],
    truth: NDArray[np.float64],
    fits: NDArray[np.float64],
    mean: NDArray[np.float64],
    points: NDArray[np.float64],
) -> None:
    """Draw fits of one degree, (fits, places), with their mean and the truth, (places,).

    The fits' spread makes the variance, the mean's distance from the truth the bias: these are their colours.
    Ticks below are the training ``points``.
    """
    axes = figure.subplots()
    axes.plot(x, fits.T, color=COLOR_OF["variance"], alpha=0.4, linewidth=0.8)
    axes.plot([], [], color=COLOR_OF["variance"], label=words["fits"])
    axes.plot(x, mean, color=COLOR_OF["bias"], linewidth=2, label=words["mean"])
    axes.plot(x, truth, "--", color=INK, label=words["truth"])
    axes.plot(points, np.full(len(points), -2.1), "|", color=INK, label=words["points"])
    axes.set(ylim=(-2.2, 2.8), xlabel="x", ylabel="y")
    axes.legend(loc="upper right", ncols=2)


@sized(4.9, 2.2)
def targets(figure: Figure, words: Words) -> None:
    """Draw bias and variance as shots at targets: four, with little or much of each."""
    draw = np.random.default_rng(0)
    shots = draw.normal(size=(12, 2))
    for axes, (bias, variance) in zip(figure.subplots(1, 4), ((0, 0), (0, 1), (1, 0), (1, 1)), strict=True):
        for radius in (1, 2, 3):
            axes.add_patch(Circle((0, 0), radius, facecolor="none", edgecolor="0.6"))
        axes.plot(0, 0, "+", color=INK, markersize=10)
        placed = np.array([1.5, 1.0]) * bias + (0.9 if variance else 0.22) * shots
        axes.plot(*placed.T, "o", color=COLOR_OF["variance"], markersize=4)
        axes.plot(*placed.mean(axis=0), "D", color=COLOR_OF["bias"], markersize=7)
        axes.set(xlim=(-3.3, 3.3), ylim=(-3.3, 3.3), aspect="equal")
        axes.set_axis_off()
        axes.set_title(words(f"bias_{bias}") + "\n" + words(f"variance_{variance}"), fontsize=9)


@sized(4.9, 3.6)
def between(
    figure: Figure,
    words: Words,
    degrees: Sequence[int],
    errors: Mapping[str, NDArray[np.float64]],
    x: NDArray[np.float64],
    spread: NDArray[np.float64],
    every: int,
    limit: float,
) -> None:
    """Draw the variance of the last degree along ``x``, and errors, (degrees, repetitions), by degree.

    ``spread``, (places,), is the variance; every so manyth place is a training point, where it stays below
    ``limit``.
    """
    left, right = figure.subplots(1, 2)
    left.plot(x, spread, color=COLOR_OF["variance"], label=words["variance"])
    left.plot(x[::every], spread[::every], "o", color=COLOR_OF["variance"], markersize=4, label=words["at"])
    left.axhline(limit, color=INK, linestyle=":", label=r"$\sigma^2$")
    left.set(yscale="log", xlabel="x", title=words("degree_is", value=degrees[-1]))
    left.legend(loc="upper center", fontsize=9)
    for (name, values), line, color in zip(errors.items(), ("--", "-"), (NEUTRAL, INK), strict=True):
        curve(right, degrees, values, color, line, words[name])
    right.set(yscale="log", xlabel=words["degree"], title=words["parts"])
    right.legend(fontsize=9)
    for axis in (left.yaxis, right.yaxis):
        mark_plain(axis, (1, 3))


@sized(4.9, 3.4)
def optimism(
    figure: Figure,
    words: Words,
    numbers: Mapping[str, Sequence[float]],
    optimism: Mapping[str, NDArray[np.float64]],
    rule: float,
) -> None:
    """Draw optimism, (models, repetitions), against effective parameters, with the line of the rule."""
    axes = figure.subplots()
    most = max(max(values) for values in numbers.values())
    axes.plot([0, most], [0, rule * most], ":", color=INK, label=r"$2\sigma^2\,\mathrm{tr}\,H / n$")
    for (name, counts), color, mark in zip(numbers.items(), (NEUTRAL, COLOR_OF["L2"]), "oD", strict=True):
        places = np.repeat(counts, optimism[name].shape[1])
        axes.plot(places, optimism[name].ravel(), mark, color=color, markersize=4, alpha=0.5)
        axes.plot([], [], mark, color=color, label=words[name])
    axes.set(xlabel=words["effective"], ylabel=words["optimism"])
    axes.legend()


@sized(4.9, 3.0)
def distillation(figure: Figure, words: Words, students: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw squared bias and variance, (repetitions, 2), of students with different teachers, on bars."""
    axes = figure.subplots()
    for place, values in enumerate(students.values()):
        bias, variance = values.mean(axis=0)
        first = place == 0
        axes.barh(place, bias, color=COLOR_OF["bias"], label=words["bias"] if first else "")
        axes.barh(
            place, variance, left=bias, color=COLOR_OF["variance"], label=words["variance"] if first else ""
        )
        axes.text(bias + variance, place, "  " + words.number(bias + variance, ".3f"), va="center")
        axes.plot(values.sum(axis=1), np.full(len(values), place), "|", color=INK, markersize=8)
    axes.set_yticks(range(len(students)), [words[name] for name in students])
    axes.margins(x=0.15)
    axes.set(ylim=(len(students) - 0.5, -0.5), xlabel=words["error"])
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside upper center", ncols=2)


@sized(6.5, 3.8)
def zero_one(
    figure: Figure,
    words: Words,
    degrees: Sequence[int],
    parts: NDArray[np.float64],
    direct: NDArray[np.float64],
) -> None:
    """Draw 0-1 loss and its parts against the degree.

    ``parts``, (degrees, repetitions, 4), are bias, variance without and with bias, and the noise's part;
    ``direct``, (degrees, repetitions), the loss counted directly.
    """
    axes = figure.subplots()
    colors = (COLOR_OF["bias"], COLOR_OF["variance"], COLOR_OF["variance"], _NOISE)
    _parts(axes, words, degrees, parts, ("bias", "unbiased", "biased", "noise"), colors)
    axes.plot(degrees, direct, "x", color=INK, alpha=0.6)
    axes.plot([], [], "x", color=INK, label=words["direct"])
    axes.axhline(0, color="0.25", linewidth=1)
    axes.set(xlabel=words["degree"], ylabel=words["error"])
    axes.legend(ncols=2, loc="upper right")
