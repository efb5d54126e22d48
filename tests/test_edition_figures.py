"""Figures as files: formats, sizes, fonts; the manifest, and what changed since another one."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader
from tiny_notebooks import ALT, write_texts

from hw2utils.publishing.editions.figures import (
    Look,
    draw_picture,
    narrowed,
    pictures,
    read_style,
    write_figures,
)
from hw2utils.publishing.editions.manifests import FiguresError, Shown, compare, of_runs, read_manifest
from hw2utils.publishing.execution.shelf import Execution
from hw2utils.reporting import figure, slider
from hw2utils.reporting.records import Record

ROWS = {"main": np.array([0.1, 0.2, 0.4]), "again": np.array([-0.1, 0.3, 0.2])}
LABELS = {
    "main": {"fa": "گرادیان", "en": "gradient"},
    "again": {"fa": "تکانه", "en": "momentum"},
    "unit": {"fa": "واحد", "en": "points"},
    "sgd": {"fa": "گرادیان", "en": "SGD"},
    "first": {"fa": "نخستین جهت", "en": "first direction"},
    "second": {"fa": "دومین جهت", "en": "second direction"},
}


def make_run(folder: Path, *records: Record) -> Execution:
    """Put records on a shelf, as a run leaves them."""
    folder.mkdir(parents=True)
    figures: dict[str, Any] = {}
    for record in records:
        content = json.loads(json.dumps(record.content, sort_keys=True))
        if "arrays" in content:
            (folder / f"{record.name}.npz").write_bytes(base64.b64decode(content["arrays"]))
            content["arrays"] = f"{record.name}.npz"
        figures[record.name] = content
    parameters = {"first_seed": 5, "seeds": 3}
    results = {"versions": {"torch": "2"}}
    return Execution(
        "q9_tiny", "key", folder, folder / "q9_tiny.ipynb", results, figures, parameters, 1.0, True
    )


def curve(**changes: Any) -> Record:
    """Make a figure of paired differences."""
    return figure("q9-curve", "differences", slots={"n": 3}, rows={**ROWS, **changes})


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path) -> Path:
    """Make a folder with the texts of a figure and a slider."""
    texts = {"caption": {"fa": "شمار {n}", "en": "{n} seeds"}, "alt": ALT, "labels": LABELS}
    moved = {"caption": ALT, "alt": ALT, "label": ALT, "show": {"fa": "{value}", "en": "{value}"}}
    write_texts(tmp_path / "book", "q9", curve=texts, rate={**moved, "labels": LABELS})
    return tmp_path / "book"


def write(run: Execution, book: Path, output: Path, look: Look) -> list[Path]:
    planned = pictures(run, book, look)
    drawn = ((picture, draw_picture(picture, look)) for picture in planned)
    return write_figures({book / "q9_tiny.ipynb": run}, drawn, look, output)


@pytest.fixture(name="run")
def fixture_run(tmp_path: Path) -> Execution:
    """Make a run with a figure and a slider of two values."""
    paths = [{"paths": {"sgd": np.array([[0.0, 0.0], [place, 1.0]])}} for place in (0.5, 1.0)]
    surface, reach = np.ones((3, 3)), np.array([2.0, 2.0])
    moved = slider(
        "q9-rate", "q4c.rate", values=[0.1, 1], start=1, frames=paths, surface=surface, reach=reach
    )
    return make_run(tmp_path / "run", curve(), moved)


def test_each_language_format_and_value_is_a_file(run: Execution, book: Path, tmp_path: Path) -> None:
    files = write(run, book, tmp_path / "out", Look(formats=("svg", "pdf", "png")))
    assert [file.name for file in files] == [
        f"{stem}.{lang}.{kind}"
        for stem in ("q9-curve", "q9-rate-0.1", "q9-rate-1")
        for lang in ("fa", "en")
        for kind in ("svg", "pdf", "png")
    ]
    starts = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    assert all(file.read_bytes().startswith(starts[file.suffix]) for file in files)
    assert len({file.read_bytes() for file in files}) == len(files)


def test_one_figure_of_a_run_is_taken_and_a_misspelt_one_is_named(
    run: Execution, book: Path, tmp_path: Path
) -> None:
    files = write(narrowed(run, ["q9-curve"]), book, tmp_path / "out", Look())
    assert [file.name for file in files] == ["q9-curve.fa.svg", "q9-curve.en.svg"]
    told = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    assert list(told["chapters"]["q9_tiny"]["figures"]) == ["q9-curve"]
    assert narrowed(run, None) is run
    with pytest.raises(FiguresError, match="no figure 'q9-curv'; did you mean 'q9-curve'"):
        narrowed(run, ["q9-curv"])


def test_text_in_pdf_files_is_text_and_its_fonts_are_embedded(
    run: Execution, book: Path, tmp_path: Path
) -> None:
    write(run, book, tmp_path / "out", Look(formats=("pdf",)))
    for lang, words, family in (("en", "gradient", "DejaVuSans"), ("fa", "گرادیان", "Vazirmatn")):
        page = PdfReader(tmp_path / f"out/q9-curve.{lang}.pdf").pages[0]
        assert words in page.extract_text()
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        assert any(family in font["/BaseFont"] for font in fonts)
        for font in fonts:
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            assert "/FontFile2" in inner["/FontDescriptor"].get_object(), font["/BaseFont"]


def test_size_dots_and_style_are_as_asked(run: Execution, book: Path, tmp_path: Path) -> None:
    """The size of a PNG file stands in its header."""
    style = tmp_path / "paper.mplstyle"
    style.write_text("axes.facecolor: 123456  # dark\nfont.family: DejaVu Serif\n", encoding="utf-8")
    (plain, *_) = pictures(run, book, Look(languages=("en",), formats=("png",)))
    sides = np.frombuffer(draw_picture(plain, Look(width=3.5, dpi=100))[16:24], ">u4")
    assert sides.tolist() == [350, 180]  # the drawing's own size is 7 by 3.6
    vector = replace(plain, kind="svg")
    usual = draw_picture(vector, Look())
    assert draw_picture(vector, Look()) == usual != draw_picture(vector, Look(font_size=6))
    assert b"#123456" in draw_picture(vector, Look(settings=read_style(style)))
    persian = replace(vector, words=pictures(run, book, Look(languages=("fa",)))[0].words)
    with_style = draw_picture(persian, Look(settings=read_style(style)))
    assert b"Vazirmatn" in with_style  # its letters are in no DejaVu font


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("axes.facecolour: white", "line 1: matplotlib has no setting 'axes.facecolour'; did you mean"),
        ("\nlines.linewidth: thick", "paper.mplstyle: "),
        ("font.size 8", "line 1: matplotlib has no setting 'font.size 8'; did you mean 'font.size'?"),
    ],
)
def test_a_bad_style_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "paper.mplstyle"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FiguresError) as caught:
        read_style(file)
    assert message in str(caught.value)


def test_the_manifest_says_what_was_drawn_and_from_what(run: Execution, book: Path, tmp_path: Path) -> None:
    files = write(run, book, tmp_path / "out", Look(dpi=90))
    manifest = json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))
    chapter = manifest["chapters"]["q9_tiny"]
    assert manifest["look"]["dpi"] == 90
    assert chapter["parameters"] == {"first_seed": 5, "seeds": 3}
    assert chapter["seeds"] == {"first": 5, "count": 3}
    assert {"torch", "hw2utils", "matplotlib"} <= chapter["versions"].keys()
    sums = {name: sum for one in chapter["figures"].values() for name, sum in one["files"].items()}
    assert sums == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    figure = chapter["figures"]["q9-curve"]
    assert figure["caption"] == {"fa": "شمار ۳", "en": "3 seeds"} and figure["alt"] == ALT
    data = (tmp_path / "out/data/q9-curve.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == figure["sha256"]


def changes(now: Execution, before: Shown, **options: Any) -> list[str]:
    return compare(of_runs([now]), before, **options).figures


def test_what_changed_is_said_of_data_with_a_tolerance(run: Execution, book: Path, tmp_path: Path) -> None:
    write(run, book, tmp_path / "out", Look())
    before = read_manifest(tmp_path / "out/manifest.json")
    assert changes(run, before) == []
    other = make_run(tmp_path / "other", curve(main=ROWS["main"] + [0, 0, 4e-4]))
    assert changes(other, before, tolerance=2e-3) == ["q9-rate is gone"]
    assert changes(other, before) == [
        "q9-rate is gone",
        "q9-curve: data/rows/main differs by up to 0.0004, which is 0.001 of its largest value",
    ]
    longer = make_run(tmp_path / "longer", curve(main=np.zeros(4), third=np.ones(2)))
    assert changes(longer, before)[1:] == [
        "q9-curve: data/rows/main was of shape (3,), is of (4,)",
        "q9-curve: data/rows/third is new",
    ]
    empty = make_run(tmp_path / "empty", curve(main=np.array([0.1, np.nan, 0.4])))
    assert "differs by up to inf" in changes(empty, before)[1]
    assert changes(empty, of_runs([empty])) == []
    renamed = make_run(tmp_path / "renamed", figure("q9-line", "differences", rows=ROWS))
    assert changes(renamed, before) == ["q9-curve is gone", "q9-rate is gone", "q9-line is new"]


def test_what_changed_beside_the_figures_is_said_apart(run: Execution) -> None:
    now = replace(run, parameters={"first_seed": 5, "seeds": 4}, results={"versions": {"torch": "3"}})
    found = compare(of_runs([now]), of_runs([run]))
    assert found.figures == []
    assert found.others == [
        "q9_tiny, parameters: seeds was 3, is 4",
        "q9_tiny, versions: torch was '2', is '3'",
    ]
    another = Shown({"q8_other": {}}, {})
    assert compare(of_runs([run]), another).figures == ["q9_tiny is new"]
    assert compare(of_runs([run]), another, whole=True).figures == ["q8_other is gone", "q9_tiny is new"]


def test_a_manifest_without_its_data_is_refused(run: Execution, book: Path, tmp_path: Path) -> None:
    write(run, book, tmp_path / "out", Look())
    manifest, data = tmp_path / "out/manifest.json", tmp_path / "out/data/q9-curve.npz"
    data.write_bytes(data.read_bytes() + b"x")
    with pytest.raises(FiguresError, match=r"q9-curve\.npz is not as it was written"):
        changes(run, read_manifest(manifest))
    data.unlink()
    with pytest.raises(FiguresError, match=r"q9-curve\.npz is missing: keep the folder data beside"):
        changes(run, read_manifest(manifest))
    for content in ("{", "[]", '{"chapters": {}}', '{"format": 1, "chapters": {"a": 1}}'):
        manifest.write_text(content, encoding="utf-8")
        with pytest.raises(FiguresError, match=r"expected the manifest\.json of a folder"):
            read_manifest(manifest)
    manifest.write_text('{"format": 0, "chapters": {}}', encoding="utf-8")
    with pytest.raises(FiguresError, match="expected format 1, got 0"):
        read_manifest(manifest)
