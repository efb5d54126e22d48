"""The page of the homework's questions: below each part its answer, folded together with its verdicts."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from hw2utils.languages import DIRECTION, LANGUAGES
from hw2utils.publishing.pages.extension import book_folder, collected, note_results
from hw2utils.reporting.answers import FILE, FOLD, AnswerError, evidence, load_answers


class part_evidence(nodes.General, nodes.Element):
    """Where the verdicts on a part's claims go, once every page is known."""


class HomeworkAnswer(SphinxDirective):
    """Show the answer to a part of the homework and the verdicts on its claims, folded, in both languages.

    The student's edition shows nothing.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make a fold for each language, closed; the page is read again when a word or a result changes."""
        app, name = self.env.app, self.arguments[0]
        if app.config.hw2_student:
            return []
        folder = book_folder(app)
        note_results(app, self.env.docname)
        self.env.note_dependency(str(folder / FILE))
        try:
            answers = load_answers(folder)
        except AnswerError as error:
            raise ExtensionError(str(error), modname=__name__) from error
        if name not in answers:
            known = ", ".join(answers)
            raise self.error(f"expected a part with an answer in {FILE}, one of {known}; got {name!r}")
        made: list[nodes.Node] = []
        for lang in LANGUAGES:
            wrapper = f'<div dir="{DIRECTION[lang]}" lang="{lang}" class="lang-{lang}">'
            opening = f"{wrapper}<details><summary>{FOLD[lang]}</summary>"
            made += [
                nodes.raw("", opening, format="html"),
                *self.parse_text_to_nodes(answers[name][lang]),
                part_evidence(part=name, language=lang),
                nodes.raw("", "</details></div>", format="html"),
            ]
        return made


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    places = list(doctree.findall(part_evidence))
    if not places:
        return
    claims, verdicts, links = collected(app, docname)
    for node in places:
        told = evidence(node["part"], claims, verdicts, links, node["language"])
        node.replace_self(nodes.raw("", told, format="html"))


def setup(app: Sphinx) -> dict[str, object]:
    """Register the ``homework-answer`` directive."""
    app.add_node(part_evidence)
    app.add_directive("homework-answer", HomeworkAnswer)
    app.connect("doctree-resolved", _resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
