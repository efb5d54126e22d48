"""Intervals for paired seeds and for a finite test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from hw2utils._checks import check_whole, is_number
from hw2utils._numbers import check_numbers


@dataclass(frozen=True)
class Interval:
    """A mean, the ends of its confidence interval, and the number of values behind it."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3g} [{self.low:.3g}, {self.high:.3g}], n = {self.n}"


def mean_interval(values: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Estimate a mean with Student's t-interval.

    ``values`` is one number per seed, shape (seeds,), in any unit; the interval has the same unit. A single
    value has an infinite interval: one run says nothing about the spread. Where a value is NaN or infinite,
    as after a diverged run, there is no mean: it is NaN, and the interval is infinite.

    Raises ValueError for no value, or a confidence outside (0, 1).
    Source: Student 1908; Bouthillier et al. 2021 (MLSys) on seeds as the source of spread.

    >>> print(mean_interval([1.0, 2.0, 3.0]))
    2 [-0.484, 4.48], n = 3
    >>> print(mean_interval([1.0, float("nan")]))
    nan [-inf, inf], n = 2
    """
    array = check_numbers("values", values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"values: expected one number per seed, got shape {array.shape}; pass a flat, non-empty list"
        )
    _check_confidence(confidence)
    if not np.isfinite(array).all():
        return Interval(np.nan, -np.inf, np.inf, array.size)
    mean = float(array.mean())
    if array.size == 1:
        return Interval(mean, -np.inf, np.inf, 1)
    half = float(stats.t.ppf((1 + confidence) / 2, array.size - 1) * array.std(ddof=1) / np.sqrt(array.size))
    return Interval(mean, mean - half, mean + half, array.size)


def paired_difference(a: ArrayLike, b: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Estimate the mean of ``a - b`` over paired seeds with a t-interval of the differences.

    ``a`` and ``b`` are (seeds,), the same seed at the same place.

    Raises ValueError when the lengths differ, and as :func:`mean_interval` does.

    >>> print(paired_difference([0.9, 0.8, 0.7], [0.8, 0.7, 0.6]))
    0.1 [0.1, 0.1], n = 3
    """
    first, second = check_numbers("a", a), check_numbers("b", b)
    if first.shape != second.shape:
        raise ValueError(
            f"b: expected the shape of a, {first.shape}, got {second.shape}; pair the same seeds"
        )
    return mean_interval(first - second, confidence=confidence)


def proportion_interval(successes: int, trials: int, *, confidence: float = 0.95) -> Interval:
    """Estimate a proportion, such as a test accuracy, with Wilson's interval for a finite test set.

    Returns fractions. This is the noise of the test set; the noise of the seed comes on top.

    Raises ValueError unless 0 ≤ successes ≤ trials and trials ≥ 1. Source: Wilson 1927.

    >>> print(proportion_interval(8_900, 10_000, confidence=0.683))
    0.89 [0.887, 0.893], n = 10000
    """
    share = is_number(successes) and 0 < successes < 1
    remedy = "for a share write round(share * trials)" if share else "count the right predictions"
    check_whole("successes", successes, 0, remedy=remedy)
    check_whole("trials", trials, 1, remedy="count all predictions")
    _check_confidence(confidence)
    if successes > trials:
        raise ValueError(
            f"successes, trials: expected 0 ≤ successes ≤ trials, got {successes} of {trials}; count the "
            "right predictions and all predictions"
        )
    ends = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return Interval(successes / trials, float(ends.low), float(ends.high), trials)


def _check_confidence(confidence: float) -> None:
    if not is_number(confidence) or not 0 < confidence < 1:
        percent = is_number(confidence) and 1 < confidence < 100
        remedy = f"for {confidence} percent write {confidence / 100:g}" if percent else "use 0.95"
        raise ValueError(f"confidence: expected a level in (0, 1), got {confidence!r}; {remedy}")
