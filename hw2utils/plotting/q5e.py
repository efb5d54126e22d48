"""Figures of chapter q5e: pairs of regularisers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.history import History
from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, Words, sized
from hw2utils.statistics import mean_interval

Values = NDArray[np.float64]


@sized(7, 3.4)
def readings(figure: Figure, words: Words, readings: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw accuracies by pair and by how they were read, (seeds,) each, in percent."""
    axes = figure.subplots()
    kinds = (
        (-0.22, "train", "train", "o", "full"),
        (0, "wrong", "test", "s", "none"),  # another reading of the same split: its colour, empty marks
        (0.22, "right", "test", "^", "full"),
    )
    for shift, kind, split, mark, fill in kinds:
        color = COLOR_OF[split]
        look: dict[str, Any] = {"color": color, "fillstyle": fill}
        for place, pair in enumerate(readings):
            values = readings[pair][kind]
            height = place + shift
            axes.plot(values, np.full(len(values), height), mark, alpha=0.4, markersize=4, **look)
            found = mean_interval(values)
            axes.plot([found.low, found.high], [height] * 2, color=color, linewidth=3)
            label = words[kind] if place == 0 else None
            axes.plot([found.mean], [height], mark, markersize=8, label=label, **look)
    axes.set_yticks(range(len(readings)), [words[pair] for pair in readings])
    axes.set(ylim=(len(readings) - 0.5, -0.5), xlabel=words["accuracy"])
    axes.legend()


@sized(8.4, 3.6)
def search(
    figure: Figure,
    words: Words,
    searched: Mapping[tuple[str, float, int], History],
    reported: Sequence[tuple[str, float]],
) -> None:
    """Draw accuracies over epochs by pair, dropout rate and batch size, and the reported ones in percent."""
    panels = figure.subplots(1, len(reported), sharey=True, squeeze=False)[0]
    for axes, (pair, target) in zip(panels, reported, strict=True):
        runs = {setting[1:]: history for setting, history in searched.items() if setting[0] == pair}
        for place, ((rate, size), history) in enumerate(runs.items()):
            line = LINES[place % len(LINES)]
            for split in ("train", "test"):
                values = 100 * history[f"{split}_acc"].mean(axis=1)  # (epochs,)
                axes.plot(history.epochs, values, line, color=COLOR_OF[split])
            label = f"{rate:g}" if "D" in pair else words("batch", size=size)
            axes.plot([], [], line, color=NEUTRAL, label=label)
        axes.axhline(target, color=INK, linewidth=1)
        axes.set(title=words[pair], xlabel=words["epoch"], ylim=(30, 90))
        axes.legend(loc="lower right")
    panels[0].set_ylabel(words["accuracy"])
    splits = [panels[0].plot([], [], color=COLOR_OF[split])[0] for split in ("train", "test")]
    figure.legend(splits, [words["train"], words["test"]], loc="outside upper center", ncols=2)


@sized(7.4, 7.2)
def effects(figure: Figure, words: Words, effects: Mapping[str, Mapping[str, Mapping[str, Values]]]) -> None:
    """Draw effects by problem, by what they act on and by letters, (seeds,) each, in points."""
    for row, name in zip(figure.subplots(2, 2), ("full", "small"), strict=True):
        for axes, kind in zip(row, ("test", "gap"), strict=True):
            values = effects[name][kind]
            order = sorted(values, key=lambda letters: (len(letters), letters))  # interactions last
            rows = {" × ".join(letters): values[letters] for letters in order}
            color = COLOR_OF.get(kind, NEUTRAL)
            plot_differences(rows, unit=words["unit"], colors=[color], ax=axes, lang=words.lang)
            axes.set_title(f"{words[name]}: {words[kind]}", fontsize=9)


@sized(7, 3.2)
def none(figure: Figure, words: Words, full: Mapping[str, Values], small: Mapping[str, Values]) -> None:
    """Draw the gain of each pair over none in both problems, (seeds,) each, in points."""
    problems = {"full-short": full, "small-short": small}
    rows = {
        words("row", problem=words[problem], pair=pair): values
        for problem, gains in problems.items()
        for pair, values in gains.items()
    }
    colors = [color for color, gains in zip((NEUTRAL, INK), problems.values(), strict=True) for _ in gains]
    plot_differences(rows, unit=words["unit"], colors=colors, ax=figure.subplots(), lang=words.lang)
