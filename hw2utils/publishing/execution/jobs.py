"""Jobs: single runs of chapters, as calls that any executor can make, and streams of them."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import hw2utils.publishing.execution.environment as environment
import hw2utils.publishing.execution.shelf as shelf
import hw2utils.publishing.sources.durations as durations
from hw2utils.publishing.execution.errors import ExecutionError
from hw2utils.publishing.execution.fingerprint import Fingerprint
from hw2utils.publishing.execution.kernels import RUNNING, SourceCells, run_notebook
from hw2utils.publishing.execution.outputs import MachinePaths
from hw2utils.publishing.execution.parameters import (
    Parameter,
    ParameterError,
    check_values,
    declared_parameters,
)
from hw2utils.publishing.execution.records import RecordError, collect_records
from hw2utils.publishing.sources.notebooks import code_cells, read_notebook
from hw2utils.reporting.catalogue import project_root

Call = TypeVar("Call", bound=Callable[[], Any])


@dataclass(frozen=True)
class Finished:
    """Say where a finished run lies, and whether it was there before (``cached``)."""

    directory: Path
    cached: bool

    def load(self) -> shelf.Execution:
        """Read the run."""
        return shelf.load(self.directory, cached=self.cached)


@dataclass(frozen=True)
class Job:
    """Hold one run of a chapter: a call without arguments, which travels to another thread or process.

    ``parameters`` has the value of every parameter, ``changed`` of those that differ from the default;
    ``directory`` is where the run will lie. ``timeout`` bounds each cell, in seconds; ``threads`` is how many
    the kernel may use. ``limit`` bounds the whole run, in seconds; one that fails is made anew at most
    ``retry`` times. ``made_of`` is what the chapter's fingerprint was made of where the job was planned.
    ``token`` tells it from other jobs for the same run, of which one may be stopped.
    """

    notebook: Path
    parameters: dict[str, Any]
    changed: dict[str, Any]
    directory: Path
    force: bool = False
    timeout: float | None = None
    threads: int = 1
    limit: float | None = None
    retry: int = 0
    made_of: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default_factory=lambda: uuid4().hex, repr=False, compare=False)

    @property
    def chapter(self) -> str:
        """Name the chapter."""
        return self.notebook.stem

    @property
    def key(self) -> str:
        """Give the key of the run."""
        return self.directory.name

    def stop(self) -> None:
        """End the run in this process, now or as soon as its kernel has started."""
        RUNNING.stop(self.token)

    def __call__(self, cell_done: Callable[[], None] = lambda: None) -> Finished:
        """Make the run, or find it on the shelf; while another makes the same one, wait for it.

        Raises :class:`ExecutionError`, also where a machine has other code, data or versions than the one
        that planned the job.
        """
        if not self.force and shelf.is_finished(
            self.directory
        ):  # needs no lock, so no disk that can be written
            return Finished(self.directory, cached=True)
        try:
            before = shelf.stamp(self.directory)
            with shelf.locked(self.directory, lambda: RUNNING.is_stopped(self.token)):
                meanwhile = shelf.stamp(self.directory) != before  # another made it while this one waited
                if (meanwhile or not self.force) and shelf.is_finished(self.directory):
                    return Finished(self.directory, cached=True)
                self._refuse_another_book()
                for left in range(self.retry, -1, -1):
                    try:
                        with shelf.scratch(self.directory) as folder, self._limited():
                            self._make(folder, cell_done)
                        break
                    except ExecutionError as error:
                        if not left or RUNNING.is_stopped(self.token):
                            raise
                        sys.stderr.write(f"{error}\n{self.chapter}: once more, at most {left} times\n")
        except InterruptedError:
            raise ExecutionError(self.chapter, "stopped") from None
        except OSError as error:
            place = error.filename or self.directory.parent
            raise ExecutionError(self.chapter, f"{place}: {error.strerror or error}") from error
        except ExecutionError:
            raise
        except Exception as error:  # whatever it is, the other runs finish
            raise ExecutionError(
                self.chapter, f"the run broke off: {type(error).__name__}: {error}"
            ) from error
        return Finished(self.directory, cached=False)

    def _refuse_another_book(self) -> None:
        here = Fingerprint(self.notebook)
        if here.key(self.parameters) == self.key:
            return
        theirs, ours = here.parts, self.made_of
        names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        told = [
            f"{name} {theirs.get(name, 'missing')} instead of {ours.get(name, 'none')}"
            if name in here.versions or name not in theirs
            else name
            for name in names
        ]
        raise ExecutionError(
            self.chapter,
            f"{socket.gethostname()} would compute something else than was asked for; it differs in "
            f"{', '.join(told) or 'the form of results'}. Give it the same code, data and versions; if the "
            "chapter was edited meanwhile, start again",
        )

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Stop the run when it takes longer than its limit."""
        if self.limit is None:
            yield
            return
        passed = threading.Event()

        def end() -> None:
            passed.set()
            self.stop()

        timer = threading.Timer(self.limit, end)
        timer.start()
        try:
            yield
        except ExecutionError as error:
            if passed.is_set():
                RUNNING.begin(self.token)
                message = f"the run took longer than its limit of {self.limit:g} s"
                raise ExecutionError(self.chapter, message, cell=error.cell, source=error.source) from None
            raise
        finally:
            timer.cancel()

    def _make(self, scratch: Path, cell_done: Callable[[], None]) -> None:
        made, settings = scratch / self.key, scratch / "settings"
        made.mkdir()
        settings.mkdir()
        copy, failed = made / self.notebook.name, self.directory.with_name(f"failed-{self.key}.ipynb")
        began = time.perf_counter()
        try:
            executed = run_notebook(
                self.notebook,
                copy,
                self.changed,
                name=self.token,
                threads=self.threads,
                settings=settings,
                timeout=self.timeout,
                cell_done=cell_done,
            )
            self._store(executed, made, round(time.perf_counter() - began, 2))
        except ExecutionError as error:
            error = self._with_parameters(error)
            if copy.is_file() and not RUNNING.is_stopped(self.token):
                os.replace(copy, failed)
                error.notebook = failed
            raise error from error.__cause__
        shelf.put(made, self.directory)
        failed.unlink(missing_ok=True)

    def _store(self, executed: dict[str, Any], made: Path, seconds: float) -> None:
        """Tidy the executed copy and write the results and figures it shows."""
        source = SourceCells(read_notebook(self.notebook), injected=bool(self.changed))
        try:
            records = collect_records(executed, made / "figures")
        except RecordError as error:
            raise ExecutionError(self.chapter, str(error), **source.place(error.cell)) from None
        paths = MachinePaths(project_root(self.notebook))
        executed["metadata"].pop("papermill", None)  # paths and times of this machine
        for cell in executed["cells"]:
            cell["metadata"].pop("papermill", None)
            if cell["cell_type"] == "code":
                cell["outputs"] = paths.hide_in(cell["outputs"])
        shelf.write_json(made / self.notebook.name, executed)
        now = Fingerprint(self.notebook)
        if now.key(self.parameters) != self.key:
            message = "the notebook, or code or data it uses, was edited while it ran; run it again"
            raise ExecutionError(self.chapter, message)
        results = {
            "chapter": self.chapter,
            "key": self.key,
            "parameters": self.parameters,
            "seconds": seconds,
            "versions": now.versions,
            "machine": environment.machine(self.threads),
            **records,
        }
        shelf.write_json(made / "results.json", results)

    def _with_parameters(self, error: ExecutionError) -> ExecutionError:
        """Name the parameters that differ from the published run, which may be why it failed."""
        if not self.changed:
            return error
        declared = declared_parameters(self.notebook)
        named = (
            f"{name} = {value!r} (published {declared[name].default!r}"
            + (f", allowed {declared[name].range})" if declared[name].range else ")")
            for name, value in self.changed.items()
        )
        message = f"{error.message}\nThis run had {', '.join(named)}."
        words = error.message.lower().replace("/", " ").replace(",", " ").split()
        if {"nan", "inf", "finite"} & set(words):
            message += (
                " A training that diverges is one way to NaN: take values nearer to the published ones."
            )
        where = {"cell": error.cell, "source": error.source, "traceback": error.traceback}
        return ExecutionError(error.chapter, message, **where)  # type: ignore[arg-type]


class Chapter:
    """Hold what a chapter's jobs share, read once: its declared parameters, its fingerprint, its length.

    ``seconds`` is about how long the published run takes, from the notebook's metadata, ``inf`` where it does
    not say; ``cells`` counts the code cells.

    Raises :class:`~hw2utils.publishing.sources.notebooks.NotebookError` and :class:`ParameterError`.
    """

    def __init__(self, notebook: str | Path, build_dir: str | Path | None = None) -> None:
        self.path = Path(notebook).resolve()
        content = read_notebook(self.path)
        self.declared: dict[str, Parameter] = declared_parameters(self.path)
        self.fingerprint = Fingerprint(self.path)
        self.seconds = durations.seconds(content) or float("inf")
        self.cells = len(code_cells(content))
        build = Path(build_dir).resolve() if build_dir is not None else project_root(self.path) / "_build"
        self.shelf = build / "executed" / self.path.stem

    def job(
        self,
        given: Mapping[str, Any] | None = None,
        *,
        force: bool = False,
        timeout: float | None = None,
        threads: int = 1,
        limit: float | None = None,
        retry: int = 0,
    ) -> Job:
        """Plan one run; nothing is written. The options are those of :class:`Job`.

        Raises :class:`ParameterError` for values that are unknown, forbidden or do not fit each other.
        """
        try:
            values = check_values(self.declared, given)
        except ParameterError as error:
            raise ParameterError(f"{self.path.stem}: {error}") from None
        for name, seconds in (("timeout", timeout), ("limit", limit)):
            if seconds is not None and not 0 < seconds <= threading.TIMEOUT_MAX:
                raise ParameterError(
                    f"{name}: expected a positive number of seconds, got {seconds}; leave it out for no bound"
                )
        if retry < 0:
            raise ParameterError(
                f"retry: expected how many times more a failed run is made, from 0, got {retry}"
            )
        changed = {name: value for name, value in values.items() if value != self.declared[name].default}
        directory = self.shelf / self.fingerprint.key(values)
        made_of = self.fingerprint.parts
        return Job(self.path, values, changed, directory, force, timeout, threads, limit, retry, made_of)


def stop(calls: Iterable[Any]) -> None:
    """Tell calls in this process to ``stop()``, if they can."""
    for call in calls:
        getattr(call, "stop", lambda: None)()


def stream(
    calls: Iterable[Call],
    executor: Executor,
    *,
    ahead: int,
    arguments: tuple[Any, ...] = (),
    stop: Callable[[Iterable[Call]], None] = stop,
) -> Generator[tuple[Call, Future[Any]], None, None]:
    """Make calls with an executor and yield each with its future as it ends; at most ``ahead`` wait or run.

    ``calls`` is read only as far as needed, so it may be long or endless. When the reader stops, or on an
    interrupt, calls that wait are dropped and those that run are given to ``stop``; a reader that may be
    interrupted itself closes the stream (:func:`contextlib.closing`).
    """
    running: dict[Future[Any], Call] = {}
    try:
        for call in calls:
            running[executor.submit(call, *arguments)] = call
            while len(running) >= ahead:
                yield from _ended(running)
        while running:
            yield from _ended(running)
    except BaseException:
        for future in running:
            future.cancel()
        stop(running.values())
        raise


def ending(job: Job, future: Future[Finished]) -> Finished | ExecutionError:
    """Say how a job ended: a run is done when its folder is whole, whatever became of who made it.

    >>> lost: Future[Finished] = Future()
    >>> lost.set_exception(RuntimeError("the worker is gone"))
    >>> print(ending(Job(Path("q9.ipynb"), {}, {}, Path("no such folder")), lost))
    q9: the run was lost (RuntimeError: the worker is gone); the same command makes it again
    """
    try:
        found = future.result()
        if (found.directory / shelf.MANIFEST).is_file():
            return found
        message = (
            f"the run ended, but {found.directory} is not here: its worker has another disk under that name; "
            "name a folder that all machines share, with --build"
        )
        return ExecutionError(job.chapter, message)
    except ExecutionError as error:
        return error
    except (Exception, CancelledError) as error:  # an engine's own: a worker or a scheduler was lost
        if shelf.is_finished(job.directory):
            return Finished(job.directory, cached=False)
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        return ExecutionError(job.chapter, f"the run was lost ({told}); the same command makes it again")


def _ended(running: dict[Future[Any], Call]) -> Iterator[tuple[Call, Future[Any]]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future
