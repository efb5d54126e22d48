"""Records: the verdicts, values and figures that an executed notebook carries in its outputs."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hw2utils.languages import LANGUAGES
from hw2utils.reporting.records import RECORD_MIME

_DATA_URL = re.compile(r"data:image/(?P<kind>[\w.+-]+);base64,(?P<data>.*)", re.DOTALL)
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)


class RecordError(ValueError):
    """Report a record that cannot be used; ``cell`` is the index of the cell that shows it, from 0."""

    def __init__(self, message: str, cell: int) -> None:
        self.cell = cell
        super().__init__(message)


def collect_records(notebook: Mapping[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Gather the records an executed notebook shows and write the images of its figures.

    Returns ``verdicts`` and ``values`` by name, and ``figures``: name → ``alt`` (the record's) and ``files``
    (language → path relative to the parent of ``folder``). The images go to ``folder``, which is made when
    there are some, as ``<name>.<language>.<format>``.

    Raises :class:`RecordError` for a record without kind or name, a name shown twice, a number that is
    not finite, a figure that lacks an embedded image or alternative text in one language, and an image that
    is no figure's: it would have no text in its place for who cannot see it.

    >>> record = {"kind": "value", "name": "n", "value": 3}
    >>> output = {"data": {"application/vnd.hw2utils.record+json": record}}
    >>> collect_records({"cells": [{"outputs": [output]}]}, Path("figures"))["values"]
    {'n': 3}
    """
    found: dict[str, dict[str, Any]] = {"verdicts": {}, "values": {}, "figures": {}}
    for index, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if RECORD_MIME in data:
                try:
                    _add(data[RECORD_MIME], "".join(data.get("text/html", "")), found, folder)
                except ValueError as error:
                    raise RecordError(str(error), index) from None
            if data.get(RECORD_MIME, {}).get("kind") != "figure" and (kind := _bare_image(data)):
                raise RecordError(
                    f"shows an image ({kind}) that is not a bilingual figure with alternative text; make it "
                    "with hw2utils.reporting.figures",
                    index,
                )
    return found


def _bare_image(data: Mapping[str, Any]) -> str | None:
    """Say how an output shows an image, if it does."""
    if re.search(r"<(img|svg)\b", "".join(data.get("text/html", ""))):
        return "HTML with an image"
    return next((mime for mime in data if mime.startswith("image/")), None)


def _add(record: Any, html: str, found: dict[str, dict[str, Any]], folder: Path) -> None:
    if not isinstance(record, dict) or record.get("kind") not in ("verdict", "value", "figure"):
        raise ValueError(f"a record needs a kind (verdict, figure or value), got {record!r:.80}")
    kind, name = record["kind"], record.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{kind} record: expected a name of letters, digits, '.', '_' and '-', got {name!r}")
    shelf = found[f"{kind}s"]
    if name in shelf:
        raise ValueError(f"{kind} record: {name!r} is shown twice; names must be unique in a chapter")
    try:
        json.dumps(record, allow_nan=False)
    except ValueError:
        raise ValueError(f"{kind} record: {name!r} holds nan or inf, which JSON lacks; use None") from None
    if kind == "value":
        shelf[name] = record.get("value")
    elif kind == "verdict":
        shelf[name] = {key: value for key, value in record.items() if key != "kind"}
    else:
        alt, files = record.get("alt") or {}, _write_images(name, html, folder)
        for language in LANGUAGES:
            if not str(alt.get(language) or "").strip():
                raise ValueError(
                    f"figure {name!r} has no alternative text in {language!r}; give alt in both languages"
                )
        shelf[name] = {"alt": alt, "files": files}


def _write_images(name: str, html: str, folder: Path) -> dict[str, str]:
    images = _Images()
    images.feed(html)
    files = {}
    for language in LANGUAGES:
        match = _DATA_URL.fullmatch(images.found.get(language, ""))
        if match is None:
            raise ValueError(f"figure {name!r}: no embedded image of class 'lang-{language}' in its HTML")
        try:
            image = base64.b64decode(match["data"])
        except binascii.Error as error:
            raise ValueError(f"figure {name!r}: its 'lang-{language}' image is damaged: {error}") from None
        folder.mkdir(exist_ok=True)
        file = folder / f"{name}.{language}.{match['kind'].removesuffix('+xml')}"
        file.write_bytes(image)
        files[language] = f"{folder.name}/{file.name}"
    return files


class _Images(HTMLParser):
    """Collect the images of a figure's HTML by language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img" and "hidden" not in values:  # a slider shows one frame and hides the others
            for language in LANGUAGES:
                if f"lang-{language}" in (values.get("class") or "").split():
                    self.found[language] = values.get("src") or ""
