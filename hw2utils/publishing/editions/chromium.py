"""The system's Chromium, which prints the book and in which the tests open its pages."""

from __future__ import annotations

import shutil
from typing import Any


def chromium() -> dict[str, Any]:
    """Give Playwright's launch options: the browser on the PATH, kept from talking to anyone by itself.

    Raises FileNotFoundError when there is none.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError(
            "Chromium is not on the PATH, so no page can be opened; install it: apt install chromium"
        )
    quiet = ["background-networking", "component-update", "sync", "gpu"]
    return {
        "executable_path": path,
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{q}" for q in quiet)],
    }
