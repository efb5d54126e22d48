"""Figures of chapter q1a2: where overfitting and underfitting come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from hw2utils.plotting.boundaries import plot_map
from hw2utils.plotting.curves import curve
from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, ZONE, Words, sized

Values = NDArray[np.float64]
_SPLITS = {"train": "-", "test": "--"}


@sized(7.2, 5.4)
def complexity(
    figure: Figure, words: Words, sizes: Mapping[str, Sequence[int]], panels: Mapping[str, Values]
) -> None:
    """Draw training and test error in percent, (sizes, 2, seeds), against size: a row a family.

    A panel is called after its family and its problem, joined by ``_``; ``sizes`` are those of a family.
    """
    problems = list(dict.fromkeys(name.split("_")[1] for name in panels))
    grid = figure.subplots(len(sizes), len(problems), sharey=True)
    for row, (family, places) in enumerate(sizes.items()):
        line = grid[row]
        for axes, problem in zip(line, problems, strict=True):
            table = panels[f"{family}_{problem}"]
            for place, (name, style) in enumerate(_SPLITS.items()):
                curve(axes, places, table[:, place], COLOR_OF[name], style, words[name])
            axes.set_xscale("log", base=2)
            axes.set_xticks(places, [str(size) for size in places])
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.set(xlabel=words[family], title="" if row else words[problem])
        line[0].set_ylabel(words["error"])
    grid[0, 0].legend()


@sized(7.2, 5.2)
def length(figure: Figure, words: Words, epochs: Sequence[int], panels: Mapping[str, Values]) -> None:
    """Draw errors over the training, (epochs, 3, seeds): accuracy's in percent above, loss in nats below.

    A panel is called after its measure and its problem, joined by ``_``.
    """
    grid = figure.subplots(2, 2, sharex=True, sharey="row")
    for axes, (name, table) in zip(grid.flat, panels.items(), strict=True):
        measure, problem = name.split("_")
        for place, (split, style) in enumerate(_SPLITS.items()):
            plot_seed_lines(axes, epochs, table[:, place].T, COLOR_OF[split], words[split], line=style)
        plot_first_seed(axes, epochs, table[:, 1].T, words["first"])
        if measure == "acc":
            axes.set_title(words[problem])
        else:
            axes.set_xlabel(words["epoch"])
    grid[0, 0].set_ylabel(words["error"])
    grid[1, 0].set_ylabel(words["loss"])
    grid[0, 1].legend()


@sized(7.4, 4.2)
def effects(
    figure: Figure,
    words: Words,
    panels: Mapping[str, Mapping[str, Values]],
    thresholds: Mapping[str, float],
) -> None:
    """Draw what a cause does, (seeds,) a row, in panels; the criterion's zone is shaded."""
    shares = [len(rows) + 0.8 for rows in panels.values()]
    grid = figure.subplots(len(panels), 1, height_ratios=shares, squeeze=False)[:, 0]
    for axes, (name, rows) in zip(grid, panels.items(), strict=True):
        named = {words[key]: values for key, values in rows.items()}
        unit = words["nats" if name == "nats" else "points"]
        colors, edge = (COLOR_OF["test"],), thresholds[name]
        plot_differences(named, unit=unit, thresholds=(edge,), colors=colors, ax=axes, lang=words.lang)
        axes.axvspan(edge, max(axes.get_xlim()[1], 2 * edge), **ZONE)
        axes.set_xlabel(unit)
        if name not in ("points", "nats"):
            axes.set_title(words[name])


@sized(7.2, 3.2)
def sizes(
    figure: Figure, words: Words, sizes: Mapping[str, Sequence[int]], panels: Mapping[str, Values]
) -> None:
    """Draw training and test error in percent, (sizes, 2, seeds), against the number of training images."""
    grid = figure.subplots(1, len(panels), sharey=True)
    for axes, (problem, table) in zip(grid, panels.items(), strict=True):
        places = sizes[problem]
        for place, (name, style) in enumerate(_SPLITS.items()):
            curve(axes, places, table[:, place], COLOR_OF[name], style, words[name])
        axes.set_xscale("log", base=2)
        axes.set_xticks(places, [str(size) for size in places])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set(xlabel=words["images"], title=words[problem])
    grid[0].set_ylabel(words["error"])
    grid[-1].legend()


@sized(7.2, 3.6)
def imbalance(figure: Figure, words: Words, rows: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw accuracies in percent, (seeds,): rare classes in training and on the test, and common ones."""
    axes = figure.subplots()
    looks = {
        "seen_rare": (COLOR_OF["train"], "s", -0.2),
        "new_rare": (COLOR_OF["test"], "o", 0.0),
        "new_common": (NEUTRAL, "^", 0.2),
    }
    for place, kinds in enumerate(rows.values()):
        for name, (color, mark, shift) in looks.items():
            values = kinds[name]
            level = np.full(len(values), place + shift)
            axes.plot(values, level, mark, color=color, alpha=0.35, markersize=4, markeredgewidth=0)
            label = words[name] if place == 0 else None
            axes.plot(
                [values.mean()],
                [place + shift],
                mark,
                color=color,
                markersize=8,
                markeredgecolor="white",
                label=label,
            )
    axes.set_yticks(range(len(rows)), [words[name] for name in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel=words["accuracy"])
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper center", ncols=3)


@sized(6.6, 3.0)
def border(figure: Figure, words: Words, ratio: float) -> None:
    """Draw two bells at -1 and 1, the right one so many times lower, and where the better guess changes."""
    axes = figure.subplots()
    places = np.linspace(-4, 4.5, 300)
    many = np.exp(-((places + 1) ** 2) / 2)
    few = np.exp(-((places - 1) ** 2) / 2) / ratio
    cut = np.log(ratio) / 2
    axes.plot(places, many, color=NEUTRAL, linewidth=2, label=words["common"])
    axes.plot(places, few, color=INK, linewidth=2, linestyle="--", label=words["rare"])
    wrong = places <= cut
    axes.fill_between(places[wrong], few[wrong], color=COLOR_OF["test"], alpha=0.35, label=words["wrong"])
    for place, key in ((0.0, "even"), (cut, "uneven")):
        axes.axvline(place, color="0.4", linestyle=":" if key == "even" else "-", linewidth=1)
        axes.text(place, 1.08, words[key], ha="right" if key == "even" else "left", va="bottom")
    axes.set(ylim=(0, 1.25), yticks=[], xlabel=words["feature"])
    axes.legend(loc="center right")


@sized(6.8, 3.6)
def spirals(
    figure: Figure, words: Words, maps: Mapping[str, NDArray[np.integer]], points: Values, labels: Values
) -> None:
    """Draw the answers of two networks over the plane, (x, y) on a square of half side 2, and some points."""
    grid = figure.subplots(1, len(maps), sharey=True)
    for axes, (name, answers) in zip(grid, maps.items(), strict=True):
        plot_map(axes, np.asarray(answers), np.asarray(points), np.asarray(labels), side=2, markersize=3)
        axes.set(title=words[name], aspect="equal")
    grid[0].set_ylabel("x2")


@sized(7.0, 3.4)
def longer(
    figure: Figure,
    words: Words,
    start: Values,
    epochs: Mapping[str, Sequence[int]],
    curves: Mapping[str, Values],
) -> None:
    """Draw test accuracies over the training, (epochs, seeds) in percent; ``start`` (seeds,) is epoch 1's.

    Epochs are on a logarithmic axis: four times as many are as far everywhere.
    """
    axes = figure.subplots()
    for (name, table), style in zip(curves.items(), ("-", "--"), strict=True):
        places, values = list(epochs[name]), np.asarray(table)
        if name == "short":
            places, values = [1, *places], np.vstack([start, values])
        plot_seed_lines(axes, places, values.T, COLOR_OF["test"], words[name], line=style)
        plot_first_seed(axes, places, values.T, words["first"] if name == "short" else "")
    axes.set_xscale("log", base=2)
    ticks = [1, 4, *(n for n in (10, 40, 160) if n <= max(epochs["simple"]))]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    _four_times(axes, words)
    axes.set(xlabel=words["epoch"], ylabel=words["accuracy"])
    figure.legend(loc="outside upper center", ncols=3)


def _four_times(axes: Axes, words: Words) -> None:
    """Shade the two stretches that the claim compares."""
    for first, last in ((1, 4), (40, 160)):
        if last <= axes.get_xlim()[1]:
            axes.axvspan(first, last, **ZONE)
            axes.text(
                (first * last) ** 0.5, 0.02, words["times"], transform=axes.get_xaxis_transform(), ha="center"
            )
