"""Whether a run of one's own agrees with what the book published, from the records that it ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import ttest_ind

from hw2utils._checks import did_you_mean
from hw2utils._numbers import check_numbers
from hw2utils.checks import words
from hw2utils.checks.results import AMBER, GREEN, Shown
from hw2utils.reporting.catalogue import published_results
from hw2utils.reporting.claims import load


class Agreement(Shown):
    """Say whether a run agrees with the published one: ``agrees``."""

    agrees: bool = False


def check_run(claim: str, case: str, values: ArrayLike) -> Agreement:
    """Compare a run's evidence for a case of a claim with the published run's, by Welch's interval at 95 %.

    ``values`` are one number for each seed, shape (seeds,), in the unit of the case: what the chapter gives
    to ``judge``. They agree where the interval of the difference of means holds zero.

    Raises ValueError for a claim or case that was not published, for fewer than two values, and for values
    that are not finite. Source: Welch 1947, doi:10.1093/biomet/34.1-2.28.

    >>> check_run("C-5d1", "better", [-0.2, -0.1, -0.3]).agrees
    True
    """
    claims = load()
    if claim not in claims:
        raise ValueError(
            f"claim: expected one of the book's claims, got {claim!r}{did_you_mean(claim, claims)}"
        )
    results = published_results(claims[claim].chapter) or {}
    cases = results.get("verdicts", {}).get(claim, {}).get("cases", {})
    if case not in cases:
        raise ValueError(
            f"case: expected one of the published run's, {', '.join(cases) or 'of which there are none'}, "
            f"got {case!r}{did_you_mean(case, cases)}"
        )
    own = check_numbers("values", values)
    if own.ndim != 1 or own.size < 2 or not np.isfinite(own).all():
        raise ValueError(
            f"values: expected at least two finite numbers, one for each seed, got {own.size} of shape "
            f"{own.shape}; run the chapter with more seeds"
        )
    book = np.asarray(cases[case]["values"], dtype=float)
    difference = float(own.mean() - book.mean())
    if np.ptp(own) == 0 and np.ptp(book) == 0:  # Welch's test knows no spread of zero
        low = high = difference
    else:
        low, high = (float(x) for x in ttest_ind(own, book, equal_var=False).confidence_interval(0.95))
    agrees = low <= 0 <= high
    told = {"own": own.mean(), "published": book.mean(), "difference": difference, "low": low, "high": high}
    said = words.message("agrees" if agrees else "disagrees", **told)
    found = Agreement([said], GREEN if agrees else AMBER)
    found.agrees = agrees
    return found
