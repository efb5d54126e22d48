import json
import subprocess
import sys
from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import papermill
import pytest
import tiny_notebooks
from matplotlib.figure import Figure

from hw2utils.history import History
from hw2utils.plotting import COLOR_OF, COLORS, LABELS, plot_differences, plot_history, style


@pytest.fixture(autouse=True)
def close_figures():
    """Close what was drawn through pyplot, which keeps figures until then."""
    yield
    plt.close("all")


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


def test_a_diverged_seed_leaves_its_row_without_a_mean() -> None:
    axes = plot_differences({"a": [1.0, float("nan")], "b": [0.0, 1.0]}, unit="points")
    means = [line for line in axes.lines if line.get_marker() == "D"]
    assert [np.isfinite(line.get_xdata()).all() for line in means] == [False, True]


@pytest.mark.parametrize("plot", [plot_history, partial(plot_differences, unit="u")])
def test_axes_of_ones_own_leave_pyplot_alone_and_none_make_a_new_figure(plot, history):
    data = history if plot is plot_history else {"a": [1.0, 2.0]}
    plot(data, ax=Figure().subplots())
    assert plt.get_fignums() == []
    first, second = plot(data), plot(data)
    assert plt.get_fignums() == [1, 2] and first.figure is not second.figure


def test_more_splits_than_colours_are_all_drawn_and_told_apart():
    names = [f"split{place}" for place in range(14)]
    many = History([1, 2], [0, 1], {f"{name}_acc": [[0.1, 0.2], [0.3, 0.4]] for name in names})
    axes = plot_history(many, splits=names)
    thick = [line for line in axes.lines if line.get_linewidth() == 2]
    assert [text.get_text() for text in axes.get_legend().texts] == names
    assert len({(line.get_color(), line.get_linestyle()) for line in thick}) == 14
    assert [line.get_color() for line in thick[:6]] == list(COLORS)
    assert {line.get_linestyle() for line in thick[:6]} == {"-"}
    pairs = plot_differences({name: [0.0, 1.0] for name in names}, unit="u", colors=COLORS[:1])
    assert len(pairs.get_yticks()) == 14


def test_a_split_without_a_colour_of_its_own_takes_none_of_another_split():
    names = ["train", "plain", "test"]
    history = History([1, 2], [0], {f"{name}_acc": [[0.1], [0.3]] for name in names})
    train, plain, test = plot_history(history, splits=names).lines[1::2]
    assert (train.get_color(), test.get_color()) == (COLOR_OF["train"], COLOR_OF["test"])
    assert plain.get_color() not in (COLOR_OF["train"], COLOR_OF["test"])


RESULT = """from functools import partial
import torch
from torch import nn
from hw2utils.datasets import Split
from hw2utils.plotting import plot_history
from hw2utils.training import fit
data = Split(torch.randn(20, 4), torch.arange(20) % 2)
result = fit(lambda: nn.Linear(4, 2), data, seeds=range(3), epochs=3,
             optimizer=partial(torch.optim.SGD, lr=0.1), evaluate_on={"val": data})
"""


BOTH = """from hw2utils.reporting import figure
from matplotlib.figure import Figure
import matplotlib.pyplot as plt
"""
PICTURES = {  # the code of a cell -> how many pictures it shows
    "plot_history(result.history)": 1,
    'plot_history(result.history); plot_history(result.history, "loss")': 2,
    "plot_history(result.history, ax=plt.gca())": 1,
    "plot_history(result.history, ax=Figure().subplots());": 0,
    "figure('q9-curve', 'differences', rows={'main': [0.1, 0.2]}, slots={'n': 2})": 0,
}


@pytest.mark.processes
def test_a_plain_notebook_shows_each_picture_once(tmp_path):
    tiny_notebooks.write_texts(tmp_path, "q9")
    source = tiny_notebooks.write(tmp_path / "first.ipynb", RESULT, BOTH, *PICTURES)
    target = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(source), str(target), kernel_name="python3", progress_bar=False, cwd=tmp_path
    )
    cells = json.loads(target.read_text(encoding="utf-8"))["cells"][-len(PICTURES) :]
    shown = [[kind for out in cell["outputs"] for kind in out.get("data", {})] for cell in cells]
    assert [kinds.count("image/png") for kinds in shown] == list(PICTURES.values())
    assert [kinds.count("text/html") for kinds in shown] == [0, 0, 0, 0, 1]


@pytest.mark.processes
def test_a_script_gets_axes_and_no_window(tmp_path):
    script = RESULT + (
        "axes = plot_history(result.history)\naxes.figure.savefig('history.png')\nprint(axes.get_ylabel())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("accuracy\n", 0), done.stderr
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


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
