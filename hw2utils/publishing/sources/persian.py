"""Check Persian text: letters, joins, spaces, punctuation, digits and terms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import yaml

from hw2utils.publishing.sources.cells import notebook_cells, page_cells
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.notebooks import read_notebook

LETTER = "\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06fa-\u06ff"
"""Letters of Arabic script, with their marks, as a regular expression's character range."""

ZWNJ = "\u200c"
_HIDDEN = "\ufffc"  # stands for code, math or an address: not a letter, digit, space or mark

RULES: tuple[tuple[str, str, str], ...] = (
    ("Arabic letter", "[\u064a\u0643\u0649]", "write the Persian ی and ک"),
    ("Arabic digit", "[\u0660-\u0669]", "write Persian digits"),
    ("tatweel", f"(?<=[{LETTER}])\u0640+", "remove the lengthening"),
    ("direction mark", "[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "remove it; isolate the part instead"),
    ("doubled half-space", f"{ZWNJ}{{2,}}", "keep one"),
    ("half-space at an edge", rf"{ZWNJ}(?=[\s.،؛؟!:»)]|$)|(?:(?<=[\s«(])|^){ZWNJ}", "remove it"),
    ("space for a half-space", f"(?<![{LETTER}{ZWNJ}])ن?می (?=[{LETTER}])", "join with a half-space: می‌شود"),
    (
        "space for a half-space",
        f"(?<=[{LETTER}]) (?:ها|های|هایی|هایش|هایشان|هایمان|ترین)(?![{LETTER}{ZWNJ}])",
        "join with a half-space: داده‌ها، بزرگ‌ترین",
    ),
    ("ezafe after he", f"ه{ZWNJ}ی(?![{LETTER}{ZWNJ}])", "write ـهٔ: لایهٔ پنهان"),
    ("space before punctuation", r"(?<=\S)[ \t]+(?=[،؛؟!»)]|[.:](?:\s|$))", "remove the space"),
    ("space after an opening mark", r"[«(][ \t]", "remove the space"),
    ("no space after punctuation", f"[،؛؟](?=[{LETTER}A-Za-z{_HIDDEN}])", "put a space after it"),
    ("Latin punctuation", f"(?<=[{LETTER}»])[,;?]", "write ، ؛ ؟"),
    ("Latin quotation mark", rf"[\"“”](?=[{LETTER}])|(?<=[{LETTER}])[\"“”]", "write «گیومه»"),
    ("Latin digits", r"(?<![A-Za-z0-9._/-])[0-9]+(?![A-Za-z0-9_-])", "write Persian digits, or code or math"),
    ("Latin percent", r"[۰-۹]%", "write ٪"),
    ("Latin decimal point", r"[۰-۹]\.[۰-۹]", "write ٫"),
    ("starts with Latin", r"(?m)^\s*(?:[-*+:] )?(?:\*\*)?[A-Za-z]", "start with a Persian word"),
    ("starts with Latin", r"[.؟!] +(?=[A-Za-z])", "start the sentence with a Persian word"),
    ("italics", r"(?<![*\w])\*(?=[^\s*])[^*\n]+(?<=[^\s*])\*(?![*\w])", "use none"),
)
"""What is looked for: the rule's name, a regular expression, and how to mend it."""

TERMS_FILE = "terms.yml"
"""Beside the chapters: each term of the book with what is not written in its place."""


def load_terms(file: Path) -> dict[str, str]:
    """Read which words are not written and which term the book has in place of each.

    The file says it the other way round, ``term: [another word, …]``. Without the file there are none.
    Raises ValueError for a file of another form.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{file} cannot be read as YAML: {error}; save it as UTF-8, mend the line") from None
    known: dict[str, str] = {}
    for term, others in content.items() if isinstance(content, dict) else [(content, None)]:
        if not isinstance(term, str) or not isinstance(others, list) or not all(map(_is_word, others)):
            raise ValueError(
                f"{file}: expected a term with a list of words that are not written in its place, got "
                f"{term!r}: {others!r}; write `زیان: [تابع هزینه]`"
            )
        known |= dict.fromkeys(others, term)
    return known


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def lint(text: str, terms: Mapping[str, str] | None = None, place: Place | None = None) -> list[Finding]:
    """Find what is wrong in a Persian text; code, math, HTML tags and addresses in it are passed over.

    ``terms`` are the words not to be written with the term for each, ``place`` is where the text begins.

    >>> [finding.rule for finding in lint("داده ها را می شناسیم")]
    ['space for a half-space', 'space for a half-space']
    >>> lint("داده‌ها را می‌شناسیم؛ `x = 3` کد است.")
    []
    """
    masked, place = mask(text), place or Place()
    rules = list(RULES)
    rules += (
        ("term", f"(?<![{LETTER}]){re.escape(word)}(?![{LETTER}])", f"the book says {term}")
        for word, term in (terms or {}).items()
    )
    found = [
        (
            match.start(),
            Finding(rule, f"…{_excerpt(masked, match)}…", remedy, place.below(masked[: match.start()])),
        )
        for rule, pattern, remedy in rules
        for match in re.finditer(pattern, masked)
    ]
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


def mask(text: str) -> str:
    """Replace what is not Persian prose (code, math, tags, addresses) by one character that no rule sees.

    >>> mask("کد `a, b` است").count("a")
    0
    """
    for pattern, kept in (
        (r"(?ms)^(`{3,}|~{3,}|:{3,}).*?^\1\s*?$", ""),
        (r"(?m)^\([\w.-]+\)=$", ""),
        (r"(?m)^\s*[0-9]+[.)] ", ""),
        (r"`[^`]*`", _HIDDEN),
        (r"\{[A-Za-z_][\w.\[\]-]*(?:![rs])?(?::[^{}\n]*)?\}", _HIDDEN),  # a slot of book/texts
        (r"\$\$?[^$]*\$\$?", _HIDDEN),
        (r"\]\([^)\s]*\)", "]"),
        (r"<[^<>]*>", ""),
        (r"https?://[^\s)»]+|\b10\.\d{4,}/\S+|arXiv[: ]\S+", _HIDDEN),
    ):
        text = re.sub(pattern, partial(_put, kept), text)
    return text


def _put(kept: str, match: re.Match[str]) -> str:
    """Give what stays in the place of a match, and its ends of lines: lines keep their numbers."""
    return "\n" * match[0].count("\n") + match.expand(kept)


def _excerpt(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 20) : match.end() + 20].replace("\n", " ").strip()


def persian_texts(path: Path) -> Iterator[tuple[Place, str]]:
    """Yield each Persian text of a file with the place where it begins.

    Notebooks give their Persian cells, the Persian half of headings and the strings of their code; pages the
    same without code, or all of them where the name ends in ``.fa.md``; YAML files the fields called ``fa``;
    Python and JavaScript files their strings.
    Raises ValueError for another kind of file.
    """
    if path.suffix == ".ipynb":
        for cell in notebook_cells(read_notebook(path)):
            if cell.kind == "code":
                texts = _python_strings(cell.tree) if cell.tree else ()
            else:
                texts = _markdown_texts(cell.source)
            yield from ((cell.place.below(before), text) for before, text in texts)
        return
    if path.suffix not in (".md", ".yml", ".yaml", ".py", ".js"):
        raise ValueError(f"path: expected .ipynb, .md, .yml, .py or .js, got {path}; give one of these")
    content = path.read_text(encoding="utf-8")
    if path.name.endswith(".fa.md"):
        yield Place(line=1), content
    elif path.suffix == ".md":
        for cell in page_cells(path):
            yield from ((cell.place.below(before), text) for before, text in _markdown_texts(cell.source))
    elif path.suffix in (".yml", ".yaml"):
        fields = _fields(yaml.compose(content, yaml.SafeLoader))
        # A label such as L1 or Adam is no Persian; a sentence without Persian letters is a mistake.
        yield from (found for found in fields if _is_persian(found[1]) or len(found[1].split()) > 3)
    elif path.suffix == ".py":
        yield from (
            (Place(line=1).below(before), text) for before, text in _python_strings(ast.parse(content))
        )
    else:
        for match in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'", content):
            text = match[1] or match[2] or ""
            if _is_persian(text):
                yield Place(line=1).below(content[: match.start()]), text


_SLOT = re.compile(r"\{[^{}]*\}")


def _is_persian(text: str) -> bool:
    return re.search(f"[{LETTER}]", text) is not None


def _markdown_texts(source: str) -> Iterator[tuple[str, str]]:
    """Yield the Persian texts of a cell, each after what stands before it."""
    wrapped = re.match(r"\s*<div[^>]*lang-(fa|en)[^>]*>(.*?)</div>", source, re.DOTALL)
    if wrapped:
        if wrapped[1] == "fa":
            yield source[: wrapped.start(2)], wrapped[2]
        return
    for match in re.finditer(r"(?m)^#+ .*? — (.*)$", source):
        yield source[: match.start(1)], match[1]


def _python_strings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the Persian strings of code, each after as many line ends as stand before it."""
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    pieces = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            values = (v.value if isinstance(v, ast.Constant) else _HIDDEN for v in node.values)
            text = "".join(map(str, values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if node in pieces or node in documentation else node.value
        else:
            continue
        if _is_persian(text):
            yield "\n" * (node.lineno - 1), text


def _fields(node: yaml.Node | None, persian: bool = False) -> Iterator[tuple[Place, str]]:
    """Yield the strings below the fields called ``fa`` of a YAML document."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value != "en":
                yield from _fields(value, persian or key.value == "fa")
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _fields(value, persian)
    elif isinstance(node, yaml.ScalarNode) and persian and node.tag == "tag:yaml.org,2002:str":
        place = Place(line=node.start_mark.line + (2 if node.style in ("|", ">") else 1))
        yield place, _SLOT.sub(_HIDDEN, node.value)


def book_files(root: Path) -> list[Path]:
    """List every file of the project in ``root`` that holds Persian for its readers."""
    package = Path(__file__).parents[1]
    rules = {  # what is typed wrongly stands there
        Path(__file__),
        package / "sources" / "structure.py",
    }
    patterns = (
        "README.fa.md",
        "book/*.ipynb",
        "book/*.md",
        "book/**/*.yml",
        "book/_static/*.js",
        "hw2utils/**/*.py",
        "hw2utils/**/*.yml",
    )
    found = (path for pattern in patterns for path in root.glob(pattern))
    return sorted(path for path in found if path.resolve() not in rules and path.name != TERMS_FILE)
