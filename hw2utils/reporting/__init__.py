"""What a chapter's cells show: records of what was measured, and how they read in both languages."""

from hw2utils.reporting.claims import judge
from hw2utils.reporting.declarations import check_parameters
from hw2utils.reporting.records import each, figure, note, slider, term

__all__ = ["check_parameters", "each", "figure", "judge", "note", "slider", "term"]
