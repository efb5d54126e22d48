"""Figures of chapter q5e."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5e import effects, none, search
from hw2utils.reporting.texts import entry


def history() -> History:
    """Make a history of two epochs and one seed."""
    return History([1, 2], [0], {"train_acc": [[0.5], [0.6]], "test_acc": [[0.4], [0.5]]})


def test_each_dropout_rate_is_drawn_even_when_colours_run_out():
    searched = {("DL", rate / 10, 64): history() for rate in range(1, 10)} | {("AL", 0.0, 16): history()}
    figure = Figure()
    search(figure, entry("q5e-search").words("fa"), searched, [["AL", 83], ["DL", 81]])
    first, second = (axes.get_legend() for axes in figure.axes)
    assert [text.get_text() for text in first.texts] == ["دستهٔ 16"]
    assert [text.get_text() for text in second.texts] == [f"{rate / 10:g}" for rate in range(1, 10)]


def test_interactions_stand_below_main_effects_whatever_the_order_of_the_data():
    values = {letters: np.zeros(3) for letters in ("ADL", "AD", "A", "AL", "D", "L", "DL")}
    table = {name: {"gap": values, "test": values} for name in ("small", "full")}
    figure = Figure()
    effects(figure, entry("q5e-effects").words("en"), table)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["A", "D", "L", "A × D", "A × L", "D × L", "A × D × L"]
    assert figure.axes[0].get_title() == "the homework's run: on test accuracy"


def test_rows_of_the_two_problems_have_two_colours():
    gains = {pair: np.arange(3.0) for pair in ("AD", "AL", "DL")}
    figure = Figure()
    none(figure, entry("q5e-none").words("en"), gains, gains)
    dots = [line.get_color() for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert dots[:3] == [dots[0]] * 3 and dots[3:] == [dots[3]] * 3 and dots[0] != dots[3]
