"""Records: what a chapter's cells leave behind, evidence and data, without the words in which it is told.

:mod:`hw2utils.reporting.schema` says in which form.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hw2utils._checks import is_number, is_whole, kind
from hw2utils.history import History
from hw2utils.reporting.schema import ARRAYS, LIMIT, RECORD_MIME, RECORDS_ONLY, SCHEMA, UNITS
from hw2utils.statistics import Interval

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class Term:
    """Name a word of the texts, to be written in the language of the sentence it stands in."""

    key: str


@dataclass(frozen=True)
class Each:
    """Name a sentence of the texts, to be written once for each of some sets of values, and joined."""

    text: str
    items: tuple[Mapping[str, Any], ...]


def term(key: str) -> Term:
    """Stand for a word from the terms of the chapter's texts, where a value is expected.

    >>> term("momentum")
    Term(key='momentum')
    """
    return Term(key)


def each(text: str, items: Iterable[Mapping[str, Any]]) -> Each:
    """Stand for one of the chapter's terms filled with each set of values in turn, joined by semicolons.

    >>> len(each("one-rate", [{"rate": 0.1}, {"rate": 1}]).items)
    2
    """
    return Each(text, tuple(dict(item) for item in items))


class Record:
    """Show a result in both languages and carry its data inside the notebook.

    ``content`` is the record; ``arrays`` the arrays that it names.
    """

    def __init__(self, content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
        self.content = {"schema": SCHEMA, **content}
        if arrays:
            self.content[ARRAYS] = base64.b64encode(pack(arrays)).decode()

    @property
    def name(self) -> str:
        """Give the name, unique in a chapter."""
        return str(self.content["name"])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/plain": f"{self.content['kind']} {self.name}",
            RECORD_MIME: self.content,
        }
        if os.environ.get(RECORDS_ONLY) != "only":
            from hw2utils.reporting.rendering import render  # only who looks needs matplotlib

            shown = render(self.content)
            bundle |= {"text/plain": shown.text, "text/html": shown.in_notebook}
        return bundle


def note(
    name: str, units: str | Mapping[str, str] | None = None, *, variant: str | None = None, **values: Any
) -> Record:
    """Say a sentence whose numbers were measured, in both languages, and keep the numbers.

    ``name`` is a sentence of the chapter's texts: ``q5d-best`` stands in ``book/texts/q5d.yml`` under
    ``best``. ``values`` fill its slots: numbers, strings, lists, intervals, :func:`term`, :func:`each`.
    ``units`` is the unit of all of them or names them one by one, from :data:`UNITS`. ``variant`` picks one
    of several sentences that the texts hold under this name.

    Raises ValueError for a bad name, an unknown unit or a unit of no value, and TypeError for a value that is
    no data.

    >>> shown = note("q5d-best", {"rate": "plain"}, rate=0.1)
    >>> shown.content["values"], shown.content["units"]
    ({'rate': 0.1}, {'rate': 'plain'})
    """
    check_name(name)
    given = dict.fromkeys(values, units) if isinstance(units, str) else dict(units or {})
    for value, unit in given.items():
        if unit not in UNITS:
            raise ValueError(f"units of {name}: expected one of {', '.join(UNITS)}, got {unit!r}")
        if value not in values:
            raise ValueError(
                f"units of {name}: {value!r} is no value of this note; there are {', '.join(values)}"
            )
    content = {"kind": "note", "name": name, "values": encode(values, name), "units": given}
    _check_size(name, content, {})
    return Record(content | ({} if variant is None else {"variant": variant}))


def figure(
    name: str,
    draw: str | None = None,
    *,
    slots: Mapping[str, Any] | None = None,
    variant: str | None = None,
    **data: Any,
) -> Record:
    """Draw data, with labels, caption and alternative text from the chapter's texts, in both languages.

    ``name`` is a figure of the texts: ``q5d-sweep`` stands in ``book/texts/q5d.yml`` under ``sweep``, and
    ``hw2utils.plotting.q5d.sweep(figure, words, **data)`` draws it, unless ``draw`` names another drawing:
    ``differences`` for one that chapters share, ``q5b.curves`` for one of another chapter. ``data`` are
    arrays, tensors, numbers, strings, histories, intervals, and lists and dictionaries of these. ``slots``
    fill the caption and the alternative text; ``variant`` picks one of several that the texts hold.

    Raises ValueError for a bad name and for data of more than 1 MB, TypeError for a value that is no data.

    >>> figure("q5d-sweep", order=[0.0, 0.1], test=np.zeros((2, 10))).content["draw"]
    'q5d.sweep'
    """
    arrays: dict[str, NDArray[Any]] = {}
    content = {
        "kind": "figure",
        "name": check_name(name),
        "draw": draw or drawing_of(name),
        "slots": encode(dict(slots or {}), f"slots of {name}"),
        "data": _encode_named(data, name, arrays),
    }
    _check_size(name, content, arrays)
    return Record(content | ({} if variant is None else {"variant": variant}), arrays)


def slider(
    name: str,
    draw: str | None = None,
    *,
    values: Sequence[Any] = (),
    start: Any = None,
    frames: Sequence[Mapping[str, Any]] | None = None,
    slots: Sequence[Mapping[str, Any]] | None = None,
    **data: Any,
) -> Record:
    """Draw data for each value of a parameter, and show one at a time.

    ``values`` are the parameter's, and ``start`` is the one shown first. The drawing is called with
    ``value``, with ``data`` and with that value's entry of ``frames``; the alternative text is filled with
    ``value`` and that value's entry of ``slots``. The rest is as in :func:`figure`; the texts also hold
    ``label``, what the parameter is called, and ``show``, how a value is written.

    Raises ValueError for fewer than two values, a start that is none of them, and frames or slots that are
    not one a value.

    >>> slider("q3c-t", values=[1, 2], start=1, logits=np.zeros(10)).content["start"]
    0
    """
    values = list(values)
    if len(values) < 2:
        raise ValueError(
            f"values of {name}: expected at least two, got {values}; write values=[…], or figure for one"
        )
    if start not in values:
        raise ValueError(
            f"start of {name}: expected one of the values {values}, got {start!r}; "
            f"for example start={values[0]!r}"
        )
    for what, given in (("frames", frames), ("slots", slots)):
        if given is not None and len(given) != len(values):
            raise ValueError(
                f"{what} of {name}: expected one for each of {len(values)} values, got {len(given)}"
            )
    arrays: dict[str, NDArray[Any]] = {}
    content = {
        "kind": "slider",
        "name": check_name(name),
        "draw": draw or drawing_of(name),
        "values": encode(values, name),
        "start": values.index(start),
        "slots": encode([dict(item) for item in slots or [{} for _ in values]], f"slots of {name}"),
        "frames": encode([dict(item) for item in frames or [{} for _ in values]], f"{name}/frames", arrays),
        "data": _encode_named(data, name, arrays),
    }
    _check_size(name, content, arrays)
    return Record(content, arrays)


def drawing_of(name: str) -> str:
    """Give the drawing of a figure's name.

    >>> drawing_of("q5d-full-sweep")
    'q5d.full_sweep'
    """
    chapter, _, key = name.partition("-")
    return f"{chapter}.{key.replace('-', '_')}"


def check_name(name: str) -> str:
    """Return a name of a note or figure, or say why it is none.

    Raises ValueError unless it is made of lower-case words joined by hyphens, the first naming the texts.

    >>> check_name("q5d-loss-curve")
    'q5d-loss-curve'
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"name: expected the chapter's short name and lower-case words, joined by hyphens, got {name!r}; "
            "e.g. 'q5d-loss-curve', which stands in book/texts/q5d.yml under loss-curve"
        )
    return name


def _check_size(name: str, content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    if (plain := len(json.dumps(content))) > LIMIT:
        raise ValueError(
            f"data of {name}: expected at most {LIMIT / 1e6:g} MB, got {plain / 1e6:.1f} MB in lists and "
            "dictionaries; give a figure arrays, and a note the numbers that it says"
        )
    if arrays and (size := len(pack(arrays))) > LIMIT:
        largest = max(arrays, key=lambda key: arrays[key].nbytes)
        raise ValueError(
            f"data of {name}: expected at most {LIMIT / 1e6:g} MB, got {size / 1e6:.1f} MB; the largest is "
            f"{largest}, {arrays[largest].shape} {arrays[largest].dtype}: give what is drawn, as float32 or "
            "uint8"
        )


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write arrays as a compressed ``.npz`` file, the same bytes for the same arrays.

    >>> unpack(pack({"a": np.arange(3)}))["a"].tolist()
    [0, 1, 2]
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, NDArray[Any]]:
    """Read the arrays of an ``.npz`` file.

    >>> unpack(pack({})), sorted(unpack(pack({"a": np.zeros(1), "b": np.ones(1)})))
    ({}, ['a', 'b'])
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def encode(value: Any, place: str, arrays: dict[str, NDArray[Any]] | None = None) -> Any:
    """Turn a value into plain JSON; arrays go into ``arrays`` under a name below ``place``, else into lists.

    Raises TypeError for a value that is no data.

    >>> encode({0.1: np.float64(2), "n": [True, float("inf")]}, "here")
    {'$': 'pairs', 'of': [[0.1, 2.0], ['n', [True, {'$': 'number', 'of': 'inf'}]]]}
    """
    if value is None or isinstance(value, str | bool | np.bool_):
        return bool(value) if isinstance(value, np.bool_) else value
    if is_whole(value):
        return int(value)
    if is_number(value):
        return float(value) if math.isfinite(value) else {"$": "number", "of": str(float(value))}
    if hasattr(value, "detach"):  # a tensor; torch is not needed to know one
        value = value.detach().cpu()
        value = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    if isinstance(value, np.ndarray):
        return _encode_array(value, place, arrays)
    if isinstance(value, Term):
        return {"$": "term", "of": value.key}
    if isinstance(value, Each):
        return {"$": "each", "text": value.text, "of": [encode(item, place) for item in value.items]}
    if isinstance(value, Interval):
        ends = {name: encode(getattr(value, name), place) for name in ("mean", "low", "high", "n")}
        return {"$": "interval", **ends}
    if isinstance(value, History):
        columns = {name: encode(column, f"{place}/{name}", arrays) for name, column in value.columns.items()}
        return {"$": "history", "epochs": list(value.epochs), "seeds": list(value.seeds), "columns": columns}
    if isinstance(value, Mapping):
        plain = all(isinstance(key, str) and key != "$" for key in value)
        # notebooks and results are written with sorted keys; the order in which data are drawn must stay
        if plain and (arrays is None or list(value) == sorted(value)):
            return _encode_named(value, place, arrays)
        pairs = [
            [encode(key, place), encode(item, f"{place}/{key if plain else index}", arrays)]
            for index, (key, item) in enumerate(value.items())
        ]
        return {"$": "pairs", "of": pairs}
    if isinstance(value, Sequence | range):
        return [encode(item, f"{place}/{index}", arrays) for index, item in enumerate(value)]
    raise TypeError(
        f"{place}: expected numbers, strings, arrays, tensors, intervals or histories, or lists or "
        f"dictionaries of them, got {kind(value)}; give its data, and leave the drawing to hw2utils.plotting"
    )


def _encode_named(values: Mapping[str, Any], place: str, arrays: dict[str, NDArray[Any]] | None) -> Any:
    return {key: encode(item, f"{place}/{key}", arrays) for key, item in values.items()}


def _encode_array(value: NDArray[Any], place: str, arrays: dict[str, NDArray[Any]] | None) -> Any:
    if value.dtype == object:
        raise TypeError(f"{place}: expected an array of numbers, got one of objects; give a list of arrays")
    if arrays is None or value.ndim == 0:
        return encode(value.tolist(), place)
    if place in arrays:
        raise ValueError(f"{place}: two values have this place; write keys without '/'")
    arrays[place] = value
    return {"$": "array", "of": place}


def decode(value: Any, arrays: Mapping[str, NDArray[Any]] | None = None) -> Any:
    """Turn plain JSON back into the value that :func:`encode` was given; tuples come back as lists.

    >>> decode(encode({1: Interval(0, -1, 1, 3)}, "here"))
    {1: Interval(mean=0, low=-1, high=1, n=3)}
    """
    if isinstance(value, list):
        return [decode(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get("$")
    if tag is None:
        return {key: decode(item, arrays) for key, item in value.items()}
    if tag == "number":
        return float(value["of"])
    if tag == "array":
        return (arrays or {})[value["of"]]
    if tag == "pairs":
        return {_key(decode(key, arrays)): decode(item, arrays) for key, item in value["of"]}
    if tag == "interval":
        return Interval(*(decode(value[name]) for name in ("mean", "low", "high", "n")))
    if tag == "history":
        return History(value["epochs"], value["seeds"], decode(value["columns"], arrays))
    if tag == "term":
        return Term(value["of"])
    return Each(value["text"], tuple(decode(value["of"], arrays)))


def _key(key: Any) -> Any:
    return tuple(map(_key, key)) if isinstance(key, list) else key
