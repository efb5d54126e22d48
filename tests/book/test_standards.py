"""Pages, pictures and the style sheet judged by the W3C's checker, in each language."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from files import put

pytestmark = [pytest.mark.book, pytest.mark.processes]

UNKNOWN = ("@container", "“container", "“math-shift”", "“font-size”: Parse Error")
"""What the checker does not know yet: container queries and their unit ``cqi``, a property of formulas."""

OF_THE_THEME = ('“transition”: “"0s"”',)


@pytest.fixture(scope="session")
def checker() -> list[str]:
    """Give the command that runs the checker, which `make test` brings where there is npm."""
    java, found = shutil.which("java"), sorted(Path(sys.prefix).glob("vnu-*.jar"))
    if java is None:
        pytest.skip("needs Java on the PATH, which the W3C's checker runs on")
    if not found:
        pytest.skip("needs the W3C's checker, which `make test` puts into the environment with npm")
    return [java, "-jar", str(found[-1])]


def errors(checker: list[str], kind: str, files: Iterable[Path]) -> list[str]:
    """Check files of a kind, html, svg or css; give each error with its file, line and the text around."""
    names = [str(file) for file in files]
    assert names, f"no {kind} to check"
    done = subprocess.run(
        [*checker, f"--{kind}", "--format", "json", "--stdout", *names],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return [
        f"{m.get('url', '')}:{m.get('lastLine', '')}: {m['message']} {m.get('extract', '')!r}"
        for m in json.loads(done.stdout)["messages"]
        if m["type"] != "info"
    ]


def test_no_page_has_an_error(checker: list[str], book_html: Path) -> None:
    pages = [page for page in sorted(book_html.rglob("*.html")) if "_static" not in page.parts]
    places = [page.relative_to(book_html).as_posix() for page in pages]
    own = [place for place in places if not place.startswith(("fa/", "en/"))]
    assert sorted(places) == sorted(f"{folder}{place}" for folder in ("", "fa/", "en/") for place in own)
    assert errors(checker, "html", pages) == []


def test_no_picture_has_an_error(checker: list[str], book_html: Path) -> None:
    assert errors(checker, "svg", sorted((book_html / "_images").glob("*.svg"))) == []


def test_the_style_sheet_has_no_error(checker: list[str], book_html: Path) -> None:
    found = errors(checker, "css", [book_html / "_static" / "book.css"])
    assert [error for error in found if not any(part in error for part in (*UNKNOWN, *OF_THE_THEME))] == []


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("html", "<!DOCTYPE html><html lang=en><title>1</title><p id=a><b id=a>", "Duplicate ID"),
        ("html", "<!DOCTYPE html><html lang=en><title>1</title><details><summary><p>", "not allowed"),
        ("svg", '<svg xmlns="http://www.w3.org/2000/svg"><path stroke="red" fil="x"/></svg>', "fil"),
        ("css", "p { colour: red }", "colour"),
    ],
)
def test_errors_are_found(checker: list[str], tmp_path: Path, kind: str, text: str, message: str) -> None:
    put(tmp_path, {f"a.{kind}": text})
    assert any(message in error for error in errors(checker, kind, [tmp_path / f"a.{kind}"]))
