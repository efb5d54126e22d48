"""The interval of a case's evidence, by the kind of number that it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hw2utils._numbers import check_numbers
from hw2utils.reporting.criteria import LEVEL
from hw2utils.statistics import Interval, mean_interval, proportion_interval


def interval(statistic: str, values: ArrayLike, level: float = LEVEL) -> Interval:
    """Estimate what a case's evidence stands for, shape (seeds,), in the unit of the evidence.

    ``statistic`` is a key of :data:`STATISTICS`, ``level`` lies in (0, 1). Raises ValueError for numbers that
    its kind cannot have.

    >>> print(interval("proportion", [0.0] * 10))
    0 [0, 27.8], n = 10
    >>> print(interval("share", [99.0, float("nan")]))
    nan [-inf, inf], n = 2
    >>> print(interval("share", [99.0, 100.0, 99.0]))
    99.3 [97.9, 100], n = 3
    """
    low, high = STATISTICS[statistic][0]
    array = check_numbers("values", values)
    found = mean_interval(array, confidence=level)  # says what is wrong with any evidence
    if np.isnan(found.mean):  # a seed diverged
        return found
    if (outside := array[(array < low) | (array > high)]).size:
        raise ValueError(
            f"values: expected from {low:g} to {high:g}, as a {statistic} is, got {outside[0]:g}"
        )
    return STATISTICS[statistic][1](array, level)


def is_constant(values: ArrayLike) -> bool:
    """Tell whether all seeds gave the same number, so that their spread says nothing; one alone does not.

    >>> is_constant([0.1 + 0.2, 0.3]), is_constant([1.0, 1.1]), is_constant([1.0])
    (True, False, False)
    """
    array = np.asarray(values, dtype=float)
    return array.size > 1 and bool(np.ptp(array) <= 1e-9 * max(1.0, float(np.abs(array).max())))


def _mean(values: NDArray[np.float64], level: float) -> Interval:
    return mean_interval(values, confidence=level)


def _proportion(values: NDArray[np.float64], level: float) -> Interval:
    if not np.isin(values, (0, 100)).all():
        raise ValueError("values: expected 0 or 100 for each seed, did it or did it not; else use a share")
    found = proportion_interval(int((values == 100).sum()), values.size, confidence=level)
    return Interval(100 * found.mean, 100 * found.low, 100 * found.high, found.n)


def _bounded(low: float, high: float) -> Callable[[NDArray[np.float64], float], Interval]:
    def bounded(values: NDArray[np.float64], level: float) -> Interval:
        found = mean_interval(values, confidence=level)
        return Interval(found.mean, max(found.low, low), min(found.high, high), found.n)

    return bounded


def _ratio(values: NDArray[np.float64], level: float) -> Interval:
    if (values <= 0).any():
        raise ValueError("values: expected ratios above 0; a time or a size is never 0")
    found = mean_interval(np.log(values), confidence=level)
    with np.errstate(over="ignore"):
        mean, low, high = np.exp([found.mean, found.low, found.high])
    return Interval(float(mean), float(low), float(high), found.n)


STATISTICS: dict[
    str, tuple[tuple[float, float], Callable[[NDArray[np.float64], float], Interval]]
] = {  # each with the range of its numbers
    "mean": ((-np.inf, np.inf), _mean),
    "proportion": ((0, 100), _proportion),
    "share": ((0, 100), _bounded(0, 100)),
    "nonnegative": ((0, np.inf), _bounded(0, np.inf)),
    "ratio": ((0, np.inf), _ratio),
}
"""What evidence can be: a mean of differences (Student's interval); a proportion of seeds, 0 or 100 for each
(Wilson's); a mean of shares in percent, or of numbers never below 0 (Student's, cut at what is possible); a
ratio (the geometric mean, Student's on logarithms)."""

LEVELS = STATISTICS.keys() - {"mean"}
"""Statistics that are levels, not differences: they are written without a plus sign."""
