"""Kept drawings: those of no page and of older code go when a build ends, those of other builds stay."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_notebooks import figure, write, write_texts

from hw2utils.publishing.execution import execute_all
from hw2utils.publishing.pages import drawings, extension
from hw2utils.publishing.pages.drawings import remove_unused
from hw2utils.reporting.figures import Drawn
from hw2utils.reporting.texts import entry

OLD = 1_000.0
NOW = 2_000.0


@pytest.fixture(name="kept")
def fixture_kept(tmp_path: Path) -> Path:
    folder = tmp_path / "drawn"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.svg").write_text(name)
        os.utime(folder / f"{name}.svg", (OLD, OLD))
    for pages in ("book", "draft"):
        (tmp_path / pages).mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.svg"))


def test_what_no_page_uses_is_removed(kept: Path, tmp_path: Path) -> None:
    removed = remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert sorted(file.stem for file in removed) == ["b", "c"] and names(kept) == ["a"]


def test_the_drawings_of_another_build_stay_as_long_as_its_pages(kept: Path, tmp_path: Path) -> None:
    remove_unused(kept, tmp_path / "draft", ["a", "b", "c"], NOW)
    remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert names(kept) == ["a", "b", "c"]
    (tmp_path / "draft").rmdir()
    remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert names(kept) == ["a"]


def test_drawings_of_older_code_are_on_no_list(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_unused(kept, tmp_path / "draft", ["b"], NOW)
    assert names(kept) == ["b"]
    monkeypatch.setattr(drawings, "drawing_code", lambda: "newer")
    (kept / "a.svg").write_text("a")
    remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert names(kept) == ["a"]


def test_what_a_build_beside_it_just_drew_or_used_stays(kept: Path, tmp_path: Path) -> None:
    os.utime(kept / "b.svg", (NOW + 1, NOW + 1))
    remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert names(kept) == ["a", "b"]


def test_a_list_that_cannot_be_read_counts_for_nothing(kept: Path, tmp_path: Path) -> None:
    (kept / "other.json").write_text("[")
    remove_unused(kept, tmp_path / "book", ["a"], NOW)
    assert names(kept) == ["a"] and not (kept / "other.json").exists()


def test_a_build_gets_its_drawings_while_another_takes_them_away(tmp_path: Path) -> None:
    write_texts(tmp_path, "q9")
    words, data = entry("q9-curve", tmp_path).words("en"), {"rows": {"main": np.array([0.5, 1.0])}}
    drawn = Drawn(tmp_path / "drawn")
    first = drawn.svg("q9-curve", "differences", words, data, "x")
    over = threading.Event()

    def clean() -> None:
        while not over.is_set():
            remove_unused(tmp_path / "drawn", tmp_path, [], np.inf)

    other = threading.Thread(target=clean)
    other.start()
    try:
        assert {drawn.svg("q9-curve", "differences", words, data, "x") for _ in range(15)} == {first}
    finally:
        over.set()
        other.join()
    assert len(drawn.used) == 1


def test_a_drawing_in_use_is_marked_so(tmp_path: Path) -> None:
    write_texts(tmp_path, "q9")
    words, data = entry("q9-curve", tmp_path).words("en"), {"rows": {"main": np.array([0.5, 1.0])}}
    drawn = Drawn(tmp_path / "drawn")
    drawn.svg("q9-curve", "differences", words, data, "x")
    (file,) = (tmp_path / "drawn").glob("*.svg")
    os.utime(file, (OLD, OLD))
    drawn.svg("q9-curve", "differences", words, data, "x")
    assert file.stat().st_mtime > OLD and drawn.used == {file.stem}


@pytest.mark.processes
def test_figures_of_several_chapters_are_drawn_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension, "cores", lambda: 2)
    notebooks = [write(tmp_path / f"{name}.ipynb", figure(f"{name}-curve")) for name in ("q8", "q9")]
    write_texts(tmp_path, "q8")  # none for the other: what cannot be drawn is told when it is read
    app = SimpleNamespace(
        srcdir=str(tmp_path),
        config=SimpleNamespace(hw2_student="", hw2_claims=""),
        hw2_executions={run.chapter: run for run in execute_all(notebooks, progress=False)},
    )
    extension._draw_ahead(app, None, ["q8", "index"])
    assert not (tmp_path / drawings.FOLDER).exists()
    extension._draw_ahead(app, None, ["q8", "index", "q9"])
    assert len(names(tmp_path / drawings.FOLDER)) == 2  # a language each
    write_texts(tmp_path, "q9")
    extension._draw_ahead(app, None, ["q8", "q9"])
    assert len(names(tmp_path / drawings.FOLDER)) == 4
