"""Where the book is, in a checkout or in an installed wheel: its root, chapters, claims and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hw2utils._checks import did_you_mean

OVERRIDES = "tests/overrides.yaml"
"""Where the small values of the chapters' parameters stand, below the book's root."""


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C: a tenth of the time


class NotebookError(ValueError):
    """Report a notebook or table of contents that is missing or cannot be read."""


def read_yaml(file: Path) -> Any:
    """Read a YAML file.

    Raises OSError where it cannot be read, NotebookError where it is no YAML.
    """
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise NotebookError(f"{file} is not UTF-8 text: {error}; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise NotebookError(f"{file} is not valid YAML: {error}") from None


def chapters(root: str | Path, toc: str | Path | None = None) -> list[Path]:
    """List the notebooks that the table of contents of the book in ``root`` names, in its order.

    ``toc`` is the table's file, by default ``_toc.yml`` in ``root``. Raises :class:`NotebookError` when it
    is missing or is not YAML.
    """
    root = Path(root).resolve()
    path = Path(toc) if toc is not None else root / "_toc.yml"
    try:
        table = read_yaml(path)
    except OSError:
        raise NotebookError(f"no table of contents at {path}; is {root} the root of a book?") from None
    names = (name if name.endswith(".ipynb") else f"{name}.ipynb" for name in _entries(table))
    return list(dict.fromkeys(root / name for name in names if (root / name).is_file()))


def _entries(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("root", "file") and isinstance(value, str):
                yield value
            else:
                yield from _entries(value)
    elif isinstance(node, list):
        for item in node:
            yield from _entries(item)


def book_folder(start: Path) -> Path | None:
    """Find the nearest folder with ``_toc.yml`` at or above an absolute path, None where there is none.

    >>> book_folder(Path("/nowhere")) is None
    True
    """
    return next((folder for folder in (start, *start.parents) if (folder / "_toc.yml").is_file()), None)


def project_root(notebook: str | Path) -> Path:
    """Find the folder with ``_toc.yml`` that holds ``notebook``, else the notebook's own folder."""
    folder = Path(notebook).resolve().parent
    return book_folder(folder) or folder


def find_root() -> Path:
    """Find the root of the book: the folder with ``_toc.yml`` here or above, else beside the package.

    Raises NotebookError when there is none.
    """
    here = Path.cwd().resolve()
    beside_package = Path(__file__).resolve().parents[2]
    root = book_folder(here) or (beside_package if (beside_package / "_toc.yml").is_file() else None)
    if root is None:
        raise NotebookError(
            f"no book at {here}: expected a folder with _toc.yml here or above; run hw2 inside the project"
        )
    return root


def find_chapter(name: str) -> Path:
    """Find a chapter's notebook by its name (the file's stem, or the number it begins with: ``q5d``) or path.

    Raises NotebookError, with the nearest name, when there is none.
    """
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    known = {notebook.stem: notebook for notebook in chapters(find_root())}
    if path.suffix in ("", ".ipynb") and path.stem in known and path.parent == Path("."):
        return known[path.stem]
    numbers = [stem.partition("_")[0] for stem in known]
    if numbers.count(name) == 1:
        return list(known.values())[numbers.index(name)]
    hint = did_you_mean(path.stem.lower(), [*known, *numbers])
    raise NotebookError(f"unknown chapter {name!r}{hint} (chapters: {', '.join(known) or 'none'})")


def claims_files(folder: Path) -> list[Path]:
    """List the files that state claims beside a book's chapters: all of ``claims/``, or ``claims.yml``.

    Left out: hidden files (``._q1.yml``, ``.#q1.yml``) and Jupyter's copies (``q1-Copy1.yml``).

    >>> claims_files(Path("no such folder"))
    []
    """
    found = sorted(file for file in (folder / "claims").glob("*.yml") if not is_stray(file))
    return found or [file for file in (folder / "claims.yml",) if file.is_file()]


def is_stray(file: Path) -> bool:
    """Tell the leftovers of editors and file systems and the copies of Jupyter from files that are meant."""
    return file.name.startswith(".") or re.search(r"-Copy\d+$", file.stem) is not None


PUBLISHED = "published"
"""The folder beside the chapters with a folder for each chapter's published run."""


def published_results(chapter: str, folder: Path | None = None) -> dict[str, Any] | None:
    """Read the results of a chapter's published run, None where there are none.

    >>> published_results("no-such-chapter") is None
    True
    """
    for place in book_sources(folder):
        file = place / PUBLISHED / chapter / "results.json"
        if file.is_file():
            return _read_results(file.resolve(), file.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=2)  # a chapter asks for its own at each verdict
def _read_results(file: Path, modified: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotebookError(f"{file} is not valid JSON: {error}; take it from the repository") from None
    return found


def book_sources(folder: Path | None = None) -> list[Path]:
    """List where the book's claims and texts may be, the nearest first.

    ``folder`` alone when it is given; else here, in ``book/`` here, in the ``book`` folder beside the
    package, and, where the package was installed from a wheel, inside it.
    """
    if folder is not None:
        return [folder]
    package = Path(__file__).resolve().parents[1]
    return [Path(), Path("book"), package.parent / "book", package / "content" / "book"]


def texts_file(prefix: str, folder: Path | None = None) -> Path | None:
    """Find the file with the texts of the chapters whose names begin with ``prefix``.

    >>> texts_file("no-such-chapter") is None
    True
    """
    return words_file("texts", prefix, folder)


def quizzes_file(prefix: str, folder: Path | None = None) -> Path | None:
    """Find the file with the quick questions of the chapter whose name begins with ``prefix``.

    >>> quizzes_file("no-such-chapter") is None
    True
    """
    return words_file("quizzes", prefix, folder)


def words_file(kind: str, prefix: str, folder: Path | None = None) -> Path | None:
    """Find a chapter's file in the folder ``kind`` of the book; ``prefix`` is what its name begins with.

    >>> words_file("texts", "no-such-chapter") is None
    True
    """
    files = (place / kind / f"{prefix}.yml" for place in book_sources(folder))
    return next((file for file in files if file.is_file()), None)
