"""What several test files share: the root of the repository, its chapters, and the built book."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from repository import ADOPT, BUILD, CHAPTERS, ROOT, run_tool

if "PYTEST_XDIST_WORKER" in os.environ:
    # One thread each: with two, workers took over three times the CPU seconds, as threads that wait spin.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

SPREAD = (
    "tests/book/test_notebooks_run.py::test_chapter_runs",
    "tests/browser/test_accessibility.py",
    "tests/browser/test_controls.py",
    "tests/browser/test_offline.py",
    "tests/browser/test_pages.py",
    "tests/browser/test_paper.py",
    "tests/browser/test_search_page.py",
    "tests/browser/test_side_by_side.py",
    "tests/test_crosscheck.py::test_a_script",
    "tests/test_execution.py",
    "tests/test_kernels.py",
    "tests/test_progress.py",
    "tests/test_sphinx_extension.py",
    "tests/test_sweeps.py",
)
"""Long tests that share nothing dear, of which any worker may take the next.

They come after the files that stay together, so that no worker waits long for the other in the end.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try again, once, what fails in a browser: frames come late where other programs keep a machine busy.

    The summary names each test that was tried again.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)  # pytest-xdist may be switched off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, whose tests share what a file makes once, but those of ``SPREAD`` one by one.

    pytest-xdist 3.8 cannot do it with its own groups under pytest 9: it no longer sees them.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if nodeid.startswith(SPREAD) else nodeid.partition("::")[0]

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def chapters() -> list[Path]:
    """Give the notebooks of the book, in its order."""
    return CHAPTERS


def _once(name: str, command: Sequence[str]) -> None:
    """Run a command once in a test run, whatever the number of workers; fail with what it said."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    outcome = ROOT / "_build" / f"test-{name}.json"
    outcome.parent.mkdir(exist_ok=True)
    with FileLock(outcome.with_suffix(".lock")):
        known = json.loads(outcome.read_text(encoding="utf-8")) if outcome.exists() else {}
        if known.get("run") != run:
            status, log = run_tool(command)
            known = {"run": run, "status": status, "log": log}
            outcome.write_text(json.dumps(known), encoding="utf-8")
    if known["status"] != 0:
        pytest.fail(
            f"{' '.join(command)} ended with status {known['status']}:\n{known['log']}", pytrace=False
        )


@pytest.fixture(scope="session")
def book_html() -> Path:
    """Build the book once in a test run and give the folder of its pages.

    A chapter that has not run here shows its published run; only one that was edited since is trained.
    """
    _once("adopt", ADOPT)
    _once("build", BUILD)
    return ROOT / "_build" / "html"
