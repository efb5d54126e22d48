"""Records: what an executed notebook carries, as results and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_notebooks import ALT, bundle, figure_bundle

from hw2utils.publishing.execution.records import RecordError, collect_records


def executed(*shown: dict[str, Any]) -> dict[str, Any]:
    """Make a notebook with one cell of prose and one cell for each output."""
    outputs = [{"output_type": "display_data", "data": data} for data in shown]
    code = [{"cell_type": "code", "outputs": [{"name": "stdout", "text": "x"}, one]} for one in outputs]
    return {"cells": [{"cell_type": "markdown"}, *code]}


def test_each_kind_is_kept_by_name(tmp_path: Path) -> None:
    found = collect_records(
        executed(
            {"text/plain": "no record"},
            bundle({"kind": "verdict", "name": "C-1", "verdict": "holds"}),
            bundle({"kind": "value", "name": "same", "value": [1, None]}),
            figure_bundle("same"),
        ),
        tmp_path / "figures",
    )
    files = {"fa": "figures/same.fa.svg", "en": "figures/same.en.svg"}
    assert found == {
        "verdicts": {"C-1": {"name": "C-1", "verdict": "holds"}},
        "values": {"same": [1, None]},
        "figures": {"same": {"alt": ALT, "files": files}},
    }
    assert all((tmp_path / file).read_bytes().startswith(b"<svg") for file in files.values())


def test_without_figures_there_is_no_folder(tmp_path: Path) -> None:
    collect_records(executed(bundle({"kind": "value", "name": "n", "value": 1})), tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bundle({"kind": "table", "name": "n"}), "a record needs a kind"),
        (bundle({"kind": "value", "value": 1}), "expected a name of letters, digits"),
        (bundle({"kind": "value", "name": "../n", "value": 1}), "got '../n'"),
        (bundle({"kind": "value", "name": "first", "value": 1}), "'first' is shown twice"),
        (bundle({"kind": "value", "name": "n", "value": float("nan")}), "'n' holds nan or inf"),
        (figure_bundle("half", ("en",)), "'half': no embedded image of class 'lang-fa'"),
        (
            bundle(
                {"kind": "figure", "name": "cut"}, '<img class="lang-fa" src="data:image/png;base64,abc">'
            ),
            "'cut': its 'lang-fa' image is damaged",
        ),
        (figure_bundle("mute", alt={"fa": " ", "en": "line"}), "'mute' has no alternative text in 'fa'"),
        (figure_bundle("mute", alt={"fa": "خط"}), "'mute' has no alternative text in 'en'"),
        ({"image/png": "iVBORw0KGgo="}, "shows an image (image/png) that is not a bilingual figure"),
        ({"text/html": "<p><img src=x.png></p>"}, "shows an image (HTML with an image)"),
        ({"text/html": ["<p>", "<svg></svg></p>"]}, "shows an image (HTML with an image)"),
        (bundle({"kind": "value", "name": "n", "value": 1}, "<img>"), "shows an image (HTML with an image)"),
    ],
)
def test_a_faulty_record_is_refused_with_its_cell(tmp_path: Path, data: dict[str, Any], message: str) -> None:
    first = bundle({"kind": "value", "name": "first", "value": 1})
    with pytest.raises(RecordError) as caught:
        collect_records(executed(first, data), tmp_path / "figures")
    assert message in str(caught.value) and caught.value.cell == 2
