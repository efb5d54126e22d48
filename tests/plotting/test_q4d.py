"""Figures of chapter q4d."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hw2utils.plotting import q4d
from hw2utils.plotting.q4d import coupling, first_steps, flow, network
from hw2utils.reporting.texts import entry
from hw2utils.statistics import proportion_interval


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_what_goes_into_a_rule_and_what_comes_out_is_named(lang):
    figure, words = Figure(), entry("q4d-flow").words(lang)
    flow(figure, words)
    named = [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    assert named == [words[key] for key in words.labels]
    assert len(figure.axes[0].texts) - len(named) == 7  # four arrows in, two out, one to the parameter


def test_a_cell_is_shaded_where_the_test_passes_and_nowhere_else():
    figure = Figure()
    rows = {
        "sgd": np.array([0, 1e-13]),
        "counts": np.array([1e-16, 0.2]),
        "epsilon": np.array([2e-8, np.nan]),
    }
    q4d.tests(figure, entry("q4d-tests").words("en"), rows, ["step", "two"], 1)
    shaded = [patch.get_xy() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert shaded == [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5)]
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "0",
        "1e-13",
        "1e-16",
        "2e-01",
        "2e-08",
        "nan",
    ]


def test_the_first_step_stands_out_on_each_curve():
    lengths = {
        "rmsprop": np.array([10.0, 7]),
        "adam": np.array([1.0, 1]),
        "uncorrected": np.array([3.2, 4.3]),
    }
    figure = Figure()
    first_steps(figure, entry("q4d-first-steps").words("en"), lengths)
    marked = [line.get_ydata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert marked == [10, 1, 3.2]


def test_the_diamond_of_a_rule_is_its_median():
    figure = Figure()
    fewer = {"momentum": np.array([2.0, 4, 60]), "heavy ball": np.array([10.0, 20, 30])}
    coupling(figure, entry("q4d-coupling").words("en"), fewer)
    middles = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert middles == [4, 20]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "1×",
        "3×",
        "10×",
        "30×",
        "100×",
    ]


def test_each_rule_has_three_shares_and_its_rate():
    some, none = proportion_interval(5, 10), proportion_interval(0, 10)
    best = {"adam": {"rate": 0.1, "arrived": some, "there": some, "learned": none}}
    figure = Figure()
    network(figure, entry("q4d-network").words("en"), best)
    (axes,) = figure.axes
    marks = [
        line.get_xdata()[0] for line in axes.lines if line.get_marker() != "None" and len(line.get_xdata())
    ]
    assert marks == [0.5, 0.5, 0]
    assert axes.get_yticklabels()[0].get_text() == "Adam, 0.1"
