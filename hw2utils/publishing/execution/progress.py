"""Progress on stderr: a bar on a terminal, one line for each finished piece elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from tqdm import tqdm


class ChapterProgress:
    """Show how far chapters that run at once are, in cells."""

    def __init__(self, chapters: Sequence[str], cells: int, show: bool) -> None:
        self.show, self.terminal = show, sys.stderr.isatty()
        self.waiting = list(chapters)
        self.chapters, self.began = len(chapters), time.perf_counter()
        self.bar = tqdm(total=cells, unit="cell", file=sys.stderr, disable=not (show and self.terminal))
        self._describe()

    def __enter__(self) -> ChapterProgress:
        return self

    def __exit__(self, *unused: object) -> None:
        self.bar.close()

    def _describe(self) -> None:
        self.bar.set_description("executing " + ", ".join(self.waiting))

    def cell_done(self) -> None:
        """Count one cell."""
        self.bar.update()

    def chapter_done(self, chapter: str, failed: bool) -> None:
        """Count one chapter."""
        self.waiting.remove(chapter)
        self._describe()
        if self.show and not self.terminal:
            state, seconds = "failed after" if failed else "executed in", time.perf_counter() - self.began
            done = self.chapters - len(self.waiting)
            sys.stderr.write(f"{chapter}: {state} {seconds:.1f} s ({done} of {self.chapters})\n")
            sys.stderr.flush()
