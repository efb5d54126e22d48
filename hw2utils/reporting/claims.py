"""Claims: what the homework says, the criterion chosen beforehand, and the verdict from data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from numpy.typing import ArrayLike

from hw2utils._checks import did_you_mean
from hw2utils._numbers import check_numbers
from hw2utils.languages import Text, check_text
from hw2utils.reporting.catalogue import book_sources, claims_files
from hw2utils.reporting.records import Record
from hw2utils.statistics import Interval, mean_interval

VERDICTS: dict[str, Text] = {
    "holds": {"fa": "برقرار", "en": "holds"},
    "refuted": {"fa": "رد شد", "en": "refuted"},
    "depends": {"fa": "بسته به شرایط", "en": "depends"},
    "undecided": {"fa": "نامعین", "en": "undecided"},
    "not testable": {"fa": "آزمون‌ناپذیر", "en": "not testable"},
}
"""The possible verdicts and their names in both languages."""

RELATIONS = ("above", "below", "within")
PUBLISHED_SEEDS = 10
"""The least number of paired seeds behind a verdict; fewer are exploratory."""

CASE_UNITS = ("points", "nats", "epochs", "steps", "times", "seconds", "plain")


class ClaimError(ValueError):
    """Say what is wrong with a claim or with the evidence for it."""


@dataclass(frozen=True)
class Case:
    """Hold one condition under which a claim is tested.

    The claim needs the mean of the evidence to be ``above`` or ``below`` the threshold, or ``within`` it on
    both sides of zero. ``unit`` is ``points`` (percentage points), ``nats``, ``epochs``,
    ``steps``, ``times`` (a ratio), ``seconds`` or ``plain`` (a number without unit).
    """

    name: Text
    relation: str
    threshold: float
    unit: str

    def verdict(self, interval: Interval) -> str:
        """Judge an interval: it must lie wholly on one side of the threshold, else the case is undecided.

        >>> case = Case({"fa": "-", "en": "-"}, "above", 0.5, "points")
        >>> case.verdict(Interval(1, 0.8, 1.2, 10)), case.verdict(Interval(1, 0.4, 1.6, 10))
        ('holds', 'undecided')
        """
        low, high, edge = interval.low, interval.high, self.threshold
        if self.relation == "above":
            holds, refuted = low > edge, high <= edge
        elif self.relation == "below":
            holds, refuted = high < edge, low >= edge
        else:
            holds, refuted = -edge < low and high < edge, low >= edge or high <= -edge
        return "holds" if holds else "refuted" if refuted else "undecided"


@dataclass(frozen=True)
class Claim:
    """Hold one claim of the homework as the book's claims state it."""

    id: str
    chapter: str
    place: Text
    statement: Text
    criterion: Text
    cases: Mapping[str, Case]
    expected: str
    explanation: Text


@lru_cache(maxsize=1)
def _parse(files: tuple[Path, ...], modified: tuple[int, ...]) -> dict[str, Claim]:
    claims: dict[str, Claim] = {}
    for file in files:
        for identifier, entry in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if identifier in claims:
                raise ClaimError(f"{file}: {identifier} is stated twice; keep one")
            claims[identifier] = _claim(identifier, entry)
    return claims


def load(path: Path | str | None = None) -> dict[str, Claim]:
    """Read all claims, by id, in the order of the files and of their entries.

    ``path`` is one file, or a book's folder with a ``claims`` folder of files or one ``claims.yml``. Without
    it the claims are looked for here, in ``book/``, in the ``book`` folder beside the package, and, where the
    package was installed from a wheel, inside it.
    Raises ClaimError when none are found, an entry is wrong, or one is stated twice.

    >>> all(claim.expected in VERDICTS for claim in load().values())
    True
    """
    given = Path(path) if path else None
    places = [given] if given and given.is_file() else book_sources(given)
    for place in places:
        files = [place] if place.is_file() else claims_files(place)
        if files:
            return _parse(
                tuple(file.resolve() for file in files), tuple(file.stat().st_mtime_ns for file in files)
            )
    raise ClaimError(
        f"path: expected claims, found none in {[str(p) for p in places]}; run inside the project"
    )


def _claim(identifier: str, entry: Mapping[str, Any]) -> Claim:
    needed = {"chapter", "place", "statement", "criterion", "cases", "expected", "explanation"}
    if set(entry) != needed:
        raise ClaimError(
            f"{identifier}: expected the fields {sorted(needed)}, got {sorted(entry)}; "
            f"missing {sorted(needed - set(entry))}, unknown {sorted(set(entry) - needed)}"
        )
    if entry["expected"] not in VERDICTS:
        raise ClaimError(
            f"{identifier}.expected: expected one of {list(VERDICTS)}, got {entry['expected']!r}"
        )
    cases = {}
    for key, case in entry["cases"].items():
        if case["relation"] not in RELATIONS or case["unit"] not in CASE_UNITS:
            raise ClaimError(
                f"{identifier}.cases.{key}: expected a relation of {RELATIONS}, a unit of {CASE_UNITS}, "
                f"got {case['relation']!r} and {case['unit']!r}"
            )
        name = check_text(f"{identifier}.cases.{key}.name", case["name"])
        cases[key] = Case(name, case["relation"], float(case["threshold"]), case["unit"])
    if bool(cases) == (entry["expected"] == "not testable"):
        raise ClaimError(
            f"{identifier}.cases: expected cases unless the claim is not testable; got {list(cases)}"
        )
    texts = {
        k: check_text(f"{identifier}.{k}", entry[k])
        for k in ("place", "statement", "criterion", "explanation")
    }
    return Claim(id=identifier, chapter=entry["chapter"], cases=cases, expected=entry["expected"], **texts)


def combine(verdicts: list[str]) -> str:
    """Combine the cases' verdicts: all alike give that verdict, holds and refuted together give depends.

    An undecided case leaves the claim undecided, unless other cases already show that it depends.

    >>> combine(["holds", "refuted"]), combine(["holds", "undecided"]), combine(["holds", "holds"])
    ('depends', 'undecided', 'holds')
    """
    found = set(verdicts)
    if {"holds", "refuted"} <= found:
        return "depends"
    return "undecided" if "undecided" in found else verdicts[0]


@dataclass(frozen=True)
class Verdict:
    """Hold a claim, the evidence for each of its cases, and what follows from them."""

    claim: Claim
    values: Mapping[str, list[float]]
    evidence: Mapping[str, Interval]

    @property
    def cases(self) -> dict[str, str]:
        """Give the verdict of each case."""
        return {key: self.claim.cases[key].verdict(interval) for key, interval in self.evidence.items()}

    @property
    def verdict(self) -> str:
        """Give the verdict on the claim."""
        return combine(list(self.cases.values())) if self.evidence else "not testable"


def verdict(record: Mapping[str, Any], claims: Mapping[str, Claim] | None = None) -> Verdict:
    """Judge the evidence of a record by the claim as it is stated now, by default in the book.

    Raises ClaimError where the record and the claims do not fit each other.
    """
    claims = load() if claims is None else claims
    identifier = record["name"]
    if identifier not in claims:
        raise ClaimError(f"{identifier}: no such claim is stated any more; run the chapter again")
    claim, found = claims[identifier], record["cases"]
    told = {key: case["unit"] for key, case in found.items()}
    if told != (asked := {key: case.unit for key, case in claim.cases.items()}):
        raise ClaimError(
            f"{identifier}: expected evidence for the cases {asked}, got {told}; run the chapter again"
        )
    values = {key: list(found[key]["values"]) for key in claim.cases}  # in the order of the claim
    return Verdict(claim, values, {key: mean_interval(v) for key, v in values.items()})


def judge(identifier: str, **evidence: ArrayLike) -> Record:
    """Judge a claim on evidence: for each case one number per seed, usually a paired difference.

    The numbers are in the case's unit, shape (seeds,). The verdict follows from the 95 % t-interval of
    their mean and the criterion in ``book/claims``; the record keeps the numbers, not the verdict.

    A seed that diverged (NaN or infinite) is kept as None; its case then has no interval and is undecided.

    Raises ClaimError for an unknown claim, cases that are missing or unknown, or no numbers.
    """
    claims = load()
    if identifier not in claims:
        near = did_you_mean(identifier, claims)
        raise ClaimError(
            f"identifier: expected a claim of book/claims, got {identifier!r}{near}; "
            f"there are {', '.join(claims)}"
        )
    claim = claims[identifier]
    if set(evidence) != set(claim.cases):
        raise ClaimError(
            f"evidence for {identifier}: expected the cases {list(claim.cases)}, got {list(evidence)}; "
            "pass one array of values per case"
        )
    try:
        values = {key: check_numbers(key, v) for key, v in evidence.items()}
        for case in values.values():
            mean_interval(case)
    except ValueError as error:
        raise ClaimError(f"evidence for {identifier}: {error}") from error
    cases = {
        key: {"unit": claim.cases[key].unit, "values": [x if math.isfinite(x) else None for x in v.tolist()]}
        for key, v in values.items()
    }
    return Record({"kind": "verdict", "name": identifier, "cases": cases})
