"""Formulas as MathML: TeX is converted while the book is built, so that a page needs no script to show it."""

from __future__ import annotations

import functools
import html
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

STATIC = Path(__file__).parent / "static"
"""What is copied to the book's ``_static``: Temml 0.13.5, its style for STIX Two, whose font face names our
file, and STIX Two Math 2.11 as WOFF."""
FONT = "temml/STIXTwoMath.woff"
STYLE = "temml/Temml-STIX2.css"
_CONVERT = """(tex, display) => JSON.stringify(temml.renderToString(
    tex, {displayMode: display, throwOnError: true, strict: true, xml: false}))"""
_REFERENCE = re.compile(r"""class=["']tml-(?:ref|label)\b""")
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_ITALIC = {
    unicodedata.normalize("NFKC", chr(code)): code
    for letters in (range(0x1D434, 0x1D468), range(0x1D6E2, 0x1D71C))
    for code in letters
} | {"h": 0x210E}


class FormulaError(ValueError):
    """A formula that is not TeX, or not the part of TeX that Temml knows."""


@functools.cache
def _converter() -> Callable[[str, bool], str]:
    context = quickjs.Context()
    context.eval((STATIC / "temml" / "temml.min.js").read_text(encoding="utf-8"))
    convert: Callable[[str, bool], str] = context.eval(_CONVERT)
    return convert


def to_mathml(tex: str, *, display: bool = False) -> str:
    r"""Convert a formula from TeX to MathML, by Temml (https://temml.org).

    ``display`` sets it on a line of its own, as between double dollars.

    Raises FormulaError, which tells the formula and the reason, for what cannot be converted, and for a label
    or a reference inside a formula: a script would have to fill it in.

    >>> to_mathml(r"\frac{a}{2}")
    '<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>'
    """
    try:
        mathml = str(json.loads(_converter()(tex, display)))
    except quickjs.JSException as error:
        reason = str(error).partition("\n    at ")[0]
        raise FormulaError(f"formula: expected TeX that Temml knows, got {tex!r}: {reason}") from error
    if _REFERENCE.search(mathml):
        raise FormulaError(
            f"formula: expected no \\label, \\ref or \\eqref, which stay empty on a page, got {tex!r}; "
            "write $$…$$ (name) to label an equation and {eq}`name` to refer to it"
        )
    return mathml


def characters(page: str) -> set[int]:
    """Give the characters that a page's formulas are drawn with; a letter alone is drawn slanted.

    A root is an element without a character, and is drawn with one.

    >>> sorted(map(hex, characters("<p>a <math><mi>x</mi></math></p>")))
    ['0x1d465', '0x78']
    >>> sorted(map(chr, characters("<math><msqrt><mn>2</mn></msqrt></math>")))
    ['2', '√']
    """
    formulas = "".join(_FORMULA.findall(page))
    text = html.unescape(re.sub("<[^>]*>", "", formulas))
    if re.search("<m(sqrt|root)\\b", formulas):
        text += "√"
    return {
        code for letter in text if letter.strip() for code in (ord(letter), _ITALIC.get(letter, ord(letter)))
    }


def _mathml(node: nodes.Element, tex: str, *, display: bool) -> str:
    try:
        return to_mathml(tex, display=display)
    except FormulaError as error:
        place = ":".join(str(part) for part in (node.source, node.line) if part)
        raise ExtensionError(f"{place or 'a page'}: {error}", modname=__name__) from error


def _visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    formula = _mathml(node, node.astext(), display=False)
    self.body.append(f"{self.starttag(node, 'span', '', CLASS='math notranslate')}{formula}</span>")
    raise nodes.SkipNode


def _visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    formula = _mathml(node, node.astext(), display=True)
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{formula}</div>\n")
    raise nodes.SkipNode


def _copy(app: Sphinx) -> None:
    app.config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer of formulas that ``html_math_renderer: mathml`` chooses, and its style sheet."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    app.add_css_file(STYLE)
    app.connect("builder-inited", _copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
