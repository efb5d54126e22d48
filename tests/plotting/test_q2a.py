"""Figures of chapter q2a: means of the seeds, the Bayes error only where it is known, zones of criteria."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q2a import against_k, choose, five, gap, parts, sets
from hw2utils.plotting.style import COLOR_OF
from hw2utils.reporting.texts import Words, entry

BOOK = Path(__file__).parents[2] / "book"
VALUES = np.array([[1.0, 3.0], [3.0, 5.0], [5.0, 7.0]])  # (seeds, ks)


def words(name: str) -> Words:
    return entry(f"q2a-{name}", BOOK).words("en")


def test_only_problems_with_a_known_bayes_error_have_its_line() -> None:
    quantities = {"loss": VALUES, "left_out": 2 * VALUES}
    figure = Figure()
    against_k(figure, words("errors"), [1, 5], {"toy": quantities, "images": quantities}, {"toy": 0.1})
    toy, images = figure.axes
    labels = [{line.get_label() for line in axes.lines} for axes in (toy, images)]
    assert "Bayes error" in labels[0] and "Bayes error" not in labels[1]
    lines = {line.get_label(): line for line in toy.lines}
    assert list(lines["Bayes error"].get_ydata()) == [10, 10]  # a fraction becomes percentage points
    assert lines["test error"].get_ydata().tolist() == [3, 5]
    left_out = lines["leave-one-out on the training set"]
    assert left_out.get_color() == COLOR_OF["train"] and left_out.get_linestyle() == "--"


def test_each_loss_has_its_row() -> None:
    quantities = {"bias": VALUES, "squared_bias": 2 * VALUES}
    figure = Figure()
    parts(figure, words("parts"), [1, 5], {"toy": quantities, "images": quantities})
    upper, _, lower, _ = figure.axes
    assert upper.lines[-1].get_ydata().tolist() == [3, 5] and lower.lines[-1].get_ydata().tolist() == [6, 10]
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("0–1 loss (points)", "squared error (points)")


def test_gap_and_variance_stand_in_the_panel_of_their_loss_and_problem() -> None:
    figure = Figure()
    gaps = {p: {"gap": VALUES, "squared_gap": 3 * VALUES} for p in ("toy", "images")}
    variances = {p: {"variance": 5 * VALUES, "squared_variance": 7 * VALUES} for p in gaps}
    gap(figure, words("gap"), [1, 5], gaps, variances)
    means = [[a.lines[i].get_ydata()[0] for i in (3, 7)] for a in figure.axes]
    assert means == [[3, 15], [3, 15], [9, 21], [9, 21]]


def test_what_the_criterion_takes_for_zero_is_shaded() -> None:
    figure = Figure()
    values = np.arange(12.0).reshape(2, 3, 2)  # (seeds, estimates, ms)
    sets(figure, words("sets"), [15, 31], values, values, [50, 200])
    for axes, title in zip(figure.axes, ("sets of 50", "sets of 200"), strict=True):
        (zone,) = axes.patches
        assert (zone.get_y(), zone.get_y() + zone.get_height()) == (0, 0.5) and axes.get_title() == title


def test_the_band_is_one_standard_error_above_the_least_error() -> None:
    figure = Figure()
    errors, bar = np.array([0.2, 0.1, 0.12]), np.array([0.03, 0.025, 0.02])
    choose(figure, words("choose"), [1, 3, 5], errors, bar, errors, {"least": 3, "simple": 5})
    (band,) = figure.axes[0].patches
    assert [band.get_y(), band.get_y() + band.get_height()] == pytest.approx([10, 12.5])


@pytest.mark.parametrize(
    ("query", "reach"), [(4.5, [(4, 4.5), (2, 6), (1, 9)]), (7.8, [(7.8, 9), (4, 9), (1, 9)])]
)
def test_bars_reach_to_the_neighbours_that_vote(query: float, reach: list[tuple[float, float]]) -> None:
    figure = Figure()
    five(figure, words("five"), np.array([1.0, 2, 4, 6, 9]), np.array([0, 0, 1, 0, 1]), query)
    bars = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert [tuple(bar.get_xdata()) for bar in bars] == reach
