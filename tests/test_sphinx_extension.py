"""The Sphinx extension: plain ``jupyter-book build .`` on small books in temporary folders."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny_notebooks import SVG, figure, write

from hw2utils.publishing.bilingual import RECORD_MIME

CONFIG = """
title: Small book
only_build_toc_files: true
execute: {execute_notebooks: "off"}
sphinx:
  extra_extensions: [hw2utils.publishing.sphinx_extension]
  config:
    hw2_parameters: {second: {size: 5}}
"""
TOC = """
format: jb-book
root: book/index
chapters:
- file: book/first
- file: book/second
- file: book/ledger
"""


def claim(chapter: str, statement: str) -> dict[str, Any]:
    def both(text: str) -> dict[str, str]:
        return {"fa": f"فا {text}", "en": text}

    return {
        "chapter": chapter,
        "place": both("page 1"),
        "statement": both(statement),
        "criterion": both("criterion"),
        "cases": {
            "one": {"name": both("first case"), "relation": "above", "threshold": 0, "unit": "points"},
            "two": {"name": both("second case"), "relation": "above", "threshold": 0, "unit": "nats"},
        },
        "expected": "holds",
        "explanation": both("because"),
    }


CLAIMS = {"C-1": claim("first", "a < `b`"), "C-2": claim("second", "later")}


def verdict(name: str, result: str, mean: str = "1.5") -> str:
    """Write code that displays a verdict; ``mean`` is an expression."""
    shown = f'<section class="hw2-verdict" id="verdict-{name}">card</section>'
    case = {"n": 10, "low": 0.5, "high": None, "threshold": 0, "relation": "above", "verdict": result}
    names = {"fa": "حالت", "en": "case"}
    cases = [{**case, "name": names, "unit": unit} for unit in ("points", "nats")]
    record = {"kind": "verdict", "name": name, "verdict": result, "expected": "holds", "cases": cases}
    return (
        f"from IPython.display import display\nrecord = {record!r}\n"
        f"for case in record['cases']:\n    case['mean'] = {mean}\n"
        f"display({{'text/html': {shown!r}, 'text/plain': 'card', {RECORD_MIME!r}: record}}, raw=True)"
    )


COUNT = "import pathlib\npathlib.Path({!r}).open('a').write('x')"


class Book:
    """Hold a small book of two chapters, a home page and a ledger."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages = root / "book"
        self.pages.mkdir()
        (root / "_config.yml").write_text(CONFIG, encoding="utf-8")
        (root / "_toc.yml").write_text(TOC, encoding="utf-8")
        (self.pages / "index.md").write_text(
            "# Home\n\n```{verdict-table}\n:summary:\n```\n", encoding="utf-8"
        )
        (self.pages / "ledger.md").write_text("# Ledger\n\n```{verdict-table}\n```\n", encoding="utf-8")
        (self.pages / "helper.py").write_text("mean = 1.25", encoding="utf-8")
        (self.pages / "claims.yml").write_text(yaml.safe_dump(CLAIMS, allow_unicode=True), encoding="utf-8")
        self.first()
        self.second()

    def first(self, *extra: str, prose: str = "Words.") -> None:
        cells = (
            COUNT.format("ran1"),
            "import helper",
            verdict("C-1", "holds", "helper.mean"),
            figure("curve"),
            *extra,
        )
        write(self.pages / "first.ipynb", *cells, prose=f"# First\n\n{prose}")

    def second(self, *extra: str) -> None:
        write(
            self.pages / "second.ipynb",
            COUNT.format("ran2"),
            "print('size is', size)",
            *extra,
            parameters="size: int = 1  # [1, 9]",
            prose="# Second",
        )

    def runs(self) -> tuple[int, int]:
        """Count how often each chapter ran, then show the counts."""
        return tuple(len((self.pages / name).read_text()) for name in ("ran1", "ran2"))  # type: ignore[return-value]

    def build(self, ok: bool = True) -> str:
        """Run the one build command and return what it printed."""
        command = [
            str(Path(sys.executable).with_name("jupyter-book")),
            "build",
            ".",
            "-W",
            "-n",
            "--keep-going",
        ]
        done = subprocess.run(
            command,
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, said
        return said

    def page(self, name: str) -> str:
        return (self.root / f"_build/html/book/{name}.html").read_text(encoding="utf-8")


@pytest.mark.book
def test_a_build_runs_stale_chapters_and_shows_their_outputs(tmp_path: Path) -> None:
    book = Book(tmp_path)
    said = book.build()
    assert "first: executed in" in said and "second: executed in" in said and book.runs() == (1, 1)
    assert "size is 5" in book.page("second")  # hw2_parameters
    assert 'id="verdict-C-1"' in book.page("first")
    (image,) = (tmp_path / "_build/html/_images").iterdir()
    assert image.read_bytes() == base64.b64decode(SVG) and f'src="../_images/{image.name}"' in book.page(
        "first"
    )
    ledger = book.page("ledger")
    for part in (
        '<div class="lang-fa" dir="rtl" lang="fa"><div class="hw2-scroll"',
        '<div class="lang-en" dir="ltr" lang="en"><div class="hw2-scroll"',
        '<a href="first.html#verdict-C-1"><code dir="ltr">C-1</code></a>',
        'a &lt; <code dir="ltr">b</code>',
        '<span data-verdict="holds"><strong class="hw2-badge">برقرار</strong></span>',
        'case: <bdi dir="ltr">+1.25 [+0.50, ∞]</bdi> percentage points<br>case: ',
        '<td><code dir="ltr">C-2</code></td><td>later</td><td>not measured</td><td>—</td><td>—</td>',
    ):
        assert part in ledger, part
    home = book.page("index")
    assert '<strong class="hw2-badge">holds</strong></span></td><td>1</td><td><a href="first.html' in home
    assert '<table class="hw2-summary">' in home and "<td>سنجیده نشده</td><td>۱</td>" in home

    said = book.build()  # nothing changed
    assert "executed in" not in said and "no targets are out of date" in said and book.runs() == (1, 1)

    book.first(prose="An edited sentence.")
    book.build()
    assert book.runs() == (1, 1) and "An edited sentence." in book.page("first")
    assert 'id="verdict-C-1"' in book.page("first")

    (book.pages / "helper.py").write_text("mean = 7", encoding="utf-8")
    book.build()  # the page and the ledger follow a helper, though neither file changed
    assert book.runs() == (2, 1) and "+7.00" in book.page("ledger")


@pytest.mark.book
@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["x = 1\nx / 0"],
            ["second, cell 5: ZeroDivisionError: division by zero", "    x / 0", "Traceback"],
        ),
        (
            [
                "from IPython.display import HTML, display\ndisplay({'image/png': 'iVBORw0KGgo='}, raw=True)",
                "HTML('<p><img src=x.png></p>')",
                figure("curve", alt={"fa": " ", "en": "line"}),
            ],
            [
                "second, cell 5: shows an image (image/png) that is not a bilingual figure",
                "second, cell 6: shows an image (HTML with an image)",
                "second: figure 'curve' has no alternative text in 'fa'",
            ],
        ),
        ([verdict("C-1", "holds")], ["claim C-1 already has a verdict elsewhere"]),
        ([verdict("C-9", "holds")], ["verdicts of claims that the claims file lacks: C-9"]),
    ],
    ids=["raises", "images", "twice", "unknown claim"],
)
def test_a_faulty_chapter_fails_the_build(tmp_path: Path, cells: list[str], message: list[str]) -> None:
    book = Book(tmp_path)
    book.second(*cells)
    said = book.build(ok=False)
    for part in message:
        assert part in said, said
