"""Figures of chapter q3c: temperature and the loss of distillation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, sized
from hw2utils.statistics import mean_interval

Values = NDArray[np.float64]

_LOOK = {
    "squared": (COLOR_OF["distilled"], "-"),
    "without": (NEUTRAL, "--"),
    "labels": (NEUTRAL, "-"),
    "teacher": (COLOR_OF["teacher"], "--"),
    "flat": (INK, ":"),
}
"""Colour and line of what is drawn; the factor belongs to distillation as its authors wrote it."""


def _bars(axes: Axes, probabilities: Values, names: Sequence[str]) -> None:
    places = range(len(probabilities))
    axes.barh(places, probabilities, color=COLOR_OF["teacher"], alpha=0.75)
    axes.set_xlim(0, 1)
    axes.set_yticks(places, names)
    axes.invert_yaxis()


@sized(8, 2.8)
def softmax(
    figure: Figure,
    words: Words,
    image: Values,
    label: int,
    temperatures: Sequence[float],
    probabilities: Sequence[Values],
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Draw an image, (28, 28), beside the teacher's probabilities, (classes,), at each temperature.

    ``classes`` are the names of the classes by language.
    """
    panels = figure.subplots(1, len(temperatures) + 1, width_ratios=[1.4] + [1] * len(temperatures))
    names = classes[words.lang]
    panels[0].imshow(image, cmap="gray")
    panels[0].set_title(names[label])
    panels[0].axis("off")
    for place, (axes, value, bars) in enumerate(zip(panels[1:], temperatures, probabilities, strict=True)):
        _bars(axes, bars, [""] * len(bars) if place else names)
        axes.tick_params(axis="y", labelsize=8)
        axes.set_title(f"t = {value:g}")


@sized(5.6, 3.2)
def t(
    figure: Figure, words: Words, value: float, probabilities: Values, classes: Mapping[str, Sequence[str]]
) -> None:
    """Draw the teacher's probabilities, (classes,), at the temperature ``value``."""
    axes = figure.subplots()
    _bars(axes, probabilities, classes[words.lang])
    axes.set_xlabel(words["probability"])


def _curve(axes: Axes, places: Sequence[float], values: Values, look: str, label: str | None = None) -> None:
    """Draw values, (places, seeds): every seed a dot, a line through the means."""
    color, line = _LOOK[look]
    axes.plot(places, values, "o", color=color, markersize=3, alpha=0.4)
    axes.plot(places, values.mean(axis=1), line, color=color, label=label)


def _gains(axes: Axes, words: Words, at: Sequence[float], without: Values, squared: Values) -> None:
    """Draw gains, (values, seeds) in percentage points, with and without the factor, with intervals."""
    places = range(len(at))
    for look, values in (("without", without), ("squared", squared)):
        _curve(axes, places, values, look, words[look])
        found = [mean_interval(row) for row in values]
        ends = [interval.low for interval in found], [interval.high for interval in found]
        axes.vlines(places, *ends, color=_LOOK[look][0], linewidth=3)
    axes.axhline(0, color="0.25", linewidth=1)
    axes.set_xticks(places, [f"{value:g}" for value in at])
    axes.set_ylabel(words["gain"])


@sized(8, 3.4)
def gradients(
    figure: Figure,
    words: Words,
    temperatures: Sequence[float],
    sizes: Mapping[str, Values],
    share: Mapping[str, Values],
) -> None:
    """Draw sizes of gradients and the true labels' share of them, in percent, (seeds, temperatures) each.

    The size of the true labels' part, (seeds, 1), is the same at each temperature.
    """
    left, right = figure.subplots(1, 2)
    for name, values in sizes.items():
        whole = np.broadcast_to(values, (len(values), len(temperatures)))
        _curve(left, temperatures, whole.T, "flat" if name == "labels" else name, words[name])
    left.set(xscale="log", yscale="log", ylabel=words["size"])
    left.legend()
    for name, values in share.items():
        _curve(right, temperatures, values.T, name)
    right.set(xscale="log", ylabel=words["share"], ylim=(0, 100))
    for axes in (left, right):
        axes.set_xlabel(words["temperature"])
        axes.set_xticks(temperatures, [f"{value:g}" for value in temperatures])
        axes.minorticks_off()


def temperature(
    figure: Figure, words: Words, temperatures: Sequence[float], without: Values, squared: Values
) -> None:
    """Draw gains of distillation, (temperatures, seeds) in points, without the factor and with it."""
    axes = figure.subplots()
    _gains(axes, words, temperatures, without, squared)
    axes.set_xlabel(words["temperature"])
    axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1))


@sized(8, 3.4)
def alpha(
    figure: Figure,
    words: Words,
    alphas: Sequence[float],
    distances: Mapping[str, Values],
    without: Values,
    squared: Values,
) -> None:
    """Draw distances from true labels and teacher, in nats, beside gains, in points; (alphas, seeds) each."""
    left, right = figure.subplots(1, 2)
    for name, values in distances.items():
        _curve(left, range(len(alphas)), values, name, words[name])
    left.set_xticks(range(len(alphas)), [f"{value:g}" for value in alphas])
    left.set(xlabel="α", ylabel=words["nats"])
    left.legend()
    _gains(right, words, alphas, without, squared)
    right.set_xlabel("α")
    right.legend()
