"""Figures of chapter q5a."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5a import curves, predictions, weights
from hw2utils.plotting.style import INK
from hw2utils.reporting.texts import entry


@pytest.mark.parametrize("mistakes", [0, 2, 6])
def test_a_row_with_fewer_mistakes_leaves_its_last_places_empty(mistakes):
    count = 6 + mistakes
    labels, guesses = np.arange(count) % 10, np.zeros(count, dtype=np.int64)
    figure = Figure()
    predictions(figure, entry("q5a-predictions").words("en"), np.zeros((count, 28, 28)), labels, guesses)
    filled = [axes for axes in figure.axes if axes.images]
    assert len(filled) == count and len(figure.axes) == (6 if mistakes == 0 else 12)
    assert filled[1].get_title() == "Trouser\nT-shirt"
    assert not any(axes.axison for axes in figure.axes if not axes.images)


def test_weights_are_drawn_with_zero_in_the_middle():
    values = np.zeros((2, 28, 28), dtype=np.float32)
    values[0, 0, 0], values[0, 0, 1] = -2, 1
    figure = Figure()
    weights(figure, entry("q5a-weights").words("en"), values, np.array([9, 1]))
    first, second = (axes.images[0].get_array() for axes in figure.axes)
    assert [first[0, 0], first[0, 1], first[5, 5], second[3, 3]] == [0, 0.75, 0.5, 0.5]
    assert [axes.get_title() for axes in figure.axes] == ["Ankle boot", "Trouser"]


def test_one_seed_stands_out_where_many_are_drawn():
    values = np.linspace(0.5, 0.9, 5)[:, None] + np.arange(3) / 100
    columns = {f"{split}_{kind}": values for split in ("train", "val") for kind in ("loss", "acc")}
    figure = Figure()
    curves(figure, entry("q5a-curves").words("en"), History(range(1, 6), range(3), columns))
    for axes in figure.axes:
        (line,) = [line for line in axes.lines if line.get_color() == INK]
        assert list(line.get_ydata()) == list(values[:, 0])
