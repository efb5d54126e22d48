"""Records keep the order of what is drawn and told, though stored notebooks have sorted keys."""

from __future__ import annotations

import base64
import json

import numpy as np

from hw2utils.reporting.claims import judge, load, verdict
from hw2utils.reporting.records import ARRAYS, decode, figure, unpack


def test_data_are_drawn_in_the_order_given_though_files_sort_keys() -> None:
    content = figure("q5d-homework", rows={"train": np.ones(2), "gap": {"b": 1, "a": 2}}).content
    stored = json.loads(json.dumps(content, sort_keys=True))
    rows = decode(stored["data"], unpack(base64.b64decode(stored[ARRAYS])))["rows"]
    assert list(rows) == ["train", "gap"] and list(rows["gap"]) == ["b", "a"]
    assert rows["train"].tolist() == [1, 1]


def test_cases_are_told_in_the_order_of_the_claim_though_files_sort_keys() -> None:
    name, claim = next((n, c) for n, c in load().items() if list(c.cases) != sorted(c.cases))
    evidence = judge(name, **{key: [0.1, 0.2] for key in claim.cases}).content
    assert list(verdict(json.loads(json.dumps(evidence, sort_keys=True))).evidence) == list(claim.cases)
