"""Rules for the sources of the book: each ``check_…`` takes cells (or a notebook) and returns what is wrong.

A page in Markdown is split into cells first, so that one set of rules holds for chapters and pages.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from hw2utils.publishing.execution.parameters import ParameterError, declared_parameters
from hw2utils.publishing.sources.durations import duration_problems
from hw2utils.publishing.sources.notebooks import cell_label

LONGEST_CODE_CELL = 25
OPENING = {
    "fa": '<div dir="rtl" lang="fa" class="lang-fa">',
    "en": '<div dir="ltr" lang="en" class="lang-en">',
}
TAGS = {
    "markdown": {"lang-fa", "lang-en"},
    "code": {
        "parameters",
        "nbval-check-output",
        "raises-exception",
        "hide-input",
        "hide-output",
        "remove-cell",
        "remove-input",
    },
}

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)
_FENCE = re.compile(r"^\s*(```|~~~|:::)", re.MULTILINE)
_LABEL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LABEL_LINE = re.compile(r"^\(([^)\s]+)\)=$", re.MULTILINE)
_HEADING_CELL = re.compile(r"(#{1,4}) (\S.*) — (\S.*)")
_ROLE = re.compile(r"\{[\w:-]+\}`[^`]+`")
_PERSIAN = re.compile("[\u0620-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_LATIN = re.compile(r"[A-Za-z]")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬", "0123456789.,")


# --- reading --------------------------------------------------------------------------------------


def language(cell: NotebookNode) -> str | None:
    """Return ``fa`` or ``en`` for a cell tagged as one language, else None."""
    tags = cell.metadata.get("tags", [])
    return next((lang for lang in OPENING if f"lang-{lang}" in tags), None)


def body(cell: NotebookNode) -> str | None:
    """Return the text inside the wrapper of a language cell, or None where the wrapper is not exact."""
    opening = OPENING.get(language(cell) or "")
    if opening is None:
        return None
    start, end = f"{opening}\n\n", "\n\n</div>"
    source = cell.source
    inner = source[len(start) : -len(end)]
    exact = source.startswith(start) and source.endswith(end) and inner and inner == inner.strip("\n")
    return inner if exact and "<div" not in inner and "</div" not in inner else None


def read_page(path: Path) -> list[NotebookNode]:
    """Split a page in Markdown into cells as a chapter has them: wrapped text, headings, shared parts.

    The label above a heading goes to the metadata, where a chapter keeps it.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines[:1] == ["---"]:
        lines = lines[lines.index("---", 1) + 1 :]
    cells, block, closing = [], [], None

    def finish() -> None:
        if any(line.strip() for line in block):
            cell = nbformat.v4.new_markdown_cell("\n".join(block).strip("\n"))
            tag = re.match(r"<div [^>]*lang-(fa|en)", cell.source)
            cell.metadata["tags"] = [f"lang-{tag[1]}"] if tag else []
            if label := re.match(r"\(([^)\s]+)\)=\n(?=#)", cell.source):
                cell.metadata["label"] = label[1]
                cell.source = cell.source[label.end() :]
            cells.append(cell)
        block.clear()

    for line in lines:
        fence = re.match(r"(`{3,}|~{3,}|:{3,})", line)
        if closing is not None:
            block.append(line)
            if line.strip() == closing:
                closing = None
                finish()
        elif line.startswith("<div") or fence:
            finish()
            block.append(line)
            closing = fence[1] if fence else "</div>"
        elif line.strip():
            block.append(line)
        else:
            finish()
    finish()
    return cells


def _markdown(cells: list[NotebookNode]) -> Iterator[tuple[int, NotebookNode]]:
    return ((i, cell) for i, cell in enumerate(cells, 1) if cell.cell_type == "markdown")


def _code(cells: list[NotebookNode]) -> Iterator[tuple[int, NotebookNode]]:
    return ((i, cell) for i, cell in enumerate(cells, 1) if cell.cell_type == "code")


# --- text -----------------------------------------------------------------------------------------


def check_tags(cells: list[NotebookNode]) -> list[str]:
    """A tag nobody knows does nothing, and a typing error in one is silent; a cell has one language."""
    problems = []
    for i, cell in enumerate(cells, 1):
        tags = cell.metadata.get("tags", [])
        unknown = sorted(set(tags) - TAGS.get(cell.cell_type, set()))
        problems += [f"cell {i}: unknown tag {tag!r} on a {cell.cell_type} cell" for tag in unknown]
        if {"lang-fa", "lang-en"} <= set(tags):
            problems.append(f"cell {i}: tagged with both languages")
    return problems


def check_wrappers(cells: list[NotebookNode]) -> list[str]:
    """A language cell is exactly wrapper, blank line, text, blank line, end; no other cell holds a div."""
    problems = []
    for i, cell in _markdown(cells):
        lang = language(cell)
        if lang is None and "<div" in cell.source:
            problems.append(f"cell {i}: a div in a cell without a language tag")
        elif lang is not None and body(cell) is None:
            problems.append(
                f"cell {i}: expected {OPENING[lang]}, blank line, text, blank line, </div>, nothing else"
            )
    return problems


def check_inside_wrappers(cells: list[NotebookNode]) -> list[str]:
    """A heading in a div breaks the page; a fence in one is mirrored in Persian."""
    problems = []
    for i, cell in _markdown(cells):
        if language(cell) is not None:
            problems += [f"cell {i}: a heading inside a wrapper"] * bool(_HEADING.search(cell.source))
            problems += [f"cell {i}: a fence inside a wrapper"] * bool(_FENCE.search(cell.source))
    return problems


def check_class_fa(cells: list[NotebookNode]) -> list[str]:
    """The theme's icon script replaces every element of class ``fa`` by an icon."""
    classes = re.compile(r"""class\s*=\s*["']([^"']*)["']""")
    return [
        f'cell {i}: class="fa" (the theme turns it into an icon; use lang-fa)'
        for i, cell in _markdown(cells)
        if any("fa" in found.split() for found in classes.findall(cell.source))
    ]


def check_headings(cells: list[NotebookNode]) -> list[str]:
    """A heading has a cell, ``## English — فارسی``, and a label in its metadata; no level is left out."""
    problems, labels, level = [], set(), 0
    for i, cell in _markdown(cells):
        label = cell_label(cell)
        if language(cell) is not None or not (_HEADING.search(_unfenced(cell.source)) or label):
            continue
        match = _HEADING_CELL.fullmatch(cell.source)
        if not match:
            problems.append(f"cell {i}: expected only '## English — فارسی', got {cell.source[:60]!r}")
            continue
        marks, english, persian = match.groups()
        if not _LABEL.fullmatch(label or ""):
            problems.append(
                f'cell {i}: expected a label such as "q5d-penalty" in the heading\'s metadata, got {label!r}'
            )
        if _PERSIAN.search(english) or not _PERSIAN.search(persian) or "<" in cell.source:
            problems.append(
                f"cell {i}: a heading is English — Persian without HTML, got {cell.source[:60]!r}"
            )
        if label in labels:
            problems.append(f"cell {i}: the label {label!r} is used twice")
        if len(marks) > level + 1 or (level and len(marks) == 1):
            problems.append(f"cell {i}: heading level {len(marks)} after level {level}")
        labels.add(label)
        level = len(marks)
    if not cells or not re.match(r"# ", cells[0].source):
        problems.append("cell 1: expected the title, '# English — فارسی'")
    return problems


def check_links(cells: list[NotebookNode]) -> list[str]:
    """Jupyter shows a role or ``(label)=`` as it is typed: links are Markdown, labels are metadata."""
    problems = []
    for i, cell in _markdown(cells):
        text = re.sub(r"(?<![`}])`[^`\n]+`", "", _unfenced(cell.source))
        problems += [
            f"cell {i}: a role, {role!r}; write a link, [text](#label)" for role in _ROLE.findall(text)
        ]
        problems += [
            f"cell {i}: the label {label!r} stands in the text; it belongs above a heading, "
            "in a notebook in the cell's metadata"
            for label in _LABEL_LINE.findall(text)
        ]
    return problems


def check_shared(cells: list[NotebookNode]) -> list[str]:
    """A cell without a language holds no prose: equations, fences, images, tables, lists of references."""
    allowed = re.compile(r"\s*(\||!\[|%|<!--|[-*] .*\]\(https?://)")
    problems = []
    for i, cell in _markdown(cells):
        if language(cell) is None and not _HEADING_CELL.fullmatch(cell.source):
            rest = re.sub(r"\$\$.*?\$\$(\s*\([\w-]+\))?", "", _unfenced(cell.source), flags=re.DOTALL)
            text = [line for line in rest.splitlines() if line.strip() and not allowed.match(line)]
            if text:
                problems.append(f"cell {i}: text outside the language wrappers: {text[0][:60]!r}")
    return problems


def check_language(cells: list[NotebookNode]) -> list[str]:
    """The Persian cell is in Persian and the English one in English."""
    problems = []
    for i, cell in _markdown(cells):
        text = prose(body(cell) or "")
        persian, latin = len(_PERSIAN.findall(text)), len(_LATIN.findall(text))
        if text.strip() and (persian > latin) != (language(cell) == "fa"):
            problems.append(f"cell {i}: tagged {language(cell)}, but most letters are of the other script")
    return problems


def check_pairs(cells: list[NotebookNode]) -> list[str]:
    """A Persian cell is directly followed by its English cell, and both have the same countable content."""
    problems, i = [], 0
    while i < len(cells):
        lang = language(cells[i])
        follows = language(cells[i + 1]) if i + 1 < len(cells) else None
        if lang == "fa" and follows == "en":
            problems += compare(i + 1, body(cells[i]) or "", body(cells[i + 1]) or "")
            i += 1
        elif lang is not None:
            other = "followed by its English" if lang == "fa" else "preceded by its Persian"
            problems.append(f"cell {i + 1}: a cell in {lang} is not directly {other} cell")
        i += 1
    return problems


def compare(position: int, persian: str, english: str) -> list[str]:
    """Compare what can be counted in the two texts of a pair, Persian digits read as digits."""
    fa, en = contents(persian), contents(english)
    problems = []
    for kind in fa:
        only_fa, only_en = fa[kind] - en[kind], en[kind] - fa[kind]
        if only_fa or only_en:
            left, right = (", ".join(map(str, sorted(c.elements()))) or "nothing" for c in (only_fa, only_en))
            problems.append(
                f"cells {position}, {position + 1}: {kind} differ, Persian only: {left}; English: {right}"
            )
    return problems


def contents(text: str) -> dict[str, Counter]:
    """Count code spans, math, links, footnotes, list items and numbers of a text.

    >>> contents("۶۰٬۰۰۰ تصویر، `fit` و $x^2$")["numbers"]
    Counter({'60000': 1})
    """
    found: dict[str, Counter] = {}

    def take(kind: str, pattern: str, text: str, keep: str = " ") -> str:
        matches = list(re.finditer(pattern, text, re.MULTILINE | re.DOTALL))
        found[kind] = found.get(kind, Counter()) + Counter(
            " ".join(filter(None, m.groups())).strip() for m in matches
        )
        return re.sub(pattern, keep, text, flags=re.MULTILINE | re.DOTALL)

    text = take("code spans", r"(?<!`)`([^`\n]+)`(?!`)", text)
    text = take("math", r"\$\$?([^$]+)\$\$?", text)
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
    """Remove code, math, addresses and HTML tags from a text."""
    for pattern in (
        r"`[^`]*`",
        r"\$[^$]*\$",
        r"\]\([^)]*\)",
        r"<[^>]*>",
        r"https?://\S+",
    ):
        text = re.sub(pattern, " ", text)
    return text


def _unfenced(text: str) -> str:
    return re.sub(r"^(`{3,}|~{3,}|:{3,}).*?^\1\s*$", "", text, flags=re.MULTILINE | re.DOTALL)


# --- code -----------------------------------------------------------------------------------------


def check_code_length(cells: list[NotebookNode]) -> list[str]:
    """A reader takes in a code cell at one glance."""
    return [
        f"cell {i}: {lines} lines of code, at most {LONGEST_CODE_CELL}"
        for i, cell in _code(cells)
        if (lines := len(cell.source.splitlines())) > LONGEST_CODE_CELL
    ]


def check_empty(cells: list[NotebookNode]) -> list[str]:
    """An empty cell shows as a gap."""
    return [f"cell {i}: empty" for i, cell in enumerate(cells, 1) if not cell.source.strip()]


def check_outputs(cells: list[NotebookNode]) -> list[str]:
    """Only a cell tagged nbval-check-output holds output, and that is text."""
    problems = []
    for i, cell in _code(cells):
        if "nbval-check-output" not in cell.metadata.get("tags", []):
            problems += [f"cell {i}: has outputs; clear them"] * bool(cell.outputs)
            problems += [f"cell {i}: has an execution count; clear it"] * (cell.execution_count is not None)
            continue
        if not cell.outputs:
            problems.append(f"cell {i}: tagged nbval-check-output, but no output is stored to compare with")
        for output in cell.outputs:
            kinds = set(output.get("data", {"text/plain": ""}))
            if output.output_type == "error" or kinds != {"text/plain"}:
                problems.append(
                    f"cell {i}: a checked output is text only, found {output.output_type} {sorted(kinds)}"
                )
    return problems


def check_figures(cells: list[NotebookNode]) -> list[str]:
    """Figures are shown by the project's function, never by pyplot itself: no alt text, one language."""
    problems = []
    for i, cell in _code(cells):
        for line in cell.source.splitlines():
            if re.match(r"\s*%matplotlib\b", line) or re.search(r"\b(plt|pyplot|figure|fig)\.show\(", line):
                problems.append(f"cell {i}: {line.strip()!r}; show a BilingualFigure instead")
    return problems


def check_python(cells: list[NotebookNode]) -> list[str]:
    """Code cells are Python that parses, without shell commands (they are not on every reader's machine)."""
    problems = []
    for i, cell in _code(cells):
        lines = [line for line in cell.source.splitlines() if not re.match(r"\s*%", line)]
        problems += [f"cell {i}: shell command {line.strip()!r}" for line in lines if re.match(r"\s*!", line)]
        try:
            ast.parse("\n".join(line for line in lines if not re.match(r"\s*!", line)))
        except SyntaxError as error:
            if not cell.source.startswith("%%"):
                problems.append(f"cell {i}: {error}")
    return problems


TEXT_CHECKS = (
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
CODE_CHECKS = (check_code_length, check_outputs, check_figures, check_python)


def check_notebook(path: Path) -> list[str]:
    """Apply every rule to a chapter: the format, the parameters cell, its duration, the text and the code."""
    # Not nbformat.read: it mends some faults while it reads.
    notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        return ["not a valid notebook: expected format 4.5, which gives every cell an id"]
    repeated = [name for name, n in Counter(cell.get("id") for cell in notebook.cells).items() if n > 1]
    if repeated:
        return [f"not a valid notebook: more than one cell has the id {repeated[0]!r}"]
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"not a valid notebook: {error.message}"]
    problems = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        problems.append("metadata: expected the kernel python3, or papermill cannot run it")
    problems += check_parameters(path, notebook.cells) + duration_problems(notebook)
    return problems + [problem for check in TEXT_CHECKS + CODE_CHECKS for problem in check(notebook.cells)]


def check_parameters(path: Path, cells: list[NotebookNode]) -> list[str]:
    """The first code cell on the page alone is ``parameters`` and says each parameter's type and meaning."""
    tagged = [i for i, cell in _code(cells) if "parameters" in cell.metadata.get("tags", [])]
    first = next((i for i, cell in _code(cells) if "remove-cell" not in cell.metadata.get("tags", [])), None)
    if tagged != [first]:
        return [
            f"expected the tag 'parameters' on the first code cell shown (cell {first}) alone, "
            f"found it on {tagged}"
        ]
    try:
        declared = declared_parameters(path)
    except ParameterError as error:
        return [str(error)]
    if not declared:
        return [f"cell {first}: no parameter is declared"]
    return [
        f"cell {first}: {name} has no help text" for name, parameter in declared.items() if not parameter.help
    ]


def check_page(path: Path) -> list[str]:
    """Apply the rules for text to a page in Markdown."""
    cells = read_page(path)
    return [problem for check in TEXT_CHECKS for problem in check(cells)]
