"""Criteria: the machine-readable part of a claim, its digest, and the rule by which seeds are added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hw2utils.reporting.claims import Case, Claim

LEVEL = 0.95
"""The level of an interval unless several looks are to be paid for."""

LOOKS = (10, 20, 40, 80)
"""The numbers of paired seeds at which a claim may be looked at; decided at the first that decides it."""

LOOKS_LEVEL = 1 - (1 - LEVEL) / len(LOOKS)
"""The level of each interval where there may be several looks, so that all together err no more often."""

REGISTRY = "claims/registry.jsonl"
"""Where the registry stands beside the chapters: an entry a line, in JSON, the newest last; none changes."""

SILENT = {"role": "condition", "part": "", "condition": "", "statistic": "mean", "constant": False, "of": ""}
"""What a case has where its machine-readable part does not say it."""


def form(claim: Claim) -> dict[str, Any]:
    """Give the machine-readable part of a claim: scope, parts that nothing measures and cases, without words.

    What is left at its default is left out.
    """
    own = {key: part.scope for key, part in claim.parts.items() if part.scope}
    told = {"parts": own, "unmeasured": sorted(claim.unmeasured)}
    cases = {key: _case(case) for key, case in claim.cases.items()}
    return {
        "scope": claim.scope.kind,
        **{name: value for name, value in told.items() if value},
        "cases": cases,
    }


def _case(case: Case) -> dict[str, Any]:
    told: dict[str, Any] = {"relation": case.relation, "threshold": case.threshold, "unit": case.unit}
    for name, silent in SILENT.items():
        value = case.constant is not None if name == "constant" else getattr(case, name)
        if value != silent:
            told[name] = value
    return told


def digest(form: Mapping[str, Any]) -> str:
    """Hash a machine-readable part, whatever the order of its fields.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({})
    True
    """
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()[:16]


def looked_at(registry: Path) -> set[str]:
    """Name the claims that were looked at several times under the criterion that stands last in a registry.

    Whether its lines are as they should be says :func:`hw2utils.reporting.registry.read`.
    """
    looked: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    for line in registry.read_text(encoding="utf-8").splitlines() if registry.is_file() else ():
        entry = json.loads(line)
        last[entry["claim"]] = entry["hash"]
        if entry.get("looks"):
            looked.setdefault(entry["claim"], set()).add(entry["hash"])
    return {claim for claim, hashes in looked.items() if last[claim] in hashes}
