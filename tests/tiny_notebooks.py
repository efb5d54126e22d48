"""Tiny notebooks for the tests of publishing: code cells that display records, written as files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from hw2utils.languages import LANGUAGES
from hw2utils.reporting.records import RECORD_MIME

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


def bundle(record: dict[str, Any], html: str = "") -> dict[str, Any]:
    """Make the output that carries a record."""
    return {"text/plain": "x", "text/html": html, RECORD_MIME: record}


def figure_bundle(name: str, languages: tuple[str, ...] = LANGUAGES, alt: Any = ALT) -> dict[str, Any]:
    """Make the output that carries a figure."""
    images = (
        f'<img class="lang-{lang}" alt="a" src="data:image/svg+xml;base64,{SVG}">' for lang in languages
    )
    return bundle({"kind": "figure", "name": name, "alt": alt}, "".join(images))


def display(data: dict[str, Any]) -> str:
    """Write the code of a cell that shows an output."""
    return f"from IPython.display import display\ndisplay({data!r}, raw=True)"


def show(record: dict[str, Any]) -> str:
    """Write the code of a cell that shows a record."""
    return display(bundle(record))


def figure(name: str, languages: tuple[str, ...] = LANGUAGES, alt: Any = ALT) -> str:
    """Write the code of a cell that shows a figure."""
    return display(figure_bundle(name, languages, alt))
