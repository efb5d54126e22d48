"""Figures of chapter q2b."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.concepts import tags
from hw2utils.plotting.q2b import features, harm, shrink, sweep
from hw2utils.reporting.texts import entry


def test_a_direction_as_strong_as_the_penalty_is_halved() -> None:
    figure = Figure()
    shrink(figure, entry("q2b-shrink").words("en"), np.array([9.0, 1.0]), [1, 9], [1.4, 0.6])
    factors = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert factors == [pytest.approx([0.9, 0.5]), pytest.approx([0.5, 0.1])]


def test_the_first_seed_stands_out_and_both_coefficients_are_marked() -> None:
    figure = Figure()
    seen, test = np.full((2, 3), 90.0), np.array([[50.0, 60, 40], [52, 61, 41]])
    panel = {"penalties": [0, 1, 3], "seen": seen, "test": test, "chosen": 1, "far": 3}
    sweep(figure, entry("q2b-sweep").words("en"), {"linear": panel, "network": panel})
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert list(lines["one seed"].get_ydata()) == [50, 60, 40]
    assert [lines[name].get_xdata()[0] for name in ("chosen", "three times")] == [1, 3]


def test_the_zone_where_a_penalty_weakens_the_model_ends_at_the_criterion() -> None:
    figure = Figure()
    few = {"chosen_linear": np.array([1.0, 2.0])}
    harm(figure, entry("q2b-harm").words("fa"), few, {"chosen_network": np.array([-3.0, -2.0])}, [-1, -0.5])
    edges = [axes.patches[0].get_extents().x1 for axes in figure.axes]
    places = [
        axes.transData.transform((edge, 0))[0] for axes, edge in zip(figure.axes, (-1, -0.5), strict=True)
    ]
    assert edges == pytest.approx(places)


def test_more_overfitting_lies_on_the_side_of_its_criterion() -> None:
    figure = Figure()
    rows = {("gap", "noise", "linear"): np.array([3.0, 4]), ("test", "noise", "linear"): np.array([-3.0, -4])}
    features(figure, entry("q2b-features").words("en"), rows, {"gap": 0.5, "test": -0.5})
    for axes, inside in zip(figure.axes, (2.0, -2.0), strict=True):
        assert axes.patches[0].contains_point(axes.transData.transform((inside, 0)))
        assert not axes.patches[0].contains_point(axes.transData.transform((-inside, 0)))


def test_a_new_image_has_a_tag_that_no_other_has() -> None:
    figure = Figure()
    tags(figure, entry("q2b-tags").words("fa"))
    shades = [patch.get_facecolor()[0] for patch in figure.axes[0].patches]
    noise = {tuple(shades[8 * row + 1 : 8 * row + 8 : 2]) for row in range(4)}
    assert len(shades) == 32 and len(noise) == 4
