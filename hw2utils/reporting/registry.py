"""The registry of criteria: when each claim's criterion was set or changed, why, and what was known then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from hw2utils.languages import Text, check_text, localise
from hw2utils.reporting.catalogue import book_sources
from hw2utils.reporting.claims import Claim, ClaimError
from hw2utils.reporting.criteria import REGISTRY, SILENT, digest, form
from hw2utils.reporting.verdicts import SCOPES

_FIELDS = {"claim", "date", "seen", "why", "form", "hash"}

_WORDS: dict[str, Text] = {
    "relation": {"fa": "رابطه", "en": "relation"},
    "threshold": {"fa": "آستانه", "en": "threshold"},
    "unit": {"fa": "یکا", "en": "unit"},
    "role": {"fa": "نقش", "en": "role"},
    "statistic": {"fa": "نوع عدد", "en": "kind of number"},
    "scope": {"fa": "دامنه", "en": "scope"},
    "parts": {"fa": "دامنهٔ بخش‌ها", "en": "scope of parts"},
    "unmeasured": {"fa": "بخش‌هایی که سنجیده نشده‌اند", "en": "parts not measured"},
    "of": {"fa": "اندازه‌گیریِ", "en": "measurement of"},
    "new": {"fa": "حالت تازه", "en": "new case"},
    "gone": {"fa": "حالت حذف‌شده", "en": "case taken away"},
}
_TOLD = ("relation", "threshold", "unit", "role", "statistic", "of")
_NAMES: dict[str, Text] = {  # of values, where they are no numbers
    "condition": {"fa": "شرط", "en": "condition"},
    "part": {"fa": "بخش", "en": "part"},
    "beyond": {"fa": "فراتر از ادعا", "en": "beyond the claim"},
    "above": {"fa": "بیش از", "en": "above"},
    "below": {"fa": "کمتر از", "en": "below"},
    "within": {"fa": "در فاصلهٔ", "en": "within"},
    "mean": {"fa": "میانگین", "en": "mean"},
    "proportion": {"fa": "سهم بذرها", "en": "proportion of seeds"},
    "share": {"fa": "درصد", "en": "percentage"},
    "nonnegative": {"fa": "نامنفی", "en": "never below zero"},
    "ratio": {"fa": "نسبت", "en": "ratio"},
    **SCOPES,
}


@dataclass(frozen=True)
class Entry:
    """Hold one setting of a claim's criterion.

    ``seen`` are the blocks of seeds, first and last, on which the claim had been seen before; ``form`` is
    the machine-readable part, ``hash`` its digest. ``looks`` are the numbers of seeds at which the claim was
    looked at under this criterion (:data:`hw2utils.reporting.criteria.LOOKS`); then ``seen`` is their block.
    """

    claim: str
    date: str
    seen: tuple[tuple[int, int], ...]
    why: Text
    form: Mapping[str, Any]
    hash: str
    looks: tuple[int, ...] = ()

    def line(self) -> str:
        """Write the entry as the registry has it, one line of JSON."""
        told = {key: value for key, value in asdict(self).items() if key != "looks" or value}
        return json.dumps(told, ensure_ascii=False) + "\n"


def entry_today(
    claim: Claim, seen: tuple[tuple[int, int], ...], why: Text, looks: tuple[int, ...] = ()
) -> Entry:
    """Make the entry that registers a claim's criterion as it is today; the rest are the entry's fields."""
    criterion = form(claim)
    today = datetime.now(UTC).date().isoformat()
    return Entry(claim.id, today, seen, why, criterion, digest(criterion), looks)


def read(file: Path) -> list[Entry]:
    """Read a registry, oldest entry first; without the file there are none.

    Raises ClaimError, naming the line, for an entry of another form or one whose hash is not its form's.
    """
    return list(_read(file.resolve(), file.stat().st_mtime_ns)) if file.is_file() else []


@lru_cache(maxsize=2)
def _read(file: Path, modified: int) -> tuple[Entry, ...]:
    return tuple(parse(file.read_text(encoding="utf-8"), file.name))


def parse(text: str, name: str) -> Iterator[Entry]:
    """Read the lines of a registry called ``name``; raises as :func:`read` does."""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            told = json.loads(line)
            if not isinstance(told, dict) or set(told) - {"looks"} != _FIELDS:
                raise ValueError(f"expected an object with the fields {sorted(_FIELDS)} and perhaps looks")
            entry = Entry(
                claim=str(told["claim"]),
                date=str(told["date"]),
                seen=tuple((int(first), int(last)) for first, last in told["seen"]),
                why=check_text("why", told["why"]),
                form=told["form"],
                hash=str(told["hash"]),
                looks=tuple(int(look) for look in told.get("looks", ())),
            )
            if digest(entry.form) != entry.hash:
                raise ValueError(f"its hash is {entry.hash}, its form's is {digest(entry.form)}")
        except (ValueError, TypeError) as error:
            raise ClaimError(
                f"{name}, line {number}: {error}; entries are appended by hw2 register"
            ) from None
        yield entry


def history(claim: str, folder: Path | None = None) -> list[Entry]:
    """Give the entries of one claim, oldest first, from the registry of a book's folder or the nearest one.

    >>> [entry.claim for entry in history("C-5b2")][:2]
    ['C-5b2', 'C-5b2']
    """
    for place in book_sources(folder):
        if (place / REGISTRY).is_file():
            return [entry for entry in read(place / REGISTRY) if entry.claim == claim]
    return []


def by_claim(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Give the entries of each claim, in their order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.claim, []).append(entry)
    return found


def dishonest(record: Mapping[str, Any], entries: Sequence[Entry], seeds: range) -> str | None:
    """Say what is wrong with the order of a record and its claim's entries, if anything is.

    The record carries the digest of the criterion under which ``seeds`` were judged. It must be registered,
    and a criterion set after that must say that these seeds had been seen.
    """
    places = [at for at, entry in enumerate(entries) if entry.hash == record.get("criterion")]
    if not places:
        return f"{record['name']}: measured under a criterion that is not in the registry"
    last = max(at for at, entry in enumerate(entries) if not entry.looks)
    if places[-1] >= last:
        return None
    seen = (first <= seed <= end for first, end in entries[last].seen for seed in seeds)
    return (
        None
        if any(seen)
        else (
            f"{record['name']}: its criterion of {entries[last].date} was set after seeds {seeds.start}–"
            f"{seeds.stop - 1} had been measured, and does not say so"
        )
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any], lang: str) -> list[str]:
    """Say in one language what differs between two machine-readable parts, a line each, but for grouping.

    >>> old = {"scope": "always", "cases": {"short": {"threshold": 0}}}
    >>> new = {"scope": "some", "cases": {"short": {"threshold": -1}}}
    >>> changes(old, new, "en")
    ['scope: without a hedge → “can”, “some”', '`short`: threshold 0 → −1']
    """
    lines = [
        f"{_WORDS[name][lang]}: {_value(before.get(name), lang)} → {_value(after.get(name), lang)}"
        for name in ("scope", "parts", "unmeasured")
        if before.get(name) != after.get(name)
    ]
    old, new = before["cases"], after["cases"]
    grouped: dict[str, list[str]] = {}  # the same change in several cases is told once
    for key in [*(key for key in old if key not in new), *new]:
        if key not in old or key not in new:
            grouped.setdefault(_WORDS["new" if key in new else "gone"][lang], []).append(key)
            continue
        for name in _TOLD:
            was, now = (case[key].get(name, SILENT.get(name)) for case in (old, new))
            if was != now:
                told = f"{_WORDS[name][lang]} {_value(was, lang)} → {_value(now, lang)}"
                grouped.setdefault(told, []).append(key)
    comma = "، " if lang == "fa" else ", "
    return lines + [f"{comma.join(f'`{key}`' for key in keys)}: {told}" for told, keys in grouped.items()]


def _value(value: Any, lang: str) -> str:
    if value in (None, {}, ""):
        return "—"
    if isinstance(value, list):
        return ("، " if lang == "fa" else ", ").join(f"`{name}`" for name in value)
    if isinstance(value, Mapping):
        return ", ".join(f"`{name}` {_value(told, lang)}" for name, told in value.items())
    if isinstance(value, (int, float)):
        return localise(f"{value:g}", lang).replace("-", "−")
    return _NAMES[value][lang] if value in _NAMES else str(value)


def blocks(seen: tuple[tuple[int, int], ...], lang: str) -> str:
    """Write blocks of seeds as prose does.

    >>> blocks(((0, 9), (20, 20)), "en")
    '0–9, 20'
    """
    spans = (f"{first}–{last}" if last > first else f"{first}" for first, last in seen)
    return localise(("، " if lang == "fa" else ", ").join(spans), lang)
