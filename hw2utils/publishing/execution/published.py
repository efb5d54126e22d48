"""Published runs: those the book's verdicts rest on, shipped in ``book/published``, a folder a chapter.

A folder holds what a run on the shelf does (:mod:`hw2utils.publishing.execution.shelf`): a fresh clone
can show the book without training and compare its own runs. ``results.json`` says ``key``, ``parameters``,
``versions``, ``seconds``; ``verdicts`` (for each case of a claim its unit, the value of each seed, their mean
with its 95 % interval), ``values`` and ``units`` of notes, and ``figures``, whose arrays are in
``figures/<name>.npz``; :mod:`hw2utils.reporting.records` describes how values are written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import hw2utils.publishing.execution.shelf as shelf
from hw2utils.publishing.execution.fingerprint import Fingerprint, computing
from hw2utils.publishing.sources.notebooks import cell_source, code_cells, read_notebook
from hw2utils.reporting.catalogue import PUBLISHED, NotebookError


def published_folder(notebook: Path) -> Path:
    """Give the folder of a chapter's published run."""
    return notebook.parent / PUBLISHED / notebook.stem


def publish(notebook: Path, run: shelf.Execution) -> Path:
    """Put a run in the place of a chapter's published run and return its folder."""
    folder = published_folder(notebook)
    passing = folder.with_name(f".{folder.name}")
    old = folder.with_name(f".{folder.name}.old")
    for rest in (passing, old):  # what an interrupted call left
        shutil.rmtree(rest, ignore_errors=True)
    shutil.copytree(run.directory, passing)
    if folder.exists():
        os.replace(folder, old)
    os.replace(passing, folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


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
        here, there = (
            [computing(cell_source(cell)) for cell in code_cells(read_notebook(path))]
            for path in (notebook, run.notebook)
        )
        now = Fingerprint(notebook)
        # With other versions of the libraries the key says nothing about the code.
        of_other_code = now.versions == run.results["versions"] and now.key(run.parameters) != run.key
        if here != there or of_other_code:
            problems.append(f"{notebook.stem}: its code, or code it uses, was edited after the published run")
        found.append(run)
    if problems:
        remedy = "build the book with `make book`, then `hw2 publish` keeps its runs"
        raise NotebookError("\n".join([*problems, remedy]))
    return found
