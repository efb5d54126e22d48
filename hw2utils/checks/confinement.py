"""Run code of others so that nothing it does ends or blocks the notebook: errors, endless loops, ``exit()``.

Where processes can be forked (Linux, macOS) the code runs in a child with one thread, a limit of time and,
on Linux, of memory; elsewhere in a thread, which a limit of time stops.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import io
import json
import math
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

SECONDS = 5.0
"""How long an answer may take in a check: seconds of a core, where they can be counted."""

_PATIENCE = 3  # times as long on the clock, where other programs want the cores too

MEMORY = 2**30
"""How many bytes an answer may ask for beyond what the notebook holds."""

_PRINTED = 2000  # characters of what the code prints that are handed on
_RESULT = 1 << 20  # bytes that a child may hand back
_REFUSED = ("can't allocate memory", "not enough memory", "DefaultCPUAllocator", "Cannot allocate memory")
_INSTALLED = {"site-packages", "dist-packages"}  # folders of libraries
_PACKAGE = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True)
class Outcome:
    """Hold how code ended: ``value``, ``error``, ``memory``, ``time`` or ``ended``, and what it left.

    ``detail`` describes an error; ``limits`` names what was limited, ``printed`` is what it wrote; ``forked``
    tells whether it ran in a process of its own.
    """

    kind: str
    value: Any = None
    detail: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    printed: str = ""
    forked: bool = True


def can_fork() -> bool:
    """Tell whether the code of others can run in a process of its own here."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "win32"


def run_confined(
    call: Callable[[], Any], *, seconds: float = SECONDS, memory: int = MEMORY, fork: bool | None = None
) -> Outcome:
    """Run ``call`` and say how it ended; what it returns must be JSON.

    >>> run_confined(lambda: 1 + 1).value
    2
    >>> run_confined(lambda: 1 / 0).detail["error"]
    'ZeroDivisionError: division by zero'
    """
    if can_fork() if fork is None else fork:
        return _in_child(call, seconds, memory)
    return _in_thread(call, seconds)


# --- a process of its own -------------------------------------------------------------------------


def _in_child(call: Callable[[], Any], seconds: float, memory: int) -> Outcome:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    held = _held_bytes()
    limits = ("time", "memory") if held is not None else ("time",)
    limit = None if held is None else held + memory
    child = context.Process(target=_child, args=(call, sender, limit, seconds))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # of forking beside threads, from Python 3.12 on
            child.start()
        sender.close()
        if not receiver.poll(_PATIENCE * seconds):
            return Outcome("time", limits=limits)
        try:
            told = json.loads(receiver.recv_bytes(_RESULT))
        except (EOFError, OSError, ValueError):
            child.join(1)
            spent = child.exitcode == -signal.SIGXCPU
            return Outcome("time" if spent else "ended", limits=limits)
        return Outcome(**{**told, "limits": limits})
    finally:
        _kill(child)
        receiver.close()


def _kill(child: Any) -> None:
    """End a child and what it has started."""
    if child.pid is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # its group is its own, once it has begun
    child.kill()
    child.join()
    child.close()


def _held_bytes() -> int | None:
    """Give the addresses that this process holds, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _child(call: Callable[[], Any], sender: Connection, limit: int | None, seconds: float) -> None:
    import resource  # only where processes fork

    os.setsid()
    faulthandler.disable()  # a crash is reported by the parent
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    torch.set_num_threads(1)  # the threads of the parent are not here
    with open(os.devnull, "r+b") as nowhere:
        for stream in (0, 1, 2):
            os.dup2(nowhere.fileno(), stream)
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
        shell.ask_exit = sys.exit  # what exit() calls in a notebook
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    outcome = _told(call)
    if limit is not None:
        highest = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (highest, highest))
    sender.send_bytes(json.dumps(outcome).encode())


def _told(call: Callable[[], Any]) -> dict[str, Any]:
    """Run a call and say how it ended, whatever it raises; what it prints is kept."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        try:
            ended: dict[str, Any] = {"kind": "value", "value": call()}
        except _Stopped:
            raise
        except BaseException as error:
            ended = _described(error)
    printed = "" if written.closed else written.getvalue()
    return {**ended, "printed": printed if len(printed) <= _PRINTED else printed[: _PRINTED - 1] + "…"}


def _described(error: BaseException) -> dict[str, Any]:
    said = ""
    with contextlib.suppress(Exception):  # an error of the student's own may fail to be written
        said = str(error)
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    if isinstance(error, MemoryError) or any(sign in text for sign in _REFUSED):
        return {"kind": "memory"}
    if isinstance(error, SystemExit):
        return {"kind": "ended"}
    return {"kind": "error", "detail": {"error": text[:300], "line": _line(error.__traceback__)}}


def _line(trace: TracebackType | None) -> str:
    """Name the last line of the student's own code that an error went through, or nothing."""
    frames = traceback.extract_tb(trace)
    begins = max(
        (i for i, frame in enumerate(frames) if frame.filename.startswith(_PACKAGE)), default=len(frames)
    )
    own = [
        frame for frame in frames[begins + 1 : begins + 2] if not _INSTALLED & {*Path(frame.filename).parts}
    ]
    return "".join(f"{frame.name}, {frame.lineno}: {(frame.line or '')[:100]}" for frame in own).rstrip(": ")


# --- a thread, where no process can be forked -----------------------------------------------------


class _Stopped(BaseException):
    """Stop a thread whose time is over."""


def _in_thread(call: Callable[[], Any], seconds: float) -> Outcome:
    ended: list[dict[str, Any]] = []

    def target() -> None:
        with contextlib.suppress(_Stopped):
            ended.append(_told(call))

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stopped)
        )
        thread.join(0.5)
        return Outcome("time", limits=("time",), forked=False)
    return Outcome(**{**ended[0], "limits": ("time",), "forked": False})
