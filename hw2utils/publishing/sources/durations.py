"""How long a chapter runs: its notebook's metadata say it, and its first texts repeat it to the reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hw2utils.languages import LANGUAGES, number
from hw2utils.publishing.sources.cells import Cell, notebook_cells
from hw2utils.publishing.sources.findings import Finding, Place

_ABOUT = {"fa": "حدود {}", "en": "about {}"}
_SHORT = {"fa": "کمتر از یک دقیقه", "en": "less than a minute"}
_ONE = {"fa": "یک دقیقه", "en": "one minute"}
_MORE = {"fa": "{} دقیقه", "en": "{} minutes"}
_SENTENCE = {
    "fa": "اجرای این فصل روی دو هسته {} طول می‌کشد.",
    "en": "On two cores this chapter runs in {}.",
}


def seconds(notebook: Mapping[str, Any]) -> float | None:
    """Give the seconds that a chapter takes in a build on two cores, None where its metadata do not say.

    >>> seconds({"metadata": {"hw2": {"seconds": 120}}}), seconds({"metadata": {}})
    (120.0, None)
    """
    entry = notebook.get("metadata", {}).get("hw2", {})
    value = entry.get("seconds") if isinstance(entry, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        return None
    return float(value)


def spoken(duration: float, lang: str) -> str:
    """Say a duration in seconds to the minute, as a sentence does.

    >>> spoken(11, "en"), spoken(61, "en"), spoken(160, "fa")
    ('less than a minute', 'about one minute', 'حدود ۳ دقیقه')
    """
    if duration < 45:
        return _SHORT[lang]
    minutes = max(1, round(duration / 60))
    return _ABOUT[lang].format(_ONE[lang] if minutes == 1 else _MORE[lang].format(number(minutes, 0, lang)))


def sentence(duration: float, lang: str) -> str:
    """Say how long a chapter of so many seconds runs.

    >>> sentence(160, "en")
    'On two cores this chapter runs in about 3 minutes.'
    """
    return _SENTENCE[lang].format(spoken(duration, lang))


def check_duration(notebook: Mapping[str, Any]) -> Iterator[Finding]:
    """Find first texts of a chapter that do not end with what its metadata say of its duration.

    >>> print(*check_duration({"metadata": {}, "cells": []}))
    duration: the metadata do not say how long the chapter runs, but none (write "hw2": {"seconds": 120})
    """
    duration = seconds(notebook)
    if duration is None:
        entry = notebook.get("metadata", {}).get("hw2", "none")
        yield Finding(
            "duration",
            f"the metadata do not say how long the chapter runs, but {entry}",
            'write "hw2": {"seconds": 120}',
        )
        return
    for lang in LANGUAGES:
        texts = (cell for cell in notebook_cells(notebook) if cell.language == lang)
        first = next(texts, Cell("markdown", "", Place(1, 1)))
        if not first.source.endswith(f"\n\n{sentence(duration, lang)}\n\n</div>"):
            yield first.finding(
                "duration",
                f"the metadata say {duration:g} seconds, and the text does not end with them",
                f"end it with the paragraph “{sentence(duration, lang)}”",
                len(first.source),
            )
