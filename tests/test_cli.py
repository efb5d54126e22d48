"""The ``hw2`` command: what it prints, writes, and says about mistakes."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from tiny_notebooks import claim, figure, show, verdict, write, write_texts

from hw2utils.publishing.cli import main

PARAMETERS = (
    "epochs: int = 3  # [1, 500] passes over the data\n"
    "seeds: list[int] = [0, 1]  # [0, inf) rising, at least 2 values: one run each"
)


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of two chapters, with texts and a claim, and stand in one of its folders."""
    pages = tmp_path / "book"
    (pages / "claims").mkdir(parents=True)
    stated = yaml.safe_dump({"C-1": claim("q1_first")}, allow_unicode=True)
    (pages / "claims/q1.yml").write_text(stated, encoding="utf-8")
    write_texts(pages, "q1")
    toc = "format: jb-book\nroot: book/index\nchapters:\n- file: book/q1_first\n- file: book/q2_second\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    write(
        pages / "q1_first.ipynb",
        "n = 10 // (epochs - 5)\nprint('epochs', epochs, seeds)",
        show(verdict("C-1", main=[-1.0, -1.1, -1.2])),
        figure("q1-curve"),
        parameters=PARAMETERS,
        prose="",
    )
    write(pages / "q2_second.ipynb", "x = 1")
    monkeypatch.chdir(pages)
    return tmp_path


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_list_shows_chapters_and_parameters(book: Path) -> None:
    shown = hw2("list")
    assert shown.exit_code == 0
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert lines == [
        "q1_first",
        "epochs: int = 3 [1, 500] passes over the data",
        "seeds: list[int] = [0, 1] [0, inf) rising, at least 2 values: one run each",
        "q2_second",
    ]
    assert hw2("list", "q2").stdout == "q2_second\n"
    both = hw2("list", "q2", "q1_first").stdout.splitlines()
    assert both[0] == "q2_second" and both[1] == "q1_first" and len(both) == 4


def test_run_and_figures_share_one_run_and_copy_it(book: Path) -> None:
    shown = hw2("run", "q1_first", "-p", "epochs=7", "-p", "seeds=4,5", "-o", "out")
    assert shown.exit_code == 0, shown.output
    assert "q1_first: executed in" in shown.stdout and "verdict   C-1: refuted" in shown.stdout
    out = book / "book/out"
    assert f"notebook  {out / 'q1_first.ipynb'}\n" in shown.stdout
    assert "epochs 7 [4, 5]" in (out / "q1_first.ipynb").read_text(encoding="utf-8")
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["parameters"] == {"epochs": 7, "seeds": [4, 5]}
    sums = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    assert sums["q1_first.ipynb"] == sha256((out / "q1_first.ipynb").read_bytes()).hexdigest()
    cells = json.loads((out / "q1_first.ipynb").read_text(encoding="utf-8"))["cells"]
    shown = ["".join(output["data"]["text/html"]) for cell in cells[-2:] for output in cell["outputs"]]
    assert "refuted" in shown[0] and "رد شد" in shown[0]  # who opens the copy sees what a page shows
    assert "line 2" in shown[1] and "خط ۲" in shown[1] and shown[1].count("<img") == 2

    again = hw2("figures", "../book/q1_first.ipynb", "-p", "seeds=4,5", "-p", "epochs=7", "-o", "pictures")
    assert again.exit_code == 0 and "executed in" not in again.output, again.output
    files = [book / f"book/pictures/q1-curve.{language}.svg" for language in ("fa", "en")]
    assert again.stdout.split() == [str(file) for file in files]
    assert all(file.read_bytes().startswith(b"<?xml") for file in files)

    kept = hw2("run", "q1_first", "-p", "seeds=4,5", "-p", "epochs=7")
    assert "already executed" in kept.stdout and str(book / "_build/executed/q1_first") in kept.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "q1_frist"], 1, "unknown chapter 'q1_frist'; did you mean 'q1_first'?"),
        (["list", "q1_frist"], 1, "unknown chapter 'q1_frist'; did you mean 'q1_first'?"),
        (["run", "Q2"], 1, "unknown chapter 'Q2'; did you mean 'q2'? (chapters: q1_first, q2_second)"),
        (["run", "nothing.ipynb"], 1, "unknown chapter 'nothing.ipynb' (chapters: q1_first, q2_second)"),
        (
            ["run", "q1_first", "-p", "epoch=3"],
            1,
            "q1_first: unknown parameter 'epoch'; did you mean 'epochs'?",
        ),
        (["run", "q1_first", "-p", "epochs"], 1, "q1_first: expected name=value, got 'epochs'"),
        (["run", "q1_first", "-p", "epochs=many"], 1, "parameter 'epochs': expected int, got 'many'"),
        (["run", "q1_first", "-p", "epochs=0"], 1, "parameter 'epochs': 0 is outside [1, 500]"),
        (["run", "q1_first", "-p", "epochs=1", "-p", "epochs=2"], 1, "parameter 'epochs' is given twice"),
        (["run", "q2_second", "-p", "epochs=1"], 1, "unknown parameter 'epochs' (declared: none)"),
        (["run", "q1_first", "-p", "epochs=5"], 1, "q1_first, cell 2: ZeroDivisionError"),
        (["run", "q1_first", "-p", "epochs=5"], 1, "executed/q1_first/failed-"),
        (["figures", "q2_second"], 1, "q2_second shows no figure"),
        (["figures", "--lang", "fa,de"], 2, "expected some of fa,en, got 'de'"),
        (
            ["figures", "--format", "svg,pfd"],
            2,
            "expected some of svg,pdf,png, got 'pfd'; did you mean 'pdf'?",
        ),
        (["figures", "--width", "0.5"], 2, "0.5 is not in the range 1<=x<=40"),
        (["figures", "--style", "q1_first.ipynb"], 1, "q1_first.ipynb, line 1: matplotlib has no setting"),
        (["figures", "--against", "q1_first.ipynb"], 1, "expected the manifest.json of a folder"),
        (["figures", "--check"], 1, "make it with: hw2 figures, or name another"),
        (["figures", "q2-curve"], 1, "q2_second has no figure 'q2-curve' (it has none)"),
        (["figures", "q2x-curve"], 1, "figure 'q2x-curve': unknown chapter 'q2x'; did you mean 'q2'?"),
        (["run", "q1_first", "--limit", "0"], 1, "got 0.0; leave it out for no bound"),
        (["run", "q1_first", "--limit", "inf"], 1, "limit: expected a positive number of seconds, got inf"),
        (["results", "q1", "--sweep", "texts"], 1, "--sweep: expected with --build alone"),
        (["results", "--sweep", "texts", "--remove-others"], 1, "--sweep: expected with --build alone"),
        (["figures", "q2-curve", "--check"], 1, "expected with whole chapters, got a figure's name"),
        (["run"], 2, "Missing argument 'CHAPTER'"),
        (["rnu"], 2, "No such command 'rnu'"),
    ],
)
def test_mistakes_get_one_message(book: Path, arguments: list[str], status: int, message: str) -> None:
    shown = hw2(*arguments)
    assert shown.exit_code == status
    assert message in shown.stderr
    assert shown.stdout == ""
    assert 'File "' not in shown.stderr or "epochs=5" in arguments  # a chapter's own traceback


def test_nothing_is_written_over_unasked(book: Path) -> None:
    """A run for an occupied folder does not even start; figures are made first, to know their names."""
    out, pages = book / "out", book / "_build/html"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    (out / "q1-curve.en.svg").write_text("mine", encoding="utf-8")
    (book / "mine.zip").write_text("mine", encoding="utf-8")
    pages.mkdir(parents=True)
    (pages / "index.html").write_text("page", encoding="utf-8")
    for command in (
        ["run", "q1_first", "-o", str(out)],
        ["figures", "q1_first", "-o", str(out)],
        ["zip", "-o", str(book / "mine.zip")],
    ):
        shown = hw2(*command)
        assert shown.exit_code == 1 and "exists already; name another place, or add" in shown.stderr
        assert "executed in" not in shown.output or command[0] == "figures"
    assert (out / "q1-curve.en.svg").read_text() == "mine" == (book / "mine.zip").read_text()
    assert hw2("figures", "q1_first", "-o", str(out), "--overwrite").exit_code == 0
    assert hw2("run", "q1_first", "-o", str(out), "--overwrite").exit_code == 0
    assert (out / "q1-curve.en.svg").read_text().startswith("<?xml") and (out / "results.json").is_file()
    assert hw2("zip", "-o", str(book / "mine.zip"), "--overwrite").exit_code == 0
    assert (out / "mine.txt").read_text() == "mine"


def test_a_checkout_that_cannot_be_written_needs_only_a_place_for_the_output(book: Path) -> None:
    """A file where the folder ``_build`` would be stands for a disk that takes nothing."""
    (book / "_build").write_text("", encoding="utf-8")
    refused = hw2("run", "q2_second")
    assert refused.exit_code == 1 and str(book / "_build") in refused.stderr
    shown = hw2("run", "q2_second", "-o", str(book / "out"))
    assert shown.exit_code == 0 and (book / "out/results.json").is_file(), shown.output
    assert str(book / "out/q2_second.ipynb") in shown.stdout
    kept = hw2("run", "q2_second", "--build", str(book / "elsewhere"))
    assert kept.exit_code == 0 and list((book / "elsewhere/executed/q2_second").glob("*/results.json"))


def test_figures_of_all_chapters_leave_out_stray_copies(book: Path) -> None:
    write(book / "book/q1_first-Copy1.ipynb", "1 / 0")
    (book / "book/.ipynb_checkpoints").mkdir()
    write(book / "book/.ipynb_checkpoints/q1_first-checkpoint.ipynb", "1 / 0")
    shown = hw2("figures")
    assert shown.exit_code == 0, shown.output
    assert [Path(line).name for line in shown.stdout.split()] == ["q1-curve.fa.svg", "q1-curve.en.svg"]
    several = hw2("figures", "q1_first", "q2_second", "-p", "epochs=7")
    assert several.exit_code == 1 and "-p: expected with one CHAPTER" in several.stderr


def test_figures_are_compared_with_an_earlier_manifest(book: Path) -> None:
    """A check draws nothing; a run with other data exits with 1, and says which."""
    options = ("--lang", "en", "--format", "png,pdf", "--dpi", "50", "--width", "3", "--font-size", "7")
    made = hw2("figures", "q1_first", *options)
    assert made.exit_code == 0, made.output
    folder = book / "_build/figures"
    lacking = hw2("figures", "q1_first", "-p", "epochs=7", "--check")
    assert lacking.exit_code == 1 and "Traceback" not in lacking.output
    assert (
        "manifest.json, which does not exist; make it with: hw2 figures q1_first -p epochs=7,"
        in lacking.stderr
    )
    assert made.stdout.split() == [str(folder / f"q1-curve.en.{kind}") for kind in ("png", "pdf")]
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["look"]["width"] == 3
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    same = hw2("figures", "q1_first", "--check")
    assert (same.exit_code, same.stdout) == (0, "no figure changed\n")

    cell = figure("q1-curve").replace("'n': 2", "'n': 3")
    write(book / "book/q1_first.ipynb", cell, parameters=PARAMETERS)
    changed = hw2("figures", "q1_first", "--check")
    assert changed.exit_code == 1 and "q1-curve: slots/n was 2, is 3\n" in changed.stdout
    assert before == {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    manifest = str(folder / "manifest.json")
    assert hw2("figures", "q1_first", "--check", "--tolerance", "0.6").exit_code == 0
    drawn = hw2("figures", "q1_first", "--against", manifest, "-o", str(book / "new"))
    assert drawn.exit_code == 0 and "q1-curve: slots/n was 2, is 3" in drawn.stderr
    assert len(drawn.stdout.split()) == 2 and (book / "new/manifest.json").is_file()
    own = hw2("figures", "q1_first", "-p", "epochs=7")
    assert own.exit_code == 0 and Path(own.stdout.split()[0]).parent.parent == folder
    assert before == {file: file.stat().st_mtime_ns for file in before}  # the published run's stay


def test_texts_that_do_not_fit_get_one_message(book: Path) -> None:
    write_texts(book / "book", "q1", other={"note": {"fa": "متن", "en": "text"}})
    shown = hw2("figures", "q1_first")
    assert shown.exit_code == 1 and "q1.yml: no entry 'curve'" in shown.stderr
    assert "Traceback" not in shown.output


def test_files_that_cannot_be_read_are_named(book: Path) -> None:
    broken = {
        "cp1252.md": "caf\xe9".encode("cp1252"),
        "utf16.yml": "a: {fa: «x»}".encode("utf-16"),
        "broken.py": b"def f(:",
        "broken.ipynb": b"{",
        "cells.ipynb": b'{"cells": [{}]}',
        "broken.yml": b"a: [",
    }
    for name, content in broken.items():
        (book / name).write_bytes(content)
    (book / "good.md").write_text("# Good — خوب\n", encoding="utf-8")
    shown = hw2("lint", *(str(book / name) for name in [*broken, "good.md"]))
    assert shown.exit_code == 1 and "Traceback" not in shown.output
    assert [line.partition(": ")[0] for line in shown.stdout.splitlines() if line.startswith(str(book))] == [
        str(book / name) for name in broken
    ]
    (book / "_toc.yml").write_bytes("root: é".encode("cp1252"))
    listed = hw2("list")
    assert listed.exit_code == 1 and "_toc.yml is not UTF-8 text" in listed.stderr


def test_an_output_that_cannot_be_written_is_named(book: Path) -> None:
    (book / "file").write_text("", encoding="utf-8")
    for command in ("run", "figures", "sweep"):  # before anything runs
        shown = hw2(command, "q2_second", "-o", str(book / "file"), "--overwrite")
        assert shown.exit_code == 2 and f"'{book / 'file'}' is a file" in shown.stderr
        assert not (book / "_build").exists()
    shown = hw2("run", "q2_second", "-o", str(book / "file" / "inside"))
    assert shown.exit_code == 1
    assert "file" in shown.stderr and "Not a directory" in shown.stderr


def test_outside_a_book_the_projects_own_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hw2utils.reporting import catalogue

    monkeypatch.chdir(tmp_path)
    assert catalogue.find_root() == Path(catalogue.__file__).parents[2]
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "a/b/c.py"))
    shown = hw2("list")
    assert shown.exit_code == 1 and "no book at" in shown.stderr and "_toc.yml" in shown.stderr
