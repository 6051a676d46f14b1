"""A picture is held to its data word by word, wherever the words stand, and one that `cm.charts` did not draw says so."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredText

import commissioning as cm
from commissioning.charts import drawn, svg_of
from commissioning.errors import NotReleased
from commissioning.study import frames, showing
from commissioning.study.frames import Provenance

ALT = "A line of the goals that people met, from the first year to the last."
OF = Provenance(
    says="outcomes", measures=("goals",), titles=(("goals", "Goals met"),), extracts=("a.csv",), source="The council"
)


def goals():
    made = pd.DataFrame({
        "title": "Goals met", "period": ["2012-13", "2013-14", "2014-15"], "value": [58.0, 60.8, 62.5], "lower": [55.4, 58.2, 59.9], "upper": [60.5, 63.3, 65.0],
    })  # fmt: skip
    return frames.made(made, OF)


def picture():
    """A figure of the analyst's own, and its axes."""
    figure = Figure(figsize=(5, 3))
    axes = figure.add_subplot()
    axes.plot(goals()["period"], goals()["value"])
    axes.set_ylabel("% of reviews")
    return figure, axes


def shown(figure, **words):
    return showing.shown(figure, title="Goals met", alt=ALT, **{"data": goals(), **words}).record


WRITES = {
    "title": lambda figure, axes: axes.set_title("37 people"),
    "left title": lambda figure, axes: axes.set_title("37 people", loc="left"),
    "title of all": lambda figure, axes: figure.suptitle("37 people"),
    "title of a part": lambda figure, axes: figure.add_subfigure(axes.get_subplotspec()).suptitle("37 people"),
    "note": lambda figure, axes: figure.text(0.1, 0.1, "37 people"),
    "words": lambda figure, axes: axes.text(1, 60, "37 people"),
    "arrow": lambda figure, axes: axes.annotate("37 people", (1, 60), (2, 61), arrowprops={}),
    "axis": lambda figure, axes: axes.set_xlabel("37 people"),
    "ticks": lambda figure, axes: axes.set_xticks([0, 1], ["John Smith", "37 people"]),
    "small ticks": lambda figure, axes: axes.set_xticks([0.5], ["37 people"], minor=True),
    "a tick that is its place and more": lambda figure, axes: axes.set_yticks([37], ["37 people"]),
    "categories": lambda figure, axes: axes.bar(["37 people"], [60]),
    "a format": lambda figure, axes: axes.yaxis.set_major_formatter(lambda value, place: "37 people"),
    "legend": lambda figure, axes: (axes.plot([0], [60], label="37 people"), axes.legend()),
    "legend of all": lambda figure, axes: figure.legend(axes.lines, ["37 people"]),
    "table": lambda figure, axes: axes.table([["37 people"]]),
    "anchored": lambda figure, axes: axes.add_artist(AnchoredText("37 people", "upper left")),
    "inset": lambda figure, axes: axes.inset_axes((0.1, 0.1, 0.3, 0.3)).set_title("37 people"),
    "second axis": lambda figure, axes: axes.twinx().set_ylabel("37 people"),
    "pie": lambda figure, axes: axes.pie([1, 2], labels=["37 people", "others"]),
    "bar label": lambda figure, axes: axes.bar_label(axes.bar([0], [60]), ["37 people"]),
    "arrow key": lambda figure, axes: axes.quiverkey(axes.quiver([1], [60], [1], [1]), 0.5, 0.5, 1, "37 people"),
}


@pytest.mark.parametrize("where", WRITES)
def test_a_number_is_found_wherever_it_was_written(where):
    figure, axes = picture()
    WRITES[where](figure, axes)
    with pytest.raises(ValueError, match="the number 37 in its words is not in its data"):
        shown(figure)


@pytest.mark.parametrize("where", WRITES)
def test_a_chart_of_ours_that_was_written_into_is_read_as_any_other(where):
    if where == "title of a part":
        pytest.skip("a chart of ours has no grid to put a part in")
    figure = cm.charts.over_time(goals(), lower="lower", upper="upper")
    WRITES[where](figure, figure.axes[0])
    assert drawn.as_drawn(figure) is None
    if "37 people" not in svg_of(figure):
        return  # a chart of ours has no marks there
    with pytest.raises(ValueError, match="the number 37 in its words is not in its data"):
        shown(figure)


@pytest.mark.parametrize("where", WRITES)
def test_whatever_stands_in_the_drawing_was_read_or_is_a_mark_of_an_axis(where):
    figure, axes = picture()
    WRITES[where](figure, axes)
    read = " ".join(drawn.words_in(figure))
    for one in ElementTree.fromstring(svg_of(figure)).iter("{http://www.w3.org/2000/svg}text"):
        said = "".join(one.itertext()).strip()
        assert said in read or re.fullmatch(r"[\d.,−-]+", said), said


def test_marks_of_an_axis_need_not_be_in_the_data():
    for style in (
        lambda axes: None,
        lambda axes: axes.yaxis.set_major_formatter(lambda value, place: f"£{value / 1000:.0f}k"),
        lambda axes: axes.yaxis.set_major_formatter("{x:.0f}%"),
        lambda axes: axes.set_yscale("log"),
        lambda axes: axes.set_yticks([0, 50, 100], ["0%", "50%", "100%"]),
    ):
        figure, axes = picture()
        style(axes)
        assert "2014-15" in drawn.words_in(figure)  # a word along an axis is read
        assert shown(figure)["caption"].endswith("Drawn by the analyst.")


def test_what_was_drawn_by_hand_is_said_and_what_a_chart_of_ours_drew_is_not():
    chart = cm.charts.over_time(goals(), lower="lower", upper="upper", unit="% of reviews")
    assert "analyst" not in shown(chart, data=None)["caption"]
    assert "analyst" not in shown(chart, data=None)["caption"], "shown once more, it is still ours"
    chart.axes[0].plot([0, 1], [3, 17])
    assert shown(chart, data=None)["caption"].endswith("Drawn by the analyst.")
    mine, _ = picture()
    mine.commissioning_data = goals()
    assert shown(mine, data=None)["caption"].endswith("Drawn by the analyst.")


def test_every_chart_of_ours_is_as_it_was_drawn_until_somebody_changes_it():
    for chart in (
        cm.charts.over_time(goals()),
        cm.charts.bars(goals(), x="period"),
        cm.charts.dots(goals(), x="period", lower="lower", upper="upper"),
        cm.charts.spark(goals()),
    ):
        svg_of(chart)
        assert drawn.as_drawn(chart) is not None
        chart.axes[0].axhline(3)
        assert drawn.as_drawn(chart) is None


def test_words_given_to_a_chart_of_ours_are_held_to_its_data():
    with pytest.raises(ValueError, match="number 17 in its words"):
        shown(cm.charts.over_time(goals(), target=50, target_words="17 people of Alderby"), data=None)


def test_a_chart_of_ours_is_shown_with_the_frame_it_was_drawn_from_and_no_other():
    rows = pd.DataFrame({"group": ["P587757", "P587758"], "value": [58.0, 60.8]})
    with pytest.raises(NotReleased, match="holds words that stand nowhere in `data`"):
        shown(cm.charts.bars(rows))
    other = frames.made(pd.DataFrame({"period": ["2010-11"], "value": [1.0]}), OF)
    assert len(shown(cm.charts.over_time(goals()), data=other)["data"]["rows"]) == 3
