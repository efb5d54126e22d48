"""Drawing: the style of all figures, what several chapters draw, and a module for each chapter's own."""

from hw2utils.plotting.differences import plot_differences
from hw2utils.plotting.history import plot_history
from hw2utils.plotting.style import COLOR_OF, COLORS, LABELS, LINES, sized, style

__all__ = [
    "COLORS",
    "COLOR_OF",
    "LABELS",
    "LINES",
    "plot_differences",
    "plot_history",
    "sized",
    "style",
]
