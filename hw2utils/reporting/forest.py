"""Forest plots of evidence as small inline SVG: intervals against thresholds, a row a case.

Only shapes are SVG, placed in percent of its width: names and units are HTML, which wraps and keeps its size
on a phone, and a notebook that removes SVG still lists the cases. Colours are CSS custom properties with a
value for where no style sheet is.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.ticker import MaxNLocator

from hw2utils.languages import number
from hw2utils.statistics import Interval

HEIGHT = 18
"""Height of a row's drawing, in CSS pixels."""

_DOTS = 40
"""The most seeds drawn one by one."""

_APART = 6.0
"""How many times wider than a row its axis may be; a row that needs a finer one gets another axis."""

_COLORS = {"holds": "#0a6a3b", "refuted": "#a61b2f", "undecided": "#3f5068"}


@dataclass(frozen=True)
class Row:
    """Hold what one row shows: a case's evidence, the ranges in which it holds, and what words say of it.

    ``relation`` and ``threshold`` are the case's, ``values`` its seeds, in the interval's unit, NaN where one
    diverged. ``level`` says that zero is no reference, ``aside`` that the case has no vote: it is drawn
    paler. ``unit`` and ``alt`` are in the row's language.
    """

    name: str
    verdict: str
    interval: Interval
    relation: str
    threshold: float
    values: Sequence[float]
    unit: str
    alt: str
    level: bool = False
    aside: bool = False

    @property
    def edges(self) -> list[float]:
        """Give the thresholds: one, or one on each side of zero."""
        return [-self.threshold, self.threshold] if self.relation == "within" else [self.threshold]

    @property
    def zone(self) -> tuple[float, float]:
        """Give the range that the interval must lie in for the case to hold."""
        low, high = -np.inf, np.inf
        return {
            "above": (self.threshold, high),
            "below": (low, self.threshold),
            "within": (-self.threshold, self.threshold),
        }[self.relation]

    @property
    def dots(self) -> list[float]:
        """Give the seeds that are drawn: none where they are too many to be told apart."""
        finite = [value for value in self.values if np.isfinite(value)]
        return finite if 1 < len(self.values) <= _DOTS and np.ptp(finite or [0]) > 0 else []

    @property
    def extent(self) -> tuple[float, float]:
        """Give the least range in which all that has an end can be seen."""
        told = self.interval
        seen = [*self.edges, *self.dots, *(x for x in (told.mean, told.low, told.high) if np.isfinite(x))]
        if not self.level:
            seen.append(0)
        return min(seen), max(seen)


def forest(rows: Iterable[Row]) -> str:
    """Draw rows under their names, those of one unit and like size on one axis; the axes stay left-to-right.

    >>> row = Row("gain", "holds", Interval(2, 1, 3, 10), "above", 0.5, [1, 3], "points", "2 [1, 3]")
    >>> drawn = forest([row])
    >>> drawn.count("<svg role"), 'aria-label="2 [1, 3]"' in drawn, "gain" in drawn
    (1, True, False)
    """
    rows = list(rows)
    named = len(rows) > 1  # the only case is what the whole card is about
    drawn = "".join(_panel(panel, named) for panel in panels(rows))
    return f'<div class="hw2-forest">{drawn}</div>' if rows else ""


def panels(rows: Iterable[Row]) -> list[list[Row]]:
    """Group the rows that can share an axis: one unit, and no row so small on it that its side is not seen.

    >>> def row(mean, unit="points"):
    ...     return Row("", "holds", Interval(mean, mean, mean, 2), "above", 0, [], unit, "")
    >>> [len(panel) for panel in panels([row(1), row(50), row(2), row(1, "nats")])]
    [2, 1, 1]
    """
    found: list[list[Row]] = []
    for row in rows:
        for panel in found:
            if row.unit == panel[0].unit and row.level == panel[0].level and _fit([*panel, row]):
                panel.append(row)
                break
        else:
            found.append([row])
    return found


def _fit(panel: Sequence[Row]) -> bool:
    low, high = _range(panel)
    return all(high - low <= _APART * (b - a) for a, b in (row.extent for row in panel))


def _range(panel: Iterable[Row]) -> tuple[float, float]:
    lows, highs = zip(*(row.extent for row in panel), strict=True)
    return min(lows), max(highs)


def _panel(panel: Sequence[Row], named: bool) -> str:
    low, high = _range(panel)
    margin = 0.05 * (high - low) or 1.0
    axis = Axis(low - margin, high + margin)
    rows = "".join(
        f'<div data-verdict="{row.verdict}">{f"<span>{html.escape(row.name)}</span>" if named else ""}'
        f"{strip(row, axis)}</div>"
        for row in panel
    )
    unit = f"<small>{html.escape(panel[0].unit)}</small>" if panel[0].unit else ""
    space = "<span></span>" if named and not unit else ""
    return f'{rows}<div class="hw2-axis">{space}{unit}{axis.ticks()}</div>'


@dataclass(frozen=True)
class Axis:
    """Hold the range of an axis and place numbers on it, in percent of its width.

    >>> Axis(-1, 3).place(0), Axis(-1, 3).place(float("inf"))
    ('25%', '100%')
    """

    low: float
    high: float

    def share(self, value: float) -> float:
        """Give a number's place in percent; what lies outside the range stands at its end."""
        return float(np.clip(100 * (value - self.low) / (self.high - self.low), 0, 100))

    def place(self, value: float) -> str:
        """Write a number's place in percent."""
        return f"{round(self.share(value), 1):g}%"

    def ticks(self) -> str:
        """Draw about four round numbers, which a screen reader finds in the rows' alternative texts."""
        marks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        step = marks[1] - marks[0]
        digits = next((d for d in range(6) if np.isclose(round(step, d), step)), 6)
        return self.marks({mark: number(mark, digits, "en") for mark in marks if self.low < mark < self.high})

    def marks(self, words: Mapping[float, str]) -> str:
        """Draw what stands at some numbers.

        >>> "&lt;" in Axis(0, 2).marks({1: "<"})
        True
        """
        texts = "".join(
            f'<text x="{self.place(value)}" y="11">{html.escape(word)}</text>'
            for value, word in words.items()
        )
        look = f'direction="ltr" {_FRAME} font-size="11" text-anchor="middle"'
        return f'<svg aria-hidden="true" {look}>{texts}</svg>'


_FRAME = f'width="100%" height="{HEIGHT}" fill="currentColor"'


def _rect(left: float, right: float, attributes: str, height: float = HEIGHT) -> str:
    y = f' y="{(HEIGHT - height) / 2:g}"' if height != HEIGHT else ""
    place = f'x="{round(left, 1):g}%"{y} width="{max(round(right - left, 1), 0.3):g}%"'
    return f'<rect {place} height="{height:g}" {attributes}/>'


def _line(axis: Axis, value: float, attributes: str) -> str:
    return f'<rect x="{axis.place(value)}" height="{HEIGHT}" {attributes}/>'


def strip(row: Row, axis: Axis) -> str:
    """Draw one row: where it holds, zero, the threshold, the seeds, the interval and its mean.

    >>> row = Row("", "holds", Interval(2, 1, 3, 10), "above", 0, [], "", "two")
    >>> '<circle cx="75%"' in strip(row, Axis(-4, 4))
    True
    """
    told, color = row.interval, f"var(--verdict,{_COLORS.get(row.verdict, _COLORS['undecided'])})"
    left, right = (axis.share(end) for end in row.zone)
    parts = [_rect(left, right, f'fill="var(--holds,{_COLORS["holds"]})" opacity=".15"')]
    if axis.low < 0 < axis.high and 0 not in row.edges:
        parts.append(_line(axis, 0, 'width="1" opacity=".4"'))
    parts += [_line(axis, edge, 'width="2"') for edge in row.edges]
    if dots := row.dots:
        parts.append(_seeds(dots, axis))
    known = bool(np.isfinite(told.mean))
    parts.append(f'<g fill="{color}">' if known else f'<g fill="{color}" opacity=".5">')
    parts.append(_rect(axis.share(told.low), axis.share(told.high), "", 4 if known else 2))
    if not np.isfinite(told.low):
        parts.append('<path d="m0 9 8-5v10z"/>')
    if not np.isfinite(told.high):
        parts.append('<svg x="100%" overflow="visible"><path d="m0 9-8-5v10z"/></svg>')
    if known:
        parts.append(_mean(axis.place(told.mean), row.verdict))
    parts.append("</g>")
    pale = ' opacity=".6"' if row.aside else ""
    return f'<svg role="img" aria-label="{html.escape(row.alt)}" {_FRAME}{pale}>{"".join(parts)}</svg>'


def _seeds(values: Iterable[float], axis: Axis) -> str:
    places = sorted({round(10 * axis.share(value)) for value in values})
    steps = (to - at for at, to in pairwise(places))
    dots = f"M{places[0]} 9h0" + "".join(f"m{step} 0h0" for step in steps)
    look = 'stroke="currentColor" stroke-width="4" stroke-linecap="round" opacity=".4"'
    return (
        f'<svg viewBox="0 0 1000 {HEIGHT}" preserveAspectRatio="none">'
        f'<path d="{dots}" {look} vector-effect="non-scaling-stroke"/></svg>'
    )


def _mean(place: str, verdict: str) -> str:
    """Mark a mean: a disc where the case holds, a square where it is refuted, else a ring."""
    if verdict == "refuted":
        return f'<rect x="{place}" y="4.5" width="9" height="9" transform="translate(-4.5)"/>'
    if verdict == "holds":
        return f'<circle cx="{place}" cy="9" r="5"/>'
    ground = "var(--pst-color-surface,#fff)"
    color = f"var(--verdict,{_COLORS['undecided']})"
    return f'<circle cx="{place}" cy="9" r="4" fill="{ground}" stroke="{color}" stroke-width="2"/>'
