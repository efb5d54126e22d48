"""Formulas become MathML when the book is built."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError

from hw2utils.publishing.pages.mathematics import (
    FONT,
    STATIC,
    FormulaError,
    _visit_block,
    _visit_inline,
    characters,
    to_mathml,
)


def read(mathml: str) -> Any:
    return BeautifulSoup(mathml, "html.parser").math


def test_a_formula_becomes_elements_of_mathml() -> None:
    fraction = read(to_mathml(r"\frac{a}{\sqrt{n}}")).mfrac
    assert [part.name for part in fraction.find_all(recursive=False)] == ["mi", "msqrt"]
    assert read(to_mathml("a < b & c".replace("&", r"\&"))).get_text() == "a<b&c"
    rows = read(to_mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)).find_all("mtr")
    assert [row.get_text().strip() for row in rows] == ["a=b", "c=d"]


def test_only_a_formula_on_its_own_line_is_displayed() -> None:
    assert read(to_mathml(r"\sum_i x", display=True))["display"] == "block"
    assert read(to_mathml(r"\sum_i x")).get("display") is None


@pytest.mark.parametrize(
    "tex", [r"\nosuchcommand{x}", "{x", r"\frac{a}", "x^", r"\begin{nothing}\end{nothing}"]
)
def test_what_is_not_tex_is_refused_with_the_formula_the_reason_and_the_place(tex: str) -> None:
    with pytest.raises(FormulaError, match=f"formula: expected TeX.*got {re.escape(repr(tex))}: .+"):
        to_mathml(tex)
    node = nodes.math(tex, tex)
    node.source, node.line = "book/page.md", 7
    with pytest.raises(ExtensionError, match=r"book/page\.md:7: formula"):
        _visit_inline(SimpleNamespace(body=[]), node)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tex", [r"\eqref{a}", r"\ref{a}", r"x \label{a}", r"\begin{align}a&=b\label{q}\end{align}"]
)
def test_what_a_script_would_have_to_fill_in_is_refused(tex: str) -> None:
    with pytest.raises(FormulaError, match=r"expected no \\label.*write \$\$…\$\$ \(name\)"):
        to_mathml(tex, display=True)


def test_a_refused_formula_does_not_disturb_the_next() -> None:
    before = to_mathml("x_1")
    with pytest.raises(FormulaError):
        to_mathml(r"\def\x{")
    assert to_mathml("x_1") == before


def test_a_page_gets_the_formula_in_an_element_that_can_be_found() -> None:
    writer: Any = SimpleNamespace(body=[], starttag=lambda node, tag, end, CLASS: f'<{tag} class="{CLASS}">')
    for visit, node in ((_visit_inline, nodes.math("x", "x")), (_visit_block, nodes.math_block("y", "y"))):
        with pytest.raises(nodes.SkipNode):
            visit(writer, node)
    page = BeautifulSoup("".join(writer.body), "html.parser")
    assert page.select_one("span.math > math").get_text() == "x"
    assert page.select_one("div.math > math[display=block]").get_text() == "y"


def test_the_font_has_all_that_formulas_are_drawn_with() -> None:
    face = TTFont(STATIC / FONT)
    assert "MATH" in face
    formulas = to_mathml(r"h\alpha A_1 \le \sum \hat y \mathbb{E} \Phi \underbrace{x}_{\text{a b}} \text{x}")
    found = characters(f"<p>ز{formulas}</p>")
    assert {0x210E, 0x1D6FC, 0x1D434, ord("1"), ord("≤"), ord("∑"), ord("𝔼"), ord("⏟"), 0x1D465} <= found
    assert ord("ز") not in found and ord(" ") not in found
    assert found <= set(face.getBestCmap())
