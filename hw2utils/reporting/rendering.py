"""Rendering: what a record shows, in a notebook's cell and on a page, with the words of both languages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hw2utils.languages import LANGUAGES, Text
from hw2utils.reporting.cards import verdict_card, verdict_text
from hw2utils.reporting.catalogue import published_results
from hw2utils.reporting.claims import Claim, verdict
from hw2utils.reporting.figures import Drawn, drawing, figure_html, images_html, least_width, size_of
from hw2utils.reporting.html import element, inline_html, start_aligned
from hw2utils.reporting.quizzes import STYLE, quiz_html, quiz_text
from hw2utils.reporting.records import decode, unpack
from hw2utils.reporting.registry import history
from hw2utils.reporting.schema import ARRAYS
from hw2utils.reporting.sliders import slider_html
from hw2utils.reporting.texts import Entry, entry


@dataclass(frozen=True)
class Rendering:
    """Hold what a record shows: HTML and plain text, both with both languages, and a figure's description.

    ``style`` is what the HTML cannot do without where the book's style sheet is not.
    """

    html: str
    text: str
    alt: Mapping[str, str] | None = None
    style: str = ""

    @property
    def in_notebook(self) -> str:
        """Give the HTML for a notebook, which has no style sheet of the book."""
        return self.style + start_aligned(self.html)


@dataclass(frozen=True)
class Book:
    """Hold what rendering needs of a book: the folder of its texts, its claims, drawings that are kept.

    ``dark`` adds to each figure one for dark pages.
    """

    folder: Path | None = None
    claims: Mapping[str, Claim] | None = None
    drawn: Drawn = field(default_factory=Drawn)
    dark: bool = False


@dataclass(frozen=True)
class Frame:
    """Hold what one drawing of a figure is given, what fills its texts, and a slider's value."""

    data: Mapping[str, Any]
    slots: Mapping[str, Any]
    value: Any = None


def frames(record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> list[Frame]:
    """Give what a figure's drawing is given: one frame, or one for each value of a slider.

    >>> [frame.value for frame in frames({"kind": "slider", "values": [1, 2], "slots": [{}, {}],
    ...                                   "frames": [{}, {}], "data": {}}, {})]
    [1, 2]
    """
    data, slots = decode(record["data"], arrays), decode(record["slots"])
    if record["kind"] == "figure":
        return [Frame(data, slots)]
    return [
        Frame({**data, **own, "value": value}, {"value": value, **said}, value)
        for value, own, said in zip(
            decode(record["values"]), decode(record["frames"], arrays), slots, strict=True
        )
    ]


def render(
    record: Mapping[str, Any], book: Book | None = None, arrays: Mapping[str, NDArray[Any]] | None = None
) -> Rendering:
    """Say a record in both languages; ``arrays`` are those it names, unless it carries them.

    Raises TextError, ClaimError and DrawingError where words, claim or drawing do not fit the record.
    """
    book = book or Book()
    if record["kind"] == "verdict":
        judged = verdict(record, book.claims)
        results = published_results(judged.claim.chapter, book.folder) or {}
        published = results.get("verdicts", {}).get(judged.claim.id)
        told = history(judged.claim.id, book.folder)
        return Rendering(verdict_card(judged, published, told), verdict_text(judged))
    if record["kind"] == "quiz":
        name = record["name"]
        return Rendering(quiz_html(name, book.folder), quiz_text(name, book.folder), style=STYLE)
    if arrays is None:
        arrays = unpack(base64.b64decode(record[ARRAYS])) if ARRAYS in record else {}
    texts = entry(record["name"], book.folder)
    return _RENDERERS[record["kind"]](record, texts, book, arrays)


def _note(
    record: Mapping[str, Any], texts: Entry, book: Book, arrays: Mapping[str, NDArray[Any]]
) -> Rendering:
    text = texts.text("note", decode(record["values"]), record.get("variant"))
    body = "".join(element("p", lang, inline_html(text[lang], lang)) for lang in LANGUAGES)
    return Rendering(f'<div class="hw2-note">{body}</div>', _lines(text))


def _figure(
    record: Mapping[str, Any], texts: Entry, book: Book, arrays: Mapping[str, NDArray[Any]]
) -> Rendering:
    (frame,) = frames(record, arrays)
    images, alt, caption = _still(record, texts, book, frame, 0, _digest_of(record, arrays))
    size = size_of(drawing(record["draw"]))
    body, least = images_html(images, alt, size, dark=book.dark), least_width(images.values(), size[0])
    return Rendering(figure_html(record["name"], body, caption, least=least), _lines(alt), alt)


def _slider(
    record: Mapping[str, Any], texts: Entry, book: Book, arrays: Mapping[str, NDArray[Any]]
) -> Rendering:
    name, start, drawn = record["name"], record["start"], frames(record, arrays)
    alts = [texts.text("alt", one.slots) for one in drawn]
    label, caption = texts.text("label", {}), texts.text("caption", drawn[start].slots)
    shown = [texts.text("show", one.slots)["en"] for one in drawn]
    size, digest = size_of(drawing(record["draw"])), _digest_of(record, arrays)
    images = [_images(record, texts, book, one, place, digest) for place, one in enumerate(drawn)]

    def frame(place: int) -> str:
        return images_html(images[place], alts[place], size, f'data-frame="{place}"', dark=book.dark)

    least = least_width((svg for pair in images for svg in pair.values()), size[0])
    html = slider_html(name, frame, shown, start, label, caption, least=least)
    return Rendering(html, _lines(alts[start]), alts[start])


_Renderer = Callable[[Mapping[str, Any], Entry, Book, Mapping[str, "NDArray[Any]"]], Rendering]
_RENDERERS: dict[str, _Renderer] = {"note": _note, "figure": _figure, "slider": _slider}


def still(record: Mapping[str, Any], book: Book, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, Text]:
    """Give the images of a figure, of a slider as it starts, as HTML, and the caption in both languages.

    Raises as :func:`render` does.
    """
    place, texts = record.get("start", 0), entry(record["name"], book.folder)
    frame = frames(record, arrays)[place]
    images, alt, caption = _still(record, texts, book, frame, place, _digest_of(record, arrays))
    return images_html(images, alt, size_of(drawing(record["draw"])), dark=book.dark), caption


def _still(
    record: Mapping[str, Any], texts: Entry, book: Book, frame: Frame, place: int, digest: str
) -> tuple[dict[str, bytes], Text, Text]:
    """Give the images of one frame by language, its alternative text and its caption."""
    alt, caption = (texts.text(part, frame.slots, record.get("variant")) for part in ("alt", "caption"))
    return _images(record, texts, book, frame, place, digest), alt, caption


def _images(
    record: Mapping[str, Any], texts: Entry, book: Book, frame: Frame, place: int, digest: str
) -> dict[str, bytes]:
    name = record["name"] if record["kind"] == "figure" else f"{record['name']}-{place}"
    return {
        lang: book.drawn.svg(name, record["draw"], texts.words(lang), frame.data, digest)
        for lang in LANGUAGES
    }


def _digest_of(record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Hash what the drawings of a record show."""
    if record["kind"] == "figure":
        return _digest(record["data"], arrays)
    return _digest([record["data"], record["frames"], record["values"]], arrays)


def _digest(data: Any, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Hash data and the arrays beside them."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name}{arrays[name].dtype}{arrays[name].shape}".encode() + arrays[name].tobytes())
    return digest.hexdigest()


def _lines(text: Mapping[str, str]) -> str:
    return "\n".join(text[lang] for lang in LANGUAGES)
