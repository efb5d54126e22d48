"""The ledger: a row a claim with what filters and sorts it, its forest plot, what chance may do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from test_cards import CLAIMS, judged, voteless, words

from hw2utils.reporting.cards import verdict_card
from hw2utils.reporting.claims import Verdict
from hw2utils.reporting.criteria import LEVEL, LOOKS_LEVEL
from hw2utils.reporting.ledger import chance_report, ledger_table
from hw2utils.reporting.multiplicity import multiplicity


def rows(verdicts: dict[str, Verdict], lang: str = "en") -> dict[str, Tag]:
    """Give the rows of a ledger by their claims, in its order."""
    claims: dict[str, Any] = {name: CLAIMS[name] for name in verdicts}
    page = BeautifulSoup(ledger_table(verdicts, claims, {}), "html.parser")
    return dict(zip(verdicts, page.select(f".lang-{lang} tbody tr"), strict=True))


def test_the_ledger_has_the_cases_that_vote_those_that_decide_first() -> None:
    found = rows({"C-5d2": judged("C-5d2"), "C-2b1": voteless("C-2b1")})
    first, second = (" ".join(row.get_text(" ").split()) for row in found.values())
    assert "gap in accuracy, the homework's run" in first and "few images" not in first
    assert second.endswith("undecided —")
    all_hold = {key: -9 if "bias" in key else 9 for key in CLAIMS["C-2a1"].measured}
    several = rows({"C-2a1": judged("C-2a1", **all_hold | {"squared_bias_high": -1})})
    folded = several["C-2a1"].select_one("details")
    assert folded is not None and folded.get_text().count(" [") == 7
    assert "−1.00 [" in several["C-2a1"].select("td")[4].get_text().partition("7 more")[0]


def test_rows_carry_what_they_are_filtered_and_sorted_by() -> None:
    near, far = judged("C-5c4", more=0.2), judged("C-5c1", gap=12)
    found = rows({"C-5c4": near, "C-5c1": far, "C-2b1": voteless("C-2b1")})
    assert [row["data-question"] for row in found.values()] == ["5", "5", "2"]
    assert [row["data-verdict"] for row in found.values()] == ["holds", "holds", "undecided"]
    distances = [row["data-distance"] for row in found.values()]
    half = 0.1 * np.sqrt(10 / 9) * 2.2622 / np.sqrt(10)
    assert float(str(distances[0])) == pytest.approx(0.2 / half, rel=0.01)
    assert float(str(distances[1])) == pytest.approx(12 / half, rel=0.01) and distances[2] == ""


@pytest.mark.parametrize(
    ("gap", "side", "reaches"), [(0.2, 1, False), (0.05, 1, True), (-0.05, -1, True), (-1.5, -1, False)]
)
def test_in_the_forest_plot_an_undecided_interval_reaches_over_the_threshold(
    gap: float, side: int, reaches: bool
) -> None:
    row = rows({"C-5c1": judged("C-5c1", gap=gap)})["C-5c1"]
    bar = row.select_one("g > rect[width$='%']")
    assert bar is not None
    left = float(str(bar["x"]).rstrip("%")) - 50
    right = left + float(str(bar["width"]).rstrip("%"))
    assert (left < 0 < right) == reaches and np.sign(left + right) == side
    drawing = row.select_one("svg")
    assert drawing is not None and re.match(r"[\d.]+ half-widths", str(drawing["aria-label"]))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Verdict:
    """Judge a claim of which the registry says that its seeds were looked at several times."""
    monkeypatch.setitem(CLAIMS, "C-5c1", replace(CLAIMS["C-5c1"], level=LOOKS_LEVEL))
    return judged("C-5c1", gap=-0.2)


def test_the_ledger_says_the_level_of_every_interval(looked: Verdict) -> None:
    others = {"C-5d1": replace_level(judged("C-5d1"), LEVEL)}
    mixed = {**others, "C-5c1": looked}
    page = BeautifulSoup(ledger_table(mixed, {name: CLAIMS[name] for name in mixed}, {}), "html.parser")
    for lang, head, own in (
        ("en", "95% unless another level is given", "98.75% interval"),
        ("fa", "۹۵٪ جز آن‌جا که سطح دیگری آمده", "بازهٔ ۹۸٫۷۵٪"),
    ):
        assert head in page.select(f".lang-{lang} th")[4].get_text()
        plain, higher = (row.select("td")[4].get_text() for row in page.select(f".lang-{lang} tbody tr"))
        assert own not in plain and own in higher
    (alone,) = rows(others).values()
    table = alone.find_parent("table")
    assert table is not None and "[95% confidence interval]" in table.get_text()
    assert "unless" not in table.get_text() and "98.75" not in table.get_text()


def test_the_report_on_chance_says_the_level_of_claims_looked_at_several_times(looked: Verdict) -> None:
    mixed = {"C-5d1": replace_level(judged("C-5d1"), LEVEL), "C-5c1": looked}
    html = chance_report(mixed, {})
    english, persian = (" ".join(words(html, lang, "p")) for lang in ("en", "fa"))
    assert (
        "is 95%, and 98.75% for claims at whose seeds we looked several times (1 of them), not corrected"
        in english
    )
    assert "2.5% (at the higher level 0.625%) of the time" in english
    assert "۹۸٫۷۵٪" in persian and "۰٫۶۲۵٪" in persian
    assert multiplicity([looked]).wrong_cases == pytest.approx((1 - LOOKS_LEVEL) / 2 * 1)
    plain = chance_report({"C-5d1": mixed["C-5d1"]}, {})
    assert "98.75" not in plain and "is 95%, not corrected" in " ".join(words(plain, "en", "p"))


def test_a_card_says_the_level_of_its_claim(looked: Verdict) -> None:
    html = verdict_card(looked)
    assert "[98.75% confidence interval]" in html and "۹۸٫۷۵" in html
    assert "95% confidence" not in html


def replace_level(verdict: Verdict, level: float) -> Verdict:
    return replace(verdict, claim=replace(verdict.claim, level=level))


def test_a_claim_that_was_not_measured_has_its_row() -> None:
    page = BeautifulSoup(ledger_table({}, {"C-5d1": CLAIMS["C-5d1"]}, {}), "html.parser")
    (row,) = page.select(".lang-en tbody tr")
    assert row["data-distance"] == "" and "not measured" in row.get_text()


def test_the_controls_offer_the_questions_and_verdicts_there_are_in_the_language() -> None:
    verdicts = {"C-5c1": judged("C-5c1", gap=-0.2), "C-2a1": judged("C-2a1")}
    page = BeautifulSoup(ledger_table(verdicts, {name: CLAIMS[name] for name in verdicts}, {}), "html.parser")
    for lang, all_, refuted in (("en", "all", "refuted"), ("fa", "همه", "رد شد")):
        form = page.select_one(f".lang-{lang} form")
        assert form is not None
        offered = {
            str(s["name"]): {str(o["value"]): o.get_text() for o in s.select("option")}
            for s in form.select("select")
        }
        assert set(offered["q"]) == {"", "5", "2"} and offered["q"][""] == all_
        assert offered["verdict"]["refuted"] == refuted and "in-part" not in offered["verdict"]
        assert set(offered["sort"]) == {"", "verdict", "distance", "name"}
        assert form.select("output[aria-live=polite]")


def test_the_report_on_chance_comes_from_the_verdicts_in_both_languages() -> None:
    verdicts = {name: judged(name) for name in ("C-5d1", "C-2a5", "C-5d2")}
    found = multiplicity(verdicts.values())
    html = chance_report(verdicts, {"C-5d1": "q5d.html#verdict-C-5d1"})
    english, persian = (" ".join(words(html, lang, "p")) for lang in ("en", "fa"))
    assert f"Here 3 claims are judged by {found.cases} cases" in english and "2.5% of the time" in english
    assert f"of {found.wrong_cases:.1f} cases wrong on average, in {found.wrong_claims:.1f} claims" in english
    assert f"verdict of {found.changed_claims:.1f} claims changes" in english and "۳ ادعا" in persian
    nearest = words(html, "en", "tbody tr")
    assert len(nearest) == min(10, len(found.near)) and nearest[0].startswith(found.near[0].claim)
    assert not re.search(r"[{}]", english + persian)
    for lang in ("en", "fa"):
        sources = BeautifulSoup(html, "html.parser").select(f".lang-{lang} a.external")
        assert [str(a["href"]).startswith("https://doi.org/10.1") for a in sources] == [True, True]
        assert all("<" not in str(a["href"]) for a in sources)
    assert chance_report({}, {})
