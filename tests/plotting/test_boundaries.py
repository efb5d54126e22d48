"""Decision boundaries: maps the right way up, examples in the colour of their class."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from hw2utils.plotting.boundaries import plot_boundary


def test_the_first_axis_of_a_map_runs_to_the_right_and_the_second_upwards() -> None:
    right = np.repeat([[0], [1]], 3, axis=1)  # (x, y): class 1 where x is large
    upper = np.array([[0, 1], [0, 1], [0, 1]])  # class 1 where y is large
    inputs = np.array([[-0.5, 0.5], [0.5, 0.5], [0.6, 0.4]])
    one, other = Figure().subplots(1, 2)
    for axes, classes in ((one, right), (other, upper)):
        plot_boundary(axes, classes, inputs, np.array([0, 1, 1]), np.zeros((2, 4)))
    assert one.images[0].get_array()[:, 0].tolist() == [0, 0, 0]  # rows are y, columns x
    assert one.images[0].get_array()[:, -1].tolist() == [1, 1, 1]
    assert other.images[0].get_array()[-1].tolist() == [1, 1, 1]
    assert other.images[0].origin == "lower"
    zeros, ones, border = one.lines
    assert zeros.get_xydata().tolist() == [[-0.5, 0.5]]
    assert ones.get_xydata().tolist() == [[0.5, 0.5], [0.6, 0.4]]
    assert zeros.get_color() != ones.get_color() and zeros.get_marker() != ones.get_marker()
    assert border.get_linestyle() == "--"
