"""Blanks: a chapter as a student gets it, with a place to write in where the book has a solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hw2utils.languages import LANGUAGES, localise
from hw2utils.publishing.sources.cells import OPENING
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags
from hw2utils.publishing.sources.solutions import BEGIN, END, TAG

BLANK = "blank"
"""The tag of cells in which a student writes."""

POINTS = 1
"""What an exercise counts, unless the metadata of its solution say ``"hw2": {"points": 2}``."""

_CODE = {  # short enough for a phone; no mark ends a line, where it would stand on the wrong side
    "fa": "# تمرین {number}، {points} امتیاز\n# پاسخ خود را همین‌جا بنویسید\n"
    "# نتیجهٔ مورد انتظار: در متن بالا\n",
    "en": "# Exercise {number}, points: {points}\n# Write your answer here\n"
    "# Expected result: in the text above\n",
}
_PROSE = {
    "fa": "تمرین {number} ({points} امتیاز): پاسخ خود را در این خانه بنویسید؛ آنچه باید در آن باشد "
    "بالاتر، پس از «انتظار»، آمده است.",
    "en": "Exercise {number} (points: {points}): write your answer in this cell; what it should hold stands "
    "above, after “Expected”.",
}

_REMARK = {
    "fa": "تمرین {number}: اینجا، اگر خواستید، توضیحی دربارهٔ کدِ بالا بنویسید؛ امتیاز جداگانه‌ای ندارد.",
    "en": "Exercise {number}: here, if you like, write remarks on the code above; they have no points of "
    "their own.",
}


def with_blanks(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Give a notebook, as written or as executed, with a blank in place of each solution.

    >>> cell = {"cell_type": "code", "metadata": {"tags": ["solution"]}, "source": "print(42)", "outputs": []}
    >>> "42" in str(with_blanks({"cells": [cell]}))
    False
    """
    made, number, before, coded = [], 0, "", False
    for cell in notebook["cells"]:
        if TAG in cell_tags(cell):
            if before != TAG:  # an answer in code and in words, or in two languages, is one exercise
                number, coded = number + 1, False
            coded = coded or cell["cell_type"] == "code"
            made.append(_blank(cell, number, _REMARK if coded else _PROSE))
        elif BEGIN in cell_source(cell) or END in cell_source(cell):
            raise ValueError(f"a solution without the tag {TAG!r}: run hw2 lint")
        else:
            made.append(dict(cell))
        before = TAG if TAG in cell_tags(cell) else ""
    return {**notebook, "cells": made}


def _blank(cell: Mapping[str, Any], number: int, prose: Mapping[str, str]) -> dict[str, Any]:
    points = cell["metadata"].get("hw2", {}).get("points", POINTS)
    told = {"number": str(number), "points": str(points)}
    language = next((lang for lang in LANGUAGES if f"lang-{lang}" in cell_tags(cell)), None)
    tags = [BLANK, *([f"lang-{language}"] if language else [])]
    blank = {key: value for key, value in cell.items() if key not in ("attachments", "outputs")}
    blank["metadata"] = {"tags": tags, "hw2": {"points": points}}
    if language:
        text = _in(prose, language, told)
        blank["source"] = f"{OPENING[language]}\n\n{text}\n\n</div>"
    elif cell["cell_type"] == "code":
        lines = [_in(_CODE, lang, told) for lang in LANGUAGES]
        message = f"تمرین {localise(str(number), 'fa')} (exercise {number})"
        blank["source"] = "".join([*lines, f'raise NotImplementedError("{message}")'])
        blank["outputs"], blank["execution_count"] = [], None
    else:
        blank["source"] = ""
    return blank


def _in(texts: Mapping[str, str], lang: str, told: Mapping[str, str]) -> str:
    return texts[lang].format(**{name: localise(value, lang) for name, value in told.items()})


def solutions(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what may not be seen of a notebook's solutions: a kind (code, prose, output) and a text."""
    for cell in notebook["cells"]:
        if TAG not in cell_tags(cell):
            continue
        yield "code" if cell["cell_type"] == "code" else "prose", cell_source(cell)
        yield from (("output", text) for text in outputs_of(cell))


def outputs_of(cell: Mapping[str, Any]) -> Iterator[str]:
    """Give the texts that a cell put out: what it printed, what it shows, the name of a record.

    >>> list(outputs_of({"outputs": [{"text": ["4", "2"]}]}))
    ['42']
    """
    for output in cell.get("outputs", ()):
        yield "".join(output.get("text", ()))
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield "".join(content)
            elif isinstance(content, dict):
                yield str(content.get("name", ""))
