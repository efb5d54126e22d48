"""Folders with small files, for tests."""

from __future__ import annotations

from pathlib import Path


def put(root: Path, files: dict[str, str]) -> None:
    """Write files, named by their paths below a folder, with their folders."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
