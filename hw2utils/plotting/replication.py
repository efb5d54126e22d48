"""Effects measured twice: on the published seeds and on fresh ones, a scale for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from hw2utils.plotting.style import COLORS, NEUTRAL
from hw2utils.statistics import Interval

_COLORS = {"published": NEUTRAL, "fresh": COLORS[4]}


@dataclass(frozen=True)
class Effect:
    """Hold what one row shows: its name, both intervals, and the thresholds it is judged by."""

    name: str
    published: Interval
    fresh: Interval
    thresholds: Sequence[float]


def replication(figure: Figure, words: Mapping[str, str], effects: Sequence[Effect]) -> None:
    """Draw a row an effect; ``words`` name the two sides, ``published`` and ``fresh``.

    An interval without ends, as after a diverged seed, is left out.
    """
    figure.set_size_inches(7, 0.55 * len(effects) + 0.8)
    axes = figure.subplots(len(effects), 1, squeeze=False)[:, 0]
    for effect, ax in zip(effects, axes, strict=True):
        for place, side in enumerate(_COLORS):
            interval: Interval = getattr(effect, side)
            if np.isfinite([interval.mean, interval.low, interval.high]).all():
                ax.plot([interval.low, interval.high], [place] * 2, color=_COLORS[side], linewidth=3)
                ax.plot([interval.mean], [place], "o", color=_COLORS[side])
        for threshold in effect.thresholds:
            ax.axvline(threshold, color="0.4", linewidth=1, linestyle="--")
        ax.set(ylim=(1.6, -0.6), yticks=[])
        ax.set_ylabel(effect.name, rotation=0, ha="right", va="center")
        ax.grid(visible=False)
        ax.tick_params(labelsize=7)
    sides = [axes[0].plot([], [], "o-", color=color, linewidth=3)[0] for color in _COLORS.values()]
    figure.legend(sides, [words[side] for side in _COLORS], loc="outside upper center", ncols=2)
