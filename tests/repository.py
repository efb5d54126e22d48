"""Where the repository is, which chapters it has, and how the book is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hw2utils.publishing.notebooks import chapters

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = chapters(ROOT)
BUILD = ("jupyter-book", "build", ".", "-W", "-n", "--keep-going")
"""The one command that builds the book, the same as in the Makefile."""


def build_book(root: Path = ROOT) -> tuple[int, str]:
    """Build the book with this environment's tools; return the exit status and the end of the log."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [shutil.which(BUILD[0], path=tools) or BUILD[0], *BUILD[1:]],
        cwd=root,
        env={**os.environ, "PATH": tools},
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        # Sphinx would not repeat the warnings of pages it has read, and the next build would look clean.
        shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
    return done.returncode, "\n".join(done.stdout.splitlines()[-60:])
