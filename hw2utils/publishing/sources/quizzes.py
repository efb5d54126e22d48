"""What is wrong with the questions of a chapter's quiz: form, sections, verdicts, what gives them away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.reporting.claims import ClaimError, load
from hw2utils.reporting.quizzes import Question, read_question
from hw2utils.reporting.texts import TextError, read_file

LEAST = 5
"""How many questions a chapter has at least."""


def check_questions(file: Path, labels: Mapping[str, Sequence[tuple[Path, Place]]]) -> Iterator[Finding]:
    """Find what is wrong with a file of questions; ``labels`` are those of the book, with their files."""
    lines = _lines(file)
    remedy = "hw2utils/reporting/quizzes.py says what a question holds"
    for name in [name for name, count in Counter(name for name, _ in lines).items() if count > 1]:
        yield Finding("quiz", f"{name}: stands twice", "give it another name")
    known = dict(lines)
    asked: list[Question] = []
    try:
        content = read_file(file)
        claims = {claim.id: claim.expected for claim in load(file.parent.parent).values()}
    except (TextError, ClaimError) as error:
        yield Finding("quiz", str(error), remedy)
        return
    sections = [name for name, places in labels.items() if _chapter(places[0][0]) == file.stem]
    for name, entry in content.items():
        place = Place(line=known.get(name))
        try:
            question = read_question(file, name, entry)
        except TextError as error:
            yield Finding("quiz", str(error), remedy, place)
            continue
        asked.append(question)
        if question.section not in sections:
            near = did_you_mean(question.section, sections)
            problem = f"{name}: section: no label {question.section!r} in the chapter{near}"
            yield Finding("quiz", problem, "name the section that answers it", place)
        for claim, verdict in question.verdicts.items():
            if claims.get(claim) != verdict:
                problem = (
                    f"{name}: verdicts: {claim} is expected to be {claims.get(claim)!r}, not {verdict!r}"
                )
                yield Finding("quiz", problem, "mend the question, then the verdict named", place)
    yield from check_balance(asked)


def check_balance(asked: Sequence[Question]) -> Iterator[Finding]:
    """Find too few questions, and right options that place or length tells without reading the question."""
    if len(asked) < LEAST:
        yield Finding("quiz", f"{len(asked)} questions, at least {LEAST}", "write more")
    if len(asked) < 2:
        return
    most = (len(asked) + 1) // 2
    (place, count), *_ = Counter(question.place for question in asked).most_common()
    if count > most:
        problem = f"the right option is number {place + 1} in {count} of {len(asked)} questions"
        yield Finding("quiz", problem, "let it stand at other places too")
    for lang in LANGUAGES:
        longest = sum(_is_longest(question, lang) for question in asked)
        if longest > most:
            problem = f"the right option is the longest in {longest} of {len(asked)} questions ({lang})"
            yield Finding("quiz", problem, "let options be of like length")


def _is_longest(question: Question, lang: str) -> bool:
    lengths = [len(option.text[lang].strip()) for option in question.options]
    own = lengths.pop(question.place)
    return own > max(lengths)


def _chapter(notebook: Path) -> str:
    return notebook.stem.partition("_")[0] if notebook.suffix == ".ipynb" else ""


def _lines(file: Path) -> list[tuple[str, int]]:
    """Give each name of a YAML file with its line; a reader of YAML keeps only the last of two."""
    node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return [(key.value, key.start_mark.line + 1) for key, _ in pairs]
