"""Figures of chapter q3a: what distillation gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import differences
from hw2utils.plotting.style import COLOR_OF, NEUTRAL, Words, mark_percent, sized
from hw2utils.statistics import mean_interval

Values = NDArray[np.float64]


_MODELS = {"larger": "distilled", "same": "distilled", "soft": "distilled", "corrected": "distilled"}
"""Whose colour a row has that names a model of that kind otherwise."""


def _color(name: str) -> str:
    """Give the colour of the model that a row's name ends with: ``unseen_alone`` is about ``alone``."""
    model = name.rpartition("_")[2]
    return COLOR_OF.get(_MODELS.get(model, model), NEUTRAL)


def _strips(axes: Axes, rows: Mapping[str, Values], size: float = 4) -> None:
    """Draw a row for each (seeds,): every seed a dot, a thick line the interval of the mean."""
    for place, (name, values) in enumerate(rows.items()):
        color = _color(name)
        interval = mean_interval(values)
        spread = place + np.linspace(-0.2, 0.2, len(values))
        axes.plot(values, spread, "o", color=color, alpha=0.5, markersize=size)
        axes.plot([interval.low, interval.high], [place, place], color=color, linewidth=3)


def _named_strips(axes: Axes, words: Words, rows: Mapping[str, Values], label: str) -> None:
    axes.set_xlabel(words[label])
    _strips(axes, rows)
    axes.set_yticks(range(len(rows)), [words[key] for key in rows])
    axes.invert_yaxis()


@sized(7, 5)
def accuracy(figure: Figure, words: Words, full: Mapping[str, Values], little: Mapping[str, Values]) -> None:
    """Draw test accuracies, (seeds,) in percent, of the models trained on all data and on little."""
    panels = figure.subplots(2, 1, sharex=True)
    for axes, title, rows in zip(panels, ("full", "little"), (full, little), strict=True):
        _named_strips(axes, words, rows, "accuracy")
        axes.set_title(words[title])
    panels[0].set_xlabel("")


@sized(7.5, 3.4)
def calibration(
    figure: Figure,
    words: Words,
    confidence: Mapping[str, Values],
    accuracy: Mapping[str, Values],
    errors: Mapping[str, Values],
) -> None:
    """Draw reliability curves, (bins,) in fractions, beside calibration errors, (seeds,) in percent.

    All axes show percent.
    """
    left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    for name, mark in zip(confidence, ("o-", "s--", "^:"), strict=False):
        left.plot(confidence[name], accuracy[name], mark, color=_color(name), markersize=3, label=words[name])
    left.plot([0, 1], [0, 1], color="0.4", linewidth=1)
    left.set(xlabel=words["confidence"], ylabel=words["share_right"])
    for axis in (left.xaxis, left.yaxis):
        mark_percent(axis)
    left.legend()
    _named_strips(right, words, errors, "error")


@sized(7, 2.8)
def cost(figure: Figure, words: Words, ratios: Mapping[str, Values]) -> None:
    """Draw ratios of times, (seeds,), on a logarithmic axis, with a line where both are equal."""
    axes = figure.subplots()
    _named_strips(axes, words, ratios, "ratio")
    axes.axvline(1, color="0.25", linewidth=1)
    axes.set_xscale("log")
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


@sized(8, 4.2)
def balance(
    figure: Figure, words: Words, parameters: Mapping[str, int], balance: Mapping[str, Sequence[Values]]
) -> None:
    """Draw the models' numbers of parameters and, for each quantity, (models, seeds), a panel."""
    panels = figure.subplots(2, 3, sharey=True)
    for place, (model, count) in enumerate(parameters.items()):
        panels[0, 0].plot([0, count / 1000], [place, place], color=_color(model), linewidth=6)
    for axes, quantity in zip(panels.flat[1:], balance.values(), strict=True):
        _strips(axes, dict(zip(parameters, quantity, strict=True)), size=3)
    for axes, name in zip(panels.flat, ("parameters", *balance), strict=True):
        axes.set_xlabel(words[name], fontsize=9)
        if name != "accuracy":
            axes.set_xlim(left=0)
    panels[0, 0].set_yticks(range(len(parameters)), [words[model] for model in parameters])
    panels[0, 0].set_ylim(len(parameters) - 0.5, -0.5)


@sized(8, 3.6)
def confusions(
    figure: Figure, words: Words, tables: Mapping[str, Values], classes: Mapping[str, Sequence[str]]
) -> None:
    """Draw confusion matrices, (classes, classes) in percent; ``classes`` are their names by language."""
    panels = figure.subplots(1, len(tables), sharey=True)
    names = classes[words.lang]
    for axes, (model, table) in zip(panels, tables.items(), strict=True):
        image = axes.imshow(table, cmap="magma_r", vmin=0, vmax=20)
        axes.set_title(words[model])
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.grid(visible=False)
    figure.colorbar(image, ax=panels, label=words["percent"], shrink=0.7)


def transfer(figure: Figure, words: Words, rows: Mapping[str, Values]) -> None:
    """Draw accuracies, (seeds,) in percent, where a student saw no image of a class or of a domain."""
    _named_strips(figure.subplots(), words, rows, "accuracy")


@sized(7, 2.6)
def mistakes(figure: Figure, words: Words, rows: Mapping[str, Values]) -> None:
    """Draw paired differences, (seeds,) in percentage points, logarithmic beyond one point from zero."""
    differences(figure, words, rows)
    axes = figure.axes[0]
    axes.set_xscale("symlog", linthresh=1)
    ticks = (-100, -10, -1, 0, 1)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
