"""The gallery: every figure of the book, each with the command that makes it as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from hw2utils.languages import LANGUAGES, Text
from hw2utils.publishing.execution import Execution
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.publishing.pages.drawings import kept
from hw2utils.publishing.pages.extension import book_folder, executions, note_results
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook
from hw2utils.publishing.sources.solutions import TAG
from hw2utils.reporting.catalogue import texts_file
from hw2utils.reporting.html import element, inline_html
from hw2utils.reporting.rendering import Book, still
from hw2utils.reporting.schema import RECORD_MIME


class chapter_figures(nodes.General, nodes.Element):
    """Hold the place of a chapter's figures until its page's address is known."""


class Gallery(SphinxDirective):
    """Show all figures, a section for each chapter; those in solutions are left out."""

    def run(self) -> list[nodes.Node]:
        """Make the sections; the page is read again when results or texts change."""
        app = self.env.app
        note_results(app, self.env.docname)
        return [self._section(page, run) for page, run in executions(app).items() if run.figures]

    def _section(self, page: str, run: Execution) -> nodes.Node:
        chapter = PurePosixPath(page).name.partition("_")[0]
        if file := texts_file(chapter, book_folder(self.env.app)):
            self.env.note_dependency(str(file))
        first = cell_source(read_notebook(run.notebook)["cells"][0])
        title = first.partition("\n")[0].removeprefix("# ")
        section = nodes.section("", nodes.title(title, title), ids=[f"gallery-{chapter}"])
        section["names"] = section["ids"]
        self.state.document.note_explicit_target(section, section)
        section += chapter_figures(page=page)
        return section


def shown_figures(run: Execution) -> Iterator[Mapping[str, Any]]:
    """Give the records of a run's figures in the order of its cells, without those that solutions show."""
    for cell in read_notebook(run.notebook)["cells"]:
        if TAG in cell_tags(cell):
            continue
        for output in cell.get("outputs", ()):
            name = output.get("data", {}).get(RECORD_MIME, {}).get("name")
            if name in run.figures:
                yield run.figures[name]


def card(name: str, images: str, caption: Text, address: str) -> str:
    """Write a figure, its caption in both languages, the way to its page, and the command that makes it.

    >>> html = card("q9-dot", "<img>", {"fa": "نقطه", "en": "A dot"}, "q9.html")
    >>> 'href="q9.html#figure-q9-dot"' in html, "hw2 figures q9-dot" in html
    (True, True)
    """
    said = "".join(element("p", lang, inline_html(caption[lang], lang)) for lang in LANGUAGES)
    return (
        f'<li>{images}<p><a class="reference internal" href="{address}#figure-{name}">'
        f'<code dir="ltr">{name}</code></a></p>{said}'
        f'<p><code dir="ltr">hw2 figures {name}</code></p></li>'
    )


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    book = Book(book_folder(app), drawn=kept(app), dark=True)
    for place, node in enumerate(list(doctree.findall(chapter_figures))):
        address, run = app.builder.get_relative_uri(docname, node["page"]), executions(app)[node["page"]]
        try:
            cards = [
                card(record["name"], *still(record, book, arrays_of(record, run.directory)), address)
                for record in shown_figures(run)
            ]
        except ValueError as error:  # of texts or drawings
            raise ExtensionError(f"{node['page']}: {error}", modname=__name__) from error
        if place == 0 and cards:  # in sight as the page opens: not to wait for its layout
            cards[0] = cards[0].replace("<img ", '<img loading="eager" ')
        listed = f'<ul class="hw2-gallery">{"".join(cards)}</ul>'
        node.replace_self(nodes.raw("", listed, format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the ``gallery`` directive."""
    app.add_node(chapter_figures)
    app.add_directive("gallery", Gallery)
    app.connect("doctree-resolved", _resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
