"""The book's page about speed: tables, sentences and figures, all made from the stored runs.

``book/speed.md`` includes the fragments of HTML that :func:`fragments` makes; they name the figures that
:func:`figures` makes. ``python -m benchmarks.page`` makes both anew from ``benchmarks/results``.
"""

from __future__ import annotations

import html
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.contestants import CONTESTANTS
from benchmarks.results import (
    TARGETS,
    Ratio,
    ResultError,
    digits,
    growth_time,
    load_complete,
    measured,
    per_seed,
    ratio,
    targets,
)
from hw2utils.languages import LANGUAGES, Text, localise, number, percent
from hw2utils.plotting.style import INK, NEUTRAL
from hw2utils.reporting.figures import THEMES, darkened, draw_file, least_width
from hw2utils.reporting.html import element, inline_html, table
from hw2utils.reporting.texts import Words

BOOK = Path(__file__).parents[1] / "book"
FRAGMENTS = BOOK / "speed"
IMAGES = BOOK / "_static" / "speed"
IMAGES_FROM_PAGE = "../_static/speed"
AHEAD = 0.9
"""Above this ratio to the plain loop, ours is not called ahead."""

Run = Mapping[str, Any]

WORDS: dict[str, dict[str, str]] = {
    "contestant": {"fa": "روش", "en": "Way"},
    "seconds": {"fa": "ثانیه برای هر بذر و دوره", "en": "Seconds per seed and epoch"},
    "time": {"fa": "ثانیه", "en": "Seconds"},
    "to_plain": {"fa": "نسبت", "en": "Ratio"},
    "measure": {"fa": "سنجه", "en": "Measure"},
    "target": {"fa": "هدف، حداکثر", "en": "Target, at most"},
    "met": {"fa": "رسید؟", "en": "Met?"},
    "yes": {"fa": "بله", "en": "yes"},
    "no": {"fa": "نه", "en": "no"},
    "unmeasured": {"fa": "سنجیده نشد", "en": "not measured"},
    "missing": {"fa": "نصب نبود", "en": "not installed"},
    "failed": {"fa": "شکست خورد", "en": "failed"},
    "seeds": {"fa": "بذر", "en": "Seeds"},
    "share": {"fa": "سهم از زمان", "en": "Share of the time"},
    "products alone": {"fa": "ضرب‌های همین شکل، به‌تنهایی", "en": "the same products alone"},
    "products": {"fa": "ضرب‌های ماتریسی", "en": "matrix products"},
    "gathering": {"fa": "گردآوری تصویرهای دسته", "en": "gathering the batch's images"},
    "loss": {"fa": "زیان و دقت", "en": "loss and accuracy"},
    "other operators": {"fa": "بهینه‌ساز و عملگرهای دیگر", "en": "the optimizer and other operators"},
    "python": {"fa": "پایتون و خود نیم‌رخ‌گیر", "en": "Python and the profiler itself"},
    "images": {"fa": "شمار تصویرهای آموزش", "en": "training images"},
    "batch": {"fa": "اندازهٔ دسته", "en": "batch size"},
    "width": {"fa": "ضریب پهنای لایه‌های پنهان", "en": "factor on the hidden widths"},
    "number of seeds": {"fa": "شمار بذرها", "en": "seeds"},
    "microseconds": {"fa": "میکروثانیه برای هر تصویر و بذر", "en": "µs per image and seed"},
    "plain": {"fa": "حلقهٔ ساده", "en": "plain loop"},
    "ours": {"fa": "تابع fit، همهٔ بذرها با هم", "en": "fit, all seeds at once"},
    "ours-1": {"fa": "تابع fit، ۱ بذر", "en": "fit, 1 seed"},
    "ours-10": {"fa": "تابع fit، ۱۰ بذر", "en": "fit, 10 seeds"},
    "tables": {"fa": "جدول سنجش سرعت", "en": "table of speed measurements"},
}


SENTENCES: dict[str, dict[str, str]] = {
    "run": {
        "fa": "اجرای `{label}` در تاریخ `{date}`: پردازندهٔ `{processor}` با {cores} هسته، {threads} نخ، "
        "{memory} گیگابایت حافظه، سیستم `{system}`؛ نسخه‌ها: `{libraries}`.",
        "en": "Run `{label}` on `{date}`: processor `{processor}` with {cores} cores, {threads} threads, "
        "{memory} GB of memory, system `{system}`; versions: `{libraries}`.",
    },
    "missed": {
        "fa": "هدف «{title}» در اجرای `{run}` برآورده نشد: {value}، و هدف {limit} بود.",
        "en": 'The target "{title}" was missed in run `{run}`: {value}, and the target was {limit}.',
    },
    "all met": {
        "fa": "همهٔ هدف‌های سنجیده‌شده در همهٔ اجراها برآورده شدند.",
        "en": "Every target that was measured was met in every run.",
    },
    "as fast": {
        "fa": "در اجرای `{run}`، با یک بذر، `fit` از «{title}» جلو نیست: نسبت {value} است.",
        "en": 'In run `{run}`, with one seed, `fit` is not ahead of "{title}": the ratio is {value}.',
    },
    "none as fast": {
        "fa": "با یک بذر نیز هیچ روش دیگری به `fit` نرسید.",
        "en": "With one seed too, no other way came level with `fit`.",
    },
    "no gain": {
        "fa": "با «{axis}» برابر {at}، ده بذرِ با هم دیگر برتری روشنی ندارند: "
        "هر بذر {value} برابرِ حلقهٔ ساده زمان می‌برد.",
        "en": "With {axis} at {at}, ten seeds at once have no clear advantage any more: "
        "a seed takes {value} times the plain loop's time.",
    },
    "least gain": {
        "fa": "در منحنی‌های رشد، برتری ده بذر در «{axis}» برابر {at} از همه‌جا کمتر است: "
        "هر بذر {value} برابرِ حلقهٔ ساده زمان می‌برد.",
        "en": "Along the growth curves, ten seeds have their smallest advantage with {axis} at {at}: "
        "a seed takes {value} times the plain loop's time.",
    },
    "augmentation": {
        "fa": "اجرای `{run}`: یک گذر بر همهٔ تصویرها {seconds} ثانیه برد، "
        "یعنی {share} از زمانی که kornia برای همان فهرست برد.",
        "en": "Run `{run}`: one pass over all images took {seconds} seconds, "
        "which is {share} of what kornia took for the same list.",
    },
    "no kornia": {
        "fa": "کتابخانهٔ kornia در هیچ اجرایی سنجیده نشد.",
        "en": "The library kornia was measured in no run.",
    },
}


def sentence(key: str, lang: str, **values: str) -> str:
    """Write a sentence of the page in one language, as HTML."""
    return inline_html(SENTENCES[key][lang].format(**values))


def plain_title(name: str, lang: str) -> str:
    """Give a contestant's name without the marks of code, for figures and sentences."""
    return CONTESTANTS[name].title[lang].replace("`", "")


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text}</li>' for text in sentences)}</ul>"


def word(key: str, lang: str) -> str:
    """Give a word of the page in one language."""
    return WORDS[key][lang]


def _bilingual(make: Any) -> str:
    return "\n".join(element("div", lang, make(lang)) for lang in LANGUAGES) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> str:
    return table("hw2-cases", word("tables", lang), heads, rows)


def _numbers(text: str) -> str:
    return f'<bdi dir="ltr">{html.escape(text)}</bdi>'


def _spread(spread: Ratio) -> str:
    text = digits(spread.median)
    if spread.low != spread.high:
        text += f" [{digits(spread.low)}, {digits(spread.high)}]"
    return _numbers(text)


# --- tables ---------------------------------------------------------------------------------------


def runs_note(runs: Sequence[Run], lang: str) -> str:
    """Say what each run ran on."""
    items = []
    for run in runs:
        machine = run["machine"]
        text = sentence(
            "run",
            lang,
            label=run["label"],
            date=run["date"],
            processor=machine["processor"],
            system=machine["system"],
            cores=localise(str(machine["cores"]), lang),
            threads=localise(str(run["settings"]["threads"]), lang),
            memory=localise(str(machine["memory_gb"]), lang),
            libraries=", ".join(f"{name} {version}" for name, version in run["versions"].items() if version),
        )
        items.append(text)
    return _list(items)


def contestants_table(runs: Sequence[Run], lang: str) -> str:
    """List each way with its time and its ratio to the plain loop, a pair of columns for each run."""
    heads = [word("contestant", lang)]
    for run in runs:
        name = html.escape(run["label"])
        heads += [f"{word(key, lang)} <code>{name}</code>" for key in ("time", "to_plain")]
    rows = []
    for name, contestant in CONTESTANTS.items():
        if contestant.group == "augmentation":
            continue
        row = [inline_html(contestant.title[lang])]
        for run in runs:
            entry = next(e for e in run["contestants"] if e["name"] == name)
            if entry["status"] != "measured":
                row += [f"{word(entry['status'], lang)} <code>{html.escape(entry['reason'])}</code>", "—"]
                continue
            times = per_seed(entry)
            compared = ratio(run, name, "plain")
            row += [
                _spread(Ratio(statistics.median(times), min(times), max(times))),
                _spread(compared) if compared else "—",
            ]
        rows.append(row)
    return _table(heads, rows, lang)


def targets_table(runs: Sequence[Run], lang: str) -> str:
    """Hold every target against what each run measured."""
    heads = [word("measure", lang), word("target", lang)]
    for run in runs:
        heads += [f"<code>{html.escape(run['label'])}</code>", word("met", lang)]
    rows = []
    lines = [targets(run) for run in runs]
    for place, target in enumerate(TARGETS):
        row = [html.escape(target.title[lang]), _numbers(f"{target.limit:g}")]
        for line in (lines_of_run[place] for lines_of_run in lines):
            if line["met"] is None:
                row += [word("unmeasured", lang), "—"]
            else:
                row.append(_spread(Ratio(line["measured"], line["low"], line["high"])))
                row.append(f"<strong>{word('yes' if line['met'] else 'no', lang)}</strong>")
        rows.append(row)
    return _table(heads, rows, lang)


def profile_table(run: Run, lang: str) -> str:
    """Say where the time of ours goes, by number of seeds."""
    heads = [word("share", lang)]
    heads += [f"{word('seeds', lang)}: {localise(str(part['seeds']), lang)}" for part in run["profile"]]
    alone = [f"{part['products_seconds'] / part['seconds']:.0%}" for part in run["profile"]]
    rows = [[word("products alone", lang), *map(_numbers, alone)]]
    for kind in ("products", "gathering", "loss", "other operators"):
        shares = (part["operators"].get(kind, 0.0) / part["profiled_seconds"] for part in run["profile"])
        rows.append([word(kind, lang), *(_numbers(f"{share:.0%}") for share in shares)])
    rest = (1 - sum(part["operators"].values()) / part["profiled_seconds"] for part in run["profile"])
    rows.append([word("python", lang), *(_numbers(f"{max(share, 0):.0%}") for share in rest)])
    return _table(heads, rows, lang)


# --- sentences ------------------------------------------------------------------------------------


def honest_list(runs: Sequence[Run], lang: str) -> str:
    """Say where ours is not ahead: targets missed, contestants as fast, growth points without gain."""
    return _list([*_missed(runs, lang), *_as_fast(runs, lang), *_without_gain(runs[-1], lang)])


def _missed(runs: Sequence[Run], lang: str) -> list[str]:
    found = [
        sentence(
            "missed",
            lang,
            run=run["label"],
            title=target.title[lang],
            value=localise(digits(line["measured"]), lang),
            limit=localise(f"{target.limit:g}", lang),
        )
        for run in runs
        for target, line in zip(TARGETS, targets(run), strict=True)
        if line["met"] is False
    ]
    return found or [sentence("all met", lang)]


def _as_fast(runs: Sequence[Run], lang: str) -> list[str]:
    found = []
    for run in runs:
        for name, entry in measured(run).items():
            spread = ratio(run, "ours-1", name)
            if entry["group"] != "training" or name.startswith("ours") or not spread:
                continue
            if spread.median > AHEAD:
                title, value = plain_title(name, lang), number(spread.median, 2, lang)
                found.append(sentence("as fast", lang, run=run["label"], title=title, value=value))
    return found or [sentence("none as fast", lang)]


def advantage(run: Run) -> list[tuple[float, str, int]]:
    """Give, for each growth point with ten seeds, the ratio of ours to the plain loop, worst first."""
    points = {(p["axis"], p["value"], p["name"]): growth_time(p) for p in run["growth"]}
    ratios = [
        (time / points[axis, value, "plain"], axis, value)
        for (axis, value, name), time in points.items()
        if name == "ours-10"
    ]
    return sorted(ratios, reverse=True)


def _without_gain(run: Run, lang: str) -> list[str]:
    ratios = advantage(run)
    return [
        sentence(
            "no gain" if share > AHEAD else "least gain",
            lang,
            axis=word(axis, lang),
            at=localise(str(value), lang),
            value=number(share, 2, lang),
        )
        for share, axis, value in [r for r in ratios if r[0] > AHEAD] or ratios[:1]
    ]


def augmentation_note(runs: Sequence[Run], lang: str) -> str:
    """Compare the augmentation list alone with kornia's."""
    items = []
    for run in runs:
        share = ratio(run, "ours-augmentation", "kornia-augmentation")
        if share is not None:
            seconds = statistics.median(measured(run)["ours-augmentation"]["seconds"])
            written = {"seconds": number(seconds, 2, lang), "share": percent(share.median, 0, lang)}
            items.append(sentence("augmentation", lang, run=run["label"], **written))
    return _list(items or [sentence("no kornia", lang)])


# --- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PageFigure:
    """Hold a figure of the page: its drawing ``draw(figure, words)``, its texts in both languages."""

    name: str
    draw: Callable[[Figure, Words], None]
    alt: Text
    caption: Text
    size: tuple[float, float] = (7.5, 6.0)

    def image(self, lang: str) -> bytes:
        """Draw it in one language, as SVG for light pages."""
        words = Words(lang, WORDS, f"benchmarks/page.py: {self.name}")
        return draw_file(self.name, self.draw, words, {}, size=self.size)

    def files(self) -> dict[str, bytes]:
        """Draw it in each language for each theme; return the files by name."""
        drawn = {lang: self.image(lang) for lang in LANGUAGES}
        return {
            self.file(lang, theme): svg if theme == "light" else darkened(svg)
            for lang, svg in drawn.items()
            for theme in THEMES
        }

    def file(self, lang: str, theme: str) -> str:
        """Name the file of one language and theme."""
        return f"{self.name}.{lang}.{theme}.svg"


def contestants_figure(runs: Sequence[Run]) -> PageFigure:
    """Draw each contestant's seconds for one seed and epoch, every round a dot."""
    names = [name for name, c in CONTESTANTS.items() if c.group != "augmentation"]

    def draw(figure: Figure, words: Words) -> None:
        axes = figure.subplots()
        for place, run in enumerate(runs):
            label = run["label"]
            for row, name in enumerate(names):
                entry = measured(run).get(name)
                if entry:
                    times = per_seed(entry)
                    offset = row + (place - (len(runs) - 1) / 2) * 0.25
                    axes.plot(
                        times,
                        [offset] * len(times),
                        "o^"[place % 2],
                        color=(INK, NEUTRAL)[place % 2],
                        label=label,
                        markersize=4.5,
                        alpha=0.7,
                        markeredgewidth=0,
                    )
                    label = None
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_yticks(range(len(names)), [plain_title(name, words.lang) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlabel(words["seconds"])
        if len(runs) > 1:
            axes.legend()

    def alt(lang: str) -> str:
        run = runs[-1]
        order = sorted(
            (
                (statistics.median(per_seed(entry)), name)
                for name, entry in measured(run).items()
                if name in names
            ),
            reverse=True,
        )
        listed = ("، " if lang == "fa" else ", ").join(
            f"{plain_title(name, lang)} {localise(digits(time), lang)}" for time, name in order
        )
        lead = {
            "fa": "نمودار نقطه‌ای با محور لگاریتمی؛ ثانیه برای هر بذر و دوره، از کند به تند: ",
            "en": "Dot plot on a logarithmic axis; seconds per seed and epoch, from slow to fast: ",
        }[lang]
        return lead + listed + "."

    caption = {
        "fa": "هر نقطه یک دور از یک اجراست؛ محور لگاریتمی است و چپ یعنی سریع‌تر.",
        "en": "Each dot is one round of a run; the axis is logarithmic, and left means faster.",
    }
    alts = {lang: alt(lang) for lang in LANGUAGES}
    return PageFigure("contestants", draw, alts, caption)


def growth_figure(run: Run) -> PageFigure:
    """Draw the time for one image and seed along seeds, images, batch size and width."""
    axes_names = list(dict.fromkeys(point["axis"] for point in run["growth"]))

    def curve(axis: str, name: str) -> tuple[list[int], list[float]]:
        points = [p for p in run["growth"] if (p["axis"], p["name"]) == (axis, name)]
        return [p["value"] for p in points], [growth_time(p) for p in points]

    def draw(figure: Figure, words: Words) -> None:
        panels = figure.subplots(2, 2, squeeze=False).flat
        for panel, axis in zip(panels, axes_names, strict=False):
            names = list(dict.fromkeys(p["name"] for p in run["growth"] if p["axis"] == axis))
            markers = {"plain": "o", "ours": "s", "ours-1": "^", "ours-10": "s"}
            for name in names:
                values, times = curve(axis, name)
                color = NEUTRAL if name == "plain" else INK
                line = "--" if name == "ours-1" else "-"
                panel.plot(
                    values, times, line, marker=markers[name], color=color, label=words[name], markersize=4.5
                )
            panel.set_xscale("log")
            panel.set_yscale("log")
            ticks = list(dict.fromkeys(p["value"] for p in run["growth"] if p["axis"] == axis))
            panel.set_xticks(ticks, [str(tick) for tick in ticks])
            panel.minorticks_off()
            panel.yaxis.set_major_locator(_decades())
            panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            panel.set_xlabel(words["number of seeds" if axis == "seeds" else axis])
            panel.set_ylabel(words["microseconds"], fontsize=8)
            panel.legend(fontsize=8)

    def alt(lang: str) -> str:
        parts = []
        for axis in axes_names:
            last = "ours" if axis == "seeds" else "ours-10"
            values, mine = curve(axis, last)
            _, plain = curve(axis, "plain")
            ends = [localise(digits(t), lang) for t in (mine[0], mine[-1], plain[0], plain[-1])]
            at = [localise(str(v), lang) for v in (values[0], values[-1])]
            text = {
                "fa": "{axis} از {} تا {}: «{name}» از {} به {} و حلقهٔ ساده از {} به {}",
                "en": "{axis} from {} to {}: {name} goes from {} to {}, the plain loop from {} to {}",
            }[lang]
            title = word("number of seeds" if axis == "seeds" else axis, lang)
            parts.append(text.format(*at, *ends, axis=title, name=word(last, lang)))
        lead = {
            "fa": "چهار نمودار با محورهای لگاریتمی؛ میکروثانیه برای هر تصویر و بذر. ",
            "en": "Four plots with logarithmic axes; microseconds per image and seed. ",
        }[lang]
        return lead + {"fa": "؛ ", "en": "; "}[lang].join(parts) + "."

    label = run["label"]
    caption = {
        "fa": f"منحنی‌های رشد در اجرای `{label}`؛ میانهٔ چند دور.",
        "en": f"Growth curves in run `{label}`; medians of several rounds.",
    }
    return PageFigure("growth", draw, {lang: alt(lang) for lang in LANGUAGES}, caption)


def _decades() -> Any:
    from matplotlib.ticker import LogLocator

    return LogLocator(subs=(1.0, 2.0, 5.0), numticks=12)


def _figure_html(figure: PageFigure) -> str:
    width, height = (round(96 * side) for side in figure.size)
    least = least_width(map(figure.image, LANGUAGES), figure.size[0])

    def image(lang: str, theme: str) -> str:
        return (
            f'<img class="lang-{lang} only-{theme}" lang="{lang}" width="{width}" height="{height}" '
            f'alt="{html.escape(figure.alt[lang])}" loading="lazy" '
            f'src="{IMAGES_FROM_PAGE}/{figure.file(lang, theme)}">'
        )

    views = "".join(
        f'<div class="hw2-view">{"".join(image(lang, theme) for theme in THEMES)}</div>' for lang in LANGUAGES
    )
    captions = "".join(element("span", lang, inline_html(figure.caption[lang])) for lang in LANGUAGES)
    return (
        f'<figure class="hw2-figure" id="figure-{figure.name}" style="--hw2-least: {least}px">{views}'
        f"<figcaption>{captions}</figcaption></figure>\n"
    )


# --- the page -------------------------------------------------------------------------------------


def make(runs: Sequence[Run]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Make the page's fragments (name → HTML) and images (name → SVG) from runs, in their order.

    Raises ResultError when there is no run.
    """
    if not runs:
        raise ResultError("runs: expected at least one complete run, got none; run make bench")
    figures = [contestants_figure(runs), growth_figure(runs[-1])]
    fragments = {
        "runs.html": _bilingual(lambda lang: runs_note(runs, lang)),
        "contestants.html": _bilingual(lambda lang: contestants_table(runs, lang)),
        "targets.html": _bilingual(lambda lang: targets_table(runs, lang)),
        "not-ahead.html": _bilingual(lambda lang: honest_list(runs, lang)),
        "augmentation.html": _bilingual(lambda lang: augmentation_note(runs, lang)),
        "profile.html": _bilingual(lambda lang: profile_table(runs[-1], lang)),
        **{f"figure-{figure.name}.html": _figure_html(figure) for figure in figures},
    }
    images = {name: svg for figure in figures for name, svg in figure.files().items()}
    return fragments, images


def write(runs: Sequence[Run], fragments_to: Path = FRAGMENTS, images_to: Path = IMAGES) -> list[Path]:
    """Write what :func:`make` makes; return the files. Runs without contestants or curves write nothing."""
    if not all(run["growth"] and run["profile"] and run["contestants"] for run in runs):
        return []
    fragments, images = make(runs)
    written = []
    for folder, files in ((fragments_to, {k: v.encode() for k, v in fragments.items()}), (images_to, images)):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
            written.append(folder / name)
    return written


if __name__ == "__main__":
    try:
        write(load_complete())
    except ResultError as error:
        sys.exit(str(error))
