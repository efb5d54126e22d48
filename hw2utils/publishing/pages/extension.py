"""Connect Sphinx to the executor: a build runs stale chapters first and shows what they produced.

``_config.yml`` names this module among the extensions and turns MyST-NB's own execution off.
Configuration values: ``hw2_parameters`` (chapter name → parameters that differ from the defaults),
``hw2_published`` (show the published runs, run nothing), ``hw2_student`` (for sources with blanks, the root
of the book that they were made of: its published runs are shown) and ``hw2_claims`` (where the claims are, by
default the folder ``book`` or the root).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.read import is_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from tqdm import tqdm

from hw2utils.publishing.execution import Execution, ExecutionError, execute_all, shelf
from hw2utils.publishing.execution.environment import cores
from hw2utils.publishing.execution.fingerprint import same_code
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.publishing.execution.published import load_published
from hw2utils.publishing.execution.rendered import quiz_run, shown
from hw2utils.publishing.pages.drawings import kept, note_used
from hw2utils.publishing.pages.freshness import RESULTS
from hw2utils.publishing.sources.blanks import BLANK, with_blanks
from hw2utils.publishing.sources.notebooks import (
    cell_source,
    cell_tags,
    code_cells,
    is_injected,
    read_notebook,
)
from hw2utils.publishing.sources.quiz_cells import quiz_of
from hw2utils.publishing.sources.solutions import TAG as SOLUTION
from hw2utils.reporting.cards import summary_table
from hw2utils.reporting.catalogue import (
    PUBLISHED,
    NotebookError,
    chapters,
    claims_files,
    quizzes_file,
    texts_file,
)
from hw2utils.reporting.claims import Claim, ClaimError, Verdict, load, verdict
from hw2utils.reporting.criteria import REGISTRY
from hw2utils.reporting.figures import drawing_code
from hw2utils.reporting.ledger import chance_report, ledger_table
from hw2utils.reporting.rendering import Book
from hw2utils.reporting.schema import RECORD_MIME
from hw2utils.reporting.truth_tables import conditions_table, parts_table
from hw2utils.reporting.unmeasured import FILE as UNMEASURED
from hw2utils.reporting.unmeasured import load_unmeasured, unmeasured_table

# --- execution ------------------------------------------------------------------------------------


def _leave_out_runs(app: Sphinx, config: Config) -> None:
    """Take the notebooks of published runs for no pages."""
    config.exclude_patterns.append(f"**/{PUBLISHED}")


def _execute(app: Sphinx) -> None:
    """Bring every chapter of the table of contents up to date, or stop the build."""
    root = Path(app.srcdir)
    try:
        notebooks = chapters(root, getattr(app.config, "external_toc_path", None) or None)
        if problems := _unexecuted(app, notebooks):
            raise NotebookError("\n".join(problems))
        if app.config.hw2_published:
            origin = Path(app.config.hw2_student or root).resolve()  # of the runs
            done = load_published(origin / path.relative_to(root.resolve()) for path in notebooks)
        else:
            done = execute_all(notebooks, parameters=app.config.hw2_parameters, build_dir=root / "_build")
    except (ExecutionError, NotebookError, ParameterError) as error:
        raise ExtensionError(str(error), modname=__name__) from error
    found = {_docname(path, root): execution for path, execution in zip(notebooks, done, strict=True)}
    app.hw2_executions = found  # type: ignore[attr-defined]


def _unexecuted(app: Sphinx, notebooks: Iterable[Path]) -> list[str]:
    """List the pages that are notebooks but none that would run: they would be shown without outputs."""
    project = app.project
    known = {path.resolve() for path in notebooks}
    found = []
    for docname in sorted(project.discover(app.config.exclude_patterns, app.config.include_patterns)):
        path = Path(project.doc2path(docname, True))
        if path.suffix == ".ipynb":
            if path.resolve() not in known:
                found.append(
                    f"{docname}: expected _toc.yml to name every notebook with `file: {docname}`, got one "
                    "that it does not name, or only with `glob:`; name it, else it is shown without outputs"
                )
        elif path.suffix in app.config.nb_custom_formats or is_myst_markdown_notebook(
            path.read_text(encoding="utf-8", errors="replace")
        ):
            found.append(
                f"{docname}: expected a notebook as {path.stem}.ipynb, got {path.name}, which is not "
                f"executed; convert it: jupytext --to ipynb {path.name}"
            )
    return found


def _docname(notebook: Path, root: Path) -> str:
    return notebook.relative_to(root.resolve()).with_suffix("").as_posix()


def executions(app: Sphinx) -> dict[str, Execution]:
    """Give the runs that the pages show, by page."""
    return app.hw2_executions  # type: ignore[attr-defined]


# --- pages ----------------------------------------------------------------------------------------


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Iterable[str]:
    """Name the pages to read again: chapters with another key, tables when any result changed."""
    for docname in env.found_docs & env.all_docs.keys():
        known = env.metadata[docname].get(RESULTS)
        if known is not None and known != _fingerprint(app, docname):
            yield docname


def _claims(app: Sphinx) -> dict[str, Claim]:
    """Read the book's claims; a book may have none."""
    place = claims_place(app)
    try:
        return load(place) if place.is_file() or claims_files(place) else {}
    except ClaimError as error:
        raise ExtensionError(str(error), modname=__name__) from error


def _fingerprint(app: Sphinx, docname: str) -> str:
    """Say what a page's generated content comes from: its own run or all runs, claims, texts, what draws."""
    found = executions(app)
    own = docname in found
    runs = {docname: found[docname]} if own else found
    digest = hashlib.sha256(repr(list(runs)).encode())
    for run in runs.values():  # what it holds: another run may stand under the same key
        digest.update((run.directory / shelf.MANIFEST).read_bytes())
    if own:
        chapter = PurePosixPath(docname).name
        claims = [claim for claim in _claims(app).values() if claim.chapter == chapter]
        digest.update(repr(claims).encode())
        prefix = chapter.partition("_")[0]
        folder = book_folder(app)
        published = folder / PUBLISHED / chapter / "results.json"
        shown = (texts_file(prefix, folder), quizzes_file(prefix, folder), published, folder / REGISTRY)
        files = [file for file in shown if file and file.is_file()]
        digest.update(drawing_code().encode())
    else:
        place = claims_place(app)
        files = [place] if place.is_file() else claims_files(place)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def note_results(app: Sphinx, docname: str) -> None:
    """Remember from which results a page was made: it is read again when they change."""
    app.env.metadata[docname][RESULTS] = _fingerprint(app, docname)


_FOLDED = {"mystnb": {"code_prompt_show": "Show the answer", "code_prompt_hide": "Hide the answer"}}


def _written(app: Sphinx, docname: str, notebook: dict[str, Any]) -> dict[str, Any]:
    """Give a chapter as the book has it, with its solutions, where a page is made of one with blanks.

    What ran may have had other texts between its solutions, so that blanks in it could be numbered otherwise.
    """
    if not app.config.hw2_student:
        return notebook
    written = read_notebook(Path(app.config.hw2_student) / f"{docname}.ipynb")
    return written if same_code(notebook, with_blanks(written)) else notebook


def _draw_ahead(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str]) -> None:
    """Draw what the chapters to be read show, on all cores: Sphinx reads one page after the other.

    Of one chapter, as after an edit of its words, most drawings are there already.
    """
    found = executions(app)
    runs = [found[docname] for docname in docnames if docname in found]
    figures = [
        (output, run.directory)
        for run in runs
        for cell in code_cells(read_notebook(run.notebook))
        for output in cell["outputs"]
        if output.get("data", {}).get(RECORD_MIME, {}).get("kind") in ("figure", "slider")
    ]
    workers = min(cores(), len(figures))
    if len(runs) < 2 or workers < 2:
        return
    draw = partial(_draw, book=Book(book_folder(app), _claims(app), kept(app), dark=True))
    with ProcessPoolExecutor(workers) as pool:
        for _ in tqdm(
            pool.map(draw, figures), total=len(figures), desc="drawing", unit="figure", disable=None
        ):
            pass


def _draw(figure: tuple[dict[str, Any], Path], book: Book) -> None:
    """Leave the drawings of an output where they are kept; what cannot be drawn fails when it is read."""
    with suppress(ValueError):
        shown(*figure, book)


def _read_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Give MyST-NB the source notebook with the outputs of its executed copy, said in both languages.

    A quiz needs no run: its cell shows the questions as they are now, whatever ran.
    """
    execution = executions(app).get(docname)
    if execution is None:
        return
    notebook = json.loads(source[0])
    executed = read_notebook(execution.notebook)
    ran = (cell for cell in code_cells(executed) if not is_injected(cell))
    there = (cell for cell in ran if quiz_of(cell_source(cell)) is None)
    if not same_code(_written(app, docname, notebook), executed):
        raise ExtensionError(
            f"{docname}: a code cell was edited during the build; build again", modname=__name__
        )
    drawn = kept(app)
    book = Book(book_folder(app), _claims(app), drawn, dark=True)
    for cell in code_cells(notebook):
        asked = quiz_of(cell_source(cell))
        run = next(there) if asked is None else quiz_run(asked)
        if BLANK in cell_tags(cell):
            continue
        cell["execution_count"] = run["execution_count"]
        try:
            cell["outputs"] = [shown(output, execution.directory, book) for output in run["outputs"]]
        except ValueError as error:  # of texts, claims or drawings
            raise ExtensionError(f"{docname}: {error}", modname=__name__) from error
        if SOLUTION in cell_tags(cell):
            cell["metadata"] = {**cell["metadata"], **_FOLDED, "tags": [*cell_tags(cell), "hide-cell"]}
    source[0] = json.dumps(notebook)
    note_results(app, docname)
    note_used(app, docname, drawn)


# --- the table of verdicts ------------------------------------------------------------------------


_TABLES = "hw2_tables"
_SCRIPT = "ledger.js"


class verdict_table(nodes.General, nodes.Element):
    """Hold the place of a table of verdicts until the page's links can be resolved."""


class VerdictTable(SphinxDirective):
    """Show the verdicts of all claims, in both languages.

    With ``:summary:`` only the counts and names, with ``:chance:`` how many of them may be chance.
    """

    option_spec: ClassVar[dict[str, Any]] = {"summary": directives.flag, "chance": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder; the page is read again when a result changes."""
        note_results(self.env.app, self.env.docname)
        kind = next(iter(self.options), "ledger")
        self.env.metadata[self.env.docname].setdefault(_TABLES, []).append(kind)
        node = verdict_table(kind=kind)
        self.set_source_info(node)
        return [node]


class TruthTable(SphinxDirective):
    """Show how verdicts on cases, or on the parts of a sentence, make the verdict on a claim."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the table that the argument names: conditions or parts."""
        tables = {"conditions": conditions_table, "parts": parts_table}
        if self.arguments[0] not in tables:
            raise self.error(f"expected one of {', '.join(tables)}, got {self.arguments[0]!r}")
        return [nodes.raw("", tables[self.arguments[0]](), format="html")]


class UnmeasuredClaims(SphinxDirective):
    """Show the claims of the homework that the book does not measure yet."""

    def run(self) -> list[nodes.Node]:
        """Write the table; the page is read again when the entries change."""
        folder = book_folder(self.env.app)
        self.env.note_dependency(str(folder / UNMEASURED))
        try:
            entries = load_unmeasured(folder, load(claims_place(self.env.app)))
        except ClaimError as error:
            raise ExtensionError(str(error), modname=__name__) from error
        return [nodes.raw("", unmeasured_table(entries), format="html")]


def _resolve_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(verdict_table)):
        node.replace_self(nodes.raw("", _table(app, docname, node["kind"]), format="html"))


def claims_place(app: Sphinx) -> Path:
    """Give the file or folder where the book's claims are stated."""
    root = Path(app.srcdir)
    if app.config.hw2_claims:
        return root / app.config.hw2_claims
    folders = (root / "book", root)
    return next((folder for folder in folders if claims_files(folder) or (folder / "texts").is_dir()), root)


def book_folder(app: Sphinx) -> Path:
    """Give the folder that holds the book's texts and published runs."""
    place = claims_place(app)
    return place.parent if place.is_file() else place


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let the page with the ledger load the script that filters it."""
    if "ledger" in app.env.metadata.get(page, {}).get(_TABLES, []) and _has_script(app):
        app.add_js_file(_SCRIPT, loading_method="defer")


def _has_script(app: Sphinx) -> bool:
    return any((Path(app.srcdir) / folder / _SCRIPT).is_file() for folder in app.config.html_static_path)


def collected(app: Sphinx, docname: str) -> tuple[dict[str, Claim], dict[str, Verdict], dict[str, str]]:
    """Give the book's claims, the verdicts of all runs, and links from a page to their cards.

    Raises ExtensionError where a claim cannot be read or has two verdicts.
    """
    verdicts: dict[str, Verdict] = {}
    links: dict[str, str] = {}
    try:
        claims = load(claims_place(app))
        for page, execution in executions(app).items():
            for identifier, record in execution.results["verdicts"].items():
                if identifier in verdicts:
                    raise ClaimError(f"{page}: claim {identifier} already has a verdict elsewhere")
                verdicts[identifier] = verdict(record, claims)
                links[identifier] = f"{app.builder.get_relative_uri(docname, page)}#verdict-{identifier}"
    except ClaimError as error:
        raise ExtensionError(str(error), modname=__name__) from error
    return claims, verdicts, links


def _table(app: Sphinx, docname: str, kind: str) -> str:
    claims, verdicts, links = collected(app, docname)
    if kind == "chance":
        return chance_report(verdicts, links)
    make = summary_table if kind == "summary" else ledger_table
    return make(verdicts, claims, links)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events, the ``verdict-table`` directive and the configuration values with Sphinx."""
    app.add_config_value("hw2_parameters", {}, "env")
    app.add_config_value("hw2_claims", None, "env")
    app.add_config_value("hw2_published", False, "env", bool)
    app.add_config_value("hw2_student", "", "env", str)
    app.add_node(verdict_table)
    app.add_directive("verdict-table", VerdictTable)
    app.add_directive("truth-table", TruthTable)
    app.add_directive("unmeasured-claims", UnmeasuredClaims)
    for part in (
        "freshness",
        "labels",
        "corrections",
        "gallery",
        "homework",
        "builder",
        "drawings",
        "variants",
        "folds",
        "mathematics",
        "search",
        "images",
        "downloads",
        "metadata",
    ):
        app.setup_extension(f"hw2utils.publishing.pages.{part}")
    app.connect("config-inited", _leave_out_runs)
    app.connect("builder-inited", _execute)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-before-read-docs", _draw_ahead)
    app.connect("source-read", _read_source)
    app.connect("doctree-resolved", _resolve_tables)
    app.connect("html-page-context", _add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
