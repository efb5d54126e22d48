"""Jobs: calls for any executor, streams that read ahead a little and stop cleanly."""

from __future__ import annotations

import asyncio
import functools
import operator
import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from tiny_notebooks import PARAMETERS, write

from hw2utils.publishing.execution import (
    Chapter,
    ExecutionError,
    ExecutionErrors,
    Finished,
    Job,
    execute_all,
    stream,
)
from hw2utils.publishing.execution.fingerprint import cache_key
from hw2utils.publishing.execution.parameters import ParameterError


def test_a_job_is_planned_without_writing_and_travels(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", parameters=PARAMETERS)
    chapter = Chapter(notebook, tmp_path / "elsewhere")
    job = chapter.job({"epochs": 9}, timeout=5)
    assert pickle.loads(pickle.dumps(job)) == job
    assert job.key == cache_key(notebook, job.parameters) and job.changed == {"epochs": 9}
    assert job.directory == tmp_path / "elsewhere/executed/a" / job.key and not job.directory.parent.exists()
    with pytest.raises(ParameterError, match=r"^a: parameter 'epochs': 0 is outside"):
        chapter.job({"epochs": 0})
    with pytest.raises(ParameterError, match="timeout"):
        chapter.job(timeout=float("nan"))


def test_errors_travel_whole() -> None:
    error = ExecutionError("a", "broke", cell=2, source="1 / 0", traceback="…")
    error.notebook = Path("a.ipynb")
    both = pickle.loads(pickle.dumps(ExecutionErrors([error, error])))
    assert vars(both.errors[1]) == vars(error) and str(both.errors[0]) == str(error)


@pytest.mark.processes
def test_jobs_run_in_other_processes(tmp_path: Path) -> None:
    chapter = Chapter(write(tmp_path / "a.ipynb", "1 / (epochs - 4)", parameters=PARAMETERS))
    jobs = [chapter.job({"epochs": epochs}) for epochs in (3, 4)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        ended = {job.parameters["epochs"]: future for job, future in stream(jobs, pool, ahead=2)}
    done = ended[3].result()
    assert done == Finished(jobs[0].directory, cached=False) and done.load().parameters["epochs"] == 3
    with pytest.raises(ExecutionError, match="ZeroDivisionError") as caught:
        ended[4].result()
    assert caught.value.cell == 2 and caught.value.notebook is not None


def test_ten_thousand_jobs_in_little_memory() -> None:
    """Calls are made as the stream is read: never more than a few are known at once."""
    made = 0

    def calls() -> Iterator[functools.partial[int]]:
        nonlocal made
        for i in range(10_000):
            made += 1
            yield functools.partial(operator.add, i, 1)

    total, behind = 0, 0
    tracemalloc.start()
    with ThreadPoolExecutor(2) as pool:
        for seen, (call, future) in enumerate(stream(calls(), pool, ahead=4), start=1):
            total += future.result()
            behind = max(behind, made - seen)
            assert future.result() == call.args[0] + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == sum(range(1, 10_001)) and behind <= 5 and peak < 2_000_000


def test_ten_thousand_plans_read_the_notebook_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = write(tmp_path / "a.ipynb", "x = 1", parameters=PARAMETERS.replace("500", "50000"))
    chapter = Chapter(notebook)
    notebook.unlink()  # whoever read it again would fail
    keys = {chapter.job({"epochs": epochs}).key for epochs in range(1, 10_001)}
    assert len(keys) == 10_000


class Endless:
    """A call that runs until it is told to stop."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()

    def __call__(self) -> bytes:
        return os.read(self.read, 1)

    def stop(self) -> None:
        os.write(self.write, b"x")


def test_an_interrupt_stops_what_runs_and_drops_what_waits() -> None:
    running, told = Endless(), []

    def calls() -> Iterator[Callable[[], object]]:
        yield running
        yield lambda: told.append("ran") or b""
        raise AssertionError("read too far")

    def read_one() -> None:
        with ThreadPoolExecutor(2) as pool, closing(stream(calls(), pool, ahead=2)) as ended:
            for call, _ in ended:
                assert call is not running
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_one()
    assert told == ["ran"]


def test_a_fault_of_our_own_is_one_runs_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(notebook: Path, *unused: object, **more: object) -> None:
        raise TypeError(f"cannot format {notebook.stem}")

    monkeypatch.setattr("hw2utils.publishing.execution.jobs.run_notebook", broken)
    with pytest.raises(ExecutionErrors) as caught:
        execute_all([write(tmp_path / "a.ipynb"), write(tmp_path / "b.ipynb")])
    assert [error.message for error in caught.value.errors] == [
        "the run broke off: TypeError: cannot format a",
        "the run broke off: TypeError: cannot format b",
    ]
    assert not list((tmp_path / "_build/executed/a").glob("[!.]*"))


@pytest.mark.parametrize("looping", [False, True], ids=["plain", "in a running event loop"])
def test_a_run_that_was_stopped_does_not_start(tmp_path: Path, looping: bool) -> None:
    job: Job = Chapter(write(tmp_path / "a.ipynb", "x = 1")).job()
    job.stop()

    async def within_a_loop() -> None:  # as in Jupyter
        job()

    with ThreadPoolExecutor(1) as thread, pytest.raises(ExecutionError, match="stopped"):
        # In a thread of its own: a browser of another test may keep this one's loop running.
        thread.submit(asyncio.run, within_a_loop()).result() if looping else thread.submit(job).result()


def test_a_job_runs_in_a_running_event_loop(tmp_path: Path) -> None:
    job: Job = Chapter(write(tmp_path / "a.ipynb", "x = 1")).job()

    async def within_a_loop() -> Finished:
        return job()

    with ThreadPoolExecutor(1) as thread:
        assert not thread.submit(asyncio.run, within_a_loop()).result().cached
