"""Parameters: declarations, values, assignments, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_notebooks import PARAMETERS, write

from hw2utils.publishing.parameters import (
    ParameterError,
    declared_parameters,
    parse_assignment,
    validate_parameters,
)


def test_declaration_is_read(tmp_path: Path) -> None:
    declared = declared_parameters(write(tmp_path / "a.ipynb", parameters=PARAMETERS))
    assert list(declared) == ["epochs", "rate", "fast", "act", "seeds"]
    assert (declared["epochs"].type, declared["epochs"].default, declared["epochs"].range) == (
        "int",
        3,
        "[1, 500]",
    )
    assert declared["epochs"].help == "passes over the data"
    assert 0 not in declared["rate"].bounds and 1 in declared["rate"].bounds  # type: ignore[operator]
    assert declared["act"].choices == ("relu", "tanh")
    assert declared["seeds"].range == "[0, inf)" and declared["seeds"].is_list
    assert declared["fast"].range == "" and declared["fast"].help == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epoch": 5}, "did you mean 'epochs'"),
        ({"epochs": "5"}, "expected int, got '5' (str)"),
        ({"epochs": True}, "expected int, got True (bool)"),
        ({"epochs": 2.0}, "expected int, got 2.0 (float)"),
        ({"epochs": 0}, "0 is outside [1, 500]"),
        ({"rate": 0}, "0.0 is outside (0, 1]"),
        ({"rate": float("nan")}, "expected a finite number"),
        ({"fast": 1}, "expected bool, got 1 (int)"),
        ({"act": "rellu"}, "did you mean 'relu'"),
        ({"seeds": 3}, "expected list[int], got 3 (int)"),
        ({"seeds": []}, "the list is empty"),
        ({"seeds": [0, -1]}, "element 2: -1 is outside [0, inf)"),
        ({"epochs": None}, "expected int, got None"),
    ],
)
def test_bad_values_are_refused(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    notebook = write(tmp_path / "a.ipynb", parameters=PARAMETERS)
    with pytest.raises(ParameterError) as caught:
        validate_parameters(notebook, given)
    assert message in str(caught.value) and str(caught.value).startswith("a: ")


def test_good_values_become_plain_python(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", parameters=PARAMETERS)
    values = validate_parameters(
        notebook, {"epochs": np.int64(7), "rate": 1, "seeds": (3, np.int32(4)), "fast": np.True_}
    )
    assert values == {"epochs": 7, "rate": 1.0, "fast": True, "act": "relu", "seeds": [3, 4]}
    assert [type(value) for value in values.values()] == [int, float, bool, str, list]
    assert type(values["seeds"][1]) is int


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("epochs = 3", "expected 'name: type = literal'"),
        ("epochs: int = 3\nsteps: int = epochs * 2", "must be a literal"),
        ("epochs: dict = {}", "'dict' is not one of"),
        ("epochs: int = 0  # [1, 5]", "0 is outside [1, 5]"),
        ("epochs: int = 1  # [1, many]", "cannot read the range"),
        ("epochs: int = 1  # [5, 1]", "is empty"),
        ("act: str = 'a'  # [1, 5]", "an interval needs numbers"),
        ("epochs: int = 1\nepochs: int = 2", "declared twice"),
        ("epochs: int", "got None"),
        ("epochs: int = (", "not valid Python"),
    ],
)
def test_bad_declarations_are_refused(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        declared_parameters(write(tmp_path / "a.ipynb", parameters=source))
    assert message in str(caught.value) and "a.ipynb" in str(caught.value)


def test_assignments_are_read_by_the_declared_type(tmp_path: Path) -> None:
    declared = declared_parameters(write(tmp_path / "a.ipynb", parameters=PARAMETERS))
    assert parse_assignment("epochs=12", declared) == ("epochs", 12)
    assert parse_assignment("rate=1e-3", declared) == ("rate", 0.001)
    assert parse_assignment("fast=True", declared) == ("fast", True)
    assert parse_assignment("act=tanh", declared) == ("act", "tanh")
    assert (
        parse_assignment("seeds=[4, 5]", declared)
        == ("seeds", [4, 5])
        == parse_assignment("seeds=4,5", declared)
    )
    for text, message in [
        ("epochs", "expected name=value"),
        ("epochs=3.5", "expected int, got '3.5'"),
        ("fast=1", "expected true or false"),
        ("sead=1", "did you mean 'seeds'"),
        ("seeds=1,x", "expected int, got 'x'"),
        ("seeds=", "the list is empty"),
    ]:
        with pytest.raises(ParameterError, match=message):
            parse_assignment(text, declared)


def test_one_cell_declares(tmp_path: Path) -> None:
    assert declared_parameters(write(tmp_path / "none.ipynb", "x = 1")) == {}
    path = write(tmp_path / "a.ipynb", parameters="epochs: int = 3")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"] += content["cells"][1:]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"a\.ipynb: 2 cells are tagged 'parameters'"):
        declared_parameters(path)
