"""Records: what a cell leaves, how it is written, and what is collected from an executed notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from repository import ROOT
from tiny_notebooks import bundle, chart, note, verdict

from hw2utils.history import History
from hw2utils.publishing.execution.records import RecordError, collect_records
from hw2utils.reporting import records
from hw2utils.reporting.records import Each, Term, decode, encode, unpack
from hw2utils.statistics import Interval


def test_values_come_back_as_they_were_and_are_plain_json() -> None:
    history = History([1, 2], [0], {"val_acc": [[0.5], [float("nan")]]})
    values = {
        "plain": [None, True, 3, 0.5, "متن"],
        "keys": {0.1: {"a": 1}, (1, "b"): 2},
        "array": np.arange(6, dtype=np.float32).reshape(2, 3),
        "tensor": torch.tensor([1.5, -2.0], dtype=torch.float64, requires_grad=True),
        "scalars": [np.float32(0.5), np.int64(3), np.bool_(True)],
        "odd": [float("inf"), -float("inf")],
        "interval": Interval(1.0, -float("inf"), float("inf"), 1),
        "history": history,
        "words": [Term("sgd"), Each("one", ({"k": 1},))],
        "empty": {},
    }
    arrays: dict[str, Any] = {}
    written = json.loads(json.dumps(encode(values, "q9-all", arrays), allow_nan=False))
    back = decode(written, unpack(records.pack(arrays)))
    assert back["array"].dtype == np.float32
    np.testing.assert_array_equal(back.pop("array"), values.pop("array"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(back.pop("tensor"), [1.5, -2.0])
    assert back.pop("history") == history
    assert back.pop("scalars") == [0.5, 3, True]
    del values["tensor"], values["history"], values["scalars"]
    assert back == values


def test_the_form_of_records_has_a_number() -> None:
    """What a chapter leaves is kept under a key with this number: another form needs another number."""
    sample = {"b": [Interval(1.0, 0.0, 2.0, 3)], "a": {2: np.arange(2)}, "c": float("nan")}
    assert (records.SCHEMA, encode(sample, "n", arrays := {}), list(arrays)) == (
        2,
        {
            "$": "pairs",
            "of": [
                ["b", [{"$": "interval", "mean": 1.0, "low": 0.0, "high": 2.0, "n": 3}]],
                ["a", {"$": "pairs", "of": [[2, {"$": "array", "of": "n/a/0"}]]}],
                ["c", {"$": "number", "of": "nan"}],
            ],
        },
        ["n/a/0"],
    ), "raise SCHEMA where records are written otherwise, so that no run is taken for another form"


def test_a_note_keeps_its_values_and_units_and_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made = records.note("q9-gap", {"gap": "points"}, gap=Interval(0.5, 0, 1, 10), n=3, variant="up")
    monkeypatch.setenv(records.RECORDS_ONLY, "only")
    shown = made._repr_mimebundle_()
    assert shown["text/plain"] == "note q9-gap" and "text/html" not in shown
    record = shown[records.RECORD_MIME]
    assert record["units"] == {"gap": "points"} and record["variant"] == "up" and record["schema"] == 2
    assert record["values"]["gap"] == {"$": "interval", "mean": 0.5, "low": 0, "high": 1, "n": 10}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: records.note("Gap", gap=1), "name: expected the chapter's short name"),
        (lambda: records.note("q9-gap", "metres", gap=1), "units of q9-gap: expected one of"),
        (lambda: records.note("q9-gap", {"gop": "points"}, gap=1), "'gop' is no value of this note"),
        (lambda: records.note("q9-gap", gap=object()), "q9-gap/gap: expected numbers, strings, arrays"),
        (lambda: records.figure("q9-a", draws=[lambda: 1]), "q9-a/draws/0: expected numbers"),
        (lambda: records.figure("q9-a", x=np.array([{}])), "got one of objects"),
        (
            lambda: records.figure("q9-a", x=np.random.default_rng(0).random(300_000)),
            r"at most 1 MB, got 2.\d MB",
        ),
        (lambda: records.note("q9-a", n=list(range(300_000))), r"at most 1 MB, got 2.\d MB in lists"),
        (
            lambda: records.figure("q9-a", **{"x/y": np.ones(1), "x": {"y": np.ones(2)}}),
            "q9-a/x/y: two values have this place",
        ),
        (lambda: records.slider("q9-a", values=[1], start=1), "expected at least two"),
        (lambda: records.slider("q9-a", values=[1, 2], start=3), "expected one of .*; for example start=1"),
        (lambda: records.slider("q9-a", values=[1, 2]), "start of q9-a: expected one of .* got None"),
        (lambda: records.slider("q9-a", start=1), r"values of q9-a: .* got \[\]; write values=\[…\]"),
        (
            lambda: records.slider("q9-a", values=[1, 2], start=1, frames=[{}]),
            "one for each of 2 values, got 1",
        ),
    ],
)
def test_what_is_no_record_is_refused_in_its_cell(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_a_figures_arrays_travel_with_it_and_are_the_same_bytes_each_time() -> None:
    first, second = (records.figure("q9-a", x=np.arange(4), deep={"y": [np.ones(2)]}) for _ in range(2))
    assert first.content == second.content
    arrays = unpack(__import__("base64").b64decode(first.content["arrays"]))
    assert sorted(arrays) == ["q9-a/deep/y/0", "q9-a/x"]


# --- collecting -----------------------------------------------------------------------------------


def executed(*shown: dict[str, Any]) -> dict[str, Any]:
    """Make a notebook with one cell of prose and one cell for each output."""
    outputs = [{"output_type": "display_data", "data": data} for data in shown]
    code = [{"cell_type": "code", "outputs": [{"name": "stdout", "text": "x"}, one]} for one in outputs]
    return {"cells": [{"cell_type": "markdown"}, *code]}


def test_each_kind_is_kept_by_name_and_arrays_move_to_files(tmp_path: Path) -> None:
    notebook = executed(
        {"text/plain": "no record"},
        bundle(verdict("C-1", main=[1.0, 2.0, 3.0], alone=[1.0])),
        bundle(note("q9-n", {"n": "count"}, n=[1, None])),
        bundle(chart("q9-a")),
    )
    found = collect_records(notebook, tmp_path / "figures")
    cases = found["verdicts"]["C-1"]["cases"]
    assert cases["main"] | {"low": 0, "high": 0} == {
        "unit": "points", "values": [1, 2, 3], "n": 3, "mean": 2, "low": 0, "high": 0,
    }  # fmt: skip
    assert (cases["alone"]["low"], cases["alone"]["high"]) == (None, None)  # one run says nothing
    assert (found["values"], found["units"]) == ({"q9-n": {"n": [1, None]}}, {"q9-n": {"n": "count"}})
    assert found["figures"]["q9-a"]["arrays"] == "figures/q9-a.npz"
    arrays = unpack((tmp_path / "figures/q9-a.npz").read_bytes())
    np.testing.assert_array_equal(arrays["rows/main"], [0.1, 0.2])
    assert "base64" not in json.dumps(notebook) and "figures/q9-a.npz" in json.dumps(notebook)


def test_without_arrays_there_is_no_folder(tmp_path: Path) -> None:
    collect_records(executed(bundle(note("n", n=1))), tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bundle({"kind": "table", "name": "n"}), "a record needs a kind"),
        (bundle({"kind": "note", "values": {}}), "expected a name of letters, digits"),
        (bundle(note("../n", n=1)), "got '../n'"),
        (bundle(note("first", n=1)), "'first' is shown twice"),
        (bundle(note("n", n=float("nan"))), "'n' holds nan or inf"),
        (bundle({"kind": "figure", "name": "n", "draw": "x", "slots": {}}), "'n': data is missing"),
        (bundle({**note("n", n=1), "schema": 0}), "'n': expected schema 2, got 0"),
        (bundle({**chart("cut"), "arrays": "abc"}), "'cut': its arrays are damaged"),
        (bundle(verdict("C-2", main=[])), "expected one number per seed"),
        ({"image/png": "iVBORw0KGgo="}, "shows an image (image/png) that is not a bilingual figure"),
        ({"text/html": "<p><img src=x.png></p>"}, "shows an image (HTML with an image)"),
        ({"text/html": ["<p>", "<svg></svg></p>"]}, "shows an image (HTML with an image)"),
    ],
)
def test_a_faulty_record_is_refused_with_its_cell(tmp_path: Path, data: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        collect_records(executed(bundle(note("first", n=1)), data), tmp_path / "figures")
    assert message in str(caught.value) and caught.value.cell == 2


def test_the_published_runs_are_read_as_their_readme_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "book/published/README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
