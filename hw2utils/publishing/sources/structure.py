"""Rules for the text of chapters and pages: each ``check_…`` takes cells and gives what is wrong.

Each fault they find breaks a page, a notebook or one of the languages without a message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hw2utils.publishing.sources import solutions
from hw2utils.publishing.sources.cells import OPENING, Cell, markdown
from hw2utils.publishing.sources.findings import Finding

TAGS = {
    "markdown": {"lang-fa", "lang-en", solutions.TAG},
    "code": {
        "parameters",
        "nbval-check-output",
        "raises-exception",
        "hide-input",
        "hide-output",
        "remove-cell",
        "remove-input",
        solutions.TAG,
    },
}
"""The tags that do something, by kind of cell."""

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)
_FENCE = re.compile(r"^\s*(```|~~~|:::)", re.MULTILINE)
_LABEL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LABEL_LINE = re.compile(r"^\(([^)\s]+)\)=$", re.MULTILINE)
_HEADING_CELL = re.compile(r"(#{1,4}) (\S.*) — (\S.*)")
_ROLE = re.compile(r"\{[\w:-]+\}`[^`]+`")
_CODE_SPAN = re.compile(r"(?<![`}])`[^`\n]+`")
_PERSIAN = re.compile("[\u0620-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_LATIN = re.compile(r"[A-Za-z]")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬", "0123456789.,")
_CLASSES = re.compile(r"""class\s*=\s*["']([^"']*)["']""")
_SHARED = re.compile(r"\s*(\||!\[|%|<!--|[-*] .*\]\(https?://)")


def check_tags(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find tags nobody knows, which do nothing, and cells of two languages."""
    for cell in cells:
        known = TAGS.get(cell.kind, set())
        for tag in sorted(set(cell.tags) - known):
            yield cell.finding(
                "tag", f"unknown tag {tag!r} on a {cell.kind} cell", f"use {', '.join(sorted(known))}"
            )
        if {"lang-fa", "lang-en"} <= set(cell.tags):
            yield cell.finding("tag", "tagged with both languages", "give each language its own cell")


def check_wrappers(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find language cells that are not exactly wrapper, blank line, text, blank line, end; stray wrappers."""
    for cell in markdown(cells):
        if cell.language is None and "<div" in cell.source:
            yield cell.finding(
                "wrapper", "a div in a cell without a language tag", "tag it lang-fa or lang-en"
            )
        elif cell.language is not None and cell.body is None:
            yield cell.finding(
                "wrapper",
                "a text in one language that is not wrapped as it must be",
                f"write {OPENING[cell.language]}, blank line, text, blank line, </div>, nothing else",
            )


def check_inside_wrappers(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find a heading in a div, which breaks the page, and a fence in one, which is mirrored in Persian."""
    for cell in markdown(cells):
        if cell.language is None:
            continue
        for what, pattern in (("a heading", _HEADING), ("a fence", _FENCE)):
            if match := pattern.search(cell.source):
                yield cell.finding(
                    "wrapper", f"{what} inside a wrapper", "give it a cell of its own", match.start()
                )


def check_class_fa(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find elements of class ``fa``: the theme's icon script replaces each by an icon."""
    for cell in markdown(cells):
        for match in _CLASSES.finditer(cell.source):
            if "fa" in match[1].split():
                yield cell.finding(
                    "class", 'class="fa", which the theme turns into an icon', "use lang-fa", match.start()
                )


def check_headings(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find headings without a cell of their own, a label or both languages, and levels out of order."""
    labels: set[str] = set()
    level = 0
    for cell in markdown(cells):
        if cell.language is not None or not (cell.label or _HEADING.search(_unfenced(cell.source))):
            continue
        match = _HEADING_CELL.fullmatch(cell.source)
        if not match:
            yield cell.finding(
                "heading",
                f"expected one heading in both languages and nothing else, got {cell.source[:60]!r}",
                "write '## English — فارسی', and what follows in a cell of its own",
            )
            continue
        marks, english, persian = match.groups()
        if not _LABEL.fullmatch(cell.label or ""):
            yield cell.finding(
                "heading",
                f"expected a label, got {cell.label!r}",
                'write "label": "q5d-penalty" into the cell\'s metadata; above a page\'s heading, (penalty)=',
            )
        if _PERSIAN.search(english) or not _PERSIAN.search(persian) or "<" in cell.source:
            yield cell.finding(
                "heading",
                f"expected English — Persian without HTML, got {cell.source[:60]!r}",
                "write '## English — فارسی'",
            )
        if cell.label in labels:
            yield cell.finding("heading", f"the label {cell.label!r} is used twice", "give it another name")
        if len(marks) > level + 1 or (level and len(marks) == 1):
            yield cell.finding(
                "heading",
                f"heading level {len(marks)} after level {level}",
                "one title with #, and below a heading at most one # more",
            )
        labels.add(cell.label or "")
        level = len(marks)
    if not cells or not cells[0].source.startswith("# "):
        first = cells[0] if cells else Cell("markdown", "")
        yield first.finding("heading", "expected the title first", "begin with '# English — فارسی'")


def check_links(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find roles and ``(label)=`` in the text, which Jupyter shows as they are typed."""
    for cell in markdown(cells):
        text = _blanked(_CODE_SPAN, _unfenced(cell.source))
        for match in _ROLE.finditer(text):
            yield cell.finding("link", f"a role, {match[0]!r}", "write [text](#label)", match.start())
        for match in _LABEL_LINE.finditer(text):
            yield cell.finding(
                "link",
                f"the label {match[1]!r} stands in the text",
                "in a notebook it belongs into the heading's metadata, in a page above a heading",
                match.start(),
            )


def check_shared(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find prose in a cell without a language, which holds equations, fences, images, tables, references."""
    for cell in markdown(cells):
        if cell.language is None and not _HEADING_CELL.fullmatch(cell.source):
            equations = re.compile(r"\$\$.*?\$\$(\s*\([\w-]+\))?", re.DOTALL)
            rest = _blanked(equations, _unfenced(cell.source))
            position = 0
            for line in rest.splitlines(keepends=True):
                if line.strip() and not _SHARED.match(line):
                    yield cell.finding(
                        "language",
                        f"text outside the language wrappers: {line.strip()[:60]!r}",
                        "move it to a Persian and an English cell",
                        position,
                    )
                    break
                position += len(line)


def check_language(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find Persian cells in English and English ones in Persian."""
    for cell in markdown(cells):
        text = prose(cell.body or "")
        persian, latin = len(_PERSIAN.findall(text)), len(_LATIN.findall(text))
        if text.strip() and (persian > latin) != (cell.language == "fa"):
            yield cell.finding(
                "language",
                f"tagged lang-{cell.language}, but most letters are of the other script",
                "exchange the texts, or the tags and wrappers",
            )


def check_pairs(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find Persian cells not directly followed by an English one that has the same countable content."""
    i = 0
    while i < len(cells):
        lang = cells[i].language
        follows = cells[i + 1].language if i + 1 < len(cells) else None
        if lang == "fa" and follows == "en":
            for problem in compare(cells[i].body or "", cells[i + 1].body or ""):
                yield cells[i].finding("pair", problem, "say the same in both languages")
            i += 1
        elif lang is not None:
            other = "followed by its English" if lang == "fa" else "preceded by its Persian"
            yield cells[i].finding(
                "pair", f"a cell in {lang} is not directly {other} cell", "put each pair together, fa first"
            )
        i += 1


def check_empty(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Find empty cells, which show as gaps."""
    for cell in cells:
        if not cell.source.strip():
            yield cell.finding("empty", "an empty cell", "remove it")


def compare(persian: str, english: str) -> list[str]:
    """Compare what can be counted in the two texts of a pair, Persian digits read as digits.

    >>> compare("۵ بار", "6 times")
    ['numbers differ, Persian only: 5; English: 6']
    """
    fa, en = contents(persian), contents(english)
    problems = []
    for kind in fa:
        only_fa, only_en = fa[kind] - en[kind], en[kind] - fa[kind]
        if only_fa or only_en:
            left, right = (", ".join(map(str, sorted(c.elements()))) or "nothing" for c in (only_fa, only_en))
            problems.append(f"{kind} differ, Persian only: {left}; English: {right}")
    return problems


def contents(text: str) -> dict[str, Counter[str]]:
    """Count code spans, math, slots, links, footnotes, list items and numbers of a text.

    >>> contents("۶۰٬۰۰۰ تصویر، `fit` و $x^2$")["numbers"]
    Counter({'60000': 1})
    """
    found: dict[str, Counter[str]] = {}

    def take(kind: str, pattern: str, text: str, keep: str = " ") -> str:
        matches = list(re.finditer(pattern, text, re.MULTILINE | re.DOTALL))
        found[kind] = found.get(kind, Counter()) + Counter(
            " ".join(filter(None, m.groups())).strip() for m in matches
        )
        return re.sub(pattern, keep, text, flags=re.MULTILINE | re.DOTALL)

    text = take("code spans", r"(?<!`)`([^`\n]+)`(?!`)", text)
    text = take("math", r"\$\$?([^$]+)\$\$?", text)
    text = take("slots", r"\{([A-Za-z_][\w.\[\]-]*(?:![rs])?(?::[^{}\n]*)?)\}", text)
    text = take("links", r"\]\(([^)\s]+)\)", text, keep="]")
    text = take("links", r"<(https?://[^>\s]+)>", text)
    text = take("footnotes", r"\[(\^[\w-]+)\]", text)
    items = re.findall(r"^[ ]*(?:([-*+:])|[0-9]+[.)]) ", text, re.MULTILINE)
    found["list items"] = Counter("definition" if mark == ":" else "item" for mark in items)
    text = re.sub(r"^[ ]*[0-9]+[.)] ", "", text, flags=re.MULTILINE)
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text.translate(_DIGITS))
    found["numbers"] = Counter(re.findall(r"\d+(?:\.\d+)*", plain))
    return found


def prose(text: str) -> str:
    """Remove code, math, addresses and HTML tags from a text.

    >>> prose("see `fit` [here](#x)").split()
    ['see', '[here']
    """
    for pattern in (r"`[^`]*`", r"\$[^$]*\$", r"\]\([^)]*\)", r"<[^>]*>", r"https?://\S+"):
        text = re.sub(pattern, " ", text)
    return text


def _unfenced(text: str) -> str:
    return _blanked(
        re.compile(r"^(`{3,}|~{3,}|:{3,}).*?^\1\s*$", flags=re.MULTILINE | re.DOTALL),
        text,
    )


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Put spaces in place of what a pattern finds, so that the rest stays where it is."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


TEXT_CHECKS: tuple[Callable[[Sequence[Cell]], Iterator[Finding]], ...] = (
    check_tags,
    check_wrappers,
    check_inside_wrappers,
    check_class_fa,
    check_headings,
    check_links,
    check_shared,
    check_language,
    check_pairs,
    check_empty,
)
"""The rules for texts, which hold for chapters and for pages."""
