"""Answers to the homework's parts: words of ``book/answers.yml``, and the verdicts on each part's claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from hw2utils.languages import Text, check_text
from hw2utils.reporting.cards import badge, claim_link, outcome, sentence
from hw2utils.reporting.catalogue import read_yaml
from hw2utils.reporting.claims import Claim, Verdict
from hw2utils.reporting.html import inline_html

FILE = "answers.yml"
"""The answers' file, beside the chapters; the student's edition goes without it."""

FOLD: Text = {"fa": "پاسخ و شاهد", "en": "Answer and evidence"}
"""What the fold is called that holds an answer with its verdicts."""

_WORDS: dict[str, Text] = {
    "measured": {"fa": "اندازه‌گیری:", "en": "Measured:"},
    "none": {
        "fa": "تکلیف در این بخش ادعایی ندارد که حکم بگیرد؛ شاهدِ این پاسخ همان فصل است.",
        "en": "Here the homework makes no claim that gets a verdict; the evidence is the chapter itself.",
    },
}


class AnswerError(ValueError):
    """Say which answer is wrong, and how to mend it."""


def part(chapter: str) -> str:
    """Name the part of the homework that a chapter takes up; several chapters may take up one.

    >>> part("q1a2_causes"), part("q4b_momentum")
    ('1a', '4b')
    """
    found = re.match(r"q(\d[a-z])", chapter)
    return found[1] if found else chapter


def load_answers(folder: Path) -> dict[str, Text]:
    """Read the answers of a book's folder, each in both languages, by part; none where there is no such file.

    Raises AnswerError for a file of another form or an answer that lacks a language.
    """
    file = folder / FILE
    content = read_yaml(file) if file.is_file() else {}
    if not isinstance(content, Mapping):
        raise AnswerError(
            f"{file}: expected answers by part, got {content!r:.40}; write 1a: {{fa: …, en: …}}"
        )
    try:
        return {str(name): check_text(f"{FILE}: {name}", text) for name, text in content.items()}
    except ValueError as error:
        raise AnswerError(str(error)) from None


def evidence(
    name: str,
    claims: Mapping[str, Claim],
    verdicts: Mapping[str, Verdict],
    links: Mapping[str, str],
    lang: str,
) -> str:
    """Write the claims of a part, what was measured and the verdict on each; ``links`` lead to their cards.

    >>> evidence("5a", {}, {}, {}, "en")[:28]
    '<p>Here the homework makes n'
    """
    rows = [_row(claim, verdicts, links, lang) for claim in claims.values() if part(claim.chapter) == name]
    return f'<ul class="hw2-evidence">{"".join(rows)}</ul>' if rows else f"<p>{_WORDS['none'][lang]}</p>"


def _row(claim: Claim, verdicts: Mapping[str, Verdict], links: Mapping[str, str], lang: str) -> str:
    found = verdicts.get(claim.id)
    told = [claim_link(claim.id, links, "reference internal"), inline_html(claim.statement[lang], lang)]
    if found:
        told += [f"<b>{_WORDS['measured'][lang]}</b>", inline_html(sentence(found, lang)[1], lang)]
    told.append(badge(found, lang))
    sides = outcome(found, lang) if found else []
    told += [f'<br><small class="hw2-outcome">{inline_html(line, lang)}</small>' for line in sides]
    return f"<li>{' '.join(told)}</li>"
