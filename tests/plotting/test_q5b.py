"""Figures of chapter q5b."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting.q5b import curves
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
    assert low == 0.5 and high == 1.0


@pytest.mark.parametrize("diverged", [slice(10, None), slice(None)])
def test_runs_that_diverge_are_drawn_as_far_as_they_went(diverged):
    values = np.linspace(2, 1, 20)[:, None].repeat(2, axis=1)
    values[diverged] = np.nan
    figure = drawn(values)
    assert len(figure.axes) == 2 and all(np.isfinite(axes.get_ylim()).all() for axes in figure.axes)
