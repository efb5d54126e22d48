"""Concept drawings: what is not measured but meant, such as who may look at which data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from hw2utils.plotting.style import COLOR_OF, NEUTRAL, Words, sized

_USES = {"train": "fit", "val": "choose", "test": "report"}
_MOST_NEURONS = 7


@sized(6.4, 3.2)
def splits(figure: Figure, words: Words, sizes: Mapping[str, int]) -> None:
    """Draw three splits of data, with their sizes, and the one use each is for; Persian runs from the right.

    ``sizes`` maps ``train``, ``val`` and ``test`` to examples. A crossed line says what must not be done.
    """
    axes = _blank(figure, words)
    centers = dict(zip(_USES, (1.1, 3.3, 5.5), strict=True))
    for split, use in _USES.items():
        x = centers[split]
        text = f"{words[split]}\n{words('examples', n=sizes[split])}"
        _box(axes, x, 2.5, text, color=COLOR_OF[split], filled=True)
        _box(axes, x, 0.6, words[use], color=COLOR_OF[split])
        _arrow(axes, (x, 2.05), (x, 1.05), COLOR_OF[split])
    for split, crossed in {"val": 0.5, "train": 0.3}.items():  # beside the arrow in the middle
        start, end = (centers["test"] - 0.55, 2.05), (centers[split] + 0.5, 1.05)
        _arrow(axes, start, end, "0.55", style=":")
        place = np.add(start, crossed * np.subtract(end, start))
        axes.plot(*place, "x", color="0.25", markersize=9, markeredgewidth=2)
    axes.set(xlim=(0, 6.6) if words.lang == "en" else (6.6, 0), ylim=(0, 3.1))


@sized(6.4, 3.4)
def network(figure: Figure, words: Words, sizes: Sequence[int], counts: Sequence[int] | None = None) -> None:
    """Draw a fully connected network: a column a layer, with its size, and the parameters between two.

    ``sizes`` are those of the input, the hidden layers and the output; of a large layer some neurons stand
    for all. ``counts`` are the parameters between two layers, where they are not a weight for each pair and
    a bias for each neuron. It runs from left to right in both languages, as formulas do.
    """
    if counts is None:
        counts = [size * following + following for size, following in pairwise(sizes)]
    axes = _blank(figure, words)
    places = np.linspace(0.9, 5.7, len(sizes))
    heights = [_heights(size) for size in sizes]
    for (x, own), (further, others) in pairwise(zip(places, heights, strict=True)):
        for y in own:
            for other in others:
                axes.plot([x, further], [y, other], color="0.6", linewidth=0.4, zorder=1)
    for x, own, size, layer in zip(places, heights, sizes, _layers(len(sizes)), strict=True):
        axes.plot([x] * len(own), own, "o", color=NEUTRAL, markersize=11, zorder=2)
        if size > len(own):
            gap = (own[len(own) // 2 - 1] + own[len(own) // 2]) / 2
            axes.plot([x] * 3, gap + np.array([-0.09, 0, 0.09]), "o", color=NEUTRAL, markersize=2, zorder=3)
        axes.text(x, 2.95, words[layer], ha="center", va="center")
        axes.text(x, 0.42, words("size", n=size), ha="center", va="center")
    for (x, further), count in zip(pairwise(places), counts, strict=True):
        axes.text((x + further) / 2, 0.1, words("parameters", n=count), ha="center", va="center")
    axes.set(xlim=(0, 6.6), ylim=(0, 3.15))


@sized(6.4, 3.4)
def tags(figure: Figure, words: Words) -> None:
    """Draw why noise columns can be memorised: they tag every training image, and no new one has a tag again.

    Rows are images, with pixels and columns of noise; Persian runs from the right.
    """
    axes = _blank(figure, words)
    draw = np.random.default_rng(3)
    shades = draw.uniform(0.15, 0.95, (4, 4))
    for row, y in enumerate((2.35, 1.75, 1.15, 0.2)):
        known = row < 3
        pixels = 0.25 + 0.6 * shades[min(row, 2)] if known else 0.25 + 0.6 * shades[1]
        for place in range(4):
            for x, shade in (
                (1.9 + 0.42 * place, pixels[place]),
                (4.1 + 0.42 * place, shades[row][::-1][place]),
            ):
                box = Rectangle((x, y), 0.38, 0.46, facecolor=str(shade), edgecolor=NEUTRAL)
                axes.add_patch(box)
        name = words("image", n=row + 1) if known else words["new"]
        axes.text(1.7, y + 0.23, name, ha="right" if words.lang == "en" else "left", va="center")
        told = words["known"] if known else words["unknown"]
        axes.text(5.95, y + 0.23, told, ha="left" if words.lang == "en" else "right", va="center")
    for x, key in ((2.74, "pixels"), (4.94, "noise")):
        axes.text(x, 3.0, words[key], ha="center", va="center")
    axes.plot([0.3, 7.6], [0.9, 0.9], color=NEUTRAL, linewidth=0.8, linestyle=":")
    axes.set(xlim=(0.2, 7.7) if words.lang == "en" else (7.7, 0.2), ylim=(0, 3.2))


@sized(6.8, 3.0)
def distillation(figure: Figure, words: Words) -> None:
    """Draw one image on its way through teacher and student, and the two parts of the student's loss.

    Gradients return along the strong arrows only; Persian runs from the right.
    """
    axes = _blank(figure, words)
    color = {name: COLOR_OF[kind] for name, kind in (("teacher", "teacher"), ("student", "distilled"))}
    places = {"image": (1.1, 1.5), "teacher": (3.8, 2.6), "student": (3.8, 1.5), "label": (3.8, 0.4)}
    places |= {"soft": (6.7, 2.3), "hard": (6.7, 0.7)}
    for name, (x, y) in places.items():
        tint = color.get(name, NEUTRAL)
        _box(axes, x, y, words[name], color=tint, filled=name in color)
    for start, end in (("image", "teacher"), ("teacher", "soft"), ("label", "hard")):
        _link(axes, places[start], places[end], NEUTRAL, style=":")
    for start, end in (("image", "student"), ("student", "soft"), ("student", "hard")):
        _link(axes, places[start], places[end], COLOR_OF["distilled"])
    axes.set(xlim=(0, 7.8) if words.lang == "en" else (7.8, 0), ylim=(-0.15, 3.15))


def _link(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str, *, style: str = "-"
) -> None:
    """Draw an arrow from the side of one box to the side of the next."""
    _arrow(axes, (start[0] + 1.0, start[1]), (end[0] - 1.0, end[1]), color, style=style)


def _blank(figure: Figure, words: Words) -> Axes:
    axes: Axes = figure.subplots()
    axes.set_axis_off()
    return axes


def _box(axes: Axes, x: float, y: float, text: str, *, color: str, filled: bool = False) -> None:
    width, height = 1.9, 0.85
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0.03,rounding_size=0.1",
            facecolor=color if filled else "none",
            edgecolor=color,
            alpha=0.25 if filled else None,
            linewidth=1.5,
        )
    )
    axes.text(x, y, text, ha="center", va="center")


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str, *, style: str = "-"
) -> None:
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, color=color, linestyle=style)
    )


def _heights(size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Place the neurons of a layer, at most seven, the largest layers with a gap in the middle."""
    if size <= _MOST_NEURONS:
        spread = 0.16 * (size - 1)
        return np.linspace(1.65 + spread, 1.65 - spread, size)
    offsets = np.linspace(0.32, 0.96, 3)
    return 1.65 + np.concatenate([offsets[::-1], -offsets])


def _layers(count: int) -> list[str]:
    return ["input", *["hidden"] * (count - 2), "output"]
