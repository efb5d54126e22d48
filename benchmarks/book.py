"""Time a cold build of the book and one without a change, and add both to a stored run.

``python -m benchmarks.book --label run-1`` copies the repository to a temporary folder, without anything
built, so that the book here stays as it is.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks import page, results
from benchmarks.__main__ import check_label

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("_build", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__")


def build(root: Path) -> float:
    """Build the book in a folder and give the seconds; raises ClickException when it fails."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [
        shutil.which("jupyter-book", path=tools) or "jupyter-book",
        "build",
        ".",
        "-W",
        "-n",
        "--keep-going",
    ]
    environment = {**os.environ, "PATH": tools, "PYTHONPATH": str(root)}
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-20:])
        raise click.ClickException(f"the book was not built (status {done.returncode}):\n{end}")
    return seconds


def time_book(root: Path = ROOT) -> dict[str, Any]:
    """Build a copy of the book twice: seconds of both builds, of each chapter, and the largest process."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        cold = build(copy)
        unchanged = build(copy)
        runs = {
            file.parent.parent.name: json.loads(file.read_text("utf-8"))["seconds"]
            for file in sorted((copy / "_build" / "executed").glob("*/*/results.json"))
        }
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # kB on Linux, bytes on macOS
    return {
        "cold_seconds": round(cold, 1),
        "unchanged_seconds": round(unchanged, 1),
        "chapter_seconds": {name: round(seconds, 1) for name, seconds in runs.items()},
        "largest_process_mb": round(largest / (2**10 if sys.platform != "darwin" else 2**20)),
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--label", default="latest", show_default=True, callback=check_label, help="The stored run.")
def main(label: str) -> None:
    """Time a cold build of the book and one without a change; add both to a stored run."""
    try:
        run = results.load(results.FOLDER / f"{label}.json")
    except results.ResultError as error:
        raise click.ClickException(str(error)) from error
    run["book"] = time_book()
    results.store(run, results.FOLDER)
    if results.is_complete(run):
        page.write(results.load_complete())
    for name, value in run["book"].items():
        click.echo(f"{name}: {value}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.book")
