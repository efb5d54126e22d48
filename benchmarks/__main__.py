"""The command: ``python -m benchmarks --label run-1``; ``make bench`` calls it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks import page, results
from benchmarks.contestants import CONTESTANTS, IMAGES, Workbench
from benchmarks.measuring import measure
from hw2utils._checks import did_you_mean

NAMES = (*CONTESTANTS, "growth", "profile")


def check_label(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Refuse a label that would not be a plain file name."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise click.BadParameter(f"expected lower-case words joined by hyphens, got {value!r}; e.g. run-1")
    return value


def check_names(context: click.Context, parameter: click.Parameter, value: Sequence[str]) -> Sequence[str]:
    """Refuse a name that no contestant has."""
    for name in value:
        if name not in NAMES:
            known = ", ".join(NAMES)
            raise click.BadParameter(f"unknown name {name!r}{did_you_mean(name, NAMES)} (names: {known})")
    return value or NAMES


def usable_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Rounds.")
@click.option(
    "--only",
    "names",
    metavar="NAME",
    multiple=True,
    callback=check_names,
    help="One contestant; may be repeated.",
)
@click.option("--images", type=click.IntRange(128, IMAGES), default=IMAGES, show_default=True, help="Images.")
@click.option("--label", default="latest", show_default=True, callback=check_label, help="The run's name.")
@click.option("--threads", type=click.IntRange(1, 1024), default=None, help="Threads.  [default: all cores]")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Where the results go.  [default: benchmarks/results, and the book's page]",
)
def main(
    rounds: int, names: Sequence[str], images: int, label: str, threads: int | None, output: Path | None
) -> None:
    """Time the training of one network side by side, and write JSON, tables and figures."""
    threads = threads or usable_cores()
    try:
        (output or results.FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; choose another --output") from error
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder), images=images)
        run = measure(names, bench, label=label, rounds=rounds, threads=threads, say=click.echo)
    written = results.store(run, output or results.FOLDER)
    if output is not None:
        written += page.write([results.load(written[0])], output / "page", output / "page")
    elif results.is_complete(run):
        written += page.write(results.load_complete())
    click.echo("\n" + results.markdown(run))
    click.echo(f"{run['wall_seconds']:.0f} s; written: {', '.join(path.name for path in written)}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
