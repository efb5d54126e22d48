"""Figures as files, for papers and slides: drawn from what stored runs hold, as one wants them."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl

from hw2utils._checks import did_you_mean, is_number
from hw2utils._files import written_whole
from hw2utils.languages import LANGUAGES
from hw2utils.plotting.style import style
from hw2utils.publishing.editions.manifests import DATA, MANIFEST, FiguresError, describe, manifest
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.publishing.execution.shelf import Execution, write_json
from hw2utils.reporting.figures import draw_file, drawing, size_of
from hw2utils.reporting.rendering import Frame, frames
from hw2utils.reporting.schema import ARRAYS
from hw2utils.reporting.texts import Words, entry


@dataclass(frozen=True)
class Look:
    """Say how figures are drawn.

    ``formats`` are some of ``svg``, ``pdf`` and ``png``. ``dpi`` is that of PNG files and of the dots that
    others hold as an image. ``font_size`` is in points; ``width`` in inches, by default the drawing's own,
    and the height follows. ``settings`` are matplotlib's, over those of the book; the ground is white unless
    they say otherwise.
    """

    languages: Sequence[str] = LANGUAGES
    formats: Sequence[str] = ("svg",)
    dpi: float = 200
    font_size: float | None = None
    width: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def settings_in(self, lang: str) -> dict[str, Any]:
        """Give matplotlib's settings; in PDF files text stays text, and its fonts are embedded.

        >>> Look(font_size=8, settings={"font.family": ["serif"]}).settings_in("fa")["font.family"]
        ['serif', 'Vazirmatn', 'DejaVu Sans']
        """
        made = {"pdf.fonttype": 42, **self.settings}
        if family := made.get("font.family"):  # another font may have no Persian letters
            made["font.family"] = [*([family] if isinstance(family, str) else family)]
            made["font.family"] += style(lang)["font.family"]
        return made if self.font_size is None else {**made, "font.size": self.font_size}

    def size(self, draw: str) -> tuple[float, float]:
        """Give the width and height of a drawing in inches."""
        width, height = size_of(drawing(draw))
        return (width, height) if self.width is None else (self.width, height * self.width / width)

    def describe(self) -> dict[str, Any]:
        """Give it as JSON."""
        settings = {key: str(value) for key, value in sorted(self.settings.items())}
        return {"dpi": self.dpi, "font_size": self.font_size, "width": self.width, "settings": settings}


def read_style(file: Path) -> dict[str, Any]:
    """Read matplotlib's settings from a style file, such as ``paper.mplstyle``.

    Raises FiguresError for a setting matplotlib does not know, and a value it does not take.
    """
    known = list(mpl.rcParams)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            name = line.partition("#")[0].partition(":")[0].strip()
            if name and name not in known:
                near = did_you_mean(name, known)
                raise FiguresError(f"{file}, line {number}: matplotlib has no setting {name!r}{near}")
        read: Any = mpl.rc_params_from_file(file, fail_on_error=True, use_default_template=False)
        return dict(read)
    except FiguresError:
        raise
    except (UnicodeDecodeError, ValueError) as error:
        raise FiguresError(f"{file}: {error}; a line is written as in 'lines.linewidth: 1.5'") from None


def narrowed(run: Execution, names: Sequence[str] | None) -> Execution:
    """Give a run with only the figures that are named, with all where ``names`` is None.

    Raises FiguresError, with the nearest name, where the run has no such figure.
    """
    if names is None:
        return run
    for name in names:
        if name not in run.figures:
            known = ", ".join(run.figures) or "none"
            raise FiguresError(
                f"{run.chapter} has no figure {name!r}{did_you_mean(name, run.figures)} (it has {known})"
            )
    return replace(run, figures={name: run.figures[name] for name in names})


@dataclass(frozen=True)
class Picture:
    """Hold what one file is drawn from; ``name`` is the figure's, ``stem`` that of the file."""

    name: str
    stem: str
    draw: str
    words: Words
    data: Mapping[str, Any]
    kind: str

    @property
    def file(self) -> str:
        """Give the name of the file."""
        return f"{self.stem}.{self.words.lang}.{self.kind}"


def pictures(run: Execution, book: Path, look: Look) -> list[Picture]:
    """Plan the files of a run's figures; ``book`` is the folder that holds their texts.

    A figure called NAME is ``NAME.fa.svg`` in Persian, a slider's for a value ``NAME-VALUE.fa.svg``.

    Raises TextError where there are no texts.
    """
    planned = []
    for name, record in run.figures.items():
        shown, texts = frames(record, arrays_of(record, run.directory)), entry(name, book)
        planned += [
            Picture(name, stem, record["draw"], texts.words(lang), frame.data, kind)
            for stem, frame in zip(_stems(name, shown), shown, strict=True)
            for lang in look.languages
            for kind in look.formats
        ]
    return planned


def _stems(name: str, shown: Sequence[Frame]) -> list[str]:
    """Name the frames of a figure; those of a slider by value, or by place where that would not do.

    >>> _stems("q9-rate", [Frame({}, {}, 0.1), Frame({}, {}, 1)])
    ['q9-rate-0.1', 'q9-rate-1']
    """
    if len(shown) == 1:
        return [name]
    values = [f"{one.value:g}" if is_number(one.value) else str(one.value) for one in shown]
    values = [re.sub(r"[^\w.+-]+", "-", value).strip("-") for value in values]
    if len(set(values)) < len(values) or not all(values):
        values = [str(place) for place in range(len(values))]
    return [f"{name}-{value}" for value in values]


def draw_picture(picture: Picture, look: Look) -> bytes:
    """Draw one file.

    Raises DrawingError where the drawing does not fit the data.
    """
    return draw_file(
        picture.stem,
        picture.draw,
        picture.words,
        picture.data,
        size=look.size(picture.draw),
        settings=look.settings_in(picture.words.lang),
        kind=picture.kind,
        dpi=look.dpi,
        transparent=bool(look.settings.get("savefig.transparent", False)),
    )


def write_figures(
    runs: Mapping[Path, Execution], drawn: Iterable[tuple[Picture, bytes]], look: Look, output: Path
) -> list[Path]:
    """Write files as they are drawn, then the data they show and a manifest of all; return the files.

    ``runs`` maps the chapters' notebooks to their runs.

    Raises TextError where a caption or an alternative text cannot be filled.
    """
    output.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    sums: dict[str, dict[str, str]] = {}
    for picture, content in drawn:
        file = output / picture.file
        with written_whole(file) as draft:
            draft.write_bytes(content)
        files.append(file)
        sums.setdefault(picture.name, {})[file.name] = hashlib.sha256(content).hexdigest()
    chapters = {run.chapter: describe(run) for run in runs.values()}
    for notebook, run in runs.items():
        for name, figure in chapters[run.chapter]["figures"].items():
            figure |= {"files": sums[name], **_texts(run, name, notebook.parent)}
            if arrays := run.figures[name].get(ARRAYS):
                (output / DATA).mkdir(exist_ok=True)
                shutil.copyfile(run.directory / arrays, output / DATA / f"{name}.npz")
    with written_whole(output / MANIFEST) as draft:
        write_json(draft, manifest(look.describe(), chapters))
    return files


def _texts(run: Execution, name: str, book: Path) -> dict[str, Any]:
    """Fill the caption and the alternative text of a figure, a slider's as it starts."""
    record, texts = run.figures[name], entry(name, book)
    slots = frames(record, arrays_of(record, run.directory))[record.get("start", 0)].slots
    return {part: texts.text(part, slots, record.get("variant")) for part in ("caption", "alt")}
