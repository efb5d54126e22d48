"""Figures of chapter q2b: penalties and added features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.seed_lines import plot_first_seed, plot_seed_lines
from hw2utils.plotting.style import COLOR_OF, LINES, NEUTRAL, ZONE, Words, sized

Values = NDArray[np.float64]

"""How the zone of a criterion is shaded."""


@sized(7, 3.2)
def shrink(
    figure: Figure, words: Words, squares: Values, coefficients: Sequence[float], freedom: Sequence[float]
) -> None:
    """Draw the factor d²/(d² + λ) of every direction, squares d² (directions,), for some coefficients λ.

    ``freedom`` is the sum of the factors for each coefficient.
    """
    axes = figure.subplots()
    places = np.arange(1, len(squares) + 1)
    for value, left, line in zip(coefficients, freedom, LINES, strict=False):
        label = words("at", value=f"{value:g}", left=f"{left:.0f}")
        axes.plot(places, squares / (squares + value), line, color=COLOR_OF["L2"], linewidth=2, label=label)
    axes.set(xlabel=words["direction"], ylabel=words["factor"], ylim=(-0.03, 1.03))
    axes.legend()


@sized(7.6, 3.6)
def sweep(figure: Figure, words: Words, panels: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw accuracies ``seen`` and ``test`` (seeds, steps), in percent, against ``penalties`` (steps,).

    The first seed's test accuracy stands out; ``chosen`` and ``far`` are marked coefficients.
    """
    for axes, (name, panel) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        for key, split in (("seen", "train"), ("test", "test")):
            plot_seed_lines(axes, panel["penalties"], panel[key], COLOR_OF[split], words[key], alpha=0.3)
        plot_first_seed(axes, panel["penalties"], panel["test"], words["first"])
        axes.axvline(panel["chosen"], color="0.4", linestyle="--", label=words["chosen"])
        axes.axvline(panel["far"], color="0.4", linestyle=":", label=words["far"])
        _scale_penalties(axes, panel["penalties"])
        axes.set(title=words[name], xlabel=words["coefficient"])
    figure.axes[0].set_ylabel(words["accuracy"])
    lines, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=3)


@sized(5.4, 5.4)
def weights(
    figure: Figure, words: Words, maps: Values, coefficients: Sequence[float], classes: Sequence[int]
) -> None:
    """Draw weights as images, (coefficients, classes, height, width): grey is zero, white positive."""
    rows = figure.subplots(len(maps), maps.shape[1], squeeze=False)
    for row, images, value in zip(rows, maps, coefficients, strict=True):
        for axes, image in zip(row, images, strict=True):
            reach = np.quantile(np.abs(image), 0.97) or 1.0  # single pixels at the border may be huge
            axes.imshow(image, cmap="gray", vmin=-reach, vmax=reach)
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
        row[0].set_ylabel(words("at", value=f"{value:g}"))
    for axes, label in zip(rows[0], classes, strict=True):
        axes.set_title(words[f"class{label}"])


@sized(7.4, 4.6)
def harm(
    figure: Figure,
    words: Words,
    few: Mapping[str, Values],
    plenty: Mapping[str, Values],
    thresholds: Sequence[float],
) -> None:
    """Draw changes of test accuracy, (seeds,) in points, by row: with few images, and with plenty.

    ``thresholds`` are those of the two plots; the zone below, where a penalty weakens the model, is shaded.
    """
    upper, lower = figure.subplots(2, 1, height_ratios=(len(few), len(plenty)))
    for axes, rows, edge in zip((upper, lower), (few, plenty), thresholds, strict=True):
        named = {words[name]: values for name, values in rows.items()}
        plot_differences(
            named,
            unit=words["points"],
            thresholds=(edge,),
            colors=(COLOR_OF["test"],),
            ax=axes,
            lang=words.lang,
        )
        axes.axvspan(min(axes.get_xlim()[0], 2 * edge), edge, **ZONE)
    upper.set_title(words["few"])
    lower.set_title(words["plenty"])


@sized(7.6, 5.4)
def gap(figure: Figure, words: Words, panels: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw ``gap`` in points and ``random``, the training accuracy on shuffled labels in percent.

    Both are (seeds, steps) against ``penalties``; a column a model.
    """
    for column, (name, panel) in zip(figure.subplots(2, len(panels)).T, panels.items(), strict=True):
        for axes, key in zip(column, ("gap", "random"), strict=True):
            plot_seed_lines(axes, panel["penalties"], panel[key], NEUTRAL)
            plot_first_seed(axes, panel["penalties"], panel[key], words["first"])
            _scale_penalties(axes, panel["penalties"])
            axes.set(xlabel=words["coefficient"], ylim=(0, None))
            if name == next(iter(panels)):
                axes.set_ylabel(words[key])
        column[0].set_title(words[name])
    figure.axes[0].legend()


def _scale_penalties(axes: Axes, penalties: Sequence[float]) -> None:
    axes.set_xscale("symlog", linthresh=penalties[1])  # there is no place for zero on a logarithmic axis
    powers = [value for value in penalties if value and round(np.log10(value), 6) % 1 == 0]
    axes.set_xticks([0, *powers[:: max(1, len(powers) // 3)]])
    axes.set_xlim(-0.3 * penalties[1], None)


@sized(7.4, 4.4)
def features(
    figure: Figure,
    words: Words,
    rows: Mapping[tuple[str, str, str], Values],
    thresholds: Mapping[str, float],
) -> None:
    """Draw changes, (seeds,) in points, named by quantity, addition and model, a plot for each quantity.

    ``thresholds`` are those of the quantities; the zone where more overfitting is shown is shaded.
    """
    for axes, (quantity, edge) in zip(figure.subplots(len(thresholds), 1), thresholds.items(), strict=True):
        named = {
            words("row", addition=words[addition], model=words[model]): values
            for (what, addition, model), values in rows.items()
            if what == quantity
        }
        plot_differences(
            named,
            unit=words["points"],
            thresholds=(edge,),
            colors=(COLOR_OF.get(quantity, NEUTRAL),),
            ax=axes,
            lang=words.lang,
        )
        low, high = axes.get_xlim()
        axes.axvspan(edge, max(high, 2 * edge) if edge > 0 else min(low, 2 * edge), **ZONE)
        axes.set_title(words[quantity])


@sized(7, 2.6)
def memory(figure: Figure, words: Words, accuracies: Mapping[str, Mapping[str, Values]]) -> None:
    """Draw accuracies, (seeds,) in percent, by model: with the noise seen, with fresh noise, on the test."""
    panels = figure.subplots(1, len(accuracies), sharex=True, sharey=True)
    for axes, (model, rows) in zip(panels, accuracies.items(), strict=True):
        for place, (name, values) in enumerate(rows.items()):
            color = COLOR_OF["test" if name == "test" else "train"]
            spread = np.linspace(-0.2, 0.2, len(values))
            axes.plot(values, place + spread, "o", color=color, alpha=0.6, markersize=4)
            axes.plot([values.mean()], [place], "D", color=color, markersize=7, markeredgecolor="white")
        axes.set_yticks(range(len(rows)), [words[name] for name in rows])
        axes.set(title=words[model], xlabel=words["accuracy"], ylim=(len(rows) - 0.5, -0.5), xlim=(0, 103))


@sized(7, 3.6)
def flood(
    figure: Figure,
    words: Words,
    counts: Sequence[int],
    strong: Values,
    weak: Values,
    ridge: Values,
    crossing: int,
) -> None:
    """Draw test accuracies, (seeds, counts) in percent, against columns of noise, strong ones and weak ones.

    ``ridge`` (seeds,) is that of a penalty in place of noise; ``crossing`` is where features are as many as
    images.
    """
    axes = figure.subplots()
    for values, name, line in ((strong, "strong", "-"), (weak, "weak", "--")):
        plot_seed_lines(axes, counts, values, COLOR_OF["test"], words[name], line=line, alpha=0.25)
    axes.axhline(ridge.mean(), color=COLOR_OF["L2"], linewidth=2, label=words["ridge"])
    axes.axvline(crossing, color="0.3", linestyle=":", label=words["crossing"])
    axes.set(xlabel=words["columns"], ylabel=words["percent"])
    figure.legend(loc="outside upper center", ncols=2)
