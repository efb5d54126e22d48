"""Collect the records that an executed notebook carries in its outputs: evidence, values, figures' data."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hw2utils.reporting.schema import ARRAYS, RECORD_MIME, SCHEMA

if TYPE_CHECKING:
    from hw2utils.statistics import Interval

_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_NEEDED: dict[str, set[str]] = {
    "note": {"values", "units"},
    "figure": {"draw", "slots", "data"},
    "slider": {"draw", "values", "start", "slots", "frames", "data"},
    "verdict": {"cases", "criterion"},
    "quiz": set(),
}


class RecordError(ValueError):
    """Report a record that cannot be used; ``cell`` is the index of the cell that shows it, from 0."""

    def __init__(self, message: str, cell: int) -> None:
        self.cell = cell
        super().__init__(message)


def collect_records(notebook: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Gather the records an executed notebook shows; arrays move from its outputs to files in ``folder``.

    Returns ``verdicts`` (name → ``criterion``, its digest, and ``cases`` with unit, values, and their mean
    with its 95 % interval), ``values`` and ``units`` (of each note, name → value or unit), and ``figures``
    (the records of figures and sliders). ``folder`` is made when there are arrays; in records, ``arrays``
    then names the file.

    Raises :class:`RecordError` for a record of another form than this one, a name shown twice, arrays that
    are damaged, and an image that is no figure's: it would have no text in its place for who cannot see it.

    >>> record = {"schema": 2, "kind": "note", "name": "q9-n", "values": {"n": 3}, "units": {}}
    >>> output = {"data": {"application/vnd.hw2utils.record+json": record}}
    >>> collect_records({"cells": [{"outputs": [output]}]}, Path("figures"))["values"]
    {'q9-n': {'n': 3}}
    """
    found: dict[str, dict[str, Any]] = {"verdicts": {}, "values": {}, "units": {}, "figures": {}}
    for index, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            try:
                if RECORD_MIME in data:
                    _add(data[RECORD_MIME], found, folder)
                elif kind := _bare_image(data):
                    raise ValueError(
                        f"shows an image ({kind}) that is not a bilingual figure with alternative text; make "
                        "it with hw2utils.reporting.figure"
                    )
            except ValueError as error:
                raise RecordError(str(error), index) from None
    return found


def _bare_image(data: Mapping[str, Any]) -> str | None:
    """Say how an output shows an image, if it does."""
    if re.search(r"<(img|svg)\b", "".join(data.get("text/html", ""))):
        return "HTML with an image"
    return next((mime for mime in data if mime.startswith("image/")), None)


def _add(record: Any, found: dict[str, dict[str, Any]], folder: Path) -> None:
    if not isinstance(record, dict) or record.get("kind") not in _NEEDED:
        raise ValueError(f"a record needs a kind ({', '.join(_NEEDED)}), got {record!r:.80}")
    kind, name = record["kind"], record.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{kind} record: expected a name of letters, digits, '.', '_' and '-', got {name!r}")
    if record.get("schema") != SCHEMA:
        raise ValueError(f"{kind} record {name!r}: expected schema {SCHEMA}, got {record.get('schema')!r}")
    if lacking := sorted(_NEEDED[kind] - record.keys()):
        raise ValueError(f"{kind} record {name!r}: {', '.join(lacking)} is missing")
    if any(name in found[shelf] for shelf in ("verdicts", "values", "figures")):
        raise ValueError(f"{kind} record: {name!r} is shown twice; names must be unique in a chapter")
    try:
        json.dumps(record, allow_nan=False)
    except ValueError:
        raise ValueError(f"{kind} record: {name!r} holds nan or inf, which JSON lacks; use None") from None
    if ARRAYS in record:
        record[ARRAYS] = _write_arrays(name, record[ARRAYS], folder)
    if kind == "quiz":  # it asks and measures nothing
        return
    if kind == "note":
        found["values"][name], found["units"][name] = record["values"], record["units"]
    elif kind == "verdict":
        from hw2utils.statistics import mean_interval  # SciPy: not needed when nothing has run

        intervals = {key: mean_interval(case["values"]) for key, case in record["cases"].items()}
        cases = {key: {**case, **interval_numbers(intervals[key])} for key, case in record["cases"].items()}
        found["verdicts"][name] = {"name": name, "criterion": record["criterion"], "cases": cases}
    else:
        found["figures"][name] = record


def _write_arrays(name: str, content: str, folder: Path) -> str:
    try:
        arrays = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError(f"figure {name!r}: its arrays are damaged: {error}") from None
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.npz"
    file.write_bytes(arrays)
    return f"{folder.name}/{file.name}"


def interval_numbers(interval: Interval) -> dict[str, float | None]:
    """Give n, mean, low and high of an interval as JSON and tables have them: None for an infinite end."""
    ends = {name: value if abs(value) < float("inf") else None for name, value in vars(interval).items()}
    return {name: ends[name] for name in ("n", "mean", "low", "high")}
