"""Figures of chapter q4f."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q4f import carried, nan, orders
from hw2utils.reporting.texts import entry


def test_the_reported_number_stands_at_its_rate_in_both_panels():
    steps = [np.array([1000, 1000]), np.array([15, 17]), np.array([0, 0])]
    figure = Figure()
    panels = {"fresh": steps, "carried": steps}
    carried(figure, entry("q4f-carried").words("en"), panels, [1, 0.1, 0.01], [0.1, 0.01], [15, 150], 1000)
    for axes in figure.axes:
        crosses = [
            line.get_xydata()[0].tolist()
            for line in axes.lines
            if line.get_marker() == "x" and len(line.get_xdata())
        ]
        assert crosses == [[1, 15], [2, 150]]
        medians = [
            line.get_ydata()[0] for line in axes.lines if line.get_marker() == "D" and len(line.get_xdata())
        ]
        assert medians == [1000, 16, 0]


def test_a_cross_marks_where_nan_ends_the_loop_and_only_finite_losses_are_drawn():
    grows = np.array([[1.0, 2], [1e20, np.inf], [np.inf, np.inf]])
    figure = Figure()
    nan(figure, entry("q4f-nan").words("en"), {1.0: np.ones((3, 2)), 2.0: grows}, {2.0: 80.0}, 0.1)
    (axes,) = figure.axes
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "X"] == [80]
    assert [text.get_text() for text in axes.texts] == ["rate 2"]
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines])
    assert not np.isinf(drawn).any()
    (zone,) = axes.patches
    assert zone.get_y() + zone.get_height() == pytest.approx(0.1)


def test_one_order_stands_out_beside_all_examples():
    figure = Figure()
    orders(figure, entry("q4f-orders").words("en"), np.ones(4), np.full((3, 4), 2.0), 0.1)
    thick = [line for line in figure.axes[0].lines if line.get_linewidth() >= 2]
    assert [line.get_ydata()[0] for line in thick] == [2, 1]
    assert sum(line.get_linewidth() < 1 for line in figure.axes[0].lines) == 2
