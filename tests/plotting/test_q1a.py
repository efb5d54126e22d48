"""Figures of chapter q1a."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from hw2utils.plotting.q1a import capacity, classes, harm, length, noise, underfit
from hw2utils.plotting.style import INK
from hw2utils.reporting.texts import entry

BLOCK = np.arange(6.0).reshape(3, 2)


def words(name: str):
    return entry(f"q1a-{name}").words("en")


def test_each_network_has_its_curves_its_chosen_epoch_and_its_first_seed() -> None:
    figure, curves = Figure(), {"train": BLOCK + 60, "test": BLOCK + 50}
    panels = {"wide": curves, "narrow": curves, "loss": {"train": BLOCK, "test": BLOCK + 1}}
    length(figure, words("length"), [5, 10, 15], panels, {"wide": 5, "narrow": 10, "loss": 15})
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy (percent)"] * 2 + ["loss (nats)"]
    for axes, place in zip(figure.axes, (5, 10, 15), strict=True):
        (choice,) = [
            line for line in axes.lines if line.get_linestyle() == ":" and len(line.get_xdata()) == 2
        ]
        assert set(choice.get_xdata()) == {place}
        thin = [line for line in axes.lines if line.get_color() == INK]
        assert len(thin) == 2  # one for each split


def test_an_arrow_goes_from_nothing_lost_to_the_mean_of_the_end() -> None:
    values = {"early": np.array([9.0, 11]), "late": np.array([30.0, 40]), "lost": np.array([4.0, 8])}
    figure = Figure()
    harm(figure, words("harm"), {"wide": values})
    mean = figure.axes[0].lines[1]
    assert (mean.get_xdata()[0], mean.get_ydata()[0]) == (35, 6)
    low, high = figure.axes[0].get_ylim()
    assert low < 0 and high > 8


def test_a_word_that_several_panels_share_stands_in_the_legend_once() -> None:
    answered = {"rule": BLOCK, "followed": BLOCK, "mended": BLOCK}
    panels = {"wide": answered, "narrow": answered, "all": {"random": BLOCK, "test": BLOCK}}
    figure = Figure()
    noise(figure, words("noise"), [1, 2, 3], panels, 80)
    (legend,) = figure.legends
    told = [text.get_text() for text in legend.get_texts()]
    assert len(told) == len(set(told)) == 5


def test_every_network_has_a_row_and_every_class() -> None:
    errors = {name: {"train": BLOCK[0], "test": BLOCK[1]} for name in ("wide", "neuron", "short", "penalty")}
    figure = Figure()
    underfit(figure, words("underfit"), errors, 30)
    assert len(figure.axes[0].get_yticks()) == 4
    figure = Figure()
    classes(figure, words("classes"), {name: np.ones((2, 10)) for name in errors}, 10)
    assert next(text.get_text() for text in figure.axes[0].get_yticklabels()) == "T-shirt"
    assert len({line.get_marker() for line in figure.axes[0].lines}) == 4


def test_widths_that_fit_everything_are_shaded_where_there_are_any() -> None:
    table = {"test": BLOCK, "chosen": BLOCK}
    figure = Figure()
    capacity(figure, words("loss"), [1, 12, 16], {"true": table, "false": table}, {"false": 12})
    assert [len(axes.patches) for axes in figure.axes] == [0, 1]
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["1", "16"]
