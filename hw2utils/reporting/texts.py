"""Texts: the sentences and labels of a chapter, in both languages, with slots for what was measured.

A file ``book/texts/q5d.yml`` holds an entry for each note and figure of the chapters that begin with ``q5d``:
``note``, or ``caption``, ``alt`` and, where a drawing has words, ``labels``; ``terms`` are words that several
entries share. Each text is ``{fa: …, en: …}``, or holds such texts under names, among which code chooses the
variant. A slot, ``{gain.mean:+.2f}``, is filled with a value of the record, in the digits of the language.
"""

from __future__ import annotations

import math
import string
from _string import formatter_field_name_split  # type: ignore[import-not-found]
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hw2utils._checks import did_you_mean, is_number
from hw2utils.languages import LANGUAGES, localise
from hw2utils.reporting.catalogue import NotebookError, book_sources, read_yaml, words_file
from hw2utils.reporting.records import Each, Term
from hw2utils.statistics import Interval

ISOLATE = ("\u2066", "\u2069")
"""Around a number with a sign in Persian: its sign would else be shown on the other side."""

TERMS = "terms"
"""The entry of a file with the words that its other entries share."""

_LIST = {"fa": "، ", "en": ", "}
_EACH = {"fa": "؛ ", "en": "; "}
_KINDS = {
    "note": {"note"},
    "figure": {"caption", "alt", "labels"},
    "slider": {"caption", "alt", "labels", "label", "show"},
}


class TextError(ValueError):
    """Say what is wrong with a text, or with what should fill it: file, entry, language."""


@dataclass(frozen=True)
class Words:
    """Give the words of one entry in one language, to a drawing or to a page.

    ``words["train"]`` is a label: of the entry, else a term; ``words("at", k=3)`` fills its slots.

    >>> words = Words("en", {"rate": {"fa": "نرخ {r}", "en": "rate {r}"}}, "q9")
    >>> words("rate", r=0.5)
    'rate 0.5'
    """

    lang: str
    labels: Mapping[str, Any]
    place: str
    terms: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        for source in (self.labels, self.terms):
            if key in source:
                return str(_in_language(source[key], self.lang, f"{self.place}: {key}"))
        known = [*self.labels, *self.terms]
        raise TextError(
            f"{self.place}: no label or term {key!r}{did_you_mean(key, known)}; there are {', '.join(known)}"
        )

    def __contains__(self, key: object) -> bool:
        return key in self.labels or key in self.terms

    def __call__(self, key: str, /, **values: Any) -> str:
        """Give a label with its slots filled."""
        return self.fill(self[key], values)

    def number(self, value: float, spec: str = "") -> str:
        """Write a number as prose does; ``spec`` is that of a slot.

        >>> Words("fa", {}, "q9").number(0.25, ".1f")
        '۰٫۲'
        """
        return _write_number(value, spec, self.lang)

    def fill(self, text: str, values: Mapping[str, Any]) -> str:
        """Fill the slots of a text.

        Raises TextError for a slot without value, and one that is not written for its kind of value.
        """
        return _Filler(self, values).fill(text)


def slots(text: str) -> Iterator[str]:
    """Give the slots of a text, without how they are written.

    >>> list(slots("{gain.mean:+.2f} of {n}"))
    ['gain.mean', 'n']
    """
    for _, name, _, _ in string.Formatter().parse(text):
        if name is not None:
            yield name


class _Filler(string.Formatter):
    def __init__(self, words: Words, values: Mapping[str, Any]) -> None:
        self.words, self.values = words, values
        self.slot = ""

    def fill(self, text: str) -> str:
        try:
            return self.vformat(text, (), self.values)
        except TextError:
            raise
        except (KeyError, AttributeError, IndexError) as error:
            missing = error.args[0] if isinstance(error, KeyError) else error
            known = ", ".join(map(str, self.values)) or "none"
            near = did_you_mean(str(missing), map(str, self.values))
            raise TextError(
                f"{self._place()}: no value for the slot {missing!r} in {text!r}; there are {known}{near}"
            ) from None
        except (ValueError, TypeError) as error:
            raise TextError(f"{self._place()}: {error}, in {text!r}") from None

    def _place(self) -> str:
        return f"{self.words.place} ({self.words.lang})"

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Take ``!s`` for a number in Latin digits, as in code."""
        return _Plain(value) if conversion == "s" else super().convert_field(value, conversion)

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Follow ``gain.mean``, ``ends[train]`` and ``losses[-1]``; other keys than strings as they print."""
        self.slot = field_name
        first, rest = formatter_field_name_split(field_name)
        found = self.get_value(first, args, kwargs)
        for _, key in rest:
            if isinstance(found, Mapping):
                found = found[key] if key in found else {str(k): v for k, v in found.items()}[str(key)]
            elif isinstance(found, Interval):
                found = getattr(found, str(key))
            elif is_number(found) or isinstance(found, str):
                raise TextError(f"{self._place()}: {first} is {found!r}, which has no {key!r}")
            else:
                found = found[int(key)]
        return found, first

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Look a slot up; ``{}`` and ``{0}`` have no name to be understood by."""
        if not isinstance(key, str):
            raise TextError(f"{self._place()}: expected slots with names, got {{{key}}}")
        return kwargs[key]

    def format_field(self, value: Any, spec: str) -> str:
        """Write a value in the language of the words."""
        try:
            return self._written(value, spec)
        except TextError:
            raise
        except (ValueError, TypeError):
            raise TextError(f"{self._place()}: {self._misfit(value, spec)}") from None

    def _misfit(self, value: Any, spec: str) -> str:
        """Say why a value cannot be written as a slot asks."""
        given = value.value if isinstance(value, _Plain) else value
        slot = f"slot {{{self.slot}:{spec}}}"
        if spec[-1:] in "bcdoxX" and is_number(given):
            return (
                f"{slot}: {spec[-1:]!r} writes whole numbers only, got {given!r}, a {type(given).__name__}; "
                f"write {{{self.slot}:.0f}} in the text, or give int({self.slot}) in the cell"
            )
        return (
            f"{slot}: expected a way to write numbers, such as .1f, +.2f, .0% or g, got {spec!r} "
            f"for {given!r:.40}"
        )

    def _written(self, value: Any, spec: str) -> str:
        if isinstance(value, _Plain):
            return format(value.value, spec)
        if isinstance(value, Term):
            return self.words[value.key]
        if isinstance(value, Each):
            lines = (self.words(value.text, **item) for item in value.items)
            return _EACH[self.words.lang].join(lines)
        if isinstance(value, str):
            return value
        if is_number(value):
            return _write_number(value, spec, self.words.lang)
        if isinstance(value, np.ndarray | list | tuple):
            return _LIST[self.words.lang].join(self.format_field(item, spec) for item in value)
        if isinstance(value, Interval):
            raise TextError(f"{self._place()}: an interval has mean, low, high and n; name one of them")
        raise TextError(f"{self._place()}: a slot takes numbers, strings and lists, got {value!r:.60}")


@dataclass(frozen=True)
class _Plain:
    value: Any


def _write_number(value: float, spec: str, lang: str) -> str:
    """Write a number as prose does: a true minus sign, no sign before zero, the language's own digits."""
    if math.isnan(value):
        return "—"
    if math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    else:
        text = format(value, spec or ("d" if isinstance(value, int | np.integer) else "g"))
        if not any(digit in text for digit in "123456789"):
            text = text.lstrip("+-")
    if lang != "fa":
        return text.replace("-", "−")
    text = localise(text, lang).replace(",", "٬")
    return text if text[:1] not in "+−" else text.join(ISOLATE)


def _in_language(text: Any, lang: str, place: str) -> Any:
    try:
        return text[lang]
    except (KeyError, TypeError):
        raise TextError(f"{place}: expected {{fa: …, en: …}}, got {text!r:.80}; write both") from None


class Entry:
    """Hold the texts of one note or figure.

    Raises TextError where one has a part that is none, or lacks a language.
    """

    def __init__(self, place: str, content: Any, terms: Mapping[str, Any]) -> None:
        self.place, self.terms = place, terms
        if not isinstance(content, Mapping) or not any(set(content) <= parts for parts in _KINDS.values()):
            parts = sorted(content) if isinstance(content, Mapping) else content
            raise TextError(
                f"{place}: expected note; or caption, alt and labels; for a slider label and show too, "
                f"got {parts!r:.80}"
            )
        self.content = content
        for part, text in content.items():
            for key, one in text.items() if part == "labels" else [("", text)]:
                check_both(one, ": ".join(filter(None, (place, part, key))))

    def words(self, lang: str) -> Words:
        """Give the labels in one language."""
        return Words(lang, self.content.get("labels", {}), self.place, self.terms)

    def text(self, part: str, values: Mapping[str, Any], variant: str | None = None) -> dict[str, str]:
        """Fill a text in both languages.

        Raises TextError where it is missing or not filled.
        """
        place = f"{self.place}: {part}"
        if part not in self.content:
            raise TextError(f"{self.place}: expected {part!r}, which is missing; write it in both languages")
        text = self.content[part]
        if set(text) != set(LANGUAGES):
            if variant not in text:
                raise TextError(f"{place}: expected a variant of {', '.join(text)}, got {variant!r}")
            text, place = text[variant], f"{place}: {variant}"
        found = {}
        for lang in LANGUAGES:
            words = Words(lang, self.content.get("labels", {}), place, self.terms)
            found[lang] = words.fill(str(_in_language(text, lang, place)).strip(), values)
        return found


def check_both(text: Any, place: str) -> None:
    """Raise TextError unless a text, or each of its variants, holds something in both languages."""
    if not isinstance(text, Mapping) or not text:
        raise TextError(f"{place}: expected {{fa: …, en: …}}, got {text!r:.80}; write both")
    if set(text) & set(LANGUAGES):
        for lang in LANGUAGES:
            if not str(text.get(lang) or "").strip():
                raise TextError(f"{place}: nothing in {lang!r}; write both languages")
        if extra := set(text) - set(LANGUAGES):
            raise TextError(f"{place}: beside fa and en there is {sorted(extra)[0]!r}; take it away")
    else:
        for name, variant in text.items():
            check_both(variant, f"{place}: {name}")


@lru_cache(maxsize=64)
def _read(file: Path, modified: int) -> dict[str, Any]:
    try:
        content = read_yaml(file)
    except NotebookError as error:
        raise TextError(str(error)) from None
    if not isinstance(content, dict):
        raise TextError(f"{file.name}: expected names with their texts, got {content!r:.60}")
    return content


def read_file(file: Path) -> dict[str, Any]:
    """Read a file of texts.

    Raises TextError where it is no YAML of names and texts.
    """
    return _read(file, file.stat().st_mtime_ns)


def needed_file(kind: str, prefix: str, book: Path | None, expected: str) -> Path:
    """Find a chapter's file of one ``kind`` of words; ``expected`` says who needs what of it.

    Raises TextError, with the nearest name, where there is none.
    """
    file = words_file(kind, prefix, book)
    if file is None:
        known = {one.stem for place in book_sources(book) for one in (place / kind).glob("*.yml")}
        raise TextError(
            f"{expected} in book/{kind}/{prefix}.yml, which does not exist"
            f"{did_you_mean(prefix, sorted(known))}"
        )
    return file


def entry(name: str, book: Path | None = None) -> Entry:
    """Find the texts of a note or figure; ``book`` is the folder that holds ``texts``.

    Without it the texts are looked for as :func:`~hw2utils.reporting.catalogue.book_sources` says.

    Raises TextError when there are none.

    >>> entry("q5d-sweep").text("caption", {})["en"][:10]
    'A thousand'
    """
    prefix, _, key = name.partition("-")
    file = needed_file("texts", prefix, book, f"{name}: expected its texts")
    content = read_file(file)
    if key not in content or key == TERMS:
        raise TextError(
            f"{file.name}: no entry {key!r}{did_you_mean(key, content)}; write note, or caption and alt, "
            f"in both languages for {name}"
        )
    terms = content.get(TERMS) or {}
    for word, text in terms.items():
        check_both(text, f"{file.name}: {TERMS}: {word}")
    return Entry(f"{file.name}: {key}", content[key], terms)
