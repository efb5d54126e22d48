"""The one lint: structure, Persian, parameters and code of the book's sources, each fault with its place."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES
from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.cells import Cell, code, markdown, notebook_cells, page_cells
from hw2utils.publishing.sources.durations import check_duration
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.listings import CODE_CHECKS, LESSON_CHECKS
from hw2utils.publishing.sources.moved import FILE as MOVED
from hw2utils.publishing.sources.moved import check_moved
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.publishing.sources.persian import TERMS_FILE, book_files, lint, load_terms, persian_texts
from hw2utils.publishing.sources.quiz_cells import FOLDER as QUIZZES
from hw2utils.publishing.sources.quiz_cells import check_quiz_cell
from hw2utils.publishing.sources.repository import FILE as CONFIG
from hw2utils.publishing.sources.repository import check_repository
from hw2utils.publishing.sources.solutions import check_solutions
from hw2utils.publishing.sources.structure import TEXT_CHECKS, compare
from hw2utils.publishing.sources.synonyms import SYNONYMS_FILE, check_synonyms
from hw2utils.reporting.answers import FILE as ANSWERS
from hw2utils.reporting.catalogue import NotebookError, book_folder, chapters, read_yaml
from hw2utils.reporting.corrections import FILE as CORRECTIONS
from hw2utils.reporting.unmeasured import FILE as UNMEASURED

TEXTS = "texts"
"""The folder beside the chapters with what their notes and figures say."""

CLAIMS = "claims"
"""The folder beside the chapters with the claims and their registry."""

CHECKS = "checks"
"""The folder of the package with what checks of exercises say."""

_LINK = re.compile(r"\]\(#([^)\s]+)\)")


@dataclass(frozen=True)
class Book:
    """Know what the rules ask of a whole book: its folders, labels, terms and first cell."""

    root: Path

    @cached_property
    def folders(self) -> set[Path]:
        """The folders that hold chapters, and so the pages."""
        return {path.parent for path in chapters(self.root)}

    @cached_property
    def terms(self) -> dict[str, str]:
        """What is not written in Persian, and the book's term for it."""
        return {
            word: term
            for folder in sorted(self.folders)
            for word, term in load_terms(folder / TERMS_FILE).items()
        }

    @cached_property
    def labels(self) -> dict[str, list[tuple[Path, Place]]]:
        """Where each label of the book stands; files that cannot be read have none."""
        found = defaultdict(list)
        pages = (path for folder in sorted(self.folders) for path in sorted(folder.glob("*.md")))
        for path in (*chapters(self.root), *pages):
            try:
                cells = notebook_cells(read_notebook(path)) if path.suffix == ".ipynb" else page_cells(path)
            except (NotebookError, ValueError, LookupError, OSError):
                continue
            for cell in cells:
                if cell.label:
                    found[cell.label].append((path, cell.place))
        return found

    def is_page(self, path: Path) -> bool:
        """Tell whether a file is a page of the book in Markdown."""
        return path.suffix == ".md" and path.resolve().parent in self.folders

    def is_lesson(self, path: Path) -> bool:
        """Tell whether a chapter's code is held to what lessons keep.

        Those that ``ruff.toml`` beside them leaves out of formatting are still to be rewritten.

        Raises ValueError where that file cannot be read.
        """
        settings = path.resolve().with_name("ruff.toml")
        try:
            content = tomllib.loads(settings.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return True
        except ValueError as error:
            raise ValueError(f"{settings}: {error}; mend the file") from None
        left_out = content.get("format", {}).get("exclude", [])
        return not any(fnmatch.fnmatch(path.name, pattern) for pattern in left_out)


def lint_book(root: Path) -> Iterator[tuple[Path, list[Finding]]]:
    """Check every source of the book in ``root``; give each file with its findings, which may be none."""
    book = Book(root.resolve())
    config = [book.root / CONFIG] if (book.root / CONFIG).is_file() else []
    yield from ((path, lint_file(path, book)) for path in (*config, *book_files(book.root)))


def lint_history(root: Path) -> Iterator[tuple[Path, list[Finding]]]:
    """Check with git that the registries of claims were only appended to; give each with its findings."""
    from hw2utils.publishing.sources.claims import check_history
    from hw2utils.reporting.criteria import REGISTRY

    for folder in sorted(Book(root.resolve()).folders):
        if (file := folder / REGISTRY).is_file():
            yield file, list(check_history(file))


def lint_file(path: Path, book: Book | None = None) -> list[Finding]:
    """Check one file, by default as part of the book in whose folder it lies.

    A file that cannot be read is a finding, too.
    """
    if book is None and (root := book_folder(path.resolve().parent)):
        book = Book(root)
    found: list[Finding] = []
    try:
        found.extend(_findings(path, book))
    except (ValueError, SyntaxError, LookupError, TypeError, yaml.YAMLError) as error:
        found.append(Finding("file", f"cannot be read: {error}", "save it as UTF-8 and mend what is named"))
    return found


def _findings(path: Path, book: Book | None) -> Iterator[Finding]:
    if path.suffix == ".ipynb":
        yield from check_notebook(path, book)
    elif path.name == CONFIG:
        yield from check_repository(path.parent)
    elif book and book.is_page(path):
        cells = page_cells(path)
        for check in TEXT_CHECKS:
            yield from check(cells)
        yield from check_labels(cells, path, book)
    elif path.suffix == ".yml" and path.resolve().parent.name == TEXTS:
        from hw2utils.publishing.sources.texts import check_use  # needs matplotlib, to look at drawings

        yield from _texts_in(path)
        yield from check_use(path)
    elif path.suffix == ".yml" and path.resolve().parent.name == QUIZZES:
        from hw2utils.publishing.sources.quizzes import check_questions  # needs SciPy, to read claims

        yield from _texts_in(path)
        yield from check_questions(path, book.labels if book else {})
    elif path.name in (ANSWERS, CORRECTIONS, UNMEASURED):
        yield from _texts_in(path)
    elif path.name == MOVED:
        yield from _texts_in(path)
        yield from check_moved(path, book.labels if book else {})
    elif path.name == SYNONYMS_FILE:
        yield from check_synonyms(path)
    elif path.suffix == ".yml" and path.resolve().parent.name == CHECKS:
        from hw2utils.checks.words import problems  # needs torch, to know the exercises

        yield from _texts_in(path)
        for problem in problems(read_yaml(path)):
            yield Finding("words", problem, "hw2utils/checks holds exercises and words of the same names")
    elif path.suffix == ".yml" and path.resolve().parent.name == CLAIMS:
        from hw2utils.publishing.sources.claims import check_claims  # needs SciPy, to read claims

        yield from check_claims(path)
    for place, text in persian_texts(path):
        yield from lint(text, book.terms if book else None, place)


def _texts_in(path: Path) -> Iterator[Finding]:
    """Check a file of texts in both languages."""
    return check_texts(yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader))


def check_notebook(path: Path, book: Book | None = None) -> Iterator[Finding]:
    """Apply every rule to a chapter: the format, its duration, the text and the code.

    Raises NotebookError for a file that is no notebook.
    """
    notebook = read_notebook(path)
    if fault := _format(notebook):
        yield fault
        return
    cells = notebook_cells(notebook)
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield Finding("format", "no kernel that runs everywhere", 'write "kernelspec": {"name": "python3"}')
    yield from check_duration(notebook)
    checks = [*TEXT_CHECKS, *CODE_CHECKS, check_solutions]
    if book is None or book.is_lesson(path):
        checks += LESSON_CHECKS
    for check in checks:
        yield from check(cells)
    if book is not None:
        yield from check_labels(cells, path, book)
        yield from check_first_cell(cells, book)
        chapter = path.stem.partition("_")[0]
        yield from check_quiz_cell(cells, chapter, path.resolve().parent / QUIZZES / f"{chapter}.yml")


def _format(notebook: Mapping[str, Any]) -> Finding | None:
    """Find what makes a notebook one that Jupyter would mend or refuse."""
    import nbformat  # takes long to import

    remedy = "open it in Jupyter and save it"
    minor = notebook.get("nbformat_minor", 0)
    if minor < 5:
        return Finding("format", f"expected format 4.5, where every cell has an id, got 4.{minor}", remedy)
    repeated = [name for name, n in Counter(cell.get("id") for cell in notebook["cells"]).items() if n > 1]
    if repeated:
        return Finding("format", f"more than one cell has the id {repeated[0]!r}", remedy)
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        return Finding("format", f"not a valid notebook: {error.message}", remedy)
    return None


def check_texts(node: yaml.Node | None) -> Iterator[Finding]:
    """Find texts of a YAML document whose two languages differ in what can be counted."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from check_texts(item)
    if not isinstance(node, yaml.MappingNode):
        return
    parts = {key.value: value for key, value in node.value}
    texts = [parts.get(lang) for lang in LANGUAGES]
    if all(isinstance(text, yaml.ScalarNode) for text in texts):
        for problem in compare(*(text.value for text in texts)):  # type: ignore[union-attr]
            yield Finding(
                "pair", problem, "say the same in both languages", Place(line=node.start_mark.line + 1)
            )
    for value in parts.values():
        yield from check_texts(value)


def check_labels(cells: Sequence[Cell], path: Path, book: Book) -> Iterator[Finding]:
    """Find labels that another file has, too, and links to labels that the book lacks."""
    pages = {page.stem: page.name for folder in book.folders for page in folder.glob("*.*")}
    for cell in markdown(cells):
        others = [file.name for file, _ in book.labels.get(cell.label or "", []) if file != path.resolve()]
        if others:
            yield cell.finding(
                "label", f"{cell.label!r} is a label in {others[0]}, too", "use a label once in the book"
            )
        for match in _LINK.finditer(cell.source):
            label = match[1]
            if label not in book.labels:
                near = did_you_mean(label, book.labels)
                yield cell.finding(
                    "link", f"no label {label!r} in the book{near}", "name a heading's label", match.start()
                )
            elif label in pages:
                yield cell.finding(
                    "link",
                    f"{label!r} names a page and a heading",
                    f"write [text]({pages[label]})",
                    match.start(),
                )


def check_first_cell(cells: Sequence[Cell], book: Book) -> Iterator[Finding]:
    """Find chapters that do not begin their code with the book's first cell, hidden everywhere."""
    wanted = first_cell.source(book.root)
    first = next(code(cells), None)
    if wanted is None:
        return
    if first is None:
        yield Finding("first cell", "no code cell", f"copy {first_cell.FILE}")
    elif first.source != wanted:
        yield first.finding(
            "first cell",
            f"differs from {first_cell.FILE} with the repository's address from _config.yml",
            "hw2 lint --fix copies it",
        )
    elif not first_cell.is_hidden(first.metadata):
        yield first.finding("first cell", "shown", f"give it the metadata {first_cell.METADATA}")
