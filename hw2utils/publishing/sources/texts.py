"""What is wrong with a chapter's texts, seen without running it: parts, languages, slots, drawings, use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw2utils._checks import did_you_mean
from hw2utils.publishing.sources.cells import code, notebook_cells
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import NotebookError, is_stray
from hw2utils.reporting.figures import DrawingError, data_problems, drawing
from hw2utils.reporting.records import drawing_of
from hw2utils.reporting.texts import TERMS, Entry, TextError, check_both, read_file, slots

_OPTIONS = {  # what shows an entry, and its arguments that are neither values nor data
    "note": {"units", "variant"},
    "figure": {"variant", "slots"},
    "slider": {"variant", "slots", "values", "start", "frames"},
}


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
    calls: dict[str, _Call] = {}
    for notebook in _notebooks(file):
        for name, call in _shown(notebook):
            prefix, _, key = name.partition("-")
            if prefix == file.stem:
                calls[key] = call
            else:
                near = did_you_mean(key or name, content).replace(
                    "did you mean '", f"did you mean '{file.stem}-"
                )
                yield (
                    f"{call.shows}({name!r}): expected a name that begins with {file.stem}-, as the "
                    f"chapter's do{near}"
                )
    for key, entry in content.items():
        if key != TERMS:
            yield from _entry_problems(file, key, entry, terms, calls.pop(key, None))
    for key in calls:
        yield f"{key}: no entry{did_you_mean(key, content)}; the chapter shows {file.stem}-{key}"


def _notebooks(file: Path) -> list[Path]:
    folder = file.parent.parent
    found = {*folder.glob(f"{file.stem}_*.ipynb"), *folder.glob(f"{file.stem}.ipynb")}
    return sorted(notebook for notebook in found if not is_stray(notebook))


@dataclass(frozen=True)
class _Call:
    """Hold a call that shows an entry: ``note``, ``figure`` or ``slider``, and what it is given."""

    shows: str
    draw: str | None
    keywords: Mapping[str | None, ast.expr]


def _shown(notebook: Path) -> Iterator[tuple[str, _Call]]:
    """Find the calls that show an entry of the texts, by its name."""
    try:
        trees = [cell.tree for cell in code(notebook_cells(read_notebook(notebook)))]
    except NotebookError:  # the lint says so where it reads that file
        return
    for node in (node for tree in trees if tree for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _OPTIONS:
            name, draw, *_ = (
                *(a.value if isinstance(a, ast.Constant) else None for a in node.args),
                None,
                None,
            )
            if isinstance(name, str):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                yield name, _Call(node.func.id, draw, given)


def _entry_problems(
    file: Path, key: str, entry: Any, terms: Mapping[str, Any], call: _Call | None
) -> Iterator[str]:
    Entry(key, entry, terms)
    if call is None:
        yield f"{key}: no chapter shows it; take it away, or write note or figure in a cell"
        return
    if (call.shows == "note") != ("note" in entry):
        yield f"{key}: expected the texts of a {call.shows}, got {', '.join(entry)}"
        return
    given = _slots_given(call)
    for part in ("note", "caption", "alt", "show"):
        for text in _leaves(entry.get(part, {})):
            names = {re.split(r"[.\[]", slot)[0] for slot in slots(text)}
            if given is not None and (lacking := sorted(names - given)):
                yield f"{key}: {part}: the cell gives no {', '.join(lacking)}; it gives {_listed(given)}"
    if call.shows != "note":
        yield from _drawing_problems(file, key, call)


def _slots_given(call: _Call) -> set[str] | None:
    """Name the slots that a call fills, None where they are not written out."""
    if None in call.keywords or call.shows == "slider":
        return None
    if call.shows == "note":
        return {str(name) for name in call.keywords.keys() - _OPTIONS["note"]}
    literal = call.keywords.get("slots", ast.Dict([], []))
    if isinstance(literal, ast.Dict) and all(isinstance(name, ast.Constant) for name in literal.keys):
        return {str(name.value) for name in literal.keys if isinstance(name, ast.Constant)}
    return None


def _drawing_problems(file: Path, key: str, call: _Call) -> Iterator[str]:
    draw = call.draw or drawing_of(f"{file.stem}-{key}")
    try:
        function = drawing(draw)
    except DrawingError as error:
        yield f"{key}: {error}"
        return
    if None in call.keywords or "frames" in call.keywords:
        return
    data = [str(name) for name in call.keywords if name not in _OPTIONS[call.shows]]
    if call.shows == "slider":
        data.append("value")
    for problem in data_problems(draw, function, data):
        yield f"{key}: data {problem}"


def _leaves(text: Any) -> Iterator[str]:
    if isinstance(text, Mapping):
        for value in text.values():
            yield from _leaves(value)
    elif isinstance(text, str):
        yield text


def _listed(names: Any) -> str:
    return ", ".join(sorted(map(str, names))) or "nothing"
