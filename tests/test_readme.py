"""Both READMEs say what the book says: the same numbers, the same figure, every chapter."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import readme
from PIL import Image
from readme import Quantity, Words
from repository import CHAPTERS, ROOT

from hw2utils.publishing.sources.persian import lint, persian_texts

TEXTS = {lang: path.read_text("utf-8") for lang, path in readme.READMES.items()}


def without_slots(text: str) -> str:
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


# --- against the book -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(book_html):
    return readme.published()


@pytest.mark.book
def test_numbers_are_those_of_the_published_run(book_html, runs):
    facts = readme.collect(book_html, runs)
    alt = readme.described(runs[readme.CHAPTER].figures[readme.FIGURE])
    for lang, text in TEXTS.items():
        assert readme.disagreements(text, lang, facts, alt[lang]) == [], lang


@pytest.mark.book
def test_the_figure_is_the_published_one(runs):
    run = runs[readme.CHAPTER]
    for lang in readme.READMES:
        shown = (readme.PICTURES / f"finding.{lang}.svg").read_text("utf-8")
        drawn = readme.picture(run.figures[readme.FIGURE], run.directory, lang)
        assert readme.same_drawing(shown, drawn), f"finding.{lang}.svg: run make readme"


@pytest.mark.book
def test_the_photographed_card_is_the_published_one(book_html):
    for lang in readme.READMES:
        words = Image.open(readme.PICTURES / f"page.{lang}.png").text["Description"]
        assert readme.alike(words, readme.card(book_html, lang), slack=1), f"page.{lang}.png: run make readme"


# --- by themselves --------------------------------------------------------------------------------


def test_pictures_are_light():
    files = list(readme.PICTURES.iterdir())
    assert {file.name for file in files} == {
        f"{name}.{lang}.{kind}"
        for name, kind in (("finding", "svg"), ("page", "png"))
        for lang in ("fa", "en")
    }
    assert sum(file.stat().st_size for file in files) < 300_000


def test_both_list_every_chapter_in_the_order_of_the_book():
    for text in TEXTS.values():
        rows = re.findall(r"^\| \[[^\]]+\]\(book/(\w+)\.ipynb\) \|.*[?؟] \|", text, re.MULTILINE)
        assert rows == [chapter.stem for chapter in CHAPTERS]


def test_both_say_the_same():
    names = {lang: sorted(re.findall(r"<!--=([\w.]+)-->", text)) for lang, text in TEXTS.items()}
    assert names["fa"] == names["en"]
    commands = {
        lang: set(re.findall(r"(?m)^(?:make|\.venv/bin/hw2) [^#\n]*", text)) for lang, text in TEXTS.items()
    }
    stripped = {lang: {command.strip() for command in found} for lang, found in commands.items()}
    assert stripped["fa"] == stripped["en"] and len(stripped["en"]) >= 7
    assert "](README.fa.md)" in TEXTS["en"] and "](README.md)" in TEXTS["fa"]


def test_the_persian_one_is_in_good_persian_and_runs_from_right_to_left():
    path = readme.READMES["fa"]
    texts = [text for _, text in persian_texts(path)]
    assert "بیش‌برازش" in " ".join(texts) and [finding for text in texts for finding in lint(text)] == []
    opening = '<div dir="rtl" lang="fa" class="lang-fa">'
    parts = re.split(r"(?ms)^```.*?^```$", TEXTS["fa"])
    assert all(part.strip().startswith(opening) and part.strip().endswith("</div>") for part in parts)


def test_the_makefile_names_the_same_sizes():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = dict(re.findall(r"<!--=([\w.]+)-->(.*?)<!--/-->", TEXTS["en"]))
    assert f"about {shown['environment.size']} GB with the CUDA libraries" in makefile
    assert f"about {shown['book.minutes']} minutes on two cores" in makefile
    libraries = re.search(r"that\s+torch brings are about (\d+) GB", TEXTS["en"])
    assert libraries and f"spares about {libraries[1]} GB" in makefile


# --- the comparison itself ------------------------------------------------------------------------

FACTS = {"a": Quantity(38.54, 1, 1), "b.time": Words({"fa": "یک دقیقه", "en": "one minute"})}
GOOD = {
    "en": "x <!--=a-->38.0<!--/--> <!--=b.time-->one minute<!--/--> ![50 and 88](pictures/finding.en.svg)",
    "fa": "و <!--=a-->۳۹٫۲<!--/--> <!--=b.time-->یک دقیقه<!--/--> ![۵۰ و ۸۸](pictures/finding.fa.svg)",
}
ALT = {"en": "50 and 88", "fa": "۵۰ و ۸۸"}


@pytest.mark.parametrize(
    ("lang", "old", "new", "message"),
    [
        ("en", "", "", None),
        ("fa", "", "", None),
        ("en", "38.0", "36.9", "a: README says '36.9', the book '38.5'"),
        ("en", "38.0", "38", "a: README says '38'"),
        ("fa", "۳۹٫۲", "39.2", "a: README says '39.2', the book '۳۸٫۵'"),
        ("en", "one minute", "two minutes", "b.time: README says"),
        ("en", "<!--=b.time-->one minute<!--/-->", "", "b.time: not in README"),
        ("en", "<!--=a-->", "<!--=c-->", "c: no such fact"),
        ("en", "x ", "", "begins with a mark"),
        ("en", "50 and 88", "50 and 86", "describes it as"),
        ("en", "50 and 88", "88 over 50", "describes it as"),
        ("en", "finding.en", "finding.fa", "finding.en.svg: not in README"),
    ],
)
def test_a_disagreement_is_found(lang, old, new, message):
    assert old in GOOD[lang]
    text = GOOD[lang].replace(old, new) if old else GOOD[lang]
    found = readme.disagreements(text, lang, FACTS, ALT[lang])
    assert (found == []) if message is None else message in found[0], found


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_what_is_filled_in_agrees(lang):
    text = GOOD[lang].translate(str.maketrans("38۳۸", "12۱۲"))
    filled = readme.fill(text, lang, FACTS, ALT[lang])
    assert readme.disagreements(text, lang, FACTS, ALT[lang]) != []
    assert readme.disagreements(filled, lang, FACTS, ALT[lang]) == []
    assert without_slots(filled) != without_slots(text)


def test_a_figure_is_compared_by_its_labels_and_marks():
    svg = (readme.PICTURES / "finding.en.svg").read_text("utf-8")
    assert readme.same_drawing(svg, svg) and readme.slim(svg) == svg
    marks = re.findall(r'<use [^>]* y="([\d.]+)"', svg)
    moved = svg.replace(f' y="{marks[-1]}"', f' y="{float(marks[-1]) + 30}"')
    assert not readme.same_drawing(svg, moved)
    assert not readme.same_drawing(svg, (readme.PICTURES / "finding.fa.svg").read_text("utf-8"))


def test_pages_are_weighed_with_their_pictures(tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<img src="b%20c.svg"><img src="b%20c.svg"><img src="data:,x">', "utf-8")
    (tmp_path / "b c.svg").write_bytes(b"x" * 1000)
    assert readme.page_bytes(page) == 1000 + page.stat().st_size
    assert readme.folder_bytes(tmp_path) == 1000 + page.stat().st_size


def test_a_photograph_keeps_its_words():
    for lang in readme.READMES:
        content = (readme.PICTURES / f"page.{lang}.png").read_bytes()
        with Image.open(BytesIO(content)) as picture:
            assert picture.size == (1440, 900) and "C-1b1" in picture.text["Description"]
