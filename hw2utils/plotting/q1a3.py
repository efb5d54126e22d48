"""Figures of chapter q1a3: remedies for overfitting and underfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.images import plot_images
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, INK, LINES, NEUTRAL, ZONE, Words, sized

Values = NDArray[np.float64]

"""How the zone of a criterion is shaded."""

SEEN = "_seen"


@sized(7.6, 3.8)
def sweep(
    figure: Figure,
    words: Words,
    penalties: Sequence[float],
    panels: Mapping[str, Mapping[str, Values]],
    dropout: Mapping[str, Mapping[str, Values]],
) -> None:
    """Draw ``seen`` and ``test``, (penalties, seeds) in percent or nats, a panel each; the loss is the last.

    The line of squares is the mean with ``dropout``, (seeds,), on the test. The first seed stands out.
    """
    for axes, (name, rows) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        for key, split in (("seen", "train"), ("test", "test")):
            plot_seed_lines(axes, penalties, rows[key].T, COLOR_OF[split], words[key], alpha=0.25)
        plot_first_seed(axes, penalties, rows["test"].T, words["first"])
        level = dropout[name]["test"].mean()
        axes.axhline(level, color=COLOR_OF["test"], linestyle=":", linewidth=2, label=words["dropout"])
        axes.set_xscale("symlog", linthresh=penalties[1])  # there is no place for zero on a logarithmic axis
        axes.set_xticks([0, penalties[2], penalties[-2]], [f"{penalties[k]:g}" for k in (0, 2, -2)])
        axes.minorticks_off()
        axes.set(
            title=words[name],
            xlabel=words["coefficient"],
            ylabel=words["nats" if name == "loss" else "percent"],
        )
    lines, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=2)


@sized(7.4, 5.0)
def changes(
    figure: Figure, words: Words, rows: Mapping[str, Values], edge: float, *, more: bool = False
) -> None:
    """Draw what a remedy changes, (seeds,) in points: on training data (names in ``_seen``) and on the test.

    The zones are those of the criterion: the test above ``edge``, training below zero, or above it where a
    remedy against underfitting makes ``more`` of the training data right too.
    """
    names = [name for name in rows if not name.endswith(SEEN)]
    panels = figure.subplots(2, 1)
    for axes, split, ending, line in zip(panels, ("train", "test"), (SEEN, ""), (0.0, edge), strict=True):
        named = {words[name]: rows[name + ending] for name in names}
        plot_differences(
            named,
            unit=words["points"],
            thresholds=(line,),
            colors=(COLOR_OF[split],),
            ax=axes,
            lang=words.lang,
        )
        low, high = axes.get_xlim()
        upwards = split == "test" or more
        axes.axvspan(line if upwards else min(low, -1), max(high, edge + 1) if upwards else line, **ZONE)
        axes.set_title(words[split])
    panels[0].set_xlabel("")


@sized(7, 3.6)
def shares(
    figure: Figure, words: Words, shares: Sequence[float], lines: Mapping[str, Values], fresh: Values
) -> None:
    """Draw test accuracies, (shares, seeds) in percent, against the share pruned, and ``fresh`` (seeds,)."""
    axes = figure.subplots()
    places = [100 * share for share in shares]
    for (name, values), line in zip(lines.items(), LINES, strict=False):
        plot_seed_lines(axes, places, values.T, COLOR_OF["test"], words[name], line=line, alpha=0.2)
    plot_first_seed(axes, places, lines["brief"].T, words["first"])
    axes.axhline(fresh.mean(), color=INK, linestyle="-.", linewidth=1.5, label=words["fresh"])
    bottom = 0.7 * lines["whole"].mean()  # the line without more training leaves below
    axes.set(xlabel=words["share"], ylabel=words["percent"], ylim=(bottom, None))
    figure.legend(loc="outside upper center", ncols=2)


@sized(6.4, 3.2)
def rotation(figure: Figure, words: Words, folds: int) -> None:
    """Draw the turns of cross-validation: a row each, the part set aside filled; Persian from the right."""
    axes: Axes = figure.subplots()
    axes.set_axis_off()
    for turn in range(folds):
        y = folds - turn - 1.0
        for part in range(folds):
            aside = part == turn
            color = COLOR_OF["val" if aside else "train"]
            box: dict[str, Any] = {"facecolor": color, "edgecolor": color, "alpha": 0.75 if aside else 0.2}
            axes.add_patch(Rectangle((1.6 + part, y), 0.92, 0.72, **box))
        sides: dict[str, Any] = {"ha": "right" if words.lang == "en" else "left", "va": "center"}
        axes.text(1.45, y + 0.36, words("turn", n=turn + 1), **sides)
        after: dict[str, Any] = {"ha": "left" if words.lang == "en" else "right", "va": "center"}
        axes.text(1.75 + folds, y + 0.36, words("score", n=turn + 1), **after)
    axes.text(1.6 + folds / 2, folds + 0.2, words["parts"], ha="center", va="center")
    axes.text(1.6 + folds / 2, -0.45, words["mean"], ha="center", va="center")
    ends = (0.0, 3.6 + folds)
    axes.set(xlim=ends if words.lang == "en" else ends[::-1], ylim=(-0.8, folds + 0.5))


@sized(7.6, 4.0)
def estimates(
    figure: Figure,
    words: Words,
    by_fold: Values,
    actual: Values,
    penalties: Sequence[float],
    curves: Mapping[str, Values],
) -> None:
    """Draw folds, (seeds, folds) in percent, beside the accuracy on new data (seeds,), a row a seed.

    On the right ``val``, the estimate, and ``test``, (seeds, penalties), against the coefficient.
    """
    left, right = figure.subplots(1, 2)
    for place, (folds, truth) in enumerate(zip(by_fold, actual, strict=True)):
        named = place == 0
        settings: dict[str, Any] = {"color": COLOR_OF["val"], "linestyle": "none"}
        left.plot(
            folds,
            [place] * len(folds),
            marker="o",
            markersize=3.5,
            alpha=0.6,
            label=words["fold"] if named else None,
            **settings,
        )
        left.plot(
            folds.mean(),
            place,
            marker="D",
            markersize=7,
            markeredgecolor="white",
            label=words["mean"] if named else None,
            **settings,
        )
        left.plot(
            truth,
            place,
            "|",
            color=COLOR_OF["test"],
            markersize=13,
            markeredgewidth=2.5,
            label=words["actual"] if named else None,
        )
    left.set_yticks(range(len(actual)), [str(place + 1) for place in range(len(actual))])
    left.set(xlabel=words["percent"], ylabel=words["seed"], ylim=(len(actual) - 0.4, -0.6))
    left.grid(axis="y", visible=False)
    for key in ("val", "test"):
        plot_seed_lines(right, penalties, curves[key], COLOR_OF[key], alpha=0.25)
    plot_first_seed(right, penalties, curves["val"], words["first"])
    right.set_xscale("symlog", linthresh=penalties[1])
    right.set_xticks([0, 10, 100, 1000], ["0", "10", "100", "1000"])
    right.minorticks_off()
    right.set(xlabel=words["coefficient"], ylabel=words["percent"])
    lines, names = left.get_legend_handles_labels()
    more, others = right.get_legend_handles_labels()
    figure.legend(lines + more, names + others, loc="outside upper center", ncols=2)


@sized(7.2, 3.6)
def views(
    figure: Figure,
    words: Words,
    samples: Mapping[str, Values],
    selected: Sequence[int],
    components: Values,
) -> None:
    """Draw two images of each kind, (2, pixels), then the pixels selected, and two components (2, 196)."""
    chosen = np.zeros(196)
    chosen[list(selected)] = 1
    pictures = [[*images] for images in samples.values()]
    reach = np.abs(components).max()
    pictures += [[chosen], [*(0.5 + components / reach / 2)]]
    names = [*samples, "selected", "principal"]
    columns = 3
    scaled = []
    for name, images in zip(names, pictures, strict=True):
        low, high = (0, 1) if name in ("selected", "principal") else (np.min(images), np.max(images))
        scaled.append([((i - low) / (high - low)).reshape(int(np.sqrt(i.size)), -1) for i in images])
    grid = np.asarray(figure.subfigures(2, columns))
    for part, name, images in zip(grid.flat, names, scaled, strict=True):
        plot_images(part, [images])
        part.suptitle(words[name])


@sized(7.4, 3.8)
def balance(
    figure: Figure,
    words: Words,
    panels: Mapping[str, Mapping[str, Values]],
    tuned: Mapping[str, Mapping[str, Values]],
) -> None:
    """Draw test against training accuracy, (penalties, seeds) in percent, a path a seed, and those tuned.

    The shaded corner holds what is within two points of the best on both, for the means.
    """
    for axes, (name, rows) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axes.plot(rows["seen"], rows["test"], "-", color=NEUTRAL, linewidth=0.6, alpha=0.4)
        axes.plot(rows["seen"][:, 0], rows["test"][:, 0], ".-", color=INK, linewidth=1, label=words["first"])
        seen, test = rows["seen"].mean(axis=1), rows["test"].mean(axis=1)
        axes.plot(seen, test, "o-", color=NEUTRAL, linewidth=2, label=words["path"])
        axes.plot(
            tuned[name]["seen"],
            tuned[name]["test"],
            "D",
            color=COLOR_OF["val"],
            markersize=6,
            markeredgecolor="white",
            label=words["tuned"],
        )
        best = rows["seen"].max(axis=0).mean() - 2, rows["test"].max(axis=0).mean() - 2
        axes.add_patch(Rectangle(best, 100 - best[0] + 2, 6, **ZONE))
        axes.annotate(words["none"], (seen[0], test[0]), (0, -14), textcoords="offset points", ha="right")
        axes.annotate(words["most"], (seen[-1], test[-1]), (9, -6), textcoords="offset points", ha="left")
        axes.set(title=words[name], xlabel=words["seen"], ylabel=words["test"])
    lines, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=3)
