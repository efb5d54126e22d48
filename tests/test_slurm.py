"""Sweeps on a real SLURM: array jobs, workers that Dask asks for, jobs that are cancelled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import yaml
from slurm_node import Slurm, slurm_node
from test_replication import CODE as FRESH
from test_replication import PARAMETERS as SEEDS
from tiny_notebooks import bundle, claim, note, write_book

from hw2utils.publishing.execution import Chapter, execute
from hw2utils.publishing.execution.published import publish

pytestmark = [pytest.mark.cluster, pytest.mark.processes]

# A run says that it began; one with 400 epochs waits for a file, so that there is time to cancel it.
CELLS = f"""import pathlib, time
from IPython.display import display
pathlib.Path(f'runs/{{epochs}}-{{time.time_ns()}}').touch()
while epochs == 400 and not pathlib.Path('go').exists():
    time.sleep(0.05)
found = {bundle(note("found", all=[1.5]))!r}
found["application/vnd.hw2utils.record+json"]["values"]["all"] = [epochs * rate]
display(found, raw=True)
"""
HW2 = (sys.executable, "-m", "hw2utils.publishing.cli")


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    with slurm_node() as made:
        yield made


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of one chapter that says when it runs, and settings for Dask on SLURM beside it."""
    write_book(tmp_path, CELLS)
    (tmp_path / "runs").mkdir()
    settings = {"memory": "500MB", "walltime": "00:10:00", "interface": "lo", "log_directory": "logs"}
    (tmp_path / "slurm.yml").write_text(yaml.safe_dump(settings))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hw2(*arguments: object, status: int = 0) -> str:
    done = subprocess.run([*HW2, *map(str, arguments)], capture_output=True, text=True, timeout=280)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def began(book: Path, epochs: int) -> int:
    return len(list((book / "runs").glob(f"{epochs}-*")))


def submit(slurm: Slurm, folder: Path) -> str:
    return slurm("sbatch", "--parsable", "--mem=500M", "--time=10", folder / "array.sh")


def finish(slurm: Slurm) -> None:
    slurm.until(lambda: not slurm.jobs())


def test_a_pool_workers_from_slurm_and_an_array_job_write_the_same_table(book: Path, slurm: Slurm) -> None:
    sweep = ("sweep", "q1_first", "--grid", "rate=0.1,0.2", "--grid", "epochs=1,2")
    hw2(*sweep, "-o", "pool", "--build", "pool-build")
    shown = hw2(*sweep, "--slurm", "slurm.yml", "--workers", 2, "-o", "dask", "--build", "dask-build")
    assert "runs      4 of 4 finished" in shown
    finish(slurm)  # the command has cancelled the workers it asked for
    hw2(*sweep, "--sbatch", "-o", "array", "--build", "array-build")
    submit(slurm, book / "array")
    finish(slurm)
    assert "runs      4 of 4 finished" in hw2("results", "--sweep", "array", "--build", "array-build")
    tables = [(book / name / "table.csv").read_bytes() for name in ("pool", "dask", "array")]
    assert tables[0] == tables[1] == tables[2] and tables[0].count(b"\n") == 5
    assert [began(book, epochs) for epochs in (1, 2)] == [6, 6]  # each on three engines, with two rates


def test_a_cancelled_task_is_made_again_by_the_same_command(book: Path, slurm: Slurm) -> None:
    """What was finished stays; what was cancelled leaves nothing behind once it is made."""
    sweep = ("sweep", "q1_first", "--grid", "epochs=1,400", "-o", "out", "--sbatch")
    hw2(*sweep)
    job = submit(slurm, book / "out")
    shelf = Chapter(book / "q1_first.ipynb").shelf
    slurm.until(lambda: began(book, 400) and list(shelf.glob("*/manifest.json")))
    slurm("scancel", f"{job}_2")
    finish(slurm)
    assert "runs      1 of 2 finished" in hw2("results", "--sweep", "out")
    (book / "go").touch()
    hw2(*sweep)
    submit(slurm, book / "out")
    finish(slurm)
    assert "runs      2 of 2 finished" in hw2("results", "--sweep", "out")
    assert (began(book, 1), began(book, 400)) == (1, 2)
    assert not list(shelf.glob(".running-*"))


def test_a_worker_that_slurm_takes_away_loses_nothing(book: Path, slurm: Slurm) -> None:
    """Dask gives its run to the worker that is left."""
    options = ("--grid", "epochs=400,1", "-o", "out", "--slurm", "slurm.yml", "--workers", "2")
    command = [*HW2, "sweep", "q1_first", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sweep:
        slurm.until(lambda: began(book, 400) and began(book, 1) and slurm.jobs() == ["RUNNING"] * 2)
        slurm.until(lambda: len(jobs_with_kernel()) == 1)
        slurm("scancel", jobs_with_kernel().pop())
        slurm.until(lambda: began(book, 400) == 2)
        (book / "go").touch()
        out, err = sweep.communicate(timeout=180)
    assert sweep.returncode == 0 and "runs      2 of 2 finished" in out, err
    finish(slurm)
    assert not jobs_with_kernel()


def test_a_replication_runs_on_workers_from_slurm(book: Path, slurm: Slurm) -> None:
    """The published run is made here; the one on fresh seeds leaves the number of its job."""
    asks = "import os, pathlib; pathlib.Path('job').write_text(os.environ.get('SLURM_JOB_ID', ''))\n"
    code = asks + FRESH.replace("{later}", "1.05")
    notebook = write_book(book, code, claims={"C-1": claim("q1_first")}, parameters=SEEDS)
    publish(notebook, execute(notebook, progress=False))
    assert not (book / "job").read_text()
    shown = hw2("replicate", "q1_first", "--slurm", "slurm.yml", "-o", "out")
    assert "verdicts  1 of 1 as published" in shown
    assert int((book / "job").read_text()) > 0
    finish(slurm)


def jobs_with_kernel() -> set[str]:
    """Find the jobs of SLURM in which a kernel runs."""
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(part.endswith("kernel_app.py") for part in process.cmdline()):
                found.add(process.environ().get("SLURM_JOB_ID", ""))
    return found - {""}
