"""Imports go one way, heavy libraries load late, public names are documented: the tools see to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

PACKAGE = "hw2utils"


def contracts(code: Path) -> tuple[int, str]:
    """Hold the package under ``code`` to this project's contracts; return the exit status and the report."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [tool, "--no-cache", "--no-logo", ROOT / "pyproject.toml"],
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_imports_keep_the_contracts():
    status, report = contracts(ROOT)
    assert status == 0, report


@pytest.mark.parametrize(
    ("module", "added", "message"),
    [
        (
            "history",
            "def f():\n    from .reporting.claims import load",
            "hw2utils.history is not allowed to import hw2utils.reporting",
        ),
        ("history", "from . import plotting", "hw2utils.history is not allowed to import hw2utils.plotting"),
        (
            "reporting/figures",
            "from hw2utils.publishing import cli",
            "hw2utils.reporting is not allowed to import hw2utils.publishing",
        ),
        (
            "languages",
            "import hw2utils.training",
            "hw2utils.languages is not allowed to import hw2utils.training",
        ),
        (
            "publishing/sources/notebooks",
            "from ..execution import jobs",
            "hw2utils.publishing.sources is not allowed to import hw2utils.publishing.execution",
        ),
        (
            "publishing/pages/images",
            "from hw2utils.publishing import cli",
            "hw2utils.publishing.pages is not allowed to import hw2utils.publishing.cli",
        ),
        ("history", "from . import training", "No cycles are allowed in hw2utils"),
        ("utils", "", "every child of every container must be declared as a layer"),
    ],
)
def test_a_wrong_import_is_found(module: str, added: str, message: str, tmp_path: Path) -> None:
    only_code = shutil.ignore_patterns("data", "fonts", "static", "__pycache__")
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=only_code)
    with (tmp_path / PACKAGE / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{added}\n")
    status, report = contracts(tmp_path)
    assert status == 1, report
    assert message in report


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (PACKAGE, {"torch", "numpy", "matplotlib"}),
        # What starts with every build and every command.
        (f"{PACKAGE}.publishing.execution", {"torch", "torchvision", "matplotlib", "scipy"}),
        (f"{PACKAGE}.publishing.pages.extension", {"torch", "torchvision"}),
        (f"{PACKAGE}.publishing.cli", {"torch", "torchvision", "matplotlib", "scipy"}),
    ],
)
def test_heavy_libraries_are_not_imported_at_the_start(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('"""Say."""\n\n\ndef f():\n    """Do."""\n\n\ndef _g():\n    pass\n', None),
        ("x = 1\n", "D100"),
        ('"""Say."""\n\n\ndef f():\n    pass\n', "D103"),
        ('"""Say."""\n\n\nclass C:\n    pass\n', "D101"),
        ('"""Say."""\n\n\nclass C:\n    """Hold."""\n\n    def f(self):\n        pass\n', "D102"),
        ('"""Say."""\n\n\ndef f():\n    """Returns a number."""\n', "D401"),
        ('"""Say."""\n\n\ndef f():\n    """Do this\n    and that."""\n', "D205"),
    ],
)
def test_a_public_name_without_a_docstring_that_begins_with_a_verb_is_found(
    source: str, rule: str | None
) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", ROOT / PACKAGE / "new.py", "-"]
    done = subprocess.run(command, input=source, cwd=ROOT, capture_output=True, text=True)
    assert (rule in done.stdout) if rule else done.returncode == 0, done.stdout + done.stderr
