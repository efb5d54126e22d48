"""What many verdicts at once are worth, against simulated blocks of seeds whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from test_cards import CLAIMS

from hw2utils.reporting.claims import Case, Claim, Verdict, intervals
from hw2utils.reporting.intervals import interval
from hw2utils.reporting.multiplicity import chances, claim_changes, distance, multiplicity
from hw2utils.statistics import Interval

TEXT = {"fa": "-", "en": "-"}
Block = Callable[[np.random.Generator, float], NDArray[np.float64]]


def case(relation: str = "above", threshold: float = 0.0, statistic: str = "mean") -> Case:
    return Case(TEXT, relation, threshold, "points", statistic=statistic)


def told(one: Case, values: Sequence[float] | NDArray[np.float64]) -> str:
    return one.verdict(interval(one.statistic, values))


def normal(n: int) -> Block:
    return lambda random, truth: random.normal(truth, 1.0, n)


def counts(n: int) -> Block:
    return lambda random, truth: 100.0 * (random.random(n) < truth)


WAYS = {
    "above": (case(), normal(10), (-3.0, 3.0)),
    "below, few seeds": (case("below", 0.5), normal(4), (-3.0, 4.0)),
    "within": (case("within", 1.0), normal(12), (-3.0, 3.0)),
    "ratio": (case("above", 1.0, "ratio"), lambda r, t: np.exp(r.normal(t, 1.0, 10)), (-3.0, 3.0)),
    "proportion": (case("above", 60.0, "proportion"), counts(40), (0.0, 1.0)),
}


@pytest.mark.parametrize("way", WAYS)
def test_verdicts_come_back_on_fresh_blocks_as_often_as_is_said(way: str) -> None:
    """Over truths spread evenly, the mean chance of each verdict is its frequency, near the line too."""
    one, block, (least, most) = WAYS[way]
    random = np.random.default_rng(0)
    said, came = [], []
    for truth in random.uniform(least, most, 450):
        chance = chances(one, block(random, truth))
        assert chance is not None or one.statistic == "proportion"
        said.append(list((chance or {}).values()))
        fresh = told(one, block(random, truth))
        came.append([fresh == verdict for verdict in chance or {}])
    expected, found = np.array(said), np.array(came, dtype=float)
    assert expected.sum(1) == pytest.approx(1)
    open_ = ((expected > 0.1) & (expected < 0.9)).any(1)  # where it could come out in more than one way
    assert 50 < open_.sum() < 425
    for rows in (slice(None), open_):
        error = np.sqrt((expected[rows] * (1 - expected[rows])).sum(0)) / len(expected[rows])
        assert np.abs(expected[rows].mean(0) - found[rows].mean(0)) == pytest.approx(0, abs=3.5 * error.max())


@pytest.mark.parametrize("z", [-3.0, 0.0, 1.0, 1.96, 4.0])
def test_with_many_seeds_the_chance_is_that_of_a_normal_difference(z: float) -> None:
    """Two means err, so that a result just on its line comes back half of the time (Goodman 1992)."""
    values = np.tile([-1.0, 1.0], 2000)
    values = values / values.std(ddof=1) * np.sqrt(values.size) + z
    found = chances(case(), values)
    assert found is not None
    assert found["holds"] == pytest.approx(norm.cdf((z - 1.96) / np.sqrt(2)), abs=2e-3)
    assert found["refuted"] == pytest.approx(norm.cdf((-z - 1.96) / np.sqrt(2)), abs=2e-3)


def test_nothing_is_said_without_a_spread_or_a_mean() -> None:
    assert chances(case(), [1.0, 1.0, 1.0]) is None
    assert chances(case(), [1.0, np.nan, 2.0]) is None
    assert chances(case(), [1.0]) is None


@pytest.mark.parametrize(
    ("one", "mean", "ends", "far"),
    [
        (case("above", 1.0), 3.0, (2.0, 5.0), 2.0),
        (case("above", 1.0), -1.0, (-2.0, 3.0), -0.5),
        (case("below", 1.0), -1.0, (-2.0, 3.0), 0.5),
        (case("within", 2.0), -1.0, (-1.5, -0.5), 2.0),
        (case("within", 2.0), 3.0, (2.5, 3.5), -2.0),
        (case("within", 2.0), -4.0, (-5.0, -3.0), -2.0),
        (case("above", 1.0), 1.0, (1.0, 1.0), 0.0),
        (case("above", 1.0), 2.0, (2.0, 2.0), float("inf")),
        (case("above", 1.0), float("nan"), (-np.inf, np.inf), float("nan")),
        (case("above", 1.0), 2.0, (-np.inf, np.inf), 0.0),
    ],
)
def test_distance_is_measured_by_the_arm_that_points_to_the_threshold(
    one: Case, mean: float, ends: tuple[float, float], far: float
) -> None:
    assert distance(one, Interval(mean, *ends, 10)) == pytest.approx(far, nan_ok=True)


def test_distance_and_verdict_agree() -> None:
    random = np.random.default_rng(1)
    for name in WAYS:
        one, block, (least, most) = WAYS[name]
        for truth in random.uniform(least, most, 60):
            found = interval(one.statistic, block(random, truth))
            by_distance = distance(one, found)
            expected = "holds" if by_distance > 1 else "refuted" if by_distance < -1 else "undecided"
            assert one.verdict(found) == expected, (name, found)


def claim_verdict(claim: Claim, random: np.random.Generator, truth: dict[str, float], n: int = 10) -> Verdict:
    """Measure a claim on a block of seeds with a spread of 1 about a truth for each of its cases."""
    values = {key: list(random.normal(truth[key], 1.0, n)) for key in claim.cases}
    return Verdict(claim, values, intervals(claim, values))


PLAIN = [
    claim
    for claim in CLAIMS.values()
    if 0 < len(claim.cases) < 7 and all(case.statistic == "mean" for case in claim.cases.values())
]
"""Claims that rest on means: of many cases, all near their lines, too much may come out to go through it."""


def test_on_the_line_as_many_verdicts_are_wrong_as_is_said() -> None:
    """True values on the threshold: "above" is then false, so that each "holds" of such a case is wrong."""
    random = np.random.default_rng(2)
    claims = [
        c for c in PLAIN if all(x.relation != "within" and x.role != "beyond" for x in c.cases.values())
    ]
    assert len(claims) > 10
    wrong_cases = wrong_claims = 0.0
    blocks = 100
    for _ in range(blocks):
        found = [claim_verdict(c, random, {k: x.threshold for k, x in c.cases.items()}) for c in claims]
        held = [sum(told == "holds" for told in one.cases.values()) for one in found]
        wrong_cases += sum(held) / blocks
        wrong_claims += sum(count > 0 for count in held) / blocks
    bound = multiplicity(found)
    assert bound.cases == sum(len(c.cases) for c in claims) and bound.claims == len(claims)
    assert wrong_cases == pytest.approx(bound.wrong_cases, abs=3 * np.sqrt(bound.wrong_cases / blocks))
    assert wrong_claims == pytest.approx(bound.wrong_claims, abs=3 * np.sqrt(bound.wrong_claims / blocks))


def test_a_fresh_block_changes_as_many_verdicts_as_is_expected() -> None:
    random = np.random.default_rng(3)
    expected = changed = opposite = turned = cases = other = 0.0
    for _ in range(8):
        truths = [{k: x.threshold + random.uniform(-2, 2) for k, x in claim.cases.items()} for claim in PLAIN]
        first = [claim_verdict(c, random, t) for c, t in zip(PLAIN, truths, strict=True)]
        second = [claim_verdict(c, random, t) for c, t in zip(PLAIN, truths, strict=True)]
        found = multiplicity(first)
        expected, opposite, cases = (
            expected + found.changed_claims,
            opposite + found.opposite_cases,
            cases + found.changed_cases,
        )
        for one, again in zip(first, second, strict=True):
            changed += one.verdict != again.verdict
            voting = [k for k, x in one.claim.cases.items() if x.role != "beyond"]
            other += sum(one.cases[k] != again.cases[k] for k in voting)
            turned += sum({one.cases[k], again.cases[k]} == {"holds", "refuted"} for k in voting)
    assert expected > 50 and changed == pytest.approx(expected, abs=3 * np.sqrt(expected))
    assert other == pytest.approx(cases, abs=3 * np.sqrt(cases))
    assert turned == pytest.approx(opposite, abs=3 * np.sqrt(opposite) + 1)


def test_a_claim_changes_by_its_own_rules() -> None:
    """Where one case is enough, one that holds for sure keeps the verdict whatever the others do."""
    claim = CLAIMS["C-3a5"]
    assert claim.scope.kind == "some"
    open_, sure = (
        {"holds": 0.4, "refuted": 0.3, "undecided": 0.3},
        {"holds": 1.0, "refuted": 0.0, "undecided": 0.0},
    )
    random = np.random.default_rng(4)
    found = claim_verdict(claim, random, {k: x.threshold + 9 for k, x in claim.cases.items()})
    assert found.verdict == "holds"
    assert claim_changes(found, {"full": open_, "small": sure}) == 0
    assert claim_changes(found, {"full": open_, "small": open_}) == pytest.approx(0.6**2)
    assert claim_changes(found, {"full": open_, "small": None}) == 0  # keeps its verdict
