"""What is wrong with a chapter's texts, seen without running it: parts, languages, slots, drawings, use."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hw2utils._checks import did_you_mean
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.notebooks import cell_source, code_cells, read_notebook
from hw2utils.reporting.catalogue import NotebookError, is_stray
from hw2utils.reporting.figures import DrawingError, drawing
from hw2utils.reporting.records import drawing_of
from hw2utils.reporting.texts import TERMS, Entry, TextError, check_both, read_file, slots

_SHOWS = {"note", "figure", "slider"}
_OPTIONS = {"figure": {"variant", "slots"}, "slider": {"variant", "slots", "values", "start", "frames"}}


def check_use(file: Path) -> Iterator[Finding]:
    """Find what does not fit between a file of texts, the notebooks that show them, and what draws them."""
    try:
        for problem in _problems(file):
            yield Finding("texts", problem, "texts, cell and drawing name the same things", Place())
    except TextError as error:
        yield Finding("texts", str(error), "book/texts is described in hw2utils/reporting/texts.py", Place())


def _problems(file: Path) -> Iterator[str]:
    content = read_file(file)
    terms = content.get(TERMS) or {}
    for word, text in terms.items():
        check_both(text, f"{TERMS}: {word}")
    calls = {key: call for notebook in _notebooks(file) for key, call in _shown(notebook, file.stem)}
    for key, entry in content.items():
        if key != TERMS:
            yield from _entry_problems(file, key, entry, terms, calls.pop(key, None))
    for key in calls:
        yield f"{key}: no entry{did_you_mean(key, content)}; the chapter shows {file.stem}-{key}"


def _notebooks(file: Path) -> list[Path]:
    folder = file.parent.parent
    found = {*folder.glob(f"{file.stem}_*.ipynb"), *folder.glob(f"{file.stem}.ipynb")}
    return sorted(notebook for notebook in found if not is_stray(notebook))


def _shown(notebook: Path, prefix: str) -> Iterator[tuple[str, ast.Call]]:
    """Find the calls that show an entry of the texts, by its key."""
    try:
        cells = code_cells(read_notebook(notebook))
    except NotebookError:  # the lint says so where it reads that file
        return
    for cell in cells:
        try:
            tree = ast.parse(cell_source(cell))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SHOWS:
                name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
                if isinstance(name, str) and name.startswith(f"{prefix}-"):
                    yield name.removeprefix(f"{prefix}-"), node


def _entry_problems(
    file: Path, key: str, entry: Any, terms: Mapping[str, Any], call: ast.Call | None
) -> list[str]:
    Entry(key, entry, terms)
    found: list[str] = []
    if call is None:
        return [f"{key}: no chapter shows it; take it away, or write note or figure in a cell"]
    shows = call.func.id  # type: ignore[attr-defined]
    if (shows == "note") != ("note" in entry):
        return [f"{key}: expected the texts of a {shows}, got {', '.join(entry)}"]
    given = _slots_given(call)
    for part in ("note", "caption", "alt", "show"):
        for text in _leaves(entry.get(part, {})):
            names = {re.split(r"[.\[]", slot)[0] for slot in slots(text)}
            if given is not None and (lacking := sorted(names - given)):
                found.append(
                    f"{key}: {part}: the cell gives no {', '.join(lacking)}; it gives {_listed(given)}"
                )
    return found + (_drawing_problems(file, key, call) if shows != "note" else [])


def _slots_given(call: ast.Call) -> set[str] | None:
    """Name the slots that a call fills, None where they are not written out."""
    keywords = {keyword.arg for keyword in call.keywords}
    if None in keywords:
        return None
    if call.func.id == "note":  # type: ignore[attr-defined]
        return {str(name) for name in keywords - {"units", "variant"}}
    literal = next((keyword.value for keyword in call.keywords if keyword.arg == "slots"), ast.Dict([], []))
    if call.func.id == "slider":  # type: ignore[attr-defined]
        return None
    if isinstance(literal, ast.Dict) and all(isinstance(name, ast.Constant) for name in literal.keys):
        return {str(name.value) for name in literal.keys if isinstance(name, ast.Constant)}
    return None


def _drawing_problems(file: Path, key: str, call: ast.Call) -> list[str]:
    named = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else None
    draw = str(named or drawing_of(f"{file.stem}-{key}"))
    try:
        parameters = inspect.signature(drawing(draw)).parameters
    except DrawingError as error:
        return [f"{key}: {error}"]
    given = {keyword.arg for keyword in call.keywords}
    if None in given or (call.func.id == "slider" and "frames" in given):  # type: ignore[attr-defined]
        return []
    data = {str(name) for name in given - _OPTIONS[call.func.id]}  # type: ignore[attr-defined]
    known = list(parameters)[2:]
    missing = [
        name
        for name in known
        if parameters[name].default is inspect.Parameter.empty
        and parameters[name].kind is not inspect.Parameter.VAR_KEYWORD
        and name not in data | {"value"}
    ]
    wrong = sorted(data - set(known))
    return [f"{key}: {draw} takes {_listed(known)}; the cell gives no {name}" for name in missing] + [
        f"{key}: {draw} takes {_listed(known)}; the cell gives {name}" for name in wrong
    ]


def _leaves(text: Any) -> Iterator[str]:
    if isinstance(text, Mapping):
        for value in text.values():
            yield from _leaves(value)
    elif isinstance(text, str):
        yield text


def _listed(names: Any) -> str:
    return ", ".join(sorted(map(str, names))) or "nothing"
