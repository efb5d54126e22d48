"""The published run: its verdicts are the expected ones, and the pages show all of it in both languages."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from repository import CHAPTERS, ROOT
from tiny_notebooks import claim as stated_claim
from tiny_notebooks import verdict

from hw2utils.publishing import execution
from hw2utils.publishing.execution import sweeps
from hw2utils.publishing.execution.published import load_published
from hw2utils.publishing.execution.rendered import arrays_of
from hw2utils.publishing.pages.drawings import FOLDER as DRAWN
from hw2utils.reporting import claims
from hw2utils.reporting.criteria import REGISTRY
from hw2utils.reporting.figures import Drawn
from hw2utils.reporting.registry import by_claim, dishonest, read
from hw2utils.reporting.rendering import Book, render

pytestmark = pytest.mark.book

PERSIAN = re.compile("[\u0620-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
TIMED = {"C-3a3", "C-3a4"}  # measured in seconds of the machine, which no other machine repeats
PRESENT = {path.stem for path in CHAPTERS}


def disagreements(known: dict[str, Any], verdicts: dict[str, Any]) -> list[str]:
    """Compare the claims of the chapters present with the verdicts that a run gave.

    Another machine's numbers differ a little, so a case near its threshold may be undecided on one of the two
    machines: where that explains another verdict, there is a warning and no disagreement.
    """
    found = [f"{name}: a verdict, but no such claim in claims.yml" for name in verdicts if name not in known]
    for name, claim in known.items():
        if claim.chapter not in PRESENT:
            continue
        if name not in verdicts:
            found.append(f"{name}: chapter {claim.chapter} gave no verdict")
        elif (measured := claims.verdict(verdicts[name], known)).verdict != claim.expected:
            told = f"{name}: expected {claim.expected}, measured {measured.verdict}"
            if "undecided" in (measured.verdict, claim.expected) or claim.expected in measured.possible:
                warnings.warn(told, stacklevel=2)
            else:
                found.append(told)
    return found


def undescribed(alts: dict[str, Mapping[str, str] | None]) -> list[str]:
    """Name the figures without alternative text of its own in one of the languages."""
    return [
        f"{name}: alternative text {alt}"
        for name, alt in alts.items()
        if not alt or not alt["en"] or alt["fa"] == alt["en"] or not PERSIAN.search(alt["fa"])
    ]


def departures(now: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    """Name the cases of verdicts whose mean left the published interval, or was measured otherwise."""
    found = []
    for name in sorted((now.keys() | kept.keys()) - TIMED):
        here, there = (results.get(name, {}).get("cases") for results in (now, kept))
        if here is None or there is None or here.keys() != there.keys():
            found.append(f"{name}: measured {here and list(here)}, published {there and list(there)}")
            continue
        for key, case in there.items():
            low, high = case["low"] - 1e-9, case["high"] + 1e-9
            if not (low <= here[key]["mean"] <= high and here[key]["n"] == case["n"]):
                found.append(f"{name}, {key}: {here[key]['mean']} of {here[key]['n']}, published {case}")
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


def test_the_shipped_runs_gave_exactly_the_expected_verdicts():
    known = claims.load()
    for run in load_published(CHAPTERS):
        for name, record in run.results["verdicts"].items():
            assert claims.verdict(record, known).verdict == known[name].expected, name


def test_every_criterion_was_registered_before_its_seeds_were_measured_or_says_otherwise():
    entries = by_claim(read(ROOT / "book" / REGISTRY))
    for run in load_published(CHAPTERS):
        first, count = (run.parameters[name] for name in ("first_seed", "seeds"))
        for name, record in run.results["verdicts"].items():
            assert dishonest(record, entries[name], range(first, first + count)) is None


def test_every_verdict_rests_on_enough_paired_seeds(published):
    records = [record for run in published.values() for record in run.results["verdicts"].values()]
    assert all(case["n"] >= claims.PUBLISHED_SEEDS for r in records for case in r["cases"].values())


@pytest.fixture(scope="module")
def described(published) -> dict[str, dict[str, Mapping[str, str] | None]]:
    """Give the alternative text of every figure, by chapter and name, as its texts say it now."""
    book = Book(drawn=Drawn(ROOT / DRAWN))  # by the build: only what it says is wanted here
    return {
        chapter: {
            name: render(record, book, arrays_of(record, run.directory)).alt
            for name, record in run.figures.items()
        }
        for chapter, run in published.items()
    }


def test_every_figure_is_described_in_both_languages(described):
    for chapter, alts in described.items():
        assert alts, f"{chapter} shows no figure"
        assert undescribed(alts) == []


def test_every_measured_value_has_its_unit(published):
    lacking = [
        f"{chapter}: {name}: {value}"
        for chapter, run in published.items()
        for name, values in run.results["values"].items()
        for value, content in values.items()
        if value not in run.results["units"][name] and list(sweeps.numbers_in(content))
    ]
    assert lacking == []


def test_the_shipped_runs_are_those_of_this_book(published):
    shipped = {run.chapter: run for run in load_published(CHAPTERS)}
    assert shipped.keys() == published.keys()
    for chapter, run in published.items():
        kept = shipped[chapter].results
        assert departures(run.results["verdicts"], kept["verdicts"]) == []
        assert {name: list(values) for name, values in run.results["values"].items()} == {
            name: list(values) for name, values in kept["values"].items()
        }
        assert run.figures.keys() == shipped[chapter].figures.keys()
    size = sum(file.stat().st_size for file in (ROOT / "book/published").rglob("*") if file.is_file())
    assert size < 8e6, "what is shipped stays small"


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


def test_pages_show_each_figure_in_both_languages(pages, published, described):
    for chapter, run in published.items():
        assert pictures_without_alt(pages[chapter]) == []
        for name in run.figures:
            figure = pages[chapter].find(id=f"figure-{name}")
            assert figure is not None, f"{chapter}: {name} is not on the page"
            for theme in ("light", "dark"):
                shown = figure.select(f"img.only-{theme}")
                assert {image["lang"]: image["alt"] for image in shown} == described[chapter][name]


def test_pages_have_text_in_both_languages(pages):
    for name, page in pages.items():
        for lang, direction in (("fa", "rtl"), ("en", "ltr")):
            blocks = page.select(f'div.lang-{lang}[lang="{lang}"][dir="{direction}"]')
            assert blocks, f"{name} has no text in {lang}"
            # Markdown that was not converted would show its marks; code may hold a power.
            prose = (
                "".join(text for text in block.find_all(string=True) if not text.find_parent(["code", "pre"]))
                for block in blocks
            )
            assert not [text for text in prose if re.search(r"\*\*|\]\(|^#+ ", text, re.MULTILINE)]


# --- the checks themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "measured", "message"),
    [
        ({"C-1": ("q5b_history", "holds")}, {"C-1": 1.0}, None),
        ({"C-1": ("q5b_history", "holds")}, {"C-1": -1.0}, "expected holds, measured refuted"),
        ({"C-1": ("q5b_history", "holds")}, {"C-1": 0.0}, None),
        ({"C-1": ("q5b_history", "holds")}, {}, "gave no verdict"),
        ({}, {"C-1": 1.0}, "no such claim"),
        ({"C-9": ("q9_later", "holds")}, {}, None),
    ],
)
def test_a_disagreement_is_found(known, measured, message, monkeypatch, tmp_path):
    monkeypatch.setitem(globals(), "PRESENT", {"q5b_history"})
    stated = {name: stated_claim(chapter, expected=expected) for name, (chapter, expected) in known.items()}
    (tmp_path / "claims.yml").write_text(yaml.safe_dump(stated), encoding="utf-8")
    evidence = {name: verdict(name, main=[value - 0.1, value + 0.1] * 5) for name, value in measured.items()}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = disagreements(claims.load(tmp_path) if stated else {}, evidence)
    assert bool(warned) == (measured == {"C-1": 0.0})
    assert (found == []) if message is None else message in found[0]


def test_a_figure_without_text_in_a_language_is_found():
    assert undescribed({"good": {"fa": "نمودار زیان", "en": "loss"}}) == []
    for alt in ({"fa": "", "en": "loss"}, {"fa": "loss", "en": "loss"}, {"fa": "x", "en": "loss"}, None):
        assert len(undescribed({"broken": alt})) == 1


def test_a_departure_from_what_was_published_is_found():
    kept = {"C-1": {"cases": {"main": {"mean": 1.0, "low": 0.5, "high": 1.5, "n": 10}}}}
    for mean, n, count in ((1.4, 10, 0), (1.6, 10, 1), (1.0, 9, 1)):
        now = {"C-1": {"cases": {"main": {"mean": mean, "n": n}}}}
        assert len(departures(now, kept)) == count
    assert len(departures({}, kept)) == len(departures({"C-1": {"cases": {}}}, kept)) == 1


def test_a_picture_without_alternative_text_is_found():
    page = BeautifulSoup('<img alt="loss"><img alt=" "><img src="x">', "html.parser")
    assert len(pictures_without_alt(page)) == 2
