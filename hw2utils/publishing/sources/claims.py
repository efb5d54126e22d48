"""What is wrong with the book's claims, seen without running anything: the registry, numbers in words."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from hw2utils.languages import LANGUAGES, Text, check_text
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.persian import TERMS_FILE, lint, load_terms
from hw2utils.reporting import registry
from hw2utils.reporting.claims import Claim, ClaimError, load
from hw2utils.reporting.criteria import REGISTRY, digest, form
from hw2utils.reporting.registry import Entry

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫−", "0123456789.-")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORDS: dict[str, dict[float, str]] = {  # numbers as criteria spell them; a half may be 50 percent
    "en": {0.5: "half", 1: "one", 2: "two", 5: "five", 10: "ten", 20: "twenty", 50: "half", 90: "ninety"},
    "fa": {0.5: "نیم", 1: "یک", 2: "دو", 5: "پنج", 10: "ده", 20: "بیست", 50: "نیم", 90: "نود"},
}


def check_claims(file: Path) -> Iterator[Finding]:
    """Find claims of a file that the registry beside it does not know as they are, and wrong numbers."""
    text = file.read_text(encoding="utf-8").splitlines()
    lines = {line.partition(":")[0]: number for number, line in enumerate(text, start=1) if line[:1].strip()}
    try:
        entries = registry.read(file.with_name(Path(REGISTRY).name))
        stated = load(file)
    except ValueError as error:
        yield Finding("claims", str(error), "hw2utils/reporting/claims.py says what a claim holds")
        return
    latest = {entry.claim: entry for entry in entries}
    for claim in stated.values():
        place = Place(line=lines.get(claim.id))
        yield from check_registry(claim, latest.get(claim.id), place)
        yield from check_thresholds(claim, place)


def check_registry(claim: Claim, last: Entry | None, place: Place) -> Iterator[Finding]:
    """Find a claim whose machine-readable part is not that of its last entry; words may differ."""
    now = form(claim)
    if last and last.hash == digest(now):
        return
    told = registry.changes(last.form, now, "en") if last else ["no entry"]
    yield Finding(
        "registry",
        f"{claim.id}: its criterion is not the registered one: {'; '.join(told) or 'the order of its cases'}",
        f"hw2 register {claim.id} --fa WHY --en WHY --seen FIRST-LAST",
        place,
    )


def check_thresholds(claim: Claim, place: Place) -> Iterator[Finding]:
    """Find thresholds that the criterion does not name, in digits or in words; a zero need not be named."""
    for lang in LANGUAGES:
        criterion = claim.criterion[lang]
        named = {float(found) for found in _NUMBER.findall(criterion.translate(_DIGITS))}
        words = _WORDS[lang]
        for key, case in claim.cases.items():
            size = abs(case.threshold)
            spelt = size in words and re.search(rf"(?<!\w){words[size]}", criterion, re.IGNORECASE)
            if size and size not in named and not spelt:
                yield Finding(
                    "threshold",
                    f"{claim.id}: the threshold {case.threshold:g} of {key} is not in the criterion ({lang})",
                    "write the number that the case has",
                    place,
                )


def register(
    names: Iterable[str], book: Path, why: Text, seen: tuple[tuple[int, int], ...]
) -> Iterator[Entry]:
    """Append an entry for each claim, as it is now, to the registry of a book's folder.

    ``seen`` are blocks of seeds, first and last, on which the claims had been seen before. Raises ClaimError
    for an unknown claim, one that stands in the registry as it is, or a reason that lacks a
    language or is in faulty Persian.
    """
    try:
        why = check_text("why", why)
    except ValueError as error:
        raise ClaimError(str(error)) from None
    for fault in lint(why["fa"], load_terms(book / TERMS_FILE), Place()):  # a line cannot be mended later
        raise ClaimError(f"why (fa): {fault}")
    stated, file = load(book), book / REGISTRY
    latest = {entry.claim: entry for entry in registry.read(file)}
    entries = []
    for name in names:
        if name not in stated:
            raise ClaimError(f"{name}: no such claim; there are {', '.join(stated)}")
        entry = registry.entry_today(stated[name], seen, why)
        if name in latest and latest[name].hash == entry.hash:
            raise ClaimError(f"{name}: the registry has it as it is; only a changed criterion is registered")
        entries.append(entry)
    append(entries, file)
    yield from entries


def append(entries: Iterable[Entry], file: Path) -> None:
    """Write entries at the end of a registry, which is made where there is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.writelines(entry.line() for entry in entries)


def check_history(file: Path) -> Iterator[Finding]:
    """Find lines of a registry that some earlier commit has and the file lacks, or has in another order."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(file.parent), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout

    try:
        if git("rev-parse", "--is-shallow-repository").strip() == "true":
            yield Finding("history", "this clone does not have the whole history", "git fetch --unshallow")
            return
        commits = git("log", "--full-history", "--format=%H", "--", file.name).split()
        now = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        for commit in reversed(commits):
            rest = iter(now)
            try:
                then = git("show", f"{commit}:./{file.name}").splitlines()
            except subprocess.CalledProcessError:  # a commit that took the file away
                continue
            for number, line in enumerate(then, start=1):
                if line not in rest:  # goes on from the line found before
                    yield Finding(
                        "history",
                        f"line {number} of commit {commit[:7]} was changed, moved or taken away since",
                        "entries are only appended: put it back",
                    )
                    break
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        yield Finding("history", f"git cannot tell: {said}".strip(), "run it in a clone with git")
