"""Declared parameters: what a notebook's cell tagged ``parameters`` allows, and strict checks of values.

Papermill would inject anything; here an unknown name, a wrong type or a value out of range stops before
anything runs.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from hw2utils.publishing.notebooks import cell_source, cell_tags, code_cells, read_notebook
from hw2utils.publishing.suggestions import did_you_mean

_TYPES = {"int": int, "float": float, "bool": bool, "str": str}
_PARAMETER_TYPES = (*_TYPES, "list[int]", "list[float]", "list[str]")
_RANGE = re.compile(r"([\[(])\s*([^\s,\[\](){}]+)\s*,\s*([^\s,\[\](){}]+)\s*([\])])\s*")
_CHOICES = re.compile(r"\{([^{}]*)\}\s*")


class ParameterError(ValueError):
    """Report a parameter that is unknown, of the wrong type or out of range; nothing has run."""


class Range(NamedTuple):
    """Hold a range of numbers with open or closed ends.

    >>> Range(0, 1, False, True)
    (0, 1]
    >>> 0 in Range(0, 1, False, True)
    False
    """

    low: float
    high: float
    closed_low: bool = True
    closed_high: bool = True

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        above = value >= self.low if self.closed_low else value > self.low
        return above and (value <= self.high if self.closed_high else value < self.high)

    def __repr__(self) -> str:
        left, right = "[" if self.closed_low else "(", "]" if self.closed_high else ")"
        low, high = (
            str(int(end)) if float(end).is_integer() else f"{end:g}" for end in (self.low, self.high)
        )
        return f"{left}{low}, {high}{right}"


@dataclass(frozen=True)
class Parameter:
    """Describe one parameter of a chapter: name, type, default, range or choices, help text.

    ``type`` is one of ``int float bool str list[int] list[float] list[str]``; for a list, ``bounds`` and
    ``choices`` apply to each element.
    """

    name: str
    type: str
    default: Any
    bounds: Range | None = None
    choices: tuple[Any, ...] | None = None
    help: str = ""

    @property
    def is_list(self) -> bool:
        """Tell whether values are lists."""
        return self.type.startswith("list")

    @property
    def element_type(self) -> str:
        """Name the type of the value, or of each element of a list."""
        return self.type[5:-1] if self.is_list else self.type

    @property
    def range(self) -> str:
        """Write bounds or choices as the notebook does, or an empty string."""
        if self.choices is not None:
            return "{" + ", ".join(map(str, self.choices)) + "}"
        return repr(self.bounds) if self.bounds is not None else ""

    def check(self, value: Any) -> Any:
        """Return ``value`` as a plain Python value of the declared type, or raise :class:`ParameterError`.

        >>> Parameter("lr", "float", 0.1, Range(0, 1, False, True)).check(1)
        1.0
        """
        if not self.is_list:
            return self._check_element(value, f"parameter {self.name!r}")
        if not isinstance(value, (list, tuple)):
            raise ParameterError(
                f"parameter {self.name!r}: expected {self.type}, got {value!r} "
                f"({type(value).__name__}); give a list"
            )
        if not value and self.default:
            raise ParameterError(
                f"parameter {self.name!r}: the list is empty; give at least one {self.element_type}"
            )
        return [
            self._check_element(item, f"parameter {self.name!r}, element {i + 1}")
            for i, item in enumerate(value)
        ]

    def _check_element(self, value: Any, what: str) -> Any:
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()  # a numpy or torch scalar: papermill would inject its text
        kind = self.element_type
        is_int = isinstance(value, int) and not isinstance(value, bool)
        fits = {
            "int": is_int,
            "float": is_int or isinstance(value, float),
            "bool": isinstance(value, bool),
            "str": isinstance(value, str),
        }[kind]
        if not fits:
            raise ParameterError(f"{what}: expected {kind}, got {value!r} ({type(value).__name__})")
        value = _TYPES[kind](value)
        if isinstance(value, float) and not math.isfinite(value):
            raise ParameterError(f"{what}: expected a finite number, got {value}")
        if self.choices is not None and value not in self.choices:
            near = did_you_mean(str(value), map(str, self.choices))
            raise ParameterError(f"{what}: {value!r} is not one of {self.range}{near}")
        if self.bounds is not None and value not in self.bounds:
            raise ParameterError(f"{what}: {value!r} is outside {self.range}")
        return value


def declared_parameters(notebook: str | Path) -> dict[str, Parameter]:
    """Read the parameters a notebook declares in its cell tagged ``parameters``, by name, in their order.

    Each line is ``name: type = literal  # RANGE help text``; RANGE (optional) is an interval such as ``[1,
    500]`` or ``(0, inf)``, or choices such as ``{relu, tanh}``.

    Raises :class:`ParameterError` for any other line, and for a default that breaks its own range.
    """
    path = Path(notebook)
    cells = [cell for cell in code_cells(read_notebook(path)) if "parameters" in cell_tags(cell)]
    if not cells:
        return {}
    if len(cells) > 1:
        raise ParameterError(f"{path.name}: {len(cells)} cells are tagged 'parameters'; keep one")
    try:
        return _parse_declarations(cell_source(cells[0]))
    except ParameterError as error:
        raise ParameterError(f"{path.name}, parameters cell: {error}") from None


def _parse_declarations(source: str) -> dict[str, Parameter]:
    try:
        statements = ast.parse(source).body
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        raise ParameterError(f"not valid Python: {error}") from None
    comments = {
        token.start[0]: token.string.lstrip("#").strip() for token in tokens if token.type == tokenize.COMMENT
    }
    found: dict[str, Parameter] = {}
    for statement in statements:
        line = ast.get_source_segment(source, statement)
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            raise ParameterError(f"expected 'name: type = literal', got {line!r}")
        name, kind = statement.target.id, ast.unparse(statement.annotation)
        if kind not in _PARAMETER_TYPES:
            raise ParameterError(
                f"parameter {name!r}: the type {kind!r} is not one of {', '.join(_PARAMETER_TYPES)}"
            )
        if name in found:
            raise ParameterError(f"parameter {name!r} is declared twice")
        try:
            default = ast.literal_eval(statement.value) if statement.value is not None else None
        except ValueError:
            raise ParameterError(
                f"parameter {name!r}: the default must be a literal, got {line!r}; "
                "a derived value would not follow the value it is derived from"
            ) from None
        comment = comments.get(statement.end_lineno or 0, "")
        parameter = Parameter(name, kind, default, *_parse_range(name, kind, comment))
        found[name] = replace(parameter, default=parameter.check(default))
    return found


def _parse_range(name: str, kind: str, comment: str) -> tuple[Range | None, tuple[Any, ...] | None, str]:
    element = kind[5:-1] if kind.startswith("list") else kind
    if (match := _RANGE.match(comment)) and _is_number(match[2]) and _is_number(match[3]):
        bounds = Range(float(match[2]), float(match[3]), match[1] == "[", match[4] == "]")
        if element not in ("int", "float"):
            raise ParameterError(f"parameter {name!r}: an interval needs numbers, and the type is {kind}")
        if bounds.low > bounds.high:
            raise ParameterError(f"parameter {name!r}: the interval {bounds!r} is empty")
        return bounds, None, comment[match.end() :]
    if match := _CHOICES.match(comment):
        items = [item.strip().strip("'\"") for item in match[1].split(",")]
        return None, tuple(_parse_element(name, element, item) for item in items), comment[match.end() :]
    if comment.startswith(("[", "{")):
        raise ParameterError(
            f"parameter {name!r}: cannot read the range in {comment!r}; write [low, high] or {{a, b}}"
        )
    return None, None, comment


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


def validate_parameters(notebook: str | Path, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check ``given`` against the declaration and return every parameter of the notebook with its value.

    Raises :class:`ParameterError`, before anything runs, for an unknown name (naming the nearest), a wrong
    type and a value out of range.
    """
    declared = declared_parameters(notebook)
    chapter = Path(notebook).stem
    values = {name: parameter.default for name, parameter in declared.items()}
    for name, value in (given or {}).items():
        try:
            values[name] = _find(name, declared).check(value)
        except ParameterError as error:
            raise ParameterError(f"{chapter}: {error}") from None
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
    parameter = _find(name, declared)
    if not parameter.is_list:
        parsed: Any = _parse_element(name, parameter.type, value)
    else:
        inner = value.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1]
        items = [item.strip().strip("'\"") for item in inner.split(",")] if inner.strip() else []
        parsed = [_parse_element(name, parameter.element_type, item) for item in items]
    return name, parameter.check(parsed)


def _parse_element(name: str, kind: str, text: str) -> Any:
    if kind == "str":
        return text
    if kind == "bool":
        if text.strip().lower() in ("true", "false"):
            return text.strip().lower() == "true"
        raise ParameterError(f"parameter {name!r}: expected true or false, got {text!r}")
    try:
        return _TYPES[kind](text)
    except ValueError:
        raise ParameterError(f"parameter {name!r}: expected {kind}, got {text!r}") from None


def _find(name: str, declared: Mapping[str, Parameter]) -> Parameter:
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise ParameterError(f"unknown parameter {name!r}{did_you_mean(name, declared)} (declared: {known})")
    return declared[name]
