"""The draft of a book: what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from files import put

from hw2utils.publishing.pages.variants import build_draft
from hw2utils.reporting.catalogue import OVERRIDES, NotebookError


@pytest.mark.parametrize(
    ("files", "message"),
    [({}, "a draft needs small parameters for each chapter in"), ({OVERRIDES: "a: [1"}, "is not valid YAML")],
)
def test_without_small_parameters_it_says_so(tmp_path: Path, files: dict[str, str], message: str) -> None:
    put(tmp_path, files)
    with pytest.raises(NotebookError, match=message):
        build_draft(tmp_path)
