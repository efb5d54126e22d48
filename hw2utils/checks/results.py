"""What a check says, in both languages: rich in Jupyter, plain in a terminal; and the summary of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from inspect import isclass
from typing import Any

import torch
from torch.optim import Optimizer

from hw2utils.checks import words
from hw2utils.checks.catalogue import EXERCISES, find
from hw2utils.checks.confinement import SECONDS, Outcome, run_confined
from hw2utils.checks.exercise import Exercise, Misfit, described, diagnose
from hw2utils.languages import LANGUAGES, Text, localise
from hw2utils.reporting.html import element, inline_html, start_aligned, table

_STYLE = "border-inline-start: 4px solid {color}; padding-inline-start: 0.8em; margin: 0.6em 0"
GREEN, AMBER = "#2e7d32", "#b26a00"

_PROGRESS: dict[str, bool] = {}
"""Exercises that were tried since the notebook started, and whether they were solved."""


class Shown:
    """Show sentences in both languages: a block for each, and what the checked code printed."""

    def __init__(self, sentences: Sequence[Text], color: str, printed: str = "") -> None:
        self.sentences, self.color, self.printed = sentences, color, printed

    def __repr__(self) -> str:
        lines = ["\n".join(text[lang] for text in self.sentences) for lang in LANGUAGES]
        if self.printed:
            lines += ["\n".join(words.message("printed").values()) + "\n" + self.printed]
        return "\n\n".join(lines)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": start_aligned(self.html())}

    def html(self) -> str:
        """Write the sentences as HTML."""
        style = _STYLE.format(color=self.color)
        said = [*self.sentences, *([words.message("printed")] if self.printed else [])]
        blocks = (
            element("div", lang, "".join(f"<p>{inline_html(text[lang], lang)}</p>" for text in said))
            for lang in LANGUAGES
        )
        printed = f"<pre>{inline_html(self.printed.replace('`', chr(39)))}</pre>" if self.printed else ""
        return f'<div class="hw2-check" style="{style}">{"".join(blocks)}{printed}</div>'


class Checked(Shown):
    """Say how an answer was found: ``passed``, and ``mistake`` where it has a known one."""

    def __init__(
        self, exercise: str, sentences: Sequence[Text], passed: bool, mistake: str = "", printed: str = ""
    ) -> None:
        super().__init__(sentences, GREEN if passed else AMBER, printed)
        self.exercise, self.passed, self.mistake = exercise, passed, mistake


def check(name: str, answer: Any) -> Checked:
    """Check an answer, a function, against what an exercise asks for; say what is wrong with it, and a hint.

    The answer runs where it can harm nothing: an error, an endless loop or ``exit()`` in it is reported.
    Raises ValueError for a name that is no exercise.

    >>> check("q3-softmax", lambda logits, temperature: (logits / temperature).softmax(-1)).passed
    True
    >>> check("q3-softmax", lambda logits, temperature: (logits * temperature).softmax(-1)).mistake
    'multiplied'
    """
    exercise = find(name)
    if not callable(answer):
        told = words.message("no-function", got=described(answer), exercise=name)
        checked = Checked(name, [told], passed=False)
    else:
        if _uses_optimizers(answer):
            import_module("torch._dynamo")  # at its first use torch.optim loads it, for seconds
        checked = _judged(exercise, run_confined(partial(_found, exercise, answer)))
    _PROGRESS[name] = _PROGRESS.get(name, False) or checked.passed
    return checked


def _uses_optimizers(answer: Callable[..., Any]) -> bool:
    """Tell whether an answer is an optimizer of ``torch.optim``, or names one.

    >>> _uses_optimizers(torch.optim.SGD), _uses_optimizers(lambda params, lr: torch.optim.SGD(params, lr))
    (True, True)
    """
    while isinstance(answer, partial):
        answer = answer.func
    if isclass(answer):
        return issubclass(answer, Optimizer)
    known = getattr(answer, "__globals__", {})
    names = getattr(getattr(answer, "__code__", None), "co_names", ())
    found = (known.get(name) for name in names)
    return "optim" in names or any(isclass(one) and issubclass(one, Optimizer) for one in found)


def _found(exercise: Exercise, answer: Callable[..., Any]) -> dict[str, Any]:
    """Diagnose an answer, as JSON."""
    try:
        with torch.enable_grad():  # whatever the notebook has set
            finding = diagnose(exercise, answer)
    except Misfit as misfit:
        return {"kind": "misfit", "key": misfit.key, "slots": misfit.slots}
    return {"kind": finding.kind, "key": finding.key}


def _judged(exercise: Exercise, outcome: Outcome) -> Checked:
    made = partial(Checked, exercise.name, printed=outcome.printed)
    limits = [] if "memory" in outcome.limits else [words.message(_unlimited(outcome))]
    if outcome.kind != "value":
        slots = {key: text.replace("`", "'") for key, text in outcome.detail.items()}
        said = [words.message(outcome.kind, **{**slots, "seconds": SECONDS})]
        if slots.get("line"):
            said.append(words.message("line", line=slots["line"]))
        elif outcome.kind == "error":
            said.append(words.message("asked", task=words.task(exercise.name)))
        return made([*said, *limits], passed=False)
    kind_of, key = outcome.value["kind"], outcome.value["key"]
    if kind_of == "right":
        said = [words.message("right", count=len(words.situations(exercise.name)))]
        if exercise.public:
            said.append(words.message("public", public=exercise.public))
        return made(said, passed=True)
    if kind_of == "wrong":
        name, hint = words.mistake(exercise.name, key)
        return made(
            [words.message("wrong", name=name), words.message("hint", hint=hint), *limits],
            passed=False,
            mistake=key,
        )
    if kind_of == "misfit":
        said = [words.message(key, **outcome.value["slots"])]
        if key in ("no-rule", "no-optimizer"):
            said.append(words.message("asked", task=words.task(exercise.name)))
        return made([*said, *limits], passed=False)
    first = kind_of == "differs" and key == words.situations(exercise.name)[0]
    where = words.situation(exercise.name, key)
    said = [words.message("differs-first" if first else kind_of, where=where)]
    return made([*said, *limits], passed=False)


def _unlimited(outcome: Outcome) -> str:
    return "no-memory-limit" if outcome.forked else "only-time"


# --- the summary ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """Say which exercises are solved and which are left, and how many points that makes."""

    state: Mapping[str, str]

    @property
    def points(self) -> int:
        """Give the points of what is solved."""
        return sum(EXERCISES[name].points for name, state in self.state.items() if state == "solved")

    @property
    def most(self) -> int:
        """Give the points of all."""
        return sum(EXERCISES[name].points for name in self.state)

    def _sentence(self) -> Text:
        solved = sum(state == "solved" for state in self.state.values())
        return words.message(
            "summary", solved=solved, all=len(self.state), points=self.points, most=self.most
        )

    def __repr__(self) -> str:
        said = self._sentence()
        rows = [
            f"  {words.message(state)['en']:9} {name:14} {EXERCISES[name].points}"
            + "".join(f"\n    {words.task(name)[lang]}" for lang in LANGUAGES)
            for name, state in self.state.items()
        ]
        return "\n".join([*(said[lang] for lang in LANGUAGES), *rows])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        said = self._sentence()
        blocks = []
        for lang in LANGUAGES:
            heads = (words.message(key)[lang] for key in ("exercise", "points", "state"))
            rows = (
                (
                    f'<code dir="ltr">{name}</code><br>{inline_html(words.task(name)[lang], lang)}',
                    localise(str(EXERCISES[name].points), lang),
                    words.message(state)[lang],
                )
                for name, state in self.state.items()
            )
            body = f"<p>{said[lang]}</p>{table('hw2-summary', said[lang], heads, rows)}"
            blocks.append(element("div", lang, body))
        return {"text/plain": repr(self), "text/html": start_aligned(f"<div>{''.join(blocks)}</div>")}


def summary(question: str = "") -> Summary:
    """List the exercises, solved or left, with their points; of one ``question``, such as ``"q4"``, or all.

    Raises ValueError for a question without exercises.

    >>> summary("q4").most
    9
    """
    names = [name for name in EXERCISES if name.startswith(f"{question}-" if question else "")]
    if not names:
        known = ", ".join(dict.fromkeys(name.partition("-")[0] for name in EXERCISES))
        raise ValueError(f"question: expected one of {known}, or none for all, got {question!r}")
    states = {
        name: "solved" if _PROGRESS.get(name) else "tried" if name in _PROGRESS else "open" for name in names
    }
    return Summary(states)
