"""Make Sphinx's search find Persian as readers type it, section by section, in both languages.

A section is two entries of Sphinx's index, named ``page#anchor@language``: its Persian and its English text.
``book/_static/search.js`` folds and splits a query as this module folds and splits the text, and shows the
entries found; the tables of both come from here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search import IndexBuilder
from sphinx.search.en import SearchEnglish
from sphinx.util.docutils import new_document

from hw2utils.languages import LANGUAGES
from hw2utils.publishing.pages.lines import halves
from hw2utils.publishing.sources.persian import LETTER, ZWNJ

_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
LETTERS = {"ي": "ی", "ى": "ی", "ك": "ک", **dict.fromkeys("ةەہھ", "ه")}
LETTERS |= {digit: _DIGITS[int(digit)] for digit in "0123456789٠١٢٣٤٥٦٧٨٩"}
"""Letters and digits read as the Persian ones; Sphinx would drop a query's word of Latin digits."""

# fmt: off
AFFIXES = frozenset([
    "می", "نمی", "ها", "های", "هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان",
    "ی", "ای", "ام", "اند", "ایم", "تر", "ترین",
])
"""Parts of Persian words that say nothing about what the word means, where they stand apart."""

SUFFIX = "(?<=...)(?:ها(?:یی|یم|یت|یش|یمان|یتان|یشان|ی)?|ترین)$"
"""The ending cut from a word written in one piece: a regular expression for Python and JavaScript."""

STOPWORDS = frozenset([
    "و", "از", "به", "در", "که", "را", "این", "ان", "است", "با", "برای", "هم", "یا", "تا", "بر", "هر",
    "یک", "اگر", "نه", "پس", "چه", "چرا", "چون", "ولی", "اما", "نیز", "شد", "شود", "دارد", "کند",
])
"""Persian words that nobody looks for, as fold writes them."""
# fmt: on

JOINTS = f"-{ZWNJ}_\u2010"  # the hyphen first: this stands in character classes
"""What may stand between the parts of one word, or be left out, or be typed as a space."""

WORD = rf"[۰-۹]+(?:[.٫][۰-۹]+)+|[\p{{L}}\p{{N}}]+(?:[{JOINTS}][\p{{L}}\p{{N}}]+)*"
"""A number with decimals, or a word with its joints: a regular expression of JavaScript."""

_WORD = re.compile(WORD.replace(r"[\p{L}\p{N}]", r"[^\W_]"))
_SUFFIX = re.compile(SUFFIX)
_TABLE = str.maketrans(LETTERS)


# --- words ----------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Write a text in one of the many ways it can be typed.

    Letters become small, Arabic ones and all digits Persian; marks above and below, lengthenings and signs
    that nobody sees go, except the half-space; numbers lose the separators of their thousands.

    >>> fold("كتابِ عليّ، ٣٫٥ و 60,000"), fold("Fréchet")
    ('کتاب علی، ۳٫۵ و ۶۰۰۰۰', 'frechet')
    """
    shown = (
        c
        for c in unicodedata.normalize("NFKD", text.lower())
        if c == ZWNJ or (unicodedata.category(c) not in ("Mn", "Cf") and c != "\u0640")
    )
    folded = "".join(shown).translate(_TABLE)
    folded = re.sub("(?<=[۰-۹])[,٬](?=[۰-۹]{3}(?![۰-۹]))", "", folded)
    return re.sub("(?<=[۰-۹])[.](?=[۰-۹])", "٫", folded)


def words(text: str) -> list[str]:
    """List the words of a text in every form they are to be found in, before stemming.

    A word of several parts counts in one piece and, without its affixes, as every run of its parts.

    >>> words("داده‌ها و پیش‌بینی")
    ['دادهها', 'داده', 'پیشبینی', 'پیش', 'بینی']
    """
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        parts = re.split(f"[{JOINTS}]", word)
        telling = [part for part in parts if part not in AFFIXES]
        if telling:
            forms = dict.fromkeys(["".join(parts), *_runs(telling)])
            found += [form for form in forms if form not in BilingualSearch.stopwords]
    return found


def _runs(parts: list[str]) -> list[str]:
    if len(parts) > 4:  # a list rather than a word: 784-128-64-32-16-10
        return ["".join(parts), *parts]
    return ["".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)]


class BilingualSearch(SearchEnglish):
    """Split and stem text of both languages; Persian loses its endings, English goes to Porter's stemmer."""

    language_name = "Persian and English"
    stopwords: ClassVar[set[str]] = {*SearchEnglish.stopwords, *STOPWORDS}  # type: ignore[misc]
    js_splitter_code = (
        f"const searchTables = {json.dumps({'letters': LETTERS, 'affixes': sorted(AFFIXES)})};\n"
        f"Object.assign(searchTables, {json.dumps({'suffix': SUFFIX, 'word': WORD, 'joints': JOINTS})});"
    )

    def split(self, input: str) -> list[str]:
        """List a text's words in every form they are to be found in.

        >>> BilingualSearch({}).split("k-NN")
        ['knn', 'k', 'nn']
        """
        return words(input)

    def stem(self, word: str) -> str:
        """Cut a word's ending.

        >>> [BilingualSearch({}).stem(word) for word in ("دادههایی", "بزرگترین", "تنها", "classes")]
        ['داده', 'بزرگ', 'تنها', 'class']
        """
        return _SUFFIX.sub("", word) if re.search(f"[{LETTER}]", word) else super().stem(word)

    def word_filter(self, word: str) -> bool:
        """Say whether a word is worth finding.

        >>> BilingualSearch({}).word_filter("و")
        False
        """
        return bool(word) and word not in self.stopwords


# --- sections -------------------------------------------------------------------------------------


class _Reader(HTMLParser):
    """Collect text by the language of the HTML around it; what has no language belongs to both."""

    def __init__(self) -> None:
        super().__init__()
        self.text: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        self._open: list[tuple[str, str | None]] = []

    def read(self, node: nodes.Node) -> None:
        """Take in a part of a section, without the sections inside it."""
        if isinstance(node, nodes.raw):
            if "html" in node.get("format", "").split():
                self.feed(node.astext())
                self.close()  # else the last words wait for the next tag
        elif isinstance(node, nodes.Text):
            self.handle_data(node.astext())
        elif not isinstance(
            node, nodes.section | nodes.title | nodes.comment | nodes.math | nodes.math_block
        ):
            for child in node.children:
                self.read(child)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        lang = given.get("lang")
        self._open.append((tag, lang if lang in LANGUAGES else self._language()))
        if alternative := given.get("alt"):
            self.handle_data(alternative)
        if tag in ("img", "br", "hr", "input", "meta", "link", "source", "wbr"):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while any(tag == name for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(name in ("script", "style", "svg") for name, _ in self._open):
            lang = self._language()
            for language in [lang] if lang else LANGUAGES:
                self.text[language].append(data)

    def _language(self) -> str | None:
        return self._open[-1][1] if self._open else None


def sections(doctree: nodes.document) -> Iterator[tuple[str, str, str, str]]:
    """Yield each section of a page in each language: anchor, language, heading, text.

    The page's own beginning has the anchor "".
    """
    for number, section in enumerate(doctree.findall(nodes.section)):
        reader = _Reader()
        for child in section.children:
            reader.read(child)
        title = next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")
        anchor = section["ids"][0] if number and section["ids"] else ""
        for lang, heading in halves(title).items():
            yield anchor, lang, heading, " ".join(reader.text[lang])


class SectionIndex(IndexBuilder):
    """Index sections in place of pages; the file name of an entry is the title of its page."""

    def feed(self, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        """Index every section of a page in each language."""
        for anchor, lang, heading, text in sections(doctree):
            entry = new_document("")
            entry += nodes.section("", nodes.title("", heading), nodes.paragraph("", "", nodes.Text(text)))
            super().feed(f"{docname}#{anchor}@{lang}", halves(title)[lang], heading, entry)

    def prune(self, docnames: Iterable[str]) -> None:
        """Forget the sections of all other pages."""
        kept = set(docnames)
        super().prune([entry for entry in self._titles if entry.partition("#")[0] in kept])


class CompactIndex:
    """Write the index without escapes and spaces, a third of the size."""

    def dump(self, data: Any, file: Any) -> None:
        """Write what the index holds to an open file."""
        file.write(
            f"Search.setIndex({json.dumps(data, ensure_ascii=False, separators=(',', ':'), sort_keys=True)})"
        )

    def load(self, file: Any) -> Any:
        """Read what an index holds from an open file."""
        return json.loads(file.read().removeprefix("Search.setIndex(").removesuffix(")"))


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    if page == "search":
        app.add_js_file("search.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the language in place of Sphinx's English, and the script of the search page."""
    app.add_search_language(BilingualSearch)
    app.connect("html-page-context", _add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
