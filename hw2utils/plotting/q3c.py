"""Figures of chapter q3c: temperature and the loss of distillation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from hw2utils.plotting.seed_lines import plot_first_seed
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, ZONE, Words, sized

Values = NDArray[np.float64]

_LOOK = {
    "squared": (COLOR_OF["distilled"], "-"),
    "without": (NEUTRAL, "--"),
    "hinton": (COLOR_OF["distilled"], "-"),
    "homework": (NEUTRAL, "--"),
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


@sized(6.6, 2.8)
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
    panels = figure.subplots(1, len(temperatures) + 1, width_ratios=[1.2] + [1] * len(temperatures))
    names = classes[words.lang]
    panels[0].imshow(image, cmap="gray")
    panels[0].set_title(names[label])
    panels[0].axis("off")
    for place, (axes, value, bars) in enumerate(zip(panels[1:], temperatures, probabilities, strict=True)):
        _bars(axes, bars, [""] * len(bars) if place else names)
        axes.tick_params(axis="y", labelsize=8)
        axes.set_title(f"t = {value:g}")
        axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])


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


@sized(5.2, 3.4)
def smooth(
    figure: Figure, words: Words, temperatures: Sequence[float], entropies: Mapping[str, Values]
) -> None:
    """Draw entropies, (temperatures, seeds) in nats, of soft labels and of students' own answers.

    The first seed is a thin line; the dotted line above is the entropy of ten equal probabilities.
    """
    axes = figure.subplots()
    for place, (name, values) in enumerate(entropies.items()):
        _curve(axes, temperatures, values, {"labels": "teacher", "students": "squared"}[name], words[name])
        plot_first_seed(axes, temperatures, values.T, words["first"] if place else "")
    axes.axhline(np.log(10), color=NEUTRAL, linestyle=":", label=words["uniform"])
    axes.set(ylabel=words["entropy"], ylim=(0, 2.5))
    _temperatures(axes, words, temperatures)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(6.2, 3.4)
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


def _temperatures(axes: Axes, words: Words, temperatures: Sequence[float]) -> None:
    axes.set(xscale="log", xlabel=words["temperature"])
    axes.set_xticks(temperatures, [f"{value:g}" for value in temperatures])
    axes.minorticks_off()


@sized(5.6, 1.9)
def disputed(
    figure: Figure,
    words: Words,
    images: Values,
    labels: Sequence[int],
    answers: Sequence[int],
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Draw images, (n, 28, 28), with their true label and the teacher's answer above each."""
    names = classes[words.lang]
    for axes, image, label, answer in zip(
        figure.subplots(1, len(images), squeeze=False)[0], images, labels, answers, strict=True
    ):
        axes.imshow(image, cmap="gray")
        axes.set_title(
            f"{words('label', name=names[label])}\n{words('answer', name=names[answer])}", fontsize=8
        )
        axes.axis("off")


@sized(6.0, 3.8)
def alpha(
    figure: Figure,
    words: Words,
    alphas: Sequence[float],
    panels: Mapping[str, Mapping[str, Values]],
    ends: Sequence[float],
) -> None:
    """Draw shares of disputed images, (alphas, seeds) in percent, answered one way or the other.

    ``panels`` are those of the lowest and of the highest temperature, which ``ends`` tells.
    """
    grid = figure.subplots(1, 2, sharey=True)
    for axes, curves, t in zip(grid, panels.values(), ends, strict=True):
        for name, values in curves.items():
            _curve(axes, alphas, values, "labels" if name == "labels" else "teacher", words[name])
        plot_first_seed(axes, alphas, curves["labels"].T, words["first"])
        axes.set(xscale="log", xlabel="α", ylim=(0, 100), title=f"t = {t:g}")
        axes.set_xticks(alphas, [f"{value:g}" for value in alphas])
        axes.minorticks_off()
    grid[0].set_ylabel(words["share"])
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(5.2, 3.4)
def listened(
    figure: Figure, words: Words, temperatures: Sequence[float], shares: Mapping[str, Values]
) -> None:
    """Draw the share of disputed images answered with the label, (temperatures, seeds) in percent.

    The shaded zone is 10 points to either side of the means at the lowest temperature: what still counts as
    no change.
    """
    axes = figure.subplots()
    start = next(iter(shares.values()))[0].mean()
    axes.axhspan(start - 10, start + 10, **ZONE, label=words["zone"])
    for name, values in shares.items():
        _curve(axes, temperatures, values, name, words[name])
    plot_first_seed(axes, temperatures, next(iter(shares.values())).T, words["first"])
    axes.set(ylabel=words["share"], ylim=(0, 100))
    _temperatures(axes, words, temperatures)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)


@sized(6.0, 3.6)
def map(
    figure: Figure,
    words: Words,
    alphas: Sequence[float],
    temperatures: Sequence[float],
    maps: Mapping[str, Values],
) -> None:
    """Draw mean gains, (temperatures, alphas) in points, as a map for each convention; a frame is the best.

    Numbers stand in the cells, so that nothing hangs on the shade.
    """
    grid = figure.subplots(1, len(maps), sharey=True)
    edge = max(float(np.abs(values).max()) for values in maps.values())
    top = max(maps, key=lambda name: float(maps[name].max()))
    for axes, (name, values) in zip(grid, maps.items(), strict=True):
        for row, column in np.ndindex(*values.shape):
            value = float(values[row, column])
            color = COLOR_OF["distilled"] if value > 0 else NEUTRAL
            shade = 0.6 * abs(value) / edge  # of a colour that reads on dark pages too
            box = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=color, alpha=shade, linewidth=0)
            axes.add_patch(box)
            axes.text(column, row, words.number(value, "+.1f"), ha="center", va="center", fontsize=9)
        if name == top:
            row, column = np.unravel_index(values.argmax(), values.shape)
            frame = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="none", edgecolor=INK, linewidth=2.5)
            axes.add_patch(frame)
        axes.set(title=words[name], xlabel="α")
        axes.set_xticks(range(len(alphas)), [f"{value:g}" for value in alphas])
        axes.set_yticks(range(len(temperatures)), [f"{value:g}" for value in temperatures])
        axes.set(xlim=(-0.5, len(alphas) - 0.5), ylim=(len(temperatures) - 0.5, -0.5))
        axes.grid(visible=False)
    grid[0].set_ylabel(words["temperature"])


@sized(6.0, 3.2)
def pitfalls(
    figure: Figure, words: Words, accuracies: Mapping[str, Values], shares: Mapping[str, Values]
) -> None:
    """Draw test accuracy and the true label's share on disputed images, (seeds,) in percent, by pitfall."""
    grid = figure.subplots(1, 2, sharey=True)
    for axes, values, label in zip(grid, (accuracies, shares), ("accuracy", "share"), strict=True):
        for place, (name, own) in enumerate(values.items()):
            color = COLOR_OF["distilled"] if name == "right" else NEUTRAL
            spread = place + np.linspace(-0.2, 0.2, len(own))
            axes.plot(own, spread, "o", color=color, markersize=3, alpha=0.5)
            axes.plot(own.mean(), place, "D", color=color, markersize=7, markeredgecolor="white")
        axes.axvline(values["right"].mean(), color="0.25", linewidth=1)
        axes.set(xlabel=words[label], xlim=(0, 100))
        axes.set_yticks(range(len(values)), [words[name] for name in values])
        axes.grid(axis="y", visible=False)
    grid[0].invert_yaxis()
