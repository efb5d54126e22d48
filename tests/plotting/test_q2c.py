"""Figures of chapter q2c."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from hw2utils.plotting.q2c import band, priors
from hw2utils.reporting.texts import entry


def test_the_dots_are_the_example_by_hand() -> None:
    figure = Figure()
    priors(figure, entry("q2c-priors").words("en"), 1.0, [1.0, 3.0])
    dots = [list(line.get_ydata().round(6)) for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert dots == [[0, 2], [0.5, 1.5]]


def test_the_bar_holds_nine_tenths_of_the_priors() -> None:
    figure = Figure()
    rows = {name: np.linspace(0, 100, 101) for name in ("L1", "L2", "none")}
    alone = {name: np.array([10.0]) for name in rows}
    band(figure, entry("q2c-first").words("fa"), {"known": rows}, {"known": alone}, [50, 100])
    bars = [line for line in figure.axes[0].lines if line.get_linewidth() == 6]
    assert [list(bar.get_xdata()) for bar in bars] == [[5, 95]] * 3
