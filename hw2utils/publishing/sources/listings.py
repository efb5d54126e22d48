"""Rules for the code of chapters: each ``check_…`` takes cells and gives what is wrong.

Some hold for any notebook; ``LESSON_CHECKS`` hold the code to what a student reads with pleasure.
"""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Callable, Iterator, Sequence

from hw2utils.publishing.sources.cells import HIDDEN_TAGS, Cell, code
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.quiz_cells import quiz_of
from hw2utils.publishing.sources.solutions import TAG as SOLUTION
from hw2utils.reporting.declarations import ParameterError, parse_declarations

MEDIAN_LINES = 8
"""Lines that half of a chapter's code cells keep to."""

LONGEST_CELL = 20
"""Lines of the longest code cell."""

COLUMNS = 88
"""Characters of the longest line, about what a page shows without scrolling."""

HIDDEN_SHARE = 0.15
"""The largest part of a chapter's lines of code that pages hide at first."""

MEASURING = {
    "training": ("evaluate", "fit"),
    "own_data": ("fit_own_data",),
    "distillation": ("teacher_logits",),
    "toy_regression": ("descend",),
    "neighbors": ("nearest", "vote"),
    "linear": ("lasso_many", "ridge_many", "ridge_path"),
    "decomposition": ("domingos", "kohavi_wolpert", "bias_variance"),
    "calibration": ("expected_calibration_error", "reliability"),
}
"""What trains or measures, by module of ``hw2utils``."""

RECORDS = {"figure", "judge", "note", "quiz", "slider"}
"""Functions that show something of the book in a cell."""
_METHODS = ("backward", "fit")  # of torch and scikit-learn


# --- any notebook ---------------------------------------------------------------------------------


def check_parameters(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find a parameters cell that is not the first code shown, or that does not say types and meanings."""
    tagged = [cell for cell in code(cells) if "parameters" in cell.tags]
    first = next((cell for cell in code(cells) if "remove-cell" not in cell.tags), None)
    remedy = "tag the first code cell that a page shows 'parameters', and no other"
    if first is None:
        yield Finding("parameters", "no code cell that a page shows", remedy)
    elif tagged != [first]:
        numbers = ", ".join(str(cell.place.cell) for cell in tagged) or "no cell"
        yield first.finding(
            "parameters", f"expected the tag 'parameters' here, found it on {numbers}", remedy
        )
    else:
        remedy = "write lines `name: type = literal  # RANGE what it means`"
        try:
            declared = parse_declarations(first.source)
        except ParameterError as error:
            yield first.finding("parameters", str(error), remedy)
            return
        if not declared:
            yield first.finding("parameters", "no parameter is declared", remedy)
        for name, parameter in declared.items():
            if not parameter.help:
                at = re.search(rf"^{name}\b", first.source, re.MULTILINE)
                yield first.finding("parameters", f"{name} has no help text", remedy, at.start() if at else 0)


def check_outputs(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find stored output, which only a cell tagged nbval-check-output holds, as text."""
    for cell in code(cells):
        if "nbval-check-output" not in cell.tags:
            if cell.outputs:
                yield cell.finding("output", "has outputs", "clear them")
            if cell.execution_count is not None:
                yield cell.finding("output", "has an execution count", "clear it")
            continue
        if not cell.outputs:
            yield cell.finding(
                "output",
                "tagged nbval-check-output, but no output is stored to compare with",
                "run the cell and store what it prints",
            )
        for output in cell.outputs:
            kinds = set(output.get("data", {"text/plain": ""}))
            if output.get("output_type") == "error" or kinds != {"text/plain"}:
                yield cell.finding(
                    "output",
                    f"a checked output is text only, found {output.get('output_type')} {sorted(kinds)}",
                    "print what is compared, or remove the tag",
                )


def check_figures(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find figures that pyplot itself would show: in one language, without alternative text."""
    shown = re.compile(r"^[ \t]*%matplotlib\b.*|.*\b(?:plt|pyplot|figure|fig)\.show\(.*", re.MULTILINE)
    for cell in code(cells):
        for match in shown.finditer(cell.source):
            yield cell.finding(
                "figure", f"{match[0].strip()!r}", "show it with hw2utils.reporting.figure", match.start()
            )


def check_records(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find notes, figures and verdicts that a cell makes and does not show: it shows its last value only."""
    for cell in code(cells):
        for statement in cell.tree.body[:-1] if cell.tree else ():
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in RECORDS:
                place = Place(cell.place.cell, statement.lineno)
                problem = f"{call.func.id}(…) is not the last of its cell, so nothing shows it"
                yield Finding("record", problem, "give it a cell of its own", place)


def check_python(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find code that does not parse, and shell commands, which not every reader's machine has."""
    for cell in code(cells):
        for match in re.finditer(r"^[ \t]*!.*", cell.source, re.MULTILINE):
            yield cell.finding("python", f"shell command {match[0].strip()!r}", "write Python", match.start())
        try:
            cell.parse()
        except SyntaxError as error:
            place = Place(cell.place.cell, error.lineno)
            yield Finding("python", f"{error.msg}: {(error.text or '').strip()!r}", "mend the syntax", place)


# --- chapters -------------------------------------------------------------------------------------


def check_median(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find chapters whose code comes in long cells: between texts a reader takes in a few lines."""
    counts = [_count(cell) for cell in _lesson(cells)]
    if counts and (median := statistics.median(counts)) > MEDIAN_LINES:
        yield Finding(
            "length",
            f"the median of the code cells is {median:g} lines, at most {MEDIAN_LINES}",
            "words belong into book/texts, drawing into hw2utils.plotting; split cells by what they tell",
        )


def check_length(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find code cells that a reader cannot take in at one glance."""
    for cell in _lesson(cells):
        if (lines := _count(cell)) > LONGEST_CELL:
            yield cell.finding(
                "length",
                f"{lines} lines of code, at most {LONGEST_CELL}",
                "split it, or move what is no lesson to hw2utils",
            )


def check_columns(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find lines of code that a page shows only in part."""
    for cell in code(cells):
        position = 0
        for line in cell.source.splitlines(keepends=True):
            if (columns := len(line.rstrip("\n"))) > COLUMNS:
                yield cell.finding(
                    "width",
                    f"{columns} columns, at most {COLUMNS}",
                    "ruff format; move sentences to book/texts",
                    position,
                )
            position += len(line)


def check_hidden_share(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find chapters whose pages hide much of the code that runs."""
    lines = sum(_count(cell) for cell in _lesson(cells))
    hidden = sum(_count(cell) for cell in _lesson(cells) if cell.hidden)
    if lines and hidden / lines > HIDDEN_SHARE:
        yield Finding(
            "hidden",
            f"{hidden} of {lines} lines of code ({hidden / lines:.0%}), at most {HIDDEN_SHARE:.0%}",
            "move plumbing to hw2utils, words to book/texts, or show the code",
        )


def check_folded(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find code that pages hide and Jupyter shows."""
    for cell in code(cells):
        if cell.hidden and cell.metadata.get("jupyter", {}).get("source_hidden") is not True:
            (tag, *_) = sorted(HIDDEN_TAGS.intersection(cell.tags))
            yield cell.finding(
                "hidden",
                f"tagged {tag}, but unfolded in Jupyter",
                'write "jupyter": {"source_hidden": true} into the cell\'s metadata',
            )


def check_hidden_measuring(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find what trains or measures in hidden code: directly, or by a function of the chapter that does."""
    trees = [(cell, tree) for cell in _lesson(cells) if (tree := cell.tree)]
    names, modules = _imported([tree for _, tree in trees])
    for _, tree in trees:  # a function is defined before another calls it
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef) and _measures(statement, names, modules):
                names[statement.name] = f"{statement.name}, which measures"
            if (
                isinstance(statement, ast.Assign)
                and isinstance(statement.targets[0], ast.Name)
                and _is_function(statement.value)
                and _measures(statement.value, names, modules)
            ):
                names[statement.targets[0].id] = f"{statement.targets[0].id}, which measures"
    for cell, tree in trees:
        for node, what in _measures(tree, names, modules) if cell.hidden else ():
            yield Finding(
                "hidden",
                f"hidden code uses {what}",
                "show the cell, or measure in a cell that is shown",
                Place(cell.place.cell, node.lineno),
            )


def check_names(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find names given to another thing: a function's, an import's, or one whose kind of value changes."""
    known: dict[str, tuple[str | None, int | None]] = {}
    for cell in _lesson(cells):
        for name, kind, line in _bindings(cell.tree.body if cell.tree else []):
            before, where = known.get(name, (None, None))
            fixed = {"function", "class", "import"}
            again = before == kind == "import"
            changed = before in fixed or (before is not None and kind is not None and before != kind)
            if changed and not again:
                yield Finding(
                    "name",
                    f"{name!r} is a {before} in cell {where}, and here a {kind or 'value'}",
                    "give the new thing a name of its own",
                    Place(cell.place.cell, line),
                )
            if kind is not None or name not in known:
                known[name] = (kind, cell.place.cell)


def _lesson(cells: Sequence[Cell]) -> Iterator[Cell]:
    """Pick a chapter's own code: no solution or quiz, nor the first cell, which is the same everywhere."""
    found = [cell for cell in code(cells) if SOLUTION not in cell.tags and quiz_of(cell.source) is None]
    return iter(found[1:] if found and "remove-cell" in found[0].tags else found)


def _count(cell: Cell) -> int:
    return len(cell.source.splitlines())


def _imported(trees: Sequence[ast.Module]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Give the names under which a chapter imports what measures, and the modules that hold it."""
    names: dict[str, str] = {}
    modules: dict[str, tuple[str, ...]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "hw2utils":
            measuring = MEASURING.get(node.module.removeprefix("hw2utils.").removeprefix("hw2utils"), ())
            for alias in node.names:
                if alias.name in measuring:
                    names[alias.asname or alias.name] = alias.name
                if node.module == "hw2utils" and alias.name in MEASURING:
                    modules[alias.asname or alias.name] = MEASURING[alias.name]
        if isinstance(node, ast.Import):
            for alias in node.names:
                last = alias.name.removeprefix("hw2utils.")
                if last != alias.name and last in MEASURING:
                    modules[alias.asname or alias.name] = MEASURING[last]
    return names, modules


def _measures(
    tree: ast.AST, names: dict[str, str], modules: dict[str, tuple[str, ...]]
) -> list[tuple[ast.expr, str]]:
    """Give the places in a piece of code that use what measures, with its name."""
    found: list[tuple[ast.expr, str]] = []
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in names and node.id not in own:
            found.append((node, names[node.id]))
        elif isinstance(node, ast.Attribute) and node.attr in modules.get(ast.unparse(node.value), ()):
            found.append((node, node.attr))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _METHODS
            and ast.unparse(node.func.value) not in modules
        ):
            found.append((node, f".{node.func.attr}()"))
    return found


def _is_function(value: ast.expr) -> bool:
    """Tell whether an expression makes a function: ``lambda``, ``partial(…)``."""
    named = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.Lambda) or (
        named is not None and ast.unparse(named).rpartition(".")[2] == "partial"
    )


def _bindings(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, str | None, int]]:
    """Yield what statements bind outside of functions: name, kind of thing where that is plain, line."""
    for statement in statements:
        line = statement.lineno
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, "function", line
            case ast.ClassDef(name=name):
                yield name, "class", line
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    yield alias.asname or alias.name.partition(".")[0], "import", line
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _targets(target, _kind(value), line)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                declared = _DECLARED.get(ast.unparse(annotation).partition("[")[0])
                yield from _targets(target, declared or _kind(value), line)
            case ast.For(target=target):
                yield from _targets(target, None, line)
            case ast.With(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        yield from _targets(item.optional_vars, None, line)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _bindings(getattr(statement, part, []))
            for handler in getattr(statement, "handlers", []):
                yield from _bindings(handler.body)


def _targets(target: ast.expr, kind: str | None, line: int) -> Iterator[tuple[str, str | None, int]]:
    if isinstance(target, ast.Name):
        yield target.id, kind, line
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value, None, line)
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _targets(part, None, line)


_DECLARED = {
    "int": "number",
    "float": "number",
    "bool": "number",
    "str": "text",
    "list": "list",
    "dict": "dict",
}


def _kind(value: ast.expr | None) -> str | None:
    """Say what kind of thing an expression gives, None where its form alone does not tell.

    >>> _kind(ast.parse("[1, 2]", mode="eval").body), _kind(ast.parse("f(1)", mode="eval").body)
    ('list', None)
    """
    match value:
        case ast.Constant(value=bool() | int() | float()):
            return "number"
        case ast.Constant(value=str()) | ast.JoinedStr():
            return "text"
        case ast.List() | ast.ListComp() | ast.Tuple():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Lambda():
            return "function"
    return None


CODE_CHECKS: tuple[Callable[[Sequence[Cell]], Iterator[Finding]], ...] = (
    check_records,
    check_parameters,
    check_outputs,
    check_figures,
    check_python,
)
"""The rules for the code of any notebook of the book."""

LESSON_CHECKS: tuple[Callable[[Sequence[Cell]], Iterator[Finding]], ...] = (
    check_median,
    check_length,
    check_columns,
    check_hidden_share,
    check_folded,
    check_hidden_measuring,
    check_names,
)
"""The rules for code that reads like a lesson."""
