"""Claims: what the homework says, the criterion chosen beforehand, and the verdict from data."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES, Text, check_text, number
from hw2utils.reporting.catalogue import claims_files
from hw2utils.reporting.html import element, inline_html, table
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

_UNITS: dict[str, Text] = {
    "points": {"fa": "واحد درصد", "en": "percentage points"},
    "nats": {"fa": "نات", "en": "nats"},
    "epochs": {"fa": "دوره", "en": "epochs"},
    "steps": {"fa": "گام", "en": "steps"},
    "times": {"fa": "برابر", "en": "times"},
    "seconds": {"fa": "ثانیه", "en": "seconds"},
    "plain": {"fa": "", "en": ""},
}
_WORDS: dict[str, Text] = {
    "criterion": {"fa": "معیارِ ازپیش‌نوشته", "en": "Criterion, written beforehand"},
    "case": {"fa": "حالت", "en": "Case"},
    "effect": {"fa": "میانگین [بازهٔ اطمینان ۹۵٪]", "en": "Mean [95% confidence interval]"},
    "needed": {"fa": "شرط برقراری", "en": "Holds if"},
    "seeds": {"fa": "بذرها", "en": "Seeds"},
    "verdict": {"fa": "حکم", "en": "Verdict"},
    "above": {"fa": "بیش از", "en": "above"},
    "below": {"fa": "کمتر از", "en": "below"},
    "within": {"fa": "در فاصلهٔ ±", "en": "within ±"},
    "exploratory": {
        "fa": "این اجرا اکتشافی است: برای حکم دست‌کم ده بذر لازم است.",
        "en": "This run is exploratory: a verdict needs at least ten seeds.",
    },
    "unexpected": {
        "fa": "اجرای منتشرشده حکم دیگری داده بود:",
        "en": "The published run had another verdict:",
    },
}


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
    package = Path(__file__).parents[1]
    beside, inside = package.parent / "book", package / "content" / "book"  # in a checkout, from a wheel
    places = [Path(path)] if path else [Path(), Path("book"), beside, inside]
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
        if case["relation"] not in RELATIONS or case["unit"] not in _UNITS:
            raise ClaimError(
                f"{identifier}.cases.{key}: expected a relation of {RELATIONS}, a unit of {tuple(_UNITS)}, "
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


class Verdict(Record):
    """Show a claim with its criterion, evidence and verdict as a card."""

    def __init__(
        self, claim: Claim, evidence: Mapping[str, Interval], values: Mapping[str, list[float]]
    ) -> None:
        self.claim, self.evidence, self.values = claim, evidence, values
        self.cases = {key: claim.cases[key].verdict(interval) for key, interval in evidence.items()}
        self.verdict = combine(list(self.cases.values())) if self.cases else "not testable"

    def record(self) -> dict[str, Any]:
        """Give the verdict and each case's numbers."""
        cases = [
            {
                "name": dict(case.name),
                "relation": case.relation,
                "threshold": case.threshold,
                "unit": case.unit,
                "verdict": self.cases[key],
                "n": self.evidence[key].n,
                "mean": self.evidence[key].mean,
                "low": _finite(self.evidence[key].low),
                "high": _finite(self.evidence[key].high),
                "values": self.values[key],
            }
            for key, case in self.claim.cases.items()
        ]
        return {
            "kind": "verdict",
            "name": self.claim.id,
            "verdict": self.verdict,
            "expected": self.claim.expected,
            "cases": cases,
        }

    def html(self) -> str:
        """Give the card, one block per language."""
        blocks = "".join(element("div", lang, self._card(lang)) for lang in LANGUAGES)
        attributes = f'class="hw2-verdict" data-verdict="{slug(self.verdict)}" id="verdict-{self.claim.id}"'
        return f"<section {attributes}>{blocks}</section>"

    def _card(self, lang: str) -> str:
        claim = self.claim
        parts = [
            f'<p class="hw2-verdict-head"><strong class="hw2-badge">{VERDICTS[self.verdict][lang]}</strong> '
            f'<code dir="ltr">{claim.id}</code> {inline_html(claim.statement[lang])}</p>',
            f'<p class="hw2-criterion"><strong>{_WORDS["criterion"][lang]}:</strong> '
            f"{inline_html(claim.criterion[lang])}</p>",
        ]
        if self.cases:
            heads = [_WORDS[w][lang] for w in ("case", "effect", "needed", "seeds", "verdict")]
            rows = [self._row(key, lang) for key in claim.cases]
            parts.append(table("hw2-cases", claim.id, heads, rows))
        if any(interval.n < PUBLISHED_SEEDS for interval in self.evidence.values()):
            parts.append(f'<p class="hw2-reason">{_WORDS["exploratory"][lang]}</p>')
        if self.verdict == claim.expected:
            parts.append(f'<p class="hw2-reason">{inline_html(claim.explanation[lang])}</p>')
        else:
            parts.append(
                f'<p class="hw2-reason">{_WORDS["unexpected"][lang]} {VERDICTS[claim.expected][lang]}.</p>'
            )
        return "".join(parts)

    def _row(self, key: str, lang: str) -> tuple[str, ...]:
        case, interval = self.claim.cases[key], self.evidence[key]
        needed = f"{_WORDS[case.relation][lang]}{'' if case.relation == 'within' else ' '}"
        shown = effect(interval.mean, interval.low, interval.high)
        return (
            html.escape(case.name[lang]),
            f'<bdi dir="ltr">{shown}</bdi> {_UNITS[case.unit][lang]}',
            f'{needed}<bdi dir="ltr">{number(case.threshold, _digits(case.threshold), "en")}</bdi>',
            str(interval.n),
            VERDICTS[self.cases[key]][lang],
        )

    def text(self) -> str:
        """Give the statement, evidence and verdict, a block per language."""
        lines = []
        for lang in LANGUAGES:
            lines.append(f"{self.claim.id} — {VERDICTS[self.verdict][lang]}: {self.claim.statement[lang]}")
            for key, interval in self.evidence.items():
                case = self.claim.cases[key]
                shown = effect(interval.mean, interval.low, interval.high)
                lines.append(f"  {case.name[lang]}: {shown} {_UNITS[case.unit][lang]} (n = {interval.n})")
        return "\n".join(lines)


def slug(verdict: str) -> str:
    """Write a verdict as the pages' ``data-verdict`` attribute has it.

    >>> slug("not testable")
    'not-testable'
    """
    return verdict.replace(" ", "-")


def effect(mean: float, low: float | None, high: float | None) -> str:
    """Write a mean and its interval in Latin digits, as tables of results show them.

    >>> effect(1.234, 0.5, 2.0)
    '+1.23 [+0.50, +2.00]'
    """
    ends = [number(v, 2, "en", sign=True) if v is not None and np.isfinite(v) else "∞" for v in (low, high)]
    return f"{number(mean, 2, 'en', sign=True)} [{ends[0]}, {ends[1]}]"


def unit_name(unit: str, lang: str) -> str:
    """Name a unit of evidence in one language.

    >>> unit_name("points", "en")
    'percentage points'
    """
    return _UNITS[unit][lang]


def judge(identifier: str, **evidence: ArrayLike) -> Verdict:
    """Judge a claim on evidence: for each case one number per seed, usually a paired difference.

    The numbers are in the case's unit, shape (seeds,). The verdict follows from the 95 % t-interval of
    their mean and the criterion in ``book/claims``.

    Raises ClaimError for an unknown claim, cases that are missing or unknown, or numbers that are not finite.
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
    values = {key: np.asarray(v, dtype=np.float64) for key, v in evidence.items()}
    try:
        intervals = {key: mean_interval(v) for key, v in values.items()}
    except ValueError as error:
        raise ClaimError(f"evidence for {identifier}: {error}") from error
    return Verdict(claim, intervals, {key: v.tolist() for key, v in values.items()})


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() else 2 if round(value, 1) != value else 1
