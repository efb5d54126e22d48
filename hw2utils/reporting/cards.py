"""Cards and tables of verdicts: how claims, evidence and verdicts read on a page, in both languages."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from hw2utils.languages import LANGUAGES, Text, localise, number
from hw2utils.reporting.claims import PUBLISHED_SEEDS, VERDICTS, Claim, Verdict
from hw2utils.reporting.html import element, inline_html, table

_UNITS: dict[str, Text] = {
    "points": {"fa": "واحد درصد", "en": "percentage points"},
    "nats": {"fa": "نات", "en": "nats"},
    "epochs": {"fa": "دوره", "en": "epochs"},
    "steps": {"fa": "گام", "en": "steps"},
    "times": {"fa": "برابر", "en": "times"},
    "seconds": {"fa": "ثانیه", "en": "seconds"},
    "plain": {"fa": "", "en": ""},
}
_WORDS: dict[str, Text] = {
    "criterion": {"fa": "معیارِ ازپیش‌نوشته", "en": "Criterion, written beforehand"},
    "case": {"fa": "حالت", "en": "Case"},
    "effect": {"fa": "میانگین [بازهٔ اطمینان ۹۵٪]", "en": "Mean [95% confidence interval]"},
    "needed": {"fa": "شرط برقراری", "en": "Holds if"},
    "seeds": {"fa": "بذرها", "en": "Seeds"},
    "verdict": {"fa": "حکم", "en": "Verdict"},
    "above": {"fa": "بیش از", "en": "above"},
    "below": {"fa": "کمتر از", "en": "below"},
    "within": {"fa": "در فاصلهٔ", "en": "within"},
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
    "statement": {"fa": "گزاره", "en": "Statement"},
    "ledger effect": {"fa": "اندازهٔ اثر [بازهٔ اطمینان ۹۵٪]", "en": "Effect size [95% confidence interval]"},
    "count": {"fa": "شمار", "en": "Count"},
    "verdicts": {"fa": "جدول حکم‌ها", "en": "Table of verdicts"},
    "unmeasured": {"fa": "سنجیده نشده", "en": "not measured"},
}


def verdict_card(verdict: Verdict, published: Mapping[str, Any] | None = None) -> str:
    """Write a claim with its criterion, evidence and verdict as a card, one block per language.

    ``published`` is the record of the published run; the card says whether other numbers agree with it.
    """
    blocks = "".join(element("div", lang, _card(verdict, published, lang)) for lang in LANGUAGES)
    attributes = f'class="hw2-verdict" data-verdict="{slug(verdict.verdict)}" id="verdict-{verdict.claim.id}"'
    return f"<section {attributes}>{blocks}</section>"


def _card(verdict: Verdict, published: Mapping[str, Any] | None, lang: str) -> str:
    claim = verdict.claim
    parts = [
        f'<p class="hw2-verdict-head"><strong class="hw2-badge">{VERDICTS[verdict.verdict][lang]}</strong> '
        f'<code dir="ltr">{claim.id}</code> {inline_html(claim.statement[lang], lang)}</p>',
        f'<p class="hw2-criterion"><strong>{_WORDS["criterion"][lang]}:</strong> '
        f"{inline_html(claim.criterion[lang], lang)}</p>",
    ]
    if verdict.evidence:
        heads = [_WORDS[w][lang] for w in ("case", "effect", "needed", "seeds", "verdict")]
        rows = [_row(verdict, key, lang) for key in claim.cases]
        parts.append(table("hw2-cases", claim.id, heads, rows))
    if any(interval.n < PUBLISHED_SEEDS for interval in verdict.evidence.values()):
        parts.append(f'<p class="hw2-reason">{_WORDS["exploratory"][lang]}</p>')
    if verdict.verdict == claim.expected:
        parts.append(f'<p class="hw2-reason">{inline_html(claim.explanation[lang], lang)}</p>')
    else:
        parts.append(
            f'<p class="hw2-reason">{_WORDS["unexpected"][lang]} {VERDICTS[claim.expected][lang]}.</p>'
        )
    parts += [f'<p class="hw2-published">{line}</p>' for line in _agreement(verdict, published, lang)]
    return "".join(parts)


def _agreement(verdict: Verdict, published: Mapping[str, Any] | None, lang: str) -> list[str]:
    """Say for each case that came out otherwise than published whether its mean lies in that interval."""
    lines = []
    for key, own in verdict.evidence.items():
        other = (published or {}).get("cases", {}).get(key)
        if other is None or other["low"] is None:
            continue
        there = effect(other["mean"], other["low"], other["high"])
        if there == effect(own.mean, own.low, own.high):
            continue
        word = "agrees" if other["low"] <= own.mean <= other["high"] else "differs"
        name = html.escape(verdict.claim.cases[key].name[lang])
        lines.append(
            f'{name}: {_WORDS[word][lang]} <bdi dir="ltr">{there}</bdi> '
            f"({_WORDS['seeds'][lang]}: {localise(str(other['n']), lang)})"
        )
    return lines


def _row(verdict: Verdict, key: str, lang: str) -> tuple[str, ...]:
    case, interval = verdict.claim.cases[key], verdict.evidence[key]
    edge = (
        f"{'±' if case.relation == 'within' else ''}{number(case.threshold, _digits(case.threshold), 'en')}"
    )
    shown = effect(interval.mean, interval.low, interval.high)
    return (
        html.escape(case.name[lang]),
        f'<bdi dir="ltr">{shown}</bdi> {_UNITS[case.unit][lang]}',
        f'{_WORDS[case.relation][lang]} <bdi dir="ltr">{edge}</bdi>',
        str(interval.n),
        VERDICTS[verdict.cases[key]][lang],
    )


def verdict_text(verdict: Verdict) -> str:
    """Write the statement, evidence and verdict, a block per language."""
    lines = []
    for lang in LANGUAGES:
        lines.append(
            f"{verdict.claim.id} — {VERDICTS[verdict.verdict][lang]}: {verdict.claim.statement[lang]}"
        )
        for key, interval in verdict.evidence.items():
            case = verdict.claim.cases[key]
            shown = effect(interval.mean, interval.low, interval.high)
            lines.append(f"  {case.name[lang]}: {shown} {_UNITS[case.unit][lang]} (n = {interval.n})")
    return "\n".join(lines)


def slug(verdict: str) -> str:
    """Write a verdict as the pages' ``data-verdict`` attribute has it.

    >>> slug("not testable")
    'not-testable'
    """
    return verdict.replace(" ", "-")


def effect(mean: float | None, low: float | None, high: float | None) -> str:
    """Write a mean and its interval in Latin digits, as tables of results show them, or that there is none.

    >>> effect(1.234, 0.5, 2.0)
    '+1.23 [+0.50, +2.00]'
    >>> effect(float("nan"), None, None)
    '— [−∞, +∞]'
    """
    ends = zip((low, high), ("−∞", "+∞"), strict=True)
    shown = [number(v, 2, "en", sign=True) if v is not None and np.isfinite(v) else far for v, far in ends]
    middle = "—" if mean is None or not np.isfinite(mean) else number(mean, 2, "en", sign=True)
    return f"{middle} [{shown[0]}, {shown[1]}]"


def unit_name(unit: str, lang: str) -> str:
    """Name a unit of evidence in one language.

    >>> unit_name("points", "en")
    'percentage points'
    """
    return _UNITS[unit][lang]


def ledger_table(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str]
) -> str:
    """Write one row a claim: id with link, statement, verdict, and a line a case with effect and seeds."""
    return _in_both(_ledger, verdicts, claims, links)


def summary_table(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str]
) -> str:
    """Write one row a verdict: how many claims got it, and which."""
    return _in_both(_summary, verdicts, claims, links)


def _in_both(
    make: Callable[..., str],
    verdicts: Mapping[str, Verdict],
    claims: Mapping[str, Claim],
    links: Mapping[str, str],
) -> str:
    return "\n".join(element("div", lang, make(verdicts, claims, links, lang)) for lang in LANGUAGES)


def _ledger(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str], lang: str
) -> str:
    rows = []
    for identifier, claim in claims.items():
        found = verdicts.get(identifier)
        evidence = found.evidence if found else {}
        effects = "<br>".join(
            (f"{html.escape(claim.cases[key].name[lang])}: " if len(evidence) > 1 else "")
            + f'<bdi dir="ltr">{effect(case.mean, case.low, case.high)}</bdi> '
            + html.escape(unit_name(claim.cases[key].unit, lang))
            for key, case in evidence.items()
        )
        seeds = sorted({case.n for case in evidence.values()})
        cells = (
            _link(identifier, links),
            inline_html(claim.statement[lang], lang),
            _badge(found, lang),
            effects or "—",
            ", ".join(map(str, seeds)) or "—",
        )
        rows.append(cells)
    return _html_table("hw2-ledger", ("claim", "statement", "verdict", "ledger effect", "seeds"), rows, lang)


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
            _badge(verdicts.get(names[0]), lang),
            localise(str(len(names)), lang),
            " ".join(_link(identifier, links) for identifier in names),
        )
        for names in most_common
    ]
    return _html_table("hw2-summary", ("verdict", "count", "claim"), rows, lang)


def _link(identifier: str, links: Mapping[str, str]) -> str:
    name = f'<code dir="ltr">{html.escape(identifier)}</code>'
    return f'<a href="{html.escape(links[identifier])}">{name}</a>' if identifier in links else name


def _badge(verdict: Verdict | None, lang: str) -> str:
    if verdict is None:
        return _WORDS["unmeasured"][lang]
    badge = f'<strong class="hw2-badge">{VERDICTS[verdict.verdict][lang]}</strong>'
    return f'<span data-verdict="{slug(verdict.verdict)}">{badge}</span>'


def _html_table(name: str, heads: Iterable[str], rows: Iterable[Iterable[str]], lang: str) -> str:
    return table(name, _WORDS["verdicts"][lang], [_WORDS[word][lang] for word in heads], rows)


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() else 2 if round(value, 1) != value else 1
