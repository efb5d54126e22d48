"""Words of checks in both languages, from ``words.yml`` beside this module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hw2utils.checks.catalogue import EXERCISES
from hw2utils.languages import LANGUAGES
from hw2utils.reporting.catalogue import read_yaml
from hw2utils.reporting.texts import TextError, Words, check_both

FILE = Path(__file__).with_name("words.yml")
"""The file with the words."""

_PARTS = {"task", "situations", "wrong"}


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(FILE)
    return found


def message(key: str, **slots: Any) -> dict[str, str]:
    """Fill a message in both languages; slots that are texts in both languages themselves may be given.

    Raises TextError for one that is missing or whose slots are not filled.

    >>> message("hint", hint={"fa": "ببینید", "en": "look"})["en"]
    'Hint: look'
    """
    found = {}
    for lang in LANGUAGES:
        words = Words(lang, _content()["messages"], FILE.name)
        given = {name: slot[lang] if isinstance(slot, Mapping) else slot for name, slot in slots.items()}
        found[lang] = words(key, **given)
    return found


def task(exercise: str) -> Mapping[str, str]:
    """Say what an exercise asks for, in both languages."""
    found: Mapping[str, str] = _content()["exercises"][exercise]["task"]
    return found


def situation(exercise: str, key: str) -> Mapping[str, str]:
    """Name a situation of an exercise, in both languages."""
    found: Mapping[str, str] = _content()["exercises"][exercise]["situations"][key]
    return found


def situations(exercise: str) -> list[str]:
    """List the situations of an exercise, the simplest first."""
    return list(_content()["exercises"][exercise]["situations"])


def mistake(exercise: str, key: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Give the name of a known mistake and a hint, each in both languages."""
    found = _content()["exercises"][exercise]["wrong"][key]
    return found["name"], found["hint"]


def problems(content: Mapping[str, Any]) -> Iterator[str]:
    """Find where words and exercises do not fit: one without the other, a part or a language missing.

    >>> list(problems({"messages": {}, "exercises": {}}))[0]
    'exercises: no words for q2-knn'
    """
    told = content.get("exercises", {})
    for name, exercise in EXERCISES.items():
        if name not in told:
            yield f"exercises: no words for {name}"
            continue
        if set(told[name]) != _PARTS:
            yield f"{name}: expected {', '.join(sorted(_PARTS))}, got {', '.join(sorted(told[name]))}"
            continue
        texts = [("task", told[name]["task"])]
        texts += [(f"situations: {key}", text) for key, text in told[name]["situations"].items()]
        for key, mistaken in told[name]["wrong"].items():
            if set(mistaken) != {"name", "hint"}:
                yield f"{name}: {key}: expected name and hint, got {', '.join(mistaken)}"
            texts += [(f"{key}: {part}", text) for part, text in mistaken.items()]
        yield from _unequal(name, "wrong", set(exercise.wrong), set(told[name]["wrong"]))
        yield from _both((f"{name}: {place}", text) for place, text in texts)
    yield from (f"exercises: {name} is no exercise" for name in told.keys() - EXERCISES.keys())
    yield from _both((f"messages: {key}", text) for key, text in content.get("messages", {}).items())


def _unequal(name: str, part: str, known: set[str], told: set[str]) -> Iterator[str]:
    yield from (f"{name}: {part}: no words for {key}" for key in sorted(known - told))
    yield from (f"{name}: {part}: {key} is none of the exercise" for key in sorted(told - known))


def _both(texts: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for place, text in texts:
        try:
            check_both(text, place)
        except TextError as error:
            yield str(error)
