"""Figures of chapter q3a2: where knowledge gets to, and what is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from hw2utils.plotting.strips import plot_strip
from hw2utils.plotting.style import COLOR_OF, NEUTRAL, ZONE, Words, sized
from hw2utils.statistics import mean_interval

Values = NDArray[np.float64]

_ARMS = {"taught": "distilled", "unseen": "distilled", "unpaired": "distilled"}
"""Whose colour a row has that names a model of that kind otherwise."""


def _color(name: str) -> str:
    """Give the colour of the model that a row's name names: ``models_alone``, ``alone_16_50``."""
    for part in name.split("_"):
        if (model := _ARMS.get(part, part)) in COLOR_OF:
            return COLOR_OF[model]
    return NEUTRAL


def _strips(axes: Axes, words: Words, rows: Mapping[str, Values], *, ratio: bool = False) -> None:
    """Draw a row for each (seeds,): every seed a dot, a thick line the interval of the mean."""
    for place, (name, values) in enumerate(rows.items()):
        plot_strip(axes, place, values, _color(name), ratio=ratio)
    axes.set_yticks(range(len(rows)), [words[name] for name in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


@sized(6.4, 5.2)
def routes(figure: Figure, words: Words, teacher: Values, student: Values) -> None:
    """Draw four routes: what the teacher learned from and what the student learns with, (4, 28, 28) each.

    The arrow runs from teacher to student, from left to right in both languages, as pictures stand.
    """
    grid = figure.subplots(len(teacher), 3, width_ratios=(1, 2.6, 1))
    names = ("models", "domains", "unseen", "new")
    for row, name, seen, learned in zip(grid, names, teacher, student, strict=True):
        for axes, image in ((row[0], seen), (row[2], learned)):
            axes.imshow(image, cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
        middle = row[1]
        middle.set_axis_off()
        middle.set(xlim=(0, 1), ylim=(0, 1))
        arrow = FancyArrowPatch(
            (0.04, 0.36), (0.96, 0.36), arrowstyle="-|>", mutation_scale=16, color=COLOR_OF["distilled"]
        )
        middle.add_patch(arrow)
        middle.text(0.5, 0.47, words[name], ha="center", va="bottom")
        middle.text(0.5, 0.25, words[f"{name}_passes"], ha="center", va="top")
    grid[0, 0].set_title(words["teacher"], fontsize=10)
    grid[0, 2].set_title(words["student"], fontsize=10)


@sized(7, 4.2)
def transfer(figure: Figure, words: Words, rows: Mapping[str, Values]) -> None:
    """Draw test accuracies, (seeds,) in percent, on images and on negatives."""
    upper = [f"models_{who}" for who in ("teacher", "distilled", "alone")]
    lower = [f"domains_{who}" for who in ("teacher", "distilled", "alone")] + ["unpaired"]
    panels = figure.subplots(2, 1, sharex=True, height_ratios=(len(upper), len(lower)))
    for axes, title, names in zip(panels, ("images", "negatives"), (upper, lower), strict=True):
        _strips(axes, words, {name: rows[name] for name in names})
        axes.set_title(words[title], fontsize=10)
    panels[1].set(xlabel=words["accuracy"], xlim=(-2, 100))


@sized(7, 3.4)
def problems(figure: Figure, words: Words, rows: Mapping[str, Values]) -> None:
    """Draw accuracies, (seeds,) in percent, on a class never seen and on five new classes."""
    upper, lower = figure.subplots(2, 1, height_ratios=(1, 3))
    _strips(upper, words, {"unseen": rows["unseen"]})
    upper.axvspan(10, 100, **ZONE)
    upper.axvline(10, color="0.4", linewidth=1, linestyle="--")
    upper.set(xlim=(0, 100), title=words["first"])
    _strips(lower, words, {name: rows[name] for name in ("alone", "taught", "untrained")})
    lower.set(xlabel=words["accuracy"], title=words["second"])
    for axes in (upper, lower):
        axes.title.set_fontsize(10)


@sized(7, 3.8)
def curves(figure: Figure, words: Words, curves: Mapping[str, Values]) -> None:
    """Draw validation accuracy by epoch, (seeds, epochs) in percent: a panel for each size of student.

    The thick line is the mean, the thin one the first seed, an upright line where seeds come, on average,
    within half a point of their own best.
    """
    for axes, width in zip(figure.subplots(1, 2, sharey=True), (16, 64), strict=True):
        kinds = {"teacher": ("teacher", ":"), f"alone_{width}": ("alone", "--")}
        kinds[f"distilled_{width}"] = ("distilled", "-")
        for name, (model, line) in kinds.items():
            values = np.asarray(curves[name])
            places = np.arange(1, values.shape[1] + 1)
            color = COLOR_OF[model]
            axes.plot(places, values[0], ".-", color=color, linewidth=0.6, markersize=3, alpha=0.7)
            axes.plot(places, values.mean(axis=0), line, color=color, linewidth=2.2, label=words[model])
            near = values >= values.max(axis=1, keepdims=True) - 0.5
            axes.axvline(1 + near.argmax(axis=1).mean(), color=color, linestyle=line, linewidth=1)
        axes.set(xlabel=words["epoch"], title=words("neurons", n=width))
        axes.title.set_fontsize(10)
        low = min(np.asarray(values)[:, 1:].min() for values in curves.values()) if values.shape[1] > 1 else 0
        axes.set_ylim(bottom=low - 1)
        lines, names = axes.get_legend_handles_labels()
        if width == 16:
            axes.set_ylabel(words["accuracy"])
    figure.legend(lines, names, loc="outside upper center", ncols=3)


@sized(7, 6)
def time(figure: Figure, words: Words, ratios: Mapping[str, Values], counted: Mapping[int, float]) -> None:
    """Draw times relative to the teacher's, (seeds,), by a clock, beside the ratio of multiplications.

    ``counted`` maps a number of neurons to that ratio, which the diamonds show.
    """
    panels = figure.subplots(2, 1, sharex=True)
    for axes, (width, count) in zip(panels, counted.items(), strict=True):
        shown = {name: values for name, values in ratios.items() if name.split("_")[1] == str(width)}
        order = [
            f"{who}_{width}_{what}" for what in (10, 50, 250, "enough") for who in ("alone", "distilled")
        ]
        axes.axvspan(1e-3, 1, color=NEUTRAL, alpha=0.1, linewidth=0)
        axes.axvspan(1e-3, 0.5, color=NEUTRAL, alpha=0.1, linewidth=0)
        _strips(axes, words, {name: shown[name] for name in order}, ratio=True)
        axes.axvline(count, color=NEUTRAL, linewidth=1, linestyle=":")
        axes.plot(
            [count] * len(order), range(len(order)), "D", color=NEUTRAL, markersize=4, label=words["counted"]
        )
        axes.axvline(1, color="0.25", linewidth=1)
        axes.set_title(words("neurons", n=width), fontsize=10)
        axes.set_xscale("log")
        ticks = (0.05, 0.1, 0.2, 0.5, 1, 2, 5)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        largest = max(values.max() for values in ratios.values())
        axes.set_xlim(0.045, max(2.2, 1.2 * largest))
    lines, names = panels[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center")
    panels[1].set_xlabel(words["ratio"])


@sized(7, 3.6)
def latency(figure: Figure, words: Words, counts: Sequence[int], speed: Mapping[str, Values]) -> None:
    """Draw how many times faster a student answers than the teacher, (seeds, counts), by images at a time.

    A panel for each number of threads; the shaded zone is at least twice as fast.
    """
    places = np.arange(len(counts))
    for axes, threads in zip(figure.subplots(1, 2, sharey=True), (1, 2), strict=True):
        axes.axhspan(2, 200, **ZONE)
        for width, line, mark in ((16, "-", "o"), (64, "--", "s")):
            values = np.asarray(speed[f"{width}_{threads}"])
            color = NEUTRAL  # alone and distilled are one network here
            axes.plot(places, values.T, color=color, linewidth=0.5, alpha=0.4)
            mean = np.exp(np.log(values).mean(axis=0))
            axes.plot(places, mean, mark, ls=line, color=color, linewidth=2, label=words("neurons", n=width))
        axes.axhline(1, color="0.25", linewidth=1)
        axes.set_yscale("log")
        ticks = (0.5, 1, 2, 4, 8, 16)
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xticks(places, [f"{count}" for count in counts])
        axes.set(xlabel=words["images"], title=words(f"threads_{threads}"), ylim=(0.45, 20))
        axes.title.set_fontsize(10)
        lines, names = axes.get_legend_handles_labels()
        if threads == 1:
            axes.set_ylabel(words["faster"])
    figure.legend(lines, names, loc="outside upper center", ncols=2)


@sized(7, 3.6)
def kept(
    figure: Figure,
    words: Words,
    parameters: Mapping[str, int],
    plain: Mapping[str, Values],
    eight: Mapping[str, Values],
) -> None:
    """Draw test accuracy, (seeds,) in percent, by bytes of weights: as float32 and rounded to 8 bits.

    The shaded zone is less than one point below the teacher's mean.
    """
    axes = figure.subplots()
    axes.axhspan(float(np.mean(plain["teacher"])) - 1, 100, **ZONE)
    marks = {"teacher": "D", "alone": "o", "distilled": "s"}
    for name, count in parameters.items():
        model = name.split("_")[0]
        aside = {"alone": 0.93, "distilled": 1.07}.get(model, 1.0)  # side by side
        for size, values, fill in ((4 * count, plain[name], COLOR_OF[model]), (count, eight[name], "none")):
            interval = mean_interval(values)
            axes.plot([size * aside] * 2, [interval.low, interval.high], color=COLOR_OF[model], linewidth=2)
            seen = (
                words[model] if fill != "none" and name in ("teacher", "alone_16", "distilled_16") else None
            )
            axes.plot(
                size * aside,
                interval.mean,
                marks[model],
                markerfacecolor=fill,
                markeredgecolor=COLOR_OF[model],
                color=COLOR_OF[model],
                markersize=8,
                linestyle="none",
                label=seen,
            )
    axes.set_xscale("log")
    ticks = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    axes.set_xticks(ticks, [f"{tick // 1000:,}" for tick in ticks])
    axes.minorticks_off()
    lowest = min(np.min(values) for values in (*plain.values(), *eight.values()))
    highest = max(np.max(values) for values in (*plain.values(), *eight.values()))
    axes.set(xlabel=words["bytes"], ylabel=words["accuracy"], ylim=(lowest - 0.5, highest + 0.5))
    figure.legend(loc="outside upper center", ncols=3)
