"""Execution: the cache, failures, parallel runs, stopping."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_notebooks import PARAMETERS, figure, show, verdict, write

from hw2utils.publishing import execution
from hw2utils.publishing.execution import (
    ExecutionError,
    ExecutionErrors,
    environment,
    execute,
    execute_all,
    prepare,
)
from hw2utils.publishing.execution.chapters import share_threads
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.reporting.catalogue import NotebookError

pytestmark = pytest.mark.processes


def test_a_chapter_runs_once_and_leaves_its_results(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records become results and figures; the copy has the parameters set; the second call runs nothing."""
    (tmp_path / "hw2utils").mkdir()
    (tmp_path / "hw2utils/__init__.py").write_text("", encoding="utf-8")
    helper = tmp_path / "hw2utils/helper.py"
    helper.write_text("answer = 1", encoding="utf-8")
    code = (
        "import os, pathlib\nfrom hw2utils.helper import answer\npathlib.Path('runs').open('a').write('x')",
        show(verdict("C-1", main=[1.0, 2.0])),
        figure("curve"),
        "bundle = {'text/plain': '1', 'application/vnd.hw2utils.record+json':"
        " {'schema': 2, 'kind': 'note', 'name': 'n', 'units': {},"
        " 'values': {'all': [epochs, seeds, answer, os.environ['OMP_NUM_THREADS']]}}}\n"
        "display(bundle, raw=True)",
    )
    chapter = write(tmp_path / "a {x}.ipynb", *code, parameters=PARAMETERS)
    other = write(tmp_path / "b.ipynb", "import pathlib\npathlib.Path('others').open('a').write('x')")
    monkeypatch.setattr(environment, "cores", lambda: 6)

    def run(**given: Any) -> list[execution.Execution]:
        return execute_all([chapter, other], parameters={"a {x}": given})

    done, beside = run(epochs=9, seeds=np.arange(2).tolist())
    assert done.results["values"] == {"n": {"all": [9, [0, 1], 1, "3"]}}
    assert done.results["verdicts"]["C-1"]["cases"]["main"]["mean"] == 1.5
    assert done.results["parameters"] == done.parameters and done.parameters["epochs"] == 9
    assert done.figures["curve"]["arrays"] == "figures/curve.npz"
    assert (done.directory / "figures/curve.npz").is_file()
    assert (done.chapter, done.cached, done.key) == ("a {x}", False, done.directory.name)
    assert done.directory.parent == tmp_path / "_build/executed/a {x}"
    executed = json.loads(done.notebook.read_text(encoding="utf-8"))
    assert any(cell["metadata"].get("tags") == ["injected-parameters"] for cell in executed["cells"])
    assert str(tmp_path) not in json.dumps(executed)
    said = capfd.readouterr().err
    assert "a {x}: executed in" in said and "(2 of 2)" in said and "Warning" not in said

    def counts() -> tuple[int, int]:
        return len((tmp_path / "runs").read_text()), len((tmp_path / "others").read_text())

    again, _ = run(epochs=9)
    assert again.cached and again.results == done.results and counts() == (1, 1)
    write(chapter, *code, parameters=PARAMETERS, prose="An edited sentence.")
    assert all(execution.cached for execution in run(epochs=9)) and counts() == (1, 1)
    helper.write_text("answer = 2", encoding="utf-8")
    assert [execution.cached for execution in run(epochs=9)] == [False, True] and counts() == (2, 1)
    assert [execution.cached for execution in run(epochs=8)] == [False, True] and counts() == (3, 1)
    write(chapter, *code, "1", parameters=PARAMETERS)
    assert [execution.cached for execution in run(epochs=8)] == [False, True] and counts() == (4, 1)
    assert capfd.readouterr().err.count("executed in") == 3 and beside.results["verdicts"] == {}


def test_the_longest_chapters_start_first(tmp_path: Path) -> None:
    code = "import pathlib\npathlib.Path('order').open('a').write({!r})"
    lengths = {"short": 2, "long": 90, "unknown": None, "middle": 30.5, "words": "soon"}
    notebooks = [
        write(tmp_path / f"{name}.ipynb", code.format(name + " "), **({"hw2": {"seconds": s}} if s else {}))
        for name, s in lengths.items()
    ]
    done = execute_all(notebooks, jobs=1)
    assert (tmp_path / "order").read_text().split() == ["unknown", "words", "long", "middle", "short"]
    assert [execution.chapter for execution in done] == list(lengths)


@pytest.mark.parametrize(
    ("cores", "seconds", "jobs", "threads"),
    [
        (2, [540, 300, 60], 2, [1, 1, 1]),  # the book on two cores: as many as ever
        (4, [540, 300, 60], 2, [2, 2, 2]),  # some wait: all alike
        (1, [540], 1, [1]),
        (3, [540, 60], 2, [2, 1]),  # none idle: evenly shared, the third core had nothing to do
        (6, [540, 270], 2, [4, 2]),
        (6, [float("inf")] * 2, 2, [3, 3]),  # nothing known
        (5, [float("inf"), 60, 60], 3, [3, 1, 1]),
        (9, [100, 100, 100, 100], 4, [3, 2, 2, 2]),
    ],
)
def test_the_longest_chapters_get_the_spare_cores(
    cores: int, seconds: list[float], jobs: int, threads: list[int]
) -> None:
    assert share_threads(cores, seconds, jobs) == threads


def test_a_long_chapter_runs_on_the_cores_that_short_ones_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "cores", lambda: 5)
    code = "import os, pathlib\npathlib.Path({!r}).write_text(os.environ['OMP_NUM_THREADS'])"
    for name, seconds in {"short": 10, "long": 90}.items():
        write(tmp_path / f"{name}.ipynb", code.format(name), hw2={"seconds": seconds})
    execute_all([tmp_path / "short.ipynb", tmp_path / "long.ipynb"])
    assert [(tmp_path / name).read_text() for name in ("short", "long")] == ["1", "4"]


def test_force_runs_again_and_nothing_is_removed(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "x = 1", parameters=PARAMETERS)
    runs = [execute(notebook, {"epochs": epochs}) for epochs in range(2, 9)]
    shelf = runs[0].directory.parent
    dead = shelf / f".running-{runs[0].key}"
    (dead / "left").mkdir(parents=True)
    again = execute(notebook, {"epochs": 2}, force=True)
    assert not again.cached and again.key == runs[0].key and not dead.exists()
    assert {folder.name for folder in shelf.glob("[!.]*")} == {run.key for run in runs}


def test_failures_name_chapter_cell_and_traceback_and_the_others_finish(tmp_path: Path) -> None:
    notebooks = [
        write(tmp_path / "good.ipynb", "x = 1"),
        write(tmp_path / "bad.ipynb", "x = 1", "x / 0", parameters=PARAMETERS),
        write(tmp_path / "dead.ipynb", "import os\nos._exit(3)", "1"),
        write(tmp_path / "magic.ipynb", "%nosuchmagic\nx = 1"),
        write(tmp_path / "exits.ipynb", "import sys\nsys.exit()", "never = 1"),
        write(tmp_path / "twins.ipynb", figure("one"), figure("one")),
        write(tmp_path / "half.ipynb", show({"kind": "note", "name": "half", "units": {}})),
    ]
    with pytest.raises(ExecutionErrors) as caught:
        execute_all(notebooks, parameters={"bad": {"epochs": 4}})
    errors = {error.chapter: error for error in caught.value.errors}
    assert set(errors) == {"bad", "dead", "magic", "exits", "twins", "half"}
    bad = errors["bad"]
    assert (bad.cell, bad.source) == (3, "x / 0")  # the injected cell is not counted
    assert "ZeroDivisionError: division by zero" in bad.message and "bad, cell 4" in str(caught.value)
    assert "x / 0" in bad.traceback and "\x1b" not in bad.traceback
    assert "kernel died" in errors["dead"].message and errors["dead"].cell == 1
    assert "nosuchmagic" in errors["magic"].message
    assert "ended the notebook" in errors["exits"].message and errors["exits"].cell == 1
    assert "shown twice" in errors["twins"].message and errors["twins"].cell == 2
    assert "'half': values is missing" in errors["half"].message
    shelf = tmp_path / "_build/executed"
    assert bad.notebook is not None and bad.notebook.parent == shelf / "bad"
    assert "ZeroDivisionError" in bad.notebook.read_text(encoding="utf-8")
    assert [p.name for p in (shelf / "bad").glob("[!.]*")] == [bad.notebook.name]
    assert execute(notebooks[0]).cached
    write(notebooks[1], "x = 1")
    assert execute(notebooks[1]).results["chapter"] == "bad"


def test_a_killed_kernel_is_noticed_in_seconds_and_a_slow_cell_stopped(tmp_path: Path) -> None:
    slow = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(120)"
    notebook = write(tmp_path / "slow.ipynb", slow)
    killed = []

    def kill() -> None:
        while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():
            time.sleep(0.05)
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        killed.append(time.monotonic())

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ExecutionError, match="kernel died") as caught:
        execute(notebook)
    assert time.monotonic() - killed[0] < 30  # of the 120 that the cell takes
    assert caught.value.cell == 1 and "time.sleep" in caught.value.source
    killer.join()
    with pytest.raises(ExecutionError, match="ran past its limit of 1 s"):
        execute(notebook, timeout=1)


def test_an_interrupt_kills_the_kernels(tmp_path: Path) -> None:
    slow = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(120)"
    notebook = write(tmp_path / "slow.ipynb", slow)
    # A process started in the background of a shell inherits that interrupts are ignored, and hands it on.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{heed}\nfrom hw2utils.publishing.execution import execute; execute({str(notebook)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not ((tmp_path / "pid").is_file() and (tmp_path / "pid").read_text()) and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0 and "KeyboardInterrupt" in said
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert not list((tmp_path / "_build").rglob("results.json"))


def test_an_edit_during_the_run_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    notebook = write(
        tmp_path / "a.ipynb", "import beside, pathlib\npathlib.Path('beside.py').write_text('x = 1')"
    )
    with pytest.raises(ExecutionError, match="edited while it ran"):
        execute(notebook)
    assert not list((tmp_path / "_build").rglob("results.json"))


def test_prepare_sets_parameters_without_running(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "print(epochs)", parameters=PARAMETERS)
    copy = prepare(notebook, {"epochs": 8, "act": "tanh"}, tmp_path / "out/a.ipynb")
    cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    injected = next(cell for cell in cells if cell["metadata"].get("tags") == ["injected-parameters"])
    assert "epochs = 8" in "".join(injected["source"]) and 'act = "tanh"' in "".join(injected["source"])
    assert all(not cell.get("outputs") for cell in cells)
    with pytest.raises(ParameterError):
        prepare(notebook, {"epochs": 0}, tmp_path / "out/b.ipynb")


def test_bad_arguments_are_refused_before_anything_runs(tmp_path: Path) -> None:
    chapter = write(tmp_path / "a.ipynb", "raise SystemError('ran')", parameters=PARAMETERS)
    with pytest.raises(ParameterError, match=r"^a: parameter 'epochs': 0 is outside"):
        execute(chapter, {"epochs": 0})
    with pytest.raises(NotebookError, match=r"no notebook at .*missing\.ipynb"):
        execute_all([chapter, tmp_path / "missing.ipynb"])
    good = write(tmp_path / "good.ipynb")
    with pytest.raises(ParameterError, match="unknown chapter 'god'; did you mean 'good'"):
        execute_all([good], parameters={"god": {}})
    with pytest.raises(NotebookError, match="two notebooks are called 'good'"):
        execute_all([good, write(tmp_path / "b/good.ipynb")])
    with pytest.raises(ParameterError, match="timeout: expected a positive"):
        execute(good, timeout=0)
    with pytest.raises(ParameterError, match="jobs: expected a positive"):
        execute_all([good], jobs=0)
    assert not (tmp_path / "_build").exists()
