"""Figures of chapter q4e."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q4e import floor, later, pairs, predictions, valleys
from hw2utils.reporting.texts import entry
from hw2utils.statistics import mean_interval


def test_all_pairs_are_drawn_and_the_diagonal_is_framed():
    labels = np.array([1.0, 4.0])
    figure = Figure()
    pairs(figure, entry("q4e-pairs").words("en"), labels, (labels[:, None] - labels) ** 2)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["0.000", "9.000", "9.000", "0.000"]
    frames = [patch.get_xy() for patch in axes.patches if patch.get_linewidth() == 2]
    assert [tuple(np.round(np.add(xy, 0.46))) for xy in frames] == [(0, 0), (1, 1)]


def test_the_diamond_is_where_a_loss_is_lowest():
    way = np.linspace(-0.5, 1.5, 81)
    both = {"right": (1 - way) ** 2, "wrong": 1 + way**2}
    figure = Figure()
    valleys(figure, entry("q4e-valleys").words("en"), way, both, 1.0)
    lowest = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert lowest == pytest.approx([1, 0])


def test_one_network_is_drawn_in_both_panels_from_the_smallest_label_to_the_largest():
    labels, one = np.array([4.6, 4.2]), np.array([4.5, 4.3])
    figure = Figure()
    drawn = dict.fromkeys(("right", "wrong"), np.ones((3, 2), dtype=np.float32))
    predictions(figure, entry("q4e-predictions").words("en"), labels, drawn, {"right": one, "wrong": one})
    for axes in figure.axes:
        (line,) = [line for line in axes.lines if line.get_marker() == "D"]
        assert line.get_xydata().tolist() == [[4.2, 4.3], [4.6, 4.5]]


def test_the_zone_is_where_the_labels_were_learned():
    at = np.array([0, 10, 100])
    bands = {name: np.array([[1, 0.1, 0.001]] * 3) for name in ("right", "wrong")}
    one = {name: np.array([1, 0.1, 0.01]) for name in bands}
    figure = Figure()
    floor(figure, entry("q4e-floor").words("en"), at, bands, one, 0.1, 0.01, 0.03)
    (zone,) = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_height")]
    assert zone.get_y() + zone.get_height() == pytest.approx(0.01)
    levels = {line.get_ydata()[0] for line in figure.axes[0].lines if len(set(line.get_ydata())) == 1}
    assert levels == {0.1, 0.03, 0.01}


def test_a_row_has_the_mean_of_all_seeds_and_the_dots_of_those_drawn():
    values = {
        f"{rule} {rate}": np.array([0, 2, 4, 10]) for rule in ("sgd", "momentum") for rate in ("0.1", "1")
    }
    figure = Figure()
    drawn = {name: column[:2] for name, column in values.items()}
    later(figure, entry("q4e-later").words("en"), drawn, {k: mean_interval(v) for k, v in values.items()})
    (axes,) = figure.axes
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"] == [4, 4, 4, 4]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["0.1", "1", "0.1", "1"]
    assert axes.get_legend().get_texts()[0].get_text() == "gradient descent (SGD)"
