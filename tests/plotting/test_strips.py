"""Strips of seeds: dots, and the interval of their mean, also of ratios and of a single seed."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.strips import plot_strip
from hw2utils.statistics import mean_interval


@pytest.mark.parametrize("ratio", [False, True])
def test_a_strip_has_a_dot_a_seed_and_the_interval_of_the_mean(ratio: bool) -> None:
    values, axes = np.array([0.5, 1.0, 4.0]), Figure().subplots()
    plot_strip(axes, 2, values, "black", ratio=ratio)
    dots, line = axes.lines
    assert dots.get_xdata().tolist() == values.tolist()
    found = mean_interval(np.log(values) if ratio else values)
    ends = np.exp([found.low, found.high]) if ratio else [found.low, found.high]
    assert np.allclose(line.get_xdata(), ends) and list(line.get_ydata()) == [2, 2]


def test_a_single_seed_is_a_dot_without_an_interval() -> None:
    axes = Figure().subplots()
    plot_strip(axes, 0, np.array([1.0]), "black")
    assert len(axes.lines) == 1
