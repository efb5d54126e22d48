"""Figures of chapter q5d."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q5d import biases, homework, shrink, sweep, two_runs, weights
from hw2utils.reporting.texts import entry


def test_every_setting_stands_on_the_curve_of_decay_alone():
    figure = Figure()
    shrink(figure, entry("q5d-shrink").words("en"), 0.1, [0.001, 0.01], [0.25, 2.5])
    curve, *marks = figure.axes[0].lines
    for mark in marks:
        (place,), (height,) = mark.get_data()
        assert height == pytest.approx(np.interp(place, *curve.get_data()), abs=0.1)
    assert [text.get_text() for text in figure.axes[0].texts] == ["homework", "0.001", "0.01"]


def test_the_mark_of_three_points_better_is_in_sight():
    figure = Figure()
    values = {name: np.array([-0.1, 0.1]) for name in ("train", "test", "gap")}
    homework(figure, entry("q5d-homework").words("en"), values, np.array([-0.001, 0.001]))
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < 2.5 < high


def test_the_first_seed_is_marked_in_every_row():
    rows = {
        "without": np.array([84.0, 85, 86]),
        "with_decay": np.array([83.0, 85]),
        "clean": np.full(2, 87.0),
    }
    figure = Figure()
    two_runs(figure, entry("q5d-two-runs").words("en"), **rows)
    marked = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert [list(values) for values in marked] == [[84], [83], [87]]
    bars = [line.get_xdata() for line in figure.axes[0].lines if line.get_linewidth() == 5]
    assert list(bars[0]) == [84, 86]  # one standard deviation to both sides of 85


def test_loss_has_a_panel_of_its_own_and_both_mark_the_choice():
    values = {name: np.arange(6.0).reshape(3, 2) for name in ("plain", "test")}
    figure = Figure()
    sweep(figure, entry("q5d-sweep").words("en"), [0.0, 0.001, 0.01], values, values, 0.01)
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy (%)", "loss (nats)"]
    for axes in figure.axes:
        (choice,) = [line for line in axes.lines if line.get_linestyle() == "--"]
        assert set(choice.get_xdata()) == {2}


def test_histograms_are_told_apart_without_colour():
    shares = [np.ones(4), np.ones(4) * 2, np.ones(4) * 3]
    figure = Figure()
    weights(figure, entry("q5d-weights").words("fa"), np.linspace(-1, 1, 5), shares, [0.0, 0.01, 0.1])
    assert len({patch.get_linestyle() for patch in figure.axes[0].patches}) == 3


def test_accuracy_and_loss_stand_apart_each_measured_in_two_ways():
    figure = Figure()
    rows = {"last": np.array([-2.0, 2.5]), "late": np.array([-0.2, 0.3])}
    biases(figure, entry("q5d-biases").words("en"), rows, rows)
    upper, lower = figure.axes
    names = [[label.get_text() for label in axes.get_yticklabels()] for axes in (upper, lower)]
    assert names[0] == ["accuracy, last epoch", "accuracy, mean"]
    assert names[1] == ["loss, last epoch", "loss, mean"]
