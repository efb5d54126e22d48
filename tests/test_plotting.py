import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting import LABELS, plot_differences, plot_history, style


@pytest.fixture
def history():
    values = np.arange(6.0).reshape(3, 2)
    return History([1, 2, 3], [0, 1], {"train_acc": values, "val_acc": values / 2})


def test_every_seed_is_a_line_and_the_mean_a_thick_one(history):
    axes = plot_history(history)
    thick = [line for line in axes.lines if line.get_linewidth() == 2]
    assert len(axes.lines) == 2 * 2 + 2
    np.testing.assert_array_equal(thick[0].get_ydata(), [0.5, 2.5, 4.5])
    assert [t.get_text() for t in axes.get_legend().texts] == ["training", "validation"]


def test_labels_follow_the_language_and_cover_the_same_words(history):
    assert plot_history(history, lang="fa").get_xlabel() == "دوره"
    assert LABELS["fa"].keys() == LABELS["en"].keys()


def test_a_missing_column_is_named(history):
    with pytest.raises(KeyError, match="no column 'test_acc'"):
        plot_history(history, splits=["test"])


def test_differences_show_every_seed_the_mean_and_its_interval():
    axes = plot_differences({"a": [1.0, 2.0, 3.0], "b": [0.0]}, unit="points", thresholds=[0.5])
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [3, 1]
    interval = next(line for line in axes.lines if line.get_linewidth() == 3)
    np.testing.assert_allclose(interval.get_xdata(), [2 - 2.4841, 2 + 2.4841], atol=1e-3)
    verticals = [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert verticals == [0, 0.5]


def test_functions_draw_on_the_axes_they_are_given(history):
    axes = Figure().subplots()
    assert plot_history(history, ax=axes) is axes
    assert plot_differences({"a": [1.0, 2.0]}, unit="u", ax=axes) is axes


def test_persian_uses_the_packaged_font_and_no_glyph_is_missing(tmp_path, recwarn):
    with mpl.rc_context(style("fa")):
        figure = Figure()
        figure.subplots().set_title("بیش‌برازشِ شبکه‌های عمیق؛ دقت ۸۶٪")
        figure.savefig(tmp_path / "title.png")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
    found = mpl.font_manager.findfont("Vazirmatn", fallback_to_default=False)
    assert "hw2utils" in found
    with pytest.raises(ValueError, match="lang: expected 'fa' or 'en', got 'de'"):
        style("de")
