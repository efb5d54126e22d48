"""The gallery: which figures stand in it; tests/test_sphinx_extension.py builds one."""

from __future__ import annotations

import json
from pathlib import Path

from hw2utils.publishing.execution import Execution
from hw2utils.publishing.pages.gallery import shown_figures
from hw2utils.reporting.schema import RECORD_MIME


def test_figures_stand_as_their_cells_do_and_those_of_solutions_do_not(tmp_path: Path) -> None:
    def cell(name: str, *tags: str) -> dict[str, object]:
        output = {"data": {RECORD_MIME: {"kind": "figure", "name": name}}}
        return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": "", "outputs": [output]}

    cells = [cell("q9-second"), cell("q9-answer", "solution"), cell("a note"), cell("q9-first")]
    notebook = tmp_path / "q9_tiny.ipynb"
    notebook.write_text(json.dumps({"nbformat": 4, "cells": cells}), encoding="utf-8")
    figures = {name: {"name": name} for name in ("q9-answer", "q9-first", "q9-second")}
    run = Execution("q9_tiny", "key", tmp_path, notebook, {}, figures, {}, 1.0, True)
    assert [record["name"] for record in shown_figures(run)] == ["q9-second", "q9-first"]
