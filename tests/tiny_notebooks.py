"""Tiny notebooks for the tests of publishing: code cells that display records, written as files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from hw2utils.reporting.records import RECORD_MIME, SCHEMA, pack

SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
PARAMETERS = """epochs: int = 3  # [1, 500] passes over the data
rate: float = 0.5  # (0, 1] learning rate
fast: bool = False
act: str = "relu"  # {relu, tanh} activation
seeds: list[int] = [0, 1]  # [0, inf) one run for each
"""
ALT = {"fa": "خط", "en": "line"}


def write(path: Path, *cells: str, parameters: str = "", prose: str = "Words.", **metadata: Any) -> Path:
    """Write a notebook: prose (if any), a parameters cell (if any), code cells; metadata of its own."""

    def code(source: str, *tags: str) -> dict[str, Any]:
        return {
            "cell_type": "code",
            "source": source,
            "metadata": {"tags": list(tags)},
            "outputs": [],
            "execution_count": None,
        }

    content = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            **metadata,
        },
        "cells": [
            *([{"cell_type": "markdown", "source": prose, "metadata": {}}] if prose else []),
            *([code(parameters, "parameters")] if parameters else []),
            *map(code, cells),
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_book(
    folder: Path, *cells: str, claims: dict[str, Any] | None = None, parameters: str = PARAMETERS
) -> Path:
    """Write a book of one chapter, q1_first, and return its notebook."""
    toc = "format: jb-book\nroot: index\nchapters:\n- file: q1_first\n"
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    if claims is not None:
        (folder / "claims.yml").write_text(yaml.safe_dump(claims), encoding="utf-8")
    return write(folder / "q1_first.ipynb", *cells, parameters=parameters)


def bundle(record: dict[str, Any]) -> dict[str, Any]:
    """Make the output that carries a record."""
    return {"text/plain": "x", RECORD_MIME: {"schema": SCHEMA, **record}}


def verdict(name: str, **values: list[float]) -> dict[str, Any]:
    """Make a verdict's record, its evidence in points."""
    cases = {key: {"unit": "points", "values": given} for key, given in values.items()}
    return {"kind": "verdict", "name": name, "criterion": "0" * 16, "cases": cases}


def note(name: str, units: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    """Make a note's record."""
    return {"kind": "note", "name": name, "values": values, "units": units or {}}


def chart(name: str) -> dict[str, Any]:
    """Make the record of a figure that draws paired differences."""
    array = base64.b64encode(pack({"rows/main": np.array([0.1, 0.2])})).decode()
    data = {"rows": {"main": {"$": "array", "of": "rows/main"}}}
    return {
        "kind": "figure",
        "name": name,
        "draw": "differences",
        "slots": {"n": 2},
        "data": data,
        "arrays": array,
    }


def claim(chapter: str, **changes: Any) -> dict[str, Any]:
    """State a claim with one case, main, in points, that holds above 0."""
    text = {"fa": "متن", "en": "text"}
    case = {"name": text, "role": "part", "relation": "above", "threshold": 0, "unit": "points"}
    texts = dict.fromkeys(("place", "statement", "criterion", "explanation"), text)
    scope = {"kind": "always", "source": text}
    return {
        "chapter": chapter,
        **texts,
        "scope": scope,
        "cases": {"main": case},
        "expected": "holds",
        **changes,
    }


def write_texts(book: Path, prefix: str, **entries: Any) -> None:
    """Write the texts of a chapter; without entries those of a figure called ``curve``."""
    labels = {key: {"fa": f"فا {key}", "en": key} for key in ("main", "unit")}
    curve = {"caption": {"fa": "خط {n}", "en": "line {n}"}, "alt": ALT, "labels": labels}
    file = book / "texts" / f"{prefix}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(entries or {"curve": curve}, allow_unicode=True), encoding="utf-8")


def display(data: dict[str, Any]) -> str:
    """Write the code of a cell that shows an output."""
    return f"from IPython.display import display\ndisplay({data!r}, raw=True)"


def show(record: dict[str, Any]) -> str:
    """Write the code of a cell that shows a record."""
    return display(bundle(record))


def figure(name: str) -> str:
    """Write the code of a cell that shows a figure."""
    return show(chart(name))
