"""Figures of chapter q2b: regularisation and added features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, NEUTRAL, Words, mark_percent, sized

TICKS = {"network": [0, 1e-3, 1e-1, 1]}
"""Ticks of the penalty where not every third coefficient is one."""


@sized(9, 3.4)
def sweep(figure: Figure, words: Words, panels: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw accuracies, ``seen`` and ``test`` (seeds, steps), fractions, against ``penalties`` (steps,)."""
    for axes, (name, panel) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        for key, split in (("seen", "train"), ("test", "test")):
            plot_seed_lines(axes, panel["penalties"], panel[key], COLOR_OF[split], words[key], alpha=0.3)
        _scale_penalties(axes, name, panel["penalties"])
        axes.set(title=words[name], xlabel=words["coefficient"])
        mark_percent(axes.yaxis)
    figure.axes[0].set_ylabel(words["accuracy"])
    figure.axes[-1].legend()


@sized(8, 5)
def gap(figure: Figure, words: Words, panels: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw ``gap``, in points, and ``size`` of the weights, (seeds, steps), against ``penalties``."""
    for column, (name, panel) in zip(figure.subplots(2, len(panels)).T, panels.items(), strict=True):
        for axes, key in zip(column, ("gap", "size"), strict=True):
            plot_seed_lines(axes, panel["penalties"], panel[key], NEUTRAL)
            _scale_penalties(axes, name, panel["penalties"])
            axes.set(xlabel=words["coefficient"], ylabel=words[key])
        column[0].set_title(words[name])
        column[1].set_yscale("log")


def _scale_penalties(axes: Axes, name: str, penalties: Sequence[float]) -> None:
    axes.set_xscale("symlog", linthresh=penalties[1])  # there is no place for zero on a logarithmic axis
    axes.set_xticks(TICKS.get(name, penalties[::3]))


@sized(8, 3.8)
def features(
    figure: Figure,
    words: Words,
    rows: Mapping[tuple[str, str, str], NDArray[np.float64]],
    thresholds: Sequence[float],
) -> None:
    """Draw changes, (seeds,) in points, named by quantity, addition and model."""
    named = {
        words("row", quantity=words[quantity], addition=words[addition], model=words[model]): values
        for (quantity, addition, model), values in rows.items()
    }
    plot_differences(
        named,
        unit=words["points"],
        thresholds=thresholds,
        colors=[COLOR_OF.get(quantity, NEUTRAL) for quantity, _, _ in rows],
        ax=figure.subplots(),
        lang=words.lang,
    )


def flood(
    figure: Figure,
    words: Words,
    counts: Sequence[int],
    seen: NDArray[np.float64],
    test: NDArray[np.float64],
    crossing: int,
) -> None:
    """Draw accuracies, (seeds, counts) in percent, against columns of noise; ``crossing`` is marked."""
    axes = figure.subplots()
    plot_seed_lines(axes, counts, seen, COLOR_OF["train"], words["seen"])
    plot_seed_lines(axes, counts, test, COLOR_OF["test"], words["test"])
    axes.axvline(crossing, color="0.3", linestyle=":")
    axes.set(xlabel=words["columns"], ylabel=words["percent"])
    axes.legend()
