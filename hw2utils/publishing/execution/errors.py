"""What went wrong while chapters ran."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class ExecutionError(RuntimeError):
    """Report a chapter that failed while it ran.

    Attributes: ``chapter`` (stem of the notebook), ``cell`` (index among all cells of the source notebook,
    from 0, or ``None`` when no cell was running), ``source`` (code of that cell), ``traceback`` (plain
    text, without colours), ``notebook`` (the file executed up to the failure, if one was written).
    """

    def __init__(
        self, chapter: str, message: str, *, cell: int | None = None, source: str = "", traceback: str = ""
    ) -> None:
        self.chapter, self.message = chapter, message
        self.cell, self.source, self.traceback = cell, source, traceback
        self.notebook: Path | None = None
        place = f"{chapter}, cell {cell + 1}" if cell is not None else chapter
        parts = [f"{place}: {message}"]
        if source:
            parts.append("\n".join(f"    {line}" for line in source.splitlines()))
        if traceback:
            parts.append(traceback)
        super().__init__("\n".join(parts))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole from a process of a pool."""
        return _rebuild, (self.chapter, self.message, self.cell, self.source, self.traceback, self.notebook)


def _rebuild(
    chapter: str, message: str, cell: int | None, source: str, traceback: str, notebook: Path | None
) -> ExecutionError:
    error = ExecutionError(chapter, message, cell=cell, source=source, traceback=traceback)
    error.notebook = notebook
    return error


class ExecutionErrors(ExecutionError):
    """Report all chapters that failed in one call; ``errors`` lists them one by one."""

    def __init__(self, errors: Sequence[ExecutionError]) -> None:
        self.errors = list(errors)
        names = ", ".join(error.chapter for error in errors)
        super().__init__(names, f"{len(errors)} chapters failed\n\n" + "\n\n".join(map(str, errors)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole from a process of a pool."""
        return ExecutionErrors, (self.errors,)
