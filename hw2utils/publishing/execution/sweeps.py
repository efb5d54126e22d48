"""Sweeps: one chapter with many parameters, and one table of what came out.

A sweep's runs lie on the shelf as all runs do, so that one that was interrupted goes on where it stopped, and
another with some of the same parameters uses what is there.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hw2utils.publishing.execution.shelf as shelf
from hw2utils._files import written_whole
from hw2utils.publishing.execution.engines import Engine
from hw2utils.publishing.execution.errors import ExecutionError
from hw2utils.publishing.execution.jobs import Chapter, Finished, Job, ending, stream
from hw2utils.publishing.execution.parameters import (
    Parameter,
    ParameterError,
    find_parameter,
    parse_assignment,
)
from hw2utils.publishing.execution.records import interval_numbers
from hw2utils.reporting.catalogue import claims_files, find_chapter
from hw2utils.reporting.claims import Claim, load, verdict

_NOTE = "sweep.json"
_STEPS = re.compile(r"\s*(-?\d+)\s*:\s*(-?\d+)\s*(?::\s*(-?\d+)\s*)?")
COLUMNS = ("kind", "name", "case", "verdict", "mean", "low", "high", "n", "unit")
"""Columns of a sweep's table after ``chapter``, ``key`` and the parameters.

``kind`` is ``verdict`` or ``value``. A verdict has a row for each case: ``name`` is the claim, ``mean`` with
its 95 % interval from ``low`` to ``high`` the effect in ``unit``, ``n`` the number of seeds. A value has a
row for each number in it: ``case`` says where it stands, ``mean`` is the number itself.
"""


class Grid:
    """Hold the parameter sets of a sweep, made one by one: each set of a list with each point of a grid.

    Raises :class:`ParameterError` for a grid that cannot be read.

    >>> rate = {"rate": Parameter("rate", "float", 0.1), "seed": Parameter("seed", "int", 0)}
    >>> list(Grid(rate, ["rate=0.1,0.2", "seed=0:20:10"]))[1]
    {'rate': 0.1, 'seed': 10}
    """

    def __init__(
        self,
        declared: Mapping[str, Parameter],
        axes: Iterable[str] = (),
        sets: Sequence[Mapping[str, Any]] = ({},),
    ) -> None:
        self.axes: dict[str, list[Any]] = {}
        for text in axes:
            name, values = parse_axis(text, declared)
            if name in self.axes:
                raise ParameterError(f"grid: parameter {name!r} is given twice")
            self.axes[name] = values
        for number, given in enumerate(sets, start=1):
            if not isinstance(given, Mapping):
                raise ParameterError(f"parameter set {number}: expected name: value, got {given!r}")
            if both := sorted(self.axes.keys() & given.keys()):
                raise ParameterError(f"parameter set {number}: {both[0]!r} is in the grid too; give it once")
        self.sets = sets

    def __len__(self) -> int:
        return len(self.sets) * math.prod(map(len, self.axes.values()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for given in self.sets:
            for point in itertools.product(*self.axes.values()):
                yield {**given, **dict(zip(self.axes, point, strict=True))}


def parse_axis(text: str, declared: Mapping[str, Parameter]) -> tuple[str, list[Any]]:
    """Read the values of one axis: ``name=value,value``, for whole numbers also ``name=start:stop:step``.

    The stop is left out, as in ``range``; the values of a list are written ``name=1,2;1,2,3``.

    Raises :class:`ParameterError` as :func:`~hw2utils.publishing.execution.parameters.parse_assignment` does.

    >>> parse_axis("seed=0:50:10", {"seed": Parameter("seed", "int", 0)})
    ('seed', [0, 10, 20, 30, 40])
    """
    name, equals, listed = text.partition("=")
    if not equals:
        raise ParameterError(f"grid: expected name=value,value or name=start:stop:step, got {text!r}")
    parameter = find_parameter(name.strip(), declared)
    steps = _STEPS.fullmatch(listed)
    if steps and parameter.element_type in ("int", "float") and not parameter.is_list:
        start, stop, step = (int(part) if part else 1 for part in steps.groups())
        if step == 0 or not range(start, stop, step):
            raise ParameterError(
                f"grid: {text!r} holds no value; expected start:stop:step with stop after start"
            )
        texts: Iterable[str] = map(str, range(start, stop, step))
    else:
        if ":" in listed and parameter.element_type == "float":
            raise ParameterError(
                f"grid: {text!r}: start:stop:step is for whole numbers; write the values, such as "
                f"{parameter.name}=0.1,0.2"
            )
        texts = re.split("[;؛]" if parameter.is_list else "[,،]", listed)
    values = [parse_assignment(f"{name}={value.strip()}", declared)[1] for value in texts]
    seen: set[str] = set()
    for value in values:
        if repr(value) in seen:
            raise ParameterError(f"grid: {name.strip()} has {value!r} twice")
        seen.add(repr(value))
    return parameter.name, values


def check_sets(chapter: Chapter, grid: Iterable[Mapping[str, Any]], **options: Any) -> None:
    """Raise :class:`ParameterError` for a parameter set that is not allowed or is the same run as another."""
    found: set[str] = set()
    for given in grid:
        job = chapter.job(given, **options)
        if job.key in found:
            same = ", ".join(f"{name}={value}" for name, value in job.changed.items()) or "the published run"
            raise ParameterError(f"{job.chapter}: two parameter sets are the same run: {same}; give it once")
        found.add(job.key)


@dataclass
class Outcome:
    """Count how the runs of a sweep ended; ``failures`` has the error of each that failed, by key."""

    ran: int
    cached: int
    failures: dict[str, ExecutionError]


def run_sweep(
    chapter: Chapter,
    grid: Iterable[Mapping[str, Any]],
    engine: Engine,
    *,
    timeout: float | None = None,
    limit: float | None = None,
    retry: int = 0,
    done: Callable[[Job, Finished | ExecutionError], None] = lambda job, ending: None,
) -> Outcome:
    """Run a chapter with every parameter set on an engine; ``done`` is told how each ended.

    Runs that are on the shelf are used; one that fails does not stop the others. ``timeout``, ``limit`` and
    ``retry`` are those of :class:`~hw2utils.publishing.execution.jobs.Job`.

    Raises :class:`ParameterError` before anything runs, as :func:`check_sets` does.
    """
    check_sets(chapter, grid, timeout=timeout, limit=limit, retry=retry)

    def jobs() -> Iterator[Job]:
        for given in grid:
            yield chapter.job(given, timeout=timeout, threads=engine.threads, limit=limit, retry=retry)

    outcome = Outcome(0, 0, {})
    with closing(stream(jobs(), engine.executor, ahead=engine.workers, stop=engine.stop)) as ended:
        for job, future in ended:
            found = ending(job, future)
            if isinstance(found, ExecutionError):
                outcome.failures[job.key] = found
            else:
                outcome.cached += found.cached
                outcome.ran += not found.cached
            done(job, found)
    return outcome


def rows(results: Mapping[str, Any], claims: Mapping[str, Claim]) -> Iterator[dict[str, Any]]:
    """Give the rows of one run's results for a table, see :data:`COLUMNS`, judged by claims as they are now.

    >>> run = {"verdicts": {}, "values": {"q9-a": {"a": [1.5], "of": "text"}}}
    >>> run["units"] = {"q9-a": {"a": "points"}}
    >>> [(row["name"], row["case"], row["mean"], row["unit"]) for row in rows(run, {})]
    [('q9-a', 'a.0', 1.5, 'points')]
    """
    for name, record in results["verdicts"].items():
        judged = verdict(record, claims) if name in claims else None
        for key, case in record["cases"].items():
            numbers = {column: case.get(column) for column in ("mean", "low", "high", "n")}
            decided = ""
            if judged is not None:
                numbers, decided = interval_numbers(judged.evidence[key]), judged.cases[key]
            told = {"name": name, "case": key, "verdict": decided, "unit": case.get("unit")}
            yield {"kind": "verdict", **told, **numbers}
    for name, values in results["values"].items():
        units = results["units"].get(name, {})
        for place, numbers in numbers_in(values):
            unit = units.get(place[0], "")
            yield {"kind": "value", "name": name, "case": ".".join(place), "unit": unit, **numbers}


def numbers_in(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, float]]]:
    """Find the numbers of a note's values, as :mod:`hw2utils.reporting.records` writes them, with places.

    >>> list(numbers_in({"a": [1, "b"]}))
    [(('a', '0'), {'mean': 1})]
    """
    if isinstance(value, Mapping):
        if value.get("$") == "interval":
            yield place, {name: _plain(value[name]) for name in ("mean", "low", "high", "n")}
        elif value.get("$") == "number":
            yield place, {"mean": float(value["of"])}
        elif value.get("$") == "history":  # curves are figures' data, no single numbers
            return
        elif "$" in value:
            of = value["of"] if isinstance(value["of"], list) else []
            pairs = of if value["$"] == "pairs" else enumerate(of)
            for key, item in pairs:
                yield from numbers_in(item, (*place, str(key)))
        else:
            for key, item in value.items():
                yield from numbers_in(item, (*place, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from numbers_in(item, (*place, str(index)))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield place, {"mean": value}


def _plain(value: Any) -> float:
    return float(value["of"]) if isinstance(value, Mapping) else value


def write_table(chapter: Chapter, grid: Iterable[Mapping[str, Any]], file: Path) -> int:
    """Write the results of all finished runs of a sweep as CSV, in the grid's order, and return their number.

    One row a number that was measured; the columns are ``chapter``, ``key``, every parameter, and
    :data:`COLUMNS`. A list among the parameters is written as JSON.
    """
    claims = load(chapter.path.parent) if claims_files(chapter.path.parent) else {}
    runs = 0
    with written_whole(file) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["chapter", "key", *chapter.declared, *COLUMNS])
        table.writeheader()
        for given in grid:
            job = chapter.job(given)
            if not shelf.is_finished(job.directory):  # of one that is harmed it says so
                continue
            results = shelf.load(job.directory, cached=True).results
            values = {k: json.dumps(v) if isinstance(v, list) else v for k, v in job.parameters.items()}
            for row in rows(results, claims):
                table.writerow({"chapter": job.chapter, "key": job.key, **values, **row})
            runs += 1
    return runs


def write_parquet(table: Path) -> Path | None:
    """Write a CSV table as Parquet beside it and return the file, or None where pyarrow is not installed."""
    try:
        from pyarrow import csv as arrow_csv
        from pyarrow import parquet
    except ModuleNotFoundError:
        return None
    file = table.with_suffix(".parquet")
    with written_whole(file) as draft:
        parquet.write_table(arrow_csv.read_csv(table), draft)
    return file


def claim_folder(folder: Path, chapter: Chapter, grid: Grid, *, overwrite: bool) -> None:
    """Make the folder of a sweep's table, or find it made by the same sweep before.

    Raises :class:`FileExistsError` for a folder that holds anything else, unless told to ``overwrite``.
    """
    note, description = folder / _NOTE, {"chapter": chapter.path.stem, **_description(grid)}
    with shelf.locked(folder):  # another sweep may begin there at the same time
        if folder.is_dir() and any(folder.iterdir()) and not overwrite:
            try:
                known = json.loads(note.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                known = None
            if known != description:
                remedy = "holds something else; name another folder, or add --overwrite"
                raise FileExistsError(17, remedy, folder)
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(note) as draft:
            shelf.write_json(draft, description)


def read_folder(folder: Path, build: Path | None = None) -> tuple[Chapter, Grid]:
    """Read which sweep a folder belongs to, as :func:`claim_folder` noted there: its chapter and its grid.

    Raises :class:`ParameterError` for a folder of no sweep, or of one that its chapter no longer allows.
    """
    file = folder / _NOTE
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        name, axes, sets = known["chapter"], known["grid"], known["sets"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ParameterError(
            f"--sweep: {folder} is no sweep's folder: {_NOTE} is missing or damaged"
        ) from None
    chapter = Chapter(find_chapter(name), build)
    grid = Grid(chapter.declared, (), sets)
    grid.axes = dict(axes)
    check_sets(chapter, grid)
    return chapter, grid


def sweep_name(grid: Grid) -> str:
    """Name a sweep after its grid: the same grid, the same name."""
    text = json.dumps(_description(grid), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _description(grid: Grid) -> dict[str, Any]:
    # Pairs: the order of the axes is that of the table, and names in JSON are sorted.
    return {
        "grid": [[name, values] for name, values in grid.axes.items()],
        "sets": [dict(given) for given in grid.sets],
    }
