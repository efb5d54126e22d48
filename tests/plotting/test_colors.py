"""A colour means one thing in the book: every published figure is drawn and its colours are looked at."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import matplotlib as mpl
import pytest
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from repository import CHAPTERS, ROOT

from hw2utils.plotting.style import COLOR_OF, INK, NEUTRAL, style
from hw2utils.publishing.execution.published import load_published
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.reporting.figures import drawing
from hw2utils.reporting.rendering import frames
from hw2utils.reporting.texts import entry

SAID = {  # what a figure with this colour must speak of
    "train": "training|seen",
    "test": "test|unseen",
    "val": "validation",
    "bias": "bias|mean",
    "variance": "variance|fits",
    "sgd": "sgd|gradient descent",
    "momentum": "mom",
    "L1": "L1",
    "L2": "L2",
    "distilled": "distill|student|soft labels|with t²",
    "teacher": "",  # as all ink
    "alone": "",  # as all that is neutral
}
CLASSES = {"#762a83", "#1b7837"}
"""The two classes of the plane, which are in no other figure."""


@pytest.fixture(scope="module", name="drawn")
def fixture_drawn() -> dict[str, Figure]:
    """Draw each published figure in English, of a slider what it shows first."""
    found = {}
    with mpl.rc_context(style("en")):
        for run in load_published(CHAPTERS):
            for name, record in run.figures.items():
                first = frames(record, arrays_of(record, run.directory))[record.get("start", 0)]
                found[name] = Figure()
                drawing(record["draw"])(found[name], entry(name, ROOT / "book").words("en"), **first.data)
    return found


def hues(figure: Figure) -> set[str]:
    """Give the colours of what a figure shows, without greys."""
    found = set()
    for artist in figure.findobj(lambda one: isinstance(one, Line2D | Patch | Collection)):
        if artist.axes is not None and artist.axes.get_label() == "<colorbar>":
            continue
        if isinstance(artist, Line2D):
            colors = [artist.get_color()]
        elif isinstance(artist, Patch):
            colors = [artist.get_facecolor()]
        else:
            colors = [*artist.get_facecolor(), *artist.get_edgecolor()]
        found.update(to_hex(color) for color in colors if not isinstance(color, str) or color != "none")
    return {color for color in found if max(to_rgb(color)) - min(to_rgb(color)) > 0.1}


def labelled(figure: Figure) -> Iterator[tuple[str, str]]:
    """Give what legends say, each with its colour."""
    for artist in figure.findobj(Line2D):
        if str(artist.get_label())[:1] not in ("", "_"):
            yield str(artist.get_label()), to_hex(artist.get_color())


def test_no_two_meanings_share_a_colour() -> None:
    assert len({color.lower() for color in COLOR_OF.values()}) == len(COLOR_OF) == len(SAID)


def test_a_colour_stands_only_for_what_it_means(drawn: dict[str, Figure]) -> None:
    meaning = {color.lower(): name for name, color in COLOR_OF.items()}
    wrong = []
    for name, figure in drawn.items():
        said = "\n".join(text.get_text() for text in figure.findobj(Text))
        for color in hues(figure) - {NEUTRAL, INK}:
            if color in CLASSES and name in ("q2a-k", "q2a-boundaries", "q1a2-spirals"):
                continue
            if color not in meaning:
                wrong.append(f"{name}: {color} means nothing in the book")
            elif not re.search(SAID[meaning[color]], said, re.IGNORECASE):
                wrong.append(f"{name}: the colour of {meaning[color]!r}, of which it does not speak")
    assert len(drawn) > 50
    assert wrong == []


def test_a_word_of_a_legend_has_one_colour_in_the_book(drawn: dict[str, Figure]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for figure in drawn.values():
        for label, color in labelled(figure):
            found[label].add(color)
    assert len(found) > 20
    assert {label: colors for label, colors in found.items() if len(colors) > 1} == {}
