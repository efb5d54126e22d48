"""Put the book's sources into a built package: a chapter then runs where only the wheel is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
SOURCES = (
    "_toc.yml",
    "LICENSE-CONTENT",
    "book/*.ipynb",
    "book/claims/*.yml",
    "book/claims/registry.jsonl",
    "book/texts/*.yml",
    "book/quizzes/*.yml",
    "book/published/*/results.json",
)


class BuildWithContent(build_py):
    """Copy chapters and claims to hw2utils/content; an editable install reads them where they are."""

    def run(self) -> None:
        """Build the package, then add the book's sources."""
        if not self.editable_mode:  # modules that are no more
            shutil.rmtree(Path(self.build_lib) / "hw2utils", ignore_errors=True)
        super().run()
        if self.editable_mode:
            return
        content = Path(self.build_lib) / "hw2utils" / "content"
        shutil.rmtree(content, ignore_errors=True)  # what an earlier build left
        for pattern in SOURCES:
            for file in ROOT.glob(pattern):
                target = content / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


setup(cmdclass={"build_py": BuildWithContent})
