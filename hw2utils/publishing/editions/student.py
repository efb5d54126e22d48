"""The student's edition: chapters with blanks in place of solutions, their pages, search and archive."""

from __future__ import annotations

import html
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from hw2utils.publishing.editions.archive import NAME, pack
from hw2utils.publishing.editions.handout import build_wheel, write_notebooks
from hw2utils.publishing.pages.variants import build_pages
from hw2utils.publishing.sources.blanks import outputs_of, solutions, with_blanks
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook, write_notebook
from hw2utils.publishing.sources.repository import FILE as CONFIG
from hw2utils.publishing.sources.repository import without_buttons
from hw2utils.publishing.sources.solutions import TAG
from hw2utils.reporting.answers import FILE as ANSWERS
from hw2utils.reporting.answers import load_answers
from hw2utils.reporting.catalogue import PUBLISHED, NotebookError, chapters

FOLDER = "_build/student"
"""Where the edition goes, below the book's root: ``source``, ``html``, ``notebooks`` and the archive."""

_LEAST = 14  # letters and digits of a piece that tells a solution from chance
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
_TEXT = {".html", ".js", ".json", ".ipynb", ".md", ".txt", ".xml", ".yml", ".css", ".svg", ".py"}
_PACKED = {".zip", ".whl"}


class StudentError(ValueError):
    """Say why the edition could not be made, or what of a solution is in it."""


def write_sources(root: Path, folder: Path) -> list[Path]:
    """Write the book's sources with blanks in place of solutions; return the chapters' notebooks.

    The answers to the homework's questions are left out. Of the published runs only the results go along,
    with which verdicts are compared.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        root / "book",
        folder / "book",
        ignore=shutil.ignore_patterns(
            "*.ipynb", ANSWERS, "figures", "manifest.json", "__pycache__", ".ipynb_checkpoints"
        ),
    )
    for name in ("_toc.yml", "LICENSE", "LICENSE-CONTENT"):
        shutil.copyfile(root / name, folder / name)
    config = (root / CONFIG).read_text(encoding="utf-8")
    (folder / CONFIG).write_text(without_buttons(config), encoding="utf-8")
    written = []
    for notebook in chapters(root):
        target = folder / notebook.relative_to(root.resolve())
        write_notebook(target, with_blanks(read_notebook(notebook)))
        written.append(target)
    return written


def build_student(root: Path) -> int:
    """Build the edition from the published runs; return the exit status, 0 for success.

    Raises StudentError where anything of a solution is in what was built.
    """
    folder = root / FOLDER
    write_sources(root, folder / "source")
    if status := build_pages(
        folder / "source", folder / "html", hw2_published=True, hw2_student=str(root.resolve())
    ):
        return status
    shutil.rmtree(folder / "notebooks", ignore_errors=True)
    write_notebooks(root, folder / "notebooks")
    build_wheel(root, folder / "source", folder / "notebooks")
    pack(folder / "html", folder / f"{NAME}-student.zip", notebooks=folder / "notebooks")
    report = find_leaks(root, folder)
    if report.leaks:
        shown = "\n".join(f"  {file}: {piece}" for file, piece in report.leaks[:20])
        raise StudentError(f"{len(report.leaks)} pieces of solutions are in {folder}:\n{shown}")
    return 0


# --- leaks ----------------------------------------------------------------------------------------


@dataclass
class Report:
    """Hold what was looked for and where, and the files in which a piece of a solution was found."""

    pieces: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    files: int = 0
    leaks: list[tuple[str, str]] = field(default_factory=list)


def find_leaks(root: Path, folder: Path) -> Report:
    """Look for every line of every solution and answer, and of what it printed, in all files of a folder.

    Left out are lines too short to tell, and those that the book says outside of its solutions too.
    """
    said = _squeezed("\n".join(_outside(root)))
    report, wanted = Report(), set()
    for kind, text in _hidden(root):
        for line in re.split(r"\n|(?<=[.؟!?])\s", html.unescape(re.sub(r"</?\w[^>]*>", "", text))):
            piece = _squeezed(line)
            if piece in wanted:
                continue
            if len(piece) < _LEAST or piece in said:
                report.left_out += bool(piece)
                continue
            wanted.add(piece)
            report.pieces[kind] = report.pieces.get(kind, 0) + 1
    if not wanted:
        raise NotebookError(f"no solutions in the chapters of {root}")
    for place, text in _texts(folder):
        report.files += 1
        squeezed = _squeezed(text)
        report.leaks.extend((place, piece) for piece in wanted if piece in squeezed)
    return report


def _hidden(root: Path) -> Iterator[tuple[str, str]]:
    """Give what the edition may not show: a kind (code, prose, output, answer) and a text."""
    for notebook in chapters(root):
        for source in _versions(notebook):
            yield from solutions(read_notebook(source))
    for answer in load_answers(root / "book").values():
        for text in answer.values():
            yield "answer", text
            yield "answer", _LINK.sub(r"\1", text)  # as a page has it


def _versions(notebook: Path) -> list[Path]:
    """Give a chapter's notebook and, where there is one, that of its published run, with its outputs."""
    ran = notebook.parent / PUBLISHED / notebook.stem / notebook.name
    return [notebook, *([ran] if ran.is_file() else [])]


def _outside(root: Path) -> Iterator[str]:
    """Give what the book says outside of its solutions, in chapters, pages and words."""
    for notebook in chapters(root):
        for source in _versions(notebook):
            for cell in read_notebook(source)["cells"]:
                if TAG not in cell_tags(cell):
                    yield cell_source(cell)
                    yield from outputs_of(cell)
    for file in sorted((root / "book").glob("**/*")):
        if file.suffix in (".md", ".yml") and file.name != ANSWERS and file.is_file():
            yield file.read_text(encoding="utf-8")


def _squeezed(text: str) -> str:
    r"""Leave of a text its letters, digits and operators, however it is marked up, escaped or broken.

    >>> _squeezed('<span>a</span> = "b"\\n')
    'a=b'
    """
    return re.sub(r"\\n|<[^<>]*>|[\s\"'\\`*\u200c\u200f\u2066-\u2069]", "", text)


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Give all texts under a folder, of archives what is in them, as a reader or a search may see them."""
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        place = file.relative_to(folder).as_posix()
        if file.suffix in _PACKED:
            yield from _packed(place, file)
        elif file.suffix in _TEXT:
            yield place, _plain(file.read_text(encoding="utf-8"), place)
        else:
            yield place, file.read_bytes().decode("utf-8", "ignore")


def _packed(place: str, file: Path | IO[bytes]) -> Iterator[tuple[str, str]]:
    """Give the texts in an archive, and in those in it; of a wheel only the book's sources."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if place.endswith(".whl") and "/content/" not in name:
                continue
            if Path(name).suffix in _PACKED:
                with archive.open(name) as inner:
                    yield from _packed(f"{place}:{name}", inner)
            elif Path(name).suffix in _TEXT:
                yield f"{place}:{name}", _plain(archive.read(name).decode("utf-8"), name)


def _plain(text: str, name: str) -> str:
    if name.endswith(".ipynb"):
        try:
            cells = json.loads(text)["cells"]
            return "\n".join(
                "".join(cell["source"]) + json.dumps(cell.get("outputs"), ensure_ascii=False)
                for cell in cells
            )
        except (ValueError, KeyError):
            return text
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", _kept_words, text)).replace("\\n", "\n")


def _kept_words(tag: re.Match[str]) -> str:
    """Keep what a tag says to readers: alternative texts, titles and labels."""
    said = re.findall(r'(?:alt|title|aria-label|content|data-[\w-]+)="([^"]*)"', tag[0])
    return "\n" + "\n".join(said) + "\n" if said else ""
