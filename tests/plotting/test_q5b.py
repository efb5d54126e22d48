"""Figures of chapter q5b."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5b import confidence, curves, repetition, shape, stump
from hw2utils.plotting.style import COLOR_OF, INK
from hw2utils.reporting.texts import entry


def drawn(values: np.ndarray) -> Figure:
    """Draw a history whose columns all hold the values, (epochs, seeds)."""
    columns = {f"{split}_{kind}": values for split in ("train", "val", "test") for kind in ("loss", "acc")}
    figure = Figure()
    history = History(range(1, len(values) + 1), range(values.shape[1]), columns)
    curves(figure, entry("q5b-curves").words("en"), history, homework_epochs=5)
    return figure


def test_the_frame_leaves_out_what_came_before_the_first_tenth():
    values = np.ones((20, 1))
    values[0] = 100.0
    values[-1] = 0.5
    low, high = drawn(values).axes[0].get_ylim()
    assert 0.4 < low < 0.5 and 1.0 < high < 1.1


@pytest.mark.parametrize("diverged", [slice(10, None), slice(None)])
def test_runs_that_diverge_are_drawn_as_far_as_they_went(diverged):
    values = np.linspace(2, 1, 20)[:, None].repeat(2, axis=1)
    values[diverged] = np.nan
    figure = drawn(values)
    assert len(figure.axes) == 2 and all(np.isfinite(axes.get_ylim()).all() for axes in figure.axes)


def test_one_seed_stands_out_where_many_are_drawn():
    values = np.linspace(0.5, 0.9, 20)[:, None] + np.arange(3) / 100
    for axes in drawn(values).axes:
        (line,) = [line for line in axes.lines if line.get_color() == INK]
        assert list(line.get_ydata()) == list(values[:, 0])


def test_the_stump_is_drawn_before_and_after_its_step():
    figure, before = Figure(), np.linspace(0.8, 0.9, 10)[:, None] + np.zeros(4)
    stump(figure, entry("q5b-stump").words("en"), before, before - 0.02, before)
    means = [
        [line.get_ydata()[-1] for line in axes.lines if line.get_label() == "test (mean)"]
        for axes in figure.axes
    ]
    assert np.allclose(means, [[0.9], [0.88]])
    assert [axes.get_title() for axes in figure.axes] == ["one step earlier", "end of the epoch"]


def test_the_two_parts_of_the_loss_are_told_apart():
    figure, epochs = Figure(), [1, 2, 3]
    confidence(
        figure, entry("q5b-confidence").words("en"), epochs, np.full((3, 2), 0.4), np.full((3, 2), 0.1)
    )
    thick = {line.get_label(): line for line in figure.axes[0].lines if line.get_linewidth() == 2}
    assert {label: line.get_ydata()[0] for label, line in thick.items()} == pytest.approx(
        {"validation: wrong answers": 0.4, "validation: right answers": 0.1}
    )
    assert thick["validation: wrong answers"].get_color() == COLOR_OF["val"]


def test_each_width_has_its_panel_and_each_depth_its_line():
    losses = {
        width: {depth: np.full((4, 2), value + deeper) for depth, deeper in {"one": 0, "four": 0.2}.items()}
        for width, value in {"narrow": 0.5, "wide": 0.4}.items()
    }
    figure = Figure()
    shape(figure, entry("q5b-shape").words("en"), [2, 4, 6, 8], losses)
    drawn = [
        {line.get_label(): line.get_ydata()[0] for line in axes.lines if line.get_linewidth() == 2}
        for axes in figure.axes
    ]
    assert drawn[0] == pytest.approx({"one hidden layer": 0.5, "four hidden layers": 0.7})
    assert drawn[1] == pytest.approx({"one hidden layer": 0.4, "four hidden layers": 0.6})


def test_few_and_many_images_are_drawn_at_their_own_numbers_of_steps():
    updates = {"few": [10, 20, 30], "many": [15, 30]}
    losses = {"few": np.ones((3, 2)), "many": np.full((2, 2), 0.5)}
    figure = Figure()
    repetition(figure, entry("q5b-repetition").words("en"), updates, losses)
    thick = [list(line.get_xdata()) for line in figure.axes[0].lines if line.get_linewidth() == 2]
    assert thick == [[10, 20, 30], [15, 30]]
