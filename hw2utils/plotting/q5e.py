"""Figures of chapter q5e: pairs of regularisers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.images import plot_images
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, mark_percent, sized
from hw2utils.statistics import mean_interval

Values = NDArray[np.float64]
PAIR_MARKS = {"AL": "o", "DL": "s", "AD": "^"}


@sized(7, 2.3)
def images(figure: Figure, words: Words, plain: Values, turned: Values) -> None:
    """Draw test images (N, height, width), from 0 to 1, and below them the same ones turned and shifted."""
    plot_images(figure, [plain, turned], labels=[words["plain"], words["turned"]])


@sized(7, 3.2)
def noise(
    figure: Figure, words: Words, widths: Sequence[int], table: Sequence[tuple[float, Sequence[float]]]
) -> None:
    """Draw what dropout adds to a sum of equal inputs, as fractions of it, against the width, by rate."""
    axes = figure.subplots()
    places = range(len(widths))
    for (rate, values), line in zip(table, LINES, strict=False):
        axes.plot(places, values, line, marker="o", color=NEUTRAL, label=words("rate", rate=rate))
    axes.set_xticks(places, [str(width) for width in widths])
    mark_percent(axes.yaxis)
    axes.set(xlabel=words["width"], ylabel=words["spread"], ylim=(0, None))
    axes.legend()


@sized(7, 4.4)
def readings(figure: Figure, words: Words, readings: Sequence[Mapping[str, Any]]) -> None:
    """Draw accuracies by pair and dropout rate and by how they were read, (seeds,) each, in percent."""
    axes = figure.subplots()
    kinds = (
        (-0.22, "train", "train", "o", "full"),
        (0, "wrong", "test", "s", "none"),  # another reading of the same split: its colour, empty marks
        (0.22, "right", "test", "^", "full"),
    )
    for shift, kind, split, mark, fill in kinds:
        look = {"marker": mark, "color": COLOR_OF[split], "fillstyle": fill}
        for place, reading in enumerate(readings):
            label = words[kind] if place == 0 else None
            _row(axes, reading[kind], place + shift, look, label)
    axes.set_yticks(range(len(readings)), [_setting(words, reading) for reading in readings])
    axes.set(ylim=(len(readings) - 0.5, -0.5), xlabel=words["accuracy"])
    axes.legend()


@sized(6.4, 5.2)
def plane(
    figure: Figure,
    words: Words,
    readings: Sequence[Mapping[str, Any]],
    reported: Mapping[str, Sequence[Sequence[float]]],
    tolerance: float,
) -> None:
    """Draw settings, and what was reported, by test accuracy in training mode and training accuracy.

    In percent. ``reported`` maps a pair to (test, training); around each a square of the ``tolerance``.
    """
    axes = figure.subplots()
    for pair, mark in PAIR_MARKS.items():
        own = [reading for reading in readings if reading["pair"] == pair]
        points = np.array([[reading["wrong"].mean(), reading["train"].mean()] for reading in own])
        axes.plot(*points.T, LINES[1], marker=mark, color=NEUTRAL, linewidth=1, label=words[pair])
        for reading, place in zip(own, points, strict=True):
            axes.plot(reading["wrong"], reading["train"], mark, color=NEUTRAL, alpha=0.3, markersize=3)
            if "D" in pair:
                axes.annotate(f"{reading['rate']:g}", place, (-22, 4), textcoords="offset points")
        for test, train in reported.get(pair, ()):
            corner = (test - tolerance, train - tolerance)
            axes.add_patch(Rectangle(corner, 2 * tolerance, 2 * tolerance, color=INK, alpha=0.08))
            axes.plot(test, train, mark, color=INK, fillstyle="none", markersize=9)
    axes.plot([], [], "o", color=INK, fillstyle="none", markersize=9, label=words["reported"])
    axes.set(xlabel=words["test"], ylabel=words["train"])
    axes.legend(loc="upper left")


@sized(7, 3.6)
def search(figure: Figure, words: Words, searched: Sequence[tuple[float, History]], reported: float) -> None:
    """Draw mean accuracies over epochs by learning rate, and the reported one in percent."""
    axes = figure.subplots()
    for (rate, history), line in zip(searched, LINES, strict=False):
        for split in ("train", "test"):
            values = 100 * history[f"{split}_acc"].mean(axis=1)  # (epochs,)
            label = words("curve", split=words[split], rate=rate)
            axes.plot(history.epochs, values, line, color=COLOR_OF[split], label=label)
    axes.axhline(reported, color=INK, linewidth=1)
    axes.set(xlabel=words["epoch"], ylabel=words["accuracy"])
    axes.legend(loc="lower right")


@sized(8.4, 3.8)
def effects(figure: Figure, words: Words, effects: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw effects by what they act on and by letters, (seeds,) each, in points."""
    for axes, kind in zip(figure.subplots(1, 3), ("test", "turned", "gap"), strict=True):
        values = effects[kind]
        order = sorted(values, key=lambda letters: (len(letters), letters))  # interactions last
        rows = {" × ".join(letters): values[letters] for letters in order}
        colors = [COLOR_OF["test"] if kind == "test" else INK if kind == "gap" else NEUTRAL]
        plot_differences(rows, unit=words["unit"], colors=colors, ax=axes, lang=words.lang)
        axes.set_title(words[kind], fontsize=9)
        axes.set_xlabel(words["unit"])  # three panels leave no room for more


@sized(7, 4)
def problems(figure: Figure, words: Words, problems: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw test accuracies of the pairs by problem, (seeds,) each, in percent."""
    axes = figure.subplots()
    for shift, (pair, mark) in zip((-0.22, 0, 0.22), PAIR_MARKS.items(), strict=True):
        look = {"marker": mark, "color": NEUTRAL, "fillstyle": "none" if pair == "AD" else "full"}
        for place, values in enumerate(problems.values()):
            _row(axes, values[pair], place + shift, look, words[pair] if place == 0 else None)
    axes.set_yticks(range(len(problems)), [words[problem] for problem in problems])
    axes.set(ylim=(len(problems) - 0.5, -0.5), xlabel=words["accuracy"])
    axes.legend()


def _row(axes: Axes, values: Values, height: float, look: Mapping[str, Any], label: str | None) -> None:
    """Draw every seed as a small mark, their mean as a large one, and its interval as a thick line."""
    axes.plot(values, np.full(len(values), height), ls="", alpha=0.4, markersize=4, **look)
    found = mean_interval(values)
    axes.plot([found.low, found.high], [height] * 2, color=look["color"], linewidth=3)
    axes.plot([found.mean], [height], ls="", markersize=8, label=label, **look)


def _setting(words: Words, reading: Mapping[str, Any]) -> str:
    """Name a pair, and its dropout rate where it has one."""
    pair = words[reading["pair"]]
    return words("setting", pair=pair, rate=reading["rate"]) if "D" in reading["pair"] else pair
