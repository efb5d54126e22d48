"""Drawing: the style of all figures, what several chapters draw, and a module for each chapter's own."""

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.style import COLORS, LABELS, LINES, style

__all__ = ["COLORS", "LABELS", "LINES", "plot_differences", "plot_history", "style"]
