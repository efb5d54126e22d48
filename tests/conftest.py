"""What several test files share: the root of the repository, its chapters, the built book and its draft."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock
from repository import BUILD, CHAPTERS, DRAFT, ROOT, run_tool


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a file together, as they share what it makes; with ``SPREAD = True`` they spread.

    Two workers take whole groups. A test of its own in a file that makes nothing dear evens out their load.
    """
    spread = getattr(getattr(item, "module", None), "SPREAD", False)
    if not spread and not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


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
    """Build the book once in a test run and give the folder of its pages."""
    _once("build", BUILD)
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def draft_html() -> Path:
    """Build a draft once in a test run and give the folder of its pages.

    It is the book but for the numbers, and there in two minutes: for tests of how pages look and work.
    """
    _once("draft", DRAFT)
    return ROOT / "_build" / "draft" / "html"
