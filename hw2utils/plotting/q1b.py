"""Figures of chapter q1b: what training data tell of new data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hw2utils.plotting.style import INK, NEUTRAL, Words, sized

_LOOKS = ((NEUTRAL, "o"), (INK, "s"), (INK, "^"))
"""Colour and mark of what is compared, in turn."""


@sized(4.6, 4.2)
def held_out(
    figure: Figure, words: Words, held: Mapping[str, ArrayLike], test: Mapping[str, ArrayLike]
) -> None:
    """Draw test accuracy against the held-out estimate, (seeds,) in percent for each problem."""
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "--", color="0.4", linewidth=1)
    for name, (color, mark) in zip(held, _LOOKS, strict=False):
        axes.plot(held[name], test[name], mark, color=color, alpha=0.6, label=words[name])
    axes.set(xlabel=words["held"], ylabel=words["test"], aspect="equal")
    axes.legend()


@sized(5, 3.4)
def same_test(figure: Figure, words: Words, pair: Mapping[str, Mapping[str, ArrayLike]]) -> None:
    """Draw training and test accuracy, (seeds,) in percent, of two networks, a line a seed."""
    axes = figure.subplots()
    for (name, ends), (color, mark) in zip(pair.items(), _LOOKS, strict=False):
        values = np.array([ends["train"], ends["test"]])  # (2, seeds)
        axes.plot([0, 1], values, f"{mark}-", color=color, alpha=0.4)
        axes.plot([], [], f"{mark}-", color=color, label=words[name])
    axes.set_xticks([0, 1], [words["train"], words["test"]])
    axes.set(ylabel=words["accuracy"], xlim=(-0.3, 1.3))
    axes.legend()
