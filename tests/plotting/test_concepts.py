"""Concept drawings say the numbers they are given, in both languages."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from hw2utils.plotting.concepts import network, splits
from hw2utils.reporting.texts import Words, entry


def words(name: str, lang: str) -> Words:
    return entry(name).words(lang)


def said(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_splits_run_in_the_direction_of_the_language(lang: str) -> None:
    figure = Figure()
    splits(figure, words("q5a-splits", lang), {"train": 40_000, "val": 5, "test": 7})
    (ax,) = figure.axes
    train, test = (
        ax.transData.transform(
            next(t for t in ax.texts if words("q5a-splits", lang)[key] in t.get_text()).get_position()
        )
        for key in ("train", "test")
    )
    assert (train[0] < test[0]) == (lang == "en")
    assert any("40,000" in text for text in said(figure)) == (lang == "en")
    assert any("۴۰٬۰۰۰" in text for text in said(figure)) == (lang == "fa")


@pytest.mark.parametrize(("sizes", "parameters"), [([784, 100, 10], [78_500, 1_010]), ([4, 3], [15])])
def test_a_network_has_its_sizes_and_parameters(sizes: list[int], parameters: list[int]) -> None:
    figure = Figure()
    network(figure, words("q5a-network", "en"), sizes)
    texts = said(figure)
    assert all(f"{size:,}" in texts for size in sizes)
    assert [text for text in texts if "parameters" in text] == [
        f"{count:,} parameters" for count in parameters
    ]
    neurons = sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_markersize() == 11)
    assert neurons == sum(min(size, 6) if size > 7 else size for size in sizes)
