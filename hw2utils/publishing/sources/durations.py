"""How long a chapter runs: its notebook's metadata say it, and its first texts repeat it to the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hw2utils.languages import LANGUAGES, number
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags

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


def duration_problems(notebook: Mapping[str, Any]) -> list[str]:
    """Say where a chapter's first texts do not end with what its metadata say of its duration.

    >>> duration_problems({"metadata": {}, "cells": []})
    ['metadata: expected about how long the chapter runs, "hw2": {"seconds": 120}, got none']
    """
    duration = seconds(notebook)
    if duration is None:
        entry = notebook.get("metadata", {}).get("hw2", "none")
        return [f'metadata: expected about how long the chapter runs, "hw2": {{"seconds": 120}}, got {entry}']
    problems = []
    for lang in LANGUAGES:
        texts = (
            (i, cell_source(cell))
            for i, cell in enumerate(notebook["cells"], 1)
            if f"lang-{lang}" in cell_tags(cell)
        )
        place, text = next(texts, (1, ""))
        if not text.endswith(f"\n\n{sentence(duration, lang)}\n\n</div>"):
            problems.append(
                f"cell {place}: expected the text to end with the paragraph “{sentence(duration, lang)}”, "
                f"for the metadata say {duration:g} seconds"
            )
    return problems
