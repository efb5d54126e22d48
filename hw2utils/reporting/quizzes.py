"""Quizzes: quick questions on a chapter, each option explained once it is chosen, in both languages.

A file ``book/quizzes/q5d.yml`` holds the questions of the chapter that begins with ``q5d``, by name. Each
has ``section`` (label of the chapter's section that answers it), ``question``, three or four ``options`` and,
where the right one rests on published verdicts, ``verdicts`` (claim → verdict). An option has ``text``,
``why``, and ``right: true`` where it is the one. Texts are ``{fa: …, en: …}``.

What an option leads to shows by a style sheet alone: on a page by the book's, in a notebook by :data:`STYLE`.
Where neither comes along, as in a notebook that is not trusted, nothing of an answer shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES, Text, localise
from hw2utils.reporting.catalogue import is_stray
from hw2utils.reporting.html import element, inline_html
from hw2utils.reporting.records import Record
from hw2utils.reporting.texts import TextError, check_both, needed_file, read_file
from hw2utils.reporting.verdicts import VERDICTS

FEWEST, MOST = 3, 4
"""How many options a question has."""

SHOWN = "".join(
    f".hw2-quiz fieldset:has(label:nth-of-type({n}) :checked) p:nth-of-type({n}),\n"
    for n in range(1, MOST + 1)
) + (
    ".hw2-quiz fieldset:has(:checked) a { display: block !important; }\n"
    "@media print { .hw2-quiz [role=status] { display: none; } }\n"
)
"""The rules that show what belongs to the chosen option, and nothing of it on paper."""

STYLE = f"""<style>
{SHOWN}.hw2-quiz {{ max-width: 50rem; line-height: 1.7; }}
.hw2-quiz :is(fieldset, legend) {{ width: 100%; box-sizing: border-box; border: 0; padding: 0; }}
.hw2-quiz fieldset {{ margin: 0 0 2em; }}
.hw2-quiz legend {{ font-weight: 600; }}
.hw2-quiz label {{ display: grid; grid-template-columns: auto 1fr; column-gap: .6em; direction: rtl; }}
.hw2-quiz label {{ padding: .3em 0; }}
.hw2-quiz input {{ grid-row: 1 / span 2; align-self: start; margin-block-start: .5em; }}
.hw2-quiz :is(label, legend, p, a) > span {{ display: block; text-align: start; }}
.hw2-quiz .lang-sep {{ display: none !important; }}
</style>"""
"""What a quiz needs in a notebook, which has no style sheet of the book."""

_KEYS = {"section", "question", "options", "verdicts"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_HIDDEN = (
    ' style="display: none"'  # stays where what cleans foreign HTML takes `hidden` and style sheets away
)
# JupyterLab and Notebook 7 otherwise take the arrow keys and Enter; they ask what has the focus itself.
_OWN_KEYS = 'data-lm-suppress-shortcuts="true"'
_SEPARATOR = '<span class="lang-sep"> · </span>'
_WORDS: dict[str, Text] = {
    "right": {"fa": "درست است.", "en": "Right."},
    "wrong": {"fa": "درست نیست.", "en": "Not right."},
    "again": {"fa": "دوباره بخوانید: {heading}", "en": "Read again: {heading}"},
    "reset": {"fa": "پاک کردن پاسخ‌ها", "en": "Clear the answers"},
}


@dataclass(frozen=True)
class Option:
    """Hold one option of a question: its text, why it is right or not, and which of the two."""

    text: Text
    why: Text
    right: bool


@dataclass(frozen=True)
class Question:
    """Hold a question with its options, the section that answers it and the verdicts it rests on."""

    name: str
    section: str
    question: Text
    options: tuple[Option, ...]
    verdicts: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> int:
        """Give the place of the right option, from 0."""
        return next(place for place, option in enumerate(self.options) if option.right)


def quiz(chapter: str) -> Record:
    """Show the quick questions of a chapter; ``chapter`` is what its name begins with.

    Raises ValueError for a name of another form; TextError, when it is shown, where there are no questions.

    >>> quiz("q4b").content["kind"]
    'quiz'
    """
    if not isinstance(chapter, str) or not re.fullmatch("[a-z0-9]+", chapter):
        raise ValueError(
            f"chapter: expected what a chapter's name begins with, got {chapter!r}; write quiz('q4b') for "
            "q4b_momentum"
        )
    return Record({"kind": "quiz", "name": chapter})


def questions(chapter: str, folder: Path | None = None) -> list[Question]:
    """Read the questions of a chapter; ``folder`` is the book's, which holds ``quizzes``.

    Raises TextError where there are none, or one is not as it must be.
    """
    file = _file(chapter, folder)
    return [read_question(file, name, content) for name, content in read_file(file).items()]


def _file(chapter: str, folder: Path | None) -> Path:
    return needed_file("quizzes", chapter, folder, f"quiz({chapter!r}): expected questions")


def read_question(file: Path, name: Any, content: Any) -> Question:
    """Make a question of an entry of a file of questions.

    Raises TextError, with file, entry, what was expected and what came, where it is not as it must be.
    """
    place = f"{file.name}: {name}"
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.partition("-")[0] != file.stem:
        raise TextError(
            f"{place}: expected {file.stem}- and one or two lower-case words, as {file.stem}-loss"
        )
    needed = _KEYS - {"verdicts"}
    if not isinstance(content, Mapping) or not needed <= set(content) <= _KEYS:
        got = ", ".join(map(str, content)) if isinstance(content, Mapping) else repr(content)
        raise TextError(f"{place}: expected section, question, options and perhaps verdicts, got {got:.80}")
    check_both(content["question"], f"{place}: question")
    options = content["options"]
    if not isinstance(options, list) or not FEWEST <= len(options) <= MOST:
        got = f"{len(options)}" if isinstance(options, list) else f"{options!r:.60}"
        raise TextError(f"{place}: options: expected a list of {FEWEST} to {MOST}, got {got}")
    made = tuple(_option(f"{place}: option {n}", option) for n, option in enumerate(options, start=1))
    if (right := sum(option.right for option in made)) != 1:
        raise TextError(f"{place}: options: expected one with `right: true`, got {right}; mark the one")
    verdicts = content.get("verdicts") or {}
    if not isinstance(verdicts, Mapping) or not set(verdicts.values()) <= set(VERDICTS):
        raise TextError(
            f"{place}: verdicts: expected claims, each with one of {', '.join(VERDICTS)}, "
            f"got {verdicts!r:.80}"
        )
    return Question(name, str(content["section"]), content["question"], made, verdicts)


def _option(place: str, content: Any) -> Option:
    if not isinstance(content, Mapping) or not {"text", "why"} <= set(content) <= {"text", "why", "right"}:
        got = ", ".join(map(str, content)) if isinstance(content, Mapping) else repr(content)
        raise TextError(f"{place}: expected text, why and perhaps `right: true`, got {got:.80}")
    if content.get("right", True) is not True:
        raise TextError(f"{place}: right: expected true or nothing, got {content['right']!r}; take it away")
    for part in ("text", "why"):
        check_both(content[part], f"{place}: {part}")
    return Option(content["text"], content["why"], "right" in content)


# --- as it is shown -------------------------------------------------------------------------------


def quiz_html(chapter: str, folder: Path | None = None) -> str:
    """Write a chapter's questions as a form that answers by itself.

    Raises TextError as :func:`questions` does, and where the chapter lacks the section that answers one.
    """
    headings = _headings(_file(chapter, folder))
    asked = [_question_html(n, one, headings) for n, one in enumerate(questions(chapter, folder), start=1)]
    return (
        # The way `dialog` sends nothing: Enter on an option would else load the page anew.
        f'<form class="hw2-quiz" method="dialog" autocomplete="off">{"".join(asked)}'
        f'<button type="reset" {_OWN_KEYS}>{_both(_WORDS["reset"])}</button></form>'
    )


def _question_html(number: int, question: Question, headings: Mapping[str, Text]) -> str:
    if question.section not in headings:
        raise TextError(
            f"{question.name}: section: no label {question.section!r} in the chapter"
            f"{did_you_mean(question.section, headings)}"
        )
    heading = headings[question.section]
    asked = {lang: f"{localise(str(number), lang)}. {question.question[lang]}" for lang in LANGUAGES}
    again = {lang: _WORDS["again"][lang].format(heading=heading[lang]) for lang in LANGUAGES}
    options = "".join(
        f'<label><input type="radio" name="{question.name}" {_OWN_KEYS}> {_both(option.text)}</label>'
        for option in question.options
    )
    # Told when it appears, not read out before: nothing refers to it from an option.
    told = "".join(f"<p{_HIDDEN}>{_told(option)}</p>" for option in question.options)
    return (
        f"<fieldset><legend>{_both(asked)}</legend>{options}"
        f'<div role="status">{told}<a href="#{question.section}"{_HIDDEN}>{_both(again)}</a></div></fieldset>'
    )


def _told(option: Option) -> str:
    word = _WORDS["right" if option.right else "wrong"]
    return _SEPARATOR.join(
        element("span", lang, f"<strong>{word[lang]}</strong> {inline_html(option.why[lang].strip(), lang)}")
        for lang in LANGUAGES
    )


def _both(text: Text) -> str:
    return _SEPARATOR.join(element("span", lang, inline_html(text[lang].strip(), lang)) for lang in LANGUAGES)


def quiz_text(chapter: str, folder: Path | None = None) -> str:
    """Write a chapter's questions and options as plain text, without the answers.

    Raises TextError as :func:`questions` does.
    """
    lines = []
    for number, question in enumerate(questions(chapter, folder), start=1):
        for lang in LANGUAGES:
            lines.append(f"{localise(str(number), lang)}. {question.question[lang].strip()}")
            lines += [f"   – {option.text[lang].strip()}" for option in question.options]
    return "\n".join(lines)


def _headings(file: Path) -> dict[str, Text]:
    """Give the headings of the chapter to which a file of questions belongs, by label."""
    found: dict[str, Text] = {}
    folder = file.parent.parent
    for notebook in [*sorted(folder.glob(f"{file.stem}_*.ipynb")), *folder.glob(f"{file.stem}.ipynb")]:
        if not is_stray(notebook):
            found |= _headings_of(notebook, notebook.stat().st_mtime_ns)
    return found


@lru_cache(maxsize=4)
def _headings_of(notebook: Path, modified: int) -> dict[str, Text]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found: dict[str, Text] = {}
    for cell in cells:
        heading = re.fullmatch(r"#+ (.*) — (.*)", "".join(cell["source"]).strip())
        if heading and (label := cell["metadata"].get("label")):
            found[label] = {"fa": heading[2], "en": heading[1]}
    return found
