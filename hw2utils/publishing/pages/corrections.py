"""The page of corrections: a section for each entry of ``corrections.yml``."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from hw2utils.publishing.pages.extension import book_folder, claims_place
from hw2utils.reporting.claims import load
from hw2utils.reporting.corrections import (
    FILE,
    Correction,
    CorrectionError,
    correction_html,
    load_corrections,
)


class correction_entry(nodes.General, nodes.Element):
    """Where an entry goes, once every page is known."""


class Corrections(SphinxDirective):
    """Show what the audit got wrong, an entry a section."""

    def run(self) -> list[nodes.Node]:
        """Make the sections; their words come when every page is known, to which they link."""
        folder = book_folder(self.env.app)
        self.env.note_dependency(str(folder / FILE))
        try:
            entries = load_corrections(folder, load(claims_place(self.env.app)))
        except CorrectionError as error:
            raise ExtensionError(str(error), modname=__name__) from error
        return [self._section(entry) for entry in entries]

    def _section(self, entry: Correction) -> nodes.Node:
        name = f"correction-{entry.name}"
        title = f"{entry.title['en']} — {entry.title['fa']}"
        section = nodes.section("", nodes.title(title, title), ids=[name], names=[name])
        self.state.document.note_explicit_target(section, section)
        section += correction_entry(entry=entry)
        return section


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    entries = list(doctree.findall(correction_entry))
    if not entries:
        return
    pages = {PurePosixPath(page).name: page for page in app.env.found_docs}
    links = {
        name: f"{app.builder.get_relative_uri(docname, pages[claim.chapter])}#verdict-{name}"
        for name, claim in load(claims_place(app)).items()
        if claim.chapter in pages
    }
    for node in entries:
        node.replace_self(nodes.raw("", correction_html(node["entry"], links), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the ``corrections`` directive."""
    app.add_node(correction_entry)
    app.add_directive("corrections", Corrections)
    app.connect("doctree-resolved", _resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
