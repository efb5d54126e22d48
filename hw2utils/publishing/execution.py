"""Execute chapters in parallel, and keep what they produce as files.

Every way to run a chapter (the Sphinx extension, the ``hw2`` command, the tests) goes through
:func:`execute_all`, which runs papermill on stale chapters and keeps what they produced under
``_build/executed/<chapter>/<key>``. The key hashes all a result depends on, so a finished folder is never
stale.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from hw2utils.publishing.bilingual import LANGUAGES
from hw2utils.publishing.fingerprint import cache_key, installed_versions
from hw2utils.publishing.notebooks import (
    NotebookError,
    cell_source,
    cell_tags,
    code_cells,
    project_root,
    read_notebook,
)
from hw2utils.publishing.parameters import ParameterError, declared_parameters, validate_parameters
from hw2utils.publishing.records import RecordError, collect_records
from hw2utils.publishing.suggestions import did_you_mean

KEPT_KEYS = 5
"""How many executed copies of one chapter are kept, the most recently used ones."""

_ENGINE = "hw2utils"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class ExecutionError(RuntimeError):
    """Report a chapter that failed while it ran.

    Attributes: ``chapter`` (stem of the notebook), ``cell`` (index among all cells of the source notebook,
    from 0, or ``None`` when no cell was running), ``source`` (code of that cell), ``traceback`` (plain
    text, without colours), ``notebook`` (the file executed up to the failure, if one was written).
    """

    def __init__(
        self, chapter: str, message: str, *, cell: int | None = None, source: str = "", traceback: str = ""
    ) -> None:
        self.chapter, self.message = chapter, message
        self.cell, self.source, self.traceback = cell, source, traceback
        self.notebook: Path | None = None
        place = f"{chapter}, cell {cell + 1}" if cell is not None else chapter
        parts = [f"{place}: {message}"]
        if source:
            parts.append("\n".join(f"    {line}" for line in source.splitlines()))
        if traceback:
            parts.append(traceback)
        super().__init__("\n".join(parts))


class ExecutionErrors(ExecutionError):
    """Report all chapters that failed in one call; ``errors`` lists them one by one."""

    def __init__(self, errors: Sequence[ExecutionError]) -> None:
        self.errors = list(errors)
        names = ", ".join(error.chapter for error in errors)
        super().__init__(names, f"{len(errors)} chapters failed\n\n" + "\n\n".join(map(str, errors)))


@dataclass(frozen=True)
class Execution:
    """Hold where one executed chapter is kept and what it produced.

    ``directory`` holds ``notebook`` (the executed copy), ``results.json`` (its content is ``results``) and
    ``figures/<name>.<language>.svg`` (``figures``: name → language → file). ``seconds`` is the wall time of
    the run, also when ``cached``, that is, when nothing had to run.
    """

    chapter: str
    key: str
    directory: Path
    notebook: Path
    results: dict[str, Any]
    figures: dict[str, dict[str, Path]]
    parameters: dict[str, Any]
    seconds: float
    cached: bool


def execute(
    notebook: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    build_dir: str | Path | None = None,
    force: bool = False,
    timeout: float | None = None,
    progress: bool = True,
) -> Execution:
    """Run one chapter, or find its finished run, and return where its results are.

    ``build_dir`` is the folder that gets ``executed/``, by default ``_build`` in the book's root. ``force``
    runs it though a finished run is there. ``timeout`` bounds each cell, in seconds. ``progress`` reports
    on stderr.

    Raises :class:`ParameterError` and :class:`NotebookError` before anything runs, :class:`ExecutionError`
    when the chapter fails.
    """
    return execute_all(
        [notebook],
        parameters={Path(notebook).stem: dict(parameters or {})},
        build_dir=build_dir,
        force=force,
        timeout=timeout,
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
    progress: bool = True,
) -> list[Execution]:
    """Run the stale ones among chapters in parallel and return all of them in the order given.

    ``parameters`` maps a chapter's name (its file's stem) to the values that differ from its defaults.
    ``jobs`` is the number of chapters at a time, by default as many as there are cores; the cores are
    shared out among their kernels. The longest start first, so that no core is idle at the end: about how
    long a chapter takes stands in its notebook's metadata, ``{"hw2": {"seconds": 120}}``; one that does not
    say is taken to be long. The other arguments are those of :func:`execute`.

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
    runs = [_Run.plan(path, given.get(path.stem), build_dir, timeout) for path in paths]

    stale = [run for run in runs if force or not run.finished]
    if stale:
        cores = _cores()
        jobs = min(jobs or cores, len(stale))
        stop = _Stop()
        failures: dict[str, ExecutionError] = {}
        with _Progress(stale, progress) as report, ThreadPoolExecutor(jobs) as pool:
            threads = max(1, cores // jobs)
            longest_first = sorted(stale, key=lambda run: run.source.seconds, reverse=True)
            futures = {pool.submit(run.start, threads, stop, report.cell_done): run for run in longest_first}
            try:
                for future in as_completed(futures):
                    run = futures[future]
                    try:
                        future.result()
                    except ExecutionError as error:
                        failures[run.chapter] = error
                    report.chapter_done(run.chapter, failed=run.chapter in failures)
            except BaseException:
                for future in futures:
                    future.cancel()
                stop.now()
                raise
        if failures:
            errors = [failures[run.chapter] for run in stale if run.chapter in failures]
            raise errors[0] if len(errors) == 1 else ExecutionErrors(errors)
    fresh = {run.chapter for run in stale}
    return [run.collect(cached=run.chapter not in fresh) for run in runs]


def prepare(notebook: str | Path, parameters: Mapping[str, Any] | None, output: str | Path) -> Path:
    """Write a copy of ``notebook`` with ``parameters`` set, without running it, and return its path.

    Raises :class:`ParameterError` as :func:`validate_parameters` does.
    """
    path, output = Path(notebook).resolve(), Path(output).resolve()
    changed = _changed(path, validate_parameters(path, parameters))
    output.parent.mkdir(parents=True, exist_ok=True)
    _papermill(path, output, changed, prepare_only=True)
    return output


def _changed(notebook: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    declared = declared_parameters(notebook)
    return {name: value for name, value in values.items() if value != declared[name].default}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Run:
    """Plan one chapter's execution: its inputs, and the folder that will hold what it produces."""

    notebook: Path
    parameters: dict[str, Any]
    changed: dict[str, Any]
    source: _Source
    directory: Path
    timeout: float | None

    @classmethod
    def plan(
        cls, path: Path, given: Mapping[str, Any] | None, build_dir: str | Path | None, timeout: float | None
    ) -> _Run:
        values = validate_parameters(path, given)
        if timeout is not None and timeout <= 0:
            raise ParameterError(f"timeout: expected a positive number of seconds or None, got {timeout}")
        build = Path(build_dir).resolve() if build_dir is not None else project_root(path) / "_build"
        directory = build / "executed" / path.stem / cache_key(path, values)
        changed = _changed(path, values)
        source = _Source(read_notebook(path), injected=bool(changed))
        return cls(path, values, changed, source, directory, timeout)

    @property
    def chapter(self) -> str:
        return self.notebook.stem

    @property
    def key(self) -> str:
        return self.directory.name

    @property
    def finished(self) -> bool:
        return (self.directory / "results.json").is_file()

    def start(self, threads: int, stop: _Stop, cell_done: Callable[[], None]) -> None:
        """Execute into a temporary folder and move it in place when it is complete."""
        shelf = self.directory.parent
        shelf.mkdir(parents=True, exist_ok=True)
        failed = shelf / "failed.ipynb"
        scratch = tempfile.TemporaryDirectory(prefix=".running-", dir=shelf, ignore_cleanup_errors=True)
        with scratch as temporary, _event_loop():
            folder = Path(temporary) / self.key
            folder.mkdir()
            copy = folder / self.notebook.name
            began = time.perf_counter()
            try:
                self._run(copy, threads, stop, cell_done)
                self._store(folder, copy, round(time.perf_counter() - began, 2))
                if cache_key(self.notebook, self.parameters) != self.key:
                    message = "the notebook, or code or data it uses, was edited while it ran; run it again"
                    raise ExecutionError(self.chapter, message)
            except ExecutionError as error:
                if copy.is_file():
                    os.replace(copy, failed)
                    error.notebook = failed
                raise
            if self.directory.exists():  # forced, or finished meanwhile by another process
                os.replace(self.directory, Path(temporary) / "previous")
            os.replace(folder, self.directory)
        failed.unlink(missing_ok=True)

    def _run(self, copy: Path, threads: int, stop: _Stop, cell_done: Callable[[], None]) -> None:
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill.exceptions import PapermillExecutionError

        at: list[int] = []  # the cell that runs now, as an index of the executed copy

        def place() -> dict[str, Any]:
            return self.source.cell(at[-1]) if at else {}

        environment = {"TQDM_DISABLE": "1", "PYTHONHASHSEED": "0"}  # a page shows results, not progress
        # Other programs run too, so there are more threads than cores at times. Threads that spin while they
        # wait would then take the cores from those that work: two kernels of two threads on two cores ran
        # 2.7 times as long.
        environment |= {"OMP_WAIT_POLICY": "PASSIVE"} | dict.fromkeys(_THREAD_VARIABLES, str(threads))
        try:
            _papermill(
                self.notebook,
                copy,
                self.changed,
                engine_name=_engine(),
                workspace=self.notebook.parent,
                environment={**os.environ, **environment},
                execution_timeout=self.timeout,
                stop=stop,
                cell_started=at.append,
                cell_done=cell_done,
            )
        except PapermillExecutionError as error:
            where = self.source.cell(error.cell_index)
            message = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
            if not error.traceback:  # IPython gave its reason, such as an unknown magic, as text
                message = _standard_error(read_notebook(copy), where["source"]) or message
            trace = _ANSI.sub("", "\n".join(error.traceback))
            raise ExecutionError(self.chapter, message, **where, traceback=trace) from None
        except CellTimeoutError:
            message = f"the cell ran past its limit of {self.timeout:g} s"
            raise ExecutionError(self.chapter, message, **place()) from None
        except DeadKernelError:
            message = "the kernel died (killed from outside, out of memory, or a crash in native code)"
            raise ExecutionError(self.chapter, message, **place()) from None
        except RuntimeError as error:  # the kernel did not start
            raise ExecutionError(self.chapter, f"the kernel failed: {error}", **place()) from error

        executed = read_notebook(copy)
        for index, cell in enumerate(executed["cells"]):
            if cell["cell_type"] != "code":
                continue
            if cell_source(cell).strip() and cell.get("execution_count") is None:
                message = "this cell and those after it never ran: an earlier one ended the notebook (exit?)"
                raise ExecutionError(self.chapter, message, **self.source.cell(index))
            text = _standard_error(executed, cell_source(cell))
            if text.startswith("UsageError"):  # some versions of IPython report a bad magic and go on
                raise ExecutionError(self.chapter, text, **self.source.cell(index))

    def _store(self, folder: Path, copy: Path, seconds: float) -> None:
        """Tidy the executed copy and write the results and figures it shows."""
        executed = read_notebook(copy)
        try:
            records = collect_records(executed, folder / "figures")
        except RecordError as error:
            raise ExecutionError(self.chapter, str(error), **self.source.cell(error.cell)) from None
        executed["metadata"].pop("papermill", None)  # paths and times of this machine
        for cell in executed["cells"]:
            cell["metadata"].pop("papermill", None)
        _write_json(copy, executed)
        results = {
            "chapter": self.chapter,
            "key": self.key,
            "parameters": self.parameters,
            "seconds": seconds,
            "versions": installed_versions(self.notebook),
            **records,
        }
        _write_json(folder / "results.json", results)

    def collect(self, cached: bool) -> Execution:
        results = json.loads((self.directory / "results.json").read_text(encoding="utf-8"))
        os.utime(self.directory)  # the most recently used are kept
        _prune(self.directory.parent, keep=self.directory)
        figures = {
            name: {language: self.directory / figure["files"][language] for language in LANGUAGES}
            for name, figure in results["figures"].items()
        }
        notebook = self.directory / self.notebook.name
        return Execution(
            self.chapter,
            self.key,
            self.directory,
            notebook,
            results,
            figures,
            self.parameters,
            results["seconds"],
            cached,
        )


class _Source:
    """Find a cell of the executed copy in the source, which lacks the cell that papermill injects."""

    def __init__(self, source: Mapping[str, Any], injected: bool) -> None:
        self.cells = source["cells"]
        self.seconds = float(source.get("metadata", {}).get("hw2", {}).get("seconds", "inf"))
        tagged = [i for i, cell in enumerate(self.cells) if "parameters" in cell_tags(cell)]
        self.injected = tagged[0] + 1 if injected and tagged else len(self.cells) + 1

    def cell(self, index: int) -> dict[str, Any]:
        index = index - 1 if index >= self.injected else index
        return {"cell": index, "source": cell_source(self.cells[index])}


def _standard_error(notebook: Mapping[str, Any], source: str) -> str:
    """Join what the cells with this source wrote to stderr, without colours."""
    outputs = (out for cell in code_cells(notebook) if cell_source(cell) == source for out in cell["outputs"])
    return _ANSI.sub("", "".join("".join(o["text"]) for o in outputs if o.get("name") == "stderr")).strip()


def _prune(shelf: Path, keep: Path) -> None:
    """Remove all but the most recently used executed copies, and what killed runs left behind a day ago."""
    with suppress(OSError):  # another process may prune the same shelf
        folders = sorted(
            (f for f in shelf.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True
        )
        left = [
            f for f in folders if f.name.startswith(".running-") and f.stat().st_mtime < time.time() - 86400
        ]
        done = [f for f in folders if not f.name.startswith(".") and f != keep]
        for folder in [*left, *done[KEPT_KEYS - 1 :]]:
            shutil.rmtree(folder, ignore_errors=True)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(
        json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        encoding="utf-8",
    )


def _papermill(path: Path, output: Path, changed: Mapping[str, Any], **options: Any) -> None:
    import papermill  # takes most of a second: not needed when nothing is stale

    papermill.execute_notebook(
        *(str(p).replace("{", "{{").replace("}", "}}") for p in (path, output)),  # papermill formats paths
        parameters=dict(changed),
        kernel_name="python3",  # the Python of this environment, whatever kernel the notebook was saved with
        language="python",
        progress_bar=False,
        **options,
    )


@functools.cache
def _engine() -> str:
    """Register papermill's engine of this module: kernels with a folder and environment, stoppable."""
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.log import logger
    from traitlets.config import Config

    quiet = Config(KernelManager={"transport_encryption": "auto"})  # else each kernel prints a warning

    class Engine(NBClientEngine):  # type: ignore[misc,unused-ignore]
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            *,
            workspace: Path,
            environment: dict[str, str],
            stop: _Stop,
            cell_started: Callable[[int], None],
            cell_done: Callable[[], None],
            execution_timeout: float | None = None,
            start_timeout: int = 60,
            **unused: Any,
        ) -> None:
            client = PapermillNotebookClient(
                nb_man,
                kernel_name=kernel_name,
                timeout=execution_timeout,
                startup_timeout=start_timeout,
                log=logger,
                config=quiet,
                on_cell_start=lambda cell, cell_index: cell_started(cell_index),
                on_cell_complete=lambda cell, cell_index: cell_done(),
            )
            with stop.watching(client):
                client.execute(cwd=str(workspace), env=environment)

    papermill_engines.register(_ENGINE, Engine)
    return _ENGINE


@contextmanager
def _event_loop() -> Iterator[None]:
    """Give the kernel client of this thread an event loop, and close it."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        loop.close()


class _Stop:
    """Kill the running kernels when the user interrupts: they are in sessions of their own."""

    def __init__(self) -> None:
        self._clients: list[Any] = []
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, client: Any) -> Iterator[None]:
        with self._lock:
            self._clients.append(client)
        try:
            yield
        finally:
            with self._lock:
                self._clients.remove(client)

    def now(self) -> None:
        with self._lock:
            for client in self._clients:
                process = getattr(getattr(client.km, "provisioner", None), "process", None)
                if process is not None:
                    process.kill()


class _Progress:
    """Show a bar of cells on a terminal, one line for each finished chapter elsewhere."""

    def __init__(self, runs: Sequence[_Run], show: bool) -> None:
        self.show, self.terminal = show, sys.stderr.isatty()
        self.waiting = [run.chapter for run in runs]
        self.chapters, self.began = len(runs), time.perf_counter()
        cells = sum(len(code_cells({"cells": run.source.cells})) for run in runs)
        self.bar = tqdm(total=cells, unit="cell", file=sys.stderr, disable=not (show and self.terminal))
        self._describe()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *unused: object) -> None:
        self.bar.close()

    def _describe(self) -> None:
        self.bar.set_description("executing " + ", ".join(self.waiting))

    def cell_done(self) -> None:
        self.bar.update()

    def chapter_done(self, chapter: str, failed: bool) -> None:
        self.waiting.remove(chapter)
        self._describe()
        if self.show and not self.terminal:
            state, seconds = "failed after" if failed else "executed in", time.perf_counter() - self.began
            done = self.chapters - len(self.waiting)
            sys.stderr.write(f"{chapter}: {state} {seconds:.1f} s ({done} of {self.chapters})\n")
            sys.stderr.flush()
