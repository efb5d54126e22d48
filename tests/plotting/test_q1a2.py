"""Figures of chapter q1a2: the criterion's zone, titles of problems, the moved border, what is marked."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.q1a2 import border, complexity, effects, imbalance, longer, spirals
from hw2utils.reporting.texts import entry


def test_the_zone_begins_at_the_criterion_of_each_panel() -> None:
    figure = Figure()
    panels = {
        "points": {"wide_noisy": np.array([0.2, 0.4]), "tree_noisy": np.array([12.0, 13.0])},
        "nats": {"long_clean_loss": np.array([0.3, 0.31])},
    }
    limits = {"points": 1.0, "nats": 0.05}
    effects(figure, entry("q1a2-complex").words("en"), panels, limits)
    assert [len(axes.get_yticks()) for axes in figure.axes] == [2, 1]
    for axes, edge in zip(figure.axes, limits.values(), strict=True):
        (zone,) = axes.patches
        left, right = zone.get_x(), zone.get_x() + zone.get_width()
        assert left == edge
        assert right > edge


def test_the_problems_are_named_once_above_each_column() -> None:
    figure = Figure()
    names = ("network_noisy", "network_clean", "tree_noisy", "tree_clean")
    panels = {name: np.arange(18.0).reshape(3, 3, 2) for name in names}
    sizes = {"network": [2, 4, 8], "tree": [8, 16, 100]}
    complexity(figure, entry("q1a2-complexity").words("en"), sizes, panels)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["a fifth of the labels false", "true labels", "", ""]
    train, test = [line for line in figure.axes[0].lines if line.get_linestyle() in ("-", "--")]
    assert train.get_ydata().tolist() == [0.5, 6.5, 12.5]  # of the three columns the first, not validation
    assert test.get_ydata().tolist() == [2.5, 8.5, 14.5]


def test_the_border_is_where_both_bells_are_as_high() -> None:
    figure = Figure()
    border(figure, entry("q1a2-border").words("fa"), 9)
    common, rare, _, moved = figure.axes[0].lines
    place = moved.get_xdata()[0]
    heights = [np.interp(place, *line.get_data()) for line in (common, rare)]
    assert heights[0] == pytest.approx(heights[1], rel=0.01)


def test_each_mix_has_its_means_in_the_row_of_its_name() -> None:
    figure = Figure()
    kinds = ("seen_rare", "new_rare", "new_common")
    names = ("even", "mild", "strong", "scarce")
    rows = {name: {kind: np.array([50.0, 60 + k]) for k, kind in enumerate(kinds)} for name in names}
    imbalance(figure, entry("q1a2-imbalance").words("en"), rows)
    axes = figure.axes[0]
    means = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [round(float(line.get_ydata()[0])) for line in means] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert [float(line.get_xdata()[0]) for line in means[:3]] == [55, 55.5, 56]
    assert len(figure.legends[0].get_texts()) == 3


def test_the_first_epoch_stands_before_the_rest_and_both_fourfold_lengths_are_shaded() -> None:
    figure = Figure()
    epochs = {"short": [4, 40], "simple": [4, 40, 160]}
    curves = {"short": np.full((2, 2), 80.0), "simple": np.full((3, 2), 45.0)}
    longer(figure, entry("q1a2-longer").words("en"), np.array([60.0, 62]), epochs, curves)
    axes = figure.axes[0]
    (wide,) = [line for line in axes.lines if line.get_label() == "wide, 64 neurons"]
    assert wide.get_xydata().tolist() == [[1, 61], [4, 80], [40, 80]]
    assert [zone.get_x() for zone in axes.patches] == [1, 40]


def test_a_map_spans_the_square_of_the_spirals() -> None:
    figure = Figure()
    maps = {name: np.zeros((5, 5), dtype=int) for name in ("flat", "deep")}
    spirals(figure, entry("q1a2-spirals").words("en"), maps, np.zeros((3, 2)), np.array([0, 1, 1]))
    assert [axes.images[0].get_extent() for axes in figure.axes] == [(-2, 2, -2, 2)] * 2 or [
        list(axes.images[0].get_extent()) for axes in figure.axes
    ] == [[-2, 2, -2, 2]] * 2
