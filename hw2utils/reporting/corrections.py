"""What the audit itself got wrong: entries in words, in both languages, of ``book/corrections.yml``."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw2utils.languages import LANGUAGES, Text, check_text
from hw2utils.reporting.cards import claim_link
from hw2utils.reporting.catalogue import read_yaml
from hw2utils.reporting.html import element, inline_html, left_to_right

FILE = "corrections.yml"
"""The entries' file, beside the chapters."""

STATES: dict[str, Text] = {
    "open": {"fa": "هنوز درست نشده", "en": "not yet mended"},
    "mended": {"fa": "درست شد", "en": "mended"},
}
"""Whether the book still says what was wrong."""

_WORDS: dict[str, Text] = {
    "said": {"fa": "کتاب چه گفت", "en": "What the book said"},
    "wrong": {"fa": "چرا نادرست بود", "en": "Why it was wrong"},
    "claims": {"fa": "ادعاهایی که به آن بسته‌اند", "en": "Claims that rest on it"},
    "found": {"fa": "، پیدا شد", "en": ", found"},
}


class CorrectionError(ValueError):
    """Say which entry of the corrections is wrong, and how to mend it."""


@dataclass(frozen=True)
class Correction:
    """Hold one entry: when it was found, whether it is mended, the claims it concerns, and the words."""

    name: str
    found: datetime.date
    state: str
    claims: tuple[str, ...]
    title: Text
    said: Text
    wrong: Text


def load_corrections(folder: Path, claims: Collection[str]) -> list[Correction]:
    """Read the entries of a book's folder, in their order; none where there is no such file.

    Raises CorrectionError for a field that is missing or unknown, a claim that is not stated, or a text that
    lacks a language.
    """
    file = folder / FILE
    if not file.is_file():
        return []
    content = read_yaml(file)
    if not isinstance(content, Mapping):
        raise CorrectionError(f"{file}: expected entries by name, got {content!r:.40}; write name: …")
    return [_correction(f"{file.name}: {name}", str(name), entry, claims) for name, entry in content.items()]


def _correction(place: str, name: str, entry: Any, claims: Collection[str]) -> Correction:
    needed = {"found", "claims", "state", "title", "said", "wrong"}
    given = set(entry) if isinstance(entry, Mapping) else set()
    if given != needed:
        raise CorrectionError(
            f"{place}: expected the fields {sorted(needed)}; missing {sorted(needed - given)}, "
            f"unknown {sorted(given - needed)}"
        )
    if entry["state"] not in STATES:
        raise CorrectionError(f"{place}.state: expected one of {list(STATES)}, got {entry['state']!r}")
    if not isinstance(entry["found"], datetime.date):
        raise CorrectionError(f"{place}.found: expected a date such as 2026-11-26, got {entry['found']!r}")
    if unknown := [claim for claim in entry["claims"] if claim not in claims]:
        raise CorrectionError(
            f"{place}.claims: {unknown[0]} is no claim of the book; take it away or mend it"
        )
    try:
        texts = {key: check_text(f"{place}.{key}", entry[key]) for key in ("title", "said", "wrong")}
    except ValueError as error:
        raise CorrectionError(str(error)) from None
    return Correction(name, entry["found"], entry["state"], tuple(entry["claims"]), **texts)


def correction_html(correction: Correction, links: Mapping[str, str]) -> str:
    """Write an entry below its heading, in both languages; ``links`` lead to the cards of claims."""
    return "\n".join(element("div", lang, _body(correction, links, lang)) for lang in LANGUAGES)


def _body(correction: Correction, links: Mapping[str, str], lang: str) -> str:
    parts = [
        f'<p data-state="{correction.state}"><strong>{STATES[correction.state][lang]}</strong>'
        f"{_WORDS['found'][lang]} {left_to_right(str(correction.found), lang)}</p>"
    ]
    for key in ("said", "wrong"):
        text = inline_html(getattr(correction, key)[lang], lang)
        parts.append(f"<p><strong>{_WORDS[key][lang]}.</strong> {text}</p>")
    if correction.claims:
        named = " ".join(claim_link(claim, links, "reference internal") for claim in correction.claims)
        parts.append(f"<p>{_WORDS['claims'][lang]}: {named}</p>")
    return "".join(parts)
