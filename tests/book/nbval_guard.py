"""A pytest plugin that closes the gaps of nbval: use it as ``pytest -p nbval_guard --nbval-lax …``.

nbval takes a cell for good that stopped at a bad ``%magic`` or a failing ``!command``, that is tagged
``raises-exception`` and does not raise, or whose output it was asked to check but never compared; and it
notices a dead kernel only when the cell's time is up. Each of these fails here, a dead kernel within seconds.
How a cell may end is the executor's own rule (:mod:`hw2utils.publishing.execution.outputs`).
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

from hw2utils.publishing.execution.kernel_app import make_strict
from hw2utils.publishing.execution.outputs import cell_fault, is_skipped

STRICT_SHELL = f"{inspect.getsource(make_strict)}\nmake_strict(get_ipython())\ndel make_strict"
"""Runs in the kernel before the first cell, as in the build: a failing shell command raises."""
POLL = 1.0
"""Seconds between two looks at whether the kernel is alive."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Make the kernel of a notebook strict once, as soon as it runs."""
    result = yield
    if isinstance(item, IPyNbCell) and not hasattr(item.parent.kernel, "last_reply"):
        kernel = item.parent.kernel
        _watch(kernel)
        message = kernel.execute_cell_input(STRICT_SHELL, allow_stdin=False)
        kernel.await_reply(message, timeout=60)
        if kernel.last_reply["status"] != "ok":
            raise RuntimeError(f"the kernel could not be made strict: {kernel.last_reply}")
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Look at what nbval let pass, after it ran a cell; leave out what the build leaves out."""
    if isinstance(item, IPyNbCell):
        if item.options["skip"]:
            item.raise_cell_error("The cell is marked to be skipped, so nothing of it is tested")
        if item.cell.source.strip() and is_skipped(item.cell):
            item.cell.source = "pass"
    result = yield
    if isinstance(item, IPyNbCell):
        _inspect(item)
    return result


def _inspect(cell: Any) -> None:
    raised = any(output.output_type == "error" for output in cell.test_outputs)
    said = "".join(output.text for output in cell.test_outputs if output.output_type == "stream")
    failed = cell.parent.kernel.last_reply["status"] == "error"
    tags = cell.cell.metadata.get("tags", [])
    if fault := cell_fault(tags, raised=raised, failed=failed, said=said):
        cell.raise_cell_error(fault)
    if cell.options["check"] and cell.cell.execution_count is None:
        cell.raise_cell_error("The stored cell was never run, so nbval compared nothing with its output")


def _watch(kernel: Any) -> None:
    """Wait for replies in short steps, keep the last one, and notice when the kernel is dead."""
    kernel.last_reply = {"status": "ok"}

    def await_reply(message: str, timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while True:
            try:
                reply = kernel.get_message(stream="shell", timeout=POLL)
            except Empty:
                if not kernel.is_alive():
                    raise RuntimeError(
                        "The kernel died while this cell ran (killed, or out of memory)"
                    ) from None
                if time.monotonic() > end:
                    raise
            else:
                if reply["parent_header"].get("msg_id") == message:
                    kernel.last_reply = reply["content"]
                    return

    kernel.await_reply = await_reply
