"""Records."""

from __future__ import annotations

from typing import Any

from hw2utils.languages import LANGUAGES, check_text
from hw2utils.reporting.html import element, inline_html, start_aligned

RECORD_MIME = "application/vnd.hw2utils.record+json"
"""The MIME type under which a displayed result travels inside a notebook's outputs."""


class Record:
    """Show a result in both languages and carry its data inside the notebook.

    Subclasses give the record, and its HTML and plain-text forms.
    """

    def record(self) -> dict[str, Any]:
        """Give the data, plain enough for JSON, with ``kind`` and ``name``."""
        raise NotImplementedError

    def html(self) -> str:
        """Give the HTML with both languages."""
        raise NotImplementedError

    def text(self) -> str:
        """Give a plain-text form with both languages."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/plain": self.text(),
            "text/html": start_aligned(self.html()),
            RECORD_MIME: self.record(),
        }


class Note(Record):
    """Say a sentence whose numbers were measured, in both languages, and keep the numbers as a record.

    ``name`` is the stable name under which ``value`` (anything JSON can hold) appears in the results.

    Raises ValueError when a language is missing.

    >>> print(Note("runs", 10, fa="ده بار اجرا شد.", en="Ten runs.").text())
    ده بار اجرا شد.
    Ten runs.
    """

    def __init__(self, name: str, value: Any, *, fa: str, en: str) -> None:
        self.name, self.value = name, value
        self._text = check_text("fa, en", {"fa": fa, "en": en})

    def record(self) -> dict[str, Any]:
        """Give the named value."""
        return {"kind": "value", "name": self.name, "value": self.value}

    def html(self) -> str:
        """Give one paragraph per language."""
        body = "".join(element("p", lang, inline_html(self._text[lang])) for lang in LANGUAGES)
        return f'<div class="hw2-note">{body}</div>'

    def text(self) -> str:
        """Give one line per language."""
        return "\n".join(self._text[lang] for lang in LANGUAGES)
