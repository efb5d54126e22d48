"""What is wrong with a chapter's texts, seen without running it: parts, languages, slots, drawings, use."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES
from hw2utils.publishing.sources.notebooks import cell_source, code_cells, read_notebook
from hw2utils.reporting.figures import DrawingError, drawing
from hw2utils.reporting.records import drawing_of
from hw2utils.reporting.texts import TERMS, Entry, TextError, check_both, read_file, slots

_SHOWS = {"note", "figure", "slider"}
_OPTIONS = {"units", "variant", "slots", "draw", "values", "start", "frames"}
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬", "0123456789.,")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SLOT = re.compile(r"\{[^{}]*\}")


def text_problems(file: Path) -> list[str]:
    """Say what is wrong with a file of texts, and between it and the notebooks that show them.

    Each message names the entry, and what to do.
    """
    try:
        content = read_file(file)
    except TextError as error:
        return [str(error)]
    terms = content.get(TERMS) or {}
    calls = {key: call for notebook in _notebooks(file) for key, call in _shown(notebook, file.stem)}
    found = []
    for word, text in terms.items():
        found += _checked(text, f"{TERMS}: {word}")
    for key, entry in content.items():
        if key != TERMS:
            found += _entry_problems(file, key, entry, terms, calls.pop(key, None))
    found += [
        f"{key}: no entry{did_you_mean(key, content)}; the chapter shows {file.stem}-{key}" for key in calls
    ]
    return found


def _notebooks(file: Path) -> list[Path]:
    folder = file.parent.parent
    return sorted({*folder.glob(f"{file.stem}_*.ipynb"), *folder.glob(f"{file.stem}.ipynb")})


def _shown(notebook: Path, prefix: str) -> Iterator[tuple[str, ast.Call]]:
    """Find the calls that show an entry of the texts, by its key."""
    for cell in code_cells(read_notebook(notebook)):
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
    try:
        Entry(key, entry, terms)
    except TextError as error:
        return [str(error)]
    found = []
    for part, text in entry.items():
        for label, one in text.items() if part == "labels" else [("", text)]:
            found += _parity(one, ": ".join(filter(None, (key, part, label))))
    if call is None:
        return [*found, f"{key}: no chapter shows it; take it away, or write note or figure in a cell"]
    shows = call.func.id  # type: ignore[attr-defined]
    if (shows == "note") != ("note" in entry):
        return [*found, f"{key}: expected the texts of a {shows}, got {', '.join(entry)}"]
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
    if None in given or "frames" in given:
        return []
    data = {str(name) for name in given - _OPTIONS}
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


def _checked(text: Any, place: str) -> list[str]:
    try:
        check_both(text, place)
    except TextError as error:
        return [str(error)]
    return _parity(text, place)


def _parity(text: Mapping[str, Any], place: str) -> list[str]:
    """Compare what can be counted in both languages: slots, numbers, code and links."""
    if set(text) != set(LANGUAGES):
        return [problem for name, variant in text.items() for problem in _parity(variant, f"{place}: {name}")]
    found = []
    for what, count in (("slots", _count_slots), ("numbers", _count_numbers), ("code", _count_code)):
        fa, en = (count(str(text[lang])) for lang in LANGUAGES)
        if fa != en:
            only = ", ".join(f"{item} {'fa' if item in fa - en else 'en'}" for item in (fa - en) | (en - fa))
            found.append(f"{place}: the languages differ in {what}: {only}; say the same in both")
    return found


def _count_slots(text: str) -> Counter[str]:
    return Counter(slots(text))


def _count_numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(_SLOT.sub(" ", text).translate(_LATIN)))


def _count_code(text: str) -> Counter[str]:
    return Counter(re.findall(r"`[^`]+`|https?://\S+", text))


def _leaves(text: Any) -> Iterator[str]:
    if isinstance(text, Mapping):
        for value in text.values():
            yield from _leaves(value)
    elif isinstance(text, str):
        yield text


def _listed(names: Any) -> str:
    return ", ".join(sorted(map(str, names))) or "nothing"
