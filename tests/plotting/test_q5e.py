"""Figures of chapter q5e."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5e import effects, noise, plane, problems, readings, search
from hw2utils.reporting.texts import entry


def reading(pair: str, rate: float, value: float) -> dict[str, object]:
    """Make a reading of two seeds: trained better, by a point, than it was tested."""
    return {
        "pair": pair,
        "rate": rate,
        "train": np.array([value, value + 2]),
        "wrong": np.array([value - 1, value + 1]),
        "right": np.array([value + 4, value + 6]),
    }


TWO = [reading("AL", 0.0, 70), reading("DL", 0.3, 80)]


def test_a_dropout_rate_stands_beside_pairs_that_have_one() -> None:
    figure = Figure()
    readings(figure, entry("q5e-readings").words("en"), TWO)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["augmentation, L2", "dropout, L2, rate 0.3"]


def test_the_plane_has_the_test_across_and_training_upwards_and_both_readings_of_the_report() -> None:
    figure = Figure()
    reported = {"DL": [[81, 81], [80, 81]]}
    plane(figure, entry("q5e-plane").words("en"), TWO, reported, tolerance=2)
    axes = figure.axes[0]
    assert [tuple(box.get_xy()) for box in axes.patches] == [(79, 79), (78, 79)]
    assert {box.get_width() for box in axes.patches} == {4}
    means = {line.get_label(): line.get_xydata() for line in axes.lines}
    assert means["dropout, L2"] == pytest.approx(np.array([[80, 81]]))
    assert [text.get_text() for text in axes.texts] == ["0.3"]


def test_noise_is_marked_in_percent_with_a_line_for_each_rate() -> None:
    figure = Figure()
    noise(figure, entry("q5e-noise").words("en"), [128, 16], [(0.1, [0.03, 0.08]), (0.5, [0.09, 0.25])])
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().texts] == ["dropout rate 0.1", "dropout rate 0.5"]
    assert axes.yaxis.get_major_formatter()(0.25) == "25%"


def test_the_search_has_a_curve_for_each_rate_and_split_and_the_reported_line() -> None:
    history = History([1, 2], [0], {"train_acc": [[0.5], [0.6]], "test_acc": [[0.4], [0.5]]})
    figure = Figure()
    search(figure, entry("q5e-search").words("fa"), [(0.01, history), (0.05, history)], 83)
    axes = figure.axes[0]
    assert len(axes.get_legend().texts) == 4
    assert list(axes.lines[-1].get_ydata()) == [83, 83]


def test_interactions_stand_below_main_effects_whatever_the_order_of_the_data() -> None:
    values = {letters: np.zeros(3) for letters in ("ADL", "AD", "A", "AL", "D", "L", "DL")}
    figure = Figure()
    effects(figure, entry("q5e-effects").words("en"), dict.fromkeys(("gap", "turned", "test"), values))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["A", "D", "L", "A × D", "A × L", "D × L", "A × D × L"]
    assert [axes.get_title() for axes in figure.axes] == ["upright test", "turned test", "gap"]


def test_pairs_are_told_apart_in_each_problem() -> None:
    values = {pair: np.arange(3.0) for pair in ("DL", "AD", "AL")}
    figure = Figure()
    problems(figure, entry("q5e-problems").words("en"), {"home_test": values, "few_turned": values})
    axes = figure.axes[0]
    looks = {(line.get_marker(), line.get_fillstyle()) for line in axes.lines if line.get_ls() == "None"}
    assert len(looks) == 3
    assert [text.get_text() for text in axes.get_legend().texts] == [
        "augmentation, L2",
        "dropout, L2",
        "augmentation, dropout",
    ]
