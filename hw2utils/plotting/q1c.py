"""Figures of chapter q1c: the parts of an error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.curves import curve
from hw2utils.plotting.style import COLOR_OF, INK, Words, sized

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
) -> None:
    """Draw fits of one degree, (fits, points), with their mean and the truth, (points,).

    The fits' spread makes the variance, the mean's distance from the truth the bias: these are their colours.
    """
    axes = figure.subplots()
    axes.plot(x, fits.T, color=COLOR_OF["variance"], alpha=0.4, linewidth=0.8)
    axes.plot([], [], color=COLOR_OF["variance"], label=words["fits"])
    axes.plot(x, mean, color=COLOR_OF["bias"], linewidth=2, label=words["mean"])
    axes.plot(x, truth, "--", color=INK, label=words["truth"])
    axes.set(ylim=(-2.2, 2.8), xlabel="x", ylabel="y")
    axes.legend(loc="upper right")


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
