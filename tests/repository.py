"""Where the repository is, which chapters it has, and how the book is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hw2utils.reporting.catalogue import chapters

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = chapters(ROOT)
BUILD = ("jupyter-book", "build", ".", "-W", "-n", "--keep-going")
"""The one command that builds the book, the same as in the Makefile."""

ADOPT = ("hw2", "adopt")
"""The command after which it trains no chapter that has a published run."""


def run_tool(command: Sequence[str], root: Path = ROOT) -> tuple[int, str]:
    """Run one of this environment's programs; return the exit status and the end of what it said."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [shutil.which(command[0], path=tools) or command[0], *command[1:]],
        cwd=root,
        env={**os.environ, "PATH": tools},
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, "\n".join(done.stdout.splitlines()[-60:])
