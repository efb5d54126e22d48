"""The book's style sheet keeps to its scales, and its faces have the characters of its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tinycss2
from repository import ROOT

STATIC = ROOT / "book" / "_static"
STYLE = (STATIC / "hw2.css").read_text(encoding="utf-8")
THEIRS = ("theme: physical", "menus:", "icons:")
"""Sections that repeat the theme's own measures."""

SPAN = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")
MARKUP = re.compile(r"<(script|style|math|pre|code)\b.*?</\1>|<[^>]*>", re.DOTALL)


def characters(spans: str) -> set[str]:
    """Give the characters of some spans such as ``U+0020-007E``."""
    return {chr(code) for a, b in SPAN.findall(spans) for code in range(int(a, 16), int(b or a, 16) + 1)}


def sections() -> Iterator[tuple[str, str]]:
    """Give the title and the rules of each section of the style sheet."""
    parts = re.split(r"/\* -{4} (.*?)-{3,} \*/", STYLE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def declarations(text: str) -> Iterator[tuple[str, str]]:
    """Give each property with its value, also of nested rules."""
    yield from re.findall(r"([\w-]+): ([^;{}]+);", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def test_colours_stand_in_one_place() -> None:
    named = [title for title, text in sections() if re.search(r":[^;{}]*(#[0-9a-f]{3,8}\b|rgb\()", text)]
    assert named == ["scales and colours: every value that is used more than once stands here "]


def test_each_colour_has_a_light_and_a_dark_value() -> None:
    first = dict(sections())["scales and colours: every value that is used more than once stands here "]
    light, dark = (
        set(re.findall(r"--hw2-[\w-]+(?=: (?:#|rgb))", text))
        for text in first.split('html[data-theme="dark"]')
    )
    assert len(dark) > 8
    assert light - dark == {"--hw2-veil"}  # half black over a page of either
    assert dark <= light


@pytest.mark.parametrize("kind", ["margin", "padding", "gap", "font-size", "border-radius"])
def test_distances_and_sizes_are_of_the_scale(kind: str) -> None:
    kept = 0
    for title, text in sections():
        if title.startswith(("scales", *THEIRS)):
            continue
        for name, value in declarations(text):
            if name.startswith(kind) or name.endswith(f"-{kind}"):
                assert not re.search(r"\d(rem|px)", value) or "clamp(" in value, f"{title}: {name}: {value}"
                kept += "var(--hw2-" in value
    assert kept > 2


def test_every_name_is_defined_and_used() -> None:
    defined = set(re.findall(r"(--hw2-[\w-]+):", STYLE))
    used = set(re.findall(r"var\((--hw2-[\w-]+)", STYLE))
    assert used - defined == {"--hw2-least"}  # a figure's own, in its markup
    assert defined <= used


def faces() -> dict[str, set[str]]:
    """Give the characters for which the style sheet uses each face."""
    rules = [rule for rule in tinycss2.parse_stylesheet(STYLE) if rule.type == "at-rule"]
    texts = [tinycss2.serialize(rule.content) for rule in rules if rule.lower_at_keyword == "font-face"]
    found: dict[str, set[str]] = {}
    for text in texts:
        if "local(" in text:  # what stands there while a face is on its way
            continue
        file = re.search(r"fonts/(\w+)\.woff2", text)
        assert file is not None and (STATIC / "fonts" / f"{file[1]}.woff2").is_file()
        assert "font-display: swap" in text
        found.setdefault(file[1], set()).update(characters(text.partition("unicode-range:")[2]))
    return found


def test_faces_are_used_for_the_characters_they_were_cut_to() -> None:
    script = (STATIC / "fonts" / "cut.sh").read_text(encoding="utf-8")
    lists = dict(re.findall(r"^(\w+)=(U\+\S+)$", script, re.MULTILINE))
    cut = {
        name: characters(",".join(lists[part] for part in re.findall(r"\$(\w+)", parts)))
        for name, parts in re.findall(r'cut "[^"]+" (\w+) [\d:]+ "([^"]+)"', script)
    }
    assert cut == faces()
    assert {file.stem for file in (STATIC / "fonts").glob("*.woff2")} == set(cut)


@pytest.mark.book
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_faces_have_the_characters_of_the_pages(book_html: Path, lang: str) -> None:
    cut = faces()
    known = cut["Vazirmatn"] | cut["latin"] | set("\n\t\r")
    lacking: dict[str, str] = {}
    pages = sorted((book_html / lang / "book").glob("*.html"))
    assert len(pages) > 10
    for page in pages:
        text = html.unescape(MARKUP.sub(" ", page.read_text(encoding="utf-8")))
        lacking |= dict.fromkeys(sorted(set(text) - known), page.name)
    assert lacking == {}, "put them into fonts/cut.sh and unicode-range"
