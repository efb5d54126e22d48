"""Published runs: those the book's verdicts rest on, shipped in ``book/published``, a folder a chapter.

A folder holds what a run on the shelf does (:mod:`hw2utils.publishing.execution.shelf`): a fresh clone
can show the book without training and compare its own runs. ``results.json`` says ``key``, ``parameters``,
``versions``, ``machine``, ``seconds``; ``verdicts`` (for each case of a claim its unit, the value of each
seed, their mean with its 95 % interval), ``values`` and ``units`` of notes, and ``figures``, whose arrays are
in ``figures/<name>.npz``; :mod:`hw2utils.reporting.records` describes how values are written.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import hw2utils.publishing.execution.shelf as shelf
from hw2utils.publishing.execution.fingerprint import Fingerprint, same_code
from hw2utils.publishing.execution.jobs import Job
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import PUBLISHED, NotebookError


def published_folder(notebook: Path) -> Path:
    """Give the folder of a chapter's published run."""
    return notebook.parent / PUBLISHED / notebook.stem


def publish(notebook: Path, run: shelf.Execution) -> Path:
    """Put a run in the place of a chapter's published run and return its folder."""
    folder = published_folder(notebook)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _copy(run, folder)
    return folder


def adopt(job: Job) -> bool:
    """Put a chapter's published run where a job would leave its own, which then need not run.

    Returns whether it did: not where a finished run is there already. Raises NotebookError where the
    published run is not what the job would make: of other code, parameters or versions of the libraries.
    """
    with shelf.locked(job.directory):  # another may be making it
        if shelf.is_finished(job.directory):
            return False
        (run,) = load_published([job.notebook])
        if run.key != job.key:
            raise NotebookError(
                f"{job.chapter}: the published run is of other parameters or versions of libraries; the "
                "chapter has to run"
            )
        _copy(run, job.directory)
    return True


def _copy(run: shelf.Execution, folder: Path) -> None:
    """Put a run in the place of another, or where there is none yet."""
    with shelf.scratch(folder) as passing:
        made = passing / folder.name
        shutil.copytree(run.directory, made, ignore=shutil.ignore_patterns(shelf.MANIFEST))
        shelf.put(made, folder)


def is_published(notebook: Path, directory: Path) -> bool:
    """Tell whether a finished run has the results that are published for a chapter, number for number.

    How long it took, and where, is no result.
    """
    try:
        own, shipped = (
            json.loads((folder / "results.json").read_text(encoding="utf-8"))
            | {"seconds": None, "machine": None}
            for folder in (directory, published_folder(notebook))
        )
    except (OSError, ValueError, TypeError):
        return False
    return bool(own == shipped)


def load_published(notebooks: Iterable[Path]) -> list[shelf.Execution]:
    """Read the published runs of chapters.

    Raises NotebookError for one that is missing, damaged, or of other code than the chapter has now.
    """
    found, problems = [], []
    for notebook in notebooks:
        folder = published_folder(notebook)
        if not folder.is_dir():
            name = notebook.stem
            problems.append(f"{name}: no published run; make one: hw2 run {name}, then hw2 publish {name}")
            continue
        if fault := shelf.damage(folder, notebook.stem):
            problems.append(f"{notebook.stem}: the published run is no good: {fault}")
            continue
        run = shelf.load(folder, cached=True)
        now = Fingerprint(notebook)
        # With other versions of the libraries the key says nothing about the code.
        of_other_code = now.versions == run.results["versions"] and now.key(run.parameters) != run.key
        if of_other_code or not same_code(read_notebook(notebook), read_notebook(run.notebook)):
            problems.append(f"{notebook.stem}: its code, or code it uses, was edited after the published run")
        found.append(run)
    if problems:
        remedy = "build the book with `make book`, then `hw2 publish` keeps its runs"
        raise NotebookError("\n".join([*problems, remedy]))
    return found
