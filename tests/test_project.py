"""The project files agree with each other, and the environment with them."""

from __future__ import annotations

import importlib.metadata
import itertools
import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from repository import BUILD, CHAPTERS, ROOT
from sphinx.util.matching import compile_matchers

from hw2utils.publishing.execution.fingerprint import Fingerprint


def pins() -> dict[str, str]:
    """Read constraints.txt: exact versions by name."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in found}


def ranges() -> list[Requirement]:
    """Read what requirements.txt and pyproject.toml ask for, but for what benchmarks and courses need."""
    lines = (
        line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    )
    wanted = [line for line in lines if line and not line.startswith("-")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [
        names for extra, names in project["optional-dependencies"].items() if extra not in ("bench", "course")
    ]
    wanted += [*project["dependencies"], *itertools.chain(*extras)]
    return [requirement for requirement in map(Requirement, wanted) if requirement.name != "hw2utils"]


def test_the_environment_is_consistent():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_requirement_is_pinned_within_its_range():
    fixed = pins()
    for requirement in ranges():
        assert fixed.get(canonicalize_name(requirement.name)) in requirement.specifier, requirement


def test_the_pinned_set_is_the_installed_one():
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in (r.name for r in ranges())}
    fixed = pins()
    assert installed == {name: fixed[canonicalize_name(name)] for name in installed}


def test_torch_and_torchvision_are_a_matched_pair():
    wanted = [Requirement(line) for line in importlib.metadata.requires("torchvision") or []]
    torch = next(requirement for requirement in wanted if requirement.name == "torch")
    assert pins()["torch"] in torch.specifier
    assert pins()["torchvision"] == importlib.metadata.version("torchvision").split("+")[0]


def test_requirements_install_the_package_with_the_constraints():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert "-c constraints.txt" in lines and "-e .[publishing]" in lines


def test_the_package_asks_for_all_that_its_chapters_import():
    names = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    asked = {canonicalize_name(Requirement(name).name) for name in names}
    provided = importlib.metadata.packages_distributions()
    for chapter in CHAPTERS:
        reached = Fingerprint(chapter).versions.keys() - {"python", "ipykernel"}
        needed = {canonicalize_name(name) for module in reached for name in provided.get(module, [module])}
        assert needed <= asked, f"{chapter.stem}: {sorted(needed - asked)}"


def test_the_makefile_and_the_tests_build_alike():
    assert f"BUILD := {' '.join(BUILD)}\n" in (ROOT / "Makefile").read_text("utf-8")
    assert " ".join(BUILD) in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("folder", [".pytest_cache", ".venv", ".ruff_cache", "tests", "hw2utils", "homework"])
def test_files_beside_the_book_are_not_taken_for_pages(folder):
    patterns = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["exclude_patterns"]
    excluded = compile_matchers(patterns)
    assert any(match(folder) for match in excluded)
    assert not any(match("book") or match("book/index.md") for match in excluded)


def test_links_of_the_project_files_exist():
    for name in ("README.md", "README.fa.md", "CONTRIBUTING.md"):
        text = re.sub(r"`[^`\n]*`", "", (ROOT / name).read_text("utf-8"))
        links = re.findall(r"\]\(([^)#\s]+)", text)
        local = [link for link in links if not link.startswith("http")]
        assert local and [link for link in local if not (ROOT / link).exists()] == []


def test_the_citation_file_is_complete():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors", "license", "type"} <= set(citation)
    assert citation["version"] == importlib.metadata.version(project["name"])
    assert all("name" in author or "family-names" in author for author in citation["authors"])


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-CONTENT", "hw2utils/data/fashion_mnist/LICENSE"])
def test_licences_are_there(name):
    assert (ROOT / name).stat().st_size > 500


# --- the run of continuous integration ------------------------------------------------------------

REPORT = '<testsuites><testsuite><testcase classname="t" name="f">{}</testcase></testsuite></testsuites>'


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        ("", 0),
        ('<skipped type="pytest.skip" message="needs a CUDA device"/>', 0),
        ('<skipped type="pytest.skip" message="Chromium is not installed"/>', 1),
        ('<skipped type="pytest.xfail" message=""/>', 1),
    ],
)
def test_a_skipped_test_fails_the_ci_run(inside, status, tmp_path):
    report = tmp_path / "junit.xml"
    report.write_text(REPORT.format(inside))
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "skipped.py", report], capture_output=True, text=True
    )
    assert done.returncode == status
    assert "t::f" in done.stderr or status == 0


def test_a_missing_report_fails_the_ci_run(tmp_path):
    command = [sys.executable, ROOT / ".ci" / "skipped.py", tmp_path / "none.xml"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "expected a JUnit report" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="make and bash are for Linux and macOS")
def test_the_ci_script_is_a_program():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.skipif(os.name == "nt", reason="make and bash are for Linux and macOS")
def test_make_says_what_to_do_without_a_usable_python(tmp_path):
    stand_in = tmp_path / "python3.13"
    stand_in.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    stand_in.chmod(0o755)
    command = ["make", "-f", ROOT / "Makefile", f"PYTHON={stand_in} {tmp_path}/none", ".venv/bin/python"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "3.11, 3.12 or 3.13" in done.stderr and "PYTHON=" in done.stderr


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="make and bash are for Linux and macOS")
def test_make_takes_the_first_python_that_runs(tmp_path):
    command = [
        "make",
        "-f",
        ROOT / "Makefile",
        f"PYTHON={tmp_path}/none {sys.executable}",
        ".venv/bin/python",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sys.executable in done.stdout
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def test_make_alone_lists_the_targets():
    done = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True)
    assert all(
        f"make {target} " in done.stdout
        for target in ("book", "student", "lab", "test", "check", "figures", "readme", "clean")
    )


def test_no_two_test_files_have_one_name(root) -> None:
    """Of two, pytest collects only the first."""
    names = [file.name for file in (root / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
