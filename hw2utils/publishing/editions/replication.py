"""Replication: claims measured again on fresh seeds, and a report beside what is published."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from hw2utils._files import written_whole
from hw2utils.languages import Text, number
from hw2utils.plotting.replication import Effect, replication
from hw2utils.plotting.style import style
from hw2utils.publishing.execution.jobs import Chapter
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.publishing.execution.records import interval_numbers
from hw2utils.publishing.execution.shelf import Execution
from hw2utils.reporting.cards import measured, unit_name
from hw2utils.reporting.claims import VERDICTS, Claim, Verdict, verdict
from hw2utils.reporting.multiplicity import multiplicity

FIRST_SEED = 100_000
"""Where the fresh block begins unless it is said: no chapter has looked at seeds from there on."""

REPORT = "report.md"
"""The report's file."""

_WORDS: dict[str, Text] = {
    "title": {"fa": "تکرار با بذرهای تازه", "en": "Replication on fresh seeds"},
    "published": {"fa": "منتشرشده", "en": "published"},
    "fresh": {"fa": "بذرهای تازه", "en": "fresh seeds"},
    "changed": {"fa": "حکم‌هایی که عوض شدند", "en": "Verdicts that changed"},
    "none": {"fa": "هیچ‌کدام.", "en": "None."},
    "expected": {
        "fa": (
            "از {claims} حکم، {changed} حکم عوض شد. تنها از تصادفِ بذرها، با فاصله‌هایی که "
            "نتیجه‌های منتشرشده از آستانه‌ها دارند، به‌طور میانگین {expected} تغییر انتظار "
            "می‌رفت."
        ),
        "en": (
            "Verdicts that changed: {changed} of {claims}. From the chance of the seeds alone, as"
            " far as the published results are from their thresholds, {expected} changes were to "
            "be expected on average."
        ),
    },
    "all": {"fa": "همهٔ اثرها", "en": "All effects"},
    "claim": {"fa": "ادعا", "en": "claim"},
    "case": {"fa": "حالت", "en": "case"},
    "verdict": {"fa": "حکم", "en": "verdict"},
    "unit": {"fa": "یکا", "en": "unit"},
    "apart": {"fa": "بازه‌ها جدا هستند", "en": "intervals apart"},
    "yes": {"fa": "بله", "en": "yes"},
}


@dataclass(frozen=True)
class Replicated:
    """Hold a claim's verdict as published and as measured on fresh seeds."""

    published: Verdict
    fresh: Verdict

    @property
    def claim(self) -> Claim:
        """Give the claim."""
        return self.fresh.claim

    @property
    def changed(self) -> bool:
        """Tell whether the verdict is another one now."""
        return self.published.verdict != self.fresh.verdict

    def apart(self, case: str) -> bool:
        """Tell whether the two intervals of a case have no point in common."""
        one, other = self.published.evidence[case], self.fresh.evidence[case]
        return bool(one.high < other.low or other.high < one.low)


def fresh_parameters(chapter: Chapter, published: Execution, first_seed: int) -> dict[str, int]:
    """Give the parameters with which a chapter runs on a block of seeds from ``first_seed`` on.

    Raises :class:`ParameterError` where the chapter draws no seeds from there, or the block may have been
    seen: chapters also look at seeds after their block, at most nine times as many.
    """
    declared = chapter.declared
    if "first_seed" not in declared:
        raise ParameterError(f"{chapter.path.stem}: has no parameter first_seed, so no fresh block")
    values = {name: parameter.default for name, parameter in declared.items()} | published.parameters
    seen = range(values["first_seed"], values["first_seed"] + 10 * values["seeds"])
    if first_seed in seen or first_seed + 10 * values["seeds"] in seen:
        raise ParameterError(
            f"--first-seed: expected seeds that {chapter.path.stem} has not looked at, from {seen.stop} on, "
            f"got {first_seed}; leave it out for {FIRST_SEED}"
        )
    return {"first_seed": first_seed}


def compare(
    published: Execution, fresh: Execution, claims: Mapping[str, Claim], name: str
) -> list[Replicated]:
    """Judge both runs of a chapter by the claims as they are now, claim by claim.

    Raises :class:`ParameterError` where one run measured what the other did not.
    """
    before, after = published.results["verdicts"], fresh.results["verdicts"]
    if before.keys() != after.keys():
        raise ParameterError(
            f"{name}: the published run judges {sorted(before)}, the new one {sorted(after)}; publish it anew"
        )
    return [Replicated(verdict(before[key], claims), verdict(after[key], claims)) for key in after]


def write_report(found: Sequence[Replicated], folder: Path, lang: str, first_seed: int) -> list[Path]:
    """Write report.md, effects.csv and effects.svg into a folder and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / REPORT, folder / "effects.csv"]
    with written_whole(files[0]) as draft:
        draft.write_text(_report(found, lang, first_seed), encoding="utf-8")
    with written_whole(files[1]) as draft:
        _write_table(found, draft)
    if any(one.fresh.evidence for one in found):
        files.append(folder / "effects.svg")
        with written_whole(files[2]) as draft:
            _draw(found, draft, lang)
    return files


def _report(found: Sequence[Replicated], lang: str, first_seed: int) -> str:
    words = {key: text[lang] for key, text in _WORDS.items()}
    lines = [f"# {words['title']}: {first_seed}, …", "", f"## {words['changed']}", ""]
    changed = [one for one in found if one.changed]
    lines += [
        f"- **{one.claim.id}**: {VERDICTS[one.published.verdict][lang]} → "
        f"{VERDICTS[one.fresh.verdict][lang]}. {one.claim.statement[lang]}"
        for one in changed
    ] or [words["none"]]
    chance = multiplicity(one.published for one in found).changed_claims
    counts = [number(count, 0, lang) for count in (len(found), len(changed))]
    shown = words["expected"].format(claims=counts[0], changed=counts[1], expected=number(chance, 1, lang))
    lines += ["", shown]
    header = ("claim", "case", "unit", "published", "fresh", "apart")
    lines += ["", f"## {words['all']}", "", "![](effects.svg)", ""]
    lines += [_row(words[name] for name in header), _row("---" for _ in header)]
    for one, case in _cases(found):
        told = one.claim.cases[case]
        effects = (measured(told, each.evidence[case]) for each in (one.published, one.fresh))
        apart = words["yes"] if one.apart(case) else ""
        lines.append(_row([one.claim.id, told.name[lang], unit_name(told, lang), *effects, apart]))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cases(found: Iterable[Replicated]) -> list[tuple[Replicated, str]]:
    return [(one, case) for one in found for case in one.fresh.evidence]


def _write_table(found: Sequence[Replicated], file: Path) -> None:
    sides = ("published", "fresh")
    columns = [f"{side}_{name}" for side in sides for name in ("verdict", "mean", "low", "high", "n")]
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["chapter", "claim", "case", "unit", *columns])
        table.writeheader()
        for one, case in _cases(found):
            row: dict[str, Any] = {"chapter": one.claim.chapter, "claim": one.claim.id, "case": case}
            row["unit"] = one.claim.cases[case].unit
            for side, judged in zip(sides, (one.published, one.fresh), strict=True):
                numbers = {"verdict": judged.cases[case], **interval_numbers(judged.evidence[case])}
                row |= {f"{side}_{name}": value for name, value in numbers.items()}
            table.writerow(row)


def _draw(found: Sequence[Replicated], file: Path, lang: str) -> None:
    effects = []
    for one, case in _cases(found):
        told = one.claim.cases[case]
        edges = [told.threshold, -told.threshold] if told.relation == "within" else [told.threshold]
        sides = one.published.evidence[case], one.fresh.evidence[case]
        effects.append(Effect(one.claim.id, *sides, edges))
    with matplotlib.rc_context(style(lang)):  # type: ignore[arg-type,unused-ignore]
        figure = Figure(layout="constrained")
        replication(figure, {key: text[lang] for key, text in _WORDS.items()}, effects)
        figure.savefig(file, format="svg")
