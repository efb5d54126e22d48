"""Folded code and outputs as HTML that the standard allows: MyST-NB puts paragraphs into ``summary``."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator


def open_fold(translator: SphinxTranslator, node: nodes.Element) -> None:
    """Begin a fold: its words for open and closed, of which the style sheet shows one."""
    translator.body.append(f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>')
    for state, word in (("collapsed", "show"), ("expanded", "hide")):
        words = escape(node[f"prompt_{word}"])
        translator.body.append(f'<span class="{state} admonition-title">{words}</span>')
    translator.body.append("</summary>\n")


def close_fold(translator: SphinxTranslator, node: nodes.Element) -> None:
    """End a fold."""
    translator.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write MyST-NB's folds this way."""
    app.add_node(HideCodeCellNode, override=True, html=(open_fold, close_fold))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
