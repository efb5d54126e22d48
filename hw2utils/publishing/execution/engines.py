"""Engines: where jobs run, behind the interface of :mod:`concurrent.futures`.

By default in a pool on this machine; else on a Dask cluster that is there, or that Dask asks SLURM for. What
an engine does itself (finding a worker, giving a lost one's job to another) is left to it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hw2utils.publishing.execution.environment as environment
from hw2utils._checks import did_you_mean
from hw2utils.publishing.execution.jobs import stop
from hw2utils.reporting.catalogue import read_yaml

LOCAL = "local"
"""The address that stands for a Dask cluster of this machine, started for the command."""
_WAIT = 20  # seconds for a scheduler to answer and for a first worker to come


class EngineError(ValueError):
    """Report an engine that is not there, with how to mend it."""


@dataclass(frozen=True)
class Engine:
    """Hold an executor, how many jobs it makes at a time, and the threads of each.

    ``here`` tells whether jobs run in this process, so that it hears of each cell. ``stop`` ends those that
    run.
    """

    executor: Executor
    workers: int
    threads: int
    here: bool
    stop: Callable[[Iterable[Any]], None] = stop


@contextmanager
def engine(jobs: int, *, dask: str | None = None, slurm: Path | None = None) -> Iterator[Engine]:
    """Give the engine for a number of jobs at a time: a pool of this machine, or a Dask cluster.

    ``dask`` is the address of a scheduler, such as ``tcp://node1:8786``, or :data:`LOCAL` for a cluster of
    ``jobs`` processes here. ``slurm`` is a YAML file with the arguments of ``dask_jobqueue.SLURMCluster``,
    which is asked for ``jobs`` workers. On a cluster a job takes one thread, and as many run at a time as its
    workers have threads.

    Raises EngineError where Dask is not installed, nobody answers, or SLURM's settings cannot be used.
    """
    if dask is None and slurm is None:
        with ThreadPoolExecutor(jobs) as pool:
            yield Engine(pool, jobs, max(1, environment.cores() // jobs), here=True)
        return
    if dask is not None and slurm is not None:
        raise EngineError("--dask and --slurm: expected one of them, got both")
    with _cluster(jobs, dask, slurm) as cluster, _client(cluster) as client:

        def stop_there(calls: Iterable[Any]) -> None:
            with suppress(Exception):  # a scheduler or workers that were lost have stopped
                client.run(stop, list(calls))

        slots = sum(client.nthreads().values())
        executor = client.get_executor(pure=False)
        yield Engine(executor, max(1, slots), threads=1, here=False, stop=stop_there)


@contextmanager
def _cluster(jobs: int, dask: str | None, slurm: Path | None) -> Iterator[Any]:
    """Give what a client connects to: an address, or a cluster that lasts as long as the command."""
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise EngineError(
            f"--dask and --slurm need {error.name}, which is not installed: pip install 'hw2utils[cluster]'"
        ) from None
    if slurm is not None:
        with _slurm_cluster(jobs, slurm) as cluster:
            yield cluster
    elif dask == LOCAL:
        with distributed.LocalCluster(
            n_workers=jobs, threads_per_worker=1, dashboard_address=":0", silence_logs="ERROR"
        ) as cluster:
            yield cluster
    else:
        yield dask


@contextmanager
def _slurm_cluster(jobs: int, file: Path) -> Iterator[Any]:
    from dask_jobqueue import SLURMCluster

    with SLURMCluster(**slurm_settings(file)) as cluster:
        cluster.scale(jobs=jobs)
        yield cluster


def slurm_settings(file: Path) -> dict[str, Any]:
    """Read the settings of a cluster on SLURM: YAML with arguments of ``dask_jobqueue.SLURMCluster``.

    Where they do not say otherwise a worker has one process and one core.

    Raises EngineError for what is no such file, NotebookError for no YAML.
    """
    from dask_jobqueue.slurm import SLURMCluster, SLURMJob

    content = read_yaml(file)
    if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
        raise EngineError(
            f"{file}: expected settings such as 'queue: normal', 'memory: 4GB', 'walltime: \"02:00:00\"', "
            f"got {type(content).__name__}"
        )
    kinds = (*SLURMCluster.__mro__, *SLURMJob.__mro__)
    known = {name for kind in kinds[:-1] for name in inspect.signature(kind).parameters}
    if unknown := [name for name in content if name not in known]:
        near = did_you_mean(unknown[0], sorted(known))
        raise EngineError(f"{file}: SLURM's settings have no {unknown[0]!r}{near}")
    if "memory" not in content:
        raise EngineError(f"{file}: expected memory, how much a job may take, such as 'memory: 4GB'")
    return {"cores": 1, "processes": 1, **content}


@contextmanager
def _client(cluster: Any) -> Iterator[Any]:
    import distributed

    name = cluster if isinstance(cluster, str) else "the cluster"
    try:
        client = distributed.Client(cluster, timeout=_WAIT, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise EngineError(
            f"--dask: no scheduler answers at {name} ({error or 'time is up'}); start it with: dask scheduler"
        ) from None
    with client:
        waits = _WAIT if isinstance(cluster, str) else None  # a queue may be long
        try:
            client.wait_for_workers(1, timeout=waits)
        except TimeoutError:
            raise EngineError(
                f"--dask: {name} has no worker; start one with: dask worker {name} --nthreads 1"
            ) from None
        yield client
