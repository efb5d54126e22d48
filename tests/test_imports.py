"""Publishing builds on learning, never back; heavy libraries load late; public names are documented."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

PACKAGE = "hw2utils"


def read_modules(root: Path) -> dict[str, ast.Module]:
    """Parse every module of the package under ``root``, by its full name."""
    modules = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_bytes())
    return modules


def imports(name: str, tree: ast.AST, modules: set[str], packages: set[str]) -> set[str]:
    """Name the modules of the package that a module imports, wherever in its text."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = name.split(".") if name in packages else name.split(".")[:-1]
                base = ".".join([*above[: len(above) - node.level + 1], *filter(None, [base])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found & modules - {name, PACKAGE}


def graph(root: Path) -> dict[str, set[str]]:
    """Say for each module of the package which others it imports."""
    modules = read_modules(root)
    packages = {name for name in modules if (root / Path(*name.split("."))).is_dir()}
    return {name: imports(name, tree, set(modules), packages) for name, tree in modules.items()}


def problems(graph: dict[str, set[str]]) -> list[str]:
    """Find imports against the order and circles."""
    found = []
    for name, used in graph.items():
        learning = not name.startswith(f"{PACKAGE}.publishing")
        for other in sorted(used):
            if learning and other.startswith(f"{PACKAGE}.publishing"):
                found.append(f"{name} imports {other}: learning modules know nothing of publishing")
            if learning and other == f"{PACKAGE}.plotting":
                found.append(f"{name} imports {other}: drawing comes after computing")
            if other.endswith(".cli"):
                found.append(f"{name} imports {other}: the command line is the top")
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            found.append("circle: " + " → ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for other in sorted(graph[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())
    return found


def undocumented(name: str, tree: ast.Module) -> list[str]:
    """Name the module and its public functions, classes and methods that lack a docstring."""
    found = [] if ast.get_docstring(tree) else [name]
    nodes = [(node, name) for node in tree.body]
    while nodes:
        node, owner = nodes.pop(0)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            full = f"{owner}.{node.name}"
            found += [] if ast.get_docstring(node) else [full]
            nodes += [(child, full) for child in node.body] if isinstance(node, ast.ClassDef) else []
    return found


def test_imports_go_one_way():
    found = graph(ROOT)
    assert {f"{PACKAGE}.training", f"{PACKAGE}.publishing.execution"} <= set(found)
    assert problems(found) == []


def test_every_public_name_is_documented():
    modules = read_modules(ROOT)
    assert [missing for name, tree in modules.items() for missing in undocumented(name, tree)] == []


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (PACKAGE, {"torch", "numpy", "matplotlib"}),
        # What starts with every build and every command.
        (f"{PACKAGE}.publishing.execution", {"torch", "torchvision", "matplotlib"}),
        (f"{PACKAGE}.publishing.sphinx_extension", {"torch", "torchvision"}),
        (f"{PACKAGE}.publishing.cli", {"torch", "torchvision", "matplotlib"}),
    ],
)
def test_heavy_libraries_are_not_imported_at_the_start(modules, heavy):
    code = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.py": "from hw2utils import publishing"}, "hw2utils.a imports hw2utils.publishing"),
        ({"a.py": "def f():\n    from .publishing.claims import load"}, "imports hw2utils.reporting.claims"),
        ({"a.py": "from . import plotting"}, "hw2utils.a imports hw2utils.plotting"),
        ({"reporting/figures.py": "from hw2utils.publishing import cli"}, "imports hw2utils.publishing.cli"),
        ({"reporting/figures.py": "from .. import a\nfrom . import claims"}, None),
        ({"a.py": "import hw2utils.b", "b.py": "from .a import x"}, "circle: hw2utils.a → hw2utils.b → "),
        ({"reporting/figures.py": "import hw2utils.plotting", "b.py": "import torch"}, None),
    ],
)
def test_a_wrong_import_is_found(files, message, tmp_path):
    empty = ["__init__.py", "a.py", "b.py", "plotting.py"]
    empty += [f"publishing/{name}.py" for name in ("__init__", "claims", "cli", "figures")]
    for name, text in {**dict.fromkeys(empty, ""), **files}.items():
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = problems(graph(tmp_path))
    assert (found == []) if message is None else any(message in problem for problem in found), found


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ('"""Say."""\ndef f():\n    """Do."""\ndef _g(): pass', []),
        ("x = 1", ["m"]),
        ('"""Say."""\ndef f(): pass', ["m.f"]),
        ('"""Say."""\nclass C:\n    """Hold."""\n    def f(self): pass\n    def _g(self): pass', ["m.C.f"]),
    ],
)
def test_a_missing_docstring_is_found(source, missing):
    assert undocumented("m", ast.parse(source)) == missing
