"""Claims of the homework that the book does not measure yet: ``book/unmeasured.yml`` and its table."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hw2utils.languages import LANGUAGES, Text, check_text
from hw2utils.reporting.catalogue import read_yaml
from hw2utils.reporting.claims import ClaimError
from hw2utils.reporting.html import element, inline_html, table

FILE = "unmeasured.yml"
"""The entries' file, beside the chapters."""

_FIELDS = ("place", "statement", "needed")
_HEADS: dict[str, Text] = {
    "claim": {"fa": "ادعا", "en": "Claim"},
    "place": {"fa": "جا", "en": "Where"},
    "statement": {"fa": "گزاره", "en": "Statement"},
    "needed": {"fa": "آنچه باید سنجیده شود", "en": "What has to be measured"},
}
_LABEL: Text = {"fa": "ادعاهایی که هنوز سنجیده نشده‌اند", "en": "Claims not measured yet"}


@dataclass(frozen=True)
class Unmeasured:
    """Hold a claim without a case: where the homework says it, what it says, and what has to be measured."""

    id: str
    place: Text
    statement: Text
    needed: Text


def load_unmeasured(folder: Path, measured: Collection[str]) -> list[Unmeasured]:
    """Read the entries of a book's folder, in their order; none where there is no such file.

    Raises ClaimError for a field that is missing or unknown, a text that lacks a language, or a claim that
    the book states and measures.
    """
    file = folder / FILE
    found = []
    for name, entry in (read_yaml(file) or {}).items() if file.is_file() else ():
        place = f"{FILE}: {name}"
        if name in measured:
            raise ClaimError(f"{place}: the book measures this claim; take the entry away")
        if not isinstance(entry, Mapping) or set(entry) != set(_FIELDS):
            raise ClaimError(f"{place}: expected the fields {list(_FIELDS)}, got {entry!r:.60}")
        found.append(Unmeasured(name, *(check_text(f"{place}.{key}", entry[key]) for key in _FIELDS)))
    return found


def unmeasured_table(entries: Collection[Unmeasured]) -> str:
    """Write a row a claim, a block per language.

    >>> text = {"fa": "متن", "en": "text"}
    >>> unmeasured_table([Unmeasured("C-1", text, text, text)]).count("<tr>")
    4
    """
    return "\n".join(element("div", lang, _table(entries, lang)) for lang in LANGUAGES)


def _table(entries: Collection[Unmeasured], lang: str) -> str:
    rows = [
        (
            f'<code dir="ltr">{html.escape(entry.id)}</code>',
            *(inline_html(getattr(entry, key)[lang], lang) for key in _FIELDS),
        )
        for entry in entries
    ]
    return table("hw2-unmeasured", _LABEL[lang], [head[lang] for head in _HEADS.values()], rows)
