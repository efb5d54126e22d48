"""The shelf of finished runs: folders with checksums, verified when used; nothing is removed unasked.

A run of a chapter lies in ``executed/<chapter>/<key>``: the executed copy, ``results.json``, arrays in
``figures/``, and ``manifest.json`` with the SHA-256 of each of these files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

MANIFEST = "manifest.json"
_FORMAT = 1  # of the manifest


@dataclass(frozen=True)
class Execution:
    """Hold where one executed chapter is kept and what it produced.

    ``directory`` holds ``notebook`` (the executed copy), ``results.json`` (its content is ``results``) and
    ``figures/<name>.npz``, the arrays of the figures' records (``figures``, by name). ``seconds`` is the wall
    time of the run, also when ``cached``, that is, when nothing had to run.
    """

    chapter: str
    key: str
    directory: Path
    notebook: Path
    results: dict[str, Any]
    figures: dict[str, dict[str, Any]]
    parameters: dict[str, Any]
    seconds: float
    cached: bool


def load(directory: Path, *, cached: bool) -> Execution:
    """Read a finished run that was verified."""
    results = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return Execution(
        results["chapter"],
        results["key"],
        directory,
        directory / f"{results['chapter']}.ipynb",
        results,
        results["figures"],
        results["parameters"],
        results["seconds"],
        cached,
    )


def write_json(path: Path, content: Any) -> None:
    """Write JSON that is the same for the same content."""
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def seal(folder: Path) -> None:
    """Write the checksums of all files of a folder into its manifest."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = {file.relative_to(folder).as_posix(): _digest(file) for file in files}
    write_json(folder / MANIFEST, {"format": _FORMAT, "sha256": sums})


def damage(directory: Path, chapter: str | None = None) -> str:
    """Say what is wrong with a finished run, or nothing if all its files are as they were written.

    ``chapter`` is its chapter, by default the name of the folder around it.

    >>> damage(Path("no such folder"))
    'manifest.json is missing'
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        sums = dict(manifest["sha256"])
    except FileNotFoundError:
        return f"{MANIFEST} is missing"
    except (OSError, ValueError, KeyError, TypeError):
        return f"{MANIFEST} cannot be read"
    for name in ("results.json", f"{chapter or directory.parent.name}.ipynb"):
        if name not in sums:
            return f"{MANIFEST} does not list {name}"
    for name, expected in sums.items():
        try:
            if _digest(directory / name) != expected:
                return f"{name} is not as it was written"
        except OSError as error:
            return f"{name}: {error.strerror}"
    return ""


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(directory: Path) -> tuple[int, int] | None:
    """Tell one making of a run from the next, whatever the clocks say: None where there is none."""
    try:
        status = (directory / MANIFEST).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def is_finished(directory: Path) -> bool:
    """Tell whether a run is there and unharmed; of one that is harmed, say so on stderr."""
    if not directory.is_dir():
        return False
    fault = damage(directory)
    if fault:
        sys.stderr.write(f"{directory.parent.name}: the finished run {directory.name} is no good: {fault}\n")
    return not fault


@contextmanager
def locked(directory: Path, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Hold the one right to make a run, waiting while another thread, process or user of this shelf holds it.

    Raises InterruptedError when ``is_stopped`` says so while waiting.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(directory.parent / f".{directory.name}.lock")
    told = False
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            if is_stopped():
                raise InterruptedError(f"stopped while waiting for {lock.lock_file}") from None
            if not told:
                sys.stderr.write(
                    f"{directory.parent.name}: the same run is being made elsewhere; waiting for it\n"
                )
                told = True
    try:
        yield
    finally:
        with suppress(OSError):  # who waits for it takes a new one; Windows keeps a file that is open
            os.unlink(lock.lock_file)
        lock.release()


@contextmanager
def scratch(directory: Path) -> Iterator[Path]:
    """Give an empty folder beside a run for making it; the lock on the run must be held.

    What runs that were killed left there is removed first.
    """
    folder = directory.with_name(f".running-{directory.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(made: Path, directory: Path) -> None:
    """Seal a folder made in :func:`scratch` and move it in place, over an older run if there is one."""
    seal(made)
    previous = made.with_name("previous")
    if directory.exists():  # forced, or damaged
        os.replace(directory, previous)
    try:
        os.replace(made, directory)
    except OSError:
        if previous.exists():
            os.replace(previous, directory)
        raise


@dataclass(frozen=True)
class Kept:
    """Describe one run on the shelf: its folder, its size in bytes, and what is wrong with it."""

    directory: Path
    bytes: int
    fault: str

    @property
    def chapter(self) -> str:
        """Name the chapter."""
        return self.directory.parent.name

    @property
    def key(self) -> str:
        """Name the run."""
        return self.directory.name


def kept_runs(build: Path, chapter: str | None = None, *, verify: bool = False) -> Iterator[Kept]:
    """List the runs under ``build/executed`` by chapter and key; ``verify`` compares every checksum."""
    shelves = [build / "executed" / chapter] if chapter else sorted((build / "executed").glob("*"))
    for shelf in shelves:
        for directory in sorted(shelf.glob("*")):
            if not directory.is_dir() or directory.name.startswith("."):
                continue
            size = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
            lacks = "" if (directory / MANIFEST).is_file() else f"{MANIFEST} is missing"
            yield Kept(directory, size, damage(directory) if verify else lacks)


def remove(directory: Path) -> None:
    """Remove one run and what belongs to it; not while it is being made."""
    with locked(directory):
        shutil.rmtree(directory)
        directory.with_name(f"failed-{directory.name}.ipynb").unlink(missing_ok=True)
