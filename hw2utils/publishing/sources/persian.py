"""Check Persian text: letters, joins, spaces, punctuation, digits and terms."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

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

TERMS: dict[str, str] = {
    "بیش برازش": "بیش‌برازش",
    "کم برازش": "کم‌برازش",
    "منظم سازی": "منظم‌سازی",
    "رگولاریزاسیون": "منظم‌سازی",
    "قاعده‌سازی": "منظم‌سازی",
    "داده افزایی": "داده‌افزایی",
    "افزایش داده": "داده‌افزایی",
    "دراپ‌?اوت": "حذف تصادفی",
    "اپتیمایزر": "بهینه‌ساز",
    "بهینه ساز": "بهینه‌ساز",
    "مومنتوم": "تکانه",
    "ای?پاک": "دوره",
    "لیبل": "برچسب",
    "فیچر": "ویژگی",
    "دیتاست": "مجموعه‌داده",
    "اعتبار سنجی": "اعتبارسنجی",
    "تابع (?:ضرر|هزینه)": "زیان",
    "نرخ آموزش": "نرخ یادگیری",
    "تنزل وزن|کاهش وزن": "زوال وزن",
    "فاصلهٔ اطمینان": "بازهٔ اطمینان",
    "نزدیک ترین": "نزدیک‌ترین",
    "هایپرپارامتر": "ابرپارامتر",
    "کالیبراسیون": "واسنجی",
}
"""Words that differ from the glossary, as regular expressions, and the term to use."""


@dataclass(frozen=True)
class Finding:
    """Hold one fault: its rule, the text around it, and how to mend it."""

    rule: str
    excerpt: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: …{self.excerpt}… ({self.remedy})"


def lint(text: str) -> list[Finding]:
    """Find what is wrong in a Persian text; code, math, HTML tags and addresses in it are passed over.

    >>> [finding.rule for finding in lint("داده ها را می شناسیم")]
    ['space for a half-space', 'space for a half-space']
    >>> lint("داده‌ها را می‌شناسیم؛ `x = 3` کد است.")
    []
    """
    masked = mask(text)
    found = [
        (match.start(), Finding(rule, _excerpt(masked, match), remedy))
        for rule, pattern, remedy in RULES
        for match in re.finditer(pattern, masked)
    ]
    found += [
        (match.start(), Finding("term", _excerpt(masked, match), f"the book says {term}"))
        for pattern, term in TERMS.items()
        for match in re.finditer(f"(?<![{LETTER}])(?:{pattern})(?![{LETTER}])", masked)
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
        (r"\$\$?[^$]*\$\$?", _HIDDEN),
        (r"\]\([^)\s]*\)", "]"),
        (r"<[^<>]*>", ""),
        (r"https?://[^\s)»]+|\b10\.\d{4,}/\S+|arXiv[: ]\S+", _HIDDEN),
    ):
        text = re.sub(pattern, kept, text)
    return text


def _excerpt(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 20) : match.end() + 20].replace("\n", " ").strip()


def persian_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each Persian text of a file with the place where it stands.

    Notebooks give their Persian cells, the Persian half of headings and the strings of their code; pages the
    same without code, or all of them where the name ends in ``.fa.md``; claims their Persian fields; Python
    and JavaScript files their strings.
    Raises ValueError for another kind of file.
    """
    if path.suffix == ".ipynb":
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for number, cell in enumerate(notebook["cells"], 1):
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                yield from ((f"cell {number}", text) for text in _python_strings(source))
            else:
                yield from ((f"cell {number}", text) for text in _markdown_texts(source))
    elif path.name.endswith(".fa.md"):
        yield "", path.read_text(encoding="utf-8")
    elif path.suffix == ".md":
        for part in re.split(r"\n(?=<div |\(|#)", path.read_text(encoding="utf-8")):
            yield from (("", text) for text in _markdown_texts(part))
    elif path.suffix in (".yml", ".yaml"):
        yield from _fields(yaml.safe_load(path.read_text(encoding="utf-8")), "")
    elif path.suffix == ".py":
        yield from (("", text) for text in _python_strings(path.read_text(encoding="utf-8")))
    elif path.suffix == ".js":
        for match in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'", path.read_text(encoding="utf-8")):
            text = match[1] or match[2] or ""
            if _is_persian(text):
                yield "", text
    else:
        raise ValueError(f"path: expected .ipynb, .md, .yml, .py or .js, got {path}; give one of these")


_SLOT = re.compile(r"\{[^{}]*\}")


def _is_persian(text: str) -> bool:
    return re.search(f"[{LETTER}]", text) is not None


def _markdown_texts(source: str) -> Iterator[str]:
    wrapped = re.match(r"\s*<div[^>]*lang-(fa|en)[^>]*>(.*?)</div>", source, re.DOTALL)
    if wrapped:
        if wrapped[1] == "fa":
            yield wrapped[2]
        return
    yield from re.findall(r"(?m)^#+ .*? — (.*)$", source)


def _python_strings(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    pieces = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            values = (v.value if isinstance(v, ast.Constant) else _HIDDEN for v in node.values)
            text = "".join(map(str, values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if node in pieces or node in documentation else node.value
        if _is_persian(text):
            yield text


def _fields(entry: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key == "fa" and isinstance(value, str):
                yield place.strip("."), _SLOT.sub(_HIDDEN, value)
            elif key != "en":
                yield from _fields(value, f"{place}.{key}")
    elif isinstance(entry, list):
        for value in entry:
            yield from _fields(value, place)


def book_files(root: Path) -> list[Path]:
    """List every file of the project in ``root`` that holds Persian for its readers."""
    rules = [
        Path(__file__),
        Path(__file__).parents[1] / "pages" / "search.py",
    ]  # what is typed wrongly stands there
    patterns = (
        "README.fa.md",
        "book/*.ipynb",
        "book/*.md",
        "book/claims/*.yml",
        "book/texts/*.yml",
        "book/_static/*.js",
        "hw2utils/**/*.py",
    )
    return sorted(path for pattern in patterns for path in root.glob(pattern) if path.resolve() not in rules)
