"""Run the contestants in interleaved rounds, and describe what they ran on."""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import os
import platform
import random
import re
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

import psutil
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.contestants import (
    CONTESTANTS,
    RATE,
    Contestant,
    Run,
    Workbench,
    ours,
    plain_loops,
    products_time,
)
from hw2utils.publishing.execution.environment import processor

Say = Callable[[str], None]

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # torch's profiler announces its start and stop otherwise

SCHEMA = 1
WARM_UP = 1_280
"""Images every contestant sees before it is timed for the first time."""

PACKAGES = ("torch", "torchvision", "numpy", "d2l", "lightning", "skorch", "keras", "kornia")
GROWTH: dict[str, tuple[int, ...]] = {
    "seeds": (1, 3, 10, 30),
    "images": (3_000, 6_000, 15_000, 30_000, 60_000),
    "batch": (16, 64, 256, 1_024),
    "width": (1, 2, 4, 8),
}
"""The values along each growth curve; a width multiplies the four hidden layers."""

GROWTH_IMAGES = 15_000
GROWTH_ROUNDS = 3
CURVES = {"plain": 1, "ours-1": 1, "ours-10": 10}
PROFILED = (1, 10, 30)
PROFILE_IMAGES = 12_800
KINDS: dict[str, str] = {
    r"^aten::(bmm|baddbmm_?|mm|addmm|matmul)$": "products",
    r"^aten::(index|index_select|gather)$": "gathering",
    r"softmax|nll_loss|cross_entropy|argmax": "loss",
}
"""Which operators of a profile count as what; the others are ``other operators``."""


def describe_machine() -> dict[str, Any]:
    """Say what the machine is, without names of hosts, users or folders."""
    return {
        "processor": processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def versions() -> dict[str, str | None]:
    """List Python's version and those of the libraries timed; None for one that is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def short_reason(error: BaseException) -> str:
    """Write an error as one line without any folder of this machine.

    >>> short_reason(OSError("no file /home/me/data.gz\\nsecond line"))
    'OSError: no file …'
    """
    line = next(iter(str(error).splitlines()), "")
    line = re.sub(r"[A-Za-z]:\\\S+|(?<![\w.])/[^\s:,)]+", "…", line)
    return f"{type(error).__name__}: {line}"[:300]


@contextmanager
def thread_count(threads: int) -> Any:
    """Use that many threads for torch's operators, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def clock(run: Run) -> tuple[float, float]:
    """Time a run: wall-clock seconds and this process's CPU seconds."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    own = run()
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    return (wall if own is None else own), spent


def compete(
    contestants: Sequence[Contestant], bench: Workbench, *, rounds: int, threads: int, say: Say
) -> list[dict[str, Any]]:
    """Time the contestants, all of them in every round, in another order each round.

    Returns one entry per contestant, in the order given, with its raw times. One whose package is missing,
    or that fails, is reported with the reason and is left out of later rounds.
    """
    entries = {c.name: _entry(c) for c in contestants}
    for contestant in contestants:
        entry = entries[contestant.name]
        if contestant.package and importlib.util.find_spec(contestant.package) is None:
            entry |= {"status": "missing", "reason": f"{contestant.package} is not installed; run make bench"}
            say(f"  {contestant.name}: missing, {entry['reason']}")
    small = bench.with_(images=min(WARM_UP, bench.images))
    for number in range(rounds + 1):  # round 0 warms up
        order = list(contestants)
        random.Random(number).shuffle(order)
        for contestant in order:
            entry = entries[contestant.name]
            if entry["status"] != "measured" or number > min(rounds, contestant.rounds or rounds):
                continue
            try:
                with warnings.catch_warnings(), thread_count(threads):
                    warnings.simplefilter("ignore")  # a library's advice on its own settings
                    wall, cpu = clock(contestant.prepare(bench if number else small))
            except Exception as error:
                entry |= {"status": "failed", "reason": short_reason(error)}
                say(f"  {contestant.name}: failed, {entry['reason']}")
                continue
            if number:
                entry["rounds"].append(number)
                entry["seconds"].append(wall)
                entry["cpu_seconds"].append(cpu)
        say(f"  round {number} of {rounds}" if number else "  warmed up")
    return list(entries.values())


def _entry(contestant: Contestant) -> dict[str, Any]:
    return {
        "name": contestant.name,
        "title": contestant.title,
        "group": contestant.group,
        "seeds": contestant.seeds,
        "status": "measured",
        "reason": None,
        "rounds": [],
        "seconds": [],
        "cpu_seconds": [],
    }


def grow(bench: Workbench, *, threads: int, say: Say, rounds: int = GROWTH_ROUNDS) -> list[dict[str, Any]]:
    """Time ours and the plain loop along seeds, images, batch and width.

    Returns one entry per curve and value, with its raw times; ``images`` is how many were trained on.
    """
    limit = min(GROWTH_IMAGES, bench.images)
    points: list[tuple[dict[str, Any], Callable[[], Run]]] = []
    for axis, values in GROWTH.items():
        for value in dict.fromkeys(min(v, bench.images) if axis == "images" else v for v in values):
            there = bench.with_(images=value if axis == "images" else limit)
            if axis == "batch":
                there = there.with_(batch=value)
            if axis == "width":
                inner = tuple(value * size for size in bench.sizes[1:-1])
                there = there.with_(sizes=(bench.sizes[0], *inner, bench.sizes[-1]))
            curves = {"plain": value, "ours": value} if axis == "seeds" else CURVES
            for name, seeds in curves.items():
                start = plain_loops if name == "plain" else ours
                entry = {"axis": axis, "value": value, "name": name, "seeds": seeds, "images": there.images}
                points.append(({**entry, "seconds": []}, partial(start, there, seeds=seeds)))
    with thread_count(threads):
        for number in range(rounds):
            order = list(points)
            random.Random(number).shuffle(order)
            for entry, make in order:
                entry["seconds"].append(clock(make())[0])
            say(f"  round {number + 1} of {rounds}")
    return [entry for entry, _ in points]


def explain(bench: Workbench, *, threads: int, say: Say) -> list[dict[str, Any]]:
    """Say where the time of ours goes, for some numbers of seeds.

    ``seconds`` is a run without a profiler, ``products_seconds`` the same products alone at the shape they
    are trained at, and ``operators`` the seconds of each kind of operator in a profiled run that took
    ``profiled_seconds``; what is missing between the two is Python and the profiler's own work.
    """
    there = bench.with_(images=min(PROFILE_IMAGES, bench.images))
    found = []
    for seeds in PROFILED:
        with thread_count(threads):
            clock(ours(there, seeds=seeds))
            seconds = statistics.median(clock(ours(there, seeds=seeds))[0] for _ in range(3))
            layers = enumerate(pairwise(there.sizes))
            alone = sum(
                products_time(a, b, there.batch, there.images, inner=position > 0, seeds=seeds)
                for position, (a, b) in layers
            )
            with profile(activities=[ProfilerActivity.CPU]) as recorded:
                profiled, _ = clock(ours(there, seeds=seeds))
        operators: dict[str, float] = {}
        for event in recorded.key_averages():
            if event.key.startswith("aten::"):
                kind = next(
                    (k for pattern, k in KINDS.items() if re.search(pattern, event.key)), "other operators"
                )
                operators[kind] = operators.get(kind, 0.0) + event.self_cpu_time_total / 1e6
        found.append(
            {
                "seeds": seeds,
                "images": there.images,
                "seconds": seconds,
                "products_seconds": alone,
                "profiled_seconds": profiled,
                "operators": operators,
            }
        )
        say(f"  {seeds} seeds")
    return found


def measure(
    names: Sequence[str], bench: Workbench, *, label: str, rounds: int, threads: int, say: Say
) -> dict[str, Any]:
    """Make one run: the named contestants, and ``growth`` and ``profile`` where they are named."""
    started = time.perf_counter()
    run: dict[str, Any] = {
        "schema": SCHEMA,
        "label": label,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": describe_machine(),
        "versions": versions(),
        "settings": {
            "sizes": list(bench.sizes),
            "batch": bench.batch,
            "rate": RATE,
            "epochs": 1,
            "images": bench.images,
            "rounds": rounds,
            "threads": threads,
            "warm_up_images": min(WARM_UP, bench.images),
        },
        "contestants": [],
        "growth": [],
        "profile": [],
    }
    chosen = [contestant for name, contestant in CONTESTANTS.items() if name in names]
    if chosen:
        say(f"contestants ({len(chosen)}), {rounds} rounds, {bench.images} images, {threads} threads")
        run["contestants"] = compete(chosen, bench, rounds=rounds, threads=threads, say=say)
    if "growth" in names:
        say("growth curves")
        run["growth"] = grow(bench, threads=threads, say=say)
    if "profile" in names:
        say("profile")
        run["profile"] = explain(bench, threads=threads, say=say)
    run["wall_seconds"] = round(time.perf_counter() - started, 1)
    return run
