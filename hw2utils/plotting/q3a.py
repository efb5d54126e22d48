"""Figures of chapter q3a: what a small network learns from a teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.strips import plot_strip
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, ZONE, Words, sized

Values = NDArray[np.float64]

_ON_SHADE = "#3d1f00"
"""The colour of numbers on shades, which keep their colour on dark pages, where greys are turned over."""


def _color(name: str) -> str:
    """Give the colour of the model that a row's name ends with: ``few_alone`` is about ``alone``."""
    return COLOR_OF.get(name.rpartition("_")[2], NEUTRAL)


@sized(6.4, 2.8)
def teachers(figure: Figure, words: Words, epochs: Sequence[int], loss: Values) -> None:
    """Draw the teachers' training loss, (seeds, epochs) in nats."""
    axes = figure.subplots()
    plot_seed_lines(axes, epochs, loss, NEUTRAL, words["mean"])
    plot_first_seed(axes, epochs, loss, words["first"])
    axes.set(xlabel=words["epoch"], ylabel=words["loss"])
    axes.set_ylim(bottom=0)
    axes.legend()


@sized(7, 3.4)
def soft(
    figure: Figure,
    words: Words,
    image: Values,
    shares: Values,
    temperatures: Sequence[float],
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Draw an image, (28, 28), and its soft label, shares (temperatures, classes), as numbers on shades."""
    left, right = figure.subplots(1, 2, width_ratios=(1, 3))
    left.imshow(image, cmap="gray_r")
    left.set_axis_off()
    _numbers(right, 100 * shares.T, "{:.0f}", high=100)
    right.set_yticks(range(shares.shape[1]), classes[words.lang])
    right.set_xticks(range(len(temperatures)), [f"{t:g}" for t in temperatures])
    right.set(xlabel=words["temperature"], title=words["share"])


def _numbers(axes: Axes, table: Values, form: str, *, low: float = 0, high: float) -> None:
    axes.imshow(table, cmap="Oranges", vmin=low, vmax=high + 0.9 * (high - low), aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        axes.text(column, row, form.format(value), ha="center", va="center", color=_ON_SHADE, fontsize=9)
    axes.grid(visible=False)


@sized(6.4, 4.2)
def map(
    figure: Figure,
    words: Words,
    charts: Mapping[str, Values],
    rows: Mapping[str, Sequence[float]],
    columns: Sequence[float],
) -> None:
    """Draw charts of accuracy, (alphas, temperatures) in percent, and frame the largest of each."""
    panels = figure.subplots(len(charts), 1, height_ratios=[len(rows[name]) for name in charts], sharex=True)
    low = min(chart.min() for chart in charts.values())
    high = max(chart.max() for chart in charts.values())
    for axes, (name, chart) in zip(panels, charts.items(), strict=True):
        _numbers(axes, chart, "{:.1f}", low=low, high=high)
        row, column = np.unravel_index(chart.argmax(), chart.shape)
        frame = Rectangle(
            (column - 0.48, row - 0.46), 0.96, 0.92, facecolor="none", edgecolor=INK, linewidth=2
        )
        axes.add_patch(frame)
        axes.set_yticks(range(len(rows[name])), [f"{alpha:g}" for alpha in rows[name]])
        axes.set(title=words[name], ylabel=words["alpha"])
    panels[-1].set_xticks(range(len(columns)), [f"{t:g}" for t in columns])
    panels[-1].set_xlabel(words["temperature"])


@sized(7, 3.8)
def accuracy(
    figure: Figure, words: Words, sizes: Mapping[str, Mapping[str, Values]], teacher: Values
) -> None:
    """Draw test accuracies, (seeds,) in percent, of each size alone and distilled, beside the teachers'."""
    axes = figure.subplots()
    rows = [(words["teacher"], teacher, COLOR_OF["teacher"])]
    for size, models in sizes.items():
        rows += [(words("row", size=words[size], model=words[m]), v, COLOR_OF[m]) for m, v in models.items()]
    for place, (_, values, color) in enumerate(rows):
        plot_strip(axes, place, values, color)
    axes.axvline(float(teacher.mean()), color=INK, linewidth=1)
    left, right = axes.get_xlim()
    axes.axvspan(float(teacher.mean()) - 1, right, **ZONE)
    axes.set_xlim(left, right)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel(words["accuracy"])


def _gains(figure: Figure, words: Words, rows: Mapping[str, ArrayLike]) -> None:
    axes = figure.subplots()
    named = {words[key]: values for key, values in rows.items()}
    colors = (COLOR_OF["distilled"],)
    plot_differences(named, unit=words["unit"], colors=colors, ax=axes, lang=words.lang)
    left, right = axes.get_xlim()
    axes.axvspan(0, max(right, 0.1), **ZONE)
    axes.set_xlim(left, max(right, 0.1))


@sized(7, 3.4)
def gains(figure: Figure, words: Words, rows: Mapping[str, ArrayLike]) -> None:
    """Draw what distillation gains in each setting, (seeds,) in points; the zone above zero is shaded."""
    _gains(figure, words, rows)


@sized(7, 2.8)
def reasons(figure: Figure, words: Words, rows: Mapping[str, ArrayLike]) -> None:
    """Draw distilled minus each control, (seeds,) in points; the zone above zero is shaded."""
    _gains(figure, words, rows)


@sized(7.4, 3.4)
def variance(figure: Figure, words: Words, parts: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw the two parts of a squared error, (pairs,) each, a panel a part and a row a model."""
    panels = figure.subplots(1, 2, sharey=True)
    for axes, part in zip(panels, ("variance", "rest"), strict=True):
        for place, (name, both) in enumerate(parts.items()):
            plot_strip(axes, place, both[part], _color(name))
        axes.set_xlabel(words[part])
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=4)
    panels[0].set_yticks(range(len(parts)), [words[name] for name in parts])
    panels[0].invert_yaxis()


@sized(7, 2.6)
def errors(figure: Figure, words: Words, rows: Mapping[str, Values]) -> None:
    """Draw shares of a teacher's errors that students repeat, (seeds,) in percent, a row each."""
    axes = figure.subplots()
    for place, (name, values) in enumerate(rows.items()):
        plot_strip(axes, place, values, _color(name))
    axes.set_yticks(range(len(rows)), [words[name] for name in rows])
    axes.invert_yaxis()
    axes.set_xlabel(words["share"])
