"""Drawings of matplotlib as they go on a page: what is not seen is left out, what is seen written shorter."""

from __future__ import annotations

import re
import string
from collections import Counter
from itertools import pairwise

_SPARE = re.compile(
    r"<metadata>.*?</metadata>|<!--.*?-->|<\?xml.*?\?>|<!DOCTYPE[^>]*>|(?<=>)\s+(?=<)", re.DOTALL
)
_PLACE = re.compile(r'(?<= )(?:d|x|y)="[^"]*"|translate\([^)]*\)')
_LONG = re.compile(r"(?<![\d.])-?\d+\.\d{3,}")
_GLYPH = re.compile(r'\bd="([^"]*)" transform="scale\(0\.015625\)"')
"""The outline of a letter, 6400 units high."""
_COORDINATE = re.compile(r"-?[\d.]+")
_COARSE = 16
"""How many of its units make one of ours: 1/400 of a letter's height, a thirtieth of a pixel."""
_MOVED = re.compile(r'(<use href="#[^"]+") transform="translate\(([-\d.]+)(?: ([-\d.]+))?\)"/>')
_COMMAND = re.compile(r"([MLQCz])([^MLQCz]*)")
_NUMBERS = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}
_OTHER = re.compile(r"[^MLQCze\d\s.+-]")
"""What a path of matplotlib has no use for, such as the command of an arc."""
_ID = re.compile(r' id="([^"]*)"')
_NAMED = re.compile(r'href="#([^"]+)"|url\(#([^)]+)\)')
_STYLE = re.compile(r' style="([^"]*)"')
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_GROUND = re.compile(r'(<svg\b[^>]*?) fill="(#[0-9a-f]{6})"')
_GROUP = re.compile(r"<g>|<g [^>]*>|</g>")


def slim_svg(svg: bytes) -> bytes:
    """Take out of matplotlib's figure what is not seen, and write what is seen shorter.

    Comments go, names that nothing refers to, groups that say nothing, and all beyond a hundredth of a point,
    in letters beyond 1/400 of their height; a style that returns becomes a class. Other images stay as they
    are.

    >>> slim_svg(b'<svg><metadata>Matplotlib v3</metadata> <path d="M 1.234567 -0.0001 L 12 3.5"/></svg>')
    b'<svg><path d="m1.23 0l10.77 3.5"/></svg>'
    """
    text = svg.decode("utf-8", errors="replace")
    if ">Matplotlib v" not in text or "<text" in text:  # spaces count between pieces of text
        return svg
    text = _GLYPH.sub(_coarse_letter, _SPARE.sub("", text).replace("base64,\n", "base64,"))
    text = _PLACE.sub(_slim_place, text)
    text = _MOVED.sub(_as_place, text.replace("xlink:href", "href"))
    text = text.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    return _without_empty_groups(_with_classes(_with_short_names(text))).encode()


def for_both_themes(light: bytes, dark: bytes) -> bytes | None:
    """Write a drawing for light pages and the same in other colours for dark pages as one, slim.

    It is light, and dark where its address ends in ``#dark``. None when more than colours differ.

    >>> light = b'<svg><path style="fill: #000000"/></svg>'
    >>> for_both_themes(light, light.replace(b"#000000", b"#e6e6e6"))[5:65]
    b'<style>#dark{--a:#000000}#dark:target{--a:#e6e6e6}</style><g'
    """
    texts = light.decode("utf-8", errors="replace"), dark.decode("utf-8", errors="replace")
    plain, ground = texts[0], _GROUND.search(texts[1])
    other = _GROUND.sub(r"\1", texts[1], count=1)
    if _COLOUR.sub("#", plain) != _COLOUR.sub("#", other) or 'id="dark"' in plain:
        return None
    pairs = dict.fromkeys(zip(_COLOUR.findall(plain), _COLOUR.findall(other), strict=True))
    names = {pair[0]: _short(place) for place, pair in enumerate(pairs)}
    if len(names) < len(pairs):  # one colour for two
        return None
    text = slim_svg(_COLOUR.sub(lambda found: f"var(--{names[found[0]]})", plain).encode()).decode()
    start = re.search(r"<svg\b[^>]*>", text)
    if start is None or not text.rstrip().endswith("</svg>"):
        return None
    own = ";".join(f"--{names[one]}:{one}" for one, _ in pairs)
    others = [f"--{names[one]}:{another}" for one, another in pairs]
    others += [f"fill:{ground[2]}"] if ground else []
    style = f"<style>#dark{{{own}}}#dark:target{{{';'.join(others)}}}</style>"
    inside = text[start.end() : text.rindex("</svg>")]
    return f'{text[: start.end()]}{style}<g id="dark">{inside}</g></svg>'.encode()


def _coarse_letter(match: re.Match[str]) -> str:
    outline = _COORDINATE.sub(lambda found: str(round(float(found[0]) / _COARSE)), match[1])
    return f'd="{outline}" transform="scale({0.015625 * _COARSE:g})"'


def _slim_place(match: re.Match[str]) -> str:
    text = match[0]
    return f'd="{_short_path(text[3:-1])}"' if text.startswith("d=") else _LONG.sub(_two_places, text)


def _short_path(path: str) -> str:
    """Write each point of a path from the one before it, to a hundredth, so that no error adds up.

    >>> _short_path("M 10 20 L 10.5 20.25 L 11 19.999 z M 3 4 C 3 4 5 6 7 8")
    'm10 20l.5.25.5-.25zm-7-16c0 0 2 2 4 4'
    """
    commands = [(command, numbers.split()) for command, numbers in _COMMAND.findall(path)]
    if _OTHER.search(path) or any(len(numbers) != _NUMBERS[command] for command, numbers in commands):
        return _LONG.sub(_two_places, path)
    written, here, begin, last = [""], (0, 0), (0, 0), ""
    for command, numbers in commands:
        place = [round(100 * float(number)) for number in numbers]
        if command != last or command == "M":
            written.append(command.lower())
        written += [_hundredths(number - here[side % 2]) for side, number in enumerate(place)]
        here = (place[-2], place[-1]) if place else begin
        begin = here if command == "M" else begin
        last = command
    return "".join(
        f" {text}" if before[-1:].isdigit() and _touches(before, text) else text
        for before, text in pairwise(written)
    )


def _hundredths(number: int) -> str:
    text = f"{abs(number) / 100:.2f}".rstrip("0").rstrip(".")
    return ("-" if number < 0 else "") + (text.removeprefix("0") or "0")


def _touches(before: str, text: str) -> bool:
    return text[0].isdigit() or (text[0] == "." and "." not in before)


def _two_places(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 2) + 0:.2f}".rstrip("0").rstrip(".")


def _as_place(match: re.Match[str]) -> str:
    down = f' y="{match[3]}"' if match[3] not in (None, "0") else ""
    return f'{match[1]} x="{match[2]}"{down}/>'


def _with_short_names(text: str) -> str:
    """Give the parts that are referred to names of a letter or two, and take the others' names away."""
    used = dict.fromkeys(first or second for first, second in _NAMED.findall(text))
    short = {name: _short(place) for place, name in enumerate(used)}
    text = _NAMED.sub(
        lambda found: f'href="#{short[found[1]]}"' if found[1] else f"url(#{short[found[2]]})", text
    )
    return _ID.sub(lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", text)


def _short(place: int) -> str:
    letters = string.ascii_letters
    return (
        letters[place]
        if place < len(letters)
        else _short(place // len(letters) - 1) + letters[place % len(letters)]
    )


def _with_classes(text: str) -> str:
    counts = Counter(_STYLE.findall(text))
    names = {
        style: _short(place)
        for place, (style, count) in enumerate(counts.most_common())
        if (count - 1) * len(style) > 12 * count
    }
    if not names:
        return text
    rules = (
        "".join(f".{name}{{{style}}}" for style, name in names.items()).replace("; ", ";").replace(": ", ":")
    )
    text = _STYLE.sub(lambda found: f' class="{names[found[1]]}"' if found[1] in names else found[0], text)
    return text.replace("</style>", f"{rules}</style>", 1)


def _without_empty_groups(text: str) -> str:
    said: list[bool] = []  # of each open group: has it attributes

    def keep(match: re.Match[str]) -> str:
        if match[0] == "</g>":
            return match[0] if said.pop() else ""
        if not match[0].endswith("/>"):
            said.append(match[0] != "<g>")
        return match[0] if match[0] != "<g>" else ""

    return _GROUP.sub(keep, text)
