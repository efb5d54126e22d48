"""Curves: one colour, line and label for each, over all panels."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.plotting import COLOR_OF
from hw2utils.plotting.curves import curve, curves
from hw2utils.plotting.style import INK, NEUTRAL


class Labels(dict):
    """Give labels as texts do."""

    lang = "en"


WORDS = Labels(
    test="Test", train="Training", a="First", b="Second", left="Left", right="Right", x="Width", y="Accuracy"
)


def values(places=3, seeds=4):
    return np.arange(places * seeds, dtype=float).reshape(places, seeds)


def drawn(panels, **options):
    figure = Figure()
    curves(figure, WORDS, [1, 2, 4], panels, **options)
    return figure.axes


def lines_of(axes):
    """Give the lines through the middle, by label; the dots have none."""
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_a_split_has_the_book_s_colour_wherever_it_stands():
    (axes,) = drawn({"all": {"test": values(), "train": values() + 1}})
    lines = lines_of(axes)
    assert list(lines) == ["Test", "Training"]  # in the order given
    assert (
        lines["Test"].get_color() == COLOR_OF["test"] and lines["Training"].get_color() == COLOR_OF["train"]
    )
    assert {line.get_linestyle() for line in lines.values()} == {"-", "--"}


def test_what_has_no_colour_of_its_own_is_grey_and_the_same_in_every_panel():
    for axes in drawn({"left": {"a": values(), "b": values()}, "right": {"a": values(), "b": values()}}):
        assert [line.get_color() for line in lines_of(axes).values()] == [NEUTRAL, INK]


def test_panels_share_their_height_and_have_titles_where_there_are_several():
    left, right = drawn({"left": {"a": values()}, "right": {"a": values() + 50}})
    assert (left.get_title(), right.get_title()) == ("Left", "Right")
    assert left.get_ylim() == right.get_ylim()
    assert (left.get_ylabel(), right.get_ylabel(), right.get_xlabel()) == ("Accuracy", "", "Width")
    assert drawn({"left": {"a": values()}})[0].get_title() == ""


def test_doubling_places_stand_at_equal_distances_under_their_numbers():
    (axes,) = drawn({"all": {"a": values()}}, doubling=True)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "2", "4"]
    places = [axes.transData.transform((place, 0))[0] for place in (1, 2, 4)]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])


def test_a_curve_goes_through_the_middle_of_its_dots_and_many_dots_are_an_image():
    axes = Figure().subplots()
    skewed = np.array([[0.0, 0.0, 9.0], [1.0, 1.0, 1.0]])
    curve(axes, [0, 1], skewed, "black", middle=np.median)
    curve(axes, [0, 1], skewed, "black")
    assert [list(axes.lines[place].get_ydata()) for place in (3, 7)] == [[0, 1], [3, 1]]
    curve(axes, range(60), values(60, 3), "black")
    assert [bool(line.get_rasterized()) for line in axes.lines[4:5]] == [False]
    assert [bool(line.get_rasterized()) for line in axes.lines[8:]] == [True] * 3 + [False]
