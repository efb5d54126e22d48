"""Decisions: a chapter measured on more and more paired seeds, until its claims are settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hw2utils.languages import localise
from hw2utils.publishing.execution.jobs import Chapter
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.publishing.sources.notebooks import (
    cell_source,
    cell_tags,
    code_cells,
    read_notebook,
    write_notebook,
)
from hw2utils.reporting.claims import Claim, ClaimError, Verdict, load
from hw2utils.reporting.criteria import LOOKS, LOOKS_LEVEL, REGISTRY, digest, form
from hw2utils.reporting.registry import Entry, by_claim, entry_today, read


@dataclass(frozen=True)
class Look:
    """Hold what a number of paired seeds gave: the verdict on each claim, at the level of several looks."""

    seeds: int
    verdicts: Mapping[str, Verdict]

    @property
    def unsettled(self) -> dict[str, list[str]]:
        """Name the claims whose verdict more seeds may change, and their undecided cases."""
        return {name: found.undecided for name, found in self.verdicts.items() if not found.settled}


def claims_of(chapter: Chapter, most: int) -> dict[str, Claim]:
    """Give a chapter's claims, with the level of several looks, if its seeds may decide them.

    Raises ParameterError for a chapter without the parameters ``seeds`` and ``first_seed``, ClaimError for
    one without claims, a criterion that is not registered, and seeds on which one has been seen.
    """
    name, declared = chapter.path.stem, chapter.declared
    if not {"seeds", "first_seed"} <= declared.keys():
        raise ParameterError(
            f"{name}: expected the parameters seeds and first_seed, so that seeds can be added"
        )
    stated = {key: claim for key, claim in load(chapter.path.parent).items() if claim.chapter == name}
    if not stated:
        raise ClaimError(f"{name}: no claim is stated for it in book/claims, so there is nothing to decide")
    first = declared["first_seed"].default
    entries = by_claim(read(chapter.path.parent / REGISTRY))
    for key, claim in stated.items():
        own = entries.get(key, [])
        if not own or own[-1].hash != digest(form(claim)):
            raise ClaimError(f"{key}: register its criterion before it is measured: hw2 register {key} …")
        for low, high in (block for entry in own for block in entry.seen):
            if low < first + most and first <= high:
                raise ClaimError(
                    f"{key}: has been seen on seeds {low}–{high}, and {name} would look at {first}–"
                    f"{first + most - 1}; write a first_seed into its parameters that nobody has looked at"
                )
    return {key: replace(claim, level=LOOKS_LEVEL) for key, claim in stated.items()}


def look(measure: Callable[[int], Mapping[str, Verdict]], most: int) -> Iterator[Look]:
    """Look at more and more seeds, ``most`` at most, until every claim is settled; give each look."""
    for seeds in LOOKS:
        if seeds <= most:
            found = Look(seeds, measure(seeds))
            yield found
            if not found.unsettled:
                return


def entries(looks: Sequence[Look], first_seed: int) -> Iterator[Entry]:
    """Say for each claim, as the registry has it, at which numbers of seeds it was looked at."""
    last = looks[-1]
    numbers = tuple(each.seeds for each in looks)
    for name, found in last.verdicts.items():
        case_names = last.unsettled.get(name, [])
        told = {}
        for lang, words in _WORDS.items():
            comma = "، " if lang == "fa" else ", "
            seeds = localise(comma.join(map(str, numbers)), lang)
            cases = comma.join(f"`{case}`" for case in case_names)
            told[lang] = words["open" if case_names else "settled"].format(seeds=seeds, cases=cases)
        yield entry_today(found.claim, ((first_seed, first_seed + last.seeds - 1),), told, numbers)


_WORDS = {
    "fa": {
        "settled": "نگاه‌ها با {seeds} بذر؛ حکم روشن شد.",
        "open": "نگاه‌ها با {seeds} بذر؛ این حالت‌ها نامعین ماندند: {cases}.",
    },
    "en": {
        "settled": "Looks at {seeds} seeds; settled.",
        "open": "Looks at {seeds} seeds; these cases remain undecided: {cases}.",
    },
}


def write_seeds(notebook: Path, seeds: int) -> bool:
    """Write the number of seeds into a chapter's parameters; tell whether it was another one."""
    content = read_notebook(notebook)
    cell = next(cell for cell in code_cells(content) if "parameters" in cell_tags(cell))
    before = cell_source(cell)
    after = re.sub(r"^(seeds\s*:\s*int\s*=\s*)\d+", rf"\g<1>{seeds}", before, flags=re.MULTILINE)
    if after == before:
        return False
    cell["source"] = after.splitlines(keepends=True)
    write_notebook(notebook, content)
    return True
