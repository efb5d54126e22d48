"""Claims: what the homework says, how far its words reach, the criterion, and the verdict from data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from hw2utils._checks import did_you_mean
from hw2utils._numbers import check_numbers
from hw2utils.languages import Text, check_text
from hw2utils.reporting.catalogue import NotebookError, book_sources, claims_files, read_yaml
from hw2utils.reporting.criteria import LEVEL, LOOKS_LEVEL, REGISTRY, digest, form, looked_at
from hw2utils.reporting.intervals import STATISTICS, interval, is_constant
from hw2utils.reporting.records import Record
from hw2utils.reporting.verdicts import RARE, SCOPES, VERDICTS, over_conditions, over_parts, together
from hw2utils.statistics import Interval

RELATIONS = ("above", "below", "within")
ROLES = ("condition", "part", "beyond")
PUBLISHED_SEEDS = 10
"""The least number of paired seeds behind a verdict; fewer are exploratory."""

CASE_UNITS = ("points", "nats", "epochs", "steps", "times", "seconds", "plain")

_NEEDED = {"chapter", "place", "statement", "scope", "criterion", "cases", "expected", "explanation"}
_OPTIONAL = {"parts", "conditions", "readings"}
_CASE_NEEDED = {"name", "role", "relation", "threshold", "unit"}
_CASE_OPTIONAL = {"part", "condition", "statistic", "constant", "why"}
_READING_NEEDED = {"name", "of", "relation", "threshold"}
_READING_OPTIONAL = {"role", "part", "condition"}


class ClaimError(ValueError):
    """Say what is wrong with a claim or with the evidence for it."""


@dataclass(frozen=True)
class Case:
    """Hold one measurement by which a claim is tested.

    The claim needs what the evidence stands for to be ``above`` or ``below`` the threshold, or ``within`` it
    on both sides of zero. ``unit`` is ``points`` (percentage points), ``nats``, ``epochs``, ``steps``,
    ``times`` (a ratio), ``seconds`` or ``plain`` (a number without unit), ``statistic`` what kind of number
    it is, see :data:`hw2utils.reporting.intervals.STATISTICS`.

    ``role`` is ``condition`` (a setting inside the claim's scope), ``part`` (of its sentence) or ``beyond``
    the claim: shown, without a vote, for the reason ``why``. Cases of the same part and condition are
    measurements that must hold together. ``constant`` says why all seeds may give the same number and it
    could still have failed; without it such evidence leaves the case undecided. ``of`` names the case whose
    evidence this one reads again, for another part. ``rare``, in a report of one run, is what a proportion of
    seeds must not reach to refute it; between ``rare`` and the threshold it depends on the seed.
    """

    name: Text
    relation: str
    threshold: float
    unit: str
    role: str = "condition"
    part: str = ""
    condition: str = ""
    statistic: str = "mean"
    constant: Text | None = None
    why: Text | None = None
    of: str = ""
    rare: float | None = None

    def verdict(self, interval: Interval) -> str:
        """Judge an interval: it must lie wholly on one side of the threshold, else the case is undecided.

        >>> case = Case({"fa": "-", "en": "-"}, "above", 0.5, "points")
        >>> case.verdict(Interval(1, 0.8, 1.2, 10)), case.verdict(Interval(1, 0.4, 1.6, 10))
        ('holds', 'undecided')
        >>> report = replace(case, statistic="proportion", threshold=50, rare=5)
        >>> [report.verdict(Interval(x, x - 2, x + 2, 99)) for x in (60, 50, 30, 4, 2)]
        ['holds', 'undecided', 'depends', 'undecided', 'refuted']
        """
        low, high, edge = interval.low, interval.high, self.threshold
        if self.rare is not None and self.rare < low and high <= edge:
            return "depends"
        if self.relation == "above":
            holds, refuted = low > edge, high <= (edge if self.rare is None else self.rare)
        elif self.relation == "below":
            holds, refuted = high < edge, low >= edge
        else:
            holds, refuted = -edge < low and high < edge, low >= edge or high <= -edge
        return "holds" if holds else "refuted" if refuted else "undecided"


@dataclass(frozen=True)
class Scope:
    """Hold how far a claim reaches: ``kind``, a key of SCOPES, and the source's own hedge in words."""

    kind: str
    source: Text


@dataclass(frozen=True)
class Part:
    """Hold the name of a part of a claim's sentence, and its scope where that differs from the claim's."""

    name: Text
    scope: str | None = None


@dataclass(frozen=True)
class Claim:
    """Hold one claim of the homework as the book's claims state it.

    ``level`` is that of its intervals: higher where the registry tells of several looks.
    """

    id: str
    chapter: str
    place: Text
    statement: Text
    scope: Scope
    criterion: Text
    parts: Mapping[str, Part]
    conditions: Mapping[str, Text]
    cases: Mapping[str, Case]
    expected: str
    explanation: Text
    level: float = LEVEL

    @cached_property
    def measured(self) -> list[str]:
        """Name the cases that a chapter gives evidence for; the others read the same evidence again."""
        return [key for key, case in self.cases.items() if not case.of]

    @cached_property
    def unmeasured(self) -> list[str]:
        """Name the declared parts of the sentence in which no case votes."""
        voting = {case.part for case in self.cases.values() if case.role != "beyond"}
        return [part for part in self.parts if part not in voting]

    def scope_of(self, part: str) -> str:
        """Give the kind of scope of a part of the sentence, the claim's where it has none of its own."""
        return (part in self.parts and self.parts[part].scope) or self.scope.kind

    def part_name(self, part: str) -> Text:
        """Name a part of the sentence; a part of one case has that case's name."""
        return self.parts[part].name if part in self.parts else self.cases[part].name

    def condition_name(self, condition: str) -> Text:
        """Name a condition; a condition of one case has that case's name."""
        return self.conditions[condition] if condition in self.conditions else self.cases[condition].name


@lru_cache(maxsize=1)
def _parse(files: tuple[Path, ...], registry: Path | None, modified: tuple[int, ...]) -> dict[str, Claim]:
    claims: dict[str, Claim] = {}
    for file in files:
        try:
            content = read_yaml(file) or {}
        except NotebookError as error:
            raise ClaimError(str(error)) from None
        for identifier, entry in content.items():
            if identifier in claims:
                raise ClaimError(f"{file}: {identifier} is stated twice; keep one")
            claims[identifier] = _claim(identifier, entry)
    if registry:
        try:
            looked = looked_at(registry)
        except (ValueError, TypeError, KeyError) as error:
            raise ClaimError(f"{registry}: cannot be read: {error}; hw2 lint names the line") from None
        claims |= {name: replace(claims[name], level=LOOKS_LEVEL) for name in looked & claims.keys()}
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
            registry = files[0].with_name(Path(REGISTRY).name)
            read = [*files, *([registry] if registry.is_file() else [])]
            return _parse(
                tuple(file.resolve() for file in files),
                registry.resolve() if registry in read else None,
                tuple(file.stat().st_mtime_ns for file in read),
            )
    raise ClaimError(
        f"path: expected claims, found none in {[str(p) for p in places]}; run inside the project"
    )


def _claim(identifier: str, entry: Mapping[str, Any]) -> Claim:
    _check_fields(identifier, entry, _NEEDED, _OPTIONAL)
    if entry["expected"] not in VERDICTS:
        raise ClaimError(
            f"{identifier}.expected: expected one of {list(VERDICTS)}, got {entry['expected']!r}"
        )
    _check_fields(f"{identifier}.scope", entry["scope"], {"kind", "source"}, set())
    scope = Scope(
        _one_of(f"{identifier}.scope.kind", entry["scope"]["kind"], SCOPES),
        check_text(f"{identifier}.scope.source", entry["scope"]["source"]),
    )
    parts = {}
    for key, part in entry.get("parts", {}).items():
        _check_fields(f"{identifier}.parts.{key}", part, {"name"}, {"scope"})
        own = _one_of(f"{identifier}.parts.{key}.scope", part["scope"], SCOPES) if "scope" in part else None
        parts[key] = Part(check_text(f"{identifier}.parts.{key}.name", part["name"]), own)
    conditions = {
        key: check_text(f"{identifier}.conditions.{key}", name)
        for key, name in entry.get("conditions", {}).items()
    }
    cases = {key: _case(f"{identifier}.cases.{key}", key, case) for key, case in entry["cases"].items()}
    for key, reading in entry.get("readings", {}).items():
        cases[key] = _reading(f"{identifier}.readings.{key}", key, reading, cases)
    for key, case in cases.items():
        for field, name, named in (("part", case.part, parts), ("condition", case.condition, conditions)):
            if name and name not in named and name != key:
                raise ClaimError(
                    f"{identifier}.cases.{key}.{field}: expected one of {list(named)}, whose names are given "
                    f"under {field}s, got {name!r}"
                )
    if bool(cases) == (entry["expected"] == "not testable"):
        raise ClaimError(
            f"{identifier}.cases: expected cases unless the claim is not testable; got {list(cases)}"
        )
    texts: dict[str, Any] = {
        k: check_text(f"{identifier}.{k}", entry[k])
        for k in ("place", "statement", "criterion", "explanation")
    }
    claim = Claim(
        id=identifier,
        chapter=entry["chapter"],
        scope=scope,
        parts=parts,
        conditions=conditions,
        cases=cases,
        expected=entry["expected"],
        **texts,
    )
    for key, case in cases.items():
        if case.role != "beyond" and claim.scope_of(case.part) == "run":
            cases[key] = _report(f"{identifier}.cases.{key}", case)
    return claim


def _reading(place: str, key: str, reading: Mapping[str, Any], cases: Mapping[str, Case]) -> Case:
    _check_fields(place, reading, _READING_NEEDED, _READING_OPTIONAL)
    measured = cases[_one_of(f"{place}.of", reading["of"], [k for k, case in cases.items() if not case.of])]
    told = {name: value for name, value in reading.items() if name != "of"}
    again = {"role": "part", "unit": measured.unit, "statistic": measured.statistic}
    case = _case(place, key, again | told)
    return replace(case, of=reading["of"], constant=measured.constant)


def _report(place: str, case: Case) -> Case:
    if case.statistic != "proportion" or case.relation != "above" or case.threshold <= RARE:
        raise ClaimError(
            f"{place}: expected in a report of one run the proportion of seeds that show it, above a "
            f"threshold of more than {RARE}, got {case.relation} {case.threshold:g} of a {case.statistic}"
        )
    return replace(case, rare=RARE)


def _case(place: str, key: str, case: Mapping[str, Any]) -> Case:
    _check_fields(place, case, _CASE_NEEDED, _CASE_OPTIONAL)
    for field, allowed in (("relation", RELATIONS), ("unit", CASE_UNITS), ("role", ROLES)):
        _one_of(f"{place}.{field}", case[field], allowed)
    statistic = _one_of(f"{place}.statistic", case.get("statistic", "mean"), STATISTICS)
    role, threshold = case["role"], float(case["threshold"])
    if (role == "beyond") != ("why" in case):
        raise ClaimError(
            f"{place}.why: expected, for a case beyond the claim and for no other, why it has no vote"
        )
    lowest, highest = STATISTICS[statistic][0]
    if case["relation"] == "within":
        lowest = max(lowest, 0)
    if not lowest < threshold < highest:
        raise ClaimError(
            f"{place}.threshold: expected one between {lowest:g} and {highest:g}, which a {statistic} can "
            f"hold and can fail, got {threshold:g}"
        )
    part, condition = case.get("part", ""), case.get("condition", "")
    if role == "part":
        part = part or key
    elif role == "condition":
        condition = condition or key
    return Case(
        name=check_text(f"{place}.name", case["name"]),
        relation=case["relation"],
        threshold=threshold,
        unit=case["unit"],
        role=role,
        part=part,
        condition=condition,
        statistic=statistic,
        constant=check_text(f"{place}.constant", case["constant"]) if "constant" in case else None,
        why=check_text(f"{place}.why", case["why"]) if "why" in case else None,
    )


def _check_fields(place: str, entry: Any, needed: set[str], optional: set[str]) -> None:
    found = set(entry) if isinstance(entry, Mapping) else set()
    if not needed <= found <= needed | optional:
        also = f" and perhaps {sorted(optional)}" if optional else ""
        raise ClaimError(
            f"{place}: expected the fields {sorted(needed)}{also}, got {sorted(found) or entry!r}; "
            f"missing {sorted(needed - found)}, unknown {sorted(found - needed - optional)}"
        )


def _one_of(place: str, value: Any, allowed: Any) -> str:
    if value not in allowed:
        raise ClaimError(f"{place}: expected one of {list(allowed)}, got {value!r}")
    return str(value)


@dataclass(frozen=True)
class Verdict:
    """Hold a claim, the evidence for each of its cases, and what follows from them."""

    claim: Claim
    values: Mapping[str, list[float]]
    evidence: Mapping[str, Interval]

    @cached_property
    def unexplained(self) -> set[str]:
        """Name the cases whose seeds all gave the same number, where the claim does not say why they may.

        A proportion of seeds is left out: its interval does not come from their spread.
        """
        return {
            key
            for key, values in self.values.items()
            if (case := self.claim.cases[key]).statistic != "proportion"
            and case.constant is None
            and is_constant(values)
        }

    @cached_property
    def cases(self) -> dict[str, str]:
        """Give the verdict of each case; the same number from all seeds decides nothing by itself."""
        return {
            key: "undecided" if key in self.unexplained else self.claim.cases[key].verdict(interval)
            for key, interval in self.evidence.items()
        }

    @cached_property
    def conditions(self) -> dict[str, dict[str, str]]:
        """Give for each part of the sentence the verdict in each condition, from the cases that vote.

        A declared part in which none votes has no condition.
        """
        found: dict[str, dict[str, list[str]]] = {part: {} for part in self.claim.unmeasured}
        for key, told in self.cases.items():
            case = self.claim.cases[key]
            if case.role != "beyond":
                found.setdefault(case.part, {}).setdefault(case.condition, []).append(told)
        return {
            part: {condition: together(told) for condition, told in conditions.items()}
            for part, conditions in found.items()
        }

    @cached_property
    def parts(self) -> dict[str, str]:
        """Give the verdict on each part of the sentence; a claim that is not split has one without a name."""
        found = {
            part: over_conditions(self.claim.scope_of(part), list(conditions.values()))
            for part, conditions in self.conditions.items()
        }
        return found or {"": over_conditions(self.claim.scope.kind, [])}

    @property
    def undecided(self) -> list[str]:
        """Name the cases that vote and are undecided."""
        votes = (key for key in self.cases if self.claim.cases[key].role != "beyond")
        return [key for key in votes if self.cases[key] == "undecided"]

    @property
    def possible(self) -> set[str]:
        """Give the verdicts that there could be, whatever the undecided cases turned out to be."""
        completions = product(("holds", "refuted"), repeat=len(self.undecided))
        return {self.supposing(dict(zip(self.undecided, told, strict=True))) for told in completions}

    def supposing(self, told: Mapping[str, str]) -> str:
        """Give the verdict on the claim if some of its cases had other verdicts.

        >>> found = Verdict(load()["C-5c1"], {"gap": [3, 4, 5]}, {"gap": Interval(4, 1.5, 6.5, 3)})
        >>> found.verdict, found.supposing({"gap": "refuted"})
        ('holds', 'refuted')
        """
        other = Verdict(self.claim, self.values, self.evidence)
        vars(other)["cases"] = {**self.cases, **told}
        return other.verdict

    @property
    def settled(self) -> bool:
        """Tell whether the verdict stays, whatever the undecided cases would turn out to be."""
        return self.possible == {self.verdict}

    @property
    def verdict(self) -> str:
        """Give the verdict on the claim."""
        return over_parts(list(self.parts.values())) if self.claim.cases else "not testable"


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
    if told != (asked := {key: claim.cases[key].unit for key in claim.measured}):
        raise ClaimError(
            f"{identifier}: expected evidence for the cases {asked}, got {told}; run the chapter again"
        )
    values = {key: list(found[case.of or key]["values"]) for key, case in claim.cases.items()}
    return Verdict(claim, values, intervals(claim, values))


def intervals(claim: Claim, values: Mapping[str, ArrayLike]) -> dict[str, Interval]:
    """Estimate what the evidence of each case stands for, with its 95 % interval.

    Raises ClaimError for evidence that a case cannot have.
    """
    found = {}
    for key, given in values.items():
        try:
            found[key] = interval(claim.cases[key].statistic, given, claim.level)
        except ValueError as error:
            raise ClaimError(f"evidence for {claim.id}, case {key}: {error}") from error
    return found


def judge(identifier: str, **evidence: ArrayLike) -> Record:
    """Judge a claim on evidence: for each case one number per seed, usually a paired difference.

    The numbers are in the case's unit, shape (seeds,). The verdict follows from their 95 % interval and the
    criterion in ``book/claims``; the record keeps the numbers and the criterion's digest, not the verdict.

    A seed that diverged (NaN or infinite) is kept as None; its case then has no interval and is undecided.

    Raises ClaimError for an unknown claim, cases that are missing or unknown, no numbers, or numbers that a
    case cannot have.
    """
    claims = load()
    if identifier not in claims:
        near = did_you_mean(identifier, claims)
        raise ClaimError(
            f"identifier: expected a claim of book/claims, got {identifier!r}{near}; "
            f"there are {', '.join(claims)}"
        )
    claim = claims[identifier]
    if set(evidence) != set(claim.measured):
        raise ClaimError(
            f"evidence for {identifier}: expected the cases {claim.measured}, got {list(evidence)}; "
            "pass one array of values per case"
        )
    try:
        values = {key: check_numbers(key, v) for key, v in evidence.items()}
    except ValueError as error:
        raise ClaimError(f"evidence for {identifier}: {error}") from error
    intervals(claim, values)
    cases = {
        key: {"unit": claim.cases[key].unit, "values": [x if math.isfinite(x) else None for x in v.tolist()]}
        for key, v in values.items()
    }
    criterion = digest(form(claim))
    return Record({"kind": "verdict", "name": identifier, "criterion": criterion, "cases": cases})
