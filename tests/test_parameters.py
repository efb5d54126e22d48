"""Parameters: declarations, values, assignments, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from repository import CHAPTERS
from tiny_notebooks import PARAMETERS, write

from hw2utils.publishing.execution.parameters import (
    ParameterError,
    declared_parameters,
    parse_assignment,
    validate_parameters,
)
from hw2utils.reporting.declarations import check_parameters, parse_declarations


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
        ("epochs: int = 1  # [1, 9] k = 1", "has an equals sign"),
        ("epochs: int", "got None"),
        ("epochs: int = (", "not valid Python"),
        ("widths: list[int] = [1]  # [1, 9] risng: neurons", "'risng'; did you mean 'rising'"),
        ("epochs: int = 3  # rising: passes", "is a condition of lists"),
        (
            "few: int = 3  # at most mny: some\nmany: int = 5",
            "no parameter is called 'mny'; did you mean 'many'",
        ),
        ("few: int = 3  # at most act: some\nact: str = 'a'", "'act', which is no number"),
        ("few: int = 9  # at most many: some\nmany: int = 5", "9 breaks its condition 'at most many'"),
        ("few: int = 3  # at most many +: some\nmany: int = 5", "cannot read 'at most many +'"),
        ("few: int = 3  # at most 2 ** many: some\nmany: int = 5", "is not made of numbers"),
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


RELATED = """epochs: int = 50  # [10, 1000] length
early: int = 10  # [5, 1000] at most epochs: the first part
images: int = 1000  # [0, 60000] images
sets: int = 10  # [1, 60000] at most 60000 // images: sets of them
widths: list[int] = [1, 2, 4]  # [1, 512] rising, at least 2 values: neurons
falls: list[int] = [4, 2]  # falling: falls
rates: list[float] = [0.1, 0.2]  # (0, 1) exactly 2 values, distinct, not keep, below 0.9: rates
keep: float = 0.5  # (0, 1] above 0.3: kept
"""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"epochs": 12, "early": 13},
            "'early': 13 breaks its condition 'at most epochs'; it must be at most epochs = 12",
        ),
        ({"epochs": 10, "early": 10}, ""),
        (
            {"images": 10000},
            "10 breaks its condition 'at most 60000 // images'; it must be at most 60000 // images = 6",
        ),
        ({"images": 0}, "divides by zero"),
        (
            {"widths": [4, 2]},
            "[4, 2] breaks its condition 'rising'; each value must be above the one before it",
        ),
        ({"widths": [2, 2]}, "'rising'"),
        ({"widths": [2]}, "it must have at least 2 values"),
        ({"falls": [2, 4]}, "each value must be below the one before it"),
        ({"rates": [0.1]}, "it must have exactly 2 values"),
        ({"rates": [0.1, 0.1]}, "no value may appear twice"),
        ({"rates": [0.1, 0.5]}, "every value must not be keep = 0.5"),
        ({"rates": [0.1, 0.9]}, "every value must be below 0.9"),
        ({"keep": 0.3}, "it must be above 0.3"),
        ({"keep": 0.31}, ""),
    ],
)
def test_values_must_fit_each_other(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    notebook = write(tmp_path / "a.ipynb", parameters=RELATED)
    if not message:
        assert validate_parameters(notebook, given).items() >= given.items()
        return
    with pytest.raises(ParameterError) as caught:
        validate_parameters(notebook, given)
    assert message in str(caught.value) and str(caught.value).startswith("a: parameter ")


def test_numbers_as_people_write_them(tmp_path: Path) -> None:
    declared = parse_declarations(PARAMETERS + RELATED.replace("epochs", "length"))
    for text, value in [
        ("rate=۰٫۴", 0.4),
        ("epochs=۱۲", 12),
        ("rate=٠٫٤", 0.4),
        ("images=۱٬۰۰۰", 1000),
        ("widths=۱، ۲،۸", [1, 2, 8]),
    ]:
        assert parse_assignment(text, declared)[1] == value
    with pytest.raises(ParameterError, match=r"-1.5 is outside \(0, 1\]"):
        parse_assignment("rate=−۱٫۵", declared)
    assert declared["rate"].check("1e-1") == 0.1 == declared["rate"].check("+.1E+0")
    for text in ("0.1", "e1", "1e"):
        with pytest.raises(ParameterError, match="expected float, got"):
            declared["rate"].check(text)


@pytest.mark.parametrize(
    ("injected", "names", "message"),
    [
        ("epochs = 20", {"epochs": 20}, ""),
        ("epoch = 20", {}, "unknown parameter 'epoch'; did you mean 'epochs'"),
        ('widths = "1,2"', {"widths": "1,2"}, "expected list[int], got '1,2' (str)"),
        ("early = 60", {"early": 60}, "60 breaks its condition 'at most epochs'"),
        ("epochs = 5", {"epochs": 5}, "5 is outside [10, 1000]"),
    ],
)
def test_a_chapter_checks_what_it_was_given(injected: str, names: dict[str, Any], message: str) -> None:
    variables = {name: parameter.default for name, parameter in parse_declarations(RELATED).items()} | names
    history = ["", RELATED, f"# Parameters\n{injected}\n", "noted: int = 3", "import os"]
    if not message:
        check_parameters(history, variables)
        return
    with pytest.raises(ParameterError) as caught:
        check_parameters(history, variables)
    assert message in str(caught.value)


def test_the_latest_parameters_cell_counts_and_lost_ones_are_named() -> None:
    history = ["", "rate: float = 0.1  # (0, 1]", "rate: float = 0.1  # (0, 9]"]
    names = {"rate": 5}
    check_parameters(history, names)
    assert names == {"rate": 5.0} and type(names["rate"]) is float
    with pytest.raises(ParameterError, match="outside"):
        check_parameters(history[:2], names)
    with pytest.warns(UserWarning, match="not checked: no cell that declares them has run"):
        check_parameters(["", "import os"], names)
    with pytest.raises(ParameterError, match="'rate' has no value any more"):
        check_parameters(history, {})


def test_outside_jupyter_the_check_says_that_it_checks_nothing() -> None:
    code = "from hw2utils.reporting.declarations import check_parameters; check_parameters()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and "the parameters are not checked" in done.stderr


@pytest.mark.parametrize(
    ("chapter", "given", "named"),
    [
        ("q1a_overfitting", {"widths": [8, 4, 2, 1]}, "widths"),
        ("q1b_judging", {"rates": [0.1, 0.1, 0.1]}, "rates"),
        ("q1c_decomposition", {"degrees": [3]}, "degrees"),
        ("q3a_distillation", {"images": 200}, "few_images"),
        ("q3c_temperature", {"temperatures": [1.0, 1.0]}, "temperatures"),
        ("q4a_gradient_descent", {"threshold": 1e-9}, "threshold"),
        ("q5b_history", {"homework_epochs": 60}, "homework_epochs"),
        ("q5d_weight_decay", {"coefficient": 0}, "coefficient"),
        ("q5e_pairs", {"rates": [0.5, 0.3, 0.1]}, "rates"),
    ],
)
def test_chapters_refuse_what_would_turn_their_results_round(
    chapter: str, given: dict[str, Any], named: str
) -> None:
    notebook = next(path for path in CHAPTERS if path.stem == chapter)
    with pytest.raises(ParameterError, match=f"{chapter}: parameter '{named}'"):
        validate_parameters(notebook, given)


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_checks_its_parameters_right_after_them(notebook: Path) -> None:
    cells = [c for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    at = next(i for i, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", []))
    assert "".join(cells[at + 1]["source"]).splitlines()[-1] == "check_parameters()"


def test_help_may_stand_above_and_conditions_without_colon_are_no_help() -> None:
    source = "# passes over\n# the data\nepochs: int = 3  # [1, 9] at least 2\n\nrate: float = 0.1  # (0, 1]"
    found = parse_declarations(source)
    assert found["epochs"].help == "passes over the data" and found["rate"].help == ""
    assert [condition.text for condition in found["epochs"].conditions] == ["at least 2"]
    with pytest.raises(
        ParameterError, match="'rising, at least 2 values' stands for help text; end conditions"
    ):
        parse_declarations("sizes: list[int] = [1, 2]  # [1, 9] rising, at least 2 values")
