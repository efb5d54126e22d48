"""The published run: its verdicts are the expected ones, and the pages show all of it in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from repository import CHAPTERS, ROOT

from hw2utils.publishing import execution
from hw2utils.reporting import claims

pytestmark = pytest.mark.book

PERSIAN = re.compile("[\u0620-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
PRESENT = {path.stem for path in CHAPTERS}


def disagreements(known: dict[str, Any], verdicts: dict[str, Any]) -> list[str]:
    """Compare the claims of the chapters present with the verdicts that their published run gave."""
    found = [f"{name}: a verdict, but no such claim in claims.yml" for name in verdicts if name not in known]
    for name, claim in known.items():
        if claim.chapter not in PRESENT:
            continue
        if name not in verdicts:
            found.append(f"{name}: chapter {claim.chapter} gave no verdict")
        elif verdicts[name]["verdict"] != claim.expected:
            found.append(f"{name}: expected {claim.expected}, measured {verdicts[name]['verdict']}")
    return found


def incomplete_figures(figures: dict[str, Any], folder: Path) -> list[str]:
    """Name the figures that lack a file or alternative text in one of the languages."""
    found = []
    for name, figure in figures.items():
        alt = figure["alt"]
        if not alt.get("fa") or not alt.get("en") or alt["fa"] == alt["en"] or not PERSIAN.search(alt["fa"]):
            found.append(f"{name}: alternative text {alt}")
        found += [f"{name}: no image in {lang}" for lang in ("fa", "en") if not _file(figure, lang, folder)]
    return found


def broken_links(html: Path) -> list[str]:
    """Give the addresses on a book's pages that lead to no file, or to no place on a page, of the book."""
    soups = {
        page.resolve(): BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in html.rglob("*.html")
    }
    places = {
        page: {str(e[name]) for name in ("id", "name") for e in soup.find_all(attrs={name: True})} | {""}
        for page, soup in soups.items()
    }
    broken = []
    for page, soup in soups.items():
        for element in soup.find_all(["a", "link", "img", "script", "source"]):
            address = str(element.get("href") or element.get("src") or "")
            parts = urlsplit(address)
            if not address or parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file() or unquote(parts.fragment) not in places.get(target, {parts.fragment}):
                broken.append(f"{page.name}: {address}")
    return broken


def _file(figure: dict[str, Any], lang: str, folder: Path) -> bool:
    name = figure["files"].get(lang)
    return bool(name) and (folder / name).is_file()


def pictures_without_alt(page: BeautifulSoup) -> list[str]:
    """Name the images of a page that say nothing to someone who cannot see them."""
    return [str(image)[:120] for image in page.find_all("img") if not (image.get("alt") or "").strip()]


@pytest.fixture(scope="module")
def published(book_html) -> dict[str, execution.Execution]:
    """Find the run of every chapter that the build made, by chapter."""
    runs = execution.execute_all(CHAPTERS, progress=False)
    return {run.chapter: run for run in runs}


@pytest.fixture(scope="module")
def pages(book_html) -> dict[str, BeautifulSoup]:
    """Parse the pages of the book's own sources, by name."""
    sources = [*CHAPTERS, *(ROOT / "book").glob("*.md")]
    files = {path.stem: book_html / "book" / f"{path.stem}.html" for path in sources}
    return {name: BeautifulSoup(path.read_text("utf-8"), "html.parser") for name, path in files.items()}


def test_the_build_executed_every_chapter_with_its_own_parameters(published):
    assert set(published) == PRESENT and len(PRESENT) >= 2
    assert all(run.cached for run in published.values())


def test_measured_and_expected_verdicts_agree(published):
    measured = {
        name: record for run in published.values() for name, record in run.results["verdicts"].items()
    }
    assert disagreements(claims.load(), measured) == []
    assert len(measured) >= 3


def test_every_verdict_rests_on_enough_paired_seeds(published):
    records = [record for run in published.values() for record in run.results["verdicts"].values()]
    assert all(case["n"] >= claims.PUBLISHED_SEEDS for record in records for case in record["cases"])


def test_every_figure_has_images_and_alternative_text_in_both_languages(published):
    for run in published.values():
        assert incomplete_figures(run.results["figures"], run.directory) == []
        assert run.figures, f"{run.chapter} shows no figure"


def test_executed_chapters_show_no_image_but_figures(published):
    for run in published.values():
        notebook = json.loads(run.notebook.read_text(encoding="utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        assert not [
            kind for output in outputs for kind in output.get("data", {}) if kind.startswith("image/")
        ]


def test_executed_chapters_print_no_warning(published):
    for run in published.values():
        notebook = json.loads(run.notebook.read_text(encoding="utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        printed = ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]
        assert not [text for text in printed if "Warning" in text or "UsageError" in text]


def test_the_ledger_lists_every_claim_in_both_languages(pages):
    for lang in ("fa", "en"):
        tables = pages["ledger"].select(f".lang-{lang} table.hw2-ledger")
        text = " ".join(table.get_text(" ") for table in tables)
        missing = [
            name for name, claim in claims.load().items() if claim.chapter in PRESENT and name not in text
        ]
        assert missing == []


def test_no_page_is_marked_as_a_draft(pages):
    assert [name for name, page in pages.items() if page.select(".bd-header-announcement")] == []


def test_links_of_the_ledger_lead_to_verdict_cards(pages, book_html):
    links = [link["href"] for link in pages["ledger"].select("table.hw2-ledger a[href*='#verdict-']")]
    assert len(set(links)) == sum(claim.chapter in PRESENT for claim in claims.load().values())
    for link in set(links):
        page, _, anchor = link.partition("#")
        assert pages[Path(page).stem].find(id=anchor), link


def test_every_inner_link_leads_somewhere(book_html):
    assert broken_links(book_html) == []


def test_a_broken_link_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a><a href="#no">2</a><img src="x.svg">', "utf-8"
    )
    (tmp_path / "b.html").write_text(
        '<p id="here"><a href="a.html?lang=fa">1</a><a href="c.html">2</a>', "utf-8"
    )
    assert sorted(broken_links(tmp_path)) == ["a.html: #no", "a.html: x.svg", "b.html: c.html"]


def test_pages_show_each_figure_in_both_languages(pages, published):
    for chapter, run in published.items():
        assert pictures_without_alt(pages[chapter]) == []
        for name in run.figures:
            figure = pages[chapter].find(id=f"figure-{name}")
            assert figure is not None, f"{chapter}: {name} is not on the page"
            shown = [image for image in figure.find_all("img") if not image.has_attr("hidden")]  # a slider
            images = {image["lang"]: image["alt"] for image in shown}
            assert images == run.results["figures"][name]["alt"]


def test_pages_have_text_in_both_languages(pages):
    for name, page in pages.items():
        for lang, direction in (("fa", "rtl"), ("en", "ltr")):
            blocks = page.select(f'div.lang-{lang}[lang="{lang}"][dir="{direction}"]')
            assert blocks, f"{name} has no text in {lang}"
            # Markdown that was not converted would show its marks.
            assert not [
                block for block in blocks if re.search(r"\*\*|\]\(|^#+ ", block.get_text(), re.MULTILINE)
            ]


# --- the checks themselves ------------------------------------------------------------------------


class _Claim:
    def __init__(self, chapter: str, expected: str) -> None:
        self.chapter, self.expected = chapter, expected


@pytest.mark.parametrize(
    ("known", "verdicts", "message"),
    [
        ({"C-1": ("q5b_history", "holds")}, {"C-1": "holds"}, None),
        ({"C-1": ("q5b_history", "holds")}, {"C-1": "refuted"}, "expected holds, measured refuted"),
        ({"C-1": ("q5b_history", "holds")}, {}, "gave no verdict"),
        ({}, {"C-1": "holds"}, "no such claim"),
        ({"C-9": ("q9_later", "holds")}, {}, None),
    ],
)
def test_a_disagreement_is_found(known, verdicts, message, monkeypatch):
    monkeypatch.setitem(globals(), "PRESENT", {"q5b_history"})
    found = disagreements(
        {name: _Claim(*fields) for name, fields in known.items()},
        {name: {"verdict": verdict} for name, verdict in verdicts.items()},
    )
    assert (found == []) if message is None else message in found[0]


def test_an_incomplete_figure_is_found(tmp_path):
    (tmp_path / "a.svg").write_text("<svg/>")
    files = {"fa": "a.svg", "en": "a.svg"}
    good = {"alt": {"fa": "نمودار زیان", "en": "loss"}, "files": files}
    assert incomplete_figures({"good": good}, tmp_path) == []
    for broken in (
        {"alt": {"fa": "", "en": "loss"}, "files": files},
        {"alt": {"fa": "loss", "en": "loss"}, "files": files},
        {"alt": good["alt"], "files": {"fa": "a.svg"}},
        {"alt": good["alt"], "files": {"fa": "a.svg", "en": "b.svg"}},
    ):
        assert len(incomplete_figures({"broken": broken}, tmp_path)) == 1


def test_a_picture_without_alternative_text_is_found():
    page = BeautifulSoup('<img alt="loss"><img alt=" "><img src="x">', "html.parser")
    assert len(pictures_without_alt(page)) == 2
