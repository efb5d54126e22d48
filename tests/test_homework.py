"""The page of the homework's questions: nothing left out, nothing given away before its fold is opened."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from repository import ROOT

from hw2utils.languages import LANGUAGES
from hw2utils.publishing.pages.homework import HomeworkAnswer
from hw2utils.publishing.sources.cells import page_cells
from hw2utils.publishing.sources.lint import lint_file
from hw2utils.reporting.answers import FILE, FOLD, AnswerError, evidence, load_answers, part
from hw2utils.reporting.cards import slug
from hw2utils.reporting.catalogue import chapters, published_results
from hw2utils.reporting.claims import load, verdict

BOOK = ROOT / "book"
PAGE = BOOK / "homework.md"
PARTS = [
    a + b
    for a, letters in zip("12345", ("abc", "abc", "abc", "abcdef", "abcde"), strict=True)
    for b in letters
]


def sections() -> dict[str, list[Any]]:
    """The cells below each part's heading."""
    found: dict[str, list[Any]] = {}
    below = None
    for cell in page_cells(PAGE):
        if cell.label:
            below = cell.label.removeprefix("homework-")
            found[below] = []
        elif below:
            found[below].append(cell)
    return found


def squeezed(text: str) -> str:
    return " ".join(re.sub(r"\]\([^)]*\)|[\[`*]", "", text).split())


def test_every_part_of_the_homework_has_its_question_and_its_answer() -> None:
    on_page = [name for name in sections() if name in PARTS]
    assert on_page == PARTS == list(load_answers(BOOK))
    assert {part(chapter.stem) for chapter in chapters(ROOT)} == set(PARTS)
    assert {part(claim.chapter) for claim in load().values()} <= set(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_asks_offers_something_to_try_and_folds_hints_and_answer(name: str) -> None:
    *asked, answer = sections()[name]
    assert answer.source == f"```{{homework-answer}} {name}\n```"
    assert [cell.language for cell in asked] == list(LANGUAGES)
    for cell, words in zip(
        asked, (("**سؤال.**", "**امتحان کنید.**"), ("**The question.**", "**Try it.**")), strict=True
    ):
        question, fold = cell.body.split("<details>\n")
        assert all(word in question for word in words)
        assert fold.endswith("</details>") and fold.count("</details>") == 1
        assert 2 <= len(re.findall(r"^\d\. ", fold, re.MULTILINE)) <= 3
        assert f"(#q{name}-exercises)" in question and f"`q{name}_" in question


def test_what_is_in_sight_gives_no_answer_away() -> None:
    """Neither a sentence of an answer nor a verdict stands outside of the folds."""
    shown = squeezed(PAGE.read_text(encoding="utf-8"))
    told = [
        sentence
        for answer in load_answers(BOOK).values()
        for text in answer.values()
        for sentence in re.split(r"(?<=[.؟?؛;])\s", squeezed(text))
    ]
    assert len(told) > 5 * len(PARTS)
    assert [sentence for sentence in told if sentence in shown] == []


def test_evidence_names_each_claim_of_a_part_with_its_verdict_and_card() -> None:
    claims = load()
    own = [claim.id for claim in claims.values() if part(claim.chapter) == "4b"]
    results = published_results("q4b_momentum")
    assert results is not None
    verdicts = {name: verdict(record, claims) for name, record in results["verdicts"].items()}
    links = {name: f"q4b_momentum.html#verdict-{name}" for name in own}
    for lang in LANGUAGES:
        soup = BeautifulSoup(evidence("4b", claims, verdicts, links, lang), "html.parser")
        rows = soup.select("ul.hw2-evidence > li")
        assert [row.code.get_text() for row in rows] == own  # type: ignore[union-attr]
        assert [str(row.a["href"]) for row in rows if row.a] == list(links.values())
        for name, row in zip(own, rows, strict=True):
            shown = row.select_one("[data-verdict]")
            assert shown is not None and shown["data-verdict"] == slug(verdicts[name].verdict)
            assert re.search(r"[0-9۰-۹]", row.get_text().partition(":")[2]), "no measured number"
    without = BeautifulSoup(evidence("4b", claims, {}, {}, "en"), "html.parser")
    assert without.get_text().count("not measured") == len(own)
    assert not without.select("a")
    assert "<li>" not in evidence("3b", claims, verdicts, links, "en")


def test_the_students_edition_shows_no_answer() -> None:
    app = SimpleNamespace(config=SimpleNamespace(hw2_student="book"))
    here = SimpleNamespace(env=SimpleNamespace(app=app), arguments=["1a"])
    assert HomeworkAnswer.run(cast(HomeworkAnswer, here)) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- one", "expected answers by part, got"),
        ("1a: {en: only}", "1a: expected text in both languages"),
        ("1a: words", "1a: expected text in both languages"),
    ],
)
def test_a_wrong_answer_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(AnswerError, match=message):
        load_answers(tmp_path)


def test_a_book_may_have_no_answers(tmp_path: Path) -> None:
    assert load_answers(tmp_path) == {}


def test_answers_say_the_same_in_both_languages(tmp_path: Path) -> None:
    assert lint_file(BOOK / FILE) == []
    (tmp_path / FILE).write_text("1a: {fa: پاسخ ۵ است., en: It is 6.}", encoding="utf-8")
    assert [finding.rule for finding in lint_file(tmp_path / FILE)] == ["pair"]


@pytest.mark.book
def test_on_the_built_page_each_answer_is_in_a_closed_fold_with_its_verdicts(book_html: Path) -> None:
    soup = BeautifulSoup((book_html / "book" / "homework.html").read_text(encoding="utf-8"), "html.parser")
    claims = load()
    for name in PARTS:
        section = soup.find(id=f"homework-{name}").find_parent("section")  # type: ignore[union-attr]
        folds = section.find_all("details")  # type: ignore[union-attr]
        assert len(folds) == 4 and not any(fold.has_attr("open") for fold in folds)
        for lang, fold in zip(LANGUAGES, folds[2:], strict=True):
            assert fold.summary.get_text() == FOLD[lang]
            told = {link.get_text() for link in fold.select("li > a")}
            assert told == {claim.id for claim in claims.values() if part(claim.chapter) == name}
            assert len(fold.select("[data-verdict]")) == len(told)
