"""What many runs cost beside the computing itself: ``python -m benchmarks.scale --label run-1``.

- ``bookkeeping``: sweeps whose runs are all on the shelf, so that no kernel starts: seconds and memory;
- ``overhead``: the same small notebooks by ``hw2 sweep`` on each engine, papermill and nbconvert, in rounds;
- ``many``: one sweep of small runs, its first and its last tenth apart;
- ``startup``: where the seconds of an empty kernel go, and what a forked one would take;
- ``nodes``: the whole book on fresh seeds on 1, 10 and 100 nodes, computed from the chapters' metadata.
"""

from __future__ import annotations

import heapq
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import nbformat.v4 as nbformat
from tqdm import tqdm

from benchmarks.__main__ import check_label
from benchmarks.measuring import describe_machine
from hw2utils._files import written_whole
from hw2utils.publishing.execution import Chapter, shelf
from hw2utils.publishing.sources import durations
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import chapters
from hw2utils.reporting.schema import RECORD_MIME, SCHEMA

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "results" / "scale"
COUNTS = (1, 100, 1_000, 10_000)
"""Runs of the sweeps that start no kernel; the first tells what a command costs that does nothing."""
NODES = (1, 10, 100)
BLOCKS = (1, 10, 100)
"""How many blocks of fresh seeds the book is measured on; each is a run of every chapter."""
CORES = 2
"""Cores of a node; a chapter's metadata say how long it takes on one of two."""

# A command that says the most memory it held, in MB; the largest of a child would count its parent's too.
_COMMAND = """import re, sys
from pathlib import Path
from hw2utils.publishing.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
finally:
    held = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())
    print("peak", int(held.group(1)) / 1024)
"""
# papermill as its own documentation loops over it: one process, a kernel for each notebook.
_PAPERMILL = """import sys
import papermill
for number in range(int(sys.argv[1])):
    out = f"papermill-{number}.ipynb"
    papermill.execute_notebook("q1_first.ipynb", out, {"first": number}, progress_bar=False)
"""
# The stages of a kernel's start; the rest up to an answer is the kernel's own.
_STAGES = """import time
python = time.process_time()
import ipykernel.kernelapp
kernel = time.process_time()
import torch
print(python, kernel - python, time.process_time() - kernel)
"""
# What a server that has imported them would do for each run: fork, and compute something in the child.
_FORK = """import os, time
import ipykernel.kernelapp, torch
times = []
for _ in range(5):
    begin = time.process_time()
    child = os.fork()
    if not child:
        torch.ones(2).sum()
        os._exit(0)
    used = os.wait4(child, 0)[2]
    times.append(time.process_time() - begin + used.ru_utime + used.ru_stime)
print(min(times))
"""


def write_book(folder: Path, *, imports: str = "") -> Path:
    """Write a book of one chapter with the parameter ``first``, which shows one number, and return it."""
    values = {"kind": "note", "name": "found", "values": {"all": [0]}, "units": {}}
    shown = {"text/plain": "x", RECORD_MIME: {"schema": SCHEMA, **values}}
    parameters = nbformat.new_code_cell(
        "first: int = 0  # [0, inf) the first seed", metadata={"tags": ["parameters"]}
    )
    cell = nbformat.new_code_cell(
        f"{imports}\nfrom IPython.display import display\nfound = {shown!r}\n"
        f"found[{RECORD_MIME!r}]['values']['all'] = [first]\ndisplay(found, raw=True)"
    )
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.new_notebook(cells=[parameters, cell], metadata=kernel)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: q1_first\n", "utf-8")
    path = folder / "q1_first.ipynb"
    path.write_text(nbformat.writes(notebook), "utf-8")
    return path


def shelve(chapter: Chapter, count: int) -> None:
    """Put finished runs with the first seeds from 0 on the shelf, as if they had been made."""
    source = read_notebook(chapter.path)
    results: dict[str, Any] = {
        "chapter": chapter.path.stem,
        "seconds": 1.0,
        "versions": {},
        "verdicts": {},
        "units": {},
    }
    results["figures"] = {}
    for first in tqdm(range(count), desc="shelving", unit="run", disable=None):
        job = chapter.job({"first": first})
        if job.directory.exists():
            continue
        made = job.directory.with_name(f".running-{job.key}")
        made.mkdir(parents=True)
        shelf.write_json(made / chapter.path.name, source)
        told = {"key": job.key, "parameters": job.parameters, "values": {"found": {"all": [first]}}}
        shelf.write_json(made / "results.json", {**results, **told})
        shelf.put(made, job.directory)


@dataclass(frozen=True)
class Done:
    """Hold what a command took, with all that it started, in seconds of the clock and of cores, and said."""

    seconds: float
    cpu_seconds: float
    out: str
    err: str


def timed(command: Sequence[object], folder: Path) -> Done:
    """Time a command in a folder.

    Raises ClickException where it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    began, before = time.perf_counter(), cpu_of_children()
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise click.ClickException(f"status {done.returncode} from {command[:4]}:\n{done.stderr[-2000:]}")
    return Done(seconds, cpu_of_children() - before, done.stdout, done.stderr)


def cpu_of_children() -> float:
    """Give the CPU seconds of all commands that have ended; what others do meanwhile is no part of it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hw2(folder: Path, *arguments: object) -> dict[str, Any]:
    """Run a sweep of the folder's chapter: seconds, MB it held at most, and the lines of its progress."""
    done = timed([sys.executable, "-c", _COMMAND, "sweep", "q1_first", *arguments], folder)
    held = re.search(r"^peak (.*)$", done.out, re.M)
    finished = re.search(r"runs +(\d+) of (\d+) finished", done.out)
    assert held and finished, done.out
    return {
        "seconds": round(done.seconds, 2),
        "cpu_seconds": round(done.cpu_seconds, 2),
        "peak_mb": round(float(held.group(1)), 1),
        "finished": int(finished.group(1)),
        "told": done.err.count("q1_first: "),
    }


def bookkeeping(folder: Path, counts: Sequence[int] = COUNTS) -> list[dict[str, Any]]:
    """Time sweeps that start no kernel; the fingerprint is a real one, with all that training reaches."""
    chapter = Chapter(write_book(folder, imports="import hw2utils.training"))
    shelve(chapter, max(counts))
    found = []
    for count in counts:
        made = hw2(folder, "--grid", f"first=0:{count}", "-o", f"out-{count}")
        extra = made["cpu_seconds"] - found[0]["cpu_seconds"] if found else 0.0
        rate = round(1000 * extra / (count - 1), 3) if found else None
        found.append({"runs": count, **made, "cpu_ms_a_run": rate})
        click.echo(f"  {found[-1]}")
    return found


def overhead(folder: Path, runs: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Time the same notebooks in every way, all in each round: seconds and CPU seconds a run, start included.

    Pools and Dask clusters have as many workers as their name says; the other ways take one at a time.
    """
    path = write_book(folder)

    def sweep(*options: object) -> Callable[[int], Done]:
        def run(number: int) -> Done:
            name = "-".join(map(str, [*options, number]))
            grid = ("--grid", f"first=0:{runs}", "-o", f"out-{name}", "--build", f"build-{name}")
            made = hw2(folder, *grid, *options)
            return Done(made["seconds"], made["cpu_seconds"], "", "")

        return run

    def bare(number: int) -> Done:
        return timed([sys.executable, "-c", _PAPERMILL, runs], folder)

    def nbconvert(number: int) -> Done:
        names = [f"copy-{n}.ipynb" for n in range(runs)]
        for name in names:
            (folder / name).write_bytes(path.read_bytes())
        command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", *names]
        return timed(command, folder)

    ways: dict[str, Callable[[int], Done]] = {
        "papermill": bare,
        "nbconvert --execute": nbconvert,
        "pool, 1": sweep("--workers", 1),
        "pool, 2": sweep("--workers", 2),
        "pool, 4": sweep("--workers", 4),
        "Dask, 2": sweep("--workers", 2, "--dask", "local"),
        "Dask, 4": sweep("--workers", 4, "--dask", "local"),
    }
    found: dict[str, dict[str, list[float]]] = {name: {"seconds": [], "cpu_seconds": []} for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            done = way(number)
            found[name]["seconds"].append(round(done.seconds / runs, 3))
            found[name]["cpu_seconds"].append(round(done.cpu_seconds / runs, 3))
            click.echo(f"  round {number + 1}, {name}: {found[name]}")
    return found


def many(folder: Path, runs: int) -> dict[str, Any]:
    """Time one sweep of small runs; the times of its folders tell its first tenth and its last apart."""
    chapter = Chapter(write_book(folder))
    made = hw2(folder, "--grid", f"first=0:{runs}", "-o", "out")
    ends = sorted(file.stat().st_mtime for file in chapter.shelf.glob(f"*/{shelf.MANIFEST}"))
    tenth = max(1, runs // 10)
    return {
        "runs": runs,
        **made,
        "first_tenth_a_run": (ends[tenth] - ends[0]) / tenth,
        "last_tenth_a_run": (ends[-1] - ends[-1 - tenth]) / tenth,
    }


def startup(folder: Path, rounds: int) -> dict[str, float]:
    """Give the lowest CPU seconds of the stages of a run with an empty notebook, with and without torch.

    A run's are those of a command that makes it less those of the same command when it is there.
    """
    stages: dict[str, list[float]] = {}
    for number in range(rounds):
        parts = map(float, timed([sys.executable, "-c", _STAGES], folder).out.split())
        found = dict(zip(("python", "ipykernel", "torch"), parts, strict=True))
        found["fork"] = float(timed([sys.executable, "-c", _FORK], folder).out)
        for name, imports in (("run", ""), ("run with torch", "import torch")):
            place = folder / f"{name}-{number}"
            place.mkdir()
            write_book(place, imports=imports)
            made, kept = (hw2(place, "--grid", "first=1", "-o", "out")["cpu_seconds"] for _ in range(2))
            found[name] = made - kept
        for name, seconds in found.items():
            stages.setdefault(name, []).append(seconds)
    return {name: round(min(times), 3) for name, times in stages.items()}


def last_end(seconds: Sequence[float], slots: int) -> float:
    """Give the seconds until all jobs are done when each goes to the slot that is free first, longest first.

    >>> last_end([3.0, 3.0, 2.0, 2.0, 2.0], 2), last_end([3.0, 1.0], 9)
    (7.0, 3.0)
    """
    free = [0.0] * slots
    for job in sorted(seconds, reverse=True):
        heapq.heappush(free, heapq.heappop(free) + job)
    return max(free)


def nodes(book: Path = ROOT) -> Iterator[dict[str, Any]]:
    """Compute time and cost of the book on fresh seeds for each number of nodes and of blocks of seeds.

    ``busy`` is the share of the reserved cores' time in which they compute; ``speedup`` is over one node. No
    more nodes than ``enough`` shorten it: from there on the longest chapter decides.
    """
    one = [durations.seconds(read_notebook(path)) or 0.0 for path in chapters(book)]
    for blocks in BLOCKS:
        jobs = one * blocks
        alone = last_end(jobs, CORES)
        enough = next(n for n in range(1, len(jobs) + 1) if last_end(jobs, n * CORES) == max(jobs))
        for count in NODES:
            wall = last_end(jobs, count * CORES)
            yield {
                "blocks": blocks,
                "nodes": count,
                "jobs": len(jobs),
                "minutes": round(wall / 60, 1),
                "core_hours": round(sum(jobs) / 3600, 2),
                "reserved_core_hours": round(wall * count * CORES / 3600, 2),
                "busy": round(sum(jobs) / (wall * count * CORES), 3),
                "speedup": round(alone / wall, 1),
                "enough": enough,
            }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Write rows with the same columns as a table in Markdown.

    >>> print(table([{"nodes": 1, "busy": 0.5}]))
    | nodes | busy |
    | --- | --- |
    | 1 | 0.5 |
    """
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def markdown(stored: dict[str, Any]) -> str:
    """Write a stored run as tables; times of a comparison as multiples of papermill's in the same round."""
    parts = []
    for name in filter(stored.__contains__, PARTS):
        found, machine = stored[name]["found"], stored[name]["machine"]
        load = " to ".join(map(str, stored[name]["load"]))
        asked = "".join(
            f"{kind} {stored[name][kind]}, " for kind in ("runs", "rounds") if kind in stored[name]
        )
        said = (
            f"{asked}{stored[name]['date']}, {machine['cores']} cores ({machine['processor']}), load {load}"
        )
        if name == "overhead":
            found = [{"way": way, **_compared(times, found["papermill"])} for way, times in found.items()]
        parts.append(f"## {name}\n\n{said}\n\n{table(found if isinstance(found, list) else [found])}\n")
    return "\n".join(parts)


def _compared(times: dict[str, list[float]], bare: dict[str, list[float]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for kind, own in times.items():
        ratios = [one / other for one, other in zip(own, bare[kind], strict=True)]
        told[f"{kind} a run"] = " ".join(f"{one:.2f}" for one in own)
        told[f"{kind} / papermill's"] = " ".join(f"{ratio:.2f}" for ratio in ratios)
    return told


PARTS = ("bookkeeping", "overhead", "many", "startup", "nodes")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--label", default="latest", show_default=True, callback=check_label, help="The run's name.")
@click.option("--only", "parts", multiple=True, type=click.Choice(PARTS), help="One part; may be repeated.")
@click.option("--runs", type=click.IntRange(10), default=500, show_default=True, help="Runs of `many`.")
@click.option(
    "--compared", type=click.IntRange(1), default=10, show_default=True, help="Runs of each way in a round."
)
@click.option(
    "--rounds", type=click.IntRange(1), default=3, show_default=True, help="Rounds of a comparison."
)
def main(label: str, parts: Sequence[str], runs: int, compared: int, rounds: int) -> None:
    """Measure what many runs cost; parts that are not asked for stay in the file as they were."""
    file = FOLDER / f"{label}.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    stored = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    measure: dict[str, Callable[[Path], Any]] = {
        "bookkeeping": bookkeeping,
        "overhead": lambda folder: overhead(folder, compared, rounds),
        "many": lambda folder: many(folder, runs),
        "startup": lambda folder: startup(folder, rounds),
        "nodes": lambda folder: list(nodes()),
    }
    for part in parts or PARTS:
        click.echo(part)
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            found = measure[part](Path(folder))
        asked = {"overhead": {"runs": compared, "rounds": rounds}, "startup": {"rounds": rounds}}
        stored[part] = {
            "machine": describe_machine(),
            "date": datetime.now(UTC).date().isoformat(),
            "load": [round(load, 1), round(os.getloadavg()[0], 1)],
            **asked.get(part, {}),
            "found": found,
        }
        with written_whole(file) as draft:
            shelf.write_json(draft, stored)
        with written_whole(file.with_suffix(".md")) as draft:
            draft.write_text(markdown(stored), "utf-8")
        click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.scale")
