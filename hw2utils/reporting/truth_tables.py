"""The rules of verdicts as tables for a page, worked out by the rules themselves."""

from __future__ import annotations

from hw2utils.languages import LANGUAGES, Text
from hw2utils.reporting.html import element, table
from hw2utils.reporting.verdicts import SCOPES, VERDICTS, condition_rows, part_rows

_WORDS: dict[str, Text] = {
    "cases": {"fa": "حکم شرط‌ها", "en": "Conditions"},
    "together": {"fa": "اندازه‌های یک شرط، با هم", "en": "measured together in one condition"},
    "parts": {"fa": "حکم بخش‌ها", "en": "Parts"},
    "verdict": {"fa": "حکم ادعا", "en": "Verdict on the claim"},
    "all": {"fa": "همهٔ ترکیب‌های حکم بخش‌ها", "en": "All combinations of the parts' verdicts"},
}


def conditions_table() -> str:
    """Write what follows from the conditions in which a part was tested: a row a set, a column a scope.

    Rows that say the same of the same verdicts, however many, are one.

    >>> conditions_table().count("<tr>") == 2 * 19
    True
    """
    return "\n".join(element("div", lang, _conditions(lang)) for lang in LANGUAGES)


def _conditions(lang: str) -> str:
    merged: dict[tuple[frozenset[str], tuple[str, ...]], list[tuple[str, ...]]] = {}
    for found, told in condition_rows().items():
        merged.setdefault((frozenset(found), told), []).append(found)
    heads = [_WORDS["cases"][lang], _WORDS["together"][lang], *(scope[lang] for scope in SCOPES.values())]
    rows = [
        (_several(examples, lang), *(VERDICTS[verdict][lang] if verdict else "—" for verdict in told))
        for (_, told), examples in merged.items()
    ]
    return table("hw2-rules", _WORDS["cases"][lang], heads, rows)


def _several(examples: list[tuple[str, ...]], lang: str) -> str:
    """Write rows of verdicts: those of one kind once, others one by one."""
    if len(set(examples[0])) == 1:
        return VERDICTS[examples[0][0]][lang]
    comma = "، " if lang == "fa" else ", "
    return "<br>".join(comma.join(VERDICTS[verdict][lang] for verdict in found) for found in examples)


def parts_table() -> str:
    """Write what follows from the parts of a sentence: every set of verdicts that they can have, folded.

    >>> parts_table().count("<tr>") == 2 * 32
    True
    """
    return "\n".join(element("div", lang, _parts(lang)) for lang in LANGUAGES)


def _parts(lang: str) -> str:
    order, comma = list(VERDICTS), "، " if lang == "fa" else ", "
    rows = [
        (
            comma.join(VERDICTS[one][lang] for one in sorted(found, key=order.index)),
            VERDICTS[verdict][lang],
        )
        for found, verdict in part_rows().items()
    ]
    body = table("hw2-rules", _WORDS["parts"][lang], [_WORDS["parts"][lang], _WORDS["verdict"][lang]], rows)
    return f'<details class="hw2-folded"><summary>{_WORDS["all"][lang]}</summary>{body}</details>'
