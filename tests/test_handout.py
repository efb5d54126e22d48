"""What a student works in: first steps as a notebook, chapters nothing writes over, a wheel of blanks."""

import os
import re
import zipfile
from itertools import pairwise

import nbformat
import pytest
from click.testing import CliRunner
from repository import ROOT

from hw2utils.checks.published import Agreement
from hw2utils.checks.results import Checked, Summary
from hw2utils.publishing.cli import main
from hw2utils.publishing.editions.archive import NAME, pack
from hw2utils.publishing.editions.handout import START, build_wheel, write_notebooks
from hw2utils.publishing.editions.student import find_leaks, write_sources
from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, code_cells, read_notebook
from hw2utils.publishing.sources.solutions import BEGIN
from hw2utils.reporting.catalogue import NotebookError, chapters


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout") / "notebooks"
    written = write_notebooks(ROOT, folder)
    assert [path.name for path in written] == [START, *(path.name for path in chapters(ROOT))]
    return folder


def test_the_first_steps_are_a_valid_notebook_in_both_languages(notebooks):
    content = read_notebook(notebooks / START)
    nbformat.validate(nbformat.from_dict(content))
    assert first_cell.installs(code_cells(content)[0])
    cells = content["cells"]
    assert len(cells) > 20 and "First steps" in cell_source(cells[0])
    for one, after in pairwise(cells):
        if "lang-fa" in cell_tags(one):
            assert "lang-en" in cell_tags(after)
    links = [link for cell in cells for link in cell_source(cell).split("](")[1:]]
    assert links and all((notebooks / link.partition(")")[0]).is_file() for link in links)


def test_no_link_of_a_chapter_leads_nowhere_in_jupyter(notebooks):
    """Labels and the glossary are the book's; links to other chapters stay, those within one become words."""
    found = {}
    for path in chapters(ROOT):
        cells = read_notebook(notebooks / path.name)["cells"]
        text = "\n".join(cell_source(cell) for cell in cells if cell["cell_type"] == "markdown")
        found[path.stem] = re.findall(r"\]\((?!http)([^)\s]+)", text)
    assert all((notebooks / link).is_file() for links in found.values() for link in links)
    assert "q4a_gradient_descent.ipynb" in found["q4b_momentum"]
    assert "q4b_momentum.ipynb" not in found["q4b_momentum"]


def test_the_code_of_the_first_steps_gives_what_the_page_says(notebooks, monkeypatch):
    monkeypatch.setattr("hw2utils.checks.results._PROGRESS", {})  # other tests solve exercises too
    found, names = [], {}
    for cell in code_cells(read_notebook(notebooks / START))[1:]:
        *code, last = cell_source(cell).rsplit("\n\n", 1)
        exec("".join(code), names)
        found.append(eval(last, names))
    wrong, left, agrees = found
    assert isinstance(wrong, Checked) and not wrong.passed and wrong.mistake == "multiplied"
    assert isinstance(left, Summary) and left.points == 0
    assert isinstance(agrees, Agreement) and agrees.agrees


def test_a_notebook_that_is_there_stays_as_it_was_left(notebooks, tmp_path):
    (tmp_path / "q4d_rules.ipynb").write_text("my answers", encoding="utf-8")
    (tmp_path / START).write_text("my steps", encoding="utf-8")
    written = write_notebooks(ROOT, tmp_path)
    assert len(written) == len(chapters(ROOT)) - 1 and write_notebooks(ROOT, tmp_path) == []
    assert (tmp_path / "q4d_rules.ipynb").read_text("utf-8") == "my answers"
    assert (tmp_path / START).read_text("utf-8") == "my steps"
    for path in written:
        assert BEGIN not in path.read_text("utf-8")
        assert path.read_text("utf-8") == (notebooks / path.name).read_text("utf-8")


def test_a_book_without_the_page_says_so(tmp_path):
    (tmp_path / "_toc.yml").write_text("root: book/index\n", encoding="utf-8")
    with pytest.raises(NotebookError, match=r"no page at .*students\.md.*take it from the repository"):
        write_notebooks(tmp_path, tmp_path / "notebooks")


def test_lab_opens_the_first_steps_in_the_students_folder(tmp_path, monkeypatch):
    labapp = pytest.importorskip("jupyterlab.labapp")
    given = []
    monkeypatch.setattr(labapp.LabApp, "launch_instance", given.extend)
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, ["lab", "--to", str(tmp_path / "mine"), "--no-browser", "--port=9"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "mine" / START).is_file() and "24 new notebooks" in done.output
    assert given == [
        f"--ServerApp.root_dir={tmp_path / 'mine'}",
        f"--LabApp.default_url=/lab/tree/{START}",
        "--no-browser",
        "--port=9",
    ]


def test_an_archive_holds_the_notebooks_beside_the_pages(tmp_path):
    for place in ("html/index.html", "notebooks/start.ipynb"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text("{}", encoding="utf-8")
    assert pack(tmp_path / "html", tmp_path / "x.zip", notebooks=tmp_path / "notebooks") == 2
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == [f"{NAME}/index.html", f"{NAME}/notebooks/start.ipynb"]


@pytest.mark.processes
def test_the_students_wheel_holds_the_book_with_blanks_and_a_planted_solution_is_found(tmp_path):
    write_sources(ROOT, tmp_path / "source")
    wheel = build_wheel(ROOT, tmp_path / "source", tmp_path / "out")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        chapter = "hw2utils/content/book/q4d_rules.ipynb"
        assert BEGIN not in archive.read(chapter).decode("utf-8")
    for needed in (
        "_toc.yml",
        "book/claims/q4.yml",
        "book/texts/q4d.yml",
        "book/published/q4d_rules/results.json",
    ):
        assert f"hw2utils/content/{needed}" in names
    assert find_leaks(ROOT, tmp_path / "out").leaks == []

    solved = (ROOT / "book" / "q4d_rules.ipynb").read_text("utf-8")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("hw2utils/content/book/other.ipynb", solved)
    with zipfile.ZipFile(tmp_path / "out" / "all.zip", "w") as outer:  # as in the archive that is passed on
        outer.write(wheel, f"notebooks/{wheel.name}")
    found = {place.rpartition(":")[0] for place, _ in find_leaks(ROOT, tmp_path / "out").leaks}
    assert found == {wheel.name, f"all.zip:notebooks/{wheel.name}"}


def test_binder_installs_the_pair_of_torch_that_is_tested_here():
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [line for line in pins if line.startswith(("torch==", "torchvision=="))]
    assert [line.removesuffix("+cpu") for line in lines if line.startswith("torch")] == wanted
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK) and "pip install" in script.read_text("utf-8")
