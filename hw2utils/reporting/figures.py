"""Figures: drawn from a record's data with the words of one language, light or dark."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib
import inspect
import io
import math
import os
import pkgutil
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

import hw2utils.plotting
from hw2utils._checks import did_you_mean
from hw2utils._files import written_whole
from hw2utils.languages import LANGUAGES, Text
from hw2utils.plotting.style import SIZE, style
from hw2utils.reporting.html import element, inline_html
from hw2utils.reporting.texts import Words

THEMES = ("light", "dark")
_INK = "#e6e6e6"  # what black becomes on a dark page
_LIGHTER = {
    "#0072b2": "#4fa8e0",
    "#d55e00": "#f58a3c",
    "#009e73": "#2fc79b",
    "#5f6b76": "#a9b4bf",
    "#6a5acd": "#a99bff",
    "#882255": "#f0628f",
    "#999933": "#c6c65a",
    "#8b5a2b": "#cf9d69",
}
"""Colours too dark for thin lines and pale dots on a dark page, and lighter ones of the same name."""
_GREY = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b")
LEGIBLE = 9
"""How large the smallest letter of a figure stays on a page, in CSS pixels, however narrow the window."""
_WORDS = re.compile(r'<g [^>]*scale\(([\d.]+) -\1\)">(.*?)</g>', re.DOTALL)  # letters are drawn upside down
_EMBEDDED = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_RAISED = re.compile(r"<use [^>]*scale\(([\d.]+)\)")


class DrawingError(ValueError):
    """Say that a figure's drawing is missing or failed."""


def drawing(name: str) -> Callable[..., object]:
    """Find a drawing: ``q5d.sweep`` is ``sweep`` in ``hw2utils.plotting.q5d``, ``steps`` that in ``steps``.

    Raises DrawingError when there is none.

    >>> drawing("differences").__name__
    'differences'
    """
    module_name, _, function = name.partition(".")
    function = function or module_name
    try:
        module = importlib.import_module(f"hw2utils.plotting.{module_name}")
    except ModuleNotFoundError:
        modules = [found.name for found in pkgutil.iter_modules(hw2utils.plotting.__path__)]
        raise DrawingError(
            f"{name}: expected a module hw2utils/plotting/{module_name}.py with the function {function}"
            f"{did_you_mean(module_name, modules)}"
        ) from None
    found = getattr(module, function, None)
    if not callable(found):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        raise DrawingError(
            f"{name}: hw2utils/plotting/{module_name}.py has no function {function!r}"
            f"{did_you_mean(function, known)}"
        )
    return found


def data_problems(draw: str, function: Callable[..., object], given: Collection[str]) -> Iterator[str]:
    """Say which data a drawing called ``draw`` lacks, and which it does not take, among those ``given``.

    >>> list(data_problems("differences", drawing("differences"), ["row"]))
    ["row: the drawing differences takes rows, thresholds; did you mean 'rows'?"]
    """
    parameters = list(inspect.signature(function).parameters.values())[2:]  # after figure and words
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = [parameter.name for parameter in parameters]
    needed = [
        one.name for one in parameters if one.default is inspect.Parameter.empty and one.name not in given
    ]
    takes = f"the drawing {draw} takes {', '.join(known) or 'no data'}"
    for name in given:
        if name not in known:
            near = did_you_mean(name, needed or known)
            if name == "value":
                near = "; a slider gives it: add it to the drawing, or show a figure"
            needed = [lacking for lacking in needed if repr(lacking) not in near]
            yield f"{name}: {takes}{near or '; take it away from the cell'}"
    for name in needed:
        remedy = "a slider gives it" if name == "value" else f"write {name}=… in the cell"
        yield f"{name} is missing: {takes}; {remedy}"


def size_of(draw: Callable[..., object]) -> tuple[float, float]:
    """Give the width and height of a drawing in inches: what :func:`~hw2utils.plotting.style.sized` says."""
    size: tuple[float, float] = getattr(draw, "size", SIZE)
    return size


def draw_file(
    name: str,
    draw: str | Callable[..., object],
    words: Words,
    data: Mapping[str, Any],
    *,
    size: tuple[float, float] | None = None,
    settings: Mapping[str, Any] | None = None,
    kind: str = "svg",
    dpi: float | None = None,
    transparent: bool | None = None,
) -> bytes:
    """Draw a figure with the words of one language, as SVG, PDF or PNG (``kind``).

    ``draw`` names a drawing of the book, or is one. ``size`` is (width, height) in inches, by default the
    drawing's own. ``settings`` are matplotlib's, over those of the book. The ground is ``transparent`` in an
    SVG file and white in others, unless it is said. The same arguments give the same bytes.

    Raises DrawingError where the drawing is missing or fails.
    """
    function = drawing(draw) if isinstance(draw, str) else draw
    called = draw if isinstance(draw, str) else getattr(draw, "__name__", "given")
    if problems := list(data_problems(called, function, data)):
        raise DrawingError(f"{name}: data {'; data '.join(problems)}")
    buffer = io.BytesIO()
    clear = kind == "svg" if transparent is None else transparent
    # A fixed salt and no date make the file a function of its data, so that a manifest can compare it.
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    rc: Any = {**style(words.lang), "svg.hashsalt": f"{name}.{words.lang}", **(settings or {})}
    with mpl.rc_context(rc):
        figure = Figure(figsize=size or size_of(function), layout="constrained")
        try:
            function(figure, words, **data)
        except ValueError as error:  # TextError among them, which names its place
            raise DrawingError(f"{name}, drawn by {draw}: {error}") from error
        except Exception as error:
            raise DrawingError(f"{name}, drawn by {draw}: {type(error).__name__}: {error}") from error
        figure.savefig(buffer, format=kind, metadata=metadata, dpi=dpi or "figure", transparent=clear)
    return _with_packed_images(buffer.getvalue()) if kind == "svg" else buffer.getvalue()


def _with_packed_images(svg: bytes) -> bytes:
    """Store the images inside a drawing with a byte a pixel, not matplotlib's four, where that does."""
    return _EMBEDDED.sub(_packed, svg)


def _packed(match: re.Match[bytes]) -> bytes:
    from PIL import Image, ImageChops  # comes with matplotlib; few drawings hold images

    image = Image.open(io.BytesIO(base64.b64decode(match[1]))).convert("RGBA")
    red, green, blue, opaque = image.split()
    grey = not any(ImageChops.difference(red, c).getbbox() for c in (green, blue))
    if grey and opaque.histogram()[255] == opaque.width * opaque.height:
        made = red
    elif image.getcolors(256):
        pixels = np.asarray(image)  # (H, W, 4)
        colors, place = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
        made = Image.fromarray(place.reshape(pixels.shape[:2]).astype(np.uint8))
        made.putpalette(colors.tobytes(), "RGBA")
    else:
        made = image
    packed = io.BytesIO()
    made.save(packed, format="png", optimize=True)
    content = base64.b64encode(packed.getvalue())
    return b"data:image/png;base64," + content if len(content) < len(match[1]) else match[0]


def darkened(svg: bytes) -> bytes:
    """Turn a drawing's greys over for a dark page, black and white among them; make dark colours lighter.

    >>> darkened(b'<svg id="a"><g style="fill: #000000; stroke: #0072b2">')
    b'<svg fill="#e6e6e6" id="a"><g style="fill: #e6e6e6; stroke: #4fa8e0">'
    """
    text = _GREY.sub(_turned, svg.decode())
    for colour, lighter in _LIGHTER.items():
        text = text.replace(colour, lighter)
    return text.replace("<svg ", f'<svg fill="{_INK}" ', 1).encode()  # letters have no colour of their own


def _turned(match: re.Match[str]) -> str:
    shades = [int(part, 16) for part in match.groups()]
    if max(shades) - min(shades) > 8:
        return match[0]
    shade = round(230 - shades[0] * (230 - 18) / 255)  # black to nearly white, white to nearly black
    return f"#{shade:02x}{shade:02x}{shade:02x}"


def smallest_letter(svg: bytes) -> float:
    """Give the size of a drawing's smallest letters in CSS pixels, as it is drawn; infinity without any.

    >>> smallest_letter(b'<g transform="scale(0.1 -0.1)"><use href="#a"/><use transform="scale(0.7)"/></g>')
    9.333333333333332
    """
    sizes = [
        float(scale) * min(map(float, _RAISED.findall(letters)), default=1)
        for scale, letters in _WORDS.findall(svg.decode())
    ]
    return 100 * min(sizes, default=math.inf) * 96 / 72  # a letter's outline is drawn 100 points high


def least_width(drawings: Iterable[bytes], width: float) -> int:
    """Give the width in CSS px below which a letter of some drawings, ``width`` inches wide, is too small.

    >>> least_width([b'<g transform="scale(0.1 -0.1)"><use/></g>'], 7)
    454
    """
    return math.ceil(max((96 * width * LEGIBLE / smallest_letter(svg) for svg in drawings), default=0))


class Drawn:
    """Keep drawings by what they are made of, so that only what changed is drawn again.

    ``folder`` is where they are kept, None to draw each time. ``used`` names the drawings given so far, as
    their files are called.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.used: set[str] = set()

    def svg(self, name: str, draw: str, words: Words, data: Mapping[str, Any], digest: str) -> bytes:
        """Give a drawing; ``digest`` stands for the data."""
        if self.folder is None:
            return draw_file(name, draw, words, data)
        parts = [
            name,
            draw,
            words.lang,
            repr(sorted(_plain(words.labels))),
            repr(sorted(_plain(words.terms))),
        ]
        key = hashlib.sha256("\0".join([*parts, digest, drawing_code()]).encode()).hexdigest()[:24]
        self.used.add(key)
        file = self.folder / f"{key}.svg"
        try:
            os.utime(file)  # in use: a build that cleans leaves it alone
            return file.read_bytes()
        except FileNotFoundError:  # never drawn, or just taken away
            drawing_now = draw_file(name, draw, words, data)
        self.folder.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as draft:
            draft.write_bytes(drawing_now)
        return drawing_now


def _plain(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, repr(value)) for key, value in labels.items()]


@cache
def drawing_code() -> str:
    """Hash what draws: the plotting modules and those they use, the fonts, matplotlib's version."""
    drawings = Path(hw2utils.plotting.__file__).parent
    package = drawings.parent
    files = [
        *sorted(drawings.rglob("*.py")),
        *sorted(package.glob("*.py")),
        *sorted((package / "fonts").glob("*")),
        *sorted(Path(__file__).parent.glob("*.py")),
    ]
    digest = hashlib.sha256(mpl.__version__.encode())
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def image(
    svg: bytes, alt: str, lang: str, size: tuple[float, float], attributes: str = "", theme: str = ""
) -> str:
    """Write the HTML of an embedded figure in one language; ``size`` is in inches.

    ``theme`` is that of the page it is for, nothing for any.

    >>> image(b"<svg/>", "Chart", "en", (1, 2), theme="dark")[:75]
    '<img class="lang-en only-dark" lang="en" width="96" height="192" alt="Chart'
    """
    width, height = (round(96 * side) for side in size)
    data = base64.b64encode(svg).decode()
    names = f"lang-{lang} only-{theme}" if theme else f"lang-{lang}"
    if not theme:  # a notebook may be dark, and the drawing has no ground of its own
        attributes = f'{attributes} style="background: white"'.strip()
    return (
        f'<img class="{names}" lang="{lang}" width="{width}" height="{height}" alt="{html.escape(alt)}" '
        f'{attributes + " " if attributes else ""}src="data:image/svg+xml;base64,{data}">'
    )


def images_html(
    images: Mapping[str, bytes],
    alt: Text,
    size: tuple[float, float],
    attributes: str = "",
    *,
    dark: bool = False,
) -> str:
    """Write the image of each language in a block of its own; ``size`` is in inches.

    With ``dark`` there is one for light pages and one for dark pages. On a page the block scrolls sideways
    where it is narrower than the figure may become.

    >>> images_html({"fa": b"<svg/>", "en": b"<svg/>"}, {"fa": "شکل", "en": "Chart"}, (1, 2)).count("<div ")
    2
    """
    blocks = []
    for lang in LANGUAGES:
        svg = images[lang]
        if dark:
            pair = (svg, darkened(svg))
            both = (
                image(one, alt[lang], lang, size, attributes, theme)
                for one, theme in zip(pair, THEMES, strict=True)
            )
            blocks.append(f'<div class="hw2-view lang-{lang}">{"".join(both)}</div>')
        else:
            blocks.append(
                f'<div class="hw2-view lang-{lang}">{image(svg, alt[lang], lang, size, attributes)}</div>'
            )
    return "".join(blocks)


def figure_html(name: str, body: str, caption: Text, kind: str = "", *, least: int) -> str:
    """Write a figure element around its images, with both captions; ``kind`` is a further class.

    ``least`` is the width in CSS pixels that an image keeps on a page, see :func:`least_width`.

    Images and captions are blocks, so that both languages read well in a notebook, without our style sheet.

    >>> figure_html("dot", "…", {"fa": "نقطه", "en": "A dot"}, least=300)[-31:]
    'A dot</p></figcaption></figure>'
    """
    captions = "".join(
        # On a page in the middle, as the caption is; JupyterLab's own rule for paragraphs would be: left.
        element("p", lang, inline_html(caption[lang], lang), style="text-align: inherit")
        for lang in LANGUAGES
    )
    names = f"hw2-figure {kind}".strip()
    return (
        f'<figure class="{names}" id="figure-{name}" style="--hw2-least: {least}px">{body}'
        f"<figcaption>{captions}</figcaption></figure>"
    )
