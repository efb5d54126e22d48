"""Drawings of intervals against thresholds: where things stand, what is drawn when there is no interval."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from test_cards import CLAIMS, judged

from hw2utils.reporting.cards import verdict_card
from hw2utils.reporting.claims import verdict
from hw2utils.reporting.forest import Row, forest
from hw2utils.statistics import Interval, mean_interval


def row(values: Sequence[float], relation: str = "above", threshold: float = 0.0, **more: Any) -> Row:
    given = {"name": "case", "verdict": "holds", "unit": "points", "alt": "numbers"} | more
    return Row(interval=mean_interval(values), relation=relation, threshold=threshold, values=values, **given)


def drawings(html: str) -> list[Tag]:
    return BeautifulSoup(html, "html.parser").select('svg[role="img"]')


def percent(element: Tag, name: str) -> float:
    return float(str(element[name]).rstrip("%"))


def bar(drawing: Tag) -> tuple[float, float]:
    """Give where the interval's bar begins and ends, in percent."""
    found = drawing.select_one("g > rect[width$='%']")
    assert found is not None
    return percent(found, "x"), percent(found, "x") + percent(found, "width")


def ticks(html: str) -> dict[float, float]:
    """Give the numbers of the axis and where they stand, in percent."""
    page = BeautifulSoup(html, "html.parser")
    return {float(t.get_text().replace("−", "-")): percent(t, "x") for t in page.find_all("text")}


@pytest.mark.parametrize("values", [[1.0, 3.0, 2.0], [-40.0, -80.0, -60.5], [0.02, 0.021, 0.025]])
def test_the_interval_lies_where_the_numbers_of_the_axis_say(values: list[float]) -> None:
    html = forest([row(values, threshold=values[0] / 2)])
    (a, at_a), *_, (b, at_b) = ticks(html).items()
    told = mean_interval(values)
    per_unit = (at_b - at_a) / (b - a)
    expected = [at_a + (end - a) * per_unit for end in (told.low, told.high)]
    (drawing,) = drawings(html)
    assert bar(drawing) == pytest.approx(expected, abs=0.3)
    mean = drawing.find("circle")
    assert isinstance(mean, Tag) and percent(mean, "cx") == pytest.approx(sum(expected) / 2, abs=0.3)


@pytest.mark.parametrize(
    ("relation", "shaded"), [("above", (False, True)), ("below", (True, False)), ("within", (False, False))]
)
def test_the_zone_in_which_a_case_holds_is_shaded(relation: str, shaded: tuple[bool, bool]) -> None:
    (drawing,) = drawings(forest([row([1.0, 3.0], relation, 2.0)]))
    zone = drawing.find("rect")
    assert isinstance(zone, Tag)
    left, right = percent(zone, "x"), percent(zone, "x") + percent(zone, "width")
    assert (left == 0, right == pytest.approx(100)) == shaded and right > left
    lines = [percent(line, "x") for line in drawing.select("rect[width='2']")]
    assert lines == pytest.approx(
        [end for end, whole in ((left, shaded[0]), (right, shaded[1])) if not whole]
    )


def test_verdicts_differ_in_shape_too() -> None:
    shapes = [
        re.sub(
            r"#\w+|[\d.]+%", "", str(drawings(forest([row([1.0, 3.0], verdict=told)]))[0].select("g > *")[-1])
        )
        for told in ("holds", "refuted", "undecided")
    ]
    assert len(set(shapes)) == 3


def test_an_interval_without_ends_runs_out_of_the_drawing_and_a_mean_that_is_none_is_not_drawn() -> None:
    ends = "path[d^='m0 9']"
    (one,) = drawings(forest([row([2.0], threshold=1.0)]))
    assert bar(one) == (0, 100) and len(one.select(ends)) == 2 and one.find("circle")
    (diverged,) = drawings(forest([row([2.0, np.nan, 3.0], threshold=1.0)]))
    assert bar(diverged) == (0, 100) and len(diverged.select(ends)) == 2 and not diverged.find("circle")
    upward = Row("", "holds", Interval(5, 2, np.inf, 1), "above", 1, [5.0], "", "")
    (half,) = drawings(forest([upward]))
    assert bar(half)[0] > 0 and bar(half)[1] == 100 and len(half.select(ends)) == 1
    assert ticks(forest([row([np.nan, np.nan])]))  # nothing finite but the threshold
    (same,) = drawings(forest([row([0.0, 0.0])]))
    assert same.find("circle")


def test_units_have_their_own_axes_and_a_small_effect_is_not_drawn_beside_a_large_one() -> None:
    small, large, nats = row([0.1, 0.3]), row([70.0, 90.0]), row([0.1, 0.2], unit="nats")
    page = BeautifulSoup(forest([small, large, nats]), "html.parser")
    assert [axis.get_text(" ").split()[0] for axis in page.select(".hw2-axis")] == [
        "points",
        "points",
        "nats",
    ]
    assert len(BeautifulSoup(forest([small, row([0.2, 0.5])]), "html.parser").select(".hw2-axis")) == 1


def test_every_seed_is_a_dot_where_they_can_be_told_apart() -> None:
    (few,) = drawings(forest([row([1.0, 2.0, 3.0])]))
    assert str(few.select_one("svg path")).count("h0") == 3
    (many,) = drawings(forest([row(list(np.linspace(0, 1, 400)))]))
    assert "h0" not in str(many)
    (outcome,) = drawings(verdict_card(happened()).partition('lang="en"')[2])[:1]
    assert "h0" not in str(outcome)  # 0 or 100 for each seed


def happened() -> Any:
    cases = {
        key: {"unit": case.unit, "values": [0.0] * 5 + [100.0] * 15}
        for key, case in CLAIMS["C-4.1"].cases.items()
    }
    return verdict({"name": "C-4.1", "cases": cases}, CLAIMS)


def test_the_alternative_text_has_the_numbers_in_the_language_of_the_card() -> None:
    html = BeautifulSoup(verdict_card(judged("C-5c1", gap=-0.2)), "html.parser")
    said = {
        lang: [d["aria-label"] for d in drawings(str(html.select_one(f".lang-{lang}")))]
        for lang in ("fa", "en")
    }
    assert said["en"] == ["−0.2 [−0.3, −0.1] percentage points; holds if it is above 0: refuted."]
    assert said["fa"] == ["−۰٫۲ [−۰٫۳ تا −۰٫۱] واحد درصد؛ برقرار اگر بازه بیش از ۰: رد شد."]


def test_every_case_of_the_book_is_drawn_and_cards_stay_small() -> None:
    sizes = []
    for claim in CLAIMS.values():
        spread = {"proportion": [0.0] * 4 + [100.0] * 6}
        cases = {
            key: {"unit": case.unit, "values": spread.get(case.statistic, [60.0 + i for i in range(10)])}
            for key, case in claim.cases.items()
            if key in claim.measured
        }
        html = verdict_card(verdict({"name": claim.id, "cases": cases}, CLAIMS))
        for lang in ("fa", "en"):
            block = BeautifulSoup(html, "html.parser").select_one(f"section > .lang-{lang}")
            assert block is not None and len(drawings(str(block))) == len(claim.cases), claim.id
            drawn = sum(len(str(forest).encode()) for forest in block.select(".hw2-forest"))
            sizes.append(drawn / len(claim.cases))
    assert np.mean(sizes) < 1250


def test_shapes_hold_no_words() -> None:
    """Where a notebook removes SVG, what was written in it would stay behind as loose words."""
    html = verdict_card(judged("C-5b2"))
    texts = {text.get_text() for text in BeautifulSoup(html, "html.parser").select("svg text")}
    assert texts and all(re.fullmatch(r"−?[\d.]+", text) for text in texts)
