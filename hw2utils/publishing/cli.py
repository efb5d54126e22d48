"""The ``hw2`` command: run a chapter with other parameters, take its figures, list them, pack the book."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial, wraps
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from tqdm import tqdm

from hw2utils._checks import did_you_mean
from hw2utils.languages import LANGUAGES
from hw2utils.publishing.editions.archive import NAME, pack
from hw2utils.publishing.execution import (
    Chapter,
    Execution,
    ExecutionError,
    Job,
    engines,
    execute,
    execute_all,
    shelf,
)
from hw2utils.publishing.execution.environment import cores
from hw2utils.publishing.execution.jobs import Finished
from hw2utils.publishing.execution.parameters import ParameterError, declared_parameters, parse_assignment
from hw2utils.publishing.sources.first_cell import copy_into
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import NotebookError, chapters, find_chapter, find_root, project_root
from hw2utils.reporting.criteria import LOOKS, REGISTRY

if TYPE_CHECKING:
    from hw2utils.publishing.execution import sweeps


class _Fault(click.ClickException):
    """Show one message on stderr and exit with status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"hw2: {self.message}", err=True)


def _explained(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the errors a user can cause or mend into one message."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ExecutionError as error:
            where = f"\nexecuted up to there: {error.notebook}" if error.notebook else ""
            raise _Fault(f"{error}{where}") from error
        except (NotebookError, ParameterError) as error:
            raise _Fault(str(error)) from error
        except ValueError as error:
            if not type(error).__module__.startswith("hw2utils."):  # not ours: a fault of the program
                raise
            raise _Fault(str(error)) from error
        except BrokenPipeError:  # the reader of our output has left: click ends quietly
            raise
        except OSError as error:
            raise _Fault(f"{error.filename or 'file'}: {error.strerror or error}") from error

    return run


def _given(notebook: Path, assignments: Sequence[str]) -> dict[str, Any]:
    declared = declared_parameters(notebook)
    given: dict[str, Any] = {}
    for assignment in assignments:
        try:
            name, value = parse_assignment(assignment, declared)
        except ParameterError as error:
            raise ParameterError(f"{notebook.stem}: {error}") from None
        if name in given:
            raise ParameterError(f"{notebook.stem}: parameter {name!r} is given twice")
        given[name] = value
    return given


@contextmanager
def _build_folder(
    given: Mapping[Path, dict[str, Any]], chosen: Path | None, output: Path | None, force: bool
) -> Iterator[Path]:
    """Choose where runs are kept: the book's ``_build``; where nothing can be written, a passing folder.

    ``given`` maps notebooks to parameters. Without ``output`` nothing would be left of a run in a passing
    folder.
    """
    jobs = [
        Chapter(notebook, chosen or project_root(notebook) / "_build").job(values)
        for notebook, values in given.items()
    ]
    build = jobs[0].directory.parents[2]
    if output is None or (not force and all(job.directory.is_dir() for job in jobs)):
        yield build
        return
    try:
        for job in jobs:
            job.directory.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=job.directory.parent):
                pass
    except OSError:
        with tempfile.TemporaryDirectory(prefix="hw2-") as passing:
            yield Path(passing)
    else:
        yield build


def _refuse_to_overwrite(path: Path | None, overwrite: bool) -> None:
    """Stop, before anything runs, where something of the user's would be lost."""
    if path is None or overwrite:
        return
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise FileExistsError(17, "exists already; name another place, or add --overwrite", path)


_Engines = Callable[[int], AbstractContextManager[engines.Engine]]
_Bounds = dict[str, Any]  # those of a Job: timeout, limit, retry
_CHAPTER = click.argument("chapter")
_PARAMETERS = click.option(
    "-p",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter; may be repeated. Elements of a list are separated by commas.",
)
_FORCE = click.option("--force", is_flag=True, help="Run it even though a finished run is there.")


def _bounds(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that bound runs and repeat them; the command gets ``bounds``."""
    timeout = click.option(
        "--timeout", type=float, metavar="S", help="Stop a cell that runs longer, in seconds."
    )
    limit = click.option("--limit", type=float, metavar="S", help="Stop a run that takes longer, in seconds.")
    retry = click.option(
        "--retry", type=click.IntRange(0), default=0, metavar="N", help="Make a run that failed N times more."
    )

    @wraps(command)
    def run(*args: Any, timeout: float | None, limit: float | None, retry: int, **kwargs: Any) -> None:
        command(*args, bounds={"timeout": timeout, "limit": limit, "retry": retry}, **kwargs)

    return timeout(limit(retry(run)))


def _engine(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where runs are made; the command gets ``engine``, told how many at a time."""
    dask = click.option(
        "--dask", metavar="ADDRESS", help="Run on the Dask scheduler at ADDRESS; local starts one here."
    )
    slurm = click.option(
        "--slurm",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Run on workers that Dask asks SLURM for, with the settings in FILE (YAML).",
    )

    @wraps(command)
    def run(*args: Any, dask: str | None, slurm: Path | None, **kwargs: Any) -> None:
        command(*args, engine=partial(engines.engine, dask=dask, slurm=slurm), **kwargs)

    return dask(slurm(run))


_OVERWRITE = click.option("--overwrite", is_flag=True, help="Write over what is there already.")
_BUILD = click.option(
    "--build",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep runs in DIR/executed in place of the book's _build/executed.",
)


def _output(told: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "-o",
        "output",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=told,
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run chapters of the book and take their figures."""


@main.command("run")
@_CHAPTER
@_PARAMETERS
@_output("Copy the executed copy, the results and the figures to DIR.")
@_OVERWRITE
@_BUILD
@_bounds
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads it takes; by default all.")
@_FORCE
@_explained
def run_command(
    chapter: str,
    assignments: tuple[str, ...],
    output: Path | None,
    overwrite: bool,
    build: Path | None,
    bounds: _Bounds,
    threads: int | None,
    force: bool,
) -> None:
    """Run CHAPTER (a name or a path) and say where its executed copy, results and figures are."""
    notebook = find_chapter(chapter)
    given = _given(notebook, assignments)
    _refuse_to_overwrite(output, overwrite)
    with _build_folder({notebook: given}, build, output, force) as folder:
        done = execute(notebook, given, build_dir=folder, force=force, threads=threads, **bounds)
        place = done.directory
        if output is not None:
            _copy_readable(done, notebook.parent, output)
            place = output.resolve()
    state = f"already executed, in {done.seconds:g} s" if done.cached else f"executed in {done.seconds:g} s"
    click.echo(f"{done.chapter}: {state}")
    click.echo(f"notebook  {place / done.notebook.name}")
    click.echo(f"results   {place / 'results.json'}")
    if done.figures:
        click.echo(f"figures   {place / 'figures'}")
    if verdicts := done.results["verdicts"]:
        from hw2utils.reporting.claims import load, verdict  # other commands need no SciPy

        claims = load(notebook.parent)
        for name, record in verdicts.items():
            click.echo(f"verdict   {name}: {verdict(record, claims).verdict}")


def _copy_readable(run: Execution, book: Path, output: Path) -> None:
    """Copy a run, its notebook with what its records show; ``book`` is the folder of texts and claims."""
    from hw2utils.publishing.execution.rendered import readable_copy  # other commands need no matplotlib
    from hw2utils.reporting.claims import load
    from hw2utils.reporting.rendering import Book

    claims = load(book) if run.results["verdicts"] else {}
    readable = readable_copy(read_notebook(run.notebook), run.directory, Book(book, claims))
    with tempfile.TemporaryDirectory(prefix="hw2-") as passing:
        copy = Path(passing) / run.key
        shutil.copytree(run.directory, copy)
        shelf.write_json(copy / run.notebook.name, readable)
        shelf.seal(copy)
        shutil.copytree(copy, output, dirs_exist_ok=True)


def _several(*known: str) -> Callable[..., list[str]]:
    """Read names separated by commas."""

    def read(context: click.Context, option: click.Parameter, value: str) -> list[str]:
        names = list(dict.fromkeys(part.strip() for part in value.split(",")))
        for name in names:
            if name not in known:
                message = f"expected some of {','.join(known)}, got {name!r}{did_you_mean(name, known)}"
                raise click.BadParameter(message, context, option)
        return names

    return read


def _shipped(
    notebooks: Sequence[Path], parameters: Mapping[str, dict[str, Any]], build: Path
) -> dict[Path, Execution]:
    """Find the published runs of chapters that have no run of their own to take the figures from."""
    from hw2utils.publishing.execution.published import load_published

    found = {}
    for notebook in notebooks:
        job = Chapter(notebook, build).job(parameters[notebook.stem])
        if not job.changed and not shelf.is_finished(job.directory):
            try:
                (found[notebook],) = load_published([notebook])
            except NotebookError:  # none, or of other code
                continue
    return found


def _chapters(names: Sequence[str]) -> list[Path]:
    """Find the chapters that are named, all where none is."""
    return [find_chapter(name) for name in names] or chapters(find_root())


def _chosen(names: Sequence[str]) -> dict[Path, list[str] | None]:
    """Map each chapter that is named, or of which figures are, to these figures; None stands for all."""
    chosen: dict[Path, list[str] | None] = {}
    for name in names:
        chapter, dash, _ = name.partition("-")
        is_figure = dash and name == Path(name).stem  # paths may hold hyphens too
        try:
            notebook = find_chapter(chapter if is_figure else name)
        except NotebookError as error:
            raise NotebookError(f"figure {name!r}: {error}" if is_figure else str(error)) from None
        figures = chosen.setdefault(notebook, [])
        if not is_figure:
            chosen[notebook] = None
        elif figures is not None:
            figures.append(name)
    return chosen or dict.fromkeys(_chapters(()))


@main.command("figures")
@click.argument("names", metavar="[CHAPTER|FIGURE]...", nargs=-1)
@click.option("--lang", "languages", default="fa,en", callback=_several(*LANGUAGES), metavar="fa,en")
@click.option(
    "--format", "formats", default="svg", callback=_several("svg", "pdf", "png"), metavar="svg,pdf,png"
)
@click.option("--dpi", type=click.IntRange(30, 2400), default=200, show_default=True, help="Dots per inch.")
@click.option("--font-size", type=click.FloatRange(3, 40), metavar="PT", help="Size of the text, in points.")
@click.option(
    "--width", type=click.FloatRange(1, 40), metavar="IN", help="Width in inches; the height follows."
)
@click.option(
    "--style",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read matplotlib's settings from FILE, over those of the book.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say what changed in the data since the manifest FILE.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=1e-6,
    show_default=True,
    metavar="SHARE",
    help="Take numbers as the same that differ by less than this share of an array's largest.",
)
@click.option("--check", is_flag=True, help="Draw nothing; exit with 1 where the data differ.")
@_PARAMETERS
@_output("Write to DIR in place of _build/figures.")
@_OVERWRITE
@_BUILD
@_FORCE
@_bounds
@_engine
@_explained
def figures_command(
    names: tuple[str, ...],
    languages: list[str],
    formats: list[str],
    dpi: int,
    font_size: float | None,
    width: float | None,
    style: Path | None,
    against: Path | None,
    tolerance: float,
    check: bool,
    assignments: tuple[str, ...],
    output: Path | None,
    overwrite: bool,
    build: Path | None,
    force: bool,
    bounds: _Bounds,
    engine: _Engines,
) -> None:
    """Write the figures of each CHAPTER, by default of all, or each FIGURE, as files, and print their paths.

    They are drawn from what the chapter's run has stored, or the published one; where there is none, it is
    made. A figure called NAME is NAME.fa.svg in Persian and NAME.en.svg in English, a slider is a file for
    each value.
    manifest.json says what they show and from which parameters, versions and revision.
    """
    from hw2utils.publishing.editions import figures, manifests  # other commands need no matplotlib

    chosen = _chosen(names)
    notebooks = list(chosen)
    if assignments and len(notebooks) != 1:
        raise ParameterError("-p: expected with one CHAPTER; run the others one by one")
    if (check or against) and any(chosen.values()):
        raise manifests.FiguresError("--check, --against: expected with whole chapters, got a figure's name")
    given = {notebook: _given(notebook, assignments) for notebook in notebooks}
    own = output is None
    folder = output or (build or project_root(notebooks[0]) / "_build") / "figures"
    if own and assignments:
        job = Chapter(notebooks[0], build).job(given[notebooks[0]])
        folder /= f"{job.chapter}-{job.key}"  # the published run's figures stay
    settings = figures.read_style(style) if style else {}
    look = figures.Look(languages, formats, dpi, font_size, width, settings)
    if check and against is None:
        against = folder / manifests.MANIFEST
        if not against.is_file():
            options = [*names, *(f"-p {assignment}" for assignment in assignments)]
            options += [] if build is None else [f"--build {build}"]
            options += [] if output is None else [f"-o {output}"]
            raise manifests.FiguresError(
                f"--check: expected the manifest of earlier figures, {against}, which does not exist; make "
                f"it with: {' '.join(['hw2 figures', *options])}, or name another with --against"
            )
    before = manifests.read_manifest(against) if against else None
    with _build_folder(given, build, output, force) as shelf_folder:
        parameters = {notebook.stem: values for notebook, values in given.items()}
        shipped = {} if force else _shipped(notebooks, parameters, shelf_folder)
        stale = [notebook for notebook in notebooks if notebook not in shipped]
        made = execute_all(
            stale,
            parameters={notebook.stem: parameters[notebook.stem] for notebook in stale},
            build_dir=shelf_folder,
            force=force,
            engine=engine,
            **bounds,
        )
        found = {**shipped, **dict(zip(stale, made, strict=True))}
        done = [figures.narrowed(found[notebook], only) for notebook, only in chosen.items()]
        for run in done:
            if names and not run.figures:
                raise NotebookError(f"{run.chapter} shows no figure")
        changes = before and manifests.compare(manifests.of_runs(done), before, tolerance, whole=not names)
        if not check:
            runs = dict(zip(notebooks, done, strict=True))
            planned = [
                p for notebook, run in runs.items() for p in figures.pictures(run, notebook.parent, look)
            ]
            for name in () if own else [*(picture.file for picture in planned), manifests.MANIFEST]:
                _refuse_to_overwrite(folder / name, overwrite)
            with ProcessPoolExecutor(min(cores(), max(1, len(planned)))) as pool:
                contents = pool.map(partial(figures.draw_picture, look=look), planned)
                bar = tqdm(contents, total=len(planned), desc="drawing", unit="file", disable=None)
                files = figures.write_figures(runs, zip(planned, bar, strict=True), look, folder)
            for file in files:
                click.echo(file.resolve())
    if changes:
        for line in [*changes.others, *changes.figures, *([] if changes.figures else ["no figure changed"])]:
            click.echo(line, err=not check)
    if check and changes and changes.figures:
        raise SystemExit(1)


@main.command("sweep")
@_CHAPTER
@click.option(
    "--grid",
    "axes",
    metavar="NAME=VALUES",
    multiple=True,
    help="Vary a parameter: NAME=1,2,5 or NAME=START:STOP:STEP, lists NAME=1,2;1,4; repeat it for a grid.",
)
@click.option(
    "-f",
    "--file",
    "listed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read parameter sets from FILE: YAML, a list with names and values in each item.",
)
@_PARAMETERS
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Runs at a time; by default one a core."
)
@_output("Write the table to DIR in place of _build/sweeps/CHAPTER/….")
@_OVERWRITE
@_BUILD
@_bounds
@_engine
@click.option("--sbatch", is_flag=True, help="Run nothing; write an array job for SLURM's sbatch.")
@_explained
def sweep_command(
    chapter: str,
    axes: tuple[str, ...],
    listed: Path | None,
    assignments: tuple[str, ...],
    workers: int | None,
    output: Path | None,
    overwrite: bool,
    build: Path | None,
    bounds: _Bounds,
    engine: _Engines,
    sbatch: bool,
) -> None:
    """Run CHAPTER with many parameters and write one table of the results, table.csv.

    The same command again goes on where it was interrupted, also elsewhere: on this machine, on a Dask
    cluster, or as an array job of SLURM. Every run is kept; `hw2 results` lists them.
    """
    from hw2utils.publishing.execution import array_jobs, sweeps

    notebook = find_chapter(chapter)
    fixed = _given(notebook, assignments)
    subject = Chapter(notebook, build)
    sets = _parameter_sets(listed) if listed else [{}]
    for number, given in enumerate(sets, start=1):
        if both := sorted(fixed.keys() & given.keys()):
            raise ParameterError(f"{listed}: set {number} has {both[0]!r}, which -p gives too; give it once")
    try:
        grid = sweeps.Grid(subject.declared, axes, sets)
        if both := sorted(fixed.keys() & grid.axes.keys()):
            raise ParameterError(f"--grid has {both[0]!r}, which -p gives too; give it once")
    except ParameterError as error:
        raise ParameterError(f"{notebook.stem}: {error}") from None
    grid.sets = [{**fixed, **given} for given in sets]
    workers = min(workers or cores(), max(1, len(grid)))
    sweeps.check_sets(subject, grid, **bounds)  # before anything is written
    folder = output or (
        build or project_root(notebook) / "_build"
    ) / "sweeps" / notebook.stem / sweeps.sweep_name(grid)
    sweeps.claim_folder(folder, subject, grid, overwrite=overwrite)
    if sbatch:
        script = array_jobs.write_array_job(folder.resolve(), subject, grid, **bounds)
        click.echo(f"array job {script}")
        click.echo(f"Next: sbatch {script}; then hw2 results --sweep {folder}", err=True)
        return
    bar = tqdm(total=len(grid), desc=notebook.stem, unit="run", disable=None)

    def done(job: Job, ending: Finished | ExecutionError) -> None:
        bar.update()
        if isinstance(ending, ExecutionError):
            click.echo(str(ending), err=True)
        elif bar.disable:
            changed = ", ".join(f"{name}={value}" for name, value in job.changed.items()) or "default values"
            how = "kept from before" if ending.cached else "run"
            click.echo(f"{job.chapter}: {how}: {changed}", err=True)

    with engine(workers) as place:
        outcome = None
        try:
            with bar:
                outcome = sweeps.run_sweep(subject, grid, place, done=done, **bounds)
        finally:
            _write_table(subject, grid, folder, whole=outcome is not None)
            if outcome is None:
                click.echo("hw2: stopped; the same command goes on from here", err=True)
    if outcome.failures:
        raise _Fault(f"{len(outcome.failures)} of {len(grid)} runs failed; the messages above say why")


def _write_table(chapter: Chapter, grid: sweeps.Grid, folder: Path, *, whole: bool = True) -> None:
    """Write what is finished of a sweep, and say where and how much."""
    from hw2utils.publishing.execution import sweeps

    table = folder / "table.csv"
    count = sweeps.write_table(chapter, grid, table)
    for file in [table, *filter(None, [sweeps.write_parquet(table)])]:
        click.echo(f"table     {file.resolve()}")
    click.echo(f"runs      {count} of {len(grid)} finished", err=not whole)


def _parameter_sets(file: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(f"{file}: cannot be read as YAML: {error}") from None
    if not isinstance(content, list) or not all(isinstance(given, dict) for given in content) or not content:
        raise ParameterError(
            f"{file}: expected a list whose items hold name: value, such as '- {{epochs: 3}}'"
        )
    return content


@main.command("replicate")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option(
    "--first-seed", type=click.IntRange(0), metavar="N", help="First seed of the block; by default 100000."
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@_output("Write the report to DIR in place of _build/replication.")
@_OVERWRITE
@_BUILD
@_bounds
@_engine
@_explained
def replicate_command(
    names: tuple[str, ...],
    first_seed: int | None,
    lang: str,
    output: Path | None,
    overwrite: bool,
    build: Path | None,
    bounds: _Bounds,
    engine: _Engines,
) -> None:
    """Measure the claims of each CHAPTER, by default of all, on seeds nobody has looked at.

    The report names the verdicts that changed and sets all effects beside the published ones: report.md,
    effects.csv, effects.svg. Exit status 1 says that a verdict turned round.
    """
    from hw2utils.publishing.editions import replication
    from hw2utils.publishing.execution.published import load_published
    from hw2utils.reporting.claims import load

    notebooks = _chapters(names)
    first_seed = replication.FIRST_SEED if first_seed is None else first_seed
    folder = output or (build or project_root(notebooks[0]) / "_build") / "replication"
    if output is not None:
        _refuse_to_overwrite(folder / replication.REPORT, overwrite)
    published = {run.chapter: run for run in load_published(notebooks)}
    given = {
        path.stem: replication.fresh_parameters(Chapter(path, build), published[path.stem], first_seed)
        for path in notebooks
    }
    runs = execute_all(notebooks, parameters=given, build_dir=build, engine=engine, **bounds)
    found = [
        one
        for path, run in zip(notebooks, runs, strict=True)
        for one in replication.compare(published[path.stem], run, load(path.parent), path.stem)
    ]
    for file in replication.write_report(found, folder, lang, first_seed):
        click.echo(f"report    {file.resolve()}")
    changed = [one for one in found if one.changed]
    for one in changed:
        click.echo(f"changed   {one.claim.id}: {one.published.verdict} -> {one.fresh.verdict}")
    click.echo(f"verdicts  {len(found) - len(changed)} of {len(found)} as published")
    if any({one.published.verdict, one.fresh.verdict} == {"holds", "refuted"} for one in changed):
        raise SystemExit(1)


@main.command("decide")
@click.argument("name", metavar="CHAPTER")
@click.option(
    "--most",
    type=click.Choice([str(seeds) for seeds in LOOKS]),
    default=str(LOOKS[-1]),
    show_default=True,
    help="Look at no more seeds than these.",
)
@click.option("--dry-run", is_flag=True, help="Say what is settled; write nothing.")
@_BUILD
@_bounds
@_explained
def decide_command(name: str, most: str, dry_run: bool, build: Path | None, bounds: _Bounds) -> None:
    """Measure the claims of CHAPTER on more and more seeds until they are settled.

    Looks at 10, 20, 40 and 80 paired seeds, each interval at 98.75 %, so that all four looks together err no
    more often than one at 95 %. A claim is settled when no case that is still undecided could change its
    verdict. The number of seeds goes into the chapter's parameters, the looks into the registry of criteria.
    """
    from hw2utils.publishing.editions import decision
    from hw2utils.publishing.sources.claims import append
    from hw2utils.reporting.claims import verdict

    path = find_chapter(name)
    chapter = Chapter(path, build)
    claims = decision.claims_of(chapter, int(most))

    def measure(seeds: int) -> dict[str, Any]:
        given = {path.stem: {"seeds": seeds}}
        (run,) = execute_all([path], parameters=given, build_dir=build, **bounds)
        return {key: verdict(record, claims) for key, record in run.results["verdicts"].items()}

    looks = []
    for found in decision.look(measure, int(most)):
        looks.append(found)
        for key, told in found.verdicts.items():
            undecided = ", ".join(told.undecided)
            state = "settled" if told.settled else f"more seeds may change it: {undecided}"
            click.echo(f"{found.seeds:>3} seeds  {key}: {told.verdict}; {state}")
    if dry_run:
        return
    append(decision.entries(looks, chapter.declared["first_seed"].default), path.parent / REGISTRY)
    click.echo(f"registry  {path.parent / REGISTRY}")
    if decision.write_seeds(path, looks[-1].seeds):
        click.echo(f"seeds     {looks[-1].seeds} in {path.name}")
    for key, told in looks[-1].verdicts.items():
        if told.verdict != told.claim.expected:
            click.echo(f"expected  {key}: {told.claim.expected}; write {told.verdict} into book/claims")


@main.command("results")
@click.argument("chapter", required=False)
@click.option(
    "--verify", is_flag=True, help="Compare every file with its checksum; exit with 1 where one differs."
)
@click.option(
    "--remove", "keys", metavar="KEY", multiple=True, help="Remove this run of CHAPTER; may be repeated."
)
@click.option(
    "--remove-others",
    is_flag=True,
    help="Remove all runs but those of the default values now.",
)
@click.option(
    "--sweep",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the table of the sweep in DIR from the runs that are finished, in place of the list.",
)
@_BUILD
@_explained
def results_command(
    chapter: str | None,
    verify: bool,
    keys: tuple[str, ...],
    remove_others: bool,
    folder: Path | None,
    build: Path | None,
) -> None:
    """List the runs that are kept, of CHAPTER or of all: key, size, changed parameters.

    They stay until they are removed here.
    """
    if folder is not None:
        from hw2utils.publishing.execution import sweeps

        if chapter is not None or verify or keys or remove_others:
            raise ParameterError("--sweep: expected with --build alone; leave out CHAPTER and the others")
        _write_table(*sweeps.read_folder(folder, build), folder)
        return
    root = find_root()
    build = build or root / "_build"
    known = {path.stem: path for path in chapters(root)}
    if chapter is not None:
        chapter = find_chapter(chapter).stem
    if keys and chapter is None:
        raise ParameterError("--remove: expected with a CHAPTER, whose run it is")
    runs = list(shelf.kept_runs(build, chapter, verify=verify))
    if unknown := sorted(set(keys) - {run.key for run in runs}):
        raise ParameterError(
            f"--remove: {chapter} has no run {unknown[0]!r}{did_you_mean(unknown[0], [r.key for r in runs])}"
        )
    current = {
        Chapter(known[name], build).job().directory for name in {run.chapter for run in runs} & known.keys()
    }
    for run in runs:
        leave = run.directory in current
        if run.key in keys or (remove_others and not leave):
            shelf.remove(run.directory)
            click.echo(f"{run.chapter}  {run.key}  removed")
            continue
        state = run.fault or _state(run.directory, known.get(run.chapter), leave)
        click.echo(f"{run.chapter}  {run.key}  {run.bytes / 1e6:6.1f} MB  {state}")
    if not runs:
        click.echo(f"no runs in {build / 'executed' / (chapter or '')}", err=True)
    if verify:
        faults = sum(bool(run.fault) for run in runs)
        click.echo(f"{len(runs) - faults} of {len(runs)} runs are whole", err=True)
        if faults:
            raise SystemExit(1)


def _state(directory: Path, notebook: Path | None, current: bool) -> str:
    """Say whether a kept run is published, else which of its parameters differ from the defaults."""
    from hw2utils.publishing.execution.published import is_published

    if current and notebook:
        return "published" if is_published(notebook, directory) else "default values, numbers of its own"
    try:
        values = json.loads((directory / "results.json").read_text(encoding="utf-8"))["parameters"]
    except (OSError, ValueError, KeyError):
        return "results.json cannot be read"
    declared = declared_parameters(notebook) if notebook else {}
    changed = (f"{k}={v}" for k, v in values.items() if k not in declared or declared[k].default != v)
    return ", ".join(changed) or "of an earlier state of the chapter"


@main.command("list")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@_explained
def list_command(names: tuple[str, ...]) -> None:
    """List each CHAPTER, by default all, with its parameters: type, default, range, conditions, meaning."""
    for notebook in _chapters(names):
        click.echo(notebook.stem)
        for parameter in declared_parameters(notebook).values():
            signature = f"{parameter.name}: {parameter.type} = {parameter.default!r}"
            conditions = ", ".join(condition.text for condition in parameter.conditions)
            allowed = f"{parameter.range:<14}  {conditions and conditions + ': '}{parameter.help}"
            click.echo(f"  {signature:<34}  {allowed}".rstrip())


@main.command("zip")
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Write FILE in place of _build/{NAME}.zip.",
)
@_OVERWRITE
@_explained
def zip_command(output: Path | None, overwrite: bool) -> None:
    """Pack the built book into one archive to pass on."""
    _refuse_to_overwrite(output, overwrite)
    build = find_root() / "_build"
    target = output or build / f"{NAME}.zip"
    count = pack(build / "html", target)
    click.echo(f"{target}: {count} files, {target.stat().st_size / 1e6:.1f} MB")


@main.command("draft")
@_explained
def draft_command() -> None:
    """Build the book from small runs into _build/draft/html, each page marked as a draft."""
    from hw2utils.publishing.pages.variants import FOLDER, build_draft  # other commands need no Sphinx

    root = find_root()
    if status := build_draft(root):
        raise SystemExit(status)
    click.echo(f"The draft is ready: {root / FOLDER / 'index.html'}")


@main.command("pages")
@_explained
def pages_command() -> None:
    """Build the book from its published runs into _build/pages/html, without training."""
    from hw2utils.publishing.pages.variants import PAGES, build_published

    root = find_root()
    if status := build_published(root):
        raise SystemExit(status)
    click.echo(f"The pages are ready: {root / PAGES / 'index.html'}")


@main.command("student")
@_explained
def student_command() -> None:
    """Build the student's edition, with blanks for solutions, into _build/student, without training."""
    from hw2utils.publishing.editions.student import FOLDER, build_student

    root = find_root()
    if status := build_student(root):
        raise SystemExit(status)
    click.echo(f"Notebooks with blanks, and the package for them: {root / FOLDER / 'notebooks'}")
    click.echo(f"Pages: {root / FOLDER / 'html' / 'index.html'}")
    click.echo(f"Both, to pass on: {root / FOLDER / f'{NAME}-student.zip'}")


@main.command("lab", context_settings={"ignore_unknown_options": True})
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Work in DIR in place of homework.",
)
@click.argument("options", metavar="[JUPYTERLAB'S OPTIONS]...", nargs=-1, type=click.UNPROCESSED)
@_explained
def lab_command(folder: Path | None, options: tuple[str, ...]) -> None:
    """Open the homework in JupyterLab: the first steps and the chapters with blanks, in the folder homework.

    A notebook that is there already is opened as it was left. No page is built, and no network is needed.
    """
    from hw2utils.publishing.editions.handout import START, WORKPLACE, write_notebooks

    try:
        from jupyterlab.labapp import LabApp
    except ModuleNotFoundError as error:
        raise _Fault(
            f"the command needs {error.name}, which is not installed: make lab installs it"
        ) from error
    root = find_root()
    folder = (folder or root / WORKPLACE).resolve()
    new = write_notebooks(root, folder)
    click.echo(f"{folder}: {len(new)} new notebooks; what was there already stays", err=True)
    LabApp.launch_instance(
        [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{START}", *options]
    )


@main.command("course")
@click.argument("tool", type=click.Choice(["nbgrader", "otter"]))
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@_output("Write to DIR in place of _build/course/TOOL.")
@_OVERWRITE
@_explained
def course_command(tool: str, names: tuple[str, ...], output: Path | None, overwrite: bool) -> None:
    """Write the exercises of each CHAPTER, by default of all, as assignments for TOOL.

    For nbgrader a question of the homework is an assignment, for Otter a chapter is.
    """
    from hw2utils.publishing.editions import course, nbgrader, otter  # other commands need no torch

    write = {"nbgrader": nbgrader.write_nbgrader, "otter": otter.write_otter}[tool]
    _refuse_to_overwrite(output, overwrite)
    notebooks = _chapters(names)
    folder = output or find_root() / "_build" / "course" / tool
    made = [course.assignment(notebook) for notebook in notebooks]
    for one, file in zip(made, write(made, folder), strict=True):
        click.echo(f"{file}: {one.points} points, {one.checked} of them by checks")


@main.command("publish")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@_BUILD
@_explained
def publish_command(names: tuple[str, ...], build: Path | None) -> None:
    """Keep the finished run of each CHAPTER, by default of all, as the published one, in book/published.

    A chapter whose run is not there is refused: nothing is trained.
    """
    from hw2utils.publishing.execution import shelf
    from hw2utils.publishing.execution.published import publish

    notebooks = _chapters(names)
    jobs = [Chapter(notebook, build).job() for notebook in notebooks]
    if lacking := [job.chapter for job in jobs if not shelf.is_finished(job.directory)]:
        raise NotebookError(f"no finished run of {', '.join(lacking)}; build the book first: make book")
    for notebook, job in zip(notebooks, jobs, strict=True):
        folder = publish(notebook, shelf.load(job.directory, cached=True))
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        click.echo(f"{folder}: {size / 1e6:.2f} MB")


@main.command("adopt")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option("--except", "left", metavar="CHAPTER", multiple=True, help="Leave it out; may be repeated.")
@_BUILD
@_explained
def adopt_command(names: tuple[str, ...], left: tuple[str, ...], build: Path | None) -> None:
    """Take the published run of each CHAPTER, by default of all, for a finished run of one's own.

    The next build trains the others only. A run that is there already stays. A chapter whose published run is
    of other code or other versions of the libraries is named, and will be trained.
    """
    from hw2utils.publishing.execution.published import adopt

    leave = {find_chapter(name) for name in left}
    for notebook in _chapters(names):
        if notebook not in leave:
            job = Chapter(notebook, build).job()
            try:
                if adopt(job):
                    click.echo(f"{job.chapter}  {job.key}")
            except NotebookError as error:
                click.echo(str(error), err=True)


@main.command("pdf")
@click.option(
    "-l",
    "--lang",
    "choices",
    type=click.Choice(["fa", "en", "both"]),
    multiple=True,
    help="Print in this language only; may be repeated.",
)
@_output("Write the files in DIR in place of _build/pdf.")
@_OVERWRITE
@_explained
def pdf_command(choices: tuple[str, ...], output: Path | None, overwrite: bool) -> None:
    """Print the built book with Chromium: one PDF in each language and one in both."""
    try:
        from hw2utils.publishing.editions.pdf import (  # only who prints needs a browser's driver
            CHOICES,
            print_book,
        )
    except ModuleNotFoundError as error:
        raise _Fault(
            f"printing needs {error.name}, which is not installed: pip install -e '.[contributors]'"
        ) from error
    build = find_root() / "_build"
    for lang in choices or CHOICES:
        _refuse_to_overwrite(output and output / f"{NAME}-{lang}.pdf", overwrite)
    for lang in tqdm(choices or CHOICES, desc="printing", unit="file", disable=None):
        target = (output or build / "pdf") / f"{NAME}-{lang}.pdf"
        try:
            count = print_book(build / "html", lang, target)
        except ValueError as error:
            raise _Fault(str(error)) from error
        click.echo(f"{target}: {count} pages, {target.stat().st_size / 1e6:.1f} MB")


@main.command("new")
@click.argument("chapter")
@click.option("--fa", default="فصل تازه", metavar="TITLE", show_default=True, help="The title in Persian.")
@click.option(
    "--en", default="A new chapter", metavar="TITLE", show_default=True, help="The title in English."
)
@_explained
def new_command(chapter: str, fa: str, en: str) -> None:
    """Write a first CHAPTER that builds, such as q6_dropout, to be changed step by step.

    It gets a notebook, its texts, a place in _toc.yml and small values for tests; nothing is written over.
    """
    from hw2utils.publishing.sources.new_chapter import new_chapter

    for file in new_chapter(chapter, find_root(), {"fa": fa, "en": en}):
        click.echo(file)
    click.echo(f"Next: hw2 lint, hw2 run {chapter}, and open it in Jupyter.", err=True)


@main.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fix", is_flag=True, help="Copy book/first_cell.py into the chapters where they differ.")
@click.option(
    "--history", is_flag=True, help="Check with git, too, that the registry of claims was only appended to."
)
@_explained
def lint_command(paths: tuple[Path, ...], fix: bool, history: bool) -> None:
    """Check PATHS, by default the whole book; exit with 1 where something is wrong.

    Checked are the structure of chapters and pages, Persian, texts in both languages, claims, parameters, and
    code.
    """
    from hw2utils.publishing.sources import lint  # other commands need none of it

    if fix:
        for notebook in chapters(find_root()):
            if copy_into(notebook, find_root()):
                click.echo(f"{notebook}: has the first cell now", err=True)
    found = ((path, lint.lint_file(path)) for path in paths) if paths else lint.lint_book(find_root())
    if history:
        found = chain(found, lint.lint_history(find_root()))
    faults = files = 0
    for path, findings in found:
        files += 1
        faults += len(findings)
        for finding in findings:
            click.echo(f"{path}: {finding}")
    click.echo(f"{faults or 'no'} faults in {files} files", err=True)
    if faults:
        raise SystemExit(1)


def _seeds(
    context: click.Context, option: click.Parameter, value: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Read blocks of seeds such as 0-9; none stands for no block."""
    found = []
    for block in value:
        first, _, last = block.partition("-")
        if block != "none":
            if not first.isdecimal() or not (last or first).isdecimal() or int(last or first) < int(first):
                raise click.BadParameter(
                    f"expected FIRST-LAST such as 0-9, or none, got {block!r}", context, option
                )
            found.append((int(first), int(last or first)))
    return tuple(found)


@main.command("repository")
@click.argument("address", metavar="[URL]", required=False)
@click.option("--branch", default=None, metavar="NAME", help="The branch that buttons open; by default main.")
@click.option("--remove", is_flag=True, help="Take the address, and with it the buttons, out again.")
@_explained
def repository_command(address: str | None, branch: str | None, remove: bool) -> None:
    """Write the book's public address, URL, wherever it is needed; without URL, say which it is.

    It goes into _config.yml, with the buttons of the pages for Binder and Colab, and into each chapter's
    first cell, which then installs from there. No chapter runs again for it.
    """
    from hw2utils.publishing.sources import repository

    root = find_root()
    if (address is not None and remove) or (branch is not None and not address):
        raise ParameterError(
            "repository: expected URL, URL with --branch, or --remove alone; give one of these"
        )
    if address is None and not remove:
        click.echo(
            repository.repository(root) or "none; hw2 repository https://github.com/OWNER/NAME sets it"
        )
        return
    if repository.write_repository(root, address or "", branch or repository.BRANCH):
        click.echo(root / repository.FILE)
    for notebook in chapters(root):
        if copy_into(notebook, root):
            click.echo(notebook)


@main.command("register")
@click.argument("names", metavar="CLAIM...", nargs=-1, required=True)
@click.option("--fa", required=True, metavar="WHY", help="Why the criterion was set or changed, in Persian.")
@click.option("--en", required=True, metavar="WHY", help="The same in English.")
@click.option(
    "--seen",
    multiple=True,
    required=True,
    callback=_seeds,
    metavar="FIRST-LAST",
    help="Seeds on which the claim had been seen before; may be repeated, none for none.",
)
@_explained
def register_command(names: tuple[str, ...], fa: str, en: str, seen: tuple[tuple[int, int], ...]) -> None:
    """Append the criterion of each CLAIM, as it is now, to book/claims/registry.jsonl."""
    from hw2utils.publishing.sources.claims import register  # other commands need no SciPy

    for entry in register(names, find_root() / "book", {"fa": fa, "en": en}, seen):
        click.echo(f"{entry.claim}  {entry.date}  {entry.hash}")


if __name__ == "__main__":
    main()
