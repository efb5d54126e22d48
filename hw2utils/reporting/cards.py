"""Cards and tables of verdicts: how claims, evidence and verdicts read on a page, in both languages."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hw2utils.languages import LANGUAGES, Text, localise, number
from hw2utils.reporting.claims import PUBLISHED_SEEDS, Case, Claim, Verdict
from hw2utils.reporting.forest import Row, forest
from hw2utils.reporting.html import element, inline_html, left_to_right, table
from hw2utils.reporting.intervals import LEVELS, interval, is_constant
from hw2utils.reporting.multiplicity import distance
from hw2utils.reporting.registry import Entry, blocks, changes
from hw2utils.reporting.verdicts import CASE_VERDICTS, VERDICTS
from hw2utils.statistics import Interval

_UNITS: dict[str, Text] = {
    "points": {"fa": "واحد درصد", "en": "percentage points"},
    "percent": {"fa": "درصد", "en": "percent"},
    "nats": {"fa": "نات", "en": "nats"},
    "epochs": {"fa": "دوره", "en": "epochs"},
    "steps": {"fa": "گام", "en": "steps"},
    "times": {"fa": "برابر", "en": "times"},
    "seconds": {"fa": "ثانیه", "en": "seconds"},
    "plain": {"fa": "", "en": ""},
}
_WORDS: dict[str, Text] = {
    "homework": {"fa": "تکلیف:", "en": "The homework:"},
    "measured": {"fa": "اندازه‌گیری:", "en": "Measured:"},
    "nothing": {
        "fa": "چیزی که بتواند داوری کند هنوز سنجیده نشده است.",
        "en": "nothing yet that could decide it.",
    },
    "partly": {
        "fa": "آنچه سنجیده شده برای حکم کافی نیست.",
        "en": "not yet all that it takes to decide it.",
    },
    "scope": {"fa": "دامنه", "en": "Scope"},
    "criterion": {"fa": "معیار", "en": "Criterion"},
    "cases": {"fa": "معیار و حالت‌ها", "en": "Criterion and cases"},
    "history": {"fa": "سرگذشت معیار", "en": "History of the criterion"},
    "revised": {
        "fa": "سرگذشت معیار، که پس از دیدن نتیجه‌ها تعیین شده است",
        "en": "History of the criterion, which was set after results had been seen",
    },
    "case": {"fa": "حالت", "en": "Case"},
    "effect": {"fa": "اندازه [بازهٔ اطمینان {level}]", "en": "Measured [{level} confidence interval]"},
    "needed": {"fa": "برقرار اگر بازه", "en": "Holds if it is"},
    "fails": {"fa": "رد اگر بازه", "en": "Refuted if it is"},
    "seeds": {"fa": "بذرها", "en": "Seeds"},
    "verdict": {"fa": "حکم", "en": "Verdict"},
    "above": {"fa": "بیش از", "en": "above"},
    "below": {"fa": "کمتر از", "en": "below"},
    "within": {"fa": "در فاصلهٔ", "en": "within"},
    "not above": {"fa": "حداکثر", "en": "at most"},
    "not below": {"fa": "دست‌کم", "en": "at least"},
    "not within": {"fa": "بیرون از", "en": "outside"},
    "condition": {"fa": "شرط", "en": "condition"},
    "part": {"fa": "بخش", "en": "part"},
    "beyond": {"fa": "فراتر از ادعا", "en": "beyond the claim"},
    "unit": {"fa": "یکا", "en": "Unit"},
    "constant": {
        "fa": "همهٔ بذرها یک عدد دادند؛ پراکندگیِ صفر چیزی را روشن نمی‌کند.",
        "en": "All seeds gave the same number; a spread of zero settles nothing.",
    },
    "same": {"fa": "همهٔ بذرها یک عدد دادند.", "en": "All seeds gave the same number."},
    "always": {
        "fa": "باید در همهٔ شرط‌های آزموده برقرار باشد.",
        "en": "It must hold in every condition tested.",
    },
    "usually": {
        "fa": "باید در بیش از نیمِ شرط‌های آزموده برقرار باشد.",
        "en": "It must hold in more than half of the conditions tested.",
    },
    "some": {
        "fa": "یک شرط که در آن برقرار باشد کافی است.",
        "en": "One condition in which it holds is enough.",
    },
    "run": {
        "fa": "وقتی رد می‌شود که در کمتر از ۵٪ بذرها دیده شود؛ میان آن و آستانه، به بذر بستگی دارد.",
        "en": (
            "It is refuted where fewer than 5% of the seeds show it; between that and the threshold it "
            "depends on the seed."
        ),
    },
    "stated": {"fa": "ثبت شد.", "en": "Stated."},
    "unchanged": {"fa": "عددها همان‌اند.", "en": "The numbers are the same."},
    "seen": {"fa": "پیش از آن دیده شده بود: بذرهای", "en": "Seen before on seeds"},
    "looked": {"fa": "سنجیده شد: بذرهای", "en": "Measured on seeds"},
    "exploratory": {
        "fa": "این اجرا اکتشافی است: برای حکم دست‌کم ده بذر لازم است.",
        "en": "This run is exploratory: a verdict needs at least ten seeds.",
    },
    "unexpected": {
        "fa": "اجرای منتشرشده حکم دیگری داده بود:",
        "en": "The published run had another verdict:",
    },
    "agrees": {
        "fa": "میانگین در بازهٔ اجرای منتشرشده است:",
        "en": "the mean lies within the published run's interval:",
    },
    "differs": {
        "fa": "میانگین بیرون از بازهٔ اجرای منتشرشده است:",
        "en": "the mean lies outside the published run's interval:",
    },
    "claim": {"fa": "ادعا", "en": "Claim"},
    "count": {"fa": "شمار", "en": "Count"},
    "verdicts": {"fa": "جدول حکم‌ها", "en": "Table of verdicts"},
    "unmeasured": {"fa": "سنجیده نشده", "en": "not measured"},
}


def verdict_card(
    verdict: Verdict, published: Mapping[str, Any] | None = None, history: Sequence[Entry] = ()
) -> str:
    """Write a claim, what was measured and the verdict as a card, one block per language.

    The criterion with its cases and its ``history`` are folded. ``published`` is the record of the published
    run; the card says whether other numbers agree with it.
    """
    blocks = "".join(element("div", lang, _card(verdict, published, history, lang)) for lang in LANGUAGES)
    attributes = f'class="hw2-verdict" data-verdict="{slug(verdict.verdict)}" id="verdict-{verdict.claim.id}"'
    return f"<section {attributes}>{blocks}</section>"


def _card(verdict: Verdict, published: Mapping[str, Any] | None, history: Sequence[Entry], lang: str) -> str:
    claim = verdict.claim
    homework, found = sentence(verdict, lang)
    parts = [
        f'<p class="hw2-verdict-head"><code dir="ltr">{claim.id}</code> '
        f"<b>{_WORDS['homework'][lang]}</b> {inline_html(homework, lang)} "
        f"<b>{_WORDS['measured'][lang]}</b> {inline_html(found, lang)} "
        f'<strong class="hw2-badge">{_capital(VERDICTS[verdict.verdict][lang])}</strong></p>'
    ]
    parts.append(forest(forest_row(verdict, key, lang) for key in claim.cases if key in verdict.evidence))
    parts += [f'<p class="hw2-outcome">{inline_html(line, lang)}</p>' for line in outcome(verdict, lang)]
    if any(interval.n < PUBLISHED_SEEDS for interval in verdict.evidence.values()):
        parts.append(f'<p class="hw2-reason">{_WORDS["exploratory"][lang]}</p>')
    if verdict.verdict == claim.expected:
        parts.append(f'<p class="hw2-reason">{inline_html(claim.explanation[lang], lang)}</p>')
    else:
        parts.append(
            f'<p class="hw2-reason">{_WORDS["unexpected"][lang]} {VERDICTS[claim.expected][lang]}.</p>'
        )
    parts += [f'<p class="hw2-published">{line}</p>' for line in _agreement(verdict, published, lang)]
    scope = f"{claim.scope.source[lang]} {_WORDS[claim.scope.kind][lang]}"
    told = [
        f"<p><strong>{_WORDS[word][lang]}:</strong> {inline_html(text, lang)}</p>"
        for word, text in (("scope", scope), ("criterion", claim.criterion[lang]))
    ]
    if verdict.evidence:
        told += _cases(verdict, lang)
    parts.append(_folded("cases", len(claim.cases), "".join(told), lang))
    if history:
        last = [entry for entry in history if not entry.looks][-1]
        word = "revised" if last.seen else "history"
        parts.append(_folded(word, len(history), _history(history, lang), lang))
    return "".join(parts)


def _folded(word: str, count: int, body: str, lang: str) -> str:
    name = f"{_WORDS[word][lang]} ({localise(str(count), lang)})"
    return f'<details class="hw2-folded"><summary>{name}</summary>{body}</details>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- the sentence ---------------------------------------------------------------------------------


def sentence(verdict: Verdict, lang: str) -> tuple[str, str]:
    """Say in plain words what the homework says, and the measurements that decide."""
    claim, keys = verdict.claim, decisive(verdict)
    told = []
    for key in keys:
        case = claim.cases[key]
        shown = f"{in_words(case, verdict.evidence[key], lang)} {unit_name(case, lang)}".strip()
        told.append(shown if len(claim.cases) == 1 else f"{case.name[lang]}: {shown}")
    nothing = _WORDS["partly" if verdict.conditions and any(verdict.conditions.values()) else "nothing"][lang]
    found = f"{('؛ ' if lang == 'fa' else '; ').join(told)}." if told else nothing
    return claim.statement[lang], found


def decisive(verdict: Verdict) -> list[str]:
    """Name the cases on which the verdict rests: one, or one on each side where it holds in part or depends.

    Left out are cases that did not decide their condition or part and, where conditions disagree, those of
    other parts. Where one condition is enough, it is the clearest one, and its case is the one nearest to its
    threshold for its spread, since all cases of a condition are needed; else it is the nearest of all.
    """
    claim = verdict.claim
    by: dict[str, list[str]] = {told: [] for told in (*CASE_VERDICTS, "depends")}
    for key in sorted(verdict.cases, key=lambda key: _clearness(claim.cases[key], verdict.evidence[key])):
        case, told = claim.cases[key], verdict.cases[key]
        if case.role == "beyond" or told != verdict.conditions[case.part][case.condition]:
            continue
        part = verdict.parts[case.part]
        if part == "depends" or (verdict.verdict != "depends" and (told != "holds" or part == "holds")):
            by[told].append(key)
    nearest: dict[tuple[str, str], str] = {}  # of each condition, the clearest condition last
    for key in by["holds"]:
        nearest.setdefault((claim.cases[key].part, claim.cases[key].condition), key)
    clearest = list(nearest.values())[-1:]
    match verdict.verdict:
        case "holds":
            return clearest if claim.scope.kind == "some" else by["holds"][:1]
        case "refuted":
            return by["refuted"][-1:]
        case "in part" | "depends":
            return [*by["depends"][:1], *clearest, *by["refuted"][-1:]][:2]
        case "undecided":
            return by["undecided"][:1]
    return by["refuted"][:1]  # nearest to being an instance


def _clearness(case: Case, interval: Interval) -> float:
    """Measure how far an interval is from the threshold; one without a mean is as near as can be."""
    far = abs(distance(case, interval))
    return 0.0 if np.isnan(far) else far


def in_words(case: Case, found: Interval, lang: str) -> str:
    """Write a mean and its interval in a sentence, where no end seems to touch a threshold."""
    edges = (case.threshold, -case.threshold, 0)
    ends = [end for end in (found.low, found.high) if np.isfinite(end)]
    touches = any(round(end, 1) == round(edge, 1) for end in ends for edge in edges)
    digits = 2 if touches or case.unit in ("nats", "plain", "times") else 1
    shown = measured(case, found, digits)
    return localise(shown.replace("−", "-"), lang).replace(", ", " تا ") if lang == "fa" else shown


def forest_row(verdict: Verdict, key: str, lang: str) -> Row:
    """Give what the drawing of a case shows, and its numbers, criterion and verdict in words.

    >>> from hw2utils.reporting.claims import load
    >>> found = Verdict(load()["C-5c1"], {"gap": [3, 4, 5]}, {"gap": Interval(4, 1.5, 6.5, 3)})
    >>> forest_row(found, "gap", "en").alt
    '+4.0 [+1.5, +6.5] percentage points; holds if it is above 0: holds.'
    """
    case, told = verdict.claim.cases[key], verdict.evidence[key]
    unit, name = unit_name(case, lang), case.name[lang]
    semicolon = "؛ " if lang == "fa" else "; "
    beyond = f"{semicolon}{_WORDS['beyond'][lang]}" if case.role == "beyond" else ""
    needed = f"{_WORDS['needed'][lang]} {_WORDS[case.relation][lang]} {localise(_edge(case), lang)}"
    shown = f"{in_words(case, told, lang)} {unit}".strip()
    return Row(
        name=f"{name} ({_WORDS['beyond'][lang]})" if beyond else name,
        verdict=verdict.cases[key],
        interval=told,
        relation=case.relation,
        threshold=case.threshold,
        values=_seeds(case, verdict.values[key]),
        unit=unit,
        alt=f"{shown}{semicolon}{_uncapital(needed)}: {VERDICTS[verdict.cases[key]][lang]}{beyond}.",
        level=case.statistic in LEVELS,
        aside=case.role == "beyond",
    )


def _seeds(case: Case, values: Sequence[float | None]) -> list[float]:
    """Give the seeds of a case as dots on its axis; whether it happened, 0 or 100 for each, is none."""
    return [] if case.statistic == "proportion" else [np.nan if v is None else v for v in values]


def _edge(case: Case) -> str:
    digits = _digits(case.threshold)
    return ("±" if case.relation == "within" else "") + number(case.threshold, digits, "en")


def _uncapital(text: str) -> str:
    return text[:1].lower() + text[1:]


def outcome(verdict: Verdict, lang: str) -> list[str]:
    """Say for a verdict with two sides, or parts of several verdicts, which gave which, a line each.

    >>> from hw2utils.reporting.claims import load
    >>> outcome(Verdict(load()["C-1a1"], {}, {}), "en")
    []
    """
    if verdict.verdict not in ("in part", "depends") and len(set(verdict.parts.values())) == 1:
        return []
    claim = verdict.claim
    by: dict[str, list[str]] = {}
    for part, found in verdict.parts.items():
        name = claim.part_name(part)[lang] if part else ""
        if found != "depends":
            by.setdefault(found, []).append(name)
            continue
        for condition, told in verdict.conditions[part].items():
            where = claim.condition_name(condition)[lang] if condition else ""
            by.setdefault(told, []).append(f"{name} ({where})" if name and where else name or where)
    order = [v for v in VERDICTS if v in by]
    semicolon = "؛ " if lang == "fa" else "; "
    return [f"{_capital(VERDICTS[v][lang])}: {semicolon.join(by[v])}." for v in order]


# --- the cases ------------------------------------------------------------------------------------


def _cases(verdict: Verdict, lang: str) -> list[str]:
    """Write the table of cases; a unit and a number of seeds that all share are told once."""
    claim = verdict.claim
    units = {unit_name(case, lang) for case in claim.cases.values()}
    seeds = {interval.n for interval in verdict.evidence.values()}
    level = confidence(claim.level, lang)
    heads = [_WORDS[word][lang].format(level=level) for word in ("case", "effect", "needed", "fails")]
    if len(seeds) > 1:
        heads.append(_WORDS["seeds"][lang])
    heads.append(_WORDS["verdict"][lang])
    rows = [_row(verdict, key, lang, units=len(units) > 1, seeds=len(seeds) > 1) for key in claim.cases]
    once = []
    if len(units) == 1 and (unit := next(iter(units))):
        once.append(f"{_WORDS['unit'][lang]}: {unit}")
    if len(seeds) == 1:
        once.append(f"{_WORDS['seeds'][lang]}: {localise(str(next(iter(seeds))), lang)}")
    line = f"{('؛ ' if lang == 'fa' else '; ').join(once)}."
    return [f"<p>{line}</p>" if once else "", table("hw2-cases", claim.id, heads, rows)]


def _row(verdict: Verdict, key: str, lang: str, *, units: bool, seeds: bool) -> tuple[str, ...]:
    case, found = verdict.claim.cases[key], verdict.evidence[key]
    unit = f" {unit_name(case, lang)}" if units else ""
    name = html.escape(case.name[lang])
    notes = [case.why[lang]] if case.why else []
    if case.constant and is_constant(verdict.values[key]):
        notes.append(f"{_WORDS['same'][lang]} {case.constant[lang]}")
    elif key in verdict.unexplained:
        notes.append(_WORDS["constant"][lang])
    name += f'<br><small class="hw2-role">{_role(verdict.claim, key, lang)}</small>'
    if notes:
        name += f'<br><small class="hw2-why">{inline_html(" ".join(notes), lang)}</small>'
    edge = left_to_right(_edge(case), lang)
    fails = edge if case.rare is None else left_to_right(number(case.rare, _digits(case.rare), "en"), lang)
    cells = [
        name,
        left_to_right(measured(case, found), lang) + unit,
        f"{_WORDS[case.relation][lang]} {edge}",
        f"{_WORDS[f'not {case.relation}'][lang]} {fails}",
    ]
    if seeds:
        cells.append(str(found.n))
    return (*cells, VERDICTS[verdict.cases[key]][lang])


def _role(claim: Claim, key: str, lang: str) -> str:
    """Name the part and the condition to which a case belongs, or say that it is beyond the claim."""
    case = claim.cases[key]
    if case.role == "beyond":
        return _WORDS["beyond"][lang]
    told = []
    for word, name, names in (
        ("part", case.part, {key: part.name for key, part in claim.parts.items()}),
        ("condition", case.condition, claim.conditions),
    ):
        if name:  # without a name of its own it is the case itself
            told.append(_WORDS[word][lang] + (f": {html.escape(names[name][lang])}" if name in names else ""))
    return ("؛ " if lang == "fa" else "; ").join(told)


def _agreement(verdict: Verdict, published: Mapping[str, Any] | None, lang: str) -> list[str]:
    """Say for each case that came out otherwise than published whether its mean lies in that interval."""
    lines = []
    for key, own in verdict.evidence.items():
        case, record = verdict.claim.cases[key], (published or {}).get("cases", {}).get(key)
        if record is None or len(record["values"]) < 2:
            continue
        other = interval(case.statistic, record["values"], verdict.claim.level)
        there = measured(case, other)
        if there == measured(case, own):
            continue
        word = "agrees" if other.low <= own.mean <= other.high else "differs"
        name = html.escape(case.name[lang])
        lines.append(
            f"{name}: {_WORDS[word][lang]} {left_to_right(there, lang)} "
            f"({_WORDS['seeds'][lang]}: {localise(str(other.n), lang)})"
        )
    return lines


def _history(history: Sequence[Entry], lang: str) -> str:
    """Write a claim's entries in the registry, the newest first."""
    items = []
    for before, entry in zip((None, *history), history, strict=False):
        if before is None:
            what = [_WORDS["stated"][lang]]
        elif entry.looks:
            what = []
        else:
            what = [f"{line}." for line in changes(before.form, entry.form, lang)] or [
                _WORDS["unchanged"][lang]
            ]
        told = [*what, entry.why[lang]]
        if entry.seen:
            word = "looked" if entry.looks else "seen"
            told.append(f"{_WORDS[word][lang]} {blocks(entry.seen, lang)}.")
        items.append(f"<li>{left_to_right(entry.date, lang)} — {inline_html(' '.join(told), lang)}</li>")
    return f'<ol class="hw2-history" reversed>{"".join(reversed(items))}</ol>'


def verdict_text(verdict: Verdict) -> str:
    """Write the statement, evidence and verdict, a block per language."""
    lines = []
    for lang in LANGUAGES:
        homework, found = sentence(verdict, lang)
        said = f"{_WORDS['homework'][lang]} {homework} {_WORDS['measured'][lang]} {found}"
        lines.append(f"{verdict.claim.id} — {said} {_capital(VERDICTS[verdict.verdict][lang])}.")
        lines += outcome(verdict, lang)
        for key, told in verdict.evidence.items():
            case = verdict.claim.cases[key]
            shown = f"{measured(case, told)} {unit_name(case, lang)}".strip()
            lines.append(
                f"  {case.name[lang]}: {shown} (n = {told.n}) — {VERDICTS[verdict.cases[key]][lang]}"
            )
    return "\n".join(lines)


def slug(verdict: str) -> str:
    """Write a verdict as the pages' ``data-verdict`` attribute has it.

    >>> slug("not testable")
    'not-testable'
    """
    return verdict.replace(" ", "-")


def effect(
    mean: float | None, low: float | None, high: float | None, *, digits: int = 2, sign: bool = True
) -> str:
    """Write a mean and its interval in Latin digits; differences with a sign, levels without, nothing as —.

    >>> effect(1.234, 0.5, 2.0), effect(1.234, 0.5, 2.0, digits=1, sign=False)
    ('+1.23 [+0.50, +2.00]', '1.2 [0.5, 2.0]')
    >>> effect(float("nan"), None, None)
    '— [−∞, +∞]'
    """
    ends = zip((low, high), ("−∞", "+∞" if sign else "∞"), strict=True)
    shown = [
        number(v, digits, "en", sign=sign) if v is not None and np.isfinite(v) else far for v, far in ends
    ]
    middle = "—" if mean is None or not np.isfinite(mean) else number(mean, digits, "en", sign=sign)
    return f"{middle} [{shown[0]}, {shown[1]}]"


def measured(case: Case, found: Interval, digits: int = 2) -> str:
    """Write what a case's evidence stands for, with its interval.

    What is not zero never reads as zero, unless it is what rounding leaves.
    """
    largest = max(abs(found.low), abs(found.high))
    if 1e-6 < largest < 0.5 * 10**-digits:
        digits = 1 - math.floor(math.log10(largest))
    return effect(found.mean, found.low, found.high, digits=digits, sign=case.statistic not in LEVELS)


def confidence(level: float, lang: str) -> str:
    """Write the level of an interval, with as many digits as it has.

    >>> confidence(0.9875, "en"), confidence(0.95, "fa")
    ('98.75%', '۹۵٪')
    """
    return localise(f"{100 * level:.6g}%", lang)


def unit_name(case: Case, lang: str) -> str:
    """Name the unit of a case's numbers: a level in percentage points is so many percent."""
    unit = "percent" if case.unit == "points" and case.statistic in ("share", "proportion") else case.unit
    return _UNITS[unit][lang]


def summary_table(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str]
) -> str:
    """Write one row a verdict: how many claims got it, and which."""
    tables = (element("div", lang, _summary(verdicts, claims, links, lang)) for lang in LANGUAGES)
    return "\n".join(tables)


def _summary(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str], lang: str
) -> str:
    given: dict[str | None, list[str]] = {}
    for identifier in claims:
        found = verdicts.get(identifier)
        given.setdefault(found.verdict if found else None, []).append(identifier)
    most_common = sorted(given.values(), key=len, reverse=True)
    rows = [
        (
            badge(verdicts.get(names[0]), lang),
            localise(str(len(names)), lang),
            " ".join(claim_link(identifier, links) for identifier in names),
        )
        for names in most_common
    ]
    heads = [_WORDS[word][lang] for word in ("verdict", "count", "claim")]
    return table("hw2-summary", _WORDS["verdicts"][lang], heads, rows)


def claim_link(identifier: str, links: Mapping[str, str], kind: str = "") -> str:
    """Write a claim's identifier, as a link of a class where it has a card to lead to.

    >>> claim_link("C-1", {"C-1": "#a"}), claim_link("C-1", {})
    ('<a href="#a"><code dir="ltr">C-1</code></a>', '<code dir="ltr">C-1</code>')
    """
    name = f'<code dir="ltr">{html.escape(identifier)}</code>'
    chosen = f'class="{kind}" ' if kind else ""
    return f'<a {chosen}href="{html.escape(links[identifier])}">{name}</a>' if identifier in links else name


def badge(verdict: Verdict | None, lang: str) -> str:
    """Write a verdict as a coloured word with its sign, or that there is none.

    >>> badge(None, "en")
    'not measured'
    """
    if verdict is None:
        return _WORDS["unmeasured"][lang]
    badge = f'<strong class="hw2-badge">{VERDICTS[verdict.verdict][lang]}</strong>'
    return f'<span data-verdict="{slug(verdict.verdict)}">{badge}</span>'


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() else 2 if round(value, 1) != value else 1
