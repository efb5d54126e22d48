"""Give the search page what it looks through: sections in both languages, and words that mean the same.

The page's script, ``book/_static/search.js``, splits texts and queries into words and ranks the sections. It
does so in the browser, because it shows the words around what it found and so has the texts anyway. Each
language's texts are a file of their own: a page in one language reads the other's only where its own lacks
what was typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.search import IndexBuilder

from hw2utils.languages import LANGUAGES
from hw2utils.publishing.pages.lines import halves
from hw2utils.publishing.sources.synonyms import load_synonyms, synonym_files

_VOID = ("img", "br", "hr", "input", "meta", "link", "source", "wbr")
_INLINE = ("a", "abbr", "b", "bdi", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup")
_UNSHOWN = ("script", "style", "svg", "math", "button")
_GAP = " … "
"""What stands for a formula in the words around a hit."""


class _Reader(HTMLParser):
    """Collect text by the language of the HTML around it; what has no language belongs to all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._text: dict[str, list[str]] = {language: [] for language in LANGUAGES}
        self._open: list[tuple[str, str]] = []
        self._alternatives: set[str] = set()

    def text(self, language: str) -> str:
        """Give what was collected in a language, with single spaces."""
        return " ".join("".join(self._text[language]).split())

    def read(self, node: nodes.Node) -> None:
        """Take in a part of a section, without the sections inside it, code and what code prints."""
        if isinstance(node, nodes.raw):
            if "html" in node.get("format", "").split():
                self.feed(node.astext())
                self.close()  # else the last words wait for the next tag
        elif isinstance(node, nodes.Text):
            self.handle_data(node.astext())
        elif isinstance(node, nodes.math | nodes.math_block):
            self.handle_data(_GAP)
        elif not isinstance(node, nodes.section | nodes.title | nodes.comment | nodes.literal_block):
            for child in node.children:
                self.read(child)
            if not isinstance(node, nodes.Inline):
                self.handle_data(" ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _INLINE:
            self.handle_data(_GAP if tag == "math" else " ")
        lang = given.get("lang") or ""
        if given.get("class") == "lang-sep":
            lang = "between"  # no text of either
        self._open.append((tag, lang if lang in (*LANGUAGES, "between") else self._language()))
        alternative = given.get("alt")
        if alternative and alternative not in self._alternatives:  # a drawing in the dark says the same
            self._alternatives.add(alternative)
            self.handle_data(f"{alternative} ")
        if tag in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while any(tag == name for name, _ in self._open) and self._open.pop()[0] != tag:
            pass
        if tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._is_read([name for name, _ in self._open]):
            for one in LANGUAGES:
                if self._language() in (one, ""):
                    self._text[one].append(data)

    def _is_read(self, around: list[str]) -> bool:
        """Tell whether text is read, by the tags around it.

        Of a quiz only the questions: most options are wrong, and what explains them is the answer.
        """
        asked = "fieldset" not in around or "legend" in around
        return asked and not any(name in _UNSHOWN for name in around)

    def _language(self) -> str:
        return self._open[-1][1] if self._open else ""


def sections(doctree: nodes.document) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield each section of a page: its anchor, its heading and its text by language.

    The page's own beginning has the anchor "".
    """
    for number, section in enumerate(doctree.findall(nodes.section)):
        reader = _Reader()
        for child in section.children:
            reader.read(child)
        title = next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")
        anchor = section["ids"][0] if number and section["ids"] else ""
        yield anchor, halves(title), {language: reader.text(language) for language in LANGUAGES}


def _compact(data: Any) -> str:
    """Write data as JSON without escapes and spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def terms(doctree: nodes.document) -> Iterator[tuple[str, list[str]]]:
    """Yield each term that a page explains: anchor of a section labelled ``term-…``, halves of its heading.

    What such a heading adds in parentheses tells terms apart and is no part of the term.
    """
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None and any(label.startswith("term-") for label in section["ids"]):
            words = [re.sub(r" *\(.*\)$", "", half) for half in halves(title.astext()).values()]
            yield section["ids"][0], words


class SectionIndex(IndexBuilder):
    """Keep the text of every section; it stands in place of Sphinx's index, which knows pages only.

    A build feeds all pages to it, so that it forgets and reads nothing.
    """

    def __init__(self, env: BuildEnvironment) -> None:
        super().__init__(env, "en", {}, "")  # English for the stemmer, which the page's script uses
        self._pages: dict[str, dict[str, Any]] = {}
        self._texts: dict[str, list[dict[str, str]]] = {}
        self._terms: dict[str, list[list[str]]] = {}
        self._files = synonym_files(Path(env.doc2path(name)) for name in env.found_docs)

    def feed(self, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        """Take in every section of a page."""
        explained = dict(terms(doctree))
        self._terms[docname] = list(explained.values())
        found = list(sections(doctree))
        self._texts[docname] = [text for _, _, text in found]
        self._pages[docname] = {
            "page": docname,
            "title": halves(title),
            "sections": [
                {"anchor": anchor, "heading": heading, "explains": anchor in explained}
                for anchor, heading, _ in found
            ],
        }

    def prune(self, docnames: Iterable[str]) -> None:
        """Leave out all other pages."""
        self._pages = {name: self._pages[name] for name in sorted(docnames) if name in self._pages}

    def texts(self, language: str) -> list[str]:
        """Give the texts of all sections in a language, page by page in the order of the index."""
        return [text[language] for name in self._pages for text in self._texts[name]]

    def freeze(self) -> dict[str, Any]:
        """Give the pages with their sections, the words that mean the same, and a name for the texts.

        Raises ValueError when the files with these words have another form.
        """
        explained = [words for name in self._pages for words in self._terms[name]]
        texts = _compact([self.texts(language) for language in LANGUAGES])
        return {
            "pages": list(self._pages.values()),
            "synonyms": [*explained, *load_synonyms(self._files)],
            "version": hashlib.sha256(texts.encode()).hexdigest()[:8],
        }

    def write_texts(self, folder: Path) -> None:
        """Write each language's texts beside the index, as scripts, which pages from a folder can read."""
        for language in LANGUAGES:
            script = f'Search.setTexts("{language}",{_compact(self.texts(language))})'
            (folder / f"searchindex-{language}.js").write_text(script, encoding="utf-8", newline="\n")


class CompactIndex:
    """Write the index without escapes and spaces."""

    def dump(self, data: Any, file: Any) -> None:
        """Write what the index holds to an open file."""
        file.write(f"Search.setIndex({_compact(data)})")


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    if page == "search":
        app.add_js_file("search.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the script of the search page."""
    app.connect("html-page-context", _add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
