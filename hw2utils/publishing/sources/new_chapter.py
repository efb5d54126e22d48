"""A first chapter that builds: a notebook with one experiment, its texts, and its place in the book."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.lint import TEXTS, Book
from hw2utils.reporting.catalogue import OVERRIDES, NotebookError, chapters

TEMPLATE = Path(__file__).with_name("chapter_template")
"""The chapter that is copied, a notebook and its texts; ``q0`` stands for the new chapter's prefix."""

_SMALL_VALUES = "{seeds: 2, epochs: 1, images: 100}"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")


def new_chapter(name: str, root: Path, titles: Mapping[str, str]) -> list[Path]:
    """Write a chapter into the book in ``root`` and give the files that were written or changed.

    ``name`` is the notebook's without ``.ipynb``, such as ``q6_dropout``; what stands before the first
    underscore names its texts, labels, notes and figures. ``titles`` holds its title in each language.

    Raises NotebookError, before anything is written, for a name that is none or that the book has already,
    for a title with a line end, ``—`` or ``<``, and for a table of contents without a chapter to stand after.
    """
    prefix = name.partition("_")[0]
    book = Book(root.resolve())
    folder = _folder(book)
    notebook, texts = folder / f"{name}.ipynb", folder / TEXTS / f"{prefix}.yml"
    _check(name, titles, book, (notebook, texts))
    toc, small = book.root / "_toc.yml", book.root / OVERRIDES
    listed = _listed(toc.read_text(encoding="utf-8"), notebook.relative_to(book.root).with_suffix(""))

    content = (TEMPLATE / "chapter.ipynb").read_text(encoding="utf-8")
    for old, new in (("English title", titles["en"]), ("عنوان فارسی", titles["fa"]), ("q0", prefix)):
        content = content.replace(old, json.dumps(new, ensure_ascii=False)[1:-1])
    sentences = (TEMPLATE / "texts.yml").read_text(encoding="utf-8").replace("CHAPTER", name)
    texts.parent.mkdir(parents=True, exist_ok=True)
    small.parent.mkdir(parents=True, exist_ok=True)
    for file, text in ((notebook, content), (texts, sentences), (toc, listed)):
        file.write_text(text, encoding="utf-8")
    first_cell.copy_into(notebook, book.root)
    before = small.read_text(encoding="utf-8") if small.exists() else ""
    gap = "" if before.endswith("\n") or not before else "\n"
    small.write_text(f"{before}{gap}{name}: {_SMALL_VALUES}\n", encoding="utf-8")
    return [notebook, texts, toc, small]


def _folder(book: Book) -> Path:
    """Choose the folder of the first chapter, ``book`` where there is none."""
    return next((path.parent for path in chapters(book.root)), book.root / "book")


def _check(name: str, titles: Mapping[str, str], book: Book, files: tuple[Path, ...]) -> None:
    """Raise NotebookError where the chapter would not be one or something would be written over."""
    if not _NAME.fullmatch(name):
        raise NotebookError(
            f"name: expected lower-case words joined by underscores, the first the chapter's number, "
            f"such as q6_dropout, got {name!r}"
        )
    for lang, title in titles.items():
        if not title.strip() or re.search(r"[\n<]| — ", title):
            raise NotebookError(
                f"title in {lang!r}: expected words in one line, without — and <, got {title!r}"
            )
    for file in files:
        if file.exists():
            raise NotebookError(f"{file} exists already; choose another name or remove it first")
    prefix = name.partition("_")[0]
    taken = [label for label in book.labels if label == prefix or label.startswith(f"{prefix}-")]
    if taken:
        where = book.labels[taken[0]][0][0].name
        raise NotebookError(
            f"{where} has the label {taken[0]!r}; choose a name that begins with another word"
        )
    known = _mapping(book.root / OVERRIDES)
    if name in known:
        raise NotebookError(f"{book.root / OVERRIDES} has values for {name!r} already; remove them first")


def _mapping(file: Path) -> Mapping[str, object]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise NotebookError(f"{file} is not valid YAML: {error}") from None
    if not isinstance(content or {}, dict):
        raise NotebookError(f"{file}: expected parameters by chapter, got {content!r:.60}")
    return content or {}


def _listed(toc: str, page: Path) -> str:
    r"""Add a page to a table of contents, as it is written: after the last chapter of its question.

    >>> toc = "root: index\nchapters:\n- file: book/q1a_x\n- file: book/ledger\n"
    >>> print(_listed(toc, Path("book/q1b_y")))
    root: index
    chapters:
    - file: book/q1a_x
    - file: book/q1b_y
    - file: book/ledger
    <BLANKLINE>
    """
    entry = re.compile(r"(?m)^([ ]*- )file:[ ]*(\S*?)([^/\s]+?)(?:\.ipynb)?[ ]*(?:#.*)?$")
    found = list(entry.finditer(toc))
    question = re.match(r"[a-z]+\d*", page.name)
    same = [match for match in found if question and re.match(rf"{question[0]}(?!\d)", match[3])]
    numbered = [match for match in found if re.match(r"q\d", match[3])]
    for matches in (same, numbered, found):
        if matches:
            after = matches[-1]
            return f"{toc[: after.end()]}\n{after[1]}file: {page.as_posix()}{toc[after.end() :]}"
    raise NotebookError(
        "_toc.yml: expected a chapter that the new one can follow, got none; "
        f"write `- file: {page.as_posix()}` under `chapters:`"
    )
