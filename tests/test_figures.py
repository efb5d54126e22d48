"""Figures: one image a language and theme, from data and words, drawn again only when these changed."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_notebooks import write_texts

from hw2utils.reporting import figure, figures
from hw2utils.reporting.figures import DrawingError, Drawn, darkened, draw_file
from hw2utils.reporting.rendering import Book, render
from hw2utils.reporting.texts import TextError, entry

ROWS = {"main": np.array([0.5, 1.0, 1.5])}


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path) -> Path:
    write_texts(tmp_path, "q9")
    return tmp_path


def drawn(book: Path, **options: Any) -> bytes:
    return draw_file(
        "q9-curve", "differences", entry("q9-curve", book).words("fa"), {"rows": ROWS}, **options
    )


def images(html: str) -> dict[str, bytes]:
    found = re.findall(r'<img class="([^"]+)" [^>]*src="data:image/svg\+xml;base64,([^"]+)"', html)
    return {names: base64.b64decode(data) for names, data in found}


def test_each_language_has_its_image_alt_text_and_caption(book: Path) -> None:
    made = figure("q9-curve", "differences", rows=ROWS, slots={"n": 3})
    shown = render(made.content, Book(book))
    found = images(shown.html)
    assert list(found) == ["lang-fa", "lang-en"] and found["lang-fa"] != found["lang-en"]
    assert 'id="figure-q9-curve"' in shown.html and shown.text == "خط\nline"
    assert shown.alt == {"fa": "خط", "en": "line"}
    # Blocks, so that neither images nor captions run into each other in a notebook.
    blocks = re.sub(r"<(/?\w+)[^>]*>", r"<\1>", shown.html)
    assert blocks == (
        "<figure><div><img></div><div><img></div><figcaption><p>خط ۳</p><p>line 3</p></figcaption></figure>"
    )


def test_a_page_has_one_for_each_theme(book: Path) -> None:
    made = figure("q9-curve", "differences", rows=ROWS, slots={"n": 3})
    found = images(render(made.content, Book(book, dark=True)).html)
    assert list(found) == [
        f"lang-{lang} only-{theme}" for lang in ("fa", "en") for theme in ("light", "dark")
    ]
    light, dark = found["lang-en only-light"], found["lang-en only-dark"]
    assert b"#5f6b76" in light and b"#a9b4bf" in dark  # the same colour, lighter
    assert b"#000000" in light and b"#000000" not in dark and b"#e6e6e6" in dark
    assert re.search(rb'<svg [^>]*fill="#e6e6e6"', dark), "letters take the colour of the whole drawing"


def test_greys_turn_over_and_dark_colours_get_lighter() -> None:
    assert darkened(b"#ffffff #808080 #d55e00 #cc79a7") == b"#121212 #7c7c7c #f58a3c #cc79a7"


def test_the_same_data_give_the_same_file_in_each_format(book: Path) -> None:
    for kind, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        first, second = (drawn(book, kind=kind) for _ in range(2))
        assert first == second and first.startswith(start)
    assert len(drawn(book, kind="png", dpi=200)) > len(drawn(book, kind="png"))
    assert drawn(book, size=(3, 2)) != drawn(book, settings={"font.size": 20}) != drawn(book)


def test_only_what_changed_is_drawn_again(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    original = draw_file
    monkeypatch.setattr(figures, "draw_file", lambda *a, **k: calls.append(a[2].lang) or original(*a, **k))

    def shown(**change: Any) -> int:
        calls.clear()
        made = figure("q9-curve", "differences", **{"rows": ROWS, "slots": {"n": 3}, **change})
        render(made.content, Book(book, drawn=Drawn(book / "drawn")))
        return len(calls)

    assert (shown(), shown(), shown(slots={"n": 4})) == (2, 0, 0)  # a caption is no part of a drawing
    assert shown(rows={"main": ROWS["main"] + 1}) == 2
    texts = book / "texts/q9.yml"
    texts.write_text(texts.read_text(encoding="utf-8").replace("en: main", "en: mean"), encoding="utf-8")
    assert shown() == 2
    monkeypatch.setattr(figures, "drawing_code", lambda: "other")
    assert shown() == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"row": ROWS},
            "q9-curve: data row: the drawing differences takes rows, thresholds; did you mean 'rows'?",
        ),
        (
            {},
            "q9-curve: data rows is missing: the drawing differences takes rows, thresholds; write rows=…",
        ),
        (
            {"rows": ROWS, "color": "red"},
            "data color: the drawing differences takes rows, thresholds; take it away from the cell",
        ),
        (
            {"rows": ROWS, "value": 1},
            "data value: .* a slider gives it: add it to the drawing, or show a fig",
        ),
        ({"size": ROWS, "color": 1}, "data size: .*; data color: .*; data rows is missing: "),
    ],
)
def test_data_that_a_drawing_does_not_take_are_named(book: Path, data: dict[str, Any], message: str) -> None:
    with pytest.raises(DrawingError, match=message.replace("?", r"\?")):
        draw_file("q9-curve", "differences", entry("q9-curve", book).words("en"), data)


def test_what_cannot_be_drawn_is_named(book: Path) -> None:
    words = entry("q9-curve", book).words("en")
    with pytest.raises(
        DrawingError, match=r"expected a module hw2utils/plotting/q9.py with the function curve"
    ):
        draw_file("q9-curve", "q9.curve", words, {})
    with pytest.raises(DrawingError, match=r"style.py has no function 'sizd'; did you mean 'sized'"):
        draw_file("q9-curve", "style.sizd", words, {})
    with pytest.raises(DrawingError, match=r"plotting/diferences\.py .*; did you mean 'differences'"):
        draw_file("q9-curve", "diferences", words, {})
    made = figure("q9-curve", "differences", rows={"other": [1.0]}, slots={"n": 3})
    with pytest.raises(ValueError, match=r"q9.yml: curve: no label or term 'other'"):
        render(made.content, Book(book))
    with pytest.raises(TextError, match=r"q9.yml: curve: caption \((fa|en)\): no value for the slot 'n'"):
        render(figure("q9-curve", "differences", rows=ROWS).content, Book(book))


@pytest.mark.parametrize(
    ("kind", "mode"), [("grey", "L"), ("few", "P"), ("seen through", "P"), ("many", "RGBA")]
)
def test_images_of_few_colours_take_a_byte_a_pixel_and_look_the_same(kind: str, mode: str) -> None:
    pixels = np.random.default_rng(0).random((40, 40, 3) if kind == "many" else (40, 40))
    options = {"cmap": "gray"} if kind == "grey" else {"alpha": 0.4} if kind == "seen through" else {}

    def draw(figure: Any, words: Any, **data: Any) -> None:
        figure.subplots().imshow(pixels, interpolation="none", **options)

    words = entry("q5a-predictions").words("en")
    plain, packed = (
        [
            Image.open(io.BytesIO(base64.b64decode(found)))
            for found in re.findall(rb"data:image/png;base64,([A-Za-z0-9+/=\s]+)", svg)
        ]
        for svg in (unpacked(draw, words), draw_file("q9-a", draw, words, {}))
    )
    assert [image.mode for image in packed] == [mode]
    assert [np.array(i.convert("RGBA")).tolist() for i in plain] == [
        np.array(i.convert("RGBA")).tolist() for i in packed
    ]


def unpacked(draw: Any, words: Any) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_with_packed_images", lambda svg: svg)
        return draw_file("q9-a", draw, words, {})
