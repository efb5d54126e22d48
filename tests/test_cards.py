"""How cards say a verdict: the sentence, what decides, levels, roles, units and seeds once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from repository import ROOT

from hw2utils.reporting.cards import decisive, measured, outcome, verdict_card, verdict_text
from hw2utils.reporting.claims import Claim, Verdict, load, verdict
from hw2utils.statistics import Interval

CLAIMS = load(ROOT / "book")
SPREAD = [-0.1, 0.1] * 5


def judged(name: str, **centres: float) -> Verdict:
    """Judge a claim of the book on ten seeds about a number for each case; half of its threshold without."""
    claim = CLAIMS[name]
    values = {key: centres.get(key, claim.cases[key].threshold / 2) for key in claim.measured}
    cases = {
        key: {"unit": claim.cases[key].unit, "values": [centre + each for each in SPREAD]}
        for key, centre in values.items()
    }
    return verdict({"name": name, "cases": cases}, CLAIMS)


def voteless(name: str) -> Verdict:
    """Judge a claim of the book none of whose cases may vote."""
    found = judged(name)
    beyond = {
        key: replace(case, role="beyond", part="", condition="") for key, case in found.claim.cases.items()
    }
    return replace(found, claim=replace(found.claim, cases=beyond))


def words(html: str, lang: str, selector: str) -> list[str]:
    page = BeautifulSoup(html, "html.parser")
    return [" ".join(e.get_text(" ").split()) for e in page.select(f".lang-{lang} {selector}")]


def test_the_first_line_says_homework_measurement_and_verdict_in_plain_words():
    html = verdict_card(judged("C-5c1", gap=-0.2))
    (english,) = words(html, "en", ".hw2-verdict-head")
    assert english == (
        "C-5c1 The homework: Test accuracy is above training accuracy. "
        "Measured: −0.2 [−0.3, −0.1] percentage points. Refuted"
    )
    (persian,) = words(html, "fa", ".hw2-verdict-head")
    assert persian.endswith("اندازه‌گیری: −۰٫۲ [ −۰٫۳ تا −۰٫۱ ] واحد درصد. رد شد")
    assert english in verdict_text(judged("C-5c1", gap=-0.2)).replace(" — The", " The")


@pytest.mark.parametrize(
    ("centre", "shown"),
    [(2.46, "+2.46 [+2.38, +2.54]"), (2.2, "+2.2 [+2.1, +2.3]"), (0.1, "+0.10 [+0.02, +0.18]")],
    ids=["ends round to the threshold", "far from it", "an end rounds to zero"],
)
def test_no_end_of_an_interval_is_rounded_to_what_it_is_not(centre, shown):
    assert f"minus without: {shown} percentage points" in verdict_text(judged("C-5d1", better=centre))


def test_an_interval_near_zero_that_is_not_zero_does_not_read_as_zero():
    case = CLAIMS["C-5d2"].cases["loss"]
    assert measured(case, Interval(-0.0031, -0.0038, -0.0025, 10)) == "−0.0031 [−0.0038, −0.0025]"
    for nothing in (0.0, 3e-15):
        assert measured(case, Interval(nothing, nothing, nothing, 10)) in (
            "0.00 [0.00, 0.00]",
            "+0.00 [+0.00, +0.00]",
        )


def test_levels_have_no_plus_and_are_percent_while_differences_have_their_sign():
    level = verdict_text(judged("C-2a7", noisy=12, clean=5, images=5))
    difference = verdict_text(judged("C-5c1", gap=12))
    assert "training error, made-up with noise: 12.00 [11.92, 12.08] percent" in level
    assert "+12.0 [+11.9, +12.1] percentage points" in difference


def remedies(**other: float) -> Verdict:
    """Judge C-1a8: only dropout helps, with false labels only, and all its cases lower training accuracy."""
    centres = {"dropout_noisy": 6.0, **other}
    for way in ("l2", "dropout"):
        for name, training in (("noisy", -17.0), ("clean", -17.0), ("loss", 0.5)):
            centres.setdefault(f"{way}_{name}", 0.5 if name == "loss" else 0.0)
            centres.setdefault(f"{way}_{name}_seen", training)
    return judged("C-1a8", **centres)


def test_what_decides_is_a_case_that_decided_its_condition():
    """Weight decay lowered training accuracy as much, but in conditions whose test did not get better."""
    found = remedies()
    assert (found.verdict, decisive(found)[0]) == ("in part", "dropout_noisy")
    assert [told.split(":")[0] for told in outcome(found, "en")] == ["Holds", "Not shown here"]


def test_of_cases_that_are_needed_together_the_nearest_to_its_threshold_is_told():
    """What training lost is far from its threshold, but it is no remedy without the gain on the test."""
    assert decisive(remedies(l2_noisy=8)) == ["l2_noisy"]
    assert decisive(remedies(l2_noisy=8, l2_noisy_seen=-0.5)) == ["dropout_noisy"]


def test_a_verdict_that_depends_names_its_conditions():
    found = judged("C-2c5", equal_independent=1.2, equal_copies=0.3, factor_independent=60, factor_copies=2)
    copies, independent = "(nearly identical copies)", "(independent features)"
    equal, factor = "the weights become more equal", "all shrink by one factor"
    assert found.verdict == "depends" and outcome(found, "en") == [
        f"Holds: {equal} {copies}; {factor} {independent}.",
        f"Refuted: {equal} {independent}; {factor} {copies}.",
    ]
    assert {found.cases[key] for key in decisive(found)} == {"holds", "refuted"}


def test_parts_that_are_not_measured_are_named():
    claim = CLAIMS["C-2a6"]
    gaps = {key: case for key, case in claim.cases.items() if case.part == "gap"}
    whole = judged("C-2a6", **dict.fromkeys(gaps, -9))
    values, evidence = ({key: told[key] for key in gaps} for told in (whole.values, whole.evidence))
    found = Verdict(replace(claim, cases=gaps), values, evidence)
    assert found.verdict == "undecided" and outcome(found, "en") == [
        "Holds: the difference between training and test shrinks.",
        "Undecided: this leads to less variance.",
    ]
    (line,) = words(verdict_card(found), "en", ".hw2-verdict-head")
    assert line.endswith("Measured: not yet all that it takes to decide it. Undecided")


def test_where_nothing_has_a_vote_the_card_says_so():
    (line,) = words(verdict_card(voteless("C-2b1")), "en", ".hw2-verdict-head")
    assert line.endswith("Measured: nothing yet that could decide it. Undecided")


def test_unit_and_seeds_stand_once_where_all_cases_share_them():
    heads = words(verdict_card(judged("C-2a4")), "en", ".hw2-cases th")
    assert heads == [
        "Case",
        "Measured [95% confidence interval]",
        "Holds if it is",
        "Refuted if it is",
        "Verdict",
    ]
    assert "Unit: percentage points; Seeds: 10." in words(
        verdict_card(judged("C-2a4")), "en", ".hw2-folded p"
    )
    assert "percentage points" not in words(verdict_card(judged("C-2a4")), "en", ".hw2-cases tbody tr")[0]
    mixed = words(verdict_card(judged("C-5b2")), "en", ".hw2-cases tbody tr")
    assert "percentage points" in mixed[0] and "nats" in mixed[2]


def test_roles_are_shown_and_a_case_beyond_the_claim_says_why():
    shares = dict.fromkeys(CLAIMS["C-2a2"].measured, 0.3) | {"sepals": 4}
    rows = words(verdict_card(judged("C-2a2", **shares)), "fa", ".hw2-cases tbody tr")
    assert "شرط" in rows[1] and "فراتر از ادعا" in rows[-1] and "برگزیده شده‌اند" in rows[-1]
    (named, *_) = words(verdict_card(judged("C-2a1")), "en", ".hw2-cases tbody tr")
    assert "part: bias falls; condition: 0–1 loss, 1 to 15 neighbours" in named


def test_every_claim_of_the_book_can_be_said() -> None:
    def said(claim: Claim) -> str:
        return verdict_text(
            judged(claim.id, **{k: 60.0 for k, c in claim.cases.items() if c.statistic != "mean"})
        )

    testable = [
        claim for claim in CLAIMS.values() if all(c.statistic != "proportion" for c in claim.cases.values())
    ]
    assert len(testable) > 50 and all("The homework:" in said(claim) for claim in testable)
