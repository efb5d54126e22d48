"""Every chapter runs with small parameters, its checked outputs agree, and the guards around nbval hold."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
import yaml
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_notebook, new_output
from repository import CHAPTERS, ROOT

from hw2utils.publishing import execution

pytestmark = pytest.mark.processes

OVERRIDES = ROOT / "tests" / "overrides.yaml"
SECONDS_PER_CELL = 300


def small_parameters() -> dict[str, dict[str, object]]:
    return yaml.safe_load(OVERRIDES.read_text(encoding="utf-8"))


def count_as_run(notebook: Path) -> int:
    """Give every cell with a stored output an execution count, without which nbval would not compare it.

    Sources hold no counts, as they change with every run. Returns the number of code cells.
    """
    content = nbformat.read(notebook, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        cell.execution_count = number if cell.outputs else None
    nbformat.write(content, notebook)
    return len(code)


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """Build the wheel from the source archive and install it into a folder, once in a test run.

    Its dependencies are those of the environment: another test compares what it declares with what is needed.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    site = shared / "site"
    with FileLock(shared / "site.lock"):
        if not site.exists():
            run = [sys.executable, "-m"]
            subprocess.run(
                [*run, "build", "--no-isolation", "-o", shared / "dist", ROOT],
                check=True,
                capture_output=True,
            )
            (wheel,) = (shared / "dist").glob("*.whl")
            pip = [*run, "pip", "install", "-qq", "--no-index", "--no-deps", "--no-compile"]
            subprocess.run([*pip, "--target", site, wheel], check=True, capture_output=True)
    return site


def run_nbval(
    notebook: Path, *extra: str, timeout: float = SECONDS_PER_CELL, packages: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run nbval with the guards on one notebook, away from this repository's pytest settings.

    ``packages`` is a folder whose packages come before all others.
    """
    (notebook.parent / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "nbval_guard",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    command += ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={timeout}", "-q", "--color=no"]
    first = [str(packages)] if packages else []
    path = os.pathsep.join([*first, str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PYTHONPATH": path}
    return subprocess.run(
        [*command, *extra, notebook.name],
        cwd=notebook.parent,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_every_chapter_has_small_parameters_and_no_other_has():
    assert set(small_parameters()) == {path.stem for path in CHAPTERS}


@pytest.mark.book
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_alone_from_a_wheel(chapter, tmp_path, installed):
    copy = execution.prepare(chapter, small_parameters()[chapter.stem], tmp_path / chapter.name)
    cells = count_as_run(copy)
    done = run_nbval(copy, packages=installed)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"{cells} passed" in done.stdout


@pytest.mark.book
def test_a_chapter_whose_training_diverges_runs_to_its_end(tmp_path):
    """The one that judges, draws and says intervals of what diverged."""
    (chapter,) = (path for path in CHAPTERS if path.stem == "q5c_augmentation")
    given = small_parameters()[chapter.stem] | {"learning_rate": 10.0}
    copy = execution.prepare(chapter, given, tmp_path / chapter.name)
    count_as_run(copy)
    done = run_nbval(copy)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_chapter_checks_its_parameters_though_no_history_is_kept(tmp_path):
    """As nbval runs cells; a value that is not allowed stops the chapter's own check."""
    check = "from hw2utils.reporting.declarations import check_parameters\n\ncheck_parameters()"
    cells = ["seeds: int = 10  # [2, 1000] number of seeds", "# Parameters\nseeds = 1", check]
    found = run_cells(tmp_path, *map(new_code_cell, cells))
    assert found["Cell 0"] == found["Cell 1"] == "" and "1 is outside [2, 1000]" in found["Cell 2"]


# --- the guards, fed cells that nbval alone lets pass ---------------------------------------------


def tagged(source: str, *tags: str, printed: str | None = None):
    """Make a tagged cell, run before if it has ``printed`` something."""
    if printed is None:
        return new_code_cell(source, metadata={"tags": list(tags)})
    outputs = [new_output("stream", name="stdout", text=printed)]
    return new_code_cell(source, metadata={"tags": list(tags)}, execution_count=1, outputs=outputs)


GOOD = {
    "plain": new_code_cell("import sys\nname = 'there'"),
    "stderr": new_code_cell("print('hello', file=sys.stderr)"),
    "command": new_code_cell("!echo hello {name}"),
    "captured command": new_code_cell(
        "said = !echo one; echo two {name}\nassert said == ['one', 'two there'], said"
    ),
    "magic": new_code_cell("%time 1 + 1"),
    "raises": tagged("1 / 0", "raises-exception"),
    "command raises": tagged("!exit 3", "raises-exception"),
    "left out": tagged("1 / 0", "skip-execution"),
    "checked output": tagged("print(6 * 7)", "nbval-check-output", printed="42\n"),
}
BAD = {
    "unknown magic": (new_code_cell("%nosuchmagic\nanswer = 42"), "only printed"),
    "unknown cell magic": (new_code_cell("%%nosuchmagic\nanswer = 42"), "only printed"),
    "bad magic option": (new_code_cell("%timeit -z pass"), "only printed"),
    "failing command": (new_code_cell("!false\nanswer = 42"), "CalledProcessError"),
    "failing command before a good one": (new_code_cell("!exit 3\n!true"), "CalledProcessError"),
    "failing captured command": (new_code_cell("lines = !echo one; false"), "CalledProcessError"),
    "does not raise": (tagged("1 + 1", "raises-exception"), "did not raise"),
    "skipped": (tagged("1 / 0", "nbval-skip"), "marked to be skipped"),
    "never run": (tagged("print(6 * 7)", "nbval-check-output"), "never run"),
    "wrong output": (tagged("print(6 * 7)", "nbval-check-output", printed="41\n"), "Cell outputs differ"),
    "exception": (new_code_cell("1 / 0"), "ZeroDivisionError"),
}
FATAL = {
    "killed kernel": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", 120, "The kernel died"),
    "too slow": ("import time\ntime.sleep(60)", 3, "Timeout of 3 seconds exceeded"),
}


def run_cells(folder: Path, *cells, timeout: float = 60) -> dict[str, str]:
    """Run cells as one notebook and say what is wrong with each (an empty text: nothing), by ``Cell N``."""
    path = folder / "sample.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    done = run_nbval(path, "--junitxml=report.xml", timeout=timeout)
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    assert len(cases) == len(cells), done.stdout
    return {
        case.get("name", ""): "".join(text for mark in case for text in mark.itertext()) for case in cases
    }


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, str]:
    """Run all samples in one kernel; what is wrong with each, by the sample's name."""
    cells = GOOD | {name: cell for name, (cell, _) in BAD.items()}
    return dict(
        zip(cells, run_cells(tmp_path_factory.mktemp("guards"), *cells.values()).values(), strict=True)
    )


@pytest.mark.parametrize("name", GOOD)
def test_guards_let_good_cells_pass(name, outcomes):
    assert outcomes[name] == ""


@pytest.mark.parametrize("name", BAD)
def test_guards_catch(name, outcomes):
    assert BAD[name][1] in outcomes[name]


@pytest.mark.parametrize(("source", "timeout", "message"), FATAL.values(), ids=FATAL)
def test_a_cell_that_never_ends_is_noticed_within_seconds(source, timeout, message, tmp_path):
    start = time.monotonic()
    assert message in run_cells(tmp_path, new_code_cell(source), timeout=timeout)["Cell 0"]
    assert time.monotonic() - start < 40
