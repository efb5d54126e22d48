"""The crosscheck: plain scripts that share no code with the book, and what counts as agreement."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from repository import ROOT

sys.path.append(str(ROOT))

from crosscheck.__main__ import FOLDER, Estimate, apart, book_numbers, compare, main

SCRIPTS = sorted(FOLDER.glob("q*.py"))
SMALL = {
    "q2_neighbors": ["2", "5"],
    "q4_momentum": ["60"],
    "q4_broadcast": ["60", "50"],
    "q1_remedies": ["2", "2", "100", "2"],
    "q2_penalties": ["2", "100", "5"],
    "q4_steps": ["60"],
    "q3_transfer": ["2", "1", "500", "1", "100"],
    "q5_augmentation": ["2", "1", "200"],
    "q1_causes": ["2", "1"],
    "q1_judging": ["2", "3", "100", "2"],
    "q1_signs": ["2", "6", "100"],
    "q3_teacher": ["2", "200", "2", "2"],
    "q3_temperature": ["2", "1", "1"],
    "q5_decay": ["2", "1", "200", "1", "100"],
    "q5_pairs": ["2", "1", "200"],
    "q5_plain": ["2", "1", "200"],
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_shares_no_code_with_the_book(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert roots and roots <= {"numpy", "sklearn", "torch"}


@pytest.mark.processes
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_measures_what_the_book_does(script: Path) -> None:
    command = [sys.executable, script, *SMALL[script.stem]]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    book = book_numbers(script.stem)
    assert book and book.keys() <= found.keys()
    assert {len(values) for values in found.values()} == {int(SMALL[script.stem][0])}
    assert all(estimate.n >= 10 and np.isfinite(estimate.mean) for estimate in book.values())


def test_numbers_that_lie_far_apart_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    near, far = {"q": [1.0, 2.0, 3.0], "own": [1.0, 1.0]}, {"q": [9.0, 9.1, 9.2], "own": [1.0, 1.0]}
    book = {"q": Estimate(2.1, 0.5, 10)}
    assert compare("q9", near, book) and "agree" in capsys.readouterr().out
    assert not compare("q9", far, book) and "DIFFER" in capsys.readouterr().out


def test_numbers_without_spread_agree_only_if_they_are_equal() -> None:
    assert apart(Estimate(1.0, 0.0, 10), Estimate(1.0, 0.0, 10)) == 0
    assert apart(Estimate(1.0, 0.0, 10), Estimate(1.1, 0.0, 10)) == np.inf


def test_an_unknown_script_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["q9"]) == 2
    names = ", ".join(script.stem for script in SCRIPTS)
    assert f"expected scripts of {names}, got 'q9'" in capsys.readouterr().err
