"""The search page, opened from the file system: what is typed, what is found first, in which language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from search_cases import ENGLISH, PERSIAN, TAGS, WORDS, ZWNJ
from visits import Visit, choose, in_language

pytestmark = [pytest.mark.browser, pytest.mark.book]

Open = Callable[..., Visit]

HOME, LEDGER, Q5A, Q5B = "book/index", "book/ledger", "book/q5a_baseline", "book/q5b_history"
MODE = f"{Q5B}#fault-f-5b1-validating-in-training-mode-f-5b1"
AVERAGE = f"{Q5B}#fault-f-5b2-the-short-last-batch-f-5b2"
CHOICE = f"{Q5B}#fault-f-5b3-choosing-by-the-test-set-f-5b3"
STEPS = f"{Q5B}#the-homework-s-run-step-by-step"
SHAPE = f"{Q5B}#depth-and-narrowness-apart"
NEAR_THE_END = f"{Q5B}#does-test-accuracy-fall-near-the-end"
CAUSE = f"{Q5B}#is-memorising-the-cause"
HISTORY = "book/q4f_printed#a-history-that-nobody-reads-f-4-6-f-4-6"

FIRST = {
    # Persian: with half-spaces, with spaces, joined; with Arabic letters and digits; with and without marks
    f"حکم{ZWNJ}ها در یک نگاه": f"{HOME}#the-verdicts-at-a-glance",
    "حكمها در يك نگاه": f"{HOME}#the-verdicts-at-a-glance",
    "دفتر حکم ها": LEDGER,
    "دفتر حکمها": LEDGER,
    "چگونه بخوانيد": f"{HOME}#how-to-read",
    "معناي حکمها": f"{HOME}#what-the-verdicts-mean",
    "خودتان اجرا كنيد": f"{HOME}#run-a-chapter-yourself",
    "سوال ٥ الف": Q5A,
    "سؤال ۵ ب": Q5B,
    "دقتهای منتشرشده": f"{Q5A}#against-published-accuracies",
    f"دقت{ZWNJ}های منتشر شده": f"{Q5A}#against-published-accuracies",
    "اعتبار سنجي در حالت اموزش": MODE,
    "دسته کوتاه آخر": AVERAGE,
    "شبكه عميق و باريك زود دچار بیشبرازش": Q5B,
    "اجراي تكليف گام به گام": STEPS,
    "دقت آزمون نزديك پايان": NEAR_THE_END,
    "عمق و باريكي": SHAPE,
    "حفظ كردن علت است": CAUSE,
    "تاریخچه": HISTORY,
    "انتخاب با مجموعه آزمون": CHOICE,
    "F-5b۳": CHOICE,
    "پیشبینیها": f"{Q5A}#predictions",
    # English: small and capital letters, other endings
    "verdicts at a glance": f"{HOME}#the-verdicts-at-a-glance",
    "the ledger": LEDGER,
    "how to read": f"{HOME}#how-to-read",
    "RUN a chapter": f"{HOME}#run-a-chapter-yourself",
    "question 5 b": Q5B,
    "question one calibration": "book/glossary#calibration",  # no question 1
    "published accuracy": f"{Q5A}#against-published-accuracies",
    "validate in training mode": MODE,
    "f5b3": CHOICE,
    "training": f"{Q5A}#training",
    "does a deep narrow network overfit soon": Q5B,
    "homework run step by step": STEPS,
    "test accuracy falls near the end": NEAR_THE_END,
    "Depth and narrowness": SHAPE,
    "memorizing cause": CAUSE,
    # broken off: before the stem ends, after it, and where another word has the stem
    "histor": HISTORY,
    "oscillat": "book/q4b_momentum#does-it-help-avoid-oscillation",
    "memoris": "book/glossary#memorising",
}
"""Query → the page and section to be found first."""

RESULTS = """() => [...document.querySelectorAll("ul.search > li")].map((item) => [
    item.querySelector("a").getAttribute("href").replace(".html", ""),
    [...item.querySelectorAll(".hw2-found-language")].map((label) => label.textContent),
    item.querySelector("a").innerText,
])"""


def ask(page: Page, query: str, lang: str = "both") -> list[tuple[str, list[str], str]]:
    """Open the search page with a query; give the address, languages and heading of each result."""
    book = page.url.partition("?")[0].removesuffix("search.html").removesuffix("fa/").removesuffix("en/")
    page.goto(f"{book}{in_language('search', lang)}.html?q={quote(query)}")
    page.get_by_role("status").wait_for()
    return page.evaluate(RESULTS)


ANSWERS = """async (queries) => {
    const answers = [];
    for (const query of queries) {
        await Search.query(query);
        answers.push(read());
    }
    return answers;

    function read() {
        return [...document.querySelectorAll("ul.search > li")].slice(0, 3).map((item) => ({
            place: item.querySelector("a").getAttribute("href").replace(".html", ""),
            lang: item.querySelector("a").lang,
            excerpt: item.querySelector(".hw2-excerpt")?.textContent ?? "",
            marks: [...item.querySelectorAll("mark")].map((mark) => mark.textContent),
            marked: [...item.querySelectorAll(".hw2-excerpt mark")].map((mark) => mark.textContent),
        }));
    }
}"""
"""The first three results for each query."""


@pytest.fixture
def search(visit: Open) -> Visit:
    return visit("search")


def test_the_script_and_the_index_see_the_same_words(search: Visit) -> None:
    found = search.page.evaluate("(texts) => texts.map(Search.stems)", list(WORDS))
    assert dict(zip(WORDS, found, strict=True)) == WORDS


def test_the_section_meant_comes_first(visit: Open) -> None:
    search = visit("search", "?q=x")
    answers = dict(zip(FIRST, search.page.evaluate(ANSWERS, list(FIRST)), strict=True))
    found = {query: [answer["place"] for answer in three] for query, three in answers.items()}
    assert {query: places for query, places in found.items() if places[:1] != [FIRST[query]]} == {}
    assert search.errors == []
    assert search.outside == []


@pytest.mark.parametrize(
    "forms",
    [
        (f"بیش{ZWNJ}برازش", "بیش برازش", "بیشبرازش", "بيش‌برازش"),
        (f"پیش{ZWNJ}بینی{ZWNJ}ها", "پیش بینی ها", "پیشبینیها", "پيش بينيها"),
        (f"اعتبار{ZWNJ}سنجی", "اعتبار سنجی", "اعتبارسنجی", "اعتبارسنجي"),
        ("784", "۷۸۴", "٧٨٤"),
        ("0.871", "۰٫۸۷۱"),
        ("60,000", "۶۰٬۰۰۰", "60000"),
        ("مجموعهٔ آزمون", "مجموعۀ آزمون", "مجموعه آزمون", "مجموعة ازمون"),
    ],
    ids=lambda forms: forms[-1],
)
def test_every_way_of_typing_finds_the_same_sections(search: Visit, forms: tuple[str, ...]) -> None:
    found = [[place for place, *_ in ask(search.page, form)] for form in forms]
    first = {places[0] for places in found}
    # In parts the word is found in more texts, and what defines it may come before the chapter about it.
    assert len(first) == 1 or first == {"book/glossary#overfitting", "book/q1a_overfitting"}


@pytest.mark.parametrize(("lang", "cases"), [("fa", PERSIAN | TAGS), ("en", ENGLISH | TAGS)])
def test_the_section_that_answers_is_among_the_first_three(
    visit: Open, book_html: Path, lang: str, cases: dict[str, str]
) -> None:
    shown = visit("search", "?q=x", lang=lang)
    answers = dict(zip(cases, shown.page.evaluate(ANSWERS, list(cases)), strict=True))
    found = {query: [answer["place"] for answer in three] for query, three in answers.items()}
    assert {query: places for query, places in found.items() if cases[query] not in places} == {}
    # In the language of the page, with what was found marked, and with words around it where the text has it.
    results = [
        answer for three in answers.values() for answer in three if not answer["place"].startswith("..")
    ]
    assert {answer["lang"] for answer in results} == {lang}
    named = {query for query in TAGS if cases[query] == found[query][0]}
    for query, three in answers.items():
        assert three[0]["marks"], query
        assert query in named or any(answer["marked"] for answer in three), query
        assert all(answer["excerpt"].split() for answer in three if "glossary" in answer["place"]), query
    # No result leads nowhere.
    for place in {place for places in found.values() for place in places}:
        page, _, anchor = place.partition("#")
        text = (book_html / lang / f"{page}.html").read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, place
    assert shown.errors == []
    assert shown.outside == []


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_every_word_that_readers_may_type_finds_a_section_in_their_language(visit: Open, lang: str) -> None:
    page = visit("search", "?q=x", lang=lang).page
    synonyms = page.evaluate("Search._index.synonyms.flat()")
    words = dict(zip(synonyms, page.evaluate("(all) => all.map(Search.stems)", synonyms), strict=True))
    cut = [word for word in synonyms if " " in word.strip() and len(words[word]) < 2]
    assert cut == [], "one of their words is ignored"
    first = dict(zip(synonyms, page.evaluate(ANSWERS, synonyms), strict=True))
    assert [word for word, three in first.items() if not three or three[0]["place"].startswith("..")] == []


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("دستهٔ کوتاهِ آخر", ["فارسی"]),
        ("the short last batch", ["English"]),
        ("F-5b2", ["فارسی", "English"]),
    ],
)
def test_results_are_labelled_by_language(search: Visit, query: str, languages: list[str]) -> None:
    place, labels, _ = ask(search.page, query)[0]
    assert (place, labels) == (AVERAGE, languages)


@pytest.mark.parametrize(
    ("lang", "query", "fetched"),
    [
        ("fa", "تکانه", ["fa"]),
        ("fa", "dropout", ["fa"]),
        ("fa", "learning rate", ["fa"]),
        ("fa", "Q3b", ["fa"]),
        ("fa", "negligible short batch", ["fa", "en"]),
        ("en", "momentum", ["en"]),
        ("en", "تکانه", ["en"]),
        ("en", "دستهٔ کوتاهِ آخر", ["en", "fa"]),
        ("both", "momentum", ["fa", "en"]),
    ],
)
def test_the_texts_of_the_other_language_are_fetched_only_when_needed(
    visit: Open, lang: str, query: str, fetched: list[str]
) -> None:
    shown = visit("search", f"?q={quote(query)}", lang=lang)
    shown.page.get_by_role("status").wait_for()
    scripts = [url.rsplit("/", 1)[1].split("?")[0] for url in shown.requests if "searchindex-" in url]
    assert scripts == [f"searchindex-{one}.js" for one in fetched]
    assert shown.errors == []


def test_texts_that_cannot_be_fetched_leave_the_language_out(visit: Open) -> None:
    page = visit("search", lang="fa").page
    page.route("**/searchindex-en.js*", lambda route: route.abort())
    assert [place for place, *_ in ask(page, "negligible short batch", "fa") if place.startswith("..")] == []
    assert ask(page, "تکانه averaging", "fa")[0][0].startswith("book/")


def test_headings_stand_in_the_language_shown(search: Visit) -> None:
    persian = "اشکال F-5b2: دستهٔ کوتاهِ آخر"
    english = "Fault F-5b2: the short last batch"
    for lang, heading in (("fa", persian), ("en", english), ("both", f"{english} — {persian}")):
        assert ask(search.page, "F-5b2", lang)[0][2] == heading
    page = search.page
    ask(page, "F-5b2", "fa")
    assert page.get_by_role("status").inner_text().endswith("پیدا شد.")
    choose(page, "en")  # with the same query
    page.get_by_role("status").wait_for()
    assert page.get_by_role("status").inner_text().endswith("found.")


def test_a_result_in_the_language_not_shown_opens_the_page_in_it(search: Visit) -> None:
    page = search.page
    assert ask(page, "negligible short batch", "fa")[0][0] == f"../en/{AVERAGE}"
    assert ask(page, "negligible short batch", "en")[0][0] == AVERAGE
    assert ask(page, "negligible short batch", "both")[0][0] == AVERAGE
    ask(page, "negligible short batch", "fa")
    page.locator("ul.search a").first.click()
    page.wait_for_url("**/en/book/q5b_history.html*")
    assert page.locator(f"section[id='{AVERAGE.split('#')[1]}']").is_visible()


def test_the_field_of_a_chapter_leads_to_the_results(visit: Open) -> None:
    shown = visit(Q5B, lang="fa")
    page = shown.page
    page.keyboard.press("Control+k")
    page.keyboard.type("دفتر حکمها")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.get_by_role("status").wait_for()
    assert page.evaluate(RESULTS)[0][0] == LEDGER
    assert shown.errors == []


def test_when_no_section_has_all_words_those_with_most_are_shown(search: Visit) -> None:
    found = ask(search.page, "averaging batches zzzz")
    assert found[0][0] == AVERAGE
    assert "No section has all of these words" in search.page.get_by_role("status").inner_text()
    for query in ("zzzz", "در که", "<img src=x onerror=alert(1)>zzzz", "ها"):
        ask(search.page, query)
    assert ask(search.page, "zzzz") == []
    assert "Nothing was found." in search.page.get_by_role("status").inner_text()
    assert search.errors == []
