"""Faults, tried for real: what is killed, cut, filled, altered or edited, what is said of it, what is lost.

Marked ``faults`` are those that take longer or need root (``make faults``); the rest runs with ``make test``.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import distributed
import pytest
from click.testing import CliRunner, Result
from tiny_notebooks import bundle, figure, note, write, write_book

from hw2utils.publishing.cli import main
from hw2utils.publishing.execution import Chapter, ExecutionError, shelf, sweeps
from hw2utils.publishing.execution.jobs import Finished, ending

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[1]
slow = pytest.mark.faults
as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="needs root on Linux: mounts, memory limits, networks",
)

# Each run notes its process; from 400 epochs on it waits until it is let go.
WAITS = """import os, pathlib, time
from IPython.display import display
with open(f'pid{epochs}', 'a') as pids:
    print(os.getpid(), file=pids)
while epochs >= 400 and not pathlib.Path('go').exists():
    time.sleep(0.05)
"""
TELLS = f"""found = {bundle(note("found", all=[1.5]))!r}
found["application/vnd.hw2utils.record+json"]["values"]["all"] = [epochs * rate]
display(found, raw=True)
"""
SWEEP = ("sweep", "q1_first", "-o", "out", "--grid")


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@contextmanager
def started(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a session of its own and end what is left of it."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)  # its children too, which would hold its output
                process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def command(*arguments: str, **environment: str) -> Any:
    """Start ``hw2`` as a program of its own."""
    return started(sys.executable, "-m", "hw2utils.publishing.cli", *arguments, **environment)


@contextmanager
def worker(
    address: str, *options: str, before: tuple[str, ...] = (), **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """Start a Dask worker of one thread, as a user would, and wait until the scheduler knows it."""
    program = (*before, sys.executable, "-m", "distributed.cli.dask_worker", address)
    with distributed.Client(address, set_as_default=False) as client:
        known = len(client.nthreads())
        with started(*program, "--nthreads", "1", "--no-dashboard", *options, **environment) as process:
            until(lambda: len(client.nthreads()) > known)
            yield process


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def runs_of(book: Path, epochs: int) -> list[int]:
    """List the processes of the kernels that ran with so many epochs."""
    file = book / f"pid{epochs}"
    return [int(pid) for pid in file.read_text().split()] if file.is_file() else []


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except OSError:
        return True


def epochs_in(table: Path) -> list[int]:
    with table.open(encoding="utf-8", newline="") as stream:
        return [int(row["epochs"]) for row in csv.DictReader(stream)]


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_book(tmp_path, WAITS, TELLS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="scheduler", scope="module")
def fixture_scheduler() -> Iterator[str]:
    """Start a scheduler without workers, as somebody else would have done."""
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=":0", silence_logs="CRITICAL", host="127.0.0.1"
    ) as made:
        yield made.scheduler_address


# --- killed --------------------------------------------------------------------------------------


def test_a_kernel_that_is_killed_fails_alone(book: Path) -> None:
    with command(*SWEEP, "epochs=1,400", "--workers", "1") as sweep:
        until(lambda: runs_of(book, 400))
        os.kill(runs_of(book, 400)[0], signal.SIGKILL)
        said, _ = sweep.communicate(timeout=60)
    assert sweep.returncode == 1
    assert "q1_first, cell 3: the kernel died (killed from outside, out of memory, or a crash" in said
    assert "runs      1 of 2 finished" in said
    (book / "go").touch()
    assert hw2(*SWEEP, "epochs=1,400").exit_code == 0
    assert [len(runs_of(book, epochs)) for epochs in (1, 400)] == [1, 2]


def test_a_command_that_is_killed_takes_its_kernels_along_and_keeps_what_is_finished(book: Path) -> None:
    with command(*SWEEP, "epochs=1,400", "--workers", "1") as sweep:
        until(lambda: runs_of(book, 400))
        sweep.kill()
    until(lambda: is_gone(runs_of(book, 400)[0]))
    (book / "go").touch()
    again = hw2(*SWEEP, "epochs=1,400")
    assert again.exit_code == 0 and again.stderr.count("kept from before") == 1, again.output
    assert not list((book / "_build/executed/q1_first").glob(".*"))


def test_a_worker_whose_nanny_is_killed_loses_nothing(book: Path, scheduler: str) -> None:
    with worker(scheduler) as first:
        with command(*SWEEP, "epochs=400,1", "--dask", scheduler) as sweep:
            until(lambda: runs_of(book, 400))
            with worker(scheduler) as _:
                first.kill()
                until(lambda: len(runs_of(book, 400)) == 2)
                (book / "go").touch()
                said, _ = sweep.communicate(timeout=60)
        assert sweep.returncode == 0 and "runs      2 of 2 finished" in said, said
    assert is_gone(runs_of(book, 400)[0])


@slow
def test_a_run_whose_workers_are_killed_again_and_again_is_named(book: Path, scheduler: str) -> None:
    """Dask gives a run to another worker three times, then it gives it up."""
    with worker(scheduler), command(*SWEEP, "epochs=1,400", "--dask", scheduler) as sweep:
        for times in range(1, 5):
            until(lambda times=times: len(runs_of(book, 400)) == times)  # type: ignore[misc]
            with distributed.Client(scheduler, set_as_default=False) as client:
                pids = client.run(os.getpid)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
        said, _ = sweep.communicate(timeout=60)
    assert sweep.returncode == 1 and "runs      1 of 2 finished" in said, said
    assert "q1_first: the run was lost (KilledWorker: " in said and "the same command makes it again" in said
    (book / "go").touch()
    assert hw2(*SWEEP, "epochs=1,400").exit_code == 0


@contextmanager
def own_scheduler(folder: Path, *options: str, **environment: str) -> Iterator[tuple[str, Any]]:
    """Start a scheduler as a program of its own; give its address and the program."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    program = (sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard")
    with started(*program, "--scheduler-file", str(file), *options, **environment) as process:
        until(lambda: file.is_file() and file.read_text().strip().endswith("}"))
        yield json.loads(file.read_text())["address"], process


@slow
def test_a_scheduler_that_is_lost_and_comes_back_loses_nothing_that_is_finished(book: Path) -> None:
    quickly = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20s"}
    with own_scheduler(book, "--host", "127.0.0.1", "--port", "0") as (address, lost):
        port = address.rpartition(":")[2]
        with (
            worker(address, **quickly),
            command(*SWEEP, "epochs=1,400,2", "--dask", address, **quickly) as sweep,
        ):
            until(lambda: runs_of(book, 400))
            lost.kill()
            lost.wait()
            with own_scheduler(book, "--host", "127.0.0.1", "--port", port), worker(address):
                (book / "go").touch()
                said, _ = sweep.communicate(timeout=120)
                again = hw2(*SWEEP, "epochs=1,400,2", "--dask", address)
    assert again.exit_code == 0 and "runs      3 of 3 finished" in again.output, again.output
    assert len(runs_of(book, 1)) == 1
    assert sweep.returncode == 0 or "the same command makes it again" in said


# --- memory and disk -----------------------------------------------------------------------------

GREEDY = "if epochs == 300: memory = bytearray(8 << 30)"


def test_a_run_that_may_not_have_the_memory_it_wants_is_named(book: Path, scheduler: str) -> None:
    write_book(book, WAITS, GREEDY, TELLS)
    limited = ("sh", "-c", 'ulimit -v 6000000; exec "$@"', "sh")
    with worker(scheduler, before=limited):
        shown = hw2(*SWEEP, "epochs=300,1", "--dask", scheduler)
    assert shown.exit_code == 1 and "runs      1 of 2 finished" in shown.output, shown.output
    assert "q1_first, cell 4: MemoryError" in shown.output
    assert "This run had epochs = 300 (published 3, allowed [1, 500])" in shown.output


@slow
@as_root
def test_a_kernel_that_the_system_kills_for_memory_fails_alone(book: Path, scheduler: str) -> None:
    """A memory cgroup, as SLURM has one for each job."""
    group = Path(f"/sys/fs/cgroup/memory/hw2-faults-{os.getpid()}")
    if not group.parent.is_dir():
        pytest.skip("needs cgroups of version 1 for a limit on memory")
    write_book(book, WAITS, "if epochs == 300: memory = b'1' * (8 << 30)", TELLS)
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(400 << 20))
        inside = ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")
        with worker(scheduler, "--no-nanny", before=inside):
            shown = hw2(*SWEEP, "epochs=300,1", "--dask", scheduler)
    finally:
        until(lambda: not (group / "cgroup.procs").read_text().strip())
        group.rmdir()
    assert shown.exit_code == 1 and "runs      1 of 2 finished" in shown.output, shown.output
    assert "q1_first, cell 4: the kernel died (killed from outside, out of memory" in shown.output


# Every file that is opened for writing, every folder made and every renaming on the shelf fails once.
NO_SPACE = """
import errno, json, os, sys
from pathlib import Path
from hw2utils.publishing.execution import Chapter, ExecutionError, jobs, shelf, sweeps

book, executed = Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8")
places = tuple(f"{book}/{name}" for name in ("_build", "out", ".out"))
left, failed = None, ""

def full(event, arguments):
    global left, failed
    if left is None or event not in ("open", "os.mkdir", "os.rename"):
        return
    path = arguments[1 if event == "os.rename" else 0]
    if event == "os.mkdir" and os.path.isdir(path):  # needs no space
        return
    writes = event != "open" or (arguments[2] & (os.O_WRONLY | os.O_RDWR))
    there = not isinstance(path, int) and os.fspath(path).startswith(places)
    if writes and there:
        left -= 1
        if left == 0:
            failed = os.path.relpath(os.fspath(path), book)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

def made(notebook, copy, changed, **unused):
    copy.write_text(executed, encoding="utf-8")
    return json.loads(executed)

jobs.run_notebook = made
sys.addaudithook(full)
chapter = Chapter(book / "q1_first.ipynb")
grid, told = sweeps.Grid(chapter.declared), []

def table():
    sweeps.claim_folder(book / "out", chapter, grid, overwrite=False)
    sweeps.write_table(chapter, grid, book / "out/table.csv")

for what, step in {
    "run": chapter.job(), "again": chapter.job(force=True), "table": table, "table again": table
}.items():
    for left in range(1, 100):
        number, failed = left, ""
        try:
            step()
            message = ""
        except (ExecutionError, OSError) as error:
            message = str(error)
        left = None
        shelved = chapter.job().directory
        around = sorted(path.name for path in shelved.parent.glob("[.f]*") if path.suffix != ".lock")
        whole = shelf.damage(shelved) == "" if shelved.exists() else None
        told.append([what, failed, message, whole, around, sorted(p.name for p in (book / "out").glob("*"))])
        if not failed:
            break
print(json.dumps(told))
"""


def test_a_disk_that_is_full_at_any_step_of_storing_loses_nothing(book: Path) -> None:
    executed = json.loads((book / "q1_first.ipynb").read_text(encoding="utf-8"))
    drawn = json.loads(write(book / "drawn.ipynb", figure("curve")).read_text(encoding="utf-8"))
    (book / "drawn.ipynb").unlink()
    cells = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    data = eval(drawn["cells"][1]["source"].partition("display(")[2].rpartition(", raw")[0])
    cells[0]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    (book / "executed.json").write_text(json.dumps(executed), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", NO_SPACE, str(book), str(book / "executed.json")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)
    for what, failed, message, whole, around, beside in steps:
        if failed:
            assert "No space left on device" in message and str(book) in message, (what, failed)
        assert around == [], (what, failed)
        assert whole is (None if what == "run" and failed else True), (what, failed)
        assert [name for name in beside if name.startswith(".")] == [], (what, failed)
        if what == "table again":
            assert beside == ["sweep.json", "table.csv"], failed
    for name in ("q1_first.ipynb", "results.json", "manifest.json", "curve.npz", "sweep.json", "table.csv"):
        assert any(name in failed for _, failed, *_ in steps), name


@slow
@as_root
def test_a_small_disk_that_fills_up_ends_runs_with_its_name(book: Path) -> None:
    """A real one, of more and more pages, until it is enough."""
    write_book(book, WAITS, TELLS, figure("curve"))
    disk = book / "disk"
    disk.mkdir()
    endings = []
    for pages in range(1, 20):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4 * pages}k", "tmpfs", str(disk)], check=True)
        try:
            shown = hw2("run", "q1_first", "--build", str(disk / "b"))
            subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
            if shown.exit_code:
                endings.append(shown.output.splitlines()[0])
                assert "No space left on device" in shown.output, shown.output
                assert not [d for d in disk.glob("b/executed/q1_first/[!.]*") if d.is_dir()]
                assert hw2("run", "q1_first", "--build", str(disk / "b")).exit_code == 0
            (run,) = shelf.kept_runs(disk / "b", verify=True)
            assert run.fault == ""
        finally:
            subprocess.run(["umount", str(disk)], check=True)
        if not shown.exit_code:
            break
    assert len(endings) >= 3 and not shown.exit_code


def test_a_worker_with_a_disk_of_its_own_is_named(book: Path) -> None:
    """What a worker reports is no result: the folder counts."""
    job = Chapter(book / "q1_first.ipynb").job({"epochs": 1})
    told: Future[Finished] = Future()
    told.set_result(Finished(job.directory, cached=False))
    found = ending(job, told)
    assert isinstance(found, ExecutionError) and "is not here" in str(found)
    assert "name a folder that all machines share, with --build" in str(found)
    job()
    assert ending(job, told) == Finished(job.directory, cached=False)


@slow
@as_root
def test_a_worker_that_sees_another_disk_is_named(book: Path, scheduler: str) -> None:
    (book / "_build").mkdir()
    own = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs tmpfs {book}/_build; exec "$@"', "sh")
    with worker(scheduler, before=own):
        shown = hw2(*SWEEP, "epochs=1,2", "--dask", scheduler)
    assert shown.exit_code == 1 and "runs      0 of 2 finished" in shown.output, shown.output
    assert shown.output.count("is not here: its worker has another disk under that name") == 2


# --- at the same time, without end ----------------------------------------------------------------


def test_two_sweeps_on_one_output_and_two_engines_make_each_run_once(book: Path, scheduler: str) -> None:
    with (
        worker(scheduler),
        command(*SWEEP, "epochs=1,2,3,4", "--workers", "1") as here,
        command(*SWEEP, "epochs=1,2,3,4", "--dask", scheduler) as there,
    ):
        said = [process.communicate(timeout=120)[0] for process in (here, there)]
    assert [here.returncode, there.returncode] == [0, 0], said
    assert all("runs      4 of 4 finished" in one for one in said)
    assert [len(runs_of(book, epochs)) for epochs in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert epochs_in(book / "out/table.csv") == [1, 2, 3, 4]
    assert sorted(path.name for path in (book / "out").iterdir()) == [
        "sweep.json",
        "table.csv",
        "table.parquet",
    ]


def test_sweeps_that_begin_at_once_find_their_folder_made_by_the_same_sweep(book: Path) -> None:
    chapter = Chapter(book / "q1_first.ipynb")
    grid = sweeps.Grid(chapter.declared, ["epochs=1,2"])
    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            claim = partial(sweeps.claim_folder, book / f"out{number}", chapter, grid, overwrite=False)
            for made in [pool.submit(claim) for _ in range(8)]:
                made.result()


def test_a_point_that_raises_and_one_without_end_leave_the_others(book: Path, scheduler: str) -> None:
    write_book(book, WAITS, "1 / (epochs - 13)", TELLS)
    with worker(scheduler):
        shown = hw2(*SWEEP, "epochs=13,400,1", "--limit", "25", "--dask", scheduler)
    assert shown.exit_code == 1 and "runs      1 of 3 finished" in shown.output, shown.output
    assert "q1_first, cell 4: ZeroDivisionError: division by zero" in shown.output
    assert "q1_first, cell 3: the run took longer than its limit of 25 s" in shown.output
    assert "2 of 3 runs failed; the messages above say why" in shown.output
    assert is_gone(runs_of(book, 400)[0])


def test_an_interrupt_ends_runs_on_a_cluster_too(book: Path, scheduler: str) -> None:
    """A run without end would keep its worker from all that comes later."""
    with worker(scheduler):
        with command(*SWEEP, "epochs=1,400", "--dask", scheduler) as sweep:
            until(lambda: runs_of(book, 400))
            sweep.send_signal(signal.SIGINT)
            said, _ = sweep.communicate(timeout=60)
        assert sweep.returncode != 0 and "the same command goes on from here" in said, said
        assert "runs      1 of 2 finished" in said and "Traceback" not in said
        until(lambda: is_gone(runs_of(book, 400)[0]), 20)
        (book / "go").touch()
        assert hw2(*SWEEP, "epochs=1,400", "--dask", scheduler).exit_code == 0


# --- another machine --------------------------------------------------------------------------------


def test_a_worker_with_other_versions_or_other_data_computes_nothing(
    book: Path, scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_book(book, WAITS, "if epochs < 0: import hw2utils.datasets", TELLS)
    other = tmp_path_factory.mktemp("other")
    installed = other / "versions/ipykernel-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: ipykernel\nVersion: 1.0\n")
    package = shutil.copytree(ROOT / "hw2utils", other / "data/hw2utils")
    altered = next((package / "data/fashion_mnist").glob("t10k-labels*"))
    altered.write_bytes(altered.read_bytes()[:-1] + b"x")
    here = os.environ.get("PYTHONPATH", "")
    for path, differs in [
        (other / "versions", "it differs in ipykernel 1.0 instead of "),
        (other / "data", f"it differs in data/fashion_mnist/{altered.name}. Give it the same code, data"),
    ]:
        with worker(scheduler, PYTHONPATH=f"{path}{os.pathsep}{here}"):
            shown = hw2(*SWEEP, "epochs=1", "--dask", scheduler)
        assert shown.exit_code == 1 and differs in shown.output, shown.output
        assert "would compute something else than was asked for" in shown.output
    assert runs_of(book, 1) == []


def test_clocks_that_are_far_off_change_nothing(book: Path) -> None:
    """Neither those of a file server nor those of another machine: checksums count, not times."""
    assert hw2("run", "q1_first", "-p", "epochs=1").exit_code == 0
    files = [path for path in (book / "_build/executed/q1_first").rglob("*") if path.is_file()]
    for years, runs in ((-25, 2), (25, 3)):
        then = time.time() + years * 365 * 86400
        for path in (*files, book / "q1_first.ipynb"):
            os.utime(path, (then, then))
        assert "already executed" in hw2("run", "q1_first", "-p", "epochs=1").output
        assert hw2("run", "q1_first", "-p", "epochs=1", "--force").exit_code == 0
        assert len(runs_of(book, 1)) == runs


@slow
def test_a_worker_whose_clock_is_a_year_off_makes_the_same_table(
    book: Path, scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    later = tmp_path_factory.mktemp("later")
    (later / "sitecustomize.py").write_text(
        "import time\nreal, real_ns = time.time, time.time_ns\n"
        "time.time = lambda: real() + 3e7\ntime.time_ns = lambda: real_ns() + int(3e16)\n"
    )
    assert hw2(*SWEEP, "epochs=1,2").exit_code == 0
    with worker(scheduler, PYTHONPATH=f"{later}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"):
        shown = hw2(
            "sweep", "q1_first", "-o", "off", "--grid", "epochs=1,2", "--dask", scheduler, "--build", "b"
        )
    assert shown.exit_code == 0, shown.output
    assert (book / "off/table.csv").read_bytes() == (book / "out/table.csv").read_bytes()


@slow
@as_root
def test_a_network_that_is_cut_between_scheduler_and_worker_loses_nothing(book: Path) -> None:
    """The worker is in a network of its own; the run it holds goes to another one, or ends where it is."""
    name, net = f"hw2-{os.getpid()}", f"10.213.{os.getpid() % 250}"

    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True)

    quickly = {
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s",  # Dask wants more than 10
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20s",
    }
    ip("netns", "add", name)
    try:
        link, far = f"h{os.getpid()}", f"w{os.getpid()}"
        ip("link", "add", link, "type", "veth", "peer", "name", far, "netns", name)
        ip("addr", "add", f"{net}.1/24", "dev", link)
        ip("link", "set", link, "up")
        ip("-n", name, "addr", "add", f"{net}.2/24", "dev", far)
        ip("-n", name, "link", "set", far, "up")
        ip("-n", name, "link", "set", "lo", "up")
        with own_scheduler(book, "--host", f"{net}.1", "--port", "0", **quickly) as (address, _):
            inside = ("ip", "netns", "exec", name)
            with (
                worker(address, before=inside, **quickly),
                command(*SWEEP, "epochs=400,1", "--dask", address, **quickly) as sweep,
            ):
                until(lambda: runs_of(book, 400))
                with worker(address, **quickly), distributed.Client(address, set_as_default=False) as client:
                    ip("-n", name, "link", "set", far, "down")
                    until(lambda: not [one for one in client.nthreads() if f"{net}.2:" in one], 90)
                    (book / "go").touch()
                    said, _ = sweep.communicate(timeout=120)
    finally:
        ip("netns", "del", name)
    assert sweep.returncode == 0 and "runs      2 of 2 finished" in said, said


# --- harmed and edited ------------------------------------------------------------------------------


def test_results_that_are_harmed_are_named_and_made_again(book: Path) -> None:
    harms: list[tuple[str, Callable[[Path], object]]] = [
        ("results.json is not as it was written", lambda run: os.truncate(run / "results.json", 40)),
        (
            "results.json is not as it was written",
            lambda run: (run / "results.json").write_text(
                (run / "results.json").read_text(encoding="utf-8").replace("0.5", "9.5"), encoding="utf-8"
            ),
        ),
        ("q1_first.ipynb: No such file", lambda run: (run / "q1_first.ipynb").unlink()),
        ("manifest.json is missing", lambda run: (run / "manifest.json").unlink()),
        ("", shutil.rmtree),
    ]
    assert hw2(*SWEEP, "epochs=1,2").exit_code == 0
    whole = (book / "out/table.csv").read_bytes()
    run = Chapter(book / "q1_first.ipynb").job({"epochs": 1}).directory
    for times, (message, harm) in enumerate(harms, start=2):
        harm(run)
        collected = hw2("results", "--sweep", "out")
        assert "runs      1 of 2 finished" in collected.output and message in collected.output
        assert hw2(*SWEEP, "epochs=1,2").exit_code == 0
        assert (book / "out/table.csv").read_bytes() == whole
        assert [len(runs_of(book, epochs)) for epochs in (1, 2)] == [times, 1]


def test_a_chapter_that_is_edited_in_mid_sweep_refuses_what_is_left(book: Path) -> None:
    with command(*SWEEP, "epochs=1,400,2", "--workers", "1") as sweep:
        until(lambda: runs_of(book, 400))
        before = (book / "q1_first.ipynb").read_bytes()
        write_book(book, WAITS, TELLS.replace("epochs * rate", "2 * epochs * rate"))
        (book / "go").touch()
        said, _ = sweep.communicate(timeout=60)
    assert sweep.returncode == 1 and "runs      1 of 3 finished" in said, said
    assert "q1_first: the notebook, or code or data it uses, was edited while it ran; run it again" in said
    assert "differs in the code cells of q1_first" in said and "was edited meanwhile, start again" in said
    assert runs_of(book, 2) == []
    anew = hw2(*SWEEP, "epochs=1,400,2")
    assert anew.exit_code == 0 and len(runs_of(book, 1)) == 2
    (book / "q1_first.ipynb").write_bytes(before)
    assert "kept from before: epochs=1" in hw2(*SWEEP, "epochs=1,400,2").stderr
    assert len(runs_of(book, 1)) == 2
