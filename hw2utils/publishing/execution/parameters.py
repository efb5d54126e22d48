"""Parameters of a chapter: what its notebook declares, and strict checks of the values it is given.

Papermill would inject anything; here an unknown name, a wrong type, a value out of range and values that do
not fit each other stop before anything runs. How they are declared says
:mod:`~hw2utils.reporting.declarations`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, code_cells, read_notebook
from hw2utils.reporting.declarations import (
    Condition,
    Parameter,
    ParameterError,
    Range,
    check_conditions,
    find_parameter,
    parse_declarations,
    parse_value,
)

__all__ = [
    "Condition",
    "Parameter",
    "ParameterError",
    "Range",
    "check_values",
    "declared_parameters",
    "find_parameter",
    "parse_assignment",
    "validate_parameters",
]


def declared_parameters(notebook: str | Path) -> dict[str, Parameter]:
    """Read the parameters a notebook declares in its cell tagged ``parameters``, by name, in their order.

    Raises :class:`ParameterError` as :func:`~hw2utils.reporting.declarations.parse_declarations` does, and
    where more than one cell is tagged.
    """
    path = Path(notebook)
    cells = [cell for cell in code_cells(read_notebook(path)) if "parameters" in cell_tags(cell)]
    if not cells:
        return {}
    if len(cells) > 1:
        raise ParameterError(f"{path.name}: {len(cells)} cells are tagged 'parameters'; keep one")
    try:
        return parse_declarations(cell_source(cells[0]))
    except ParameterError as error:
        raise ParameterError(f"{path.name}, parameters cell: {error}") from None


def validate_parameters(notebook: str | Path, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check ``given`` against the declaration and return every parameter of the notebook with its value.

    Raises :class:`ParameterError`, before anything runs, for an unknown name (naming the nearest), a wrong
    type, a value out of range, and values that break a condition.
    """
    try:
        return check_values(declared_parameters(notebook), given)
    except ParameterError as error:
        chapter = Path(notebook).stem
        named = str(error).startswith(f"{chapter}.ipynb")
        raise error if named else ParameterError(f"{chapter}: {error}") from None


def check_values(declared: Mapping[str, Parameter], given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check given values against a declaration and return every parameter with its value.

    Raises :class:`ParameterError` as :func:`validate_parameters` does.

    >>> check_values({"rate": Parameter("rate", "float", 0.1)}, {"rate": 1})
    {'rate': 1.0}
    """
    values = {name: parameter.default for name, parameter in declared.items()}
    for name, value in (given or {}).items():
        values[name] = find_parameter(str(name), declared).check(value)  # YAML has names that are no text
    check_conditions(declared, values)
    return values


def parse_assignment(text: str, declared: Mapping[str, Parameter]) -> tuple[str, Any]:
    """Read ``name=value`` by the declared type of ``name``; elements of a list are separated by commas.

    Raises :class:`ParameterError` for a text of another form, an unknown name and an unreadable or
    forbidden value.

    >>> parse_assignment("seeds=0,1,2", {"seeds": Parameter("seeds", "list[int]", [0])})
    ('seeds', [0, 1, 2])
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise ParameterError(f"expected name=value, got {text!r}")
    parameter = find_parameter(name, declared)
    if not parameter.is_list:
        parsed: Any = parse_value(name, parameter.type, value)
    else:
        inner = value.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1]
        items = [item.strip().strip("'\"") for item in re.split("[,،]", inner)] if inner.strip() else []
        parsed = [parse_value(name, parameter.element_type, item) for item in items]
    return name, parameter.check(parsed)
