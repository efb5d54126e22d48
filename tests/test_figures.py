import base64
import re

import matplotlib.pyplot as plt
import pytest
from hw2utils.reporting.legacy import BilingualFigure

from hw2utils.reporting.records import RECORD_MIME

TEXTS = {"alt": {"fa": "نمودار «زیان»", "en": 'a "loss" chart'}, "caption": {"fa": "زیان", "en": "loss"}}


def draw(figure, lang):
    figure.subplots().plot([1, 2], [1, 2])
    figure.axes[0].set_title({"fa": "زیان", "en": "loss"}[lang])


def test_each_language_has_its_image_alt_text_and_caption():
    bundle = BilingualFigure("loss-curve", draw, **TEXTS)._repr_mimebundle_()
    html = bundle["text/html"]
    assert bundle[RECORD_MIME] == {"kind": "figure", "name": "loss-curve", "alt": TEXTS["alt"]}
    assert 'id="figure-loss-curve"' in html
    sources = re.findall(r'<img class="lang-(\w+)" [^>]*src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert [lang for lang, _ in sources] == ["fa", "en"]
    images = [base64.b64decode(data) for _, data in sources]
    assert all(image.startswith(b"<?xml") for image in images)
    assert images[0] != images[1]
    assert 'alt="a &quot;loss&quot; chart"' in html
    # Blocks, so that neither images nor captions run into each other in a notebook.
    blocks = re.sub(r"<(/?\w+)[^>]*>", r"<\1>", html)
    assert blocks == (
        "<figure><div><img></div><div><img></div><figcaption><p>زیان</p><p>loss</p></figcaption></figure>"
    )


def test_the_same_data_give_the_same_file():
    first, second = (BilingualFigure("loss-curve", draw, **TEXTS).images for _ in range(2))
    assert first == second


def test_a_librarys_own_figure_is_used_and_closed():
    def by_pyplot(figure, lang):
        own, axes = plt.subplots()
        axes.set_title("MARK")
        return own

    assert b"MARK" in BilingualFigure("grid", by_pyplot, size=(3, 2), **TEXTS).images["en"]
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("Loss curve", {}, "name: expected lower-case words"),
        ("../x", {}, "name: expected lower-case words"),
        ("x", {"alt": {"fa": "نمودار"}}, "alt: expected text in both languages"),
        ("x", {"caption": {"fa": "", "en": "a"}}, "caption: expected text in both languages"),
    ],
)
def test_bad_input_is_refused_before_drawing(name, change, message):
    def never(figure, lang):
        raise AssertionError("drawn")

    with pytest.raises(ValueError, match=message):
        BilingualFigure(name, never, **{**TEXTS, **change})
