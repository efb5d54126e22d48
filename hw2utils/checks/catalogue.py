"""All exercises that can be checked, by name."""

from __future__ import annotations

from hw2utils._checks import did_you_mean
from hw2utils.checks import distillation, loops, neighbors, penalties, rules
from hw2utils.checks.exercise import Exercise

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for exercise in sorted(
        (one for module in (neighbors, penalties, distillation, rules, loops) for one in module.EXERCISES),
        key=lambda exercise: exercise.name.partition("-")[0],
    )
}


def find(name: object) -> Exercise:
    """Find an exercise by its name.

    Raises ValueError, with the nearest name, where there is none.

    >>> find("q4-adam").points
    2
    """
    if isinstance(name, str) and name in EXERCISES:
        return EXERCISES[name]
    near = did_you_mean(name, EXERCISES) if isinstance(name, str) else ""
    raise ValueError(
        f"name: expected the name of an exercise, got {name!r}{near}; there are {', '.join(EXERCISES)}"
    )
