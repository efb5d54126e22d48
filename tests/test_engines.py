"""Engines: the same sweep in a pool, on Dask, as an array job; workers and schedulers that are lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import distributed
import pytest
from click.testing import CliRunner, Result
from tiny_notebooks import bundle, note, write_book

from hw2utils.publishing.cli import main
from hw2utils.publishing.execution import Chapter, ExecutionError, array_jobs, engines, sweeps
from hw2utils.publishing.execution.environment import processor
from hw2utils.publishing.execution.jobs import Finished, ending
from hw2utils.publishing.execution.parameters import ParameterError

pytestmark = pytest.mark.processes

CELLS = f"""import pathlib, time
import hw2utils
from IPython.display import display
pathlib.Path('runs').open('a').write(f'{{epochs}} ')
while epochs == 400 and not pathlib.Path('go').exists():
    time.sleep(0.05)
if epochs == 500 and pathlib.Path('runs').read_text().split().count('500') < 3:
    raise OSError('not yet')
found = {bundle(note("found", all=[1.5]))!r}
found["application/vnd.hw2utils.record+json"]["values"]["all"] = [epochs * rate]
display(found, raw=True)
"""


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of one chapter that says when it runs."""
    write_book(tmp_path, CELLS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="cluster", scope="module")
def fixture_cluster() -> Iterator[distributed.LocalCluster]:
    """Start a scheduler with two workers, as somebody else would have done."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
    ) as made:
        yield made


GRID = ("sweep", "q1_first", "--grid", "rate=0.1,0.2", "-p", "epochs=1")


def test_a_pool_dask_and_an_array_job_write_the_same_table(
    book: Path, cluster: distributed.LocalCluster
) -> None:
    address = cluster.scheduler_address
    tables = []
    for name, options in (("pool", []), ("dask", ["--dask", address])):
        shown = hw2(*GRID, *options, "--workers", "2", "-o", name, "--build", f"{name}-build")
        assert shown.exit_code == 0, shown.output
        assert "runs      2 of 2 finished" in shown.output
        tables.append((book / name / "table.csv").read_bytes())
    shown = hw2(*GRID, "--sbatch", "-o", "array", "--build", "array-build")
    assert shown.exit_code == 0 and not (book / "array-build" / "executed").exists()
    script = book / "array" / "array.sh"
    assert "#SBATCH --array=1-2\n" in script.read_text(encoding="utf-8")
    before = hw2("results", "--sweep", "array", "--build", "array-build")
    assert "runs      0 of 2 finished" in before.output
    for task in (1, 2):
        done = subprocess.run(
            ["sh", script], env={**os.environ, "SLURM_ARRAY_TASK_ID": str(task)}, cwd="/", capture_output=True
        )
        assert done.returncode == 0, done.stderr
    after = hw2("results", "--sweep", "array", "--build", "array-build")
    assert "runs      2 of 2 finished" in after.output
    tables.append((book / "array" / "table.csv").read_bytes())
    assert tables[0] == tables[1] == tables[2]
    results = [json.loads(file.read_text("utf-8")) for file in book.glob("*-build/*/*/*/results.json")]
    assert [run["machine"]["processor"] for run in results] == [processor()] * 6
    assert (book / "runs").read_text(encoding="utf-8").split().count("1") == 6  # three times two rates


def test_an_array_job_of_more_lines_than_tasks_shares_them_out(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task makes each of its lines; one that fails stops none after it, and shows in the task's status."""
    python = book / "python"
    python.write_text('#!/bin/sh\necho "$*" >>told\n! echo "$*" | grep -q epochs=1$\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(array_jobs.sys, "executable", str(python))
    monkeypatch.setattr(array_jobs, "MOST_TASKS", 2)
    chapter = Chapter(book / "q1_first.ipynb")
    grid = [{"epochs": epochs} for epochs in (1, 2, 4, 5, 6)]
    script = array_jobs.write_array_job(book / "array", chapter, grid)
    assert "#SBATCH --array=1-2\n" in script.read_text(encoding="utf-8")
    for task, status, epochs in (("1", 1, [1, 4, 6]), ("2", 0, [2, 5])):
        (book / "told").unlink(missing_ok=True)
        done = subprocess.run(["sh", script], env={**os.environ, "SLURM_ARRAY_TASK_ID": task})
        assert done.returncode == status
        told = (book / "told").read_text(encoding="utf-8").splitlines()
        assert [line.rpartition("=")[2] for line in told] == [str(number) for number in epochs]


def test_another_engine_goes_on_where_one_stopped(book: Path, cluster: distributed.LocalCluster) -> None:
    assert hw2("sweep", "q1_first", "--grid", "epochs=1,2", "-o", "out").exit_code == 0
    shown = hw2(
        "sweep", "q1_first", "--grid", "epochs=1,2,4", "-o", "more", "--dask", cluster.scheduler_address
    )
    assert shown.exit_code == 0, shown.output
    assert shown.stderr.count("kept from before") == 2
    assert sorted((book / "runs").read_text(encoding="utf-8").split()) == ["1", "2", "4"]


def test_figures_and_replications_run_on_dask(book: Path, cluster: distributed.LocalCluster) -> None:
    shown = hw2("replicate", "q1_first", "--dask", cluster.scheduler_address)
    assert "q1_first" in shown.output and shown.exit_code == 1  # nothing is published to compare with
    shown = hw2("figures", "q1_first", "--dask", cluster.scheduler_address)
    assert "shows no figure" in shown.output
    assert (book / "runs").read_text(encoding="utf-8").split() == ["3"]


def test_a_worker_that_is_killed_loses_nothing(book: Path, cluster: distributed.LocalCluster) -> None:
    """Dask gives its run to another worker; the lock it held is free, what it left is removed."""
    chapter = Chapter(book / "q1_first.ipynb")
    told: list[Any] = []
    with engines.engine(2, dask=cluster.scheduler_address) as engine:
        job = chapter.job({"epochs": 400})
        future = engine.executor.submit(job)
        until(lambda: (book / "runs").is_file())
        with distributed.Client(cluster, set_as_default=False) as client:
            busy = [worker for worker, tasks in client.processing().items() if tasks]
            pids = client.run(os.getpid)
        os.kill(pids[busy[0]], signal.SIGKILL)
        until(lambda: len((book / "runs").read_text(encoding="utf-8").split()) == 2)
        (book / "go").touch()
        told.append(future.result(timeout=60))
    assert told == [Finished(job.directory, cached=False)]
    assert not list(job.directory.parent.glob(".running-*"))


def test_a_scheduler_that_is_lost_is_named_and_finished_runs_stay(book: Path) -> None:
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
    ) as doomed:
        command = [sys.executable, "-m", "hw2utils.publishing.cli", "sweep", "q1_first", "--grid"]
        command += ["epochs=1,400,2", "-o", "out", "--dask", doomed.scheduler_address]
        quickly = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}
        sweep = subprocess.Popen(
            command, env=quickly, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        until(lambda: (book / "runs").is_file() and "400" in (book / "runs").read_text(encoding="utf-8"))
    out, err = sweep.communicate(timeout=120)
    (book / "go").touch()
    assert sweep.returncode == 1
    assert "q1_first: the run was lost (" in err and "the same command makes it again" in err
    assert "runs      1 of 3 finished" in out
    assert hw2("sweep", "q1_first", "--grid", "epochs=1,400,2", "-o", "out").exit_code == 0


def test_a_run_is_done_when_its_folder_is_whole(book: Path) -> None:
    job = Chapter(book / "q1_first.ipynb").job({"epochs": 1})
    lost: Future[Finished] = Future()
    lost.set_exception(RuntimeError("the worker is gone"))
    found = ending(job, lost)
    assert isinstance(found, ExecutionError) and "the run was lost (RuntimeError" in str(found)
    job()
    assert ending(job, lost) == Finished(job.directory, cached=False)


def test_a_machine_with_another_book_refuses(book: Path) -> None:
    """It computes nothing, and says what differs."""
    job = Chapter(book / "q1_first.ipynb").job({"epochs": 1})
    made_of = {**job.made_of, "ipykernel": "1.0", "data/fashion_mnist/x": "0"}
    asked = replace(job, directory=job.directory.with_name("0" * 16), made_of=made_of)
    with pytest.raises(
        ExecutionError, match=r"ipykernel [\d.]+ instead of 1.0, data/fashion_mnist/x missing"
    ):
        asked()
    assert not (book / "runs").exists()


def test_a_run_is_bounded_and_made_anew(book: Path) -> None:
    began = time.monotonic()
    shown = hw2("sweep", "q1_first", "--grid", "epochs=400,1", "-o", "out", "--limit", "6", "--workers", "1")
    assert shown.exit_code == 1 and time.monotonic() - began < 60
    assert "q1_first, cell 3: the run took longer than its limit of 6 s" in shown.output
    assert "runs      1 of 2 finished" in shown.output
    assert "OSError: not yet" in hw2("run", "q1_first", "-p", "epochs=500", "--retry", "1").output
    shown = hw2("run", "q1_first", "-p", "epochs=500", "--retry", "2")
    assert shown.exit_code == 0, shown.output
    assert (book / "runs").read_text(encoding="utf-8").split().count("500") == 3


def test_engines_that_are_not_there_are_named(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_WAIT", 1)
    shown = hw2("sweep", "q1_first", "--grid", "epochs=1", "--dask", "tcp://127.0.0.1:9")
    assert shown.exit_code == 1 and "no scheduler answers at tcp://127.0.0.1:9" in shown.output
    assert "runs " not in shown.output
    file = book / "slurm.yml"
    for text, message in [
        ("a: [", f"{file} is not valid YAML"),
        ("- 1", "expected settings such as"),
        ("queue: normal", "expected memory, how much a job may take"),
        ("memory: 1GB\nqueu: normal", "SLURM's settings have no 'queu'; did you mean 'queue'?"),
    ]:
        file.write_text(text, encoding="utf-8")
        shown = hw2("sweep", "q1_first", "--grid", "epochs=1", "--slurm", str(file))
        assert shown.exit_code == 1 and message in shown.output, shown.output
    both = ("--dask", "local", "--slurm", str(file))
    assert "expected one of them" in hw2("sweep", "q1_first", "--grid", "epochs=1", *both).output
    monkeypatch.setitem(sys.modules, "distributed", None)
    shown = hw2("sweep", "q1_first", "--grid", "epochs=1", "--dask", "local")
    assert "pip install 'hw2utils[cluster]'" in shown.output
    for bound in ("--limit", "--timeout"):
        assert "expected a positive number" in hw2("run", "q1_first", bound, "0").output
    with pytest.raises(ParameterError, match="no sweep's folder"):
        sweeps.read_folder(book)


def until(true: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
