"""The record of a training run as plain data: named columns over epochs and seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hw2utils._checks import did_you_mean, kind
from hw2utils._files import written_whole
from hw2utils._numbers import check_numbers

if TYPE_CHECKING:
    import pandas


class History:
    """One row per recorded epoch, one column per metric, one value per seed.

    ``columns`` maps a name such as ``val_acc`` to an array of shape (epochs, seeds). Accuracies are
    fractions, losses are means over examples. A diverged run's values are NaN or infinite and stay
    so; :meth:`diverged` finds them.

    Raises ValueError when a column's shape does not fit the epochs and seeds.

    >>> h = History([1, 2], [7], {"train_loss": [[0.9], [0.5]], "val_acc": [[0.6], [0.7]]})
    >>> h["val_acc"].shape
    (2, 1)
    >>> next(h.rows())
    {'epoch': 1, 'seed': 7, 'train_loss': 0.9, 'val_acc': 0.6}
    >>> h["val_ac"]
    Traceback (most recent call last):
    KeyError: "no column 'val_ac'; did you mean 'val_acc'? This history has: train_loss, val_acc"

    :meth:`to_frame` gives it as a table.
    """

    def __init__(
        self, epochs: Sequence[int], seeds: Sequence[int], columns: Mapping[str, object] | None = None
    ) -> None:
        self.epochs = _numbers("epochs", epochs)
        self.seeds = _numbers("seeds", seeds)
        if columns is not None and not isinstance(columns, Mapping):
            raise ValueError(
                f"columns: expected a dictionary of named arrays, got {kind(columns)}; "
                "for example {'val_acc': [[0.5], [0.6]]}"
            )
        self.columns: dict[str, NDArray[np.float64]] = {}
        for name, values in (columns or {}).items():
            array = check_numbers(f"columns[{name!r}]", values).copy()
            expected = (len(self.epochs), len(self.seeds))
            if array.shape != expected:
                raise ValueError(
                    f"columns[{name!r}]: expected shape (epochs, seeds) = {expected}, got {array.shape}; "
                    "give one row per epoch and one value per seed"
                )
            self.columns[name] = array

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        if not isinstance(column, str):
            raise KeyError(
                f"column: expected a name such as 'val_acc', got {column!r}; rows() gives the rows one by "
                "one, to_frame() a pandas table"
            )
        if column not in self.columns:
            hint = did_you_mean(column, self.columns) or ";"
            raise KeyError(f"no column {column!r}{hint} This history has: {', '.join(self.columns)}")
        return self.columns[column]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, History)
            and (self.epochs, self.seeds, list(self.columns))
            == (other.epochs, other.seeds, list(other.columns))
            and all(np.array_equal(v, other.columns[k], equal_nan=True) for k, v in self.columns.items())
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        known = f"{len(self.epochs)} epochs, {len(self.seeds)} seeds, {', '.join(self.columns)}"
        diverged = [f"seed {seed} diverged by epoch {epoch}" for seed, epoch in self.diverged().items()]
        return f"History({'; '.join([known, *diverged])})"

    def rows(self) -> Iterator[dict[str, float]]:
        """Yield one dictionary per epoch and seed, epochs outermost.

        >>> [r["loss"] for r in History([1], [0, 1], {"loss": [[3.0, 4.0]]}).rows()]
        [3.0, 4.0]
        """
        for row, epoch in enumerate(self.epochs):
            for place, seed in enumerate(self.seeds):
                metrics = {name: float(values[row, place]) for name, values in self.columns.items()}
                yield {"epoch": epoch, "seed": seed, **metrics}

    def final(self, column: str) -> NDArray[np.float64]:
        """Read a column's last row, one value per seed, shape (seeds,).

        >>> History([1, 2], [0], {"loss": [[3.0], [2.0]]}).final("loss").tolist()
        [2.0]
        """
        return self[column][-1]

    def diverged(self) -> dict[int, int]:
        """Find the seeds with a loss that is NaN or infinite: each with the first epoch recorded so.

        Looked at are the columns ``loss`` and those that end in ``_loss``, over all splits.

        >>> inf = float("inf")
        >>> History([2, 4], [7, 8], {"train_loss": [[0.9, 0.8], [0.7, inf]]}).diverged()
        {8: 4}
        """
        losses = [v for name, v in self.columns.items() if name == "loss" or name.endswith("_loss")]
        if not losses or not self.epochs:
            return {}
        broken = np.any(~np.isfinite(np.stack(losses)), axis=0)  # (epochs, seeds)
        return {
            seed: self.epochs[int(broken[:, place].argmax())]
            for place, seed in enumerate(self.seeds)
            if broken[:, place].any()
        }

    def to_frame(self) -> pandas.DataFrame:
        """Give a pandas table of what :meth:`rows` yields: epoch, seed, and a column for each metric.

        Raises ImportError where pandas is not installed.

        >>> History([1, 2], [0], {"loss": [[3.0], [2.0]]}).to_frame().shape
        (2, 3)
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "History.to_frame needs pandas, which is not installed; run pip install pandas, or use rows()"
            ) from error
        return pandas.DataFrame(list(self.rows()), columns=["epoch", "seed", *self.columns])

    def best_row(self, by: str, *, mode: str | None = None) -> NDArray[np.intp]:
        """Find each seed's best row: where a column is highest (``mode="max"``) or lowest (``mode="min"``).

        Which of the two is better is never guessed from the column's name. The first of equals counts; NaN
        counts last. Choose by a validation column and report a test column: choosing by the test column
        itself makes the reported value too good. Returns int positions, shape (seeds,).

        Raises KeyError for an unknown column, ValueError for any other mode.

        >>> history = History([1, 2], [0, 1], {"val_acc": [[0.5, 0.8], [0.6, 0.7]]})
        >>> history.best_row("val_acc", mode="max").tolist()
        [1, 0]
        """
        values = self[by]  # (epochs, seeds)
        if mode == "max":
            return np.nan_to_num(values, nan=-np.inf).argmax(axis=0)
        if mode == "min":
            return np.nan_to_num(values, nan=np.inf).argmin(axis=0)
        raise ValueError(
            "mode: expected 'max' where higher is better, as for accuracies, or 'min' where lower is, as for "
            f"losses, got {mode!r}; write for example best_row('val_loss', mode='min')"
        )

    def at_best(self, column: str, *, by: str, mode: str | None = None) -> NDArray[np.float64]:
        """Read a column at each seed's best row of another column, shape (seeds,).

        ``mode`` says what is best; the errors raised are those of :meth:`best_row`.

        >>> h = History([1, 2], [0], {"val_acc": [[0.5], [0.6]], "test_acc": [[0.55], [0.58]]})
        >>> h.at_best("test_acc", by="val_acc", mode="max").tolist()
        [0.58]
        """
        return self[column][self.best_row(by, mode=mode), np.arange(len(self.seeds))]

    def at_epoch(self, column: str, epoch: int) -> NDArray[np.float64]:
        """Read a column at one recorded epoch, shape (seeds,).

        Raises ValueError for an epoch that was not recorded.

        >>> History([2, 4], [0], {"loss": [[3.0], [2.0]]}).at_epoch("loss", 4).tolist()
        [2.0]
        """
        if epoch not in self.epochs:
            raise ValueError(
                f"epoch: expected one of the recorded {self.epochs}, got {epoch}; see val_per_epoch"
            )
        return self[column][self.epochs.index(epoch)]

    def to_json(self) -> str:
        """Write the history as JSON text; values that are not finite become strings that JSON can carry.

        >>> h = History([1], [0], {"loss": [[float("nan")]]})
        >>> History.from_json(h.to_json()) == h
        True
        """
        columns = {
            name: [[_encode(v) for v in row] for row in a.tolist()] for name, a in self.columns.items()
        }
        return json.dumps({"epochs": self.epochs, "seeds": self.seeds, "columns": columns}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> History:
        """Read a history that :meth:`to_json` wrote.

        Raises ValueError when the text is not such a history.

        >>> History.from_json('{"epochs": [1], "seeds": [0], "columns": {"loss": [[2.0]]}}')
        History(1 epochs, 1 seeds, loss)
        """
        try:
            data = json.loads(text)
            return cls(data["epochs"], data["seeds"], data["columns"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f"text: expected JSON with epochs, seeds and columns, as History.to_json writes; {error!r}"
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the history to a JSON file, atomically.

        >>> import tempfile
        >>> where = Path(tempfile.mkdtemp()) / "history.json"
        >>> History([1], [0], {"loss": [[2.0]]}).save(where)
        >>> History.load(where).final("loss").tolist()
        [2.0]
        """
        with written_whole(Path(path)) as draft:
            draft.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> History:
        """Read a history from a JSON file that :meth:`save` wrote."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))


def _numbers(name: str, values: Iterable[Any]) -> list[int]:
    try:
        return [int(value) for value in values]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name}: expected a list of whole numbers, got {values!r}; for example {name}=[1, 2]"
        ) from error


def _encode(value: float) -> float | str:
    return value if np.isfinite(value) else str(value)
