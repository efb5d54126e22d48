"""What the raw times say: medians, ratios within rounds, targets, and plain tables."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS, IMAGES
from benchmarks.measuring import SCHEMA

FOLDER = Path(__file__).parent / "results"
STATUSES = ("measured", "missing", "failed")


class ResultError(ValueError):
    """Say that a stored run cannot be read as one."""


@dataclass(frozen=True)
class Ratio:
    """Hold a ratio of times per seed and epoch: the median over shared rounds, the lowest and the highest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Target:
    """Hold one line of the table of targets: what is compared with what, and the highest ratio allowed.

    With ``against`` None the measure is a number of seconds, found in the run's ``book`` part.
    """

    name: str
    title: dict[str, str]
    measured: str
    against: str | None
    limit: float


TARGETS = (
    Target(
        "one-seed",
        {"fa": "۱ بذر به حلقهٔ ساده", "en": "1 seed against the plain loop"},
        "ours-1",
        "plain",
        0.70,
    ),
    Target(
        "ten-seeds",
        {"fa": "۱۰ بذر به حلقهٔ ساده", "en": "10 seeds against the plain loop"},
        "ours-10",
        "plain",
        0.38,
    ),
    Target(
        "floor", {"fa": "۳۰ بذر به کف محاسبه", "en": "30 seeds against the floor"}, "ours-30", "floor", 1.7
    ),
    Target(
        "lightning",
        {"fa": "۱۰ بذر به Lightning", "en": "10 seeds against Lightning"},
        "ours-10",
        "lightning",
        0.20,
    ),
    Target("skorch", {"fa": "۱۰ بذر به skorch", "en": "10 seeds against skorch"}, "ours-10", "skorch", 0.22),
    Target("d2l", {"fa": "۱۰ بذر به d2l", "en": "10 seeds against d2l"}, "ours-10", "d2l", 0.06),
    Target("keras", {"fa": "۱۰ بذر به Keras", "en": "10 seeds against Keras"}, "ours-10", "keras", 0.12),
    Target(
        "augmented-0",
        {
            "fa": "۱۰ بذر با داده‌افزایی به تکلیف، بدون کارگر",
            "en": "10 seeds augmented against the homework, no workers",
        },
        "ours-10-augmented",
        "homework-augmented-0",
        0.02,
    ),
    Target(
        "augmented-2",
        {
            "fa": "۱۰ بذر با داده‌افزایی به تکلیف، ۲ کارگر",
            "en": "10 seeds augmented against the homework, 2 workers",
        },
        "ours-10-augmented",
        "homework-augmented-2",
        0.02,
    ),
    Target(
        "book-cold",
        {"fa": "همهٔ فصل‌های کتاب از نو (ثانیه)", "en": "all chapters of the book, cold (seconds)"},
        "cold_seconds",
        None,
        900,
    ),
    Target(
        "book-unchanged",
        {"fa": "ساخت دوبارهٔ بی‌تغییر (ثانیه)", "en": "rebuild without a change (seconds)"},
        "unchanged_seconds",
        None,
        15,
    ),
)


# --- reading --------------------------------------------------------------------------------------


def check(run: Any, source: str) -> dict[str, Any]:
    """Return a stored run if it has the form of one.

    Raises ResultError that names the place, what was expected and what was found.
    """

    def fail(place: str, expected: str, got: object) -> ResultError:
        return ResultError(f"{source}: {place}: expected {expected}, got {got!r}; run make bench again")

    if not isinstance(run, dict) or run.get("schema") != SCHEMA:
        raise fail("schema", str(SCHEMA), run.get("schema") if isinstance(run, dict) else run)
    parts = {"label": str, "date": str, "machine": dict, "versions": dict, "settings": dict}
    parts |= {"contestants": list, "growth": list, "profile": list}
    for name, kind in parts.items():
        if not isinstance(run.get(name), kind):
            raise fail(name, f"a {kind.__name__}", run.get(name))
    for entry in run["contestants"]:
        place = f"contestants, {entry.get('name')}"
        if entry.get("status") not in STATUSES:
            raise fail(f"{place}, status", " or ".join(STATUSES), entry.get("status"))
        times, seeds = entry.get("seconds", ()), entry.get("seeds")
        if not isinstance(seeds, int) or seeds < 1:
            raise fail(f"{place}, seeds", "a whole number from 1 up", seeds)
        if entry["status"] != "measured":
            if not entry.get("reason"):
                raise fail(f"{place}, reason", "a reason", entry.get("reason"))
        elif not times or len(times) != len(entry.get("rounds", ())) or not all(map(_is_time, times)):
            raise fail(f"{place}, seconds", "one positive number a round", times)
    return run


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0


def load(path: Path) -> dict[str, Any]:
    """Read one stored run; raises ResultError when it is not one."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        got = getattr(error, "strerror", None) or error
        raise ResultError(f"{path.name}: expected a stored run (JSON), got: {got}; run make bench") from error
    return check(content, path.name)


def load_complete(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Read the runs of a folder that had every contestant and all images, by label."""
    runs = [load(path) for path in sorted(folder.glob("*.json"))]
    return [run for run in runs if is_complete(run)]


def is_complete(run: Mapping[str, Any]) -> bool:
    """Tell whether a run took in every contestant, the curves and the profile, with all images."""
    names = {entry["name"] for entry in run["contestants"]}
    whole = run["settings"]["images"] == IMAGES and bool(run["growth"] and run["profile"])
    return whole and names == set(CONTESTANTS)


def store(run: dict[str, Any], folder: Path) -> list[Path]:
    """Write a run with its summary: LABEL.json, and LABEL.md for reading."""
    run = {**run, "summary": summary(run), "targets": targets(run)}
    folder.mkdir(parents=True, exist_ok=True)
    data, text = folder / f"{run['label']}.json", folder / f"{run['label']}.md"
    data.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text.write_text(markdown(run), encoding="utf-8")
    return [data, text]


# --- figures from times ---------------------------------------------------------------------------


def per_seed(entry: Mapping[str, Any]) -> list[float]:
    """Give a contestant's seconds for one seed and epoch, a number a round."""
    return [seconds / entry["seeds"] for seconds in entry["seconds"]]


def measured(run: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the entries that have times, by name."""
    return {entry["name"]: entry for entry in run["contestants"] if entry["status"] == "measured"}


def ratio(run: Mapping[str, Any], name: str, against: str) -> Ratio | None:
    """Compare two contestants, seed by seed, within each round both were in; None where there is no such.

    >>> entry = {"status": "measured", "seeds": 1, "rounds": [1, 2]}
    >>> run = {"contestants": [{**entry, "name": "a", "seconds": [1.0, 3.0]},
    ...                        {**entry, "name": "b", "seconds": [2.0, 4.0], "seeds": 2}]}
    >>> ratio(run, "a", "b")
    Ratio(median=1.25, low=1.0, high=1.5)
    """
    entries = measured(run)
    if name not in entries or against not in entries:
        return None
    mine, other = (
        dict(zip(entries[n]["rounds"], per_seed(entries[n]), strict=True)) for n in (name, against)
    )
    shared = [mine[number] / other[number] for number in mine if number in other]
    return Ratio(statistics.median(shared), min(shared), max(shared)) if shared else None


def summary(run: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Give each contestant's median seconds for one seed and epoch, and its ratios to loop and floor."""
    found: dict[str, dict[str, float | None]] = {}
    for name, entry in measured(run).items():
        compared = {f"to_{other}": ratio(run, name, other) for other in ("plain", "floor")}
        if entry["group"] == "augmentation":
            compared = {"to_kornia": ratio(run, name, "kornia-augmentation")}
        found[name] = {
            "median": statistics.median(per_seed(entry)),
            **{key: None if value is None else value.median for key, value in compared.items()},
        }
    return found


def targets(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hold the measured ratios against the targets; ``met`` is None where nothing was measured."""
    rows = []
    for target in TARGETS:
        if target.against is None:
            value = run.get("book", {}).get(target.measured)
            spread = None if value is None else Ratio(value, value, value)
        else:
            spread = ratio(run, target.measured, target.against)
        rows.append(
            {
                "name": target.name,
                "limit": target.limit,
                "measured": spread and spread.median,
                "low": spread and spread.low,
                "high": spread and spread.high,
                "met": None if spread is None else spread.median <= target.limit,
            }
        )
    return rows


def growth_time(point: Mapping[str, Any]) -> float:
    """Give a growth point's median time for one image and seed, in microseconds."""
    return 1e6 * statistics.median(point["seconds"]) / (point["seeds"] * point["images"])


def digits(value: float | None) -> str:
    """Write a number with three significant digits, without an exponent.

    >>> digits(12.345), digits(0.012345), digits(1234.5), digits(None)
    ('12.3', '0.0123', '1234', '—')
    """
    if value is None:
        return "—"
    places = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"


# --- plain tables ---------------------------------------------------------------------------------


def markdown(run: Mapping[str, Any]) -> str:
    """Write a run as Markdown tables that read well in a terminal too."""
    machine, settings, found = run["machine"], run["settings"], summary(run)
    lines = [
        f"# Run {run['label']}, {run['date']}",
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        f"{settings['threads']} threads; {settings['images']} images, batch {settings['batch']}; "
        + ", ".join(f"{name} {version or 'not installed'}" for name, version in run["versions"].items()),
        "",
    ]
    rows = [["contestant", "rounds", "s per seed and epoch", "lowest–highest", "to plain loop", "to floor"]]
    for entry in run["contestants"]:
        if entry["status"] != "measured":
            rows.append([entry["name"], "0", entry["status"], entry["reason"], "—", "—"])
            continue
        times, line = per_seed(entry), found[entry["name"]]
        spread = f"{digits(min(times))}–{digits(max(times))}"
        compared = [digits(line.get(key)) for key in ("to_plain", "to_floor")]
        rows.append([entry["name"], str(len(times)), digits(line["median"]), spread, *compared])
    lines += [*_aligned(rows), ""]
    if "to_kornia" in found.get("ours-augmentation", {}):
        share = digits(found["ours-augmentation"]["to_kornia"])
        lines += [f"The augmentation list alone, ours against kornia: {share}.", ""]
    rows = [["target", "at most", "measured", "lowest–highest", "met"]]
    for target, row in zip(TARGETS, targets(run), strict=True):
        spread = "—" if row["met"] is None else f"{digits(row['low'])}–{digits(row['high'])}"
        met = {True: "yes", False: "no", None: "not measured"}[row["met"]]
        rows.append([target.title["en"], f"{target.limit:g}", digits(row["measured"]), spread, met])
    lines += _aligned(rows)
    if run["growth"]:
        rows = [["along", "value", "way", "µs per image and seed"]]
        rows += [[p["axis"], str(p["value"]), p["name"], digits(growth_time(p))] for p in run["growth"]]
        lines += ["", *_aligned(rows)]
    if run["profile"]:
        rows = [
            ["seeds", "µs per image and seed", "products alone", "profiled: operators", "of these products"]
        ]
        for part in run["profile"]:
            operators = sum(part["operators"].values())
            rows.append(
                [
                    str(part["seeds"]),
                    digits(1e6 * part["seconds"] / part["images"] / part["seeds"]),
                    f"{part['products_seconds'] / part['seconds']:.0%}",
                    f"{operators / part['profiled_seconds']:.0%}",
                    f"{part['operators'].get('products', 0) / part['profiled_seconds']:.0%}",
                ]
            )
        lines += ["", *_aligned(rows)]
    return "\n".join(lines) + "\n"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]]
