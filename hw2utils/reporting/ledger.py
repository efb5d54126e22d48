"""The ledger: all claims in one table with a forest plot, its filters, and what chance makes of so many."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from math import isfinite, isnan

import numpy as np

from hw2utils.languages import LANGUAGES, Text, localise, number, percent
from hw2utils.reporting.cards import (
    badge,
    claim_link,
    confidence,
    decisive,
    measured,
    outcome,
    slug,
    unit_name,
)
from hw2utils.reporting.claims import Claim, Verdict
from hw2utils.reporting.criteria import LEVEL
from hw2utils.reporting.forest import Axis, Row, strip
from hw2utils.reporting.html import element, inline_html, left_to_right, table
from hw2utils.reporting.multiplicity import Multiplicity, distance, multiplicity, voting_cases
from hw2utils.reporting.verdicts import VERDICTS
from hw2utils.statistics import Interval

_FARTHEST = 100
"""The distance up to which places on the ledger's axis differ, in half-widths of the interval."""

_NEAREST = 10
"""How many of the cases nearest to their threshold are listed."""

_AXIS = Axis(-float(np.arcsinh(1.2 * _FARTHEST)), float(np.arcsinh(1.2 * _FARTHEST)))
"""Near zero even, farther out logarithmic, so that near and far claims can be seen side by side."""

_WORDS: dict[str, Text] = {
    "ledger": {"fa": "جدول حکم‌ها", "en": "Table of verdicts"},
    "claim": {"fa": "ادعا", "en": "Claim"},
    "statement": {"fa": "گزاره", "en": "Statement"},
    "verdict": {"fa": "حکم", "en": "Verdict"},
    "distance": {"fa": "فاصله از آستانه", "en": "Distance from the threshold"},
    "measured": {"fa": "اندازه [بازهٔ اطمینان {level}]", "en": "Measured [{level} confidence interval]"},
    "mostly": {
        "fa": "اندازه [بازهٔ اطمینان، {level} جز آن‌جا که سطح دیگری آمده]",
        "en": "Measured [confidence interval, {level} unless another level is given]",
    },
    "interval": {"fa": "بازهٔ {level}", "en": "{level} interval"},
    "several": {
        "fa": "{level}، و برای ادعاهایی که به بذرهایشان چند بار نگاه شد ({n} ادعا) {higher}",
        "en": "{level}, and {higher} for claims at whose seeds we looked several times ({n} of them)",
    },
    "errors": {"fa": "{error} (با سطح بالاتر {lower})", "en": "{error} (at the higher level {lower})"},
    "seeds": {"fa": "{n} بذر", "en": "{n} seeds"},
    "more": {"fa": "{n} حالت دیگر که رأی دارند", "en": "{n} more with a vote"},
    "question": {"fa": "پرسش", "en": "Question"},
    "all": {"fa": "همه", "en": "all"},
    "sort": {"fa": "ترتیب", "en": "Sort by"},
    "by question": {"fa": "پرسش", "en": "question"},
    "by verdict": {"fa": "حکم", "en": "verdict"},
    "by distance": {"fa": "نزدیکی به آستانه", "en": "nearness to the threshold"},
    "by name": {"fa": "گزاره، به ترتیب الفبا", "en": "statement, alphabetically"},
    "reset": {"fa": "نمایش همه", "en": "Show all"},
    "link": {"fa": "پیوند به همین نما", "en": "Link to this view"},
    "shown": {"fa": "{shown} ادعا از {all} ادعا", "en": "{shown} of {all} claims"},
    "far": {
        "fa": "{far} نیم‌پهنای بازه از آستانه، {side}: {verdict}",
        "en": "{far} half-widths of the interval from the threshold, {side}: {verdict}",
    },
    "no spread": {
        "fa": "همهٔ بذرها یک عدد دادند، {side}: {verdict}",
        "en": "all seeds gave one number, {side}: {verdict}",
    },
    "no mean": {"fa": "بی میانگین: {verdict}", "en": "without a mean: {verdict}"},
    "holding": {"fa": "در سوی برقرار", "en": "on the side where it holds"},
    "failing": {"fa": "در سوی رد", "en": "on the side where it is refuted"},
    "refutes": {"fa": "رد", "en": "refuted"},
    "holds": {"fa": "برقرار", "en": "holds"},
    "case": {"fa": "حالت", "en": "Case"},
    "chance": {"fa": "احتمال حکمی دیگر با بذرهای تازه", "en": "Chance of another verdict on fresh seeds"},
    "arms": {"fa": "فاصله، به نیم‌پهنای بازه", "en": "Distance, in half-widths of the interval"},
}

_COUNTS: Text = {
    "fa": (
        "اینجا {claims} ادعا با {cases} حالتِ دارای رأی داوری شده‌اند؛ با حالت‌های بیرون از ادعا،"
        " {intervals} بازه سنجیده شده است. سطح هر بازه به‌تنهایی {level} است و برای شمار بازه‌ها "
        "تصحیح نشده."
    ),
    "en": (
        "Here {claims} claims are judged by {cases} cases with a vote; with the cases beyond the "
        "claims, {intervals} intervals were measured. The level of each interval by itself is "
        "{level}, not corrected for their number."
    ),
}
_BOUND: Text = {
    "fa": (
        "بازه‌ای با این سطح، مقدار درست را در هر سو به‌طور میانگین {error} از بارها جا می‌گذارد. "
        "پس اگر هر مقدار درست چسبیده به آستانه و در سوی نادرستِ آن بود، تصادف به‌طور میانگین حکم "
        "{wrong_cases} حالت را نادرست می‌کرد، در {wrong_claims} ادعا (اگر حالت‌های یک ادعا به هم "
        "وابسته باشند، در ادعاهای کمتری). این بیشترین مقدار است: هرچه مقدارهای درست دورتر باشند، "
        "خطا کمتر است. جایی که پس از یک نگاه بذر افزوده شد، تصادف بیش از یک فرصت داشت؛ سرگذشت "
        "معیارها آن را می‌گوید و این عدد آن را در بر ندارد."
    ),
    "en": (
        "An interval of this level leaves the true value out, on either side, {error} of the "
        "time. So if every true value lay just beside its threshold, on the wrong side, chance "
        "would make the verdicts of {wrong_cases} cases wrong on average, in {wrong_claims} "
        "claims (in fewer, where the cases of a claim depend on each other). That is the most: "
        "the farther the true values are, the fewer errors. Where seeds were added after a look, "
        "chance had more than one try; the histories of the criteria say so, and this number does"
        " not count it."
    ),
}
_EXPECTED: Text = {
    "fa": (
        "مقدارهای سنجیده بیشتر از آستانه دورند. از فاصله‌ها و پراکندگی‌ها برمی‌آید که با بذرهایی "
        "تازه و به همان شمار، به‌طور میانگین {opposite} حالت حکم وارونه می‌گیرد (رد به‌جای برقرار"
        " یا برعکس)، {changed_cases} حالت حکمی دیگر، بیشتر از نامعین یا به نامعین، و حکم "
        "{changed_claims} ادعا عوض می‌شود."
    ),
    "en": (
        "Most measured values are far from their thresholds. From the distances and spreads it "
        "follows that on a fresh block of as many seeds, on average, {opposite} cases get the "
        "opposite verdict (refuted for holds, or the reverse), {changed_cases} cases another one,"
        " mostly from or to undecided, and the verdict of {changed_claims} claims changes."
    ),
}
_ASSUMED: Text = {
    "fa": (
        "این برآورد بذرها را مستقل و عددهایشان را بهنجار می‌گیرد (نسبت‌ها را پس از لگاریتم و سهم "
        "بذرها را دوجمله‌ای)، حالت‌های یک ادعا را از هم مستقل، و میانگین و پراکندگیِ درست را با "
        "احتمال پیشینِ هموار، پیرامون آنچه سنجیده شد؛ میانگینِ بذرهای تازه و میانگینِ سنجیده هر "
        "دو خطا دارند، پس حکمی که درست روی مرز است نیمی از بارها تکرار می‌شود ([Goodman، "
        "۱۹۹۲](https://doi.org/10.1002/sim.4780110705)؛ [Cumming، "
        "۲۰۰۸](https://doi.org/10.1111/j.1745-6924.2008.00079.x)). {silent} حالت که همهٔ بذرهایش "
        "یک عدد دادند یا میانگین ندارند کنار گذاشته شده‌اند. `hw2 replicate` ادعاها را با بذرهای "
        "تازه می‌سنجد و شمارِ تغییرها را کنار این انتظار می‌نویسد."
    ),
    "en": (
        "This estimate takes seeds as independent and their numbers as normal (ratios after the "
        "logarithm, shares of seeds as binomial), the cases of a claim as independent of each "
        "other, and the true mean and spread with a flat prior, about what was measured; the mean"
        " of fresh seeds and the measured one both err, so that a verdict just on its line comes "
        "back half of the time ([Goodman 1992](https://doi.org/10.1002/sim.4780110705); [Cumming "
        "2008](https://doi.org/10.1111/j.1745-6924.2008.00079.x)). Left out are {silent} cases "
        "whose seeds all gave one number or that have no mean. `hw2 replicate` measures the "
        "claims on fresh seeds and sets the number of changes beside this expectation."
    ),
}
_LINK = re.compile(r"\[([^]]+)\]\((https:[^)]+)\)")


def ledger_table(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str]
) -> str:
    """Write one row a claim: id with link, statement, verdict, its place in a forest plot, what was measured.

    The rows carry what the page's script filters and sorts them by; the controls above do nothing without it.
    """
    blocks = []
    for lang in LANGUAGES:
        body = _filters(verdicts, claims, lang) + _ledger(verdicts, claims, links, lang)
        blocks.append(element("div", lang, body))
    return "\n".join(blocks)


def chance_report(verdicts: Mapping[str, Verdict], links: Mapping[str, str]) -> str:
    """Say how many verdicts chance may have made wrong, how many fresh seeds may change, which are near."""
    found = multiplicity(verdicts.values())
    return "\n".join(element("div", lang, _chance(found, verdicts, links, lang)) for lang in LANGUAGES)


# --- the table --------------------------------------------------------------------------------------


def question(claim: Claim) -> str:
    """Give the question to which a claim's chapter belongs.

    >>> from hw2utils.reporting.claims import load
    >>> question(load()["C-5b1"])
    '5'
    """
    found = re.match(r"q(\d+)", claim.chapter)
    return found[1] if found else claim.chapter


def _ledger(
    verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], links: Mapping[str, str], lang: str
) -> str:
    rows, attributes = [], []
    for identifier, claim in claims.items():
        found = verdicts.get(identifier)
        keys = _told(found) if found else []
        sides = "".join(
            f'<br><small class="hw2-outcome">{inline_html(line, lang)}</small>'
            for line in (outcome(found, lang) if found else [])
        )
        rows.append(
            (
                claim_link(identifier, links),
                inline_html(claim.statement[lang], lang) + sides,
                badge(found, lang),
                "".join(_place(found, key, lang) for key in keys) if found else "",
                _measured(found, keys, lang) if found else "—",
            )
        )
        said = {"question": question(claim), "verdict": slug(found.verdict) if found else ""}
        far = [abs(distance(claim.cases[key], found.evidence[key])) for key in keys] if found else []
        known = [each for each in far if isfinite(each)]
        said["distance"] = f"{min(known):.3g}" if known else ""
        attributes.append(" ".join(f'data-{name}="{html.escape(value)}"' for name, value in said.items()))
    marks = {0: "0", 10: "+10", -10: "−10"}
    axis = _AXIS.marks({float(np.arcsinh(value)): word for value, word in marks.items()})
    heads = [_WORDS[word][lang] for word in ("claim", "statement", "verdict", "distance", "measured")]
    levels = {verdict.claim.level for verdict in verdicts.values()}
    word = "mostly" if levels - {LEVEL} else "measured"
    heads[4] = _WORDS[word][lang].format(level=confidence(LEVEL, lang))
    heads[3] += f'<span class="hw2-axis" aria-hidden="true">{axis}</span>'
    return table("hw2-ledger", _WORDS["ledger"][lang], heads, rows, attributes)


def _told(found: Verdict) -> list[str]:
    """Name the cases on which a verdict rests; all that vote where none does by itself."""
    return decisive(found) or voting_cases(found)


def _place(found: Verdict, key: str, lang: str) -> str:
    """Draw where a case stands: an interval that reaches over the threshold at 0 leaves it undecided."""
    case, told = found.claim.cases[key], found.cases[key]
    far = distance(case, found.evidence[key])
    if isnan(far):
        scaled = Interval(far, -np.inf, np.inf, 0)
    else:
        middle, low, high = (float(np.arcsinh(_cut(x))) for x in (far, far - 1, far + 1))
        scaled = Interval(middle, low, high, 0)
    words = "no mean" if isnan(far) else "far" if isfinite(far) else "no spread"
    side = _WORDS["holding" if far > 0 else "failing"][lang]
    digits = 0 if abs(far) >= 10 else 1
    shown = number(abs(far), digits, lang) if isfinite(far) else ""
    alt = _WORDS[words][lang].format(far=shown, side=side, verdict=VERDICTS[told][lang])
    drawn = strip(Row("", told, scaled, "above", 0.0, [], "", alt), _AXIS)
    return f'<div data-verdict="{told}">{drawn}</div>'


def _cut(far: float) -> float:
    return float(np.clip(far, -_FARTHEST, _FARTHEST))


def _measured(found: Verdict, keys: Sequence[str], lang: str) -> str:
    rest = [key for key in voting_cases(found) if key not in keys]
    shown = "<br>".join(_line(found, key, lang) for key in keys) or "—"
    if not rest:
        return shown
    more = _WORDS["more"][lang].format(n=localise(str(len(rest)), lang))
    folded = "<br>".join(_line(found, key, lang) for key in rest)
    return f'{shown}<details class="hw2-folded"><summary>{more}</summary>{folded}</details>'


def _line(found: Verdict, key: str, lang: str) -> str:
    case, told = found.claim.cases[key], found.evidence[key]
    name = f"{html.escape(case.name[lang])}: " if len(found.claim.cases) > 1 else ""
    seeds = _WORDS["seeds"][lang].format(n=localise(str(told.n), lang))
    if found.claim.level != LEVEL:
        own = _WORDS["interval"][lang].format(level=confidence(found.claim.level, lang))
        seeds += f"{'، ' if lang == 'fa' else ', '}{own}"
    unit = f" {unit}" if (unit := unit_name(case, lang)) else ""
    return f"{name}{left_to_right(measured(case, told), lang)}{unit} <small>({seeds})</small>"


# --- the controls -----------------------------------------------------------------------------------


def _filters(verdicts: Mapping[str, Verdict], claims: Mapping[str, Claim], lang: str) -> str:
    def words(word: str) -> str:
        return _WORDS[word][lang]

    questions = dict.fromkeys(question(claim) for claim in claims.values())
    given = {verdicts[name].verdict for name in claims if name in verdicts}
    choices = {
        "q": ("question", {"": words("all")} | {each: localise(each, lang) for each in questions}),
        "verdict": (
            "verdict",
            {"": words("all")} | {slug(v): name[lang] for v, name in VERDICTS.items() if v in given},
        ),
        "sort": (
            "sort",
            {"": words("by question")} | {k: words(f"by {k}") for k in ("verdict", "distance", "name")},
        ),
    }
    fields = "".join(
        f"<label>{words(word)} <select name='{name}'>{_options(told)}</select></label>"
        for name, (word, told) in choices.items()
    )
    count = words("shown").format(shown="{shown}", all=localise(str(len(claims)), lang))
    everything = count.format(shown=localise(str(len(claims)), lang))
    return (
        f'<form class="hw2-filter" autocomplete="off">{fields}<button type="reset">{words("reset")}</button>'
        f'<a href="#ledger">{words("link")}</a>'
        f'<output aria-live="polite" data-words="{count}">{everything}</output></form>'
    )


def _options(choices: Mapping[str, str]) -> str:
    return "".join(
        f'<option value="{html.escape(value)}">{html.escape(name)}</option>'
        for value, name in choices.items()
    )


# --- chance -----------------------------------------------------------------------------------------


def _chance(found: Multiplicity, verdicts: Mapping[str, Verdict], links: Mapping[str, str], lang: str) -> str:
    counts = ("claims", "cases", "intervals", "silent")
    means = ("wrong_cases", "wrong_claims", "opposite_cases", "changed_cases", "changed_claims")
    slots = {name: number(getattr(found, name), 0, lang) for name in counts}
    slots |= {name: number(getattr(found, name), 1, lang) for name in means}
    slots |= {"opposite": number(found.opposite_cases, 2, lang)}
    slots |= {"level": confidence(LEVEL, lang), "error": confidence((1 - LEVEL) / 2, lang)}
    looked = [verdict for verdict in verdicts.values() if verdict.evidence and verdict.claim.level != LEVEL]
    if looked:
        higher = looked[0].claim.level  # there are two levels: see criteria.LOOKS_LEVEL
        slots["level"] = _WORDS["several"][lang].format(
            level=slots["level"], higher=confidence(higher, lang), n=number(len(looked), 0, lang)
        )
        slots["error"] = _WORDS["errors"][lang].format(
            error=slots["error"], lower=confidence((1 - higher) / 2, lang)
        )
    told = [text[lang].format(**slots) for text in (_COUNTS, _BOUND, _EXPECTED, _ASSUMED)]
    paragraphs = "".join(f"<p>{_linked(text, lang)}</p>" for text in told)
    rows = []
    for one in found.near[:_NEAREST]:
        verdict = verdicts[one.claim]
        rows.append(
            (
                claim_link(one.claim, links),
                html.escape(verdict.claim.cases[one.case].name[lang]),
                left_to_right(number(abs(one.distance), 1, "en"), lang),
                VERDICTS[verdict.cases[one.case]][lang],
                left_to_right(percent(one.chance, 0, "en"), lang),
            )
        )
    heads = [_WORDS[word][lang] for word in ("claim", "case", "arms", "verdict", "chance")]
    return paragraphs + (table("hw2-summary", _WORDS["arms"][lang], heads, rows) if rows else "")


def _linked(text: str, lang: str) -> str:
    pieces = []
    for place, piece in enumerate(_LINK.split(text)):  # words, and of each link its name and its address
        if place % 3 == 0:
            pieces.append(inline_html(piece, lang))
        elif place % 3 == 1:
            pieces.append(f'<a class="reference external" href="{{}}">{inline_html(piece, lang)}</a>')
        else:
            pieces[-1] = pieces[-1].format(html.escape(piece))
    return "".join(pieces)
