"""The style sheets of the built book as one, with the rules that its pages use."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Container, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import Any

import tinycss2

JOINED = "book.css"
"""The one style sheet, under ``_static``: a page waits for each, and on a slow network for each anew."""

_LINK = re.compile(r'\s*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"?]*?)_static/([^"?]+)[^>]*>')
_IMPORT = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
_ADDRESS = re.compile(r"""url\(\s*(["']?)(?![a-z]+:|[#/])([^"')]+)\1\s*\)""")
_CLASSES = re.compile(r"""class=(?:"([^"]*)"|'([^']*)')|<script\b[^>]*>(.*?)</script>""", re.DOTALL)
_GROUPS = ("media", "supports", "layer", "container")
_CODE = re.compile(r"([^{}]*)\.highlight\{[^{}]*?(?<![\w-])color: *([^;{}]+?) *[;}]")
_TOKEN = re.compile(r"([^{}]*)\.highlight \.(\w+) *\{([^{}]*)\}")
_EMPTY = re.compile(r"<pre><span></span>(?!\n)")
_TAG = re.compile("<[^>]*>")
_UNMARKED = ("o",)  # operators: a third of all spans
_DARK = re.compile(r"""\[data-theme=["']?dark["']?\]""")
_LIGHT = re.compile(r"""\[data-theme=["']?light["']?\]""")


def slim_style(style: str, names: Container[str]) -> str:
    """Take the rules for classes not named out of a style sheet.

    What stands in brackets, as in ``:not(.x)``, is no reason to take a rule out.

    >>> slim_style("a.x, .y > b { top: 0 } @media print { .z { top: 1px } } p { left: 0 }", ["y"])
    '.y > b{top: 0}p{left: 0}'
    """
    return _rules(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True), names)


def _rules(rules: Iterable[Any], names: Container[str]) -> str:
    kept: list[str] = []
    for rule in rules:
        if rule.type == "qualified-rule":
            used = [s for s in _selectors(rule.prelude) if all(name in names for name in _classes(s))]
            before, content = ",".join(tinycss2.serialize(s).strip() for s in used), rule.content
            content = tinycss2.serialize(content).strip() if used else ""
        elif rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in _GROUPS:
            before = f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}"
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            content = _rules(inner, names)
        else:
            kept.append(rule.serialize())
            continue
        if content:
            kept.append(f"{before}{{{content}}}")
    return "".join(kept)


def print_in_light(style: str) -> str:
    """Keep the rules of the dark theme from paper, and give paper those of the light one, whichever is shown.

    >>> print_in_light('[data-theme="dark"] p, b { top: 0 }')
    'b{top: 0}@media not print{[data-theme="dark"] p{top: 0}}'
    >>> print_in_light("[data-theme=light] p { top: 0 }")
    '[data-theme=light] p{top: 0}@media print{[data-theme] p{top: 0}}'
    """
    return _lit(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True))


def _lit(rules: Iterable[Any]) -> str:
    written: list[str] = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [tinycss2.serialize(selector).strip() for selector in _selectors(rule.prelude)]
            dark = [selector for selector in selectors if _DARK.search(selector)]
            plain = [selector for selector in selectors if selector not in dark]
            light = [_LIGHT.sub("[data-theme]", selector) for selector in plain if _LIGHT.search(selector)]
            content = f"{{{tinycss2.serialize(rule.content).strip()}}}"
            if plain:
                written.append(",".join(plain) + content)
            if dark:
                written.append(f"@media not print{{{','.join(dark)}{content}}}")
            if light:
                written.append(f"@media print{{{','.join(light)}{content}}}")
        elif rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in _GROUPS:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            written.append(f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}{{{_lit(inner)}}}")
        else:
            written.append(rule.serialize())
    return "".join(written)


def _selectors(prelude: Iterable[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _classes(selector: list[Any]) -> list[str]:
    return [token.value for dot, token in pairwise(selector) if dot == "." and token.type == "ident"]


def _named(pages: Iterable[str], static: Path) -> set[str]:
    """Give every word in the pages' class attributes and in scripts, which may set classes too."""
    found = [part for page in pages for parts in _CLASSES.findall(page) for part in parts]
    found += [file.read_text(encoding="utf-8") for file in static.rglob("*.js")]
    return set(re.findall(r"[\w-]+", "\n".join(found)))


def _whole(static: Path, name: str) -> str:
    """Read a sheet with those it imports; its addresses start from ``_static``."""
    folder = posixpath.dirname(name)

    def address(match: re.Match[str]) -> str:
        return f'url("{posixpath.normpath(posixpath.join(folder, match[2]))}")'

    def imported(match: re.Match[str]) -> str:
        return _whole(static, posixpath.normpath(posixpath.join(folder, match[1])))

    text = _ADDRESS.sub(address, (static / name).read_text(encoding="utf-8").replace('@charset "UTF-8";', ""))
    return _IMPORT.sub(imported, text)


def _relink(page: str, digest: str) -> str:
    """Let a page link the joined sheet where it links its first, and no other."""
    first = _LINK.search(page)
    if first is None:
        return page
    joined = f'\n<link rel="stylesheet" href="{first[1]}_static/{JOINED}?v={digest}">'
    return page[: first.start()] + joined + _LINK.sub("", page[first.end() :])


def _in_order(links: Mapping[str, list[str]]) -> list[str]:
    """Merge the sheets that pages link into one order that is every page's own."""
    after: dict[
        str, dict[str, str]
    ] = {}  # sheet -> the sheets that stand before it, each with a page that says so
    for page, names in links.items():
        for name in names:
            after.setdefault(name, {})
        for before, name in pairwise(names):
            after[name].setdefault(before, page)
    try:
        return list(TopologicalSorter(after).static_order())
    except CycleError as error:
        cycle = error.args[1]  # each stands before the next
        said = ", ".join(f"{a} before {b} ({after[b][a]})" for a, b in pairwise(cycle))
        raise ValueError(
            f"html: expected pages that link style sheets in one order, got {said}; which rule wins depends "
            "on it, so give the sheets the same priority on every page"
        ) from None


def token_looks(style: str) -> dict[str, str]:
    """Say for each class of code tokens how a style sheet shows it in all themes.

    A look is empty for tokens in the colour of code in general, and for operators, whose own tells nothing.

    >>> token_looks(".highlight{color: red} .highlight .n{color: red} .highlight .k{color: blue}")
    {'n': '', 'k': 'color: blue'}
    """
    around = {theme.strip(): color for theme, color in _CODE.findall(style)}
    looks: dict[str, list[str]] = {}
    for theme, name, content in _TOKEN.findall(style):
        look, told = content.strip(" ;"), looks.setdefault(name, [])
        if look != f"color: {around.get(theme.strip())}" and name not in _UNMARKED:
            told.append(f"{theme.strip()} {look}".strip())
    return {name: "; ".join(sorted(set(told))) for name, told in looks.items()}


def without_spans(page: str, looks: Mapping[str, str]) -> str:
    """Leave out spans of code that change nothing, and join neighbours of one look; a chapter has thousands.

    >>> without_spans('<pre><span></span><span class="n">x</span> <span class="k">is</span> '
    ...               '<span class="ow">not</span></pre>', {"n": "", "k": "blue", "ow": "blue"})
    '<pre>x <span class="k">is not</span></pre>'
    """
    page = _EMPTY.sub("<pre>", page)
    alike: dict[str, list[str]] = {}
    for name, look in looks.items():
        alike.setdefault(look, []).append(name)
    for look in sorted(alike):  # first the one that needs none
        span = rf'<span class="(?:{"|".join(map(re.escape, sorted(alike[look])))})">([^<]*)</span>'
        page = re.sub(rf"{span}(?:\s*{span})+", _as_one, page) if look else re.sub(span, r"\1", page)
    return page


def _as_one(spans: re.Match[str]) -> str:
    """Write spans as one with the class of the first."""
    return spans[0][: spans[0].index(">") + 1] + _TAG.sub("", spans[0]) + "</span>"


def join_styles(html: Path, finish: Callable[[str], str] = str) -> str | None:
    """Join the sheets of a built book, in the order in which pages link them, and let the pages link the one.

    On paper the light theme's colours are used. ``finish`` is given the slim text and gives what is written.
    Returns that, or None when no page links a sheet. A page gets the sheets of all: what one adds must not
    unmake another's.

    Raises ValueError when two pages link sheets in opposite orders.
    """
    static = html / "_static"
    pages = {file: file.read_text(encoding="utf-8") for file in sorted(html.rglob("*.html"))}
    links = {
        file.relative_to(html).as_posix(): list(dict.fromkeys(link[2] for link in _LINK.finditer(page)))
        for file, page in pages.items()
    }
    names = _in_order(links)
    if not names:
        return None
    whole = "\n".join(_whole(static, name) for name in names)
    slimmed = slim_style(whole, _named(pages.values(), static))
    style = finish(slimmed if names == [JOINED] else print_in_light(slimmed))
    digest = hashlib.sha256(style.encode()).hexdigest()[:8]
    looks = token_looks(slimmed)
    for file, page in pages.items():
        linked = without_spans(_relink(page, digest), looks)
        if linked != page:
            file.write_text(linked, encoding="utf-8")
    (static / JOINED).write_text(style, encoding="utf-8")
    return style
