"""Charts in the house's style: one function a chart, from a frame to a matplotlib figure.

    figure = charts.over_time(frame, y="value", series="title", lower="lower", upper="upper", size="wide")

Each takes a pandas frame (or columns by name) with the names of its columns, and `size`: "wide" (640 points across) or
"phone" (358). The figure knows its frame (`data_of`), belongs to no global list of figures, and sets no backend. Titles
and sources stand outside the picture: `cm.show(figure, title=, alt=)` puts them there.
"""

from commissioning.charts.by_row import bars, dots, places
from commissioning.charts.changes import effects, started_and_not, waterfall
from commissioning.charts.control_chart import control
from commissioning.charts.house import STYLE
from commissioning.charts.over_time import outcomes_and_spend, over_time
from commissioning.charts.pieces import hundred_people, slopes, small_multiples, spark
from commissioning.charts.points import funnel, plane, spend_against_outcome
from commissioning.charts.sheet import data_of
from commissioning.charts.svg import png_of, svg_of
from commissioning.charts.tiles import tiles

__all__ = [
    "STYLE",
    "bars",
    "control",
    "data_of",
    "dots",
    "effects",
    "funnel",
    "hundred_people",
    "outcomes_and_spend",
    "over_time",
    "places",
    "plane",
    "png_of",
    "slopes",
    "small_multiples",
    "spark",
    "spend_against_outcome",
    "started_and_not",
    "svg_of",
    "tiles",
    "waterfall",
]
