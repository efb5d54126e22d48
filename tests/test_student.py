"""The student's edition: a blank for each solution, and nothing of a solution anywhere."""

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from hw2utils.publishing.editions.student import find_leaks, write_sources
from hw2utils.publishing.execution import ExecutionError, execute
from hw2utils.publishing.execution.fingerprint import same_code
from hw2utils.publishing.pages.extension import _written
from hw2utils.publishing.sources.blanks import BLANK, solutions, with_blanks
from hw2utils.publishing.sources.cells import OPENING, notebook_cells
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, read_notebook
from hw2utils.publishing.sources.persian import lint
from hw2utils.publishing.sources.solutions import BEGIN, TAG
from hw2utils.reporting.answers import FILE as ANSWERS
from hw2utils.reporting.catalogue import OVERRIDES, chapters

ROOT = Path(__file__).parents[1]
CODE = f'{BEGIN}\nsecret_answer = sum(range(10))\nprint("the answer is", secret_answer)\n### END SOLUTION'
WORDS = (
    f"{OPENING['en']}\n\n<details>\n<summary>Answer</summary>\n\n"
    "Because weights vanish in the end.\n\n</details>\n\n</div>"
)

ANSWER = "9x: {fa: 'چون [واریانس](#q9) کم می‌شود.', en: 'Since [the variance](#q9) goes down at last.'}"


def cell(kind, source, tags=(), **more):
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "c", "metadata": {"tags": list(tags)}, "source": source, **extra, **more}


def book(folder):
    """A book of one chapter with three solutions, as written and as executed."""
    output = {"output_type": "stream", "name": "stdout", "text": "the answer is 45, as expected\n"}
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    cells = [
        cell("markdown", "**Exercise 1.** Add up. Expected: 45."),
        cell("code", CODE, [TAG]),
        cell("markdown", "**Exercise 2.** Why?"),
        cell("markdown", WORDS, [TAG, "lang-en"]),
    ]
    ran = [cells[0], {**cells[1], "outputs": [output]}, *cells[2:]]
    for place, content in {"q9_x.ipynb": cells, "published/q9_x/q9_x.ipynb": ran}.items():
        file = folder / "book" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**made, "cells": content}), encoding="utf-8")
    for name in ("_config.yml", "LICENSE", "LICENSE-CONTENT"):
        (folder / name).write_text("", encoding="utf-8")
    (folder / "_toc.yml").write_text("root: book/q9_x\n", encoding="utf-8")
    (folder / "book" / ANSWERS).write_text(ANSWER, encoding="utf-8")
    return folder


@pytest.mark.parametrize("notebook", chapters(ROOT), ids=lambda path: path.stem)
def test_each_solution_of_the_book_becomes_a_blank_and_nothing_else_changes(notebook):
    before, after = read_notebook(notebook), with_blanks(read_notebook(notebook))
    assert len(before["cells"]) == len(after["cells"])
    for old, new in zip(before["cells"], after["cells"], strict=True):
        if TAG not in cell_tags(old):
            assert old == new
            continue
        assert BLANK in cell_tags(new)
        assert TAG not in cell_tags(new)
        assert new["metadata"]["hw2"] == old["metadata"].get("hw2", {"points": 1})
        if new["cell_type"] == "code":
            assert "raise NotImplementedError" in cell_source(new)
            assert "Expected" in cell_source(new)
            assert "انتظار" in cell_source(new)
    for one in notebook_cells(after):
        if BLANK in one.tags and one.kind == "markdown":
            assert one.body
            assert list(lint(one.body)) == [] or one.language == "en"


def test_blanks_are_numbered_by_the_book_whatever_stands_between_solutions_of_a_run(tmp_path):
    """A published run may be older than the texts, or hold none."""
    cells = [cell("markdown", "**Exercise 1.**"), cell("code", CODE, [TAG])]
    cells += [cell("markdown", "**Exercise 2.**"), cell("code", CODE.replace("10", "20"), [TAG])]
    file = tmp_path / "book" / "q9_x.ipynb"
    file.parent.mkdir()
    file.write_text(json.dumps({"nbformat": 4, "cells": cells}), encoding="utf-8")
    app = SimpleNamespace(config=SimpleNamespace(hw2_student=str(tmp_path)))
    ran = {"cells": [one for one in cells if one["cell_type"] == "code"]}
    blanks = with_blanks(read_notebook(file))
    assert not same_code(blanks, with_blanks(ran))
    assert same_code(_written(app, "book/q9_x", blanks), ran)
    edited = {"cells": [*blanks["cells"], cell("code", "1")]}
    assert not same_code(_written(app, "book/q9_x", edited), ran)


def test_an_exercise_counts_what_its_solution_says():
    given = cell("code", CODE, [TAG])
    given["metadata"]["hw2"] = {"points": 3}
    (blank,) = with_blanks({"cells": [given]})["cells"]
    assert blank["metadata"]["hw2"] == {"points": 3}
    assert "points: 3" in blank["source"]
    assert "۳ امتیاز" in blank["source"]


def test_words_beside_code_have_no_points_of_their_own():
    both = [cell("code", CODE, [TAG]), cell("markdown", WORDS, [TAG, "lang-en"])]
    words = [cell("markdown", "**Exercise 2.**"), cell("markdown", WORDS, [TAG, "lang-en"])]
    code, remark, _, prose = with_blanks({"cells": [*both, *words]})["cells"]
    assert "points: 1" in code["source"]
    assert "no points of their own" in remark["source"] and "points: 1" not in remark["source"]
    assert "Exercise 2 (points: 1)" in prose["source"]


def test_a_solution_without_its_tag_stops_the_edition():
    with pytest.raises(ValueError, match="without the tag"):
        with_blanks({"cells": [cell("code", CODE)]})


def test_a_blank_stops_the_notebook_and_says_which_it_is():
    (blank,) = with_blanks({"cells": [cell("code", CODE, [TAG])]})["cells"]
    with pytest.raises(NotImplementedError, match="exercise 1"):
        exec(blank["source"])


PLANTED = {
    "code in a page": (
        "html/a.html",
        '<i class="n">secret_answer</i> <i>=</i> sum(<b>range</b>(10))',
    ),
    "prose in a page": ("html/a.html", "<p>Because weights vanish\n in the end.</p>"),
    "an output in a page": ("html/en/a.html", "<pre>the answer is 45, as expected</pre>"),
    "an alternative text": ("html/a.html", '<img alt="Because weights vanish in the end." src="a.svg">'),
    "search words": ("html/searchindex.js", 'x = {"a":"Because weights vanish in the \\u0065nd."}'),
    "a download": ("html/_sources/a.ipynb.js", json.dumps("print('the answer is', secret_answer)")),
    "a notebook": ("source/book/a.ipynb", json.dumps({"cells": [cell("code", CODE)]})),
    "an output of a notebook": (
        "source/book/a.ipynb",
        json.dumps(
            {"cells": [{**cell("code", "1"), "outputs": [{"text": "the answer is 45, as expected"}]}]}
        ),
    ),
    "an answer of the homework's page": ("html/a.html", "<p>چون <a href='q9'>واریانس</a> کم می‌شود.</p>"),
    "an answer in a page's source": (
        "source/book/homework.md",
        "Since [the variance](#q9) goes down at last.",
    ),
    "an answer in search words": ("html/searchindex-en.js", '"Since the variance goes down at last."'),
    "the answers": (f"source/book/{ANSWERS}", ANSWER),
    "a drawing": ("html/a.svg", "<svg><title>Because weights vanish in the end.</title></svg>"),
    "another file": ("html/a.bin", "\x00Because weights vanish in the end.\x00"),
}


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("packed", [False, True], ids=["file", "archive"])
def test_a_planted_leak_is_found(tmp_path, name, packed):
    root, built = book(tmp_path / "root"), tmp_path / "built"
    write_sources(root, built / "source")
    assert find_leaks(root, built).leaks == []
    place, content = PLANTED[name]
    if packed and not place.endswith(".bin"):
        with zipfile.ZipFile(built / "book.zip", "w") as archive:
            archive.writestr(place, content)
    else:
        (built / place).parent.mkdir(parents=True, exist_ok=True)
        (built / place).write_text(content, encoding="utf-8")
    assert find_leaks(root, built).leaks


def test_what_is_looked_for_covers_code_prose_and_outputs(tmp_path):
    root = book(tmp_path)
    report = find_leaks(root, tmp_path / "nothing")
    assert set(report.pieces) == {"code", "prose", "output", "answer"}
    kinds = {kind for notebook in chapters(ROOT) for kind, _ in solutions(read_notebook(notebook))}
    assert kinds == {"code", "prose", "output"}


def test_the_sources_of_the_edition_hold_nothing_of_a_solution(tmp_path):
    write_sources(ROOT, tmp_path / "source")
    report = find_leaks(ROOT, tmp_path)
    assert report.leaks == []
    assert sum(report.pieces.values()) > 200
    assert report.pieces["answer"] > 100
    assert not list(tmp_path.rglob(ANSWERS))
    assert len(chapters(tmp_path / "source")) == len(chapters(ROOT))


@pytest.mark.processes
def test_a_chapter_with_blanks_runs_to_the_first_of_them(tmp_path):
    write_sources(ROOT, tmp_path / "source")
    small = yaml.safe_load((ROOT / OVERRIDES).read_text(encoding="utf-8"))["q4e_broadcast"]
    notebook = tmp_path / "source" / "book" / "q4e_broadcast.ipynb"
    with pytest.raises(ExecutionError, match="exercise 1"):
        execute(notebook, small, build_dir=tmp_path / "build")
