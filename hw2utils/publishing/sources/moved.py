"""Pages that were renamed or split: ``moved.yml`` says where each old address and its anchors lead.

It stands beside the chapters and has an entry for each page that is no more, or that gave parts away::

    q9_optimizers:
      title: {fa: "…", en: "…"}                # what the page was called
      into: [q9a_descent, q9c_comparison]      # the pages that have its content, first the one it leads to
      anchors: {q9-steady: q9c-reason}         # old anchors, and the labels where their content stands now

An old anchor that one of these pages has, such as a label that moved with its section or a verdict, needs no
line; any other leads where the address does. A page that is still there has no title here: it leads on only
from the anchors that it has lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hw2utils._checks import did_you_mean
from hw2utils.languages import Text, check_text
from hw2utils.publishing.sources.findings import Finding
from hw2utils.reporting.catalogue import read_yaml

FILE = "moved.yml"
"""The entries' file, beside the chapters."""


class MovedError(ValueError):
    """Say what is wrong with an entry."""


@dataclass(frozen=True)
class Moved:
    """Hold a page that is no more: its name and title, the pages with its content, where its anchors went.

    The title is None for a page that is still there and gave parts away.
    """

    name: str
    title: Text | None
    into: tuple[str, ...]
    anchors: Mapping[str, str]


def load_moved(folder: Path) -> list[Moved]:
    """Read the entries of a book's folder; none where there is no such file.

    Raises MovedError for a field that is missing or unknown, a text that lacks a language, an anchor without
    a label, a title of a page that the folder holds, or a new page that it does not.
    """
    file = folder / FILE
    entries = (read_yaml(file) or {}) if file.is_file() else {}
    return [_moved(folder, name, entry) for name, entry in entries.items()]


def _moved(folder: Path, name: str, entry: object) -> Moved:
    place = f"{FILE}: {name}"
    fields, stays = set(entry) if isinstance(entry, Mapping) else set(), _is_page(folder, name)
    if stays and "title" in fields:
        raise MovedError(f"{place}: the book has this page; take its title, the entry or the page away")
    needed = {"into"} if stays else {"title", "into"}
    if not isinstance(entry, Mapping) or not needed <= fields <= needed | {"anchors"}:
        told = ", ".join(sorted(needed, reverse=True))
        raise MovedError(f"{place}: expected {told} and perhaps anchors, got {entry!r:.60}")
    pages, anchors = entry["into"], entry.get("anchors", {})
    if not isinstance(pages, list) or not pages:
        raise MovedError(f"{place}.into: expected a list of pages, got {pages!r:.60}")
    for page in pages:
        if not _is_page(folder, str(page)):
            raise MovedError(f"{place}.into: expected pages of the book, got {page!r}")
    if not isinstance(anchors, Mapping) or not all(isinstance(label, str) for label in anchors.values()):
        raise MovedError(f"{place}.anchors: expected an anchor and a label a line, got {anchors!r:.60}")
    try:
        title = None if stays else check_text(f"{place}.title", entry["title"])
    except (ValueError, TypeError) as error:
        raise MovedError(str(error)) from None
    return Moved(name, title, tuple(pages), {str(anchor): label for anchor, label in anchors.items()})


def _is_page(folder: Path, name: str) -> bool:
    return any((folder / f"{name}{suffix}").is_file() for suffix in (".ipynb", ".md"))


def check_moved(path: Path, labels: Collection[str]) -> Iterator[Finding]:
    """Find entries that cannot be read, that name labels the book lacks, or anchors that are labels still."""
    try:
        entries = load_moved(path.parent)
    except MovedError as error:
        yield Finding("moved", str(error), "write it as book/moved.yml says")
        return
    for entry in entries:
        for label in dict.fromkeys(entry.anchors.values()):
            if label not in labels:
                near = did_you_mean(label, labels)
                what = f"{entry.name}: no label {label!r} in the book{near}"
                yield Finding("moved", what, "name a heading's label")
        for anchor in sorted(set(entry.anchors) & set(labels)):
            yield Finding("moved", f"{entry.name}: {anchor!r} is a label of the book", "take the line away")
