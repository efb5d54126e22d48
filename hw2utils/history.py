"""The record of a training run as plain data: named columns over epochs and seeds."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class History:
    """Hold one row per recorded epoch, one column per metric, one value per seed.

    ``columns`` maps a name such as ``val_acc`` to an array of shape (epochs, seeds). Accuracies are
    fractions, losses are means over examples. A diverged run's values are NaN or infinite and stay so.

    Raises ValueError when a column's shape does not fit the epochs and seeds.

    >>> h = History([1, 2], [7], {"train_loss": [[0.9], [0.5]], "val_acc": [[0.6], [0.7]]})
    >>> h["val_acc"].shape
    (2, 1)
    >>> next(h.rows())
    {'epoch': 1, 'seed': 7, 'train_loss': 0.9, 'val_acc': 0.6}
    >>> h["val_ac"]
    Traceback (most recent call last):
    KeyError: "no column 'val_ac'; did you mean 'val_acc'? This history has: train_loss, val_acc"
    """

    def __init__(
        self, epochs: Sequence[int], seeds: Sequence[int], columns: Mapping[str, object] | None = None
    ) -> None:
        self.epochs = [int(e) for e in epochs]
        self.seeds = [int(s) for s in seeds]
        self.columns: dict[str, NDArray[np.float64]] = {}
        for name, values in (columns or {}).items():
            array = np.array(values, dtype=np.float64)
            expected = (len(self.epochs), len(self.seeds))
            if array.shape != expected:
                raise ValueError(
                    f"columns[{name!r}]: expected shape (epochs, seeds) = {expected}, got {array.shape}; "
                    "give one row per epoch and one value per seed"
                )
            self.columns[name] = array

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        if column not in self.columns:
            near = difflib.get_close_matches(column, self.columns, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ";"
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
        return f"History({len(self.epochs)} epochs, {len(self.seeds)} seeds, {', '.join(self.columns)})"

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

    def best_row(self, by: str) -> NDArray[np.intp]:
        """Find each seed's best row: the highest value, or the lowest of a column named ``…loss``.

        The first of equals counts. Choose by a validation column and report a test column: choosing by the
        test column itself makes the reported value too good. Returns int positions, shape (seeds,).

        >>> History([1, 2], [0, 1], {"val_acc": [[0.5, 0.8], [0.6, 0.7]]}).best_row("val_acc").tolist()
        [1, 0]
        """
        values = np.nan_to_num(self[by], nan=np.inf if by.endswith("loss") else -np.inf)
        return values.argmin(axis=0) if by.endswith("loss") else values.argmax(axis=0)

    def at_best(self, column: str, *, by: str) -> NDArray[np.float64]:
        """Read a column at each seed's best row of another column, shape (seeds,).

        >>> h = History([1, 2], [0], {"val_acc": [[0.5], [0.6]], "test_acc": [[0.55], [0.58]]})
        >>> h.at_best("test_acc", by="val_acc").tolist()
        [0.58]
        """
        return self[column][self.best_row(by), np.arange(len(self.seeds))]

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
        path = Path(path)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(self.to_json(), encoding="utf-8")
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path | str) -> History:
        """Read a history from a JSON file that :meth:`save` wrote."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))


def _encode(value: float) -> float | str:
    return value if np.isfinite(value) else str(value)
