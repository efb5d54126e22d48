"""The repository's address: written once by a command, the same in the settings, first cells and buttons."""

import json
import shutil

import pytest
import yaml
from click.testing import CliRunner
from repository import ROOT

from hw2utils.publishing.cli import main
from hw2utils.publishing.editions.student import write_sources
from hw2utils.publishing.execution.fingerprint import cache_key
from hw2utils.publishing.sources.lint import lint_book
from hw2utils.publishing.sources.repository import checked_address, write_repository
from hw2utils.reporting.catalogue import NotebookError, chapters

ADDRESS = "https://github.com/someone/audited-homework"
CHAPTERS = ("q2c_weights", "q4d_rules")


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Make a book with the real settings and two of the chapters, and work in it."""
    (tmp_path / "book" / "claims").mkdir(parents=True)
    for name in ("_config.yml", "LICENSE", "LICENSE-CONTENT", "book/first_cell.py", "book/claims/q4.yml"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    for name in CHAPTERS:
        shutil.copyfile(ROOT / "book" / f"{name}.ipynb", tmp_path / "book" / f"{name}.ipynb")
    toc = {"format": "jb-book", "root": f"book/{CHAPTERS[0]}", "chapters": [{"file": f"book/{CHAPTERS[1]}"}]}
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hw2(*arguments):
    return CliRunner().invoke(main, ["repository", *arguments])


def written(book):
    return {file: file.read_bytes() for file in (book / "_config.yml", *chapters(book))}


def about(book):
    """Give what the lint says of the address and the first cells."""
    return [
        (path.name, finding)
        for path, found in lint_book(book)
        for finding in found
        if finding.rule in ("repository", "first cell", "file")
    ]


def test_the_command_writes_the_address_everywhere_and_takes_it_back(book):
    before, keys = written(book), [cache_key(path, {}) for path in chapters(book)]
    assert about(book) == []

    done = hw2(f"{ADDRESS}.git/")
    assert (done.exit_code, len(done.output.splitlines())) == (0, 3), done.output
    config = yaml.safe_load((book / "_config.yml").read_text("utf-8"))
    assert config["repository"] == {"url": ADDRESS, "branch": "main"}
    assert config["launch_buttons"].keys() == {"notebook_interface", "binderhub_url", "colab_url"}
    for path in chapters(book):
        assert f'needed, address = "0.1", "{ADDRESS}"' in json.dumps(
            json.loads(path.read_text("utf-8"))["cells"], ensure_ascii=False
        ).replace('\\"', '"')
    assert about(book) == []
    assert [cache_key(path, {}) for path in chapters(book)] == keys, "the address would train chapters again"
    assert hw2().output == f"{ADDRESS}\n"

    after = written(book)
    assert hw2(ADDRESS).output == "" and written(book) == after
    assert hw2(ADDRESS, "--branch", "spring").exit_code == 0
    assert yaml.safe_load((book / "_config.yml").read_text("utf-8"))["repository"]["branch"] == "spring"

    assert hw2("--remove").exit_code == 0
    assert hw2(ADDRESS).exit_code == 0 and written(book) == after
    assert hw2("").exit_code == 0
    restored = written(book)
    assert "launch_buttons" not in yaml.safe_load(restored.pop(book / "_config.yml"))
    before.pop(book / "_config.yml")
    assert restored == before and hw2().output.startswith("none;")


@pytest.mark.parametrize(
    ("address", "colab"), [("https://gitlab.com/a/group/b", False), ("https://bitbucket.org/a/b", False)]
)
def test_other_hosts_have_no_colab_which_opens_only_github(book, address, colab):
    assert hw2(address).exit_code == 0
    buttons = yaml.safe_load((book / "_config.yml").read_text("utf-8"))["launch_buttons"]
    assert ("colab_url" in buttons) is colab and "binderhub_url" in buttons
    assert about(book) == []


WRONG = {
    "http://github.com/a/b": "begin it with https://",
    "github.com/a/b": "begin it with https://",
    "git@github.com:a/b.git": "give https://github.com/a/b.git",
    "https://github.com/a": "name the owner and the repository",
    "https://github.com/a/b/tree/main": "nothing below it",
    "https://me:secret@github.com/a/b": "leave out names, passwords",
    "https://github.com/a/b?x=1": "leave out names, passwords",
    "https://github.com/a/b c": "name the owner and the repository",
    "https://codeberg.org/a/b": "GitHub, GitLab and Bitbucket",
    'https://github.com/a/b"; import os': "name the owner and the repository",
}


@pytest.mark.parametrize("address", WRONG)
def test_what_is_no_address_is_refused_with_a_remedy_and_nothing_is_written(book, address):
    before = written(book)
    done = hw2(address)
    assert (
        done.exit_code == 1 and WRONG[address] in done.output and "expected an address such as" in done.output
    )
    assert written(book) == before
    with pytest.raises(NotebookError):
        checked_address(address)


def test_options_that_do_not_go_together_are_refused(book):
    for arguments in ((ADDRESS, "--remove"), ("--branch", "x"), ("--remove", "--branch", "x")):
        assert "give one of these" in hw2(*arguments).output
    assert "expected the name of a branch" in hw2(ADDRESS, "--branch", "a b").output


def test_the_lint_finds_an_address_that_stands_in_one_place_only(book):
    config = book / "_config.yml"
    hw2(ADDRESS)
    whole = config.read_text("utf-8")

    config.write_text(whole.replace("colab_url", "deepnote_url"), encoding="utf-8")
    ((name, finding),) = about(book)
    assert name == "_config.yml" and "expected the buttons" in finding.problem and finding.place.line

    config.write_text(whole.replace(", branch: main", ""), encoding="utf-8")
    assert "without a branch" in about(book)[0][1].problem

    config.write_text(whole.replace("someone/", "another/"), encoding="utf-8")
    assert [finding.rule for _, finding in about(book)] == ["first cell"] * 2

    config.write_text(whole.replace("\nrepository: ", "\n# repository: "), encoding="utf-8")
    assert {finding.rule for _, finding in about(book)} == {"repository", "first cell"}


def test_a_file_without_a_place_for_the_address_says_so(tmp_path):
    (tmp_path / "_config.yml").write_text("title: x\n", encoding="utf-8")
    with pytest.raises(NotebookError, match=r"expected one line that begins with launch_buttons: .* got 0"):
        write_repository(tmp_path, ADDRESS)
    assert (tmp_path / "_config.yml").read_text("utf-8") == "title: x\n"


def test_the_students_pages_have_no_button_which_would_open_the_solutions(book):
    hw2(ADDRESS)
    write_sources(book, book / "student")
    config = yaml.safe_load((book / "student" / "_config.yml").read_text("utf-8"))
    assert "launch_buttons" not in config and config["repository"]["url"] == ADDRESS
