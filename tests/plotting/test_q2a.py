"""Figures of chapter q2a: means of the seeds, and the Bayes error only where it is known."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q2a import against_k, published
from hw2utils.plotting.style import COLOR_OF
from hw2utils.reporting.texts import Words
from hw2utils.statistics import Interval

KEYS = (
    "toy",
    "images",
    "bias",
    "net_variance",
    "bayes",
    "k",
    "points",
    "paper",
    "raw",
    "neighbors",
    "accuracy",
)
WORDS = Words("en", {key: {"fa": key, "en": key} for key in (*KEYS, "title")}, "here")


def test_only_problems_with_a_known_bayes_error_have_its_line() -> None:
    values = np.array([[1.0, 3.0], [3.0, 5.0], [5.0, 7.0]])  # (seeds, ks)
    quantities = {"bias": values, "net_variance": 2 * values}
    figure = Figure()
    against_k(figure, WORDS, [1, 5], {"toy": quantities, "images": quantities}, {"toy": 0.1, "other": 0.3})
    toy, images = figure.axes
    labels = [{line.get_label() for line in axes.lines} for axes in (toy, images)]
    assert "bayes" in labels[0] and "bayes" not in labels[1]
    lines = {line.get_label(): line for line in toy.lines}
    assert list(lines["bayes"].get_ydata()) == [10, 10]  # a fraction becomes percentage points
    assert lines["bias"].get_ydata().tolist() == [3, 5] and lines["bias"].get_linestyle() == "-"
    assert lines["net_variance"].get_color() == COLOR_OF["variance"]  # a part of it, so its colour, dashed
    assert lines["net_variance"].get_linestyle() == "--"
    assert len(toy.lines) == len(images.lines) + 1 == 2 * (3 + 1) + 1


def test_bars_reach_to_the_ends_of_the_intervals() -> None:
    figure = Figure()
    published(
        figure, WORDS, {"raw": [Interval(0.8, 0.7, 0.85, 9), Interval(0.9, 0.8, 0.95, 9)]}, {1: 0.8, 5: 0.9}
    )
    (bars,) = figure.axes[0].collections
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert np.concatenate(ends) == pytest.approx([0.7, 0.85, 0.8, 0.95])
