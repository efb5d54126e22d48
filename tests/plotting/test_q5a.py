"""Figures of chapter q5a."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q5a import predictions
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
