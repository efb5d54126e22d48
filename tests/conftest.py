"""What several test files share: the root of the repository, its chapters, and the built book."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

import pytest
from filelock import FileLock
from repository import BUILD, CHAPTERS, ROOT, build_book


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def chapters() -> list[Path]:
    """Give the notebooks of the book, in its order."""
    return CHAPTERS


@pytest.fixture(scope="session")
def book_html() -> Path:
    """Build the book once in a test run, whatever the number of workers, and give the folder of its pages."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    outcome = ROOT / "_build" / "test-build.json"
    outcome.parent.mkdir(exist_ok=True)
    with FileLock(outcome.with_suffix(".lock")):
        known = json.loads(outcome.read_text(encoding="utf-8")) if outcome.exists() else {}
        if known.get("run") != run:
            status, log = build_book()
            known = {"run": run, "status": status, "log": log}
            outcome.write_text(json.dumps(known), encoding="utf-8")
    if known["status"] != 0:
        pytest.fail(f"{' '.join(BUILD)} ended with status {known['status']}:\n{known['log']}", pytrace=False)
    return ROOT / "_build" / "html"
