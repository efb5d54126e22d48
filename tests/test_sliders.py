"""Sliders: every value is drawn in both languages, one frame shows, and the record is that frame's."""

import re
import sys
import types
from html.parser import HTMLParser

import pytest
from tiny_notebooks import write_texts

from hw2utils.reporting import records
from hw2utils.reporting.figures import Drawn
from hw2utils.reporting.rendering import Book, render

TEXT = {"fa": "نرخ", "en": "rate"}


ARGUMENTS: dict = {"values": [0.1, 1, 10], "start": 1, "frames": [{"height": h} for h in (1, 2, 3)]}


@pytest.fixture(autouse=True)
def drawing(monkeypatch, tmp_path):
    """Put a drawing of bars among those of the book, and its texts beside the test."""

    def bars(figure, words, value, height):
        figure.subplots().bar([0], [value * height])

    module = types.ModuleType("hw2utils.plotting.q9")
    module.bars = bars
    monkeypatch.setitem(sys.modules, "hw2utils.plotting.q9", module)
    monkeypatch.chdir(tmp_path)
    texts = {
        "label": TEXT,
        "show": {"fa": "{value!s} m", "en": "{value!s} m"},
        "alt": {"fa": "ستونی به بلندی {value:g}", "en": "A bar of height {value:g}"},
        "caption": TEXT,
    }
    write_texts(tmp_path, "q9", bars=texts)


def slider(**changes):
    return render(records.slider("q9-bars", **(ARGUMENTS | changes)).content)


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
    text = slider().html
    shown = tags(text, "img")
    assert [(image["lang"], image["data-frame"]) for image in shown] == [("fa", "1"), ("en", "1")]
    waiting = frames(text)
    assert [value for value, _ in waiting] == ["0.1 m", "1 m", "10 m"]
    images = [tags(frame, "img") for _, frame in waiting]
    assert [[(i["lang"], i["data-frame"]) for i in pair] for pair in images] == [
        [("fa", str(place)), ("en", str(place))] for place in range(3)
    ]
    assert images[1] == shown
    assert len({image["src"] for pair in images for image in pair}) == 6
    assert [pair[1]["alt"] for pair in images] == [f"A bar of height {value}" for value in (0.1, 1, 10)]


def test_without_scripts_and_handlers_the_first_frame_stands_with_its_value():
    """GitHub, and JupyterLab before it trusts a notebook, take these out, with other attributes."""
    text = re.sub(r"<script.*?</script>", "", slider().html)
    text = re.sub(r' (?:on\w+|style|hidden|data-[\w-]+)="[^"]*"', "", text)
    assert len(tags(text, "img")) == 2
    assert re.sub(r"<[^>]+>", "", text) == "نرخ · rate  1 mنرخrate"


def test_the_control_is_labelled_and_starts_where_the_frame_does():
    text = slider().html
    (control,) = tags(text, "input")
    assert (control["type"], control["min"], control["max"], control["value"]) == ("range", "0", "2", "1")
    assert control["aria-valuetext"] == "1 m"
    assert [label["for"] for label in tags(text, "label")] == [control["id"]]
    assert re.findall(r"<output[^>]*>(.*?)</output>", text) == ["1 m"]
    assert control["data-lm-suppress-shortcuts"] == "true"  # else JupyterLab takes the arrow keys


def test_the_text_is_that_of_the_frame_shown_first():
    shown = slider(start=10)
    assert shown.alt["en"] == "A bar of height 10" and shown.text.endswith("A bar of height 10")


def test_the_same_slider_is_the_same_bytes():
    assert slider().html == slider().html


def test_another_value_is_drawn_again(tmp_path):
    book = Book(tmp_path, drawn=Drawn(tmp_path / "drawn"))
    first, other = (
        render(records.slider("q9-bars", **(ARGUMENTS | {"values": values})).content, book)
        for values in ([0.1, 1, 10], [0.1, 1, 20])
    )
    images = [tags(frame, "img")[0]["src"] for shown in (first, other) for _, frame in frames(shown.html)]
    assert images[:2] == images[3:5] and images[2] != images[5]
