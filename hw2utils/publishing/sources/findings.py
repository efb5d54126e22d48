"""Findings: what is wrong in a source, where it stands, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Hold where something stands in a file: the cell of a notebook, the line in it or in the page.

    Both are counted from 1 and None where there is none.

    >>> str(Place(3, 2)), str(Place(line=40)), str(Place())
    ('cell 3, line 2', 'line 40', '')
    """

    cell: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = (("cell", self.cell), ("line", self.line))
        return ", ".join(f"{name} {number}" for name, number in parts if number is not None)

    def below(self, text: str) -> Place:
        r"""Give the place where a text that begins here ends.

        >>> Place(3, 2).below("one line\nand another")
        Place(cell=3, line=3)
        """
        return self._replace(line=(self.line or 1) + text.count("\n"))


@dataclass(frozen=True)
class Finding:
    """Hold one fault: the rule's name, what was found, how to mend it, and where it stands.

    >>> print(Finding("tag", "unknown tag 'hidden'", "write hide-input", Place(3, 1)))
    cell 3, line 1: tag: unknown tag 'hidden' (write hide-input)
    """

    rule: str
    problem: str
    remedy: str
    place: Place = field(default_factory=Place)

    def __str__(self) -> str:
        where = f"{self.place}: " if str(self.place) else ""
        return f"{where}{self.rule}: {self.problem} ({self.remedy})"
