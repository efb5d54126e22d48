"""Declarations of parameters: names, types, ranges, and how the values must fit each other.

A chapter's cell tagged ``parameters`` declares them, one a line::

    epochs: int = 50  # [10, 1000] length of the long run
    homework_epochs: int = 10  # [5, 1000] at most epochs: length of the homework's own run
    widths: list[int] = [1, 2, 4]  # [1, 4096] rising, at least 2 values: hidden neurons
    # training images; what a parameter means may also stand above it
    sizes: list[int] = [250, 500]  # [100, 4000] rising, at least 2 values

RANGE (optional) is an interval such as ``[1, 500]`` or ``(0, inf)``, or choices such as ``{relu, tanh}``.
Conditions separated by commas may follow and end in a colon; then comes the help text. The conditions are

- of a list: ``rising``, ``falling``, ``distinct``, ``at least N values``, ``at most N values``,
  ``exactly N values``;
- of a value, or of each element of a list: ``at least X``, ``at most X``, ``above X``, ``below X``,
  ``not X``, where X is a number, another parameter, or made of these with ``+ - * // ( )``.

This module needs nothing but the standard library, so that a chapter can check what it was given, wherever it
runs (:func:`check_parameters`).
"""

from __future__ import annotations

import ast
import io
import itertools
import linecache
import math
import operator
import re
import tokenize
import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from hw2utils._checks import did_you_mean

_TYPES = {"int": int, "float": float, "bool": bool, "str": str}
_PARAMETER_TYPES = (*_TYPES, "list[int]", "list[float]", "list[str]")
_RANGE = re.compile(r"([\[(])\s*([^\s,\[\](){}]+)\s*,\s*([^\s,\[\](){}]+)\s*([\])])\s*")
_CHOICES = re.compile(r"\{([^{}]*)\}\s*")
_SCIENTIFIC = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
_PERSIAN_NUMBER = str.maketrans({"٫": ".", "٬": None, "−": "-"})  # int and float read the digits themselves
_CELL_FILE = re.compile(r"ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-")
_FORM = re.compile(r"(?:\s*#)?\s*@(?:param|title|markdown)\b.*")  # what makes a form of a cell in Colab
_INJECTED = "# Parameters"
"""First line of the cell in which papermill sets parameters."""


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


_ORDERS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "rising": ("each value must be above the one before it", operator.lt),
    "falling": ("each value must be below the one before it", operator.gt),
    "distinct": ("no value may appear twice", operator.ne),
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "at least": operator.ge,
    "at most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
    "not": operator.ne,
}
_COUNTS: dict[str, Callable[[Any, Any], bool]] = {
    "at least": operator.ge,
    "at most": operator.le,
    "exactly": operator.eq,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
_COUNT = re.compile(r"(at least|at most|exactly) (\d+) values?")
_COMPARISON = re.compile(r"(at least|at most|above|below|not) (.+)")


@dataclass(frozen=True)
class Condition:
    """Hold one condition on a parameter's value: of a list itself, or beside other parameters.

    >>> Condition("rising").problem([2, 1], {})
    'each value must be above the one before it'
    >>> Condition("at most epochs").problem(20, {"epochs": 10})
    'it must be at most epochs = 10'
    """

    text: str

    @property
    def others(self) -> set[str]:
        """Name the parameters that the condition compares with."""
        match = None if _COUNT.fullmatch(self.text) else _COMPARISON.fullmatch(self.text)
        tree = ast.parse(match[2], mode="eval") if match else ast.Module([], [])
        return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    def problem(self, value: Any, values: Mapping[str, Any]) -> str:
        """Say what is wrong with a value beside the other ``values``, or nothing."""
        items = value if isinstance(value, list) else [value]
        if self.text in _ORDERS:
            words, fits = _ORDERS[self.text]
            pairs = itertools.pairwise(items) if self.text != "distinct" else itertools.combinations(items, 2)
            return "" if all(fits(a, b) for a, b in pairs) else words
        if count := _COUNT.fullmatch(self.text):
            return "" if _COUNTS[count[1]](len(items), int(count[2])) else f"it must have {self.text}"
        match = _COMPARISON.fullmatch(self.text)
        if match is None:
            raise ParameterError(f"cannot read the condition {self.text!r}")
        bound = _evaluate(ast.parse(match[2], mode="eval").body, values)
        if all(_COMPARISONS[match[1]](item, bound) for item in items):
            return ""
        each = "every value" if isinstance(value, list) else "it"
        shown = match[2] if match[2] == str(bound) else f"{match[2]} = {bound}"
        return f"{each} must {'not be' if match[1] == 'not' else 'be ' + match[1]} {shown}"


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Work out a number, a parameter, or arithmetic of these."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _ARITHMETIC[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
    raise ParameterError(f"{ast.unparse(node)!r} is not made of numbers, parameters, + - * // and ( )")


@dataclass(frozen=True)
class Parameter:
    """Describe one parameter of a chapter: name, type, default, range or choices, help text, conditions.

    ``type`` is one of ``int float bool str list[int] list[float] list[str]``; for a list, ``bounds`` and
    ``choices`` apply to each element.
    """

    name: str
    type: str
    default: Any
    bounds: Range | None = None
    choices: tuple[Any, ...] | None = None
    help: str = ""
    conditions: tuple[Condition, ...] = ()

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
                f"({type(value).__name__}); give a list (papermill needs -y '{self.name}: [...]' for that)"
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
        if kind == "float" and isinstance(value, str) and _SCIENTIFIC.fullmatch(value):
            value = float(value)  # 1e-1 is text in YAML
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


def parse_declarations(source: str) -> dict[str, Parameter]:
    """Read the text of a parameters cell: its parameters by name, in their order.

    Raises :class:`ParameterError` for a line of another form, for a default that breaks its own range or
    conditions, for a condition that cannot be read, and for a comment with an equals sign.

    >>> parse_declarations("few: int = 3  # [1, 9] at most many: some\\nmany: int = 5")["few"].conditions
    (Condition(text='at most many'),)
    """
    try:
        statements = ast.parse(source).body
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        raise ParameterError(f"not valid Python: {error}") from None
    comments = {
        token.start[0]: _FORM.sub("", token.string.lstrip("#").strip())
        for token in tokens
        if token.type == tokenize.COMMENT
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
        if "=" in comment:
            raise ParameterError(
                f"parameter {name!r}: its comment {comment!r} has an equals sign, and papermill overlooks "
                "such a line; say it in words"
            )
        bounds, choices, text = _parse_range(name, kind, comment)
        above = _above(statement.lineno, comments, source.splitlines())
        if above and text and ":" not in text:
            text += ":"
        conditions, text = _parse_conditions(name, kind.startswith("list"), text)
        text = " ".join(filter(None, [above, text]))
        parameter = Parameter(name, kind, default, bounds, choices, text, conditions)
        found[name] = replace(parameter, default=parameter.check(default))
    for parameter in found.values():
        for other in {name for condition in parameter.conditions for name in condition.others}:
            if other not in found:
                near = did_you_mean(other, found)
                raise ParameterError(f"parameter {parameter.name!r}: no parameter is called {other!r}{near}")
            if found[other].type not in ("int", "float"):
                raise ParameterError(
                    f"parameter {parameter.name!r}: cannot compare with {other!r}, which is no number"
                )
    check_conditions(found, {name: parameter.default for name, parameter in found.items()})
    return found


def _above(line: int, comments: Mapping[int, str], lines: Sequence[str]) -> str:
    """Join the comments that stand alone on the lines directly above a line."""
    texts: list[str] = []
    while line - 1 in comments and lines[line - 2].lstrip().startswith("#"):
        line -= 1
        texts.insert(0, comments[line])
    return " ".join(texts)


def _parse_conditions(name: str, is_list: bool, comment: str) -> tuple[tuple[Condition, ...], str]:
    """Split off conditions, which end in a colon, from the help text after it."""
    texts, colon, rest = comment.partition(":")
    if not colon:
        parts = [part.strip() for part in comment.split(",")]
        if all(part in _ORDERS or _COUNT.fullmatch(part) for part in parts):
            raise ParameterError(
                f"parameter {name!r}: {comment!r} stands for help text; end conditions with a colon, and say "
                "what the parameter means, after it or in a comment on the line above"
            )
        return (), comment
    conditions = tuple(Condition(" ".join(text.split())) for text in texts.split(","))
    for condition in conditions:
        of_list = condition.text in _ORDERS or _COUNT.fullmatch(condition.text)
        match = _COMPARISON.fullmatch(condition.text)
        if not of_list and match is None:
            near = did_you_mean(condition.text, [*_ORDERS, *_COMPARISONS])
            raise ParameterError(
                f"parameter {name!r}: cannot read the condition {condition.text!r}{near}; what "
                "stands between the range and a colon are conditions: write help text without a colon"
            )
        if of_list and not is_list:
            raise ParameterError(f"parameter {name!r}: {condition.text!r} is a condition of lists")
        if match is not None and not of_list:
            try:
                bound = ast.parse(match[2], mode="eval").body
            except SyntaxError:
                raise ParameterError(f"parameter {name!r}: cannot read {condition.text!r}") from None
            try:
                _evaluate(bound, dict.fromkeys(condition.others, 1))
            except ParameterError as error:
                raise ParameterError(f"parameter {name!r}: {error}") from None
            except ZeroDivisionError:
                pass  # with the ones put in; the true values are checked later
    return conditions, rest.strip()


def check_conditions(declared: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    """Raise :class:`ParameterError` for the first parameter that does not fit its list or the others.

    ``values`` holds every parameter, of its declared type and in its range.
    """
    for parameter in declared.values():
        value = values[parameter.name]
        for condition in parameter.conditions:
            try:
                problem = condition.problem(value, values)
            except ZeroDivisionError:
                problem = f"{condition.text} divides by zero"
            if problem:
                raise ParameterError(
                    f"parameter {parameter.name!r}: {value!r} breaks its condition {condition.text!r}; "
                    f"{problem}"
                )


def find_parameter(name: str, declared: Mapping[str, Parameter]) -> Parameter:
    """Give the parameter of a name, or raise :class:`ParameterError` naming the nearest.

    >>> find_parameter("epochs", {"epochs": Parameter("epochs", "int", 3)}).default
    3
    """
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise ParameterError(f"unknown parameter {name!r}{did_you_mean(name, declared)} (declared: {known})")
    return declared[name]


def parse_value(name: str, kind: str, text: str) -> Any:
    """Read one value (or element of a list) of a type from text; digits may be Persian.

    Raises :class:`ParameterError` when it cannot be read.

    >>> parse_value("noise", "float", "۰٫۴")
    0.4
    """
    if kind == "str":
        return text
    if kind == "bool":
        if text.strip().lower() in ("true", "false"):
            return text.strip().lower() == "true"
        raise ParameterError(f"parameter {name!r}: expected true or false, got {text!r}")
    try:
        return _TYPES[kind](text.translate(_PERSIAN_NUMBER))
    except ValueError:
        raise ParameterError(f"parameter {name!r}: expected {kind}, got {text!r}") from None


def check_parameters(
    history: Sequence[str] | None = None, names: MutableMapping[str, Any] | None = None
) -> None:
    """Check in a running notebook what its parameters cell was given, by papermill or by hand.

    ``history`` holds the cells that ran, ``names`` the notebook's variables: both are IPython's own when left
    out. Numbers that came as another type (``1`` for ``1.0``) are set to the declared one.

    Raises :class:`ParameterError` for a value that breaks its type, range or conditions, and for a name that
    papermill set and nobody declared. Where no declaration is seen, as outside IPython, it only warns.

    >>> names = {"rate": 1}
    >>> check_parameters(["rate: float = 0.1  # (0, 1]", "# Parameters\\nrate = 1"], names)
    >>> names
    {'rate': 1.0}
    """
    if history is None or names is None:
        shell = _shell()
        if shell is None:
            warnings.warn(
                "the parameters are not checked: outside Jupyter their declaration cannot be read",
                stacklevel=2,
            )
            return
        history, names = _cells_that_ran(shell), shell.user_ns
    declared = _declared_in(history)
    if not declared:
        warnings.warn("the parameters are not checked: no cell that declares them has run", stacklevel=2)
        return
    for name in _injected(history):
        find_parameter(name, declared)
    values = {}
    for name, parameter in declared.items():
        if name not in names:
            raise ParameterError(f"parameter {name!r} has no value any more; run the parameters cell again")
        values[name] = parameter.check(names[name])
    check_conditions(declared, values)
    names.update(values)


def _shell() -> Any:
    try:
        from IPython.core.getipython import get_ipython
    except ModuleNotFoundError:
        return None
    return get_ipython()


def _cells_that_ran(shell: Any) -> list[str]:
    """Give the sources of the cells in the order in which they ran, or in which each ran first.

    A client may ask the kernel to keep no history, as nbval does; then they stand where tracebacks find them.
    """
    kept = [source for source in shell.user_ns.get("In", []) if source]
    if kept:
        return kept
    return ["".join(linecache.getlines(name)) for name in list(linecache.cache) if _CELL_FILE.search(name)]


def _declared_in(history: Iterable[str]) -> dict[str, Parameter]:
    """Read the latest run of the first cell that declares: another cell may look like one."""
    found: dict[str, Parameter] = {}
    for source in history:
        if not _only_annotated(source):
            continue
        try:
            declared = parse_declarations(source)
        except ParameterError:
            if found:
                continue
            raise
        if not found or set(found) & set(declared):
            found = declared
    return found


def _only_annotated(source: str) -> bool:
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return False
    return bool(statements) and all(isinstance(statement, ast.AnnAssign) for statement in statements)


def _injected(history: Iterable[str]) -> list[str]:
    """Name what papermill set in a cell of its own."""
    found: list[str] = []
    for source in history:
        if source.split("\n", 1)[0].strip() != _INJECTED:
            continue
        try:
            statements = ast.parse(source).body
        except SyntaxError:
            continue
        targets = [
            t for statement in statements if isinstance(statement, ast.Assign) for t in statement.targets
        ]
        found += [target.id for target in targets if isinstance(target, ast.Name)]
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
        return None, tuple(parse_value(name, element, item) for item in items), comment[match.end() :]
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
