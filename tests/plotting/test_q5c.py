"""Figures of chapter q5c."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5c import curves, side_effects, tilted, ways
from hw2utils.plotting.style import INK
from hw2utils.reporting.texts import entry

ARMS = {
    "narrow": np.array([68.0, 70]),
    "own": np.array([71.0, 73]),
    "wide": np.array([74.0, 76]),
    "quick": np.array([78.0, 80]),
}


def test_the_zone_of_half_the_difference_lies_between_the_middle_and_the_previous_run() -> None:
    figure = Figure()
    ways(figure, entry("q5c-ways").words("en"), ARMS, np.array([83.0, 85]))
    axes = figure.axes[0]
    (zone,) = axes.patches
    assert (zone.get_x(), zone.get_x() + zone.get_width()) == pytest.approx((78, 84))
    (previous,) = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert set(previous.get_xdata()) == {84}


def test_every_way_is_a_row_in_which_the_first_seed_is_marked() -> None:
    figure = Figure()
    ways(figure, entry("q5c-ways").words("fa"), ARMS, np.array([83.0, 85]))
    axes = figure.axes[0]
    marked = [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "D"]
    assert marked == [[values[0]] for values in ARMS.values()]
    assert len(axes.get_yticklabels()) == len(ARMS)


def test_one_seed_stands_out_in_both_bundles_of_curves() -> None:
    columns = {f"{name}_acc": [[0.5, 0.6], [0.7, 0.8]] for name in ("train", "test", "plain")}
    history = History([1, 2], [0, 1], columns)
    figure = Figure()
    curves(figure, entry("q5c-curves").words("en"), history, history, homework_epochs=2)
    for axes in figure.axes:
        (one,) = [line for line in axes.lines if line.get_color() == INK]
        assert list(one.get_ydata()) == [0.5, 0.7]


def test_upright_and_tilted_have_marks_of_their_own() -> None:
    table = {
        name: {"test": np.array([80.0, 82]), "tilted": np.array([40.0, 42])} for name in ("without", "with")
    }
    figure = Figure()
    tilted(figure, entry("q5c-tilted").words("en"), table)
    named = {line.get_label(): line.get_marker() for line in figure.axes[0].lines}
    assert named["test, upright"] != named["test, tilted and shifted"]


def test_faults_are_rows_against_zero() -> None:
    rows = {name: np.array([-0.2, 0.1]) for name in ("mnist", "jitter", "noise", "apart")}
    figure = Figure()
    side_effects(figure, entry("q5c-side-effects").words("en"), rows)
    assert len(figure.axes[0].get_yticklabels()) == 4
