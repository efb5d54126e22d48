"""Sliders: every value is drawn in both languages, one frame shows, and the record is that frame's."""

import re
from html.parser import HTMLParser

import pytest
from hw2utils.reporting.legacy import Slider

from hw2utils.publishing.execution.records import collect_records

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


def frames(text):
    """Give the values with their frames as they wait in scripts, which a parser does not look into."""
    return re.findall(r'<script type="text/html" data-value="([^"]*)">(.*?)</script>', text)


def test_every_value_is_drawn_in_each_language_and_one_shows():
    drawn = []
    Slider("seen", lambda _, *what: drawn.append(what), **ARGUMENTS)
    assert drawn == [(lang, value) for lang in ("fa", "en") for value in (0.1, 1, 10)]
    text = slider().html()
    shown = tags(text, "img")
    assert [(image["lang"], image["data-frame"]) for image in shown] == [("fa", "1"), ("en", "1")]
    waiting = frames(text)
    assert [value for value, _ in waiting] == ["0.1", "1", "10"]
    images = [tags(frame, "img") for _, frame in waiting]
    assert [[(i["lang"], i["data-frame"]) for i in pair] for pair in images] == [
        [("fa", str(place)), ("en", str(place))] for place in range(3)
    ]
    assert images[1] == shown
    assert len({image["src"] for pair in images for image in pair}) == 6
    assert [pair[1]["alt"] for pair in images] == [f"A bar of height {value}" for value in (0.1, 1, 10)]


def test_without_scripts_and_handlers_the_first_frame_stands_with_its_value():
    """GitHub, and JupyterLab before it trusts a notebook, take these out, with other attributes."""
    text = re.sub(r"<script.*?</script>", "", slider(show=lambda value: f"{value:g} m").html())
    text = re.sub(r' (?:on\w+|style|hidden|data-[\w-]+)="[^"]*"', "", text)
    assert len(tags(text, "img")) == 2
    assert re.sub(r"<[^>]+>", "", text) == "نرخ · rate  1 mنرخrate"


def test_the_control_is_labelled_and_starts_where_the_frame_does():
    text = slider(show=lambda value: f"{value:g} m").html()
    (control,) = tags(text, "input")
    assert (control["type"], control["min"], control["max"], control["value"]) == ("range", "0", "2", "1")
    assert control["aria-valuetext"] == "1 m"
    assert [label["for"] for label in tags(text, "label")] == [control["id"]]
    assert re.findall(r"<output[^>]*>(.*?)</output>", text) == ["1 m"]
    assert control["data-lm-suppress-shortcuts"] == "true"  # else JupyterLab takes the arrow keys


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
