"""The fingerprint: what changes a chapter's key, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_notebooks import PARAMETERS, write

from hw2utils.publishing.execution import fingerprint
from hw2utils.publishing.execution.fingerprint import Fingerprint, cache_key, same_code
from hw2utils.publishing.execution.parameters import validate_parameters
from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.notebooks import read_notebook, write_notebook
from hw2utils.reporting.catalogue import NotebookError


def key(notebook: Path, given: dict[str, Any] | None = None) -> str:
    return cache_key(notebook, validate_parameters(notebook, given))


def test_key_follows_what_a_chapter_depends_on(tmp_path: Path) -> None:
    """Edits of code, of parameters, of reached modules, data and claims change the key; nothing else does."""
    package = tmp_path / "hw2utils"
    sources = {
        "__init__": "",
        "datasets": "",
        "direct": "from . import lazy_user",
        "lazy_user": "def f():\n    from hw2utils.sub.deep import g",
        "sub/__init__": "",
        "sub/deep": "",
        "dynamic": "",
        "other": "",
        "reporting/__init__": "from hw2utils import other",
        "plotting/__init__": "",
        "_checks": "",
    }
    for name, source in sources.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text(source, encoding="utf-8")
    (package / "data").mkdir()
    (package / "data/numbers.bin").write_bytes(b"1")
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    claims = (
        "C-1: {chapter: a, statement: one, cases: {m: {unit: points, threshold: 1}}}\nC-2: {chapter: b}\n"
    )
    (tmp_path / "claims.yml").write_text(claims, encoding="utf-8")
    code = (
        "%matplotlib inline\nfrom hw2utils.direct import lazy_user\nimport beside, numpy",
        "import importlib\nimportlib.import_module('hw2utils.dynamic')\n!true\n"
        "from hw2utils import datasets\n"
        "from hw2utils import _checks, plotting, reporting",
    )
    notebook = write(tmp_path / "a.ipynb", *code, parameters=PARAMETERS)
    keys = [key(notebook)]

    def changed() -> bool:
        keys.append(key(notebook))
        return keys[-1] != keys[-2]

    write(notebook, *code, parameters=PARAMETERS, prose="Other words.")
    assert not changed()
    write(notebook, *code, parameters=PARAMETERS, hw2={"seconds": 9})
    assert not changed()
    (package / "other.py").write_text("x = 1", encoding="utf-8")
    assert not changed()
    (tmp_path / "claims.yml").write_text(
        claims.replace("chapter: b", "chapter: b, cases: {m: {unit: nats}}"), encoding="utf-8"
    )
    assert not changed()
    for name in ("reporting/__init__", "plotting/__init__", "_checks"):  # they draw, tell and refuse
        (package / f"{name}.py").write_text("colour = 'red'", encoding="utf-8")
        assert not changed(), name
    (tmp_path / "claims.yml").write_text(claims.replace("one", "1").replace("threshold: 1", "threshold: 2"))
    assert not changed(), "words and thresholds"
    (package / "direct.py").write_text('"""Say."""\nfrom . import   lazy_user  # why', encoding="utf-8")
    write(notebook, code[0] + "  # why", code[1], parameters=PARAMETERS + "# why")
    assert not changed(), "comments, docstrings and layout"
    write(notebook, *code, parameters=PARAMETERS)
    assert key(notebook, {"epochs": 3}) == keys[-1] != key(notebook, {"epochs": 4})
    for name in ("direct", "lazy_user", "sub/deep", "sub/__init__", "dynamic", "datasets"):
        (package / f"{name}.py").write_text(sources[name] + "\nx = 1", encoding="utf-8")
        assert changed(), name
    (tmp_path / "beside.py").write_text("x = 1", encoding="utf-8")
    assert changed()
    (package / "data/numbers.bin").write_bytes(b"2")
    assert changed()
    (tmp_path / "claims.yml").write_text(claims.replace("points", "nats"), encoding="utf-8")
    assert changed()
    write(notebook, *code, "1 + 1", parameters=PARAMETERS)
    assert changed()


RAISING = """
import warnings
def f(x):
    if x < 0:
        raise ValueError(f"x: expected 0 or more, got {x!r}; " + "take abs(x)")
    warnings.warn("x: is odd", stacklevel=2)
    return check("x", x, remedy="take another")
"""


def test_words_of_errors_are_no_part_of_a_key_unless_a_chapter_shows_them(tmp_path: Path) -> None:
    beside = tmp_path / "beside.py"
    plain = write(tmp_path / "a.ipynb", "import beside")
    showing = write(
        tmp_path / "b.ipynb", "import beside", "try: beside.f(-1)\nexcept ValueError as e: print(e)"
    )

    def keys() -> tuple[str, str]:
        return key(plain), key(showing)

    beside.write_text(RAISING, encoding="utf-8")
    before = keys()
    for old, new in {
        "expected": "wanted",
        "is odd": "is strange",
        "another": "one",
        "take abs": "use abs",
    }.items():
        beside.write_text(RAISING.replace(old, new), encoding="utf-8")
        assert keys()[0] == before[0], old
        assert keys()[1] != before[1], old
    for old, new in {"x < 0": "x < 1", "got {x!r}": "got {y!r}", "x, remedy": "y, remedy"}.items():
        beside.write_text(RAISING.replace(old, new), encoding="utf-8")
        assert keys()[0] != before[0], old


def test_the_cell_that_installs_is_no_part_of_a_key(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", 'if util.find_spec("hw2utils") is None: pass', "1", prose="")
    content = read_notebook(notebook)
    for metadata, part in ((first_cell.METADATA, False), ({}, True)):
        content["cells"][0]["metadata"] = metadata
        content["cells"][0]["source"] = 'if util.find_spec("hw2utils") is None: pass'
        write_notebook(notebook, content)
        before, old = key(notebook), read_notebook(notebook)
        content["cells"][0]["source"] += "\nx = 1"
        write_notebook(notebook, content)
        assert (key(notebook) != before) == part
        ran = read_notebook(notebook)
        ran["cells"][0]["metadata"]["execution"] = {"iopub.status.idle": "now"}
        assert same_code(old, ran) != part


def test_stray_copies_are_no_part_of_a_key(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "1")
    claims = tmp_path / "claims"
    claims.mkdir()
    (claims / "q1.yml").write_text("C-1: {chapter: a}\n", encoding="utf-8")
    before = key(notebook)
    for stray in ("._q1.yml", ".#q1.yml", "q1-Copy1.yml"):
        (claims / stray).write_bytes(b"\x00\xff: [")
    assert key(notebook) == before


def test_files_that_are_not_text_are_named(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "import beside")
    (tmp_path / "beside.py").write_bytes("# é".encode("cp1252"))
    with pytest.raises(NotebookError, match=r"beside\.py is not UTF-8 text"):
        key(notebook)
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    (tmp_path / "claims.yml").write_bytes("C-1: {chapter: a}".encode("utf-16"))
    with pytest.raises(NotebookError, match=r"claims\.yml is not UTF-8 text"):
        key(notebook)


def test_claims_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = write(tmp_path / "a.ipynb", "import json")
    (tmp_path / "claims.yml").write_text("C-1: {chapter: a}\n", encoding="utf-8")
    before = key(notebook)
    monkeypatch.setattr("yaml.load", None)
    assert key(notebook) == before


def test_key_follows_installed_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = write(tmp_path / "a.ipynb", "import numpy, yaml, json")
    versions = Fingerprint(notebook).versions
    assert {"numpy", "PyYAML", "ipykernel", "python"} == set(versions)
    before = key(notebook)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "999")
    assert key(notebook) != before


def test_code_that_is_not_python_reaches_the_whole_package(tmp_path: Path) -> None:
    modules, _ = fingerprint._reach(["%%bash\nfor x in *; do echo; done"], tmp_path)
    assert "hw2utils.training" in modules and "hw2utils.publishing.execution" not in modules
