"""Other builds of the book's pages, in folders of their own: a draft from small runs, the published runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from hw2utils.languages import LANGUAGES
from hw2utils.reporting.catalogue import OVERRIDES, NotebookError
from hw2utils.reporting.html import element

FOLDER = "_build/draft/html"
"""Where the pages of a draft go, below the book's root."""

PAGES = "_build/pages/html"
"""Where the pages made from the published runs go, below the book's root."""

_NOTICE = {
    "fa": "پیش‌نویس: این صفحه‌ها از اجراهای کوچک ساخته شده‌اند؛ عددها و حکم‌هایشان نتیجهٔ کتاب نیست.",
    "en": "Draft: these pages come from small runs; their numbers and verdicts are not the book's results.",
}


def build_draft(root: Path) -> int:
    """Build the draft of the book in a folder with ``_toc.yml``; return the exit status, 0 for success.

    Raises NotebookError when the small parameters are missing or no YAML.
    """
    try:
        small = yaml.safe_load((root / OVERRIDES).read_text(encoding="utf-8"))
    except OSError:
        raise NotebookError(
            f"a draft needs small parameters for each chapter in {root / OVERRIDES}"
        ) from None
    except yaml.YAMLError as error:
        raise NotebookError(f"{root / OVERRIDES} is not valid YAML: {error}") from None
    return build_pages(root, root / FOLDER, hw2_parameters=small, hw2_draft=True)


def build_published(root: Path) -> int:
    """Build the book from its published runs, without training; return the exit status, 0 for success."""
    return build_pages(root, root / PAGES, hw2_published=True)


def build_pages(root: Path, folder: Path, **settings: Any) -> int:
    """Build the book's pages with other settings of its Sphinx extension; return the exit status.

    The same extension does it as in ``jupyter-book build . -W -n --keep-going``; only these settings differ,
    and the folders that get the pages and what Sphinx has read.
    """
    from jupyter_book.sphinx import build_sphinx  # takes a second

    result = build_sphinx(
        root,
        folder,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={
            "external_toc_path": (root / "_toc.yml").as_posix(),
            "latex_individualpages": False,
            "nitpicky": True,
            **settings,
        },
        warningiserror=True,
        keep_going=True,
    )
    return result if isinstance(result, int) else 1


def _mark(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say above each page of a draft that it is one, where the theme shows announcements."""
    if app.config.hw2_draft:
        context["theme_announcement"] = "".join(element("p", lang, _NOTICE[lang]) for lang in LANGUAGES)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the setting ``hw2_draft`` and the mark on each page."""
    app.add_config_value("hw2_draft", False, "env", bool)
    app.connect("html-page-context", _mark)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
