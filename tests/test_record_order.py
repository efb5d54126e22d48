"""What a record says does not depend on a notebook's file, in which all keys are sorted."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from hw2utils.reporting import figure, judge
from hw2utils.reporting.claims import load, verdict
from hw2utils.reporting.records import ARRAYS, Record, decode, unpack


def stored(record: Record) -> dict[str, Any]:
    """Give a record as a notebook's file holds it."""
    content: dict[str, Any] = json.loads(json.dumps(record.content, sort_keys=True))
    return content


def test_a_figures_dictionaries_keep_their_order() -> None:
    rows = {"train": np.ones(2), "gap": np.zeros(2), "inner": {"b": 1, "a": 2}}
    record = stored(figure("q9-rows", rows=rows))
    data = decode(record["data"], unpack(base64.b64decode(record[ARRAYS])))
    assert list(data["rows"]) == ["train", "gap", "inner"]
    assert data["rows"]["train"].tolist() == [1, 1] and list(data["rows"]["inner"]) == ["b", "a"]


def test_a_verdicts_cases_stand_in_the_claims_order() -> None:
    claim = next(claim for claim in load().values() if list(claim.cases) != sorted(claim.cases))
    evidence: Mapping[str, Any] = {key: [1.0, 2.0] for key in claim.cases}
    judged = verdict(stored(judge(claim.id, **evidence)))
    assert list(judged.evidence) == list(judged.values) == list(claim.cases)
