"""The Sphinx extension: plain ``jupyter-book build .`` on small books in temporary folders."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from files import put
from repository import BUILD, ROOT
from tiny_notebooks import SVG, bundle, figure, write, write_texts

from hw2utils.publishing.execution import shelf
from hw2utils.publishing.execution.published import load_published
from hw2utils.reporting.catalogue import OVERRIDES, NotebookError
from hw2utils.reporting.records import RECORD_MIME

CONFIG = """
title: Small book
only_build_toc_files: true
execute: {execute_notebooks: "off"}
sphinx:
  extra_extensions: [hw2utils.publishing.pages.extension]
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


def both(text: str) -> dict[str, str]:
    return {"fa": f"فا {text}", "en": text}


def claim(chapter: str, statement: str) -> dict[str, Any]:
    return {
        "chapter": chapter,
        "place": both("page 1"),
        "statement": both(statement),
        "scope": {"kind": "always", "source": both("scope")},
        "criterion": both("criterion"),
        "cases": {
            name: {
                "name": both(f"{place} case"),
                "role": "part",
                "relation": "above",
                "threshold": 0,
                "unit": unit,
            }
            for name, place, unit in (("one", "first", "points"), ("two", "second", "nats"))
        },
        "expected": "holds",
        "explanation": both("because"),
    }


CLAIMS = {"C-1": claim("first", "a < `b`"), "C-2": claim("second", "later")}


def verdict(name: str, mean: str = "1.5") -> str:
    """Write code that displays a verdict whose evidence has this mean, an expression."""
    cases = {"one": {"unit": "points", "values": []}, "two": {"unit": "nats", "values": [1.0, 2.0]}}
    shown = bundle({"kind": "verdict", "name": name, "criterion": "0" * 16, "cases": cases})
    return (
        f"from IPython.display import display\nshown = {shown!r}\n"
        f"shown[{RECORD_MIME!r}]['cases']['one']['values'] = [{mean} - 0.25, {mean} + 0.25] * 5\n"
        "display(shown, raw=True)"
    )


QUIZ = 'from hw2utils.reporting.quizzes import quiz\n\nquiz("first")'
NOTICES = ("پیش‌نویس: ", "Draft: ")
COUNT = "import pathlib\npathlib.Path({!r}).open('a').write('x')"


class Book:
    """Hold a small book of two chapters, a home page and a ledger."""

    def __init__(self, root: Path, code: Path | None = None) -> None:
        self.root, self.code = root, code
        self.pages = root / "book"
        self.pages.mkdir()
        (root / "_config.yml").write_text(CONFIG, encoding="utf-8")
        (root / "_toc.yml").write_text(TOC, encoding="utf-8")
        (self.pages / "index.md").write_text(
            "# Home\n\n```{verdict-table}\n:summary:\n```\n", encoding="utf-8"
        )
        tables = "# Ledger\n\n```{verdict-table}\n```\n\n```{gallery}\n```\n"
        (self.pages / "ledger.md").write_text(tables, encoding="utf-8")
        (self.pages / "helper.py").write_text("mean = 1.25", encoding="utf-8")
        (self.pages / "claims.yml").write_text(yaml.safe_dump(CLAIMS, allow_unicode=True), encoding="utf-8")
        write_texts(self.pages, "first")
        self.first()
        self.second()

    def first(self, *extra: str, prose: str = "Words.") -> None:
        cells = (
            COUNT.format("ran1"),
            "import helper",
            verdict("C-1", "helper.mean"),
            figure("first-curve"),
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

    def build(self, *options: str, ok: bool = True) -> str:
        """Run the one build command and return what it printed."""
        command = [str(Path(sys.executable).with_name(BUILD[0])), *BUILD[1:], *options]
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, **({"PYTHONPATH": str(self.code)} if self.code else {})},
            capture_output=True,
            text=True,
            timeout=600,
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, said
        return said

    def page(self, name: str) -> str:
        return (self.root / f"_build/html/book/{name}.html").read_text(encoding="utf-8")


@pytest.mark.book
def test_a_build_runs_stale_chapters_and_shows_their_outputs(tmp_path: Path) -> None:
    book = Book(tmp_path)
    solved = json.loads((book.pages / "second.ipynb").read_text(encoding="utf-8"))
    solved["cells"][-1]["metadata"]["tags"] = ["solution"]
    (book.pages / "second.ipynb").write_text(json.dumps(solved), encoding="utf-8")
    said = book.build()
    folded = re.search(
        r"<details class=\"admonition hide[^>]*>(.*?)</details>", book.page("second"), re.DOTALL
    )
    assert folded and "Show the answer" in folded[1] and "size is 5" in folded[1]
    assert "first: executed in" in said and "second: executed in" in said and book.runs() == (1, 1)
    assert "size is 5" in book.page("second")  # hw2_parameters
    assert 'id="verdict-C-1"' in book.page("first")
    images = list((tmp_path / "_build/html/_images").iterdir())
    assert len(images) == 2 and all(
        f'src="../_images/{image.name}"' in book.page("first") for image in images
    )
    ledger = book.page("ledger")
    for part in (
        '<div class="lang-fa" dir="rtl" lang="fa"><form class="hw2-filter"',
        '<div class="lang-en" dir="ltr" lang="en"><form class="hw2-filter"',
        '<a href="first.html#verdict-C-1"><code dir="ltr">C-1</code></a>',
        'a &lt; <code dir="ltr">b</code>',
        '<span data-verdict="undecided"><strong class="hw2-badge">نامعین</strong></span>',
        "first case: +1.25 [+1.06, +1.44] percentage points <small>(",
        'href="first.html#figure-first-curve"><code dir="ltr">first-curve</code></a>',
        '<code dir="ltr">hw2 figures first-curve</code>',
        f'src="../_images/{images[0].name}"',
        '<td><code dir="ltr">C-2</code></td><td>later</td><td>not measured</td><td></td><td>—</td>',
    ):
        assert part in re.sub(' data-head="[^"]*"', "", ledger), part
    home = book.page("index")
    assert '<strong class="hw2-badge">undecided</strong></span></td><td>1</td><td><a href="first.html' in home
    assert '<table class="hw2-summary">' in home and "<td>سنجیده نشده</td><td>۱</td>" in home

    def drawings() -> set[str]:
        return {file.name for file in (tmp_path / "_build/drawn").glob("*.svg")}

    drawn = drawings()
    said = book.build()  # nothing changed
    assert "executed in" not in said and "no targets are out of date" in said and book.runs() == (1, 1)
    assert len(drawn) == 2 and drawings() == drawn

    book.first(prose="An edited sentence.")
    book.build()
    assert book.runs() == (1, 1) and "An edited sentence." in book.page("first")
    assert 'id="verdict-C-1"' in book.page("first")

    (book.pages / "helper.py").write_text("mean = 7", encoding="utf-8")
    replace(book.pages / "texts/first.yml", "en: main", "en: mean")
    book.build()  # the page and the ledger follow a helper, though neither file changed
    assert book.runs() == (2, 1) and "+7.00" in book.page("ledger")
    assert len(drawings()) == 2 and len(drawings() & drawn) == 0, "old drawings are kept"


@pytest.mark.book
def test_faulty_chapters_fail_the_build(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.first("from IPython.display import display\ndisplay({'image/png': 'iVBORw0KGgo='}, raw=True)")
    book.second("x = 1\nx / 0")
    said = book.build(ok=False)
    for part in (
        "first, cell 6: shows an image (image/png) that is not a bilingual figure",
        "second, cell 5: ZeroDivisionError: division by zero",
        "    x / 0",
        "Traceback",
    ):
        assert part in said, said


@pytest.mark.book
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("C-1", "claim C-1 already has a verdict elsewhere"),
        ("C-9", "C-9: no such claim is stated any more"),
    ],
    ids=["twice", "unknown claim"],
)
def test_a_verdict_given_twice_or_of_no_claim_fails_the_build(
    tmp_path: Path, name: str, message: str
) -> None:
    book = Book(tmp_path)
    book.second(verdict(name))
    assert message in book.build(ok=False)


# --- what an edit changes -------------------------------------------------------------------------

FURNISHED = """
    html_static_path: [book/_static]
    templates_path: [book/_templates]
    html_css_files: [own.css]
    html_js_files: [own.js]
"""


@pytest.fixture
def furnished(tmp_path: Path) -> Book:
    """Make a book with a style sheet, a script and a template of its own, built by a copy of this package."""
    code = tmp_path / "code"
    shutil.copytree(
        ROOT / "hw2utils", code / "hw2utils", ignore=shutil.ignore_patterns("data", "__pycache__")
    )
    root = tmp_path / "book"
    root.mkdir()
    book = Book(root, code)
    (root / "_config.yml").write_text(CONFIG + FURNISHED, encoding="utf-8")
    put(
        book.pages,
        {
            "_static/own.css": "p { top: 1px }",
            "_static/own.js": "var own = 1;",
            "_static/mark.svg": "<svg/>",
            "_templates/layout.html": '{% extends "!layout.html" %}{% block footer %}foot 1{% endblock %}',
            "part.txt": "part 1",
            "gone.md": f'# Gone\n\n![alt](only.svg)\n\n<img alt="d" src="data:image/svg+xml;base64,{SVG}">',
            "only.svg": "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>",
            "text.md": "# Text\n\n```{include} part.txt\n```\n\n<img alt='m' src='../_static/mark.svg'>",
        },
    )
    (root / "_toc.yml").write_text(f"{TOC}- file: book/text\n- file: book/gone\n", encoding="utf-8")
    return book


def files_of(book: Book) -> dict[str, bytes]:
    """Give every file of a built book by name, but for what Sphinx notes for itself."""
    html = book.root / "_build" / "html"
    return {
        file.relative_to(html).as_posix(): file.read_bytes()
        for file in sorted(html.rglob("*"))
        if file.is_file() and file.name != ".buildinfo"
    }


def clean(book: Book) -> dict[str, bytes]:
    """Build a book from nothing but its chapters' runs, in place, and give its files."""
    for part in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(book.root / "_build" / part)
    book.build()
    return files_of(book)


def replace(file: Path, old: str, new: str) -> None:
    """Edit a file and leave its time as it was, as a restored copy may have it."""
    status = file.stat()
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.book
def test_after_every_edit_the_pages_are_those_of_a_clean_build(furnished: Book) -> None:
    book, pages = furnished, furnished.pages
    book.build()
    runs = book.runs()
    before = files_of(book)
    pages_of_gone = {f"{lang}book/gone.html" for lang in ("", "fa/", "en/")}
    assert {*pages_of_gone, "_images/only.svg", "_sources/book/gone.md"} <= before.keys()
    times = {file: file.stat().st_mtime_ns for file in (book.root / "_build/html").rglob("*")}
    assert "no targets are out of date" in book.build()
    assert times == {file: file.stat().st_mtime_ns for file in (book.root / "_build/html").rglob("*")}

    package = book.code / "hw2utils"
    edits = {  # what is edited -> file, old, new, where it shows
        "style sheet": (pages / "_static/own.css", "1px", "2px", "_static/book.css", "p{top: 2px}"),
        "script": (pages / "_static/own.js", "own = 1", "own = 2", "_static/own.js", "own = 2"),
        "template": (pages / "_templates/layout.html", "foot 1", "foot 2", "book/text.html", "foot 2"),
        "image": (pages / "_static/mark.svg", "<svg/>", "<svg></svg>", "_static/mark.svg", "<svg></svg>"),
        "words": (
            package / "reporting" / "ledger.py",
            "Table of verdicts",
            "Verdict table",
            "book/ledger.html",
            "Verdict table",
        ),
        "claim": (pages / "claims.yml", "later", "later still", "book/ledger.html", "later still"),
        "caption": (pages / "texts/first.yml", "line {n}", "curve {n}", "book/first.html", "curve 2"),
        "drawing": (
            package / "plotting" / "style.py",
            "SIZE = (7.0, 3.6)",
            "SIZE = (7.0, 4.0)",
            "book/first.html",
            'height="384"',
        ),
        "criterion": (pages / "claims.yml", "فا criterion", "سنجهٔ تازه", "book/first.html", "سنجهٔ تازه"),
        "threshold": (
            pages / "claims.yml",
            "threshold: 0",
            "threshold: -9",
            "book/ledger.html",
            'data-verdict="holds"',
        ),
        "sentence": (pages / "text.md", "# Text", "# Heading", "book/first.html", "Heading</a>"),
        "part": (pages / "part.txt", "part 1", "part 2", "book/text.html", "part 2"),
        "setting": (book.root / "_config.yml", "Small book", "Little book", "search.html", "Little book"),
    }
    # Those made at once show in places of their own.
    at_once = [("style sheet", "script", "image"), ("claim", "criterion", "threshold"), ("caption", "part")]
    alone = [(what,) for what in edits if not any(what in several for several in at_once)]
    for several in [*at_once, *alone]:
        for what in several:
            file, old, new, page, shown = edits[what]
            assert shown not in before[page].decode(), what
            replace(file, old, new)
        said = book.build()
        after = files_of(book)
        for what in several:
            file, _, _, page, shown = edits[what]
            assert shown in after[page].decode(), what
            if page.endswith(".html"):  # the English page is made anew too, and the Persian one
                lang = "fa" if what == "criterion" else "en"
                assert shown in after[f"{lang}/{page}"].decode(), what
            if what == "script":  # browsers keep a script under its address
                assert before["book/text.html"] != after["book/text.html"]
            if file.is_relative_to(pages / "_static") or what == "template":
                assert "0 added, 0 changed, 0 removed" in said, f"{what}: no page need be read again"
        before = after
    assert book.runs() == runs, "no chapter runs for an edit of what shows it"

    (pages / "gone.md").unlink()
    (book.root / "_toc.yml").write_text(f"{TOC}- file: book/text\n", encoding="utf-8")
    (pages / "_static" / "own.js").unlink()
    config = (book.root / "_config.yml").read_text(encoding="utf-8")
    (book.root / "_config.yml").write_text(config.replace("[own.js]", "[]"), encoding="utf-8")
    book.build()
    after = files_of(book)
    gone = {*pages_of_gone, "_images/only.svg", "_sources/book/gone.md", "_static/own.js"}
    assert gone & after.keys() == set()
    assert "gone" not in after["searchindex.js"].decode() and b"gone" not in after["objects.inv"]
    assert after == clean(book)


@pytest.mark.book
def test_a_book_with_an_address_names_it_on_every_page(tmp_path: Path) -> None:
    book = Book(tmp_path)
    config = tmp_path / "_config.yml"
    config.write_text(f"{CONFIG}html: {{baseurl: https://example.org/b}}\n", encoding="utf-8")
    book.build()
    html = tmp_path / "_build" / "html"
    assert "<loc>https://example.org/b/fa/book/first.html</loc>" in (html / "sitemap.xml").read_text("utf-8")
    assert (html / "_static" / "share.png").is_file()
    for folder in ("", "fa/", "en/"):
        page = (html / folder / "book" / "first.html").read_text(encoding="utf-8")
        canonical = re.findall(r'<link [^>]*rel="canonical"[^>]*>', page)
        assert len(canonical) == 1
        assert f'href="https://example.org/b/{folder}book/first.html"' in canonical[0]


@pytest.mark.book
def test_pages_read_by_a_build_that_was_killed_before_it_wrote_them_are_written(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.build()
    html = tmp_path / "_build" / "html"
    shutil.copytree(html, tmp_path / "old")
    replace(book.pages / "helper.py", "1.25", "7")
    book.build()
    shutil.rmtree(html)
    (tmp_path / "old").rename(html)  # as if the second build had saved what it read, and no more
    book.build()
    assert "+7.00" in book.page("ledger")


@pytest.mark.book
def test_a_failed_build_leaves_the_book_and_repeats_what_it_complained_of(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.build()
    before = files_of(book)
    ledger = book.pages / "ledger.md"
    text = ledger.read_text(encoding="utf-8")
    ledger.write_text(f"{text}\n$\\eqref{{a}}$\n", encoding="utf-8")
    assert r"ledger.md" in (said := book.build(ok=False)) and r"expected no \label, \ref or \eqref" in said
    assert files_of(book) == before
    assert [p.name for p in (tmp_path / "_build").iterdir() if p.name.startswith(".html")] == []

    ledger.write_text(f"{text}\n[x](#nowhere)\n", encoding="utf-8")
    for _ in range(2):
        assert "nowhere" in book.build(ok=False)


@pytest.mark.book
def test_links_lead_to_the_labels_in_a_notebooks_metadata_and_a_wrong_one_fails_the_build(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path)
    first = book.pages / "first.ipynb"
    notebook = json.loads(first.read_text(encoding="utf-8"))
    notebook["cells"][0]["metadata"]["label"] = "first-title"
    words = "[here](#first-words) and [there](#second-title)"
    for cell in (
        {"cell_type": "markdown", "source": ["## Words\n"], "metadata": {"label": "first-words"}},
        {"cell_type": "markdown", "source": words, "metadata": {}},
    ):
        notebook["cells"].append(cell)
    first.write_text(json.dumps(notebook), encoding="utf-8")
    second = book.pages / "second.ipynb"
    notebook = json.loads(second.read_text(encoding="utf-8"))
    notebook["cells"][0] |= {"source": "# Second", "metadata": {"label": "second-title"}}
    second.write_text(json.dumps(notebook), encoding="utf-8")
    book.build()
    assert re.search(r'<section id="words">\s*<span id="first-words"></span><h2>Words', book.page("first"))
    assert 'href="#first-words"' in book.page("first")
    assert 'href="second.html#second-title"' in book.page("first")

    replace(second, "second-title", "second-name")
    said = book.build(ok=False)
    assert "first.ipynb" in said and "'second-title'" in said and "xref_missing" in said


@pytest.mark.book
def test_pages_that_would_lack_something_are_refused_before_anything_runs(tmp_path: Path) -> None:
    book = Book(tmp_path)
    assert "builder: expected html, got dirhtml" in book.build("--builder", "dirhtml", ok=False)
    toc = TOC.replace("- file: book/second", "- glob: book/sec*")
    assert toc != TOC
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    put(book.pages, {"ledger.md": "---\nfile_format: mystnb\n---\n# L\n\n```{code-cell}\n1\n```\n"})
    said = " ".join(re.sub(r"\s+", " ", book.build(ok=False)).split())
    assert "book/second: expected _toc.yml to name every notebook with `file: book/second`" in said
    assert "book/ledger: expected a notebook as ledger.ipynb, got ledger.md" in said
    assert not (book.pages / "ran1").exists()


@pytest.mark.book
def test_a_draft_shows_small_runs_and_says_so_on_every_page(tmp_path: Path) -> None:
    Book(tmp_path)
    put(tmp_path, {OVERRIDES: yaml.safe_dump({"first": {}, "second": {"size": 7}})})
    program = [sys.executable, "-m", "hw2utils.publishing.cli", "draft"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = tmp_path / "_build/draft/html"
    assert "size is 7" in (pages / "book/second.html").read_text(encoding="utf-8")
    for folder, notices in (("", NOTICES), ("fa", NOTICES[:1]), ("en", NOTICES[1:])):
        for name in ("index", "first", "second"):
            page = (pages / folder / f"book/{name}.html").read_text(encoding="utf-8")
            assert tuple(notice for notice in NOTICES if notice in page) == notices, (folder, name)
    assert not (tmp_path / "_build/html").exists()


@pytest.mark.book
def test_published_runs_are_shown_without_running_and_refused_when_their_code_was_edited(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path)

    def hw2(*command: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "hw2utils.publishing.cli", *command]
        return subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=600)

    assert "no finished run of first, second" in hw2("publish").stderr
    book.build()
    config = (tmp_path / "_config.yml").read_text(encoding="utf-8").replace("{second: {size: 5}}", "{}")
    (tmp_path / "_config.yml").write_text(config, encoding="utf-8")
    book.build()
    kept = hw2("publish")
    assert kept.returncode == 0 and kept.stdout.count(" MB") == 2
    before = book.page("first")
    shutil.rmtree(tmp_path / "_build")
    runs = book.runs()
    assert (built := hw2("pages")).returncode == 0, built.stdout + built.stderr
    assert book.runs() == runs
    shown = (tmp_path / "_build/pages/html/book/first.html").read_text(encoding="utf-8")
    assert shown == before

    assert hw2("adopt", "--except", "first").stdout.startswith("second  ")
    kept = hw2("results").stdout
    assert "second" in kept and "published" in kept and "first" not in kept

    book.first(QUIZ)  # asked since that run
    first = json.loads((book.pages / "first.ipynb").read_text(encoding="utf-8"))
    heading = {"cell_type": "markdown", "source": "## One — یک", "metadata": {"label": "first-one"}}
    first["cells"].insert(1, heading)
    (book.pages / "first.ipynb").write_text(json.dumps(first), encoding="utf-8")
    texts = [{"text": both(name), "why": both(f"because {name}")} for name in "abc"]
    asked = {
        "section": "first-one",
        "question": both("asked"),
        "options": [texts[0] | {"right": True}, *texts[1:]],
    }
    put(book.pages, {"quizzes/first.yml": yaml.safe_dump({"first-question": asked})})
    assert (built := hw2("pages")).returncode == 0, built.stdout + built.stderr
    assert book.runs() == runs
    shown = (tmp_path / "_build/pages/html/en/book/first.html").read_text(encoding="utf-8")
    assert shown.count("<fieldset") == 1 and 'href="#first-one"' in shown and 'id="first-one"' in shown
    index = (tmp_path / "_build/pages/html/searchindex-en.js").read_text(encoding="utf-8")
    assert "1. asked" in index and "because" not in index.partition("1. asked")[2][:60]

    kept = book.pages / "published" / "first"  # another run under the same key
    higher = partial(re.sub, r"(?<=[\s\[])1\.(0|25|5)\b", r"3.\1")
    results, notebook = kept / "results.json", kept / "first.ipynb"
    results.write_text(higher(results.read_text(encoding="utf-8")), encoding="utf-8")
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["outputs"] = json.loads(higher(json.dumps(cell.get("outputs", []))))
    notebook.write_text(json.dumps(content), encoding="utf-8")
    (kept / "manifest.json").unlink()
    shelf.seal(kept)
    assert (built := hw2("pages")).returncode == 0, built.stdout + built.stderr
    for page in ("first", "ledger"):
        shown = (tmp_path / f"_build/pages/html/book/{page}.html").read_text(encoding="utf-8")
        assert "+3.25" in shown and "+1.25" not in shown, page

    book.first("x = 1")
    failed = hw2("pages")
    assert (
        failed.returncode != 0
        and "first: its code, or code it uses, was edited" in failed.stderr + failed.stdout
    )
    (book.pages / "published/first/results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(
        NotebookError, match=r"first: the published run is no good: results.json is not as it was"
    ):
        load_published([book.pages / "first.ipynb"])
    book.first()
    write(book.pages / "second.ipynb", "x = 2", prose="# Second")
    with pytest.raises(NotebookError, match="second: its code, or code it uses, was edited after"):
        load_published([book.pages / "second.ipynb"])
