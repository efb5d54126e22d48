"""The builder of the book: all pages are written anew, or none, and the finished book is changed in one step.

A page shows titles of others, numbers of all chapters and one style sheet cut to what all pages use; writing
some pages only would leave others stale. So a build that finds anything changed writes a whole book beside
the old one and puts it in its place when it is done; what is no longer part of the book goes with the old.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.builders.html import BuildInfo, StandaloneHTMLBuilder
from sphinx.errors import ExtensionError

from hw2utils.publishing.pages.assets import slim
from hw2utils.publishing.pages.extension import book_folder
from hw2utils.publishing.pages.freshness import makers
from hw2utils.publishing.pages.language_pages import write_language_pages
from hw2utils.publishing.pages.moved import write_moved
from hw2utils.publishing.pages.search import CompactIndex, SectionIndex
from hw2utils.publishing.sources.moved import MovedError

_OTHERS = ("linkcheck",)
"""Builders that make no pages."""


class BookBuilder(StandaloneHTMLBuilder):
    """Build HTML as Sphinx does, the whole book at a time, with an index of sections."""

    indexer_format = CompactIndex()
    indexer: SectionIndex | None
    finished: Path | None = None
    """Where the book goes that is being written beside it; None while none is."""

    def create_build_info(self) -> BuildInfo:
        """Say what the pages are made with; a book made with anything else is written anew."""
        info: BuildInfo = super().create_build_info()
        self.settings = info.config_hash  # before extensions change settings, as they do in every build
        info.config_hash = self._made_of()
        return info

    def _made_of(self) -> str:
        return hashlib.sha256(f"{self.settings} {makers(self.app)}".encode()).hexdigest()

    def prepare_writing(self, docnames: set[str]) -> None:
        """Put an index of sections in the place of the index of pages."""
        super().prepare_writing(docnames)
        if self.indexer is not None:
            self.indexer = SectionIndex(self.env)

    def load_indexer(self, docnames: Iterable[str]) -> None:
        """Read no earlier index: all pages are written, and so indexed, anew."""

    def dump_search_index(self) -> None:
        """Write the index, and beside it the texts of each language."""
        super().dump_search_index()
        if self.indexer is not None:
            self.indexer.write_texts(Path(self.outdir))

    def write(
        self,
        build_docnames: Iterable[str] | None,
        updated_docnames: Sequence[str],
        method: Literal["all", "specific", "update"] = "update",
    ) -> None:
        """Write all pages, whichever changed, into an empty folder beside the book."""
        self.go_aside()
        self.build_info.config_hash = self._made_of()  # with what was read meanwhile
        super().write(None, updated_docnames, "all")

    def go_aside(self) -> None:
        """Let all that is written from now on go to an empty folder beside the book."""
        self.finished = Path(self.app.outdir)
        beside = _empty(self.finished, "new")
        (beside / "_static").mkdir(parents=True)
        self.outdir = self.app.outdir = type(self.app.outdir)(beside)


def _empty(book: Path, part: str) -> Path:
    """Name a folder beside a book for a part of its making, without what an earlier build left there."""
    folder = book.with_name(f".{book.name}-{part}")
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _check(app: Sphinx) -> None:
    """Refuse a builder whose pages would lack what this book's pages need, before anything runs."""
    if app.builder.name not in (BookBuilder.name, *_OTHERS):
        raise ExtensionError(
            f"builder: expected html, got {app.builder.name}, whose pages would lack the search, the records "
            "or the figures of this book; use `jupyter-book build .`, and `hw2 pdf` for a PDF file",
            modname=__name__,
        )


def _spare(app: Sphinx, exception: Exception | None) -> None:
    """Keep extensions, which write when any build ends, from writing into a book that did not change."""
    if isinstance(app.builder, BookBuilder) and app.builder.finished is None:
        app.builder.go_aside()


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Finish a new book and put it in the place of the old, which stays without one or after a failure.

    It is slimmed, then each page gets its siblings: nothing may stand in them that no page had before.
    """
    builder = app.builder
    if not isinstance(builder, BookBuilder) or builder.finished is None:
        return
    book, new = builder.finished, Path(app.outdir)
    if exception is None and (new / ".buildinfo").is_file():
        import pydata_sphinx_theme

        slim(new, Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static")
        address = "" if app.config.hw2_draft else app.config.html_baseurl  # a draft is not to be found
        write_language_pages(new, app.config.html_title, address)
        try:
            write_moved(book_folder(app), new)
        except MovedError as error:
            raise ExtensionError(str(error), modname=__name__) from error
        old = _empty(book, "old")
        if book.exists():
            os.replace(book, old)
        os.replace(new, book)
        shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(new, ignore_errors=True)
    # Not before: Sphinx calls this a second time, with the exception, when something above raises one.
    builder.outdir, app.outdir, builder.finished = type(app.outdir)(book), type(app.outdir)(book), None


def _forget(app: Sphinx, exception: Exception | None) -> None:
    """Remember nothing of a build with warnings: Sphinx would not repeat them in the next."""
    if app._warncount:
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the builder in place of Sphinx's, and what happens before and after it works."""
    app.add_builder(BookBuilder, override=True)
    app.connect("builder-inited", _check, priority=1)
    app.connect("build-finished", _spare, priority=1)
    app.connect("build-finished", _finish, priority=900)
    app.connect("build-finished", _forget, priority=999)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
