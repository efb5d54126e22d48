"""Figures of chapter q1a: overfitting and underfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.curves import curve, curves
from hw2utils.plotting.differences import differences, plot_differences
from hw2utils.plotting.style import COLOR_OF, LINES, NEUTRAL, Words, sized

Values = Mapping[str, NDArray[np.float64]]


@sized(6, 3.2)
def random_labels(figure: Figure, words: Words, places: Sequence[int], accuracy: Values) -> None:
    """Draw accuracies in percent, (epochs, seeds), over the epochs, and that of chance among ten classes."""
    curves(figure, words, places, {"random": accuracy})
    axes = figure.axes[0]
    axes.axhline(10, color="0.3", linestyle=":", label=words["chance"])
    axes.legend(loc="center right")


@sized(6, 3.2)
def learning_curve(figure: Figure, words: Words, places: Sequence[int], accuracy: Values) -> None:
    """Draw accuracies in percent, (sizes, seeds), over the number of training examples."""
    curves(figure, words, places, {"sizes": accuracy}, doubling=True)


@sized(5, 4.2)
def cross_validation(
    figure: Figure, words: Words, estimated: Sequence[float], actual: Sequence[float]
) -> None:
    """Draw actual accuracy against its estimate, in percent, one of each a seed, and where they agree."""
    axes = figure.subplots()
    ends = min(*estimated, *actual) - 1, max(*estimated, *actual) + 1
    axes.plot(ends, ends, "--", color="0.4", linewidth=1)
    axes.plot(estimated, actual, "o", color=NEUTRAL, alpha=0.6)
    axes.set(aspect="equal", xlim=ends, ylim=ends)
    axes.set(xlabel=words["estimate"], ylabel=words["actual"])


@sized(7, 4.6)
def factors(figure: Figure, words: Words, rows: Values) -> None:
    """Draw paired differences of test accuracy in percentage points, (seeds,), a row each."""
    differences(figure, words, rows)


@sized(7, 6.4)
def underfitting(figure: Figure, words: Words, causes: Values, cures: Values) -> None:
    """Draw paired differences in percentage points, (seeds,): causes above, remedies below.

    A cause's name ends with ``_training`` where its row is about training accuracy; the rest is about test.
    """
    panels = figure.subplots(2, 1, sharex=True, height_ratios=(len(causes), len(cures)))
    for axes, key, table in zip(panels, ("causes", "cures"), (causes, cures), strict=True):
        rows = {words[name]: values for name, values in table.items()}
        colors = [COLOR_OF["train" if name.endswith("_training") else "test"] for name in table]
        plot_differences(rows, unit=words["unit"], colors=colors, ax=axes, lang=words.lang)
        axes.set_title(words[key])
    panels[0].set_xlabel("")


@sized(6, 3.4)
def double_descent(figure: Figure, words: Words, counts: Sequence[int], points: int, errors: Values) -> None:
    """Draw squared errors, (counts, seeds), over the number of features; ``points`` is that of examples.

    The axes are logarithmic: errors below 0.001, zero among them, are drawn there. Lines are medians.
    """
    axes = figure.subplots()
    for (name, table), line in zip(errors.items(), LINES, strict=False):
        values = np.maximum(table, 1e-3)
        curve(axes, counts, values, COLOR_OF[name], line, words[name], middle=np.median)
    axes.axvline(points, color="0.3", linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel=words["features"], ylabel=words["error"])
    axes.legend()
