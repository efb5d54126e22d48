"""A pytest plugin that closes the gaps of nbval: use it as ``pytest -p nbval_guard --nbval-lax …``.

nbval takes a cell for good that stopped at a bad ``%magic`` or a failing ``!command``, that is tagged
``raises-exception`` and does not raise, or whose output it was asked to check but never compared; and it
notices a dead kernel only when the cell's time is up. Each of these fails here, a dead kernel within seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

# Runs in the kernel before the first cell: a failing shell command becomes an exception like any other.
# The odd name keeps `{name}` in a command from meaning this function's variable.
STRICT_SHELL = """
def _hw2_strict(shell):
    import subprocess
    from IPython.utils.text import LSString, SList
    system = shell.system
    def strict_system(_hw2_command):
        system(_hw2_command)
        status = shell.user_ns.get("_exit_code", 0)
        if status:
            raise subprocess.CalledProcessError(status, _hw2_command)
    def strict_getoutput(_hw2_command, split=True, depth=0):
        command = shell.var_expand(_hw2_command, depth=1)
        done = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True)
        return SList(done.stdout.splitlines()) if split else LSString(done.stdout)
    shell.system, shell.getoutput = strict_system, strict_getoutput
_hw2_strict(get_ipython())
del _hw2_strict
"""
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
    """Look at what nbval let pass, after it ran a cell."""
    if isinstance(item, IPyNbCell) and item.options["skip"]:
        item.raise_cell_error("The cell is marked to be skipped, so nothing of it is tested")
    result = yield
    if isinstance(item, IPyNbCell):
        _inspect(item)
    return result


def _inspect(cell: Any) -> None:
    raised = any(output.output_type == "error" for output in cell.test_outputs)
    said = "".join(output.text for output in cell.test_outputs if output.output_type == "stream")
    if not raised and (cell.parent.kernel.last_reply["status"] == "error" or _usage_error(said)):
        cell.raise_cell_error("The cell stopped at an error that IPython only printed", said)
    if cell.options["check_exception"] and not raised:
        cell.raise_cell_error("The cell is tagged raises-exception, but did not raise")
    if cell.options["check"] and cell.cell.execution_count is None:
        cell.raise_cell_error("The stored cell was never run, so nbval compared nothing with its output")


def _usage_error(text: str) -> bool:
    return any(line.startswith("UsageError:") for line in text.splitlines())


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
