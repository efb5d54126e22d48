"""Texts: slots are filled in the language's own way; what is missing or wrong is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_notebooks import write_texts

from hw2utils.reporting.records import each, term
from hw2utils.reporting.texts import TextError, entry
from hw2utils.statistics import Interval

LRI, PDI = "\u2066", "\u2069"


def said(tmp_path: Path, text: dict[str, Any], variant: str | None = None, **values: Any) -> dict[str, str]:
    terms = {
        "momentum": {"fa": "تکانه", "en": "momentum"},
        "at": {"fa": "نرخ {rate}: {loss:.1f}", "en": "rate {rate}: {loss:.1f}"},
    }
    write_texts(tmp_path, "q9", n={"note": text}, terms=terms)
    return entry("q9-n", tmp_path).text("note", values, variant)


@pytest.mark.parametrize(
    ("slot", "value", "persian", "english"),
    [
        ("{x:+.2f}", -0.024, f"{LRI}−۰٫۰۲{PDI}", "−0.02"),
        ("{x:+.1f}", 0.04, "۰٫۰", "0.0"),
        ("{x:.1%}", 0.8712, "۸۷٫۱٪", "87.1%"),
        ("{x}", 1234, "۱۲۳۴", "1234"),
        ("{x:,}", 7820, "۷٬۸۲۰", "7,820"),
        ("{x!s}", 5, "5", "5"),
        ("{x:g}", np.float64(0.001), "۰٫۰۰۱", "0.001"),
        ("{x:.1f}", float("nan"), "—", "—"),
        ("{x:+.1f}", -float("inf"), f"{LRI}−∞{PDI}", "−∞"),
        ("{x:.1f}", [1, 2.25], "۱٫۰، ۲٫۲", "1.0, 2.2"),
        ("{x.low:.0f}–{x.n}", Interval(1, 0, 2, 9), "۰–۹", "0–9"),
        ("{x[a][-1]}", {"a": [1, 2]}, "۲", "2"),
        ("{x[0.1]}", {0.1: 7}, "۷", "7"),
        ("{x}", term("momentum"), "تکانه", "momentum"),
        (
            "{x}",
            each("at", [{"rate": 1, "loss": 2}, {"rate": 0.1, "loss": 3}]),
            "نرخ ۱: ۲٫۰؛ نرخ ۰٫۱: ۳٫۰",
            "rate 1: 2.0; rate 0.1: 3.0",
        ),
        ("{x}", "SGD", "SGD", "SGD"),
    ],
)
def test_a_slot_is_written_as_the_language_does(
    tmp_path: Path, slot: str, value: Any, persian: str, english: str
) -> None:
    assert said(tmp_path, {"fa": slot, "en": slot}, x=value) == {"fa": persian, "en": english}


def test_code_chooses_among_variants(tmp_path: Path) -> None:
    text = {"up": {"fa": "بالا", "en": "up {x}"}, "down": {"fa": "پایین", "en": "down"}}
    assert said(tmp_path, text, "up", x=1)["en"] == "up 1"
    with pytest.raises(TextError, match=r"q9.yml: n: note: expected a variant of down, up, got None"):
        said(tmp_path, text, x=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            {"fa": "{x}", "en": "{y}"},
            r"q9.yml: n: note \(en\): no value for the slot 'y' in '{y}'; there are x",
        ),
        ({"fa": "{xx}", "en": "{x}"}, r"no value for the slot 'xx' in '{xx}'; there are x; did you mean 'x'"),
        ({"fa": "{x.mean}", "en": "x"}, r"q9.yml: n: note \(fa\): x is 3, which has no 'mean'"),
        (
            {"fa": "{x:+.q}", "en": "x"},
            r"n: note \(fa\): slot {x:\+\.q}: expected a way to write numbers, such as .*'\+\.q' for 3",
        ),
        ({"fa": "{}", "en": "x"}, r"\(fa\): expected slots with names"),
        ({"fa": "{x", "en": "x"}, r"\(fa\): expected '}'"),
        ({"fa": "x", "en": " "}, "q9.yml: n: note: nothing in 'en'"),
        ({"fa": "x"}, "q9.yml: n: note: nothing in 'en'"),
        ({"fa": "x", "en": "x", "de": "x"}, "beside fa and en there is 'de'"),
        ({"up": {"fa": "x"}}, "q9.yml: n: note: up: nothing in 'en'"),
    ],
)
def test_a_wrong_text_is_named_with_file_entry_and_language(
    tmp_path: Path, text: dict[str, Any], message: str
) -> None:
    with pytest.raises(TextError, match=message):
        said(tmp_path, text, "up", x=3)


def test_a_slot_for_whole_numbers_says_so(tmp_path: Path) -> None:
    for text, value in (("{n:d}", 3.5), ("{n!s:03d}", np.float64(3))):
        with pytest.raises(
            TextError, match=r"n: note \(fa\): slot {n:(03)?d}: 'd' writes whole .*{n:.0f}.*int"
        ):
            said(tmp_path, {"fa": text, "en": text}, n=value)
    with pytest.raises(TextError, match=r"slot {n\[0\]:d}: 'd' writes whole numbers only, got 0.5, a float"):
        said(tmp_path, {"fa": "{n[0]:d}", "en": "x"}, n=[0.5])


def test_an_interval_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="an interval has mean, low, high and n"):
        said(tmp_path, {"fa": "{x}", "en": "{x}"}, x=Interval(1, 0, 2, 9))


def test_missing_files_entries_parts_and_labels_are_named(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"expected its texts in book/texts/q8.yml"):
        entry("q8-n", tmp_path)
    write_texts(tmp_path, "q9")
    with pytest.raises(TextError, match=r"book/texts/q9x.yml, which does not exist; did you mean 'q9'"):
        entry("q9x-curve", tmp_path)
    with pytest.raises(TextError, match=r"q9.yml: no entry 'curves'; did you mean 'curve'"):
        entry("q9-curves", tmp_path)
    found = entry("q9-curve", tmp_path)
    with pytest.raises(TextError, match=r"q9.yml: curve: expected 'note', which is missing"):
        found.text("note", {})
    with pytest.raises(TextError, match=r"q9.yml: curve: no label or term 'units'; did you mean 'unit'"):
        found.words("fa")["units"]
    write_texts(tmp_path, "q9", curve={"captoin": {"fa": "x", "en": "x"}})
    with pytest.raises(TextError, match=r"q9.yml: curve: expected note; or caption, alt and labels"):
        entry("q9-curve", tmp_path)
    (tmp_path / "texts/q9.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(TextError, match=r"q9.yml is not valid YAML"):
        entry("q9-curve", tmp_path)
