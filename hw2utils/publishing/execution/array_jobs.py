"""Array jobs: a sweep as a script for SLURM's sbatch, which needs no connection to whoever wrote it."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hw2utils._files import written_whole
from hw2utils.publishing.execution.jobs import Chapter, Job
from hw2utils.reporting.catalogue import project_root

MOST_TASKS = 1000
"""Tasks of an array at most: what SLURM takes by default (MaxArraySize=1001); more lines are shared out."""
_SCRIPT = """#!/bin/sh
#SBATCH --job-name={name}
#SBATCH --array=1-{tasks}
#SBATCH --cpus-per-task=1
#SBATCH --output={logs}/%a.txt
# Time, memory, queue and account are given to sbatch: sbatch --time=02:00:00 --mem=4G {script}
cd {root} || exit 1
status=0
for line in $(seq "$SLURM_ARRAY_TASK_ID" {tasks} {count}); do
  eval "set -- $(sed -n "${{line}}p" {lines})"
  {python} -m hw2utils.publishing.cli run {notebook} --build {build} --threads 1 {options} "$@" || status=1
done
exit $status
"""


def write_array_job(
    folder: Path, chapter: Chapter, grid: Iterable[Mapping[str, Any]], **options: float | None
) -> Path:
    """Write a sweep's array job into a folder and return its script; its tasks put their runs on the shelf.

    A task is ``hw2 run`` with a line of ``jobs.txt``, or with several in turn, where there are more than
    :data:`MOST_TASKS`; what is finished already is not run again. ``options`` are those of ``hw2 run`` that
    take a number, such as ``timeout``.
    """
    jobs = [chapter.job(given) for given in grid]
    script, lines, logs = folder / "array.sh", folder / "jobs.txt", folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with written_whole(lines) as draft:
        draft.write_text("".join(f"{arguments(job)}\n" for job in jobs), encoding="utf-8")
    places = {
        "script": script,
        "logs": logs,
        "lines": lines,
        "root": project_root(chapter.path),
        "python": sys.executable,
        "notebook": chapter.path,
        "build": chapter.shelf.parents[1],
    }
    given = " ".join(f"--{name} {value:g}" for name, value in options.items() if value)
    with written_whole(script) as draft:
        text = _SCRIPT.format(
            name=f"hw2-{chapter.path.stem}",
            count=len(jobs),
            tasks=min(len(jobs), MOST_TASKS),
            options=given,
            **{name: shlex.quote(str(place)) for name, place in places.items()},
        )
        draft.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    return script


def arguments(job: Job) -> str:
    """Write the changed parameters of a job as the arguments of ``hw2 run``, quoted for a shell.

    >>> arguments(Job(Path("q9.ipynb"), {}, {"rate": 0.1, "widths": [1, 2], "act": "a b"}, Path()))
    "-p rate=0.1 -p widths=1,2 -p 'act=a b'"
    """
    return " ".join(f"-p {shlex.quote(f'{name}={_written(value)}')}" for name, value in job.changed.items())


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_written, value))
    return value if isinstance(value, str) else json.dumps(value)
