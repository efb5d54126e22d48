"""How verdicts on single cases become the verdict on a claim: pure rules, and their whole truth table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, combinations_with_replacement

from hw2utils.languages import Text

VERDICTS: dict[str, Text] = {
    "holds": {"fa": "برقرار", "en": "holds"},
    "refuted": {"fa": "رد شد", "en": "refuted"},
    "in part": {"fa": "بخشی برقرار", "en": "in part"},
    "depends": {"fa": "بسته به شرایط", "en": "depends"},
    "undecided": {"fa": "نامعین", "en": "undecided"},
    "not shown here": {"fa": "اینجا دیده نشد", "en": "not shown here"},
    "not testable": {"fa": "آزمون‌ناپذیر", "en": "not testable"},
}
"""The possible verdicts on a claim and their names in both languages."""

CASE_VERDICTS = ("holds", "refuted", "undecided")
"""The possible verdicts on one case; one that reports a single run can also depend on the seed."""

SCOPES: dict[str, Text] = {
    "always": {"fa": "بی‌قید", "en": "without a hedge"},
    "usually": {"fa": "«معمولاً»، «احتمالاً»", "en": "“usually”, “probably”"},
    "some": {"fa": "«می‌تواند»، «بعضی»", "en": "“can”, “some”"},
    "run": {"fa": "گزارش یک اجرا", "en": "report of one run"},
}
"""How far a claim reaches in its own words, and the name of that in both languages."""

RARE = 5
"""The percentage of seeds below which what a report of one run says counts as refuted."""

_PART_VERDICTS = ("holds", "refuted", "depends", "undecided", "not shown here")


def together(verdicts: Collection[str]) -> str:
    """Combine measurements that must all hold in one condition: one that fails makes it fail.

    >>> together(["holds", "undecided"]), together(["refuted", "undecided"])
    ('undecided', 'refuted')
    """
    return next((v for v in ("refuted", "undecided", "depends") if v in verdicts), "holds")


def over_conditions(scope: str, verdicts: Sequence[str]) -> str:
    """Combine the conditions in which one part of a claim was tested, as far as its own words reach.

    Without a hedge it must hold in all of them; "usually" asks for more than half, and is refuted where more
    than half are; "can" asks for one. In a report of one run the seeds are what differs: a condition in which
    it is neither common nor rare makes it depend on the seed. Where none could vote it is undecided.

    >>> [over_conditions(scope, ["holds", "refuted", "refuted"]) for scope in ("always", "usually", "some")]
    ['depends', 'refuted', 'holds']
    >>> over_conditions("run", ["depends"]), over_conditions("some", [])
    ('depends', 'undecided')
    """
    if not verdicts:
        return "undecided"
    holds, refuted, undecided = (verdicts.count(verdict) for verdict in CASE_VERDICTS)
    if scope == "some":
        return "holds" if holds else "undecided" if undecided else "not shown here"
    half = len(verdicts) / 2
    if scope == "usually":
        if holds > half:
            return "holds"
        if refuted > half:
            return "refuted"
        if holds + undecided > half:  # those undecided may still make a majority
            return "undecided"
    if "depends" in verdicts or (holds and refuted):
        return "depends"
    return "refuted" if refuted else "undecided" if undecided else "holds"


def over_parts(verdicts: Collection[str]) -> str:
    """Combine the parts of one sentence, which are all said at once.

    >>> over_parts(["holds", "refuted"]), over_parts(["refuted", "undecided"]), over_parts(["holds"])
    ('in part', 'refuted', 'holds')
    """
    found = set(verdicts)
    if len(found) == 1:
        return next(iter(found))
    if found & {"holds", "depends"} and found & {"refuted", "not shown here"}:
        return "in part"
    return next(verdict for verdict in ("refuted", "depends", "undecided") if verdict in found)


Row = tuple[str, ...]

CONDITIONS_TABLE: Mapping[Row, Row] = {
    # what was found in the conditions: together, always, usually, some, run; "" cannot occur
    ("holds",): ("holds", "holds", "holds", "holds", "holds"),
    ("refuted",): ("refuted", "refuted", "refuted", "not shown here", "refuted"),
    ("undecided",): ("undecided", "undecided", "undecided", "undecided", "undecided"),
    ("holds", "holds"): ("holds", "holds", "holds", "holds", "holds"),
    ("holds", "refuted"): ("refuted", "depends", "depends", "holds", "depends"),
    ("holds", "undecided"): ("undecided", "undecided", "undecided", "holds", "undecided"),
    ("refuted", "refuted"): ("refuted", "refuted", "refuted", "not shown here", "refuted"),
    ("refuted", "undecided"): ("refuted", "refuted", "refuted", "undecided", "refuted"),
    ("undecided", "undecided"): ("undecided", "undecided", "undecided", "undecided", "undecided"),
    ("holds", "holds", "holds"): ("holds", "holds", "holds", "holds", "holds"),
    ("holds", "holds", "refuted"): ("refuted", "depends", "holds", "holds", "depends"),
    ("holds", "holds", "undecided"): ("undecided", "undecided", "holds", "holds", "undecided"),
    ("holds", "refuted", "refuted"): ("refuted", "depends", "refuted", "holds", "depends"),
    ("holds", "refuted", "undecided"): ("refuted", "depends", "undecided", "holds", "depends"),
    ("holds", "undecided", "undecided"): ("undecided", "undecided", "undecided", "holds", "undecided"),
    ("refuted", "refuted", "refuted"): ("refuted", "refuted", "refuted", "not shown here", "refuted"),
    ("refuted", "refuted", "undecided"): ("refuted", "refuted", "refuted", "undecided", "refuted"),
    ("refuted", "undecided", "undecided"): ("refuted", "refuted", "undecided", "undecided", "refuted"),
    ("undecided", "undecided", "undecided"): (
        "undecided",
        "undecided",
        "undecided",
        "undecided",
        "undecided",
    ),
    # in a report of one run a condition can also depend on the seed
    ("depends",): ("depends", "", "", "", "depends"),
    ("holds", "depends"): ("depends", "", "", "", "depends"),
    ("refuted", "depends"): ("refuted", "", "", "", "depends"),
    ("undecided", "depends"): ("undecided", "", "", "", "depends"),
    ("depends", "depends"): ("depends", "", "", "", "depends"),
    ("holds", "holds", "depends"): ("depends", "", "", "", "depends"),
    ("holds", "refuted", "depends"): ("refuted", "", "", "", "depends"),
    ("holds", "undecided", "depends"): ("undecided", "", "", "", "depends"),
    ("holds", "depends", "depends"): ("depends", "", "", "", "depends"),
    ("refuted", "refuted", "depends"): ("refuted", "", "", "", "depends"),
    ("refuted", "undecided", "depends"): ("refuted", "", "", "", "depends"),
    ("refuted", "depends", "depends"): ("refuted", "", "", "", "depends"),
    ("undecided", "undecided", "depends"): ("undecided", "", "", "", "depends"),
    ("undecided", "depends", "depends"): ("undecided", "", "", "", "depends"),
    ("depends", "depends", "depends"): ("depends", "", "", "", "depends"),
}
"""What follows from one to three conditions: together, without a hedge, "usually", "can", one run."""

PARTS_TABLE: Mapping[frozenset[str], str] = {
    frozenset(found.split(", ")): verdict
    for verdict, rows in {
        "holds": ["holds"],
        "not shown here": ["not shown here"],
        "refuted": [
            "refuted",
            "refuted, undecided",
            "refuted, not shown here",
            "refuted, undecided, not shown here",
        ],
        "depends": [
            "depends",
            "holds, depends",
            "depends, undecided",
            "holds, depends, undecided",
        ],
        "undecided": [
            "undecided",
            "holds, undecided",
            "undecided, not shown here",
        ],
        "in part": [
            "holds, refuted",
            "holds, not shown here",
            "depends, refuted",
            "depends, not shown here",
            "holds, refuted, depends",
            "holds, refuted, undecided",
            "holds, refuted, not shown here",
            "holds, depends, not shown here",
            "holds, undecided, not shown here",
            "refuted, depends, undecided",
            "refuted, depends, not shown here",
            "depends, undecided, not shown here",
            "holds, refuted, depends, undecided",
            "holds, refuted, depends, not shown here",
            "holds, refuted, undecided, not shown here",
            "holds, depends, undecided, not shown here",
            "refuted, depends, undecided, not shown here",
            "holds, refuted, depends, undecided, not shown here",
        ],
    }.items()
    for found in rows
}
"""What follows from the verdicts found among the parts of one sentence, however many parts gave each."""


def condition_rows(most: int = 3) -> dict[Row, Row]:
    """Work out the table of conditions by the rules, for one to ``most`` of them.

    Only a report of one run has conditions that depend on the seed; the other scopes are "" there.

    >>> condition_rows(1)[("refuted",)], condition_rows(1)[("depends",)]
    (('refuted', 'refuted', 'refuted', 'not shown here', 'refuted'), ('depends', '', '', '', 'depends'))
    """
    return {
        found: (
            together(found),
            *(
                "" if "depends" in found and scope != "run" else over_conditions(scope, found)
                for scope in SCOPES
            ),
        )
        for verdicts in (CASE_VERDICTS, (*CASE_VERDICTS, "depends"))
        for count in range(1, most + 1)
        for found in combinations_with_replacement(verdicts, count)
    }


def part_rows() -> dict[frozenset[str], str]:
    """Work out the table of parts by the rules, for every set of verdicts that parts can have.

    >>> part_rows()[frozenset({"holds", "undecided"})]
    'undecided'
    """
    return {
        frozenset(found): over_parts(found)
        for count in range(1, len(_PART_VERDICTS) + 1)
        for found in combinations(_PART_VERDICTS, count)
    }
