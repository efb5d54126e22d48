"""Many verdicts at once: how far each is from its line, and how many would be wrong or change by chance."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from math import isfinite, prod
from operator import ge, gt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from hw2utils.reporting.claims import Case, Verdict
from hw2utils.reporting.criteria import LEVEL
from hw2utils.reporting.intervals import interval, is_constant
from hw2utils.reporting.verdicts import CASE_VERDICTS
from hw2utils.statistics import Interval

_GRID = 48
"""Quantiles of each of two spreads over which a chance is averaged."""

_NEVER = 1e-6
"""Chances below this are left out where the outcomes of a claim's cases are gone through."""


def distance(case: Case, told: Interval) -> float:
    """Measure how far a mean is from its threshold, in lengths of the interval's arm that points there.

    Above 1 the case holds, below -1 it is refuted; between, the interval reaches over the threshold. NaN
    where there is no mean, infinite where there is no spread.

    >>> case = Case({"fa": "-", "en": "-"}, "below", 1.0, "points")
    >>> distance(case, Interval(3, 2.5, 3.5, 10)), distance(case, Interval(0.5, 0, 1, 10))
    (-4.0, 1.0)
    """
    if case.relation == "within":
        edge = case.threshold if told.mean >= 0 else -case.threshold
        inside = abs(told.mean) < case.threshold
        upward = inside == (told.mean >= 0)  # where the nearer threshold lies
        arm = told.high - told.mean if upward else told.mean - told.low
        sign = 1 if inside else -1
    else:
        edge = case.threshold
        arm = told.mean - told.low if told.mean > edge else told.high - told.mean
        sign = 1 if (told.mean > edge) == (case.relation == "above") else -1
    far = abs(told.mean - edge)
    if not isfinite(far):
        return float("nan")
    return sign * (far / arm if arm else float("inf") if far else 0.0)


# --- a fresh block of seeds -------------------------------------------------------------------------


def chances(case: Case, values: ArrayLike, level: float = LEVEL) -> dict[str, float] | None:
    """Estimate how probable each verdict on a case is on a fresh block of as many seeds.

    ``values`` is the evidence, shape (seeds,), in the case's unit, ``level`` that of its interval. What is
    not known, the true mean and the spread, is averaged over with a flat prior (posterior predictive): seeds
    independent and normal, of a ratio the logarithms; a proportion is binomial with Jeffreys' prior. A chance
    is an average over what the block leaves open, not a promise. None where nothing can be said: a seed
    diverged, or all gave one number.

    Source: Goodman 1992 (doi 10.1002/sim.4780110705), who asks so for p-values; Cumming 2008
    (doi 10.1111/j.1745-6924.2008.00079.x).

    >>> case = Case({"fa": "-", "en": "-"}, "above", 0.0, "points")
    >>> {told: round(chance, 2) for told, chance in chances(case, [1.0, 2.0, 3.0, 4.0]).items()}
    {'holds': 0.6, 'refuted': 0.0, 'undecided': 0.4}
    """
    given = np.asarray(values, dtype=float)
    if given.size < 2 or not np.isfinite(given).all():
        return None
    if case.statistic == "proportion":
        return _chances_of_counts(case, int((given == 100).sum()), given.size, level)
    if is_constant(given):
        return None
    edge = case.threshold
    if case.statistic == "ratio":
        given, edge = np.log(given), float(np.log(edge))
    return _chances_of_means(case.relation, edge, given, level)


@cache
def _quantiles(freedom: int) -> NDArray[np.float64]:
    shares = (np.arange(_GRID) + 0.5) / _GRID
    found: NDArray[np.float64] = stats.chi2.ppf(shares, freedom) / freedom
    return found


def _chances_of_means(
    relation: str, edge: float, values: NDArray[np.float64], level: float
) -> dict[str, float]:
    """Average over the true spread and that of the fresh block; its mean is then normal about the first."""
    freedom = values.size - 1
    error = values.std(ddof=1) / np.sqrt(values.size)
    spread = 1 / np.sqrt(_quantiles(freedom))[:, None]  # (grid, 1) the true standard error over the first
    half = stats.t.ppf((1 + level) / 2, freedom) * spread * np.sqrt(_quantiles(freedom))  # (grid, grid)
    scale = np.sqrt(2) * spread * error  # of the fresh mean about the first: both err

    def below(place: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = special.ndtr((place - values.mean()) / scale)
        return found

    reach = half * error
    if relation == "within":
        inside = np.maximum(below(edge - reach) - below(reach - edge), 0)
        outside = below(-edge - reach) + 1 - below(edge + reach)
        holds, refuted = float(inside.mean()), float(outside.mean())
    else:
        over, under = float((1 - below(edge + reach)).mean()), float(below(edge - reach).mean())
        holds, refuted = (over, under) if relation == "above" else (under, over)
    return {"holds": holds, "refuted": refuted, "undecided": max(0.0, 1 - holds - refuted)}


def _chances_of_counts(case: Case, count: int, trials: int, level: float) -> dict[str, float]:
    """Go from no success to all: the verdict changes only where an end of the interval passes an edge."""

    @cache
    def told(successes: int) -> Interval:
        seeds = np.repeat([100.0, 0.0], [successes, trials - successes])
        return interval("proportion", seeds, level)

    def first(
        end: str, passed: Callable[[float, float], bool], edge: float
    ) -> int:  # ends rise with the count
        return bisect_left(
            range(trials + 1), True, key=lambda successes: passed(getattr(told(successes), end), edge)
        )

    starts = {0, trials + 1}
    for edge in (case.threshold, case.rare):
        if edge is not None:
            starts |= {first("low", gt, edge), first("low", ge, edge), first("high", gt, edge)}
            starts.add(first("high", ge, edge))
    fresh = stats.betabinom(trials, count + 0.5, trials - count + 0.5)
    chance = dict.fromkeys(CASE_VERDICTS, 0.0)
    for begin, end in pairwise(sorted(starts)):
        verdict = case.verdict(told(begin))
        chance[verdict] = chance.get(verdict, 0.0) + float(fresh.cdf(end - 1) - fresh.cdf(begin - 1))
    return chance


# --- a claim, all claims ----------------------------------------------------------------------------


def claim_changes(found: Verdict, expected: Mapping[str, Mapping[str, float] | None]) -> float:
    """Work out how probable another verdict on a claim is, its cases taken as independent of each other.

    ``expected`` gives the chances of each voting case; one without chances keeps its verdict.
    """
    voting = voting_cases(found)
    outcomes = []
    for key in voting:
        told = expected[key] or {found.cases[key]: 1.0}
        outcomes.append([(verdict, chance) for verdict, chance in told.items() if chance >= _NEVER])
    same = 0.0
    for outcome in product(*outcomes):
        supposed = {key: verdict for key, (verdict, _) in zip(voting, outcome, strict=True)}
        if found.supposing(supposed) == found.verdict:
            same += prod(chance for _, chance in outcome)
    return float(np.clip(1 - same, 0, 1))


def voting_cases(found: Verdict) -> list[str]:
    """Name the measured cases of a claim that vote."""
    return [key for key in found.evidence if found.claim.cases[key].role != "beyond"]


@dataclass(frozen=True)
class Near:
    """Hold a voting case: its claim and key, its distance, and the chance that fresh seeds tell otherwise."""

    claim: str
    case: str
    distance: float
    chance: float


@dataclass(frozen=True)
class Multiplicity:
    """Hold what many verdicts at once are worth.

    ``claims``, ``cases`` (with a vote) and ``intervals`` are counts. ``wrong_cases`` and ``wrong_claims`` are
    the most that chance alone makes wrong on average, where every true value lies on its threshold, on the
    side that makes the verdict wrong; a claim counts as wrong where any of its cases is. ``opposite_cases``,
    ``changed_cases`` and ``changed_claims`` are what a fresh block of as many seeds is expected to turn round
    and to change. ``silent`` cases have no spread or no mean and are left out of these three. ``near`` has
    every other voting case, the nearest to its line first.
    """

    claims: int
    cases: int
    intervals: int
    wrong_cases: float
    wrong_claims: float
    opposite_cases: float
    changed_cases: float
    changed_claims: float
    silent: int
    near: Sequence[Near]


def multiplicity(verdicts: Iterable[Verdict]) -> Multiplicity:
    """Count verdicts and estimate how many are wrong by chance, and how many would change on fresh seeds.

    The first is a bound: an interval of level .95 leaves out a true value on a given side 2.5 times in 100
    (one of level .9875, where a claim was looked at several times, .625 times), so a
    case is decided wrongly at most as often; the cases of a claim are taken as independent, else fewer claims
    are touched. The second comes from :func:`chances`.

    >>> multiplicity([]).cases
    0
    """
    measured = [found for found in verdicts if found.evidence]
    near: list[Near] = []
    wrong_claims = opposite = changed_claims = 0.0
    silent = 0
    wrong_cases = 0.0
    for found in measured:
        error = (1 - found.claim.level) / 2
        voting = voting_cases(found)
        wrong_cases += error * len(voting)
        expected = {key: _told(found, key) for key in voting}
        for key, told in expected.items():
            if told is None:
                silent += 1
                continue
            verdict = found.cases[key]
            opposite += {"holds": told["refuted"], "refuted": told["holds"]}.get(verdict, 0.0)
            far = distance(found.claim.cases[key], found.evidence[key])
            near.append(Near(found.claim.id, key, far, 1 - told[verdict]))
        wrong_claims += 1 - (1 - error) ** len(voting)
        changed_claims += claim_changes(found, expected)
    cases = sum(len(voting_cases(found)) for found in measured)
    return Multiplicity(
        claims=len(measured),
        cases=cases,
        intervals=sum(len(found.claim.measured) for found in measured),
        wrong_cases=wrong_cases,
        wrong_claims=wrong_claims,
        opposite_cases=opposite,
        changed_cases=sum(one.chance for one in near),
        changed_claims=changed_claims,
        silent=silent,
        near=sorted(near, key=lambda one: abs(one.distance)),
    )


def _told(found: Verdict, key: str) -> dict[str, float] | None:
    values = [np.nan if value is None else value for value in found.values[key]]
    return chances(found.claim.cases[key], values, found.claim.level)
