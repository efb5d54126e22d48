"""What the READMEs take from the book: `make readme` writes their numbers and pictures, tests compare them.

A number stands between two marks, ``<!--=NAME-->38.5<!--/-->``, and each NAME is a fact measured here.
"""

from __future__ import annotations

import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import torch
from bs4 import BeautifulSoup
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from repository import CHAPTERS, ROOT

from hw2utils.languages import LANGUAGES, number
from hw2utils.publishing import execution
from hw2utils.publishing.editions.archive import pack
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.publishing.sources import durations
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting import claims
from hw2utils.reporting.figures import draw_file
from hw2utils.reporting.records import decode
from hw2utils.reporting.texts import entry

READMES = {"fa": ROOT / "README.fa.md", "en": ROOT / "README.md"}
PICTURES = ROOT / "pictures"
CHAPTER, FIGURE, CLAIM = "q1b_judging", "q1b-two-runs", "C-1b1"
"""The finding that the READMEs open with: its chapter, figure and claim."""

_SLOT = re.compile(r"<!--=([\w.]+)-->(.*?)<!--/-->")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫−", "0123456789.-")
_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Quantity:
    """Hold a measured number, the digits shown, and how far from it another machine may come."""

    value: float
    digits: int
    slack: float

    def write(self, lang: str) -> str:
        """Write the number as prose does."""
        return number(self.value, self.digits, lang)

    def agrees(self, text: str, lang: str) -> bool:
        """Tell whether a number written as prose does lies near enough."""
        found = numbers(text)
        near = self.slack + 0.5 * 10**-self.digits
        return (
            len(found) == 1
            and abs(found[0] - self.value) <= near
            and text == number(found[0], self.digits, lang)
        )


@dataclass(frozen=True)
class Words:
    """Hold words that are the same on every machine."""

    text: Mapping[str, str]

    def write(self, lang: str) -> str:
        """Give the words in one language."""
        return self.text[lang]

    def agrees(self, text: str, lang: str) -> bool:
        """Tell whether the words are these."""
        return text == self.text[lang]


Facts = Mapping[str, Quantity | Words]


def numbers(text: str) -> list[float]:
    """Read the numbers of a text in either language.

    >>> numbers("۳۸٫۵ و 12")
    [38.5, 12.0]
    """
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.translate(_DIGITS))]


# --- facts ----------------------------------------------------------------------------------------


def published() -> dict[str, execution.Execution]:
    """Find the run of every chapter that the built book shows, by chapter."""
    return {run.chapter: run for run in execution.execute_all(CHAPTERS, progress=False)}


def collect(html: Path, runs: Mapping[str, execution.Execution]) -> dict[str, Quantity | Words]:
    """Measure every fact: the finding, the verdicts, durations, and sizes in MB or GB (powers of 1000)."""
    return {
        **finding(runs[CHAPTER].results),
        **verdicts(),
        **chapter_facts(html),
        **sizes(html, runs),
    }


def finding(results: Mapping[str, Any]) -> dict[str, Quantity | Words]:
    """Take the numbers of the finding from the results of its chapter; accuracies in percentage points."""
    cases = results["verdicts"][CLAIM]["cases"]
    chance, learned = numbers(described(results["figures"][FIGURE])["en"])[-2:]
    facts: dict[str, Quantity | Words] = {
        "finding.chance": Quantity(chance, 0, 1),
        "finding.learned": Quantity(learned, 0, 1),
        "finding.seeds": Quantity(cases["test"]["n"], 0, 0),
        "finding.points": Quantity(results["parameters"]["points"], 0, 0),
        "finding.features": Quantity(results["parameters"]["features"], 0, 0),
        "finding.apart": Quantity(cases["curves"]["mean"], 1, 0.5),
        "finding.held": Quantity(cases["held"]["mean"], 0, 10),
    }
    for end in ("mean", "low", "high"):
        facts[f"finding.{end}"] = Quantity(cases["test"][end], 1, 1)
    return facts


def described(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the alternative text of a figure's record in both languages."""
    return entry(record["name"]).text("alt", decode(record["slots"]), record.get("variant"))


def picture(record: Mapping[str, Any], directory: Path, lang: str) -> str:
    """Draw a figure's record of a run in a directory, as SVG, on white ground."""
    data = decode(record["data"], arrays_of(record, directory))
    words = entry(record["name"]).words(lang)
    drawn = draw_file(record["name"], record["draw"], words, data).decode()
    return re.sub(r"(<svg [^>]*>)", r'\1<rect width="100%" height="100%" fill="#fff"/>', drawn, count=1)


def verdicts() -> dict[str, Quantity | Words]:
    """Count the claims and their verdicts; other tests hold these to what was measured."""
    expected = [claim.expected for claim in claims.load().values()]
    names = {verdict: f"claims.{verdict.replace(' ', '_')}" for verdict in sorted(set(expected))}
    counts = {name: expected.count(verdict) for verdict, name in names.items()}
    return {name: Quantity(count, 0, 0) for name, count in {"claims.all": len(expected), **counts}.items()}


def chapter_facts(html: Path) -> dict[str, Quantity | Words]:
    """Say how long each chapter and all of them run, and how heavy each page is with its pictures."""
    facts: dict[str, Quantity | Words] = {}
    total = 0.0
    for path in CHAPTERS:
        duration = durations.seconds(read_notebook(path))
        assert duration is not None, path
        total += duration
        facts[f"{path.stem}.time"] = Words({lang: durations.spoken(duration, lang) for lang in LANGUAGES})
        weight = page_bytes(html / "book" / f"{path.stem}.html") / 1e6
        facts[f"{path.stem}.size"] = Quantity(weight, 1, 0.2 * weight)
    facts["book.minutes"] = Quantity(total / 60 / 2, 0, 0)  # two at a time on two cores
    return facts


def page_bytes(page: Path) -> int:
    """Count the bytes of a page and of its pictures, without what all pages share."""
    text = page.read_text("utf-8")
    addresses = [str(image.get("src")) for image in BeautifulSoup(text, "html.parser").find_all("img")]
    names = {unquote(address.partition("#")[0]) for address in addresses}
    pictures = [page.parent / name for name in names if not name.startswith("data:")]
    return page.stat().st_size + sum(picture.stat().st_size for picture in pictures)


def sizes(html: Path, runs: Mapping[str, execution.Execution]) -> dict[str, Quantity | Words]:
    """Measure the pages, their archive, the kept results, and the environment where torch brings CUDA."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "book.zip"
        pack(html, archive)
        packed = archive.stat().st_size / 1e6
    pages, results = folder_bytes(html) / 1e6, sum(folder_bytes(run.directory) for run in runs.values()) / 1e6
    found: dict[str, Quantity | Words] = {
        "zip.size": Quantity(packed, 0, 0.2 * packed),
        "pages.size": Quantity(pages, 0, 0.2 * pages),
        "results.size": Quantity(results, 0, 0.2 * results),
    }
    if torch.version.cuda:  # not in the CPU-only pair
        environment = folder_bytes(Path(sys.prefix), disk=True) / 1e9  # CUDA's libraries exist on Linux alone
        found["environment.size"] = Quantity(environment, 0, 1)
    return found


def folder_bytes(folder: Path, *, disk: bool = False) -> int:
    """Count the bytes of the files below a folder, links not followed, or what they take on the disk."""
    files = (file.lstat() for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(512 * file.st_blocks if disk else file.st_size for file in files)


# --- text -----------------------------------------------------------------------------------------


def fill(text: str, lang: str, facts: Facts, alt: str) -> str:
    """Write the facts into the slots of a README, and the figure's alternative text beside it."""
    text = _SLOT.sub(
        lambda m: f"<!--={m[1]}-->{facts[m[1]].write(lang) if m[1] in facts else m[2]}<!--/-->", text
    )
    return re.sub(rf"!\[[^\]]*\](?=\(pictures/finding\.{lang}\.svg\))", lambda m: f"![{alt}]", text)


def disagreements(text: str, lang: str, facts: Facts, alt: str) -> list[str]:
    """Say where a README's slots and the figure's alternative text differ from the facts."""
    slots = _SLOT.findall(text)
    found = [
        f"{name}: README says {shown!r}, the book {facts[name].write(lang)!r}"
        for name, shown in slots
        if name in facts and not facts[name].agrees(shown, lang)
    ]
    missing = {name for name in facts if name.endswith((".time", ".size"))} - dict(slots).keys()
    found += [f"{name}: not in README" for name in sorted(missing)]
    known = {*facts, "environment.size"}
    found += [f"{name}: no such fact" for name, _ in slots if name not in known]
    # A line that begins with a comment is HTML to Markdown: nothing in it would be set.
    found += [
        f"begins with a mark: {line}" for line in text.splitlines() if line.lstrip().startswith("<!--=")
    ]
    picture = re.search(rf"!\[([^\]]*)\]\(pictures/finding\.{lang}\.svg\)", text)
    if not picture:
        found.append(f"finding.{lang}.svg: not in README")
    elif not alike(picture[1], alt, slack=1):
        found.append(f"finding.{lang}.svg: README describes it as {picture[1]!r}, the book as {alt!r}")
    return found


def alike(one: str, other: str, slack: float) -> bool:
    """Tell whether two texts differ in nothing but numbers, and in these by no more than ``slack``."""
    number_free = [re.sub(r"-?\d+(?:\.\d+)?", "#", text.translate(_DIGITS)) for text in (one, other)]
    pairs = zip(numbers(one), numbers(other), strict=False)
    return number_free[0] == number_free[1] and all(abs(a - b) <= slack for a, b in pairs)


# --- pictures -------------------------------------------------------------------------------------


def slim(svg: str) -> str:
    """Shorten a drawing by matplotlib: a row's common style stands once, coordinates have two digits."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    root = ET.fromstring(svg)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        styles = {child.get("style") if child.tag == f"{{{_SVG}}}use" else None for child in element}
        if len(element) > 1 and len(styles) == 1 and None not in styles and element.get("style") is None:
            element.set("style", str(element[0].get("style")))
            for child in element:
                del child.attrib["style"]
        for name in {"d", "x", "y"} & element.attrib.keys():
            element.set(name, re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}", element.attrib[name]))
        for attribute in ("text", "tail"):
            if not (getattr(element, attribute) or "").strip():
                setattr(element, attribute, None)
    return ET.tostring(root, encoding="unicode") + "\n"


def drawing(svg: str) -> tuple[list[str], list[tuple[float, float]]]:
    """Give what a drawing by matplotlib shows: the letters of its labels, and the places of all marks."""
    uses = list(ET.fromstring(svg).iter(f"{{{_SVG}}}use"))
    letters = [use.get(f"{{{_LINK}}}href", "") for use in uses if use.get("x") is None]
    return letters, [
        (float(use.get("x", 0)), float(use.get("y", 0))) for use in uses if use.get("x") is not None
    ]


def same_drawing(one: str, other: str, slack: float = 10) -> bool:
    """Tell whether two drawings have the same labels, and their marks within ``slack`` points."""
    (letters, marks), (other_letters, other_marks) = drawing(one), drawing(other)
    return (
        letters == other_letters
        and len(marks) == len(other_marks) > 100
        and all(
            abs(a - b) <= slack
            for m, n in zip(marks, other_marks, strict=True)
            for a, b in zip(m, n, strict=True)
        )
    )


def card(html: Path, lang: str) -> str:
    """Give the words of the photographed verdict card in one language."""
    page = BeautifulSoup((html / "book" / f"{CHAPTER}.html").read_text("utf-8"), "html.parser")
    found = page.select(f"#verdict-{CLAIM} .lang-{lang}")
    return " ".join(" ".join(part.get_text(" ") for part in found).split())


def photograph(html: Path, lang: str) -> bytes:
    """Photograph the finding's verdict card on its page, in one language; the picture carries its words."""
    from playwright.sync_api import sync_playwright

    from hw2utils.publishing.editions.chromium import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto((html / lang / "book" / f"{CHAPTER}.html").as_uri())
        page.wait_for_load_state("networkidle")
        page.evaluate("Promise.all([...document.images].map((i) => ((i.loading = 'eager'), i.decode())))")
        page.evaluate(f"document.querySelector('#verdict-{CLAIM}').scrollIntoView({{block: 'end'}})")
        shot = page.screenshot(animations="disabled")
        browser.close()
    words = PngInfo()
    words.add_itxt("Description", card(html, lang), lang=lang)
    small = BytesIO()
    Image.open(BytesIO(shot)).convert("RGB").quantize(32, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True, pnginfo=words
    )
    return small.getvalue()


def main() -> None:
    """Write the pictures, and the numbers of both READMEs, from the built book."""
    html, runs = ROOT / "_build" / "html", published()
    facts, record = collect(html, runs), runs[CHAPTER].figures[FIGURE]
    alts = described(record)
    PICTURES.mkdir(exist_ok=True)
    for lang, readme in READMES.items():
        (PICTURES / f"finding.{lang}.svg").write_text(
            slim(picture(record, runs[CHAPTER].directory, lang)), "utf-8"
        )
        (PICTURES / f"page.{lang}.png").write_bytes(photograph(html, lang))
        readme.write_text(fill(readme.read_text("utf-8"), lang, facts, alts[lang]), "utf-8")
    for name, fact in facts.items():
        sys.stdout.write(f"{name:<28} {fact.write('en')}\n")


if __name__ == "__main__":
    main()
