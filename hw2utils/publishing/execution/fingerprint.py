"""The fingerprint of a chapter: a key that changes when something its results depend on changes."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hw2utils.publishing.execution.outputs import RAISES, SKIP
from hw2utils.publishing.sources.first_cell import installs
from hw2utils.publishing.sources.notebooks import (
    cell_source,
    cell_tags,
    code_cells,
    is_injected,
    read_notebook,
)
from hw2utils.publishing.sources.quiz_cells import quiz_of
from hw2utils.reporting.catalogue import NotebookError, claims_files, read_yaml
from hw2utils.reporting.schema import SCHEMA

_FORMAT = 3  # raise it when what a finished folder holds changes
_PACKAGE = "hw2utils"
_ASSETS = {f"{_PACKAGE}.datasets": "data"}
"""Module of the package -> the package's folder whose files it reads."""
_TALKING = (
    "plotting",
    "reporting",
    "publishing",
    "languages",
    "_arguments",
    "_checks",
    "_progress",
    "_trial",
)
"""What draws, tells, refuses or reports, and computes nothing: no part of a key, nor is what it imports."""


class Fingerprint:
    """Hold what the results of a chapter depend on beside its parameters, as it is now.

    In it: code cells, each module of hw2utils that computes and each module beside the notebook that its
    imports reach (also through other modules and lazily), data those modules read, the form of records, the
    units of the cases of the chapter's claims, and the installed versions of the imported distributions.
    Not in it: Markdown cells, the cell that installs, the one that shows a quiz, outputs, comments and
    docstrings, texts, drawings, all of hw2utils that only tells (:data:`_TALKING`), and the words of its
    errors and warnings, unless the chapter catches one.

    Raises :class:`~hw2utils.publishing.sources.notebooks.NotebookError`.
    """

    def __init__(self, notebook: str | Path) -> None:
        path = Path(notebook).resolve()
        found = _computing_cells(read_notebook(path))
        cells = [computing(cell_source(cell)) + _shown(cell) for cell in found]
        modules, external = _reach(map(cell_source, found), path.parent)
        told = any(map(_tells_errors, found))
        files = {name: _code_digest(file, told) for name, file in modules.items()}
        if _PACKAGE in modules:
            package = modules[_PACKAGE].parent
            folders = {folder for module, folder in _ASSETS.items() if module in modules}
            assets = (file for folder in folders for file in (package / folder).rglob("*") if file.is_file())
            files |= {file.relative_to(package).as_posix(): _digest(file) for file in assets}
        claims = _claims(path)
        self.versions = _versions(external)
        """Versions of Python, the kernel, and each distribution the chapter's imports reach."""
        self.parts = {
            **self.versions,
            **files,
            f"the code cells of {path.stem}": _hash(cells),
            f"the units of {path.stem}'s claims": _hash(claims),
        }
        """What it is made of by name, each with its version or a digest: tells what differs elsewhere."""
        content = [_FORMAT, SCHEMA, cells, files, claims, self.versions]
        self._begun = hashlib.sha256(_written(content)[:-1].encode())  # the same for each of a sweep's keys

    def key(self, parameters: Mapping[str, Any]) -> str:
        """Hash it with the value of every parameter, to 16 hexadecimal digits."""
        whole = self._begun.copy()
        whole.update(f", {_written(dict(parameters))}]".encode())
        return whole.hexdigest()[:16]


def _hash(content: Any) -> str:
    return hashlib.sha256(_written(content).encode()).hexdigest()[:16]


def _written(content: Any) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)


def cache_key(notebook: str | Path, parameters: Mapping[str, Any]) -> str:
    """Hash all that the results of a chapter depend on, to 16 hexadecimal digits.

    ``parameters`` holds the value of every parameter, as ``validate_parameters`` returns them.
    :class:`Fingerprint` says what else is in the key.

    Raises :class:`~hw2utils.publishing.sources.notebooks.NotebookError`.
    """
    return Fingerprint(notebook).key(parameters)


def _reach(cells: Iterable[str], folder: Path) -> tuple[dict[str, Path], set[str]]:
    """Follow imports from code cells: local modules with their files, and top-level names of the others."""
    modules: dict[str, Path] = {}
    external: set[str] = set()
    waiting = [name for cell in cells for name in _imported(_plain_python(cell))]
    while waiting:
        name = waiting.pop()
        if name in modules or _only_talks(name):
            continue
        file = _locate(name, folder)
        if file is None:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and _locate(top, folder) is None:
                external.add(top)
            continue
        modules[name] = file
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        waiting += _imports_of_file(file, file.stat().st_mtime_ns, package)
    return modules, external


def _only_talks(name: str) -> bool:
    package, _, rest = name.partition(".")
    return package == _PACKAGE and rest.partition(".")[0] in _TALKING


def computing(source: str, *, messages: bool = True) -> str:
    """Give what a source computes: its code without comments, docstrings and layout; as it is, if unreadable.

    Without ``messages`` the words of errors, warnings and remedies are left out too.

    >>> computing("x = 1  # one") == computing("x=1\\n\\n") != computing("x = 2")
    True
    """
    plain = _plain_python(source)
    pairs = zip(source.splitlines(), plain.split("\n"), strict=False)  # an empty last line is no line
    magics = [line for line, same in pairs if line != same]
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if told and isinstance(first.value.value, str):  # type: ignore[union-attr]
                node.body = node.body[1:] or [ast.Pass()]
        if not messages and _talks(node):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    part.value = ""
    return "\n".join([ast.dump(tree), *magics])


def _talks(node: ast.AST) -> bool:
    """Tell whether a part of code raises, warns, or hands a remedy to a check."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("warnings.warn", "warn")
    return isinstance(node, ast.Raise) or (isinstance(node, ast.keyword) and node.arg == "remedy")


def _tells_errors(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell may show the words of an error or a warning."""
    return RAISES in cell_tags(cell) or any(
        word in cell_source(cell) for word in ("except", "catch_warnings", "suppress")
    )


def _computing_cells(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    cells = [cell for cell in code_cells(notebook) if quiz_of(cell_source(cell)) is None]
    return cells[1:] if cells and installs(cells[0]) else cells


def same_code(notebook: Mapping[str, Any], executed: Mapping[str, Any]) -> bool:
    """Tell whether an executed copy, but for what papermill put in, computes what a notebook does."""
    here, there = (
        [computing(cell_source(cell)) for cell in _computing_cells(one) if not is_injected(cell)]
        for one in (notebook, executed)
    )
    return here == there


def _shown(cell: Mapping[str, Any]) -> str:
    """Say what else decides whether a cell runs and what it shows: tags, a last semicolon, a bare string."""
    source = cell_source(cell).rstrip()
    told = [tag for tag in (SKIP, RAISES) if tag in cell_tags(cell)]
    told += [";"] if source.endswith(";") else []
    told += [source] if source[:1] in ("'", '"') else []
    return "".join(told)


def _code_digest(file: Path, messages: bool) -> str:
    status = file.stat()
    return _code_digest_once(file, status.st_mtime_ns, status.st_size, messages)


@functools.cache
def _code_digest_once(file: Path, mtime: int, size: int, messages: bool) -> str:
    return hashlib.sha256(computing(_source(file), messages=messages).encode()).hexdigest()


def _source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotebookError(f"{file} is not UTF-8 text: {error}; save it as UTF-8") from None


@functools.cache
def _imports_of_file(file: Path, mtime: int, package: str) -> frozenset[str]:
    return frozenset(_imported(_source(file), package))


def _imported(source: str, package: str = "") -> set[str]:
    """Collect the names a source imports, wherever the statement stands; unreadable code reaches all."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return _whole_package()
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")]
        elif isinstance(node, ast.Constant):  # importlib.import_module("…")
            names = re.findall(rf"^{_PACKAGE}(?:\.\w+)+$", str(node.value))
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[: i + 1]) for i in range(len(parts)))
    found.discard("")
    return found


def _plain_python(cell: str) -> str:
    """Blank out the lines only IPython understands (magics, shell commands, help)."""
    return "\n".join(
        re.sub(r"\S.*", "pass", line) if re.match(r"\s*(%|!|\?)|.*\?\s*$", line) else line
        for line in cell.splitlines()
    )


def _locate(name: str, folder: Path) -> Path | None:
    """Find the file of a local module as the kernel would: beside the notebook, then the package's own."""
    parts = name.split(".")
    roots = [folder, *([_package_folder().parent] if parts[0] == _PACKAGE else [])]
    for root in roots:
        if (root / parts[0]).is_dir() or (root / f"{parts[0]}.py").is_file():
            module = root.joinpath(*parts)
            options = (module / "__init__.py", module.with_name(f"{module.name}.py"))
            return next((option for option in options if option.is_file()), None)
    return None


def _package_folder() -> Path:
    return Path(__file__).resolve().parents[2]


def _whole_package() -> set[str]:
    root = _package_folder()
    paths = (file.relative_to(root.parent).with_suffix("").parts for file in root.rglob("*.py"))
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in paths}


def _digest(file: Path) -> str:
    status = file.stat()
    return _digest_once(file, status.st_mtime_ns, status.st_size)


@functools.cache
def _digest_once(file: Path, mtime: int, size: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _versions(modules: set[str]) -> dict[str, str]:
    """Give the versions of Python, the kernel and the distributions that provide top-level modules."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for module in sorted(modules - {_PACKAGE} | {"ipykernel"}):
        try:
            found[module] = importlib.metadata.version(module)
        except importlib.metadata.PackageNotFoundError:
            for name in _distributions().get(module, ()):
                found[name] = importlib.metadata.version(name)
    return found


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _claims(notebook: Path) -> list[Any]:
    """Pick the units of the cases of this chapter's claims, which its records carry, from beside it."""
    found: list[Any] = []
    for file in claims_files(notebook.parent):
        status = file.stat()
        found += [
            [identifier, _units(claim)]
            for identifier, claim in _entries(file, status.st_mtime_ns, status.st_size)
            if isinstance(claim, dict) and claim.get("chapter") == notebook.stem
        ]
    return found


def _units(claim: dict[str, Any]) -> dict[str, Any]:
    cases = claim.get("cases")
    pairs = cases.items() if isinstance(cases, dict) else ()
    return {key: case.get("unit") for key, case in pairs if isinstance(case, dict)}


@functools.cache
def _entries(file: Path, mtime: int, size: int) -> list[tuple[Any, Any]]:
    content = read_yaml(file)
    return list(content.items()) if isinstance(content, dict) else []  # the claims module refuses the rest
