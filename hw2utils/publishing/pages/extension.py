"""Connect Sphinx to the executor: a build runs stale chapters first and shows what they produced.

``_config.yml`` names this module among the extensions and turns MyST-NB's own execution off.
Configuration values: ``hw2_parameters`` (chapter name → parameters that differ from the defaults) and
``hw2_claims`` (where the claims are, by default the folder ``book`` or the root).
"""

from __future__ import annotations

import hashlib
import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.read import is_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from hw2utils.languages import LANGUAGES, Text, localise
from hw2utils.publishing.execution import Execution, ExecutionError, execute_all
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.publishing.pages.freshness import RESULTS
from hw2utils.publishing.sources.notebooks import cell_source, cell_tags, code_cells, read_notebook
from hw2utils.reporting.catalogue import NotebookError, chapters, claims_files
from hw2utils.reporting.html import element, inline_html, start_aligned, table
from hw2utils.reporting.records import RECORD_MIME

if TYPE_CHECKING:
    from hw2utils.reporting.claims import Claim

_ONLY_NOTEBOOKS = start_aligned("<p>")[2:-1]
"""An attribute that outputs carry for notebooks; on a page the style sheet aligns them."""
_WORDS: dict[str, Text] = {
    "claim": {"fa": "ادعا", "en": "Claim"},
    "statement": {"fa": "گزاره", "en": "Statement"},
    "verdict": {"fa": "حکم", "en": "Verdict"},
    "effect": {"fa": "اندازهٔ اثر [بازهٔ اطمینان ۹۵٪]", "en": "Effect size [95% confidence interval]"},
    "seeds": {"fa": "بذرها", "en": "Seeds"},
    "count": {"fa": "شمار", "en": "Count"},
    "verdicts": {"fa": "جدول حکم‌ها", "en": "Table of verdicts"},
    "unmeasured": {"fa": "سنجیده نشده", "en": "not measured"},
}


# --- execution ------------------------------------------------------------------------------------


def _execute(app: Sphinx) -> None:
    """Bring every chapter of the table of contents up to date, or stop the build."""
    root = Path(app.srcdir)
    try:
        notebooks = chapters(root, getattr(app.config, "external_toc_path", None) or None)
        if problems := _unexecuted(app, notebooks):
            raise NotebookError("\n".join(problems))
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


def _executions(app: Sphinx) -> dict[str, Execution]:
    return app.hw2_executions  # type: ignore[attr-defined]


def _is_injected(cell: Mapping[str, Any]) -> bool:
    return "injected-parameters" in cell_tags(cell)


# --- pages ----------------------------------------------------------------------------------------


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Iterable[str]:
    """Name the pages to read again: chapters with another key, tables when any result changed."""
    for docname in env.found_docs & env.all_docs.keys():
        known = env.metadata[docname].get(RESULTS)
        if known is not None and known != _fingerprint(app, docname):
            yield docname


def _fingerprint(app: Sphinx, docname: str) -> str:
    """Say what a page's generated content comes from: its own run, or all runs and the claims."""
    executions = _executions(app)
    if docname in executions:
        return executions[docname].key
    digest = hashlib.sha256(repr([(name, run.key) for name, run in executions.items()]).encode())
    place = _claims_place(app)
    for file in [place] if place.is_file() else claims_files(place):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Give MyST-NB the source notebook with the outputs of its executed copy."""
    execution = _executions(app).get(docname)
    if execution is None:
        return
    notebook = json.loads(source[0])
    here = code_cells(notebook)
    there = [cell for cell in code_cells(read_notebook(execution.notebook)) if not _is_injected(cell)]
    if [cell_source(cell) for cell in here] != [cell_source(cell) for cell in there]:
        raise ExtensionError(
            f"{docname}: a code cell was edited during the build; build again", modname=__name__
        )
    for cell, run in zip(here, there, strict=True):
        cell["outputs"], cell["execution_count"] = run["outputs"], run["execution_count"]
        for output in cell["outputs"]:
            data = output.get("data", {})
            ours = data.pop(RECORD_MIME, None)  # for results.json; MyST-NB warns of unknown types
            if ours is not None and "text/html" in data:
                data["text/html"] = "".join(data["text/html"]).replace(_ONLY_NOTEBOOKS, "")
    source[0] = json.dumps(notebook)
    app.env.metadata[docname][RESULTS] = execution.key


# --- the table of verdicts ------------------------------------------------------------------------


class verdict_table(nodes.General, nodes.Element):
    """Hold the place of a table of verdicts until the page's links can be resolved."""


class VerdictTable(SphinxDirective):
    """Show the verdicts of all claims, in both languages; with ``:summary:`` only the counts and names."""

    option_spec: ClassVar[dict[str, Any]] = {"summary": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder; the page is read again when a result changes."""
        app = self.env.app
        self.env.metadata[self.env.docname][RESULTS] = _fingerprint(app, self.env.docname)
        node = verdict_table(summary="summary" in self.options)
        self.set_source_info(node)
        return [node]


def _resolve_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(verdict_table)):
        node.replace_self(nodes.raw("", _table(app, docname, node["summary"]), format="html"))


def _claims_place(app: Sphinx) -> Path:
    root = Path(app.srcdir)
    if app.config.hw2_claims:
        return root / app.config.hw2_claims
    return next((folder for folder in (root / "book", root) if claims_files(folder)), root)


def _table(app: Sphinx, docname: str, summary: bool) -> str:
    from hw2utils.reporting.claims import ClaimError, load  # needs scipy, which most builds need not import

    try:
        claims = load(_claims_place(app))
    except ClaimError as error:
        raise ExtensionError(str(error), modname=__name__) from error
    records: dict[str, Mapping[str, Any]] = {}
    links: dict[str, str] = {}
    for page, execution in _executions(app).items():
        for identifier, record in execution.results["verdicts"].items():
            if identifier in records:
                raise ExtensionError(
                    f"{page}: claim {identifier} already has a verdict elsewhere", modname=__name__
                )
            records[identifier] = record
            links[identifier] = f"{app.builder.get_relative_uri(docname, page)}#verdict-{identifier}"
    if unknown := sorted(records.keys() - claims.keys()):
        raise ExtensionError(
            f"verdicts of claims that the claims file lacks: {', '.join(unknown)}", modname=__name__
        )
    make = _summary if summary else _ledger
    return "\n".join(
        element("div", language, make(claims, records, links, language)) for language in LANGUAGES
    )


def _ledger(
    claims: Mapping[str, Claim], records: Mapping[str, Mapping[str, Any]], links: Mapping[str, str], lang: str
) -> str:
    """Give one row a claim: id with link, statement, verdict, and a line a case with effect and seeds."""
    from hw2utils.reporting.claims import effect, unit_name

    rows = []
    for identifier, claim in claims.items():
        record = records.get(identifier)
        cases = record["cases"] if record else []
        effects = "<br>".join(
            (f"{html.escape(case['name'][lang])}: " if len(cases) > 1 else "")
            + f'<bdi dir="ltr">{effect(case["mean"], case["low"], case["high"])}</bdi> '
            + html.escape(unit_name(case["unit"], lang))
            for case in cases
        )
        seeds = sorted({case["n"] for case in cases})
        cells = (
            _link(identifier, links),
            inline_html(claim.statement[lang]),
            _badge(record["verdict"] if record else None, lang),
            effects or "—",
            ", ".join(map(str, seeds)) or "—",
        )
        rows.append(cells)
    return _html_table("hw2-ledger", ("claim", "statement", "verdict", "effect", "seeds"), rows, lang)


def _summary(
    claims: Mapping[str, Claim], records: Mapping[str, Mapping[str, Any]], links: Mapping[str, str], lang: str
) -> str:
    """Give one row a verdict: how many claims got it, and which."""
    verdicts = {
        identifier: records[identifier]["verdict"] if identifier in records else None for identifier in claims
    }
    rows = [
        (
            _badge(verdict, lang),
            localise(str(count), lang),
            " ".join(_link(identifier, links) for identifier in claims if verdicts[identifier] == verdict),
        )
        for verdict, count in Counter(verdicts.values()).most_common()
    ]
    return _html_table("hw2-summary", ("verdict", "count", "claim"), rows, lang)


def _link(identifier: str, links: Mapping[str, str]) -> str:
    name = f'<code dir="ltr">{html.escape(identifier)}</code>'
    return f'<a href="{html.escape(links[identifier])}">{name}</a>' if identifier in links else name


def _badge(verdict: str | None, lang: str) -> str:
    from hw2utils.reporting.claims import VERDICTS, slug

    if verdict is None:
        return _WORDS["unmeasured"][lang]
    badge = f'<strong class="hw2-badge">{VERDICTS[verdict][lang]}</strong>'
    return f'<span data-verdict="{slug(verdict)}">{badge}</span>'


def _html_table(name: str, heads: Iterable[str], rows: Iterable[Iterable[str]], lang: str) -> str:
    return table(name, _WORDS["verdicts"][lang], [_WORDS[word][lang] for word in heads], rows)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events, the ``verdict-table`` directive and the configuration values with Sphinx."""
    app.add_config_value("hw2_parameters", {}, "env")
    app.add_config_value("hw2_claims", None, "env")
    app.add_node(verdict_table)
    app.add_directive("verdict-table", VerdictTable)
    for part in (
        "freshness",
        "labels",
        "builder",
        "draft",
        "mathematics",
        "search",
        "images",
        "downloads",
        "metadata",
    ):
        app.setup_extension(f"hw2utils.publishing.pages.{part}")
    app.connect("builder-inited", _execute)
    app.connect("env-get-outdated", _outdated)
    app.connect("source-read", _read_source)
    app.connect("doctree-resolved", _resolve_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
