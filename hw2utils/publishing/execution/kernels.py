"""Run one notebook in a kernel, with papermill, and say which cell failed and why."""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hw2utils.publishing.execution.environment import kernel_environment
from hw2utils.publishing.execution.errors import ExecutionError
from hw2utils.publishing.execution.outputs import (
    ANSI,
    RAISES,
    cell_fault,
    has_raised,
    is_skipped,
    written,
)
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook

READING_SECONDS = 600
"""How long the outputs of one cell may take to arrive after it has ended."""

_ENGINE = "hw2utils"

_UNHEARD = logging.getLogger(f"{__name__}.client")  # what the client logs it also raises
_UNHEARD.addHandler(logging.NullHandler())
_UNHEARD.propagate = False


class Stopped(RuntimeError):
    """Say that a run was given up because the user interrupted."""


class RunningKernels:
    """Keep the kernels of this process by name, to kill them when the user interrupts.

    They are in sessions of their own, so that the interrupt itself does not reach them.
    """

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, name: str) -> None:
        """Forget that a run of this name was stopped before."""
        with self._lock:
            self._stopped.discard(name)

    def is_stopped(self, name: str) -> bool:
        """Tell whether the run of this name is to end."""
        with self._lock:
            return name in self._stopped

    @contextmanager
    def watching(self, name: str, client: Any) -> Iterator[None]:
        """Know a kernel's client while it runs."""
        with self._lock:
            self._clients[name] = client
        try:
            yield
        finally:
            with self._lock:
                self._clients.pop(name, None)

    def stop(self, name: str) -> None:
        """Kill the kernel of this name, now or as soon as it starts."""
        with self._lock:
            self._stopped.add(name)
            client = self._clients.get(name)
            process = getattr(getattr(getattr(client, "km", None), "provisioner", None), "process", None)
            if process is not None:
                process.kill()


RUNNING = RunningKernels()


class SourceCells:
    """Find a cell of the executed copy in the source, which lacks the cell that papermill injects."""

    def __init__(self, source: Mapping[str, Any], injected: bool) -> None:
        self.cells = source["cells"]
        tagged = [i for i, cell in enumerate(self.cells) if "parameters" in cell_tags(cell)]
        self.injected = tagged[0] + 1 if injected and tagged else len(self.cells) + 1

    def place(self, index: int) -> dict[str, Any]:
        """Give number and code of a cell of the executed copy, as :class:`ExecutionError` takes them."""
        index = index - 1 if index >= self.injected else index
        return {"cell": index, "source": cell_source(self.cells[index])}


class _Ended(Exception):
    """A cell ended the notebook: exit, quit, sys.exit."""


def run_notebook(
    notebook: Path,
    copy: Path,
    changed: Mapping[str, Any],
    *,
    name: str,
    threads: int,
    settings: Path,
    timeout: float | None = None,
    cell_done: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Execute a notebook with ``changed`` parameters into ``copy`` and return the executed notebook.

    ``name`` is what :data:`RUNNING` knows it by; ``threads`` and ``settings`` are those of
    :func:`~hw2utils.publishing.execution.environment.kernel_environment`; ``timeout`` bounds each cell, in
    seconds.

    Raises :class:`ExecutionError` naming the cell; ``copy`` then shows what ran.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    chapter = notebook.stem
    source = SourceCells(read_notebook(notebook), injected=bool(changed))
    run = _Run(name, timeout, cell_done)
    tolerated: dict[int, list[Any]] = {}

    def failure(message: str, **more: Any) -> ExecutionError:
        where = source.place(run.cell) if run.cell is not None else {}
        return ExecutionError(chapter, message, **{**where, **more})

    try:
        with _event_loop():
            execute_with_papermill(
                notebook,
                copy,
                changed,
                engine_name=_engine(),
                run=run,
                workspace=notebook.parent,
                environment=kernel_environment(threads, settings),
                tolerated=tolerated,
            )
    except PapermillExecutionError as error:
        where = source.place(error.cell_index)
        message = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
        if not error.traceback:  # IPython gave its reason, such as an unknown magic, as text
            message = _said_by(read_notebook(copy), where["source"]) or message
        trace = ANSI.sub("", "\n".join(error.traceback))
        raise failure(message, **where, traceback=trace) from None
    except CellTimeoutError as error:
        if "IOPub" not in str(error):
            raise failure(f"the cell ran past its limit of {timeout:g} s") from None
        message = (
            f"its outputs could not be read within {READING_SECONDS} s after the cell had ended; write less"
        )
        raise failure(message) from None
    except _Ended as error:
        raise failure(
            f"the cell ended the notebook ({error}): those after it did not run; leave that out"
        ) from None
    except (DeadKernelError, Stopped):
        if RUNNING.is_stopped(name):
            raise failure("stopped") from None
        message = "the kernel died (killed from outside, out of memory, or a crash in native code)"
        raise failure(message) from None
    except RuntimeError as error:  # the kernel did not start
        (settings / "room").write_bytes(bytes(1 << 16))  # a full disk is told as such
        raise failure(f"the kernel failed: {error}") from error

    executed = read_notebook(copy)
    for index, outputs in tolerated.items():
        executed["cells"][index]["outputs"] = outputs
    for index, cell in enumerate(executed["cells"]):
        if cell["cell_type"] != "code" or is_skipped(cell):
            continue
        if cell.get("execution_count") is None:
            raise ExecutionError(chapter, "this cell never ran", **source.place(index))
        if fault := cell_fault(cell_tags(cell), raised=has_raised(cell), said=written(cell)):
            raise ExecutionError(chapter, fault, **source.place(index))
    return executed


def _said_by(notebook: Mapping[str, Any], source: str) -> str:
    """Join what the cells with this source wrote to stderr."""
    cells = (c for c in notebook["cells"] if c["cell_type"] == "code" and cell_source(c) == source)
    return "".join(written(cell, "stderr") for cell in cells).strip()


class _Run:
    """Follow a run: the cell it is at, as an index of the executed copy."""

    def __init__(self, name: str, timeout: float | None, cell_done: Callable[[], None]) -> None:
        self.name, self.timeout, self.cell_done = name, timeout, cell_done
        self.cell: int | None = None

    def started(self, cell: Any, cell_index: int) -> None:
        if RUNNING.is_stopped(self.name):  # before the kernel was there to be killed
            raise Stopped
        self.cell = cell_index

    def executed(self, cell: Any, cell_index: int, execute_reply: Mapping[str, Any]) -> None:
        """Stop at a cell that ends the notebook: later cells may or may not run before the kernel is gone."""
        content = execute_reply["content"]
        if RAISES not in cell_tags(cell) and content.get("ename") == "SystemExit":
            raise _Ended("SystemExit")
        if any(load.get("source") == "ask_exit" for load in content.get("payload", ())):
            raise _Ended("exit or quit")
        self.cell_done()


def execute_with_papermill(path: Path, output: Path, changed: Mapping[str, Any], **options: Any) -> None:
    """Let papermill set parameters and execute ``path`` into ``output``, unless told ``prepare_only``."""
    import papermill  # takes most of a second: not needed when nothing is stale

    papermill.execute_notebook(
        *(str(p).replace("{", "{{").replace("}", "}}") for p in (path, output)),  # papermill formats paths
        parameters=dict(changed),
        kernel_name="python3",
        language="python",
        progress_bar=False,
        **options,
    )


@functools.cache
def _engine() -> str:
    """Register papermill's engine of this module: kernels of this Python with a folder and environment."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from traitlets import default
    from traitlets.config import Config

    quiet = Config(KernelManager={"transport_encryption": "auto"})  # else each kernel prints a warning
    app = Path(__file__).with_name("kernel_app.py")
    # This Python, whatever kernelspecs are installed.
    spec = {**get_kernel_dict(), "argv": [sys.executable, os.fspath(app), "-f", "{connection_file}"]}

    class Manager(AsyncKernelManager):  # type: ignore[misc,unused-ignore]
        @property
        def kernel_spec(self) -> Any:
            return KernelSpec(**spec)

        @default("context")
        def _context_default(self) -> Any:
            context = super()._context_default()
            context.rcvhwm = 0  # by default outputs are dropped when a thousand are unread
            return context

    class Engine(NBClientEngine):  # type: ignore[misc,unused-ignore]
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            *,
            run: _Run,
            workspace: Path,
            environment: dict[str, str],
            tolerated: dict[int, list[Any]],
            start_timeout: int = 60,
            **unused: Any,
        ) -> None:
            client = PapermillNotebookClient(
                nb_man,
                kernel_name=kernel_name,
                kernel_manager_class=Manager,
                timeout=run.timeout,
                startup_timeout=start_timeout,
                iopub_timeout=READING_SECONDS,
                log=_UNHEARD,
                config=quiet,
                on_cell_start=run.started,
                on_cell_executed=run.executed,
            )

            with RUNNING.watching(run.name, client):
                client.execute(cwd=str(workspace), env=environment)
            for index, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type == "code" and RAISES in cell_tags(cell) and has_raised(cell):
                    tolerated[index], cell.outputs = list(cell.outputs), []  # else papermill reports them

    papermill_engines.register(_ENGINE, Engine)
    return _ENGINE


@contextmanager
def _event_loop() -> Iterator[None]:
    """Give the kernel client of this thread an event loop, and close it, unless the caller's runs already."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        if not loop.is_running():
            loop.close()
