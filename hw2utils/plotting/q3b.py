"""Figures of chapter q3b: the procedure of distillation, and what its slips do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, Words, sized

Values = NDArray[np.float64]

_PLACES = {
    "image": (0.9, 1.5, NEUTRAL),
    "teacher": (3.2, 2.5, COLOR_OF["teacher"]),
    "student": (3.2, 0.5, COLOR_OF["distilled"]),
    "soft": (5.9, 2.5, COLOR_OF["teacher"]),
    "distillation": (5.9, 1.5, COLOR_OF["distilled"]),
    "own": (5.9, 0.5, COLOR_OF["distilled"]),
    "label": (8.3, 0.5, COLOR_OF["train"]),
}
"""Centre and colour of each box of the procedure."""

_FORWARD = (
    ("image", "teacher"),
    ("image", "student"),
    ("teacher", "soft"),
    ("soft", "distillation"),
    ("student", "distillation"),
    ("student", "own"),
    ("label", "own"),
)


@sized(6.6, 3.4)
def gradients(figure: Figure, words: Words) -> None:
    """Draw the procedure: numbers go forward along thin arrows, gradients back along thick ones.

    None passes from the distillation loss to the soft label: a cross stands there. It runs from left to right
    in both languages, as formulas do.
    """
    axes: Axes = figure.subplots()
    axes.set_axis_off()
    for name, (x, y, color) in _PLACES.items():
        box = FancyBboxPatch(
            (x - 0.85, y - 0.3), 1.7, 0.6, boxstyle="round,pad=0.03", facecolor="none", edgecolor=color
        )
        axes.add_patch(box)
        axes.text(x, y, words[name], ha="center", va="center", fontsize=9)
    for start, end in _FORWARD:
        _arrow(axes, _edge(start, end), _edge(end, start), "0.5", 1)
    for end in ("distillation", "own"):
        (x, y), (u, v) = _edge(end, "student"), _edge("student", end)
        _arrow(axes, (x, y - 0.14), (u, v - 0.14), COLOR_OF["distilled"], 2.5)
    axes.plot(6.2, 2.0, "x", color=INK, markersize=11, markeredgewidth=2.5)
    axes.text(6.5, 2.0, words["cut"], va="center", fontsize=9)
    axes.plot([], [], color="0.5", linewidth=1, label=words["forward"])
    axes.plot([], [], color=COLOR_OF["distilled"], linewidth=2.5, label=words["backward"])
    figure.legend(loc="outside lower center", ncols=2)
    axes.set(xlim=(0, 9.2), ylim=(0.1, 2.9))


def _edge(name: str, other: str) -> tuple[float, float]:
    """Give the point of a box's border that looks to another box."""
    (x, y, _), (u, v, _) = _PLACES[name], _PLACES[other]
    if x == u:
        return x, y + 0.33 * np.sign(v - y)
    return x + 0.88 * np.sign(u - x), y


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str, width: float
) -> None:
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=color, linewidth=width)
    )


@sized(5.2, 3.2)
def convergence(figure: Figure, words: Words, epochs: Sequence[int], accuracy: Values) -> None:
    """Draw the teachers' validation accuracy, (epochs, seeds) in percent: a dot a seed, a line of means."""
    axes = figure.subplots()
    axes.plot(epochs, accuracy, ".", color=COLOR_OF["val"], alpha=0.4, markersize=4)
    axes.plot(epochs, accuracy.mean(axis=1), color=COLOR_OF["val"], linewidth=2, label=words["mean"])
    plot_first_seed(axes, epochs, accuracy.T, words["first"])
    axes.set(xlabel=words["epoch"], ylabel=words["accuracy"])
    axes.legend(loc="lower right")


@sized(6.4, 3.0)
def slips(figure: Figure, words: Words, changes: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw what slips change in teacher and student, (seeds,) in points each, a panel each."""
    grid = figure.subplots(1, 2, sharey=True)
    for axes, (who, rows) in zip(grid, changes.items(), strict=True):
        named = {words[way]: values for way, values in rows.items()}
        colors = [COLOR_OF["teacher" if who == "teacher" else "distilled"]]
        plot_differences(named, unit=words["unit"], colors=colors, ax=axes, lang=words.lang)
        axes.set(title=words[who], xlabel=words["unit"])


@sized(5.2, 3.4)
def loss(figure: Figure, words: Words, courses: Mapping[str, Values]) -> None:
    """Draw the distillation loss of each step, (steps, seeds): the mean of all seeds, and the first seed."""
    axes = figure.subplots()
    looks = {"right": (COLOR_OF["distilled"], "-"), "two": (NEUTRAL, "--")}
    for place, (way, values) in enumerate(courses.items()):
        color, line = looks[way]
        steps = np.arange(1, len(values) + 1)
        first = words["first"] if place == 0 else None
        axes.plot(steps, values[:, 0], color=INK, linewidth=0.5, alpha=0.6, label=first)
        axes.plot(steps, values.mean(axis=1), line, color=color, linewidth=2, label=words[way])
    axes.set(yscale="log", xlabel=words["step"], ylabel=words["loss"])
    axes.legend()
