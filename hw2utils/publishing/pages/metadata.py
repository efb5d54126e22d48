"""What stands in each page's head: a description in both languages, and scripts that do not hold it up."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 155
"""Characters of a description, about what search engines show."""

# The first leads on before anything is painted, the second holds what lines in the head read.
_AT_ONCE = ("hw2.js", "documentation_options.js")
_OF_SEARCH = {
    "fa": "جست‌وجو در همهٔ فصل‌های کتاب، به فارسی و انگلیسی.",
    "en": "Search all chapters of the book, in Persian and English.",
}
_ARABIC = re.compile("[\u0600-\u06ff]")
_LATIN = re.compile("[A-Za-z]")


def shorten(text: str, longest: int = LONGEST) -> str:
    """Cut a text at the end of a sentence, or else of a word, so that it has at most so many characters.

    >>> shorten("One sentence. Another one.", 20)
    'One sentence.'
    >>> shorten("Three words here", 12)
    'Three words…'
    """
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    sentences = re.match(rf".{{1,{longest - 1}}}[.?!؟](?=\s)", text)
    words = text[:longest].rpartition(" ")[0] or text[: longest - 1]
    return sentences[0] if sentences else words.rstrip(" ,،;؛:") + "…"


def describe(paragraphs: Iterable[str]) -> dict[str, str]:
    """Give the first paragraph in Persian and the first in English, shortened; one may be missing.

    >>> describe(["سلام بر همه", "Hello to all (سلام)", "More"])["en"]
    'Hello to all (سلام)'
    """
    found: dict[str, str] = {}
    for text in paragraphs:
        persian, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
        if persian + latin:
            found.setdefault("fa" if persian > latin else "en", shorten(text))
    return found


def _waiting(script: Any) -> Any:
    name = str(script.filename or "").rpartition("/")[2]
    if not name or name in _AT_ONCE or "async" in script.attributes:
        return script
    # A new one: all pages share the old, and the search page is written among them.
    return type(script)(script.filename, priority=script.priority, **(script.attributes | {"defer": "defer"}))


def _complete(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is not None:
        description = describe(p.astext() for p in doctree.findall(nodes.paragraph))
    else:
        description = _OF_SEARCH if pagename == "search" else {}
    if description:
        both = html.escape(" — ".join(description[lang] for lang in ("en", "fa") if lang in description))
        each = " ".join(f'data-{lang}="{html.escape(text)}"' for lang, text in description.items())
        context["metatags"] = (
            context.get("metatags", "") + f'\n<meta name="description" content="{both}" {each}>'
        )
    if pagename == "search":  # its tools run while the page is read
        return
    scripts = context["script_files"]
    scripts[:] = map(_waiting, scripts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Complete the head of each page before it is written."""
    app.connect("html-page-context", _complete, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
