"""The ``hw2`` command: run a chapter with other parameters, take its figures, list them, pack the book."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from hw2utils.publishing.archive import NAME, pack
from hw2utils.publishing.durations import duration_problems
from hw2utils.publishing.execution import Execution, ExecutionError, execute
from hw2utils.publishing.notebooks import NotebookError, book_folder, chapters, read_notebook
from hw2utils.publishing.parameters import ParameterError, declared_parameters, parse_assignment
from hw2utils.publishing.persian import book_files, lint, persian_texts
from hw2utils.publishing.suggestions import did_you_mean


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
        except BrokenPipeError:  # the reader of our output has left: click ends quietly
            raise
        except OSError as error:
            raise _Fault(f"{error.filename or 'file'}: {error.strerror or error}") from error

    return run


def find_root() -> Path:
    """Find the root of the book: the folder with ``_toc.yml`` here or above, else beside the package.

    Raises NotebookError when there is none.
    """
    here = Path.cwd().resolve()
    beside_package = Path(__file__).resolve().parents[2]
    root = book_folder(here) or (beside_package if (beside_package / "_toc.yml").is_file() else None)
    if root is None:
        raise NotebookError(
            f"no book at {here}: expected a folder with _toc.yml here or above; run hw2 inside the project"
        )
    return root


def find_chapter(name: str) -> Path:
    """Find a chapter's notebook by its name (the file's stem) or path.

    Raises NotebookError, with the nearest name, when there is none.
    """
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    known = {notebook.stem: notebook for notebook in chapters(find_root())}
    if path.suffix in ("", ".ipynb") and path.stem in known and path.parent == Path("."):
        return known[path.stem]
    hint = did_you_mean(path.stem, known)
    raise NotebookError(f"unknown chapter {name!r}{hint} (chapters: {', '.join(known) or 'none'})")


def _run(chapter: str, assignments: Sequence[str], force: bool = False) -> Execution:
    notebook = find_chapter(chapter)
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
    return execute(notebook, given, force=force)


_CHAPTER = click.argument("chapter")
_PARAMETERS = click.option(
    "-p",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter; may be repeated. Elements of a list are separated by commas.",
)
_FORCE = click.option("--force", is_flag=True, help="Run it even though a finished run is there.")


def _output(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "-o",
        "output",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=f"Copy {what} to DIR.",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run chapters of the book and take their figures."""


@main.command("run")
@_CHAPTER
@_PARAMETERS
@_output("the executed copy, the results and the figures")
@_FORCE
@_explained
def run_command(chapter: str, assignments: tuple[str, ...], output: Path | None, force: bool) -> None:
    """Run CHAPTER (a name or a path) and say where its executed copy, results and figures are."""
    done = _run(chapter, assignments, force)
    place = done.directory
    if output is not None:
        shutil.copytree(done.directory, output, dirs_exist_ok=True)
        place = output.resolve()
    state = f"already executed, in {done.seconds:g} s" if done.cached else f"executed in {done.seconds:g} s"
    click.echo(f"{done.chapter}: {state}")
    click.echo(f"notebook  {place / done.notebook.name}")
    click.echo(f"results   {place / 'results.json'}")
    if done.figures:
        click.echo(f"figures   {place / 'figures'}")
    for name, verdict in done.results["verdicts"].items():
        click.echo(f"verdict   {name}: {verdict['verdict']}")


@main.command("figures")
@_CHAPTER
@_PARAMETERS
@_output("the figures")
@_FORCE
@_explained
def figures_command(chapter: str, assignments: tuple[str, ...], output: Path | None, force: bool) -> None:
    """Make every figure of CHAPTER, in both languages, and print the files' paths.

    A figure called NAME is NAME.fa.svg in Persian and NAME.en.svg in English.
    """
    done = _run(chapter, assignments, force)
    if not done.figures:
        raise NotebookError(f"{done.chapter} shows no figure")
    for files in done.figures.values():
        for file in files.values():
            if output is not None:
                output.mkdir(parents=True, exist_ok=True)
                file = Path(shutil.copyfile(file, output / file.name)).resolve()
            click.echo(file)


@main.command("list")
@_explained
def list_command() -> None:
    """List the chapters with their parameters: type, default, range, meaning."""
    for notebook in chapters(find_root()):
        click.echo(notebook.stem)
        for parameter in declared_parameters(notebook).values():
            signature = f"{parameter.name}: {parameter.type} = {parameter.default!r}"
            click.echo(f"  {signature:<34}  {parameter.range:<14}  {parameter.help}".rstrip())


@main.command("zip")
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Write FILE in place of _build/{NAME}.zip.",
)
@_explained
def zip_command(output: Path | None) -> None:
    """Pack the built book into one archive to pass on."""
    build = find_root() / "_build"
    target = output or build / f"{NAME}.zip"
    count = pack(build / "html", target)
    click.echo(f"{target}: {count} files, {target.stat().st_size / 1e6:.1f} MB")


@main.command("pdf")
@click.option(
    "-l",
    "--lang",
    "choices",
    type=click.Choice(["fa", "en", "both"]),
    multiple=True,
    help="Print in this language only; may be repeated.",
)
@click.option(
    "-o",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the files in DIR in place of _build/pdf.",
)
@_explained
def pdf_command(choices: tuple[str, ...], output: Path | None) -> None:
    """Print the built book with Chromium: one PDF in each language and one in both."""
    try:
        from hw2utils.publishing.pdf import CHOICES, print_book  # only who prints needs a browser's driver
    except ModuleNotFoundError as error:
        raise _Fault(
            f"printing needs {error.name}, which is not installed: pip install -e '.[contributors]'"
        ) from error
    build = find_root() / "_build"
    for lang in tqdm(choices or CHOICES, desc="printing", unit="file", disable=None):
        target = (output or build / "pdf") / f"{NAME}-{lang}.pdf"
        try:
            count = print_book(build / "html", lang, target)
        except ValueError as error:
            raise _Fault(str(error)) from error
        click.echo(f"{target}: {count} pages, {target.stat().st_size / 1e6:.1f} MB")


@main.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_explained
def lint_command(paths: tuple[Path, ...]) -> None:
    """Check PATHS, by default the whole book; exit with 1 where something is wrong.

    Checked are Persian text, and that a chapter's first texts say how long it runs, as its metadata do.
    """
    files = list(paths) or book_files(find_root())
    faults = 0
    for path in files:
        found = [
            f"{place}: {finding}" if place else str(finding)
            for place, text in persian_texts(path)
            for finding in lint(text)
        ]
        if path.suffix == ".ipynb":
            found += duration_problems(read_notebook(path))
        faults += len(found)
        for problem in found:
            click.echo(f"{path}: {problem}")
    click.echo(f"Persian text and durations: {faults or 'no'} faults in {len(files)} files", err=True)
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
