"""Sliders: every value is drawn in both languages, one frame shows, and the record is that frame's."""

import re
from html.parser import HTMLParser

import pytest

from hw2utils.publishing.records import collect_records
from hw2utils.publishing.sliders import Slider

TEXT = {"fa": "نرخ", "en": "rate"}


def draw(figure, lang, value):
    figure.subplots().bar([0], [value])


ARGUMENTS = {
    "values": [0.1, 1, 10],
    "start": 1,
    "label": TEXT,
    "alt": lambda value: {"fa": f"ستونی به بلندی {value}", "en": f"A bar of height {value}"},
    "caption": TEXT,
}


def slider(**changes):
    return Slider("bars", draw, **(ARGUMENTS | changes))


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags(text, name):
    return [attributes for tag, attributes in _Tags(text).tags if tag == name]


def test_every_value_is_drawn_in_each_language_and_one_shows():
    drawn = []
    Slider("seen", lambda _, *what: drawn.append(what), **ARGUMENTS)
    assert drawn == [(lang, value) for lang in ("fa", "en") for value in (0.1, 1, 10)]
    images = tags(slider().html(), "img")
    assert [(i["lang"], i["data-frame"], "hidden" in i) for i in images] == [
        (lang, str(place), place != 1) for lang in ("fa", "en") for place in range(3)
    ]
    assert len({image["src"] for image in images}) == 6
    assert [i["alt"] for i in images if i["lang"] == "en"] == [f"A bar of height {v}" for v in (0.1, 1, 10)]


def test_the_control_is_labelled_and_starts_where_the_frame_does():
    text = slider(show=lambda value: f"{value:g} m").html()
    (control,) = tags(text, "input")
    assert (control["type"], control["min"], control["max"], control["value"]) == ("range", "0", "2", "1")
    assert control["aria-valuetext"] == "1 m"
    assert [label["for"] for label in tags(text, "label")] == [control["id"]]
    assert re.findall(r"<output.*</output>", text)[0].count("data-frame") == 3


def test_the_record_and_its_files_are_those_of_the_frame_shown_first(tmp_path):
    shown = slider(start=10)
    bundle = shown._repr_mimebundle_()
    notebook = {"cells": [{"outputs": [{"data": bundle}]}]}
    found = collect_records(notebook, tmp_path / "figures")["figures"]["bars"]
    assert found["alt"]["en"] == "A bar of height 10"
    for lang in ("fa", "en"):
        assert (tmp_path / found["files"][lang]).read_bytes() == shown.images[lang][2]


def test_the_same_slider_is_the_same_bytes():
    assert slider().html() == slider().html()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": [1]}, "values: expected at least two"),
        ({"start": 3}, "start: expected one of the values"),
        ({"label": {"en": "rate"}}, "label: expected text in both languages"),
        ({"alt": lambda value: {"fa": "", "en": "x"}}, r"alt\(0.1\): expected text in both"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_drawn(changes, message):
    with pytest.raises(ValueError, match=message):
        slider(**changes)
