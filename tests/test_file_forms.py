"""Notebooks as VS Code and Colab save them: what reads them takes them as they are, or says what to mend."""

import copy
import json

import pytest
from repository import ROOT

from hw2utils.publishing.execution.fingerprint import cache_key, same_code
from hw2utils.publishing.execution.parameters import declared_parameters
from hw2utils.publishing.sources import first_cell
from hw2utils.publishing.sources.blanks import BLANK, with_blanks
from hw2utils.publishing.sources.lint import check_notebook, lint_file
from hw2utils.publishing.sources.notebooks import cell_tags, code_cells, read_notebook
from hw2utils.reporting.declarations import ParameterError, check_parameters, parse_declarations

CHAPTER = ROOT / "book" / "q4e_broadcast.ipynb"


def by_vs_code(notebook):
    """Give a notebook as VS Code saves it: its interpreter, its language, a cell of another language."""
    saved = copy.deepcopy(notebook)
    saved["metadata"]["kernelspec"] = {
        "display_name": ".venv (3.13.0)",
        "language": "python",
        "name": "python3",
    }
    saved["metadata"]["language_info"] = {"name": "python", "version": "3.13.0", "pygments_lexer": "ipython3"}
    saved["metadata"]["vscode"] = {"interpreter": {"hash": "a" * 64}}
    saved["cells"][1]["metadata"]["vscode"] = {"languageId": "markdown"}
    for cell in saved["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return saved


def by_colab(notebook):
    """Give a notebook as Colab saves it: format 4.0, its own ids among the metadata, texts as lines."""
    saved = copy.deepcopy(notebook)
    saved["nbformat_minor"] = 0
    saved["metadata"]["colab"] = {"provenance": [], "toc_visible": True, "name": "q4e.ipynb"}
    saved["metadata"]["accelerator"] = "GPU"
    for number, cell in enumerate(saved["cells"]):
        del cell["id"]
        cell["metadata"]["id"] = f"Ab{number}"
        if cell["cell_type"] == "code":
            cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/", "height": 35}
            cell["metadata"]["outputId"] = f"cd{number}"
            cell["metadata"]["cellView"] = "form"
            kind = "application/vnd.google.colaboratory.intrinsic+json"
            data = {"text/plain": ["1"], kind: {"type": "string"}}
            result = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 3}
            cell["outputs"], cell["execution_count"] = [result], 3
        cell["source"] = "".join(cell["source"])
    return saved


PROGRAMS = {"VS Code": by_vs_code, "Colab": by_colab}


@pytest.fixture(params=PROGRAMS)
def saved(request, tmp_path):
    """Save a chapter by one of the programs, beside nothing else; give its file."""
    file = tmp_path / CHAPTER.name
    file.write_text(json.dumps(PROGRAMS[request.param](read_notebook(CHAPTER)), indent=2), encoding="utf-8")
    return file


def test_what_is_computed_stays_the_same(saved):
    assert same_code(read_notebook(CHAPTER), read_notebook(saved))
    assert first_cell.installs(code_cells(read_notebook(saved))[0])
    assert declared_parameters(saved) == declared_parameters(CHAPTER)
    # Here without the book's claims, so both from one folder.
    key = cache_key(saved, {})
    saved.write_bytes(CHAPTER.read_bytes())
    assert cache_key(saved, {}) == key


def test_blanks_take_the_place_of_solutions(saved):
    before, after = read_notebook(CHAPTER), with_blanks(read_notebook(saved))
    blanks = [number for number, cell in enumerate(after["cells"]) if BLANK in cell_tags(cell)]
    assert blanks == [n for n, cell in enumerate(with_blanks(before)["cells"]) if BLANK in cell_tags(cell)]
    assert blanks and "BEGIN SOLUTION" not in json.dumps(after)


def test_the_first_cell_is_the_books_and_is_not_copied_again(saved):
    for name in ("_config.yml", first_cell.FILE):
        (saved.parent / name).parent.mkdir(exist_ok=True)
        (saved.parent / name).write_bytes((ROOT / name).read_bytes())
    before = saved.read_bytes()
    assert not first_cell.copy_into(saved, saved.parent) and saved.read_bytes() == before


def test_the_lint_reads_a_chapter_that_vs_code_saved(tmp_path):
    file = tmp_path / CHAPTER.name
    file.write_text(json.dumps(by_vs_code(read_notebook(CHAPTER))), encoding="utf-8")
    assert list(check_notebook(file)) == []


def test_the_lint_says_what_to_do_with_a_chapter_that_colab_saved(tmp_path):
    file = tmp_path / CHAPTER.name
    file.write_text(json.dumps(by_colab(read_notebook(CHAPTER))), encoding="utf-8")
    (finding,) = lint_file(file)
    assert "expected format 4.5" in finding.problem and finding.remedy == "open it in Jupyter and save it"


@pytest.mark.parametrize(
    "form",
    [
        'seeds: int = 10  # [2, 1000] number of seeds #@param {type:"integer"}',
        '#@title Set { run: "auto" }\nseeds: int = 10  # [2, 1000] number of seeds # @param {type:"raw"}',
        '# @markdown How many: `seeds`\nseeds: int = 10 # [2, 1000] number of seeds #@param {type:"slider"}',
    ],
)
def test_the_marks_of_a_form_in_colab_are_no_declaration(form):
    (parameter,) = parse_declarations(form).values()
    assert (parameter.help, parameter.bounds.high if parameter.bounds else None) == ("number of seeds", 1000)
    check_parameters([form], {"seeds": 20})
    with pytest.raises(ParameterError, match=r"1 is outside \[2, 1000\]"):
        check_parameters([form], {"seeds": 1})


def test_choices_from_a_form_alone_are_read_without_a_range():
    (parameter,) = parse_declarations('kind: str = "relu"  # @param ["relu", "tanh"]').values()
    assert parameter.choices is None and parameter.help == ""
