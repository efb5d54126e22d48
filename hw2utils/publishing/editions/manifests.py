"""Manifests of figures: what they show, where it comes from, and what changed since another manifest."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hw2utils._checks import is_number
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.publishing.execution.shelf import Execution
from hw2utils.reporting.records import unpack
from hw2utils.reporting.schema import ARRAYS

MANIFEST = "manifest.json"
DATA = "data"
"""The folder beside a manifest with the arrays that the figures show, a file for each figure."""

_FORMAT = 1  # of the manifest


class FiguresError(ValueError):
    """Say what is wrong with how figures are to be drawn, or with what they are to be compared with."""


def manifest(look: Mapping[str, Any], chapters: Mapping[str, Any]) -> dict[str, Any]:
    """Make a manifest of how figures look and what :func:`describe` says of each chapter."""
    return {"format": _FORMAT, "look": look, "chapters": chapters}


def describe(run: Execution) -> dict[str, Any]:
    """Say what a run's figures show, and its parameters, seeds, versions, checksums and revision."""
    count = run.parameters.get("seeds")
    first = run.parameters.get("first_seed", 0)
    own = {name: metadata.version(name) for name in ("hw2utils", "matplotlib")}
    return {
        "key": run.key,
        "parameters": run.parameters,
        "seeds": {"first": first, "count": count} if isinstance(count, int) else count,
        "versions": {**run.results["versions"], **own},
        "revision": _revision(),
        "figures": {
            name: {
                "record": {key: value for key, value in record.items() if key != ARRAYS},
                "sha256": _checksum(record, run),
            }
            for name, record in run.figures.items()
        },
    }


def _checksum(record: Mapping[str, Any], run: Execution) -> str | None:
    if ARRAYS not in record:
        return None
    return hashlib.sha256((run.directory / record[ARRAYS]).read_bytes()).hexdigest()


def _revision() -> str | None:
    """Give the revision of the sources, None outside a repository; a plus sign says that they were edited."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


# --- what changed ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """Hold what figures show: what :func:`describe` says of each chapter, and a figure's arrays by name."""

    chapters: Mapping[str, Any]
    arrays: Callable[[str], Mapping[str, NDArray[Any]]]


def of_runs(runs: Iterable[Execution]) -> Shown:
    """Give what the figures of runs show."""
    given = list(runs)
    owner = {name: run for run in given for name in run.figures}
    return Shown(
        {run.chapter: describe(run) for run in given},
        lambda name: arrays_of(owner[name].figures[name], owner[name].directory),
    )


def read_manifest(file: Path) -> Shown:
    """Read what figures showed from their manifest and, when asked for, the arrays beside it.

    Raises FiguresError where it is none, or its arrays are missing or altered.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        written, chapters = content["format"], dict(content["chapters"])
        figures = [pair for chapter in chapters.values() for pair in chapter["figures"].items()]
        sums = {name: figure["sha256"] for name, figure in figures}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FiguresError(f"{file}: expected the {MANIFEST} of a folder that hw2 figures wrote") from None
    if written != _FORMAT:
        raise FiguresError(f"{file}: expected format {_FORMAT}, got {written!r}; make it anew")

    def arrays(name: str) -> Mapping[str, NDArray[Any]]:
        if sums[name] is None:
            return {}
        stored = file.parent / DATA / f"{name}.npz"
        if not stored.is_file():
            raise FiguresError(f"{stored} is missing: keep the folder {DATA} beside a manifest")
        packed = stored.read_bytes()
        if hashlib.sha256(packed).hexdigest() != sums[name]:
            raise FiguresError(f"{stored} is not as it was written; make it anew")
        return unpack(packed)

    return Shown(chapters, arrays)


@dataclass(frozen=True)
class Changes:
    """List what changed in figures, and beside them: in parameters, versions, revision."""

    figures: list[str]
    others: list[str]


def compare(now: Shown, before: Shown, tolerance: float = 1e-6, *, whole: bool = False) -> Changes:
    """List what changed in the data of figures, and beside them.

    Numbers differ where they differ by more than ``tolerance``, as a share of the largest value the array
    had. ``whole`` says that ``now`` is the whole book, so that a chapter it lacks is gone.

    Raises FiguresError as :func:`read_manifest` does.
    """
    changes = Changes([], [])
    if whole:
        gone = (chapter for chapter in before.chapters if chapter not in now.chapters)
        changes.figures.extend(f"{chapter} is gone" for chapter in gone)
    for chapter, described in now.chapters.items():
        if chapter not in before.chapters:
            changes.figures.append(f"{chapter} is new")
            continue
        old = before.chapters[chapter]
        for what in ("parameters", "versions"):
            lines = _differences(described[what], old[what], 0)
            changes.others.extend(f"{chapter}, {what}: {line}" for line in lines)
        if described["revision"] != old["revision"]:
            changes.others.append(f"{chapter}: revision was {old['revision']}, is {described['revision']}")
        changes.figures.extend(
            f"{name} is gone" for name in old["figures"] if name not in described["figures"]
        )
        for name, figure in described["figures"].items():
            if name not in old["figures"]:
                changes.figures.append(f"{name} is new")
                continue
            ours = dict(_leaves(figure["record"], now.arrays(name)))
            theirs = dict(_leaves(old["figures"][name]["record"], before.arrays(name)))
            changes.figures.extend(f"{name}: {line}" for line in _differences(ours, theirs, tolerance))
    return changes


def _differences(now: Mapping[str, Any], before: Mapping[str, Any], tolerance: float) -> Iterator[str]:
    for place in [*before, *(place for place in now if place not in before)]:
        if place not in now:
            yield f"{place} is gone"
        elif place not in before:
            yield f"{place} is new"
        elif change := _change(now[place], before[place], tolerance):
            yield f"{place} {change}"


def _change(now: Any, before: Any, tolerance: float) -> str:
    """Say how a value changed, or nothing.

    >>> _change(np.array([1.0, 2.5]), np.array([1.0, 2.0]), 0.01)
    'differs by up to 0.5, which is 0.25 of its largest value'
    >>> _change([1.0, float("nan")], [1.0, float("nan")], 0)
    ''
    """
    a, b = np.asarray(now), np.asarray(before)
    if {a.dtype.kind, b.dtype.kind} - set("biuf"):
        return "" if np.array_equal(a, b) else f"was {before!r:.60}, is {now!r:.60}"
    if a.shape != b.shape:
        return f"was of shape {b.shape}, is of {a.shape}"
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):  # infinite minus infinite
        apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0, np.abs(a - b))
    most = np.nan_to_num(apart, nan=np.inf).max(initial=0)
    share = most / (np.abs(b[np.isfinite(b)]).max(initial=0) or 1)
    if share <= tolerance:
        return ""
    if not a.ndim:
        return f"was {b:.6g}, is {a:.6g}"
    return f"differs by up to {most:.3g}, which is {share:.3g} of its largest value"


def _leaves(value: Any, arrays: Mapping[str, NDArray[Any]], place: str = "") -> Iterator[tuple[str, Any]]:
    """Give the values of a record one by one, each with its place.

    >>> dict(_leaves({"n": 2, "rows": {"$": "pairs", "of": [["b", [1.5]]]}}, {}))
    {'n': 2, 'rows/b': [1.5]}
    """
    tag = value.get("$") if isinstance(value, dict) else None
    if tag == "array":
        yield place, arrays[value["of"]]
    elif tag == "number":
        yield place, float(value["of"])
    elif isinstance(value, dict) or (isinstance(value, list) and not all(map(is_number, value))):
        items = value if isinstance(value, dict) else dict(enumerate(value))
        for key, item in items["of"] if tag == "pairs" else items.items():
            yield from _leaves(item, arrays, f"{place}/{key}" if place else str(key))
    else:
        yield place, value
