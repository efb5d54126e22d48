"""The book on paper, printed from its pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from repository import ROOT

from hw2utils.publishing.editions.archive import NAME
from hw2utils.publishing.editions.pdf import join, page_numbers

pytestmark = [pytest.mark.browser, pytest.mark.book]

PERSIAN = re.compile(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")


SHORT = ["index", "q5b_history", "ledger"]
PRINTED = {"fa": SHORT, "en": SHORT, "both": [*SHORT, "homework", "q1c_decomposition", "gallery", "glossary"]}
"""The pages that are printed in each language; in both languages one of each kind."""


def shorten(html: Path, pages: list[str]) -> None:
    """Leave some pages of a book in the list that says what is printed."""
    for home in html.glob("**/book/index.html"):
        soup = BeautifulSoup(home.read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("nav.bd-links a.reference"):
            if str(link["href"]).removesuffix(".html") not in pages:
                link.find_parent("li").decompose()
        home.write_text(str(soup), encoding="utf-8")


@pytest.fixture(scope="module", params=["fa", "en", "both"])
def printed(request: pytest.FixtureRequest, book_html: Path, tmp_path_factory: pytest.TempPathFactory):
    """Print the book; give the language, the file read, and the pages on which places begin.

    It is printed in a process of its own, as a reader does it: the browser of the other tests of this process
    would forbid a second driver.
    """
    folder = tmp_path_factory.mktemp("pdf")
    html = folder / "_build" / "html"
    shutil.copytree(book_html, html)
    shutil.copyfile(ROOT / "_toc.yml", folder / "_toc.yml")
    shorten(html, PRINTED[request.param])
    command = [sys.executable, "-m", "hw2utils.publishing.cli", "pdf", "-l", request.param, "-o", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    file = folder / f"{NAME}-{request.param}.pdf"
    reader = PdfReader(file)
    assert f"{file}: {len(reader.pages)} pages" in done.stdout
    return request.param, reader, page_numbers(file, join(html, request.param)[1])


def test_contents_name_the_pages_where_chapters_begin(printed) -> None:
    lang, reader, begins = printed
    chapters = [name for name in begins if "--" not in name]
    last = begins[chapters[0]]
    contents = "\n".join(reader.pages[number].extract_text() for number in range(1, last - 1))
    shown = [int(number) for number in re.findall("[0-9]+", contents)]
    # pypdf reads right-to-left text as it stands on paper, from the left, and turns it: a number backwards
    shown += [int(number[::-1]) for number in re.findall("[۰-۹]+", contents)]
    for name, page in begins.items():
        assert page in shown, f"{name} begins on page {page}, which the contents do not name"
    assert len(chapters) == len(PRINTED[lang])
    assert [begins[name] for name in chapters] == sorted({begins[name] for name in chapters})
    assert lang != "fa" or re.search("[۰-۹]", contents)


def test_pages_have_the_language_and_format_chosen(printed) -> None:
    lang, reader, _ = printed
    assert str(reader.trailer["/Root"]["/Lang"]) == ("fa" if lang == "fa" else "en")
    assert "/MarkInfo" in reader.trailer["/Root"], "not tagged: a screen reader finds no headings"
    width, height = (float(side) for side in reader.pages[5].mediabox[2:])
    assert (width > height) == (lang == "both")
    text = "".join(page.extract_text() for page in reader.pages[::5])  # reading them all takes minutes
    share = len(PERSIAN.findall(text)) / len(re.findall(r"\w", text))
    assert {"fa": share > 0.5, "en": share < 0.05, "both": 0.2 < share < 0.7}[lang], share
    assert len(reader.outline) > 0
