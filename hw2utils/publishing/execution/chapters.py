"""Run chapters of the book: the stale ones in parallel, the longest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import hw2utils.publishing.execution.engines as engines
import hw2utils.publishing.execution.environment as environment
import hw2utils.publishing.execution.shelf as shelf
from hw2utils._checks import did_you_mean
from hw2utils.publishing.execution.engines import Engine
from hw2utils.publishing.execution.errors import ExecutionError, ExecutionErrors
from hw2utils.publishing.execution.jobs import Chapter, Finished, ending, stream
from hw2utils.publishing.execution.kernels import execute_with_papermill
from hw2utils.publishing.execution.parameters import ParameterError, declared_parameters, validate_parameters
from hw2utils.publishing.execution.progress import ChapterProgress
from hw2utils.publishing.execution.shelf import Execution
from hw2utils.reporting.catalogue import NotebookError


def execute(
    notebook: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    build_dir: str | Path | None = None,
    force: bool = False,
    timeout: float | None = None,
    limit: float | None = None,
    retry: int = 0,
    threads: int | None = None,
    progress: bool = True,
) -> Execution:
    """Run one chapter, or find its finished run, and return where its results are.

    ``build_dir`` is the folder that gets ``executed/``, by default ``_build`` in the book's root. ``force``
    runs it though a finished run is there. ``timeout`` bounds each cell and ``limit`` the run, in seconds; a
    run that fails is made anew at most ``retry`` times. ``threads`` is how many it takes, by default one a
    core. ``progress`` reports on stderr.

    Raises :class:`ParameterError` and :class:`NotebookError` before anything runs, :class:`ExecutionError`
    when the chapter fails.
    """
    return execute_all(
        [notebook],
        parameters={Path(notebook).stem: dict(parameters or {})},
        build_dir=build_dir,
        force=force,
        timeout=timeout,
        limit=limit,
        retry=retry,
        threads=threads,
        progress=progress,
    )[0]


def execute_all(
    notebooks: Iterable[str | Path],
    jobs: int | None = None,
    *,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    build_dir: str | Path | None = None,
    force: bool = False,
    timeout: float | None = None,
    limit: float | None = None,
    retry: int = 0,
    threads: int | None = None,
    progress: bool = True,
    engine: Callable[[int], AbstractContextManager[Engine]] = engines.engine,
) -> list[Execution]:
    """Run the stale ones among chapters in parallel and return all of them in the order given.

    ``parameters`` maps a chapter's name (its file's stem) to the values that differ from its defaults.
    ``jobs`` is the number of chapters at a time, by default as many as there are cores, which are shared out
    among their kernels as :func:`share_threads` says. The longest start first, so that few cores are idle at
    the end: about how long a chapter takes stands in its notebook's metadata, ``{"hw2": {"seconds": 120}}``;
    one that does not say is taken to be long. ``engine`` gives where they run, told how many at a time. The
    other arguments are those of :func:`execute`.

    Raises :class:`ParameterError` and :class:`NotebookError` before anything runs. When chapters fail, the
    others still finish; then the one :class:`ExecutionError`, or :class:`ExecutionErrors` with all of them,
    is raised.
    """
    paths = [Path(notebook).resolve() for notebook in notebooks]
    given = dict(parameters or {})
    stems = [path.stem for path in paths]
    for name in given:
        if name not in stems:
            raise ParameterError(f"parameters for an unknown chapter {name!r}{did_you_mean(name, stems)}")
    for name in stems:
        if stems.count(name) > 1:
            raise NotebookError(f"two notebooks are called {name!r}; a chapter's file name must be unique")
    if jobs is not None and jobs < 1:
        raise ParameterError(f"jobs: expected a positive number of chapters at a time, got {jobs}")
    known = [Chapter(path, build_dir) for path in paths]
    plans = [
        chapter.job(given.get(chapter.path.stem), force=force, timeout=timeout, limit=limit, retry=retry)
        for chapter in known
    ]
    finished = {
        job.chapter: Finished(job.directory, cached=True)
        for job in plans
        if not force and shelf.is_finished(job.directory)
    }
    pairs = zip(known, plans, strict=True)
    stale = [(chapter, job) for chapter, job in pairs if job.chapter not in finished]
    failures: dict[str, ExecutionError] = {}
    if stale:
        cores = environment.cores()
        jobs = min(jobs or cores, len(stale))
        longest_first = sorted(stale, key=lambda pair: pair[0].seconds, reverse=True)
        shares = share_threads(cores, [chapter.seconds for chapter, _ in longest_first], jobs)
        cells = {job.chapter: chapter.cells for chapter, job in stale}
        with engine(jobs) as place, ChapterProgress(list(cells), sum(cells.values()), progress) as report:
            calls = [
                replace(job, threads=threads or (n if place.here else place.threads))
                for n, (_, job) in zip(shares, longest_first, strict=True)
            ]
            told = (report.cell_done,) if place.here else ()
            made = stream(calls, place.executor, ahead=len(calls), arguments=told, stop=place.stop)
            with closing(made) as ended:
                for call, future in ended:
                    found = ending(call, future)
                    if isinstance(found, ExecutionError):
                        failures[call.chapter] = found
                    else:
                        finished[call.chapter] = found
                    if not place.here:
                        report.bar.update(cells[call.chapter])
                    report.chapter_done(call.chapter, failed=call.chapter in failures)
    if failures:
        errors = [failures[job.chapter] for _, job in stale if job.chapter in failures]
        raise errors[0] if len(errors) == 1 else ExecutionErrors(errors)
    return [finished[job.chapter].load() for job in plans]


def share_threads(cores: int, seconds: Sequence[float], jobs: int) -> list[int]:
    """Share out cores among chapters that take about so many seconds each, ``jobs`` of them at a time.

    When all start at once, each gets a core, and the spare ones go where most seconds are left for a thread;
    chapters alike get alike. When some wait, all get the same. A kernel keeps its threads to the end: their
    number decides the last digits of float32, so none gets more because others are done. The cores left idle
    then are the price, and no book takes less time than its longest chapter.

    >>> share_threads(2, [540.0, 60.0, 20.0], 2), share_threads(8, [540.0, 60.0, 20.0], 3)
    ([1, 1, 1], [6, 1, 1])
    """
    if jobs < len(seconds):
        return [max(1, cores // jobs)] * len(seconds)
    threads = [1] * len(seconds)
    for _ in range(cores - len(seconds)):
        most = max(range(len(seconds)), key=lambda i: (seconds[i] / threads[i], -threads[i]))
        threads[most] += 1
    return threads


def prepare(notebook: str | Path, parameters: Mapping[str, Any] | None, output: str | Path) -> Path:
    """Write a copy of ``notebook`` with ``parameters`` set, without running it, and return its path.

    Raises :class:`ParameterError` as :func:`validate_parameters` does.
    """
    path, output = Path(notebook).resolve(), Path(output).resolve()
    declared, values = declared_parameters(path), validate_parameters(path, parameters)
    changed = {name: value for name, value in values.items() if value != declared[name].default}
    output.parent.mkdir(parents=True, exist_ok=True)
    execute_with_papermill(path, output, changed, prepare_only=True)
    return output
